mediated = 存在中介效应
mixed = 方向随处理变量的取值而异
not-mediated = 无中介效应
partially-mediated = 部分中介效应
suppression = 遮掩效应
