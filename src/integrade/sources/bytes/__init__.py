"""Bytes from disks, archives, stores and databases, with their encodings and bounds."""
