at-the-median = 在中位数（{ $x }）处，斜率为 { $slope }（标准误 { $error }）。
averages-over-pairs = 每个地区的数值是该地区与其他各地区组成的地区对的平均，因此地区间的真实差异看起来偏小。与地区排名相比，各地区共同的时间变化的测度精度高得多。
breaks = 指数存在断点：{ $breaks }。
coverage = 指数的置信区间由逐一剔除商品的刀切法得到；在商品数相同的模拟样本中，95% 置信区间对真值的覆盖率为 { $share }。
curve = 拟合的抛物线为{ $shape }，拐点为{ $x } = { $point }。数据最小值处的斜率为 { $slope_low }（t = { $t_low }），最大值处为 { $slope_high }（t = { $t_high }）。
few-clusters = 同一地区的企业面对相同的处理变量，统计推断的精度因而取决于 { $clusters }，而非 { $n } 个观测。按企业聚类会忽略这一点。
how-far-to-trust = 本报告还分析指数的测量误差、聚类较少时的统计推断以及样本筛选。
instruments-tried = 基准回归未用工具变量处理遗漏变量或反向因果。尝试过的工具变量见表 { $table }。
limits-of-quality = 质量取决于设定的替代弹性和需求方程残差的标准化方法。
limits-of-quality-estimated = 质量取决于估计的替代弹性和需求方程残差的标准化方法。
limits-of-index-and-quality = 指数和质量都是估计值，表 4 的标准误未考虑二者的估计误差。
mostly-noise = 同年地区间差异主要是测量误差（因商品较少）：若另选 { $goods } 种商品编制指数，其与本指数的相关系数预计为 { $correlation }。
mostly-signal = 同年地区间差异主要是真实差异，测量误差（因商品较少）所占比重较小：若另选 { $goods } 种商品编制指数，其与本指数的相关系数预计为 { $correlation }。
no-instrument = 本研究没有使用工具变量，因此系数反映的是{ $units }内部随时间变化的相关关系，而非因果效应。
not-from-prices = 指数为 { $measure }，不由价格编制，没有可以逐一剔除或随机均分的商品，因此无法得知其测量误差，也不报告信度。以地区排名为论据之前，请与其他测度比较。
observations = 观测数
partly-noise = 同年地区间差异中有一部分是测量误差（因商品较少）：若另选 { $goods } 种商品编制指数，其与本指数的相关系数预计为 { $correlation }。
past-it = { $share } 的观测越过拐点。对这些观测，{ $x }上升时{ $outcome }的预测值下降。
regression = 被解释变量为{ $outcome }，解释变量为{ $x }（N = { $n }），采用{ $errors }。
regression-with-effects = 被解释变量为{ $outcome }，解释变量为{ $x }，控制{ $effects }固定效应（N = { $n }），采用{ $errors }。
regions-left-out = { $regions } 个地区中有 { $n } 个没有进入回归的观测。
sampling-error = 根据刀切法标准误，同年地区间方差中估计有 { $share } 是测量误差。使用含测量误差的指数时，斜率的估计往往向零衰减，其标准误也未考虑测量误差。
simulated = 数据是模拟的，参数真值已知；表 { $table } 比较 { $n } 个估计值与真值。
study-by-measure = 本研究采用 { $measure } 方法测度 { $regions } 个地区 { $first }—{ $last } 年的市场一体化程度，并考察市场一体化程度较高地区的企业是否出口质量更高的产品。
study-of-prices = 本研究利用 { $goods } 种商品的价格测度 { $regions } 个地区 { $first }—{ $last } 年的商品市场一体化程度，并考察市场一体化程度较高地区的企业是否出口质量更高的产品。
too-small-errors = 主要结果的标准误假定各观测相互独立，而处理变量只随地区和年份变动，因此标准误偏小。请以表 { $table } 下方的聚类标准误为准。
truth-held = { $judged } 个置信区间中有 { $held } 个覆盖相应参数的真值。
turning-point = 拐点及其 95% 置信区间
with-square = { $x }及其平方项
study-by-measure-of = 本研究采用 { $measure } 方法测度 { $regions } 个地区 { $first }—{ $last } 年的市场一体化程度，并考察{ $treatment }对{ $outcome }的影响。
study-of-prices-of = 本研究利用 { $goods } 种商品的价格测度 { $regions } 个地区 { $first }—{ $last } 年的商品市场一体化程度，并考察{ $treatment }对{ $outcome }的影响。
few-clusters-of-another = 统计推断的精度取决于 { $clusters }，而非 { $n } 个观测。
curve-turns-outside = 拟合抛物线的拐点（{ $x } = { $point }）位于数据范围之外。数据最小值处的斜率为 { $slope_low }（t = { $t_low }），最大值处为 { $slope_high }（t = { $t_high }）。
limits-of-the-index = 指数是估计值，表 4 的标准误未考虑其估计误差。
finer-clusters = 主要结果的标准误按{ $clusters }聚类。同一地区同一年所有企业的指数相同，误差可能在同一地区的不同{ $clusters }之间相关，标准误因而偏小。应按地区聚类。
curve-not-established = 拟合抛物线在数据最小值处的斜率为 { $slope_low }（t = { $t_low }），在最大值处为 { $slope_high }（t = { $t_high }）。
vertex = 抛物线的拐点及其 95% 置信区间（拐点的存在未得到证实）
index-of-prices = 本研究利用 { $goods } 种商品的价格测度 { $regions } 个地区 { $first }—{ $last } 年的商品市场一体化程度。
index-by-measure = 本研究采用 { $measure } 方法测度 { $regions } 个地区 { $first }—{ $last } 年的市场一体化程度。
how-far-to-trust-the-index = 本报告还分析指数的测量误差、单个商品的影响以及样本筛选。
years = 年份
regions = 地区
goods = 商品
reliability = 地区间差异的信度，0 至 1（Spearman-Brown）
noise-share = 测量误差占地区间差异的比重
study-of-a-panel = 本研究利用现成的面板数据考察{ $treatment }对{ $outcome }的影响。
how-far-to-trust-a-panel = 本报告还分析聚类较少时的统计推断以及样本筛选。
truth-missed-by-measurement = 以下参数的置信区间未覆盖真值：{ $parameters }。用模拟真值估计同一回归时，置信区间覆盖真值。除表 { $table } 的表注另有说明外，两个回归的差别仅在于测量误差。
truth-missed-on-true-data = 以下参数的置信区间未覆盖真值，用模拟真值估计同一回归时也未覆盖：{ $parameters }。因此测量误差并非唯一原因，其他原因见表 { $table } 的表注。
truth-missed = 以下参数的置信区间未覆盖真值：{ $parameters }。没有用模拟真值得到的置信区间可供比较。
the-index = { $x }为本研究的市场一体化指数。
the-quality = { $outcome }为需求方程的残差，即企业某产品在某市场的销量中价格不能解释的部分。
