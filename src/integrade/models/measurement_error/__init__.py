"""What sampling error of the index does to a regression on it, and what can be done about it."""
