bars = all years are in one regression. Thick bars: { $level }% interval of each year ({ $pointwise } s.e.)
band = thin bars and area: { $level }% band that covers all years jointly ({ $uniform } s.e.; sup-t, { $draws } draws, seed { $seed })
errors = { $errors }, n = { $n }
ahead = orange: later years. Their values should have no effect, unless firms anticipate them
missing = not estimated: { $years }
