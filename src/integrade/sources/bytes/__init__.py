"""Read bytes from disks, archives, stores and databases, with their encodings and limits."""
