every-value = 无界：任何数值都不能排除，数据没有提供信息
everything = 任何数值
from-on = 不小于 { $low }
from-to = 从 { $low } 到 { $high }
in-pieces = 不连续：{ $pieces }
no-value = 空集：没有数值与全部工具变量相容
unbounded = 无界：{ $pieces }
up-to = 至多 { $high }
