"""One choice of a study moved at a time."""
