"""Write what a program says to its users: errors with remedies, sentences in two languages, accounts of rows."""
