inverted-u = 倒 U 型
neither = 两者都不是
one-inverted-u = 倒 U 型
one-neither = 两种形状都不是
one-u = U 型
u = U 型
negative = 负
positive = 正
