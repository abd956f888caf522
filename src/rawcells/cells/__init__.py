"""Turn files of any format into grids of cells."""
