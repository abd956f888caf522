looks-at = 正在查看 { $file }，第 { $number } 个，共 { $of } 个
