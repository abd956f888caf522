"""The integration room."""
