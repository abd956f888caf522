mediated = 完全中介效应
mixed = 得到证实，但其类型（完全、部分或遮掩）随处理变量的取值而异
not-mediated = 中介效应未得到证实
partially-mediated = 部分中介效应
suppression = 遮掩效应
