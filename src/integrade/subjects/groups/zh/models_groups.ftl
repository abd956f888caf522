rows-dropped = 剔除没有 { $by } 的 { $n } 行
independent-errors = 各组误差独立且方差相等：请给出聚类，或 vcov=HC1
not-permuted = 未对标签作置换：{ $why }
many-clusters = 聚类多于 { $most } 个
years-persist = 冲击具有持续性时，年份组不可互换
no-firm = 没有 firm 列：请给出 permute=...
no-instruments = 不适用于工具变量
no-several-clusters = 不适用于多个聚类变量
several-effects = 单位有多个固定效应
many-dummies = 除单位效应外有 { $width } 个虚拟变量，多于 { $most } 个，或行数太多
in-several-groups = { $unit }的 { $n } 个取值分属多个组；各部分单独置换
industries-cut = { $name }：{ $n } 个行业，按 { $ratio } = { $cut } 划分
sizes = { $name }：行数 { $sizes }
size = { $group } { $n }
no-group = 无分组
list-unfinished = 分组名单中有 { $n } 行没有代码或分组，未使用
list-lacks = { $all } 行中有 { $n } 行在{ $file }中没有分组，不进入各组：{ $column } { $codes }
the-list = 分组名单
no-area = 数据中没有一个地区有所属区域：它们不是内置国家的地区，或该国没有区域划分
no-list = 数据中没有任何{ $column }在{ $file }中有分组
no-group-at-all = 数据中没有任何{ $column }有分组
one-group = 所有有分组的行都在同一组：{ $group }
none-state-owned = { $column }中没有表示国有的取值，所有行都在同一组：非国有
list-unused = 分组名单中有 { $codes } 个代码未在{ $column }中出现
