"""The part of lxml that integrade calls."""
