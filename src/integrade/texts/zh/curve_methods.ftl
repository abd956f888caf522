permutation = 置换
wild = 野自助法
