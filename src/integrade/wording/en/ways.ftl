as-measured = As measured
oriv = ORIV
simex = SIMEX
true-index = True index
