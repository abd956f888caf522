mediated = 完全中介效应
mixed = 方向随处理变量的取值而异
not-mediated = 未能认定
partially-mediated = 部分中介效应
suppression = 遮掩效应
