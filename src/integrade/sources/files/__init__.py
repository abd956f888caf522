"""Files that a user names as one table: which files, which format, which rows."""
