"""What the data show before anything is estimated."""
