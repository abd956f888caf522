title = 系数
title-of = 系数：{ $outcome }
coefficient = 系数
bars = 横线：{ $level }% 置信区间
own-errors = 各自的标准误
n = n = { $n }
fit-and-n = { $fit }（n = { $n }）
estimate-of = { $fit }中{ $term }：{ $estimate }
