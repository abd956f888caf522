"""Prepare the explorer of the page: the headline under other choices, without each region, and with more goods."""
