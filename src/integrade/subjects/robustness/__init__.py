"""The benchmark with one thing changed at a time, and placebos."""
