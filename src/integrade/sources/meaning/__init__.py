"""What cells mean: numbers, dates, units, currencies, goods, regions, headings."""
