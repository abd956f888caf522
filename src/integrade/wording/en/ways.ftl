as-measured = As measured
halves = Halves of goods
simex = SIMEX
true-index = True index
