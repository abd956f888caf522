"""The part of striprtf that integrade calls."""
