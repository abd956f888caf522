effect = 指数的效应
curvature = 曲率（指数的平方）
path = 中介变量对被解释变量的效应
indirect = 中介效应
groups = 两组之间的差异
