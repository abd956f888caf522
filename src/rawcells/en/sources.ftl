xml-spreadsheet = an XML spreadsheet (2003 format) named { $suffix }
html-page = an HTML page named { $suffix }, encoding { $encoding }
default-password = encrypted with Excel's default password and opened
html-unseen = { $n } hidden or struck-out parts of the page left out
