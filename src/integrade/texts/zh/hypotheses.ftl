by-rule = 按研究文件中的规则 { $rule }，结果为：{ $numbers }。
false = { $quantity } 为假
missing = { $quantity } 缺失
true = { $quantity } 为真
