"""The truth of a simulated economy, next to each estimate."""
