inverted-u = 倒 U 形
neither = 两者都不是
one-inverted-u = 倒 U 形
one-neither = 两种形状都不是
one-u = U 形
u = U 形
negative = 负
positive = 正
