"""The panel room."""
