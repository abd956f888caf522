bars = All years in one regression. Thick bars: { $level }% interval of each year ({ $pointwise } s.e.)
band = thin bars and area: { $level }% band that holds all years at once ({ $uniform } s.e., sup-t, { $draws } draws, seed { $seed })
errors = { $errors }, n = { $n }
ahead = orange: later years, whose values can matter only where they are anticipated
missing = not estimated: { $years }
