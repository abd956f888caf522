"""Hold the checks of one literature, one set in each file: they run only if a caller names the set."""
