xml-spreadsheet = 名为 { $suffix } 的 2003 版 XML 表格
html-page = 名为 { $suffix } 的 HTML 页面，编码 { $encoding }
default-password = 以 Excel 默认密码加密，已打开
html-unseen = 页面中隐藏或划去的 { $n } 处未读入
