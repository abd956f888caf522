as-text = 超过 2^53 的整数在 Stata 中为文本
cut = { $name }：{ $why }
infinite = 无穷大的数在 Stata 中为缺失值
long-text = 超过 2045 字节的文本在 Stata 中被截断
named = 列 { $column } 在 Stata 和 R 中称为 { $name }
in-sample = 基准回归的各列均无缺失
