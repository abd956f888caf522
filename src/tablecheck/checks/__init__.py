"""Define the checks: each takes tables as read and yields findings with their arithmetic."""
