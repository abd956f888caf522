"""The truth of a simulated economy beside each estimate."""
