"""Omitted variables: Cinelli-Hazlett, Oster."""
