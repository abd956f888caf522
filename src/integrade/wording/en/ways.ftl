as-measured = Uncorrected index
halves = Split halves (ORIV)
simex = SIMEX
true-index = True index
