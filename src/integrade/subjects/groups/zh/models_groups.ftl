rows-dropped = 剔除没有 { $by } 的 { $n } 个观测
independent-errors = 假定各组误差独立且方差相等：请指定聚类变量，或 vcov=HC1
not-permuted = 未对组别标签作置换检验：{ $why }
many-clusters = 聚类多于 { $most } 个
years-persist = 冲击具有持续性时，年份组不可交换
no-firm = 没有 firm 列：请给出 permute=...
no-instruments = 不适用于工具变量
no-several-clusters = 不适用于多个聚类变量
several-effects = 单位有多个固定效应
many-dummies = 除单位效应外有 { $width } 个虚拟变量，多于 { $most } 个，或观测过多
in-several-groups = { $unit }的 { $n } 个取值分属多个组；各部分分别置换
industries-cut = { $name }：{ $n } 个行业，按 { $ratio } 的中位数 { $cut } 划分
lists-cover = 原文所列行业涵盖有行业代码的 { $all } 个观测中的 { $n } 个；代码为 { $codes }（{ $edition }）的观测不在任一名单内，予以剔除
lists-whole = 原文所列行业涵盖有行业代码的全部 { $all } 个观测（{ $edition }）
lists-no-code = 无行业代码、不在任一名单内的观测：{ $n } 个
lists-zeros = 代码 { $code } 读作 { $whole }，因为它短于其他代码且前两位不是工业行业：{ $n } 个观测。读入该表时用 { $option } 补回前导零
lists-perhaps-2001 = { $code } 等代码按 { $edition } 的大类读取。若为证监会 2001 年指引（其中 C13 为服装），请给出代码与组别的名单：how = "list"
lists-other-edition = { $years } 年的 { $n } 个观测按 { $edition } 读取，而这些年份的数据通常采用 { $usual }。除非文件已统一版本，否则行业可能有误
csrc-2001 = 证监会行业分类指引（2001 年）
sizes = { $name }：观测数 { $sizes }
size = { $group } { $n }
no-group = 无分组
list-unfinished = 分组名单中有 { $n } 行没有代码或分组，未使用
list-lacks = { $all } 个观测中有 { $n } 个在{ $file }中没有分组，予以剔除：{ $column } { $codes }
the-list = 分组名单
no-area = 无法按地区板块分组：数据中的地区不在软件已收录的国家分区之内
no-list = 数据中没有任何{ $column }在{ $file }中有分组
no-group-at-all = 数据中没有任何{ $column }有分组
one-group = 所有有分组的观测都属于同一组：{ $group }
none-state-owned = { $column }中没有表示国有的取值，因此所有观测都属于同一组：非国有
list-unused = 分组名单中有 { $codes } 个代码未在{ $column }中出现
