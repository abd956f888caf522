"""The regress room."""
