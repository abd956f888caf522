"""Read grids of cells as tables: headings, periods or names across the columns, yearbooks."""
