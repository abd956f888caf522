fails = { $what }（不成立）
holds = { $what }（成立）
not-tested = { $what }（未检验）
p-below = { $test }的 p 值低于 { $level }：{ $p }
p-missing = { $test }的 p 值低于 { $level }
