"""Encodings, kinds and damage of files, and limits on what a file may become."""
