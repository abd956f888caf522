"""Fetch files and rows from addresses, stores, lakes and databases."""
