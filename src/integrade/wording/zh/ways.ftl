as-measured = 实测指数
oriv = ORIV
simex = SIMEX
true-index = 真实指数
