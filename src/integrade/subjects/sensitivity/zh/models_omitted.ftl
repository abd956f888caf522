explains-nothing = { $term } 已剔除（{ $why }），没有解释力
slope-of = { $term }在 { $at } 处的斜率
