"""Read files of every format as grids of cells."""
