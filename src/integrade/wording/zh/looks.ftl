left-out = [tables.{ $table }] 的 { $key } 未采用：{ $why }
