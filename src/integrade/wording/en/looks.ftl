left-out = { $why }. The table is printed without this key.
