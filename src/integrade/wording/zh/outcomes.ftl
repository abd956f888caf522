cannot-be-told = 因测量误差无法判断
contradicted = 与之相反
not-supported = 不支持
not-tested = 未检验
supported = 支持
