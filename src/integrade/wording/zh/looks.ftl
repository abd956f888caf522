left-out = { $why }。该表未采用此项设置。
