inverted-u = U 型检验为倒 U 型
u = U 型检验为 U 型
rises = 上升
falls = 下降
nothing = 形状不明确
