more = 其他各行、标准误与检验见表 { $number }。
diagnostics-of = 诊断：{ $title }
in-full = 其他各行、标准误与检验见 layout = "full" 的表格。
more-apart = 其他各行、标准误与检验见另一张表。
errors = 标准误：{ $kind }。
clustered = 按{ $clusters }聚类的 { $kind }标准误。
more-columns = 第 { $first } 至 { $last } 列
