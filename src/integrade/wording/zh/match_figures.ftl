linked = 建立匹配
by-weights = 按权重推算的误配
by-provinces = 按省份推算的误配
weight = 建立匹配的最低权重（log2 优势比）
pairs = 对数
what-each-threshold-links = 各阈值下的匹配结果
dashed = 虚线：所选阈值。匹配权重不使用省份信息
described = 按匹配权重列出的匹配对数和预期误配对数；数值见表。
