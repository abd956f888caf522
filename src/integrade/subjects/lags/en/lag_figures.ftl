bars = one regression contains all years. Thick bars: { $level }% interval of each year ({ $pointwise } s.e.)
band = thin bars and area: { $level }% band for all years jointly ({ $uniform } s.e.). The band is sup-t, with { $draws } draws and seed { $seed }
errors = { $errors }, n = { $n }
ahead = orange: later years. Their values affect the outcome only if firms anticipate them
missing = not estimated: { $years }
