"""Effects by group: splits, comparisons, families of tests."""
