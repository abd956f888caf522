scaled = { $column } 以 { $unit } 计：数值乘以 { $times }，此后单位为 { $single }
converted = { $columns } 按 { $file } 的汇率换算为 { $currency }
