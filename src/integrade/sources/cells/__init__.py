"""Files of every format as grids of cells."""
