missing-in-the-regression = 被解释变量、解释变量、固定效应或聚类缺失
rows-in-the-regression = 回归的观测
singletons = 固定效应的单例观测
made-by-other-versions = 以下步骤由其他主要版本的程序库计算：{ $steps }
