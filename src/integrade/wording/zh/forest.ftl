numbers = { $estimate } { $interval }，n = { $n }
said = { $name }：{ $estimate } { $interval }
numbers-alone = { $estimate }，n = { $n }
of-panel = { $panel }，{ $name }
