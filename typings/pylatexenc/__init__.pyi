"""The part of pylatexenc that integrade calls."""
