"""Propose a study file from raw files: contents of columns, the table of each file, shared names, open questions."""
