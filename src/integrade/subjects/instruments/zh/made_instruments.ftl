terrain = 地形 × 全国序列
lagged = 指数的滞后项
neighbour = 邻近地区的市场一体化
split_goods = 另一组商品的指数
column = 面板中的列
no-exclusion = { $columns } 必须仅通过{ $treatment }影响{ $outcome }；研究文件未给出理由（exclusion）
