"""Handle the files that a user names as one table: which files, in which format, with which rows."""
