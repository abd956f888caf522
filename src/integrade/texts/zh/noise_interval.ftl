as-measured = { $low } 至 { $high } 的区间把处理变量视为没有测量误差。
how-often-covered = 在最接近的设计（{ $goods } 种商品，曲率 { $curvature }）的 { $draws } 个模拟样本中，这类区间包含真值的比例：该变动的效应 { $move }，p10、p50 和 p90 处的斜率至少 { $slopes }，拐点 { $turning }。
none = { $low } 至 { $high } 的区间把指数视为没有误差：此处没有区间包含指数的噪声。
oriv = { $low } 至 { $high } 的区间包含指数的噪声：以一半商品的指数为另一半商品指数的工具变量（ORIV）。
share = 同年内地区间指数差异的 { $share } 是噪声。
share-unknown = 此处不知道噪声有多大。
simex-goods = { $low } 至 { $high } 的区间包含指数的噪声，各地区因商品相同而共有的部分也在内（按商品抽取误差的 SIMEX）。
simex-independent = { $low } 至 { $high } 的区间包含指数的噪声，但视各地区各年份的噪声互不相关；各地区因商品相同而共有的部分未计入（独立误差的 SIMEX）。
