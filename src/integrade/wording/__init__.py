"""Provide what a user reads: sentences in two languages, numbers, accounts of rows, escaping."""
