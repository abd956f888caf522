"""Interpret cells: numbers, dates, units, currencies, goods, regions, headings."""
