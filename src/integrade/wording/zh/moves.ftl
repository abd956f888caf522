p25-to-p75 = p25 到 p75
p10-to-p50 = p10 到 p50
p50-to-p90 = p50 到 p90
lowest-to-turning-point = 最小值到拐点
turning-point-to-highest = 拐点到最大值
one-sd = 一个标准差
