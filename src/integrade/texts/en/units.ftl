age = ln(years + 1)
fic = see settings
human-capital = ln years of schooling
market = 0.5 ln(1/S), S in squared log points
quality = standardised, 0..1
ratio = ratio
rd = as given
scale = ln total assets
