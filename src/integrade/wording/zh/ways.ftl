as-measured = 实测指数
halves = 商品对半
simex = SIMEX
true-index = 真实指数
