left-out = { $sample }，{ $effects }：未纳入，{ $why }
