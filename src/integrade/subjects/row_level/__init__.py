"""The regression on customs rows."""
