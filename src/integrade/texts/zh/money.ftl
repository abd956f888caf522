scaled = { $column } 以 { $unit } 计：数值乘以 { $times }，此后单位为 { $single }
converted = { $columns } 按 { $file } 的汇率换算为 { $currency }
scaled-by-heading = { $column } 以 { $unit } 计（文件如此注明）：数值乘以 { $times }，此后单位为 { $single }
told-by-heading = { $column } 以 { $unit } 计（见其列名）
told-by-cells = { $column } 以 { $unit } 计（见其单元格）
unclear = { $column } 以 { $unit } 计，其倍数不确定：数值保持原样；可用 { $option } 说明
single-units = 个
others-unscaled = { $column } 以 { $unit } 计，而 { $others } 未给出单位：若后者也以千计，其比率有误
