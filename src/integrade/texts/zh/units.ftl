age = ln(年数 + 1)
fic = 见设定
human-capital = 受教育年限的对数
market = 0.5 ln(1/S)，S 的单位为对数点的平方
quality = 标准化，0..1
ratio = 比率
rd = 按原值
scale = 总资产的对数
