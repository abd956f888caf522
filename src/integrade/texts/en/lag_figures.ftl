bars = All years in one regression. Thick bars: { $level } % interval of each year ({ $pointwise } s.e.)
band = thin bars and area: band that holds all years at once ({ $uniform } s.e., sup-t, { $draws } draws, seed { $seed })
errors = { $errors }, n = { $n }
ahead = orange: future years, which cannot have an effect
missing = not estimated: { $years }
