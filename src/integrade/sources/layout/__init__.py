"""Grids of cells as tables: headings, periods or names across, yearbooks."""
