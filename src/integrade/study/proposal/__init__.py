"""A study file proposed from raw files: what their columns hold, what the files are, how they meet, what is asked."""
