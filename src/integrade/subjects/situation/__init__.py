"""The index and quality over time, before anything is estimated."""
