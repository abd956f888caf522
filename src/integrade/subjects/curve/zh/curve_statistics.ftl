median = 中位数
share-significant = 显著占比
mean-z = 平均 z 值
