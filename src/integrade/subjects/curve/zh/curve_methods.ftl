permutation = 置换
wild = 野聚类自助法
