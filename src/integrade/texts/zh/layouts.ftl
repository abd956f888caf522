more = 其他各行、标准误与检验见表 { $number }。
diagnostics-of = 表 { $number } 的诊断：{ $title }
errors = 标准误：{ $kind }。
clustered = 标准误按{ $clusters }聚类（{ $kind }）。
under-headline = { $name }，{ $errors }（表 { $number } 的）
more-columns = 第 { $first } 至 { $last } 列
