bars = 所有年份在同一回归中估计。粗线：各年份的 { $level }% 置信区间（{ $pointwise } 个标准误）
band = 细线与阴影：同时覆盖所有年份的 { $level }% 置信带（{ $uniform } 个标准误；sup-t，抽样 { $draws } 次，种子 { $seed }）
errors = { $errors }，n = { $n }
ahead = 橙色：前置项。除非企业有所预期，前置项不应有影响
missing = 未能估计：{ $years }
