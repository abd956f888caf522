"""Every combination of declared choices, and what they say together."""
