# 指数的工作簿：`integrade integration ... --workbook FILE`。
sheet-method = 方法
sheet-prices = 价格
sheet-logs = 对数
sheet-relative = 相对价格
sheet-means = 商品均值
sheet-effects = 地区对效应
sheet-residuals = 残差
sheet-variances = 方差
sheet-segmentation = 市场分割
sheet-index = 指数
sheet-table = 各年指数
head-region = 地区
head-partner = 对方地区
head-first = 地区一
head-second = 地区二
head-kind = 类别
head-group = 组
head-other = 另一组
head-year = 年份
head-month = 月份
head-weight = 权重
head-n-goods = 商品数
head-n-pairs = 地区对数
head-dispersion = 离散程度
head-segmentation = 市场分割
head-integration = 市场一体化
head-se-segmentation = 市场分割的标准误
head-se-integration = 市场一体化的标准误
head-goods-list = 商品目录
head-mean = 各地区均值
title = 市场一体化指数（相对价格法）
what-program = 计算程序
what-citation = 引用
what-files = 文件
what-data = 数据
what-pairs = 地区对
what-sheets = 工作表
what-formulas = 公式
what-empty = 空单元格
what-option = 选项 { $name }
what-account = 行数
program = integrade { $version }
citation = 方法：{ $method }。程序：The integrade authors, integrade: market integration and export quality, from raw files to a checkable study, version { $version }.
data = { $regions } 个地区，{ $goods } 种商品，{ $first } 至 { $last }
pairs = { $n } 个地区对（pairs = { $choice }）
step = { $sheet }：{ $what }（{ $how }）
how-formulas = 公式
how-values = 数值
about-prices = 读入的价格，每个地区和时期一行
about-logs-of-indices = x = ln(I/100)，I 为上期 = 100 的价格指数
about-logs-of-changes = x = ln(P) - ln(上期的 P)，即价格的对数变动
about-logs-of-levels = x = ln(P/100)，即价格水平的对数
about-relative-all = 每个地区对 i、j 和时期：{ $d }；包括全部地区对，因为均值对全部地区对计算
about-relative-used = 每个地区对 i、j 和时期：{ $d }；只包括所比较的地区对
relative-difference = |i 的 x - j 的 x|，即每种商品相对价格变动的绝对值
relative-signed-difference = i 的 x - j 的 x，即每种商品相对价格的变动
relative-ratio = |exp(i 的 x - j 的 x) - 1|，即每种商品价格之比变动的绝对值
relative-signed-ratio = exp(i 的 x - j 的 x) - 1，即每种商品价格之比的变动
about-means = 每种商品和时期对工作表“{ $sheet }”中地区对的均值
about-means-estimated = 每种商品和时期的效应，与地区对效应一同估计（demean = { $demean }）
about-effects = 每个地区对的效应，与商品和时期的效应一同估计（demean = { $demean }）
about-residuals = q = 相对价格减去该商品和时期的均值
about-residuals-of-effects = q = 相对价格减去该商品和时期的效应以及该地区对的效应
about-residuals-plain = q = 相对价格，不减任何均值（demean = none）
about-variances = { $what }；每个地区对出现两次，其两个地区各一次
dispersion-variance = 每个地区对的 q 对商品的方差，除数为 K - { $ddof }
dispersion-sd = 每个地区对的 q 对商品的标准差，除数为 K - { $ddof }
dispersion-mean-absolute = 每个地区对的 |q| 对商品的均值
dispersion-joint = 每个地区对的 q 对商品的方差；指数把商品与对方地区合并计算
dispersion-over-time = 每个地区对的 q 在时间上的方差，对商品取均值
dispersion-weighted = 每个地区对的 q 对商品的离散程度，以商品份额加权
about-segmentation-region = 每个地区对其各对方地区的均值
about-segmentation-weighted = 每个地区对其各对方地区的均值，以“{ $weight }”一列加权
about-segmentation-nation = 全部地区的地区对的均值
about-segmentation-pair = 每个地区对的离散程度
about-segmentation-group = 各组地区内部、之间以及对外的地区对的均值
about-segmentation-joint = 商品与对方地区合并计算的方差
about-index = { $formula }，S 为市场分割
about-table = 每个地区各年的市场一体化
transform-log-inverse-sqrt = 市场一体化 = 0.5 ln(1/S)
transform-inverse-sqrt = 市场一体化 = 1/sqrt(S)
transform-inverse = 市场一体化 = 1/S
transform-neg-log = 市场一体化 = -ln(S)
transform-none = 市场一体化 = S
limit = 相对价格（地区对 × 商品 × 时期）不超过 { $limit } 个时，每张工作表都是公式；超过时，大的工作表是数值。此处为 { $n } 个。
not-formulas = 以下选项给出数值而不是公式：{ $options }。
empty = 空单元格没有数值：没有价格，或地区对的商品数少于所需（k_min = { $needed }）。
