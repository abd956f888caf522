by-rule = 研究文件中的规则为 { $rule }。估计结果：{ $numbers }。
false = { $quantity } 为假
missing = { $quantity } 缺失
true = { $quantity } 为真
against = 用于判断与之相反：{ $what }
part = { $condition }：{ $numbers }
rule = 支持：{ $rule }；否则为不支持；若取决于缺失的结果，则为未检验。
rule-and-opposite = 支持：{ $rule }；否则若 { $contradicted }，为与之相反；其余为不支持；若取决于缺失的结果，则为未检验。
