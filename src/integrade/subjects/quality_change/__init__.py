"""How mean quality changes from year to year: continuing, new and dropped products."""
