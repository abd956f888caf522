at = 在 { $value } 处
confounder = 在斜率的 |t| 值最大之处（{ $place }），若一个混淆因素能解释处理变量和被解释变量剩余变异的 { $value }，就会抵消其{ $taken }；若能解释 { $value_alpha }，就会使其不再显著。这些比例是就企业—年份观测而言的，其推导假定误差相互独立。
corrections = 使用测得的指数时，{ $term }的系数为 { $estimate }；{ $corrected }。校正后的估计值并非真值：商品数少时商品对半法不精确，偏误大时 SIMEX 只能校正其中一部分。
cube = 需要加入立方项：抛物线不能描述这条曲线（{ $p }）。
effective-clusters = { $term }的有效聚类数：{ $clusters } 个聚类中为 { $effective } 个{ $assuming }；{ $heaviest }占识别变异的 { $share }。剔除影响最大的{ $without }后，估计值由 { $estimate } 变为 { $becomes }。
effective-f = 有效 F { $f }
everywhere = 处处相同
expected-of-noise = 在离散程度没有全国性趋势的模拟经济中，当商品数为 { $goods }、真实离散程度的变动为 { $low } 到 { $high } 个对数点时，用该指数作回归平均得到真实斜率的 { $slopes } 和真实曲率的 { $squares }。若离散程度有全国性趋势，或地区之间存在持久差异，这一比例可能在此范围之外。
instrument = { $instrument }：{ $strength }，安德森-鲁宾（Anderson-Rubin）检验 { $p }。{ $level }% 置信集：{ $sets }。
instrument-without-estimates = { $instrument }：没有估计结果；未要求或无法给出对弱工具变量稳健的置信集。
instrument-without-sets = { $instrument }：以 { $ways } 估计；未要求或无法给出对弱工具变量稳健的置信集。
kleibergen-paap-f = Kleibergen-Paap F { $f }
no-cube = 无需加入立方项（{ $p }）。
no-f = 无 F 值
no-instrument-is-good = 这些工具变量均非天然有效：每个都依赖于表 { $table } 中所述的排他性约束。
of-the-move = { $x }由 { $start } 移至 { $end } 的效应为 { $change }。
of-the-move-corrected = 校正指数噪声后（{ $way }），{ $x }由 { $start } 移至 { $end } 的效应为 { $change }。
on-true-index = 使用模拟经济的真实指数时，{ $term }的系数为 { $estimate }。各方法得到其中的比例：{ $shares }。
halves-give = 商品对半法为 { $estimate }
oster = 该处 Oster 界限（delta = { $delta }）为 { $bound }，而含全部控制变量的估计值为 { $full }；斜率为零要求 delta = { $zero }。
past = 越过拐点的地区，{ $first } 年占 { $regions_first }，{ $last } 年占 { $regions_last }；观测占 { $rows_first } 和 { $rows_last }。
past-and-firms = 越过拐点的地区，{ $first } 年占 { $regions_first }，{ $last } 年占 { $regions_last }；企业占 { $firms_first } 和 { $firms_last }，观测占 { $rows_first } 和 { $rows_last }。
permuted-paths = 将 { $regions } 个地区的处理变量路径随机置换 { $times } 次，t 值至少与实际数据一样大的概率：{ $terms }；各项联合 { $joint }。
rows = 用 { $rows } 条海关记录（固定效应：{ $effects }），{ $term }的系数为 { $on_rows }（t = { $t_rows }）；用 { $firm_years } 个企业—年份观测，为 { $on_firm_years }（t = { $t_firm_years }）。
rows-and-points = 用 { $rows } 条海关记录（固定效应：{ $effects }），{ $term }的系数为 { $on_rows }（t = { $t_rows }）；用 { $firm_years } 个企业—年份观测，为 { $on_firm_years }（t = { $t_firm_years }）；海关记录的拐点为 { $point_rows }，企业—年份的拐点为 { $point_firm_years }。
set-of = { $target }：{ $values }
share-found = { $way } { $share }
simex-gives = SIMEX 为 { $estimate }
span = { $low } 到 { $high }
tested-term = { $term } { $p }
two-lines = 不假定抛物线的两段直线检验得到{ $shape }：在 { $at } 以下斜率为 { $first }（{ $first_p }），以上为 { $second }（{ $second_p }）。
two-turning-points = 使用真实指数时拐点为 { $true }，使用测得的指数时为 { $measured }。
u-test-by-range = U 形检验：在样本的 { $low } 到 { $high } 范围内 { $inner }，在整个取值范围内 { $whole }。
confounder-not-significant = 在斜率的 |t| 值最大之处（{ $place }），若一个混淆因素能解释处理变量和被解释变量剩余变异的 { $value }，就会抵消其{ $taken }；{ $errors }时，该处斜率本来就不显著。这些比例是就企业—年份观测而言的，其推导假定误差相互独立。
oster-alone = 在斜率最陡之处（{ $place }），Oster 界限（delta = { $delta }）为 { $bound }，而含全部控制变量的估计值为 { $full }；斜率为零要求 delta = { $zero }。
cube-open = 立方项的两种检验在 { $level } 水平上结论不一：t 检验 { $p }，野聚类自助检验 { $wild }。抛物线能否描述这条曲线尚无定论：聚类少且大小不等时，两种检验都不一定能保持其名义水平。
remains = 最接近使用真实指数的回归（与之距离相差不到较小标准误 { $tied } 的方法并列）：{ $nearest }。哪种方法最接近，因项而异，也因样本而异。任何校正都无法弥补噪声损失的精度：即使采用较精确的{ $way }，{ $term }的标准误仍是使用真实指数时的 { $wider } 倍。
nearest = { $quantities }为{ $way }
slope-at = { $place } 处的斜率
turning-point = 拐点
by-c-statistic = C 统计量 { $p }
by-control-function = 控制函数法 { $p }
exogeneity = 外生性检验（仅在工具变量有效时成立）：{ $tests }。
effect-of-the-move = 由 { $start } 至 { $end } 的变动的效应
rows-differ = 两者之差可能来自海关记录与企业—年份的权重、仅进入其中一个回归的记录，以及产品和市场的构成。
rows-decomposed = 对同样的海关记录采用企业—年份回归的固定效应（{ $effects }），系数为 { $alike }：两者之差中，{ $weights } 来自记录的权重、向企业—年份的加总以及进入两个回归的记录不同，{ $mix } 来自其余固定效应，即固定产品和市场的构成。
