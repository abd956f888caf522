as-measured = 未校正的指数
halves = 商品分组法（ORIV）
simex = SIMEX
true-index = 真实指数
