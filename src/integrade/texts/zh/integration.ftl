pairs-without-distance = { $n } 对没有距离，未纳入
pairs-with-zero = { $n } 对的流量为零，被删失：其成本为无穷大
pairs-left-out = 未纳入 { $n } 对：两地之间或地区内部的流量缺失或为零
pairs-without-weight = { $n } 对没有大于零的权重：未计入平均
linearity = 在 { $n } 行中，有 { $rejected } 行的线性在 5 % 水平上被拒绝；仅凭偶然也会有 5 %
span = { $goods } 种商品，{ $regions } 个地区，{ $first } 至 { $last }
settings-over = 设定：{ $settings }；{ $over }
settings-of-sides = 设定：{ $settings }，两侧 { $sides }；{ $over }
settings-of-filter = 设定：filter={ $filter }，synchronisation={ $synchronisation }，level={ $level }
filter-with = { $filter }（{ $options }）
growth = 增长率
over-years = { $synchronisation }，{ $years } 年
settings-of-survey = 设定：量表 { $low }..{ $high }，高分表示{ $high_means }，各项权重{ $weights }，weighted={ $weighted }
means-segmentation = 市场分割
means-integration = 市场一体化
weights-equal = 相等
weights-given = 给定
all-years = 所有年份
width-reaches-zero = ln_width 缺失：距离效应的区间触及零
list-of-industries = 行业名单在 { $year } 年变动：{ $moves }：之前与之后的指数不可比
list-of-goods = 商品名单在 { $year } 年变动：{ $moves }：之前与之后的水平不可比
leave = { $names }退出
come = { $names }进入
and-others = { $names }及另外 { $n } 个
industry-without-number = 某些地区没有数值的行业和年份
taken-as-zero = 某地区某行业没有{ $column }：视为零
missing = 市场一体化缺失：{ $why }
no-pair = 没有商品足够的地区对
no-difference = 市场分割为零，所有相对价格同步变动
goods-shared = 同一时期的地区对共有 { $fewest } 至 { $most } 种商品
goods-shared-without-ddof = 同一时期的地区对共有 { $fewest } 至 { $most } 种商品；ddof=0 时其水平不可比
oriented = 符号取决于地区的次序：名称在前者为分子
half-life-outside = half_life 缺失：带外的调整系数不在 -1 与 0 之间
no-flows-both-ways = 没有双向流量均为正的地区对
outside-longest-run = 在该商品最长的连续时期之外，或在有间断的地区序列中
few-regions-or-changes = 地区少于 { $regions } 个或变动少于 { $changes } 个的商品
one-size = 假定同一地区同一行业的工厂规模相同：其赫芬达尔指数为下界
output-without-plants = { $n } 个行业—年份在某地区有产出而无工厂：没有指数
internal-distances = 内部距离由面积得到，(2/3) sqrt(area/pi)
flows-as-zero = 表中没有的流量，视为零
no-flows-between = 表中缺少 { $n } 个地区间流量
no-internal-flows = 表中缺少 { $n } 个内部流量
not-both-kinds = 该年不同时有地区内和地区间流量
no-shares = 份额缺失，少于三个单元格或没有变异
missing-or-zero = 缺失或为零
nothing-before = 上一年没有数值
one-region-or-industry = 只有一个地区或一个行业的年份
only-one-of = { $first } 和 { $second } 只有其一
zero-in-a-region = 某地区的 { $first } 或 { $second } 为零
two-regions-with-both = 两列均大于零的地区少于两个
no-convergence = half_life 缺失：没有收敛（beta 非负）
gone-within-period = half_life 为零：差异在一期之内消失
not-bounded = half_life_high 缺失，无界：beta 的区间触及零
item-without-answer = 市场一体化缺失：某一项没有任何回答
two-respondents = se_integration 缺失：受访者少于两名
no-alpha = alpha 缺失：需要两个题项和两名作答完整且不同的受访者
no-partner = 市场一体化缺失，没有年份相同的伙伴
outside-run-of-years = 不在该地区最长的连续年份之内
few-adjacent-years = 连续年份少于 { $n } 年
theta-not-positive = theta 非正
no-price-in-month-before = 上一月没有价格
no-price-in-year-before = 上一年没有价格
implausible = { $n } 个价格变动超出 50..200（上期 = 100），保留
looks-fixed = { $period } 的所有指数均为 100：定基指数需要 basis='fixed'（--basis fixed）
listwise = 该时期另一地区缺少的商品（missing='listwise'）
few-goods = { $goods } 个 { $group } 价格上的方差噪声极大：仅凭偶然，其标准差约为均值的 { $times } 倍
no-price-moves = 市场一体化缺失，窗口内价格没有变动
sells-or-buys-nothing = 该地区当年没有卖出或买入，或只有一个流量
explained-alone = 仅由固定效应解释的零
zero-flow = 流量为零，没有对数
unusable-flow = 规模、距离、价格或内部流量缺失或为零
settings-of-window = 设定：basis={ $basis }，window={ $window }；{ $over }
produces-nothing = 该地区没有产出
one-plant = 该行业只有一家或没有工厂
region-or-others-nothing = 该地区或所有其他地区没有产出
two-regions-with-output = 有产出和职工的地区少于两个
coverage = 商品刀切法的区间（市场一体化 +/- t(K-1) x 标准误）在 { $regions } 个地区、{ $goods } 种商品时约有 { $coverage } 包含真值，而非 .95（模拟，正态价格冲击）
