inverted-u = U 形检验为倒 U 形
u = U 形检验为 U 形
rises = 上升
falls = 下降
nothing = 形状不明确
