left-out = { $key } of [tables.{ $table }] is left out: { $why }
