at-the-median = 在中位数（{ $x }）处，斜率为 { $slope }（标准误 { $error }）。
averages-over-pairs = 每个地区的数值是其与所有其他地区组成的地区对的平均，因此地区间的真实差异显得比实际小。各地区共同的时间变化比名次测得准确得多。
breaks = 指数存在断点：{ $breaks }。
coverage = 指数的区间为逐一剔除商品的刀切法区间；在商品数相同的模拟中，95% 区间对真值的覆盖率为 { $share }。
curve = 拟合的抛物线为{ $shape }，拐点位于{ $x } = { $point }。数据最小值处的斜率为 { $slope_low }（t = { $t_low }），最大值处为 { $slope_high }（t = { $t_high }）。
few-clusters = 推断取决于{ $clusters }，而不是 { $n } 个观测。聚类少且大小不等时，常规聚类标准误（CR1）会过度拒绝。按企业聚类也无济于事，因为同一地区的企业之间处理变量没有差异。凡注释写明 CR1 的表均须如此看待。
how-far-to-trust = 本报告给出指数的测量误差、聚类较少时的推断，以及数据处理中损失的观测。
hypotheses-judged = 按规则判定的假设：{ $hypotheses }。本报告的其余检验用于质疑结果或描述数据，不作判定。
instruments-tried = 基准回归没有使用工具变量（尝试过的工具变量见表 { $table }）：系数反映的是{ $units }内部随时间的关联，而不是因果效应。
limits-of-quality = 质量是需求方程的残差，因此取决于替代弹性和残差的标准化方法。
limits-of-index-and-quality = 指数和质量都是估计值；表 4 的标准误将两者视为已知。
limits-of-the-sample = 结论未必适用于样本以外的{ $places }和年份。
mostly-noise = 同年内地区间的差异主要是测量误差（因商品较少）：由另外 { $goods } 种商品编制的指数与本指数的相关系数预期为 { $correlation }。
mostly-signal = 同年内地区间的差异主要是真实差异，测量误差（因商品较少）占比较小：由另外 { $goods } 种商品编制的指数与本指数的相关系数预期为 { $correlation }。
no-instrument = 没有使用工具变量：系数反映的是{ $units }内部随时间的关联，而不是因果效应。
not-from-prices = 指数为 { $measure }，不由价格编制。本研究无法得知该指数的测量误差：没有可以逐一剔除或随机均分的商品，因此不报告信度指标。在以地区排名为论据之前，请与其他测度比较。
observations = 观测数
partly-noise = 同年内地区间的差异部分是测量误差（因商品较少）：由另外 { $goods } 种商品编制的指数与本指数的相关系数预期为 { $correlation }。
past-it = { $share } 的观测越过拐点：对这些观测，拟合结果意味着{ $x }越高，{ $outcome }越低。
regression = 以{ $outcome }对{ $x }回归（N = { $n }），{ $errors }。
regression-with-effects = 以{ $outcome }对{ $x }回归，控制{ $effects }固定效应（N = { $n }），{ $errors }。
sampling-error = 根据刀切法标准误，据估计同年地区间方差的 { $share } 是测量误差。使用含测量误差的指数时，斜率的估计往往向零衰减，其标准误也未考虑测量误差。
simulated = 数据是模拟的，因此参数的真值已知；表 { $table } 将 { $n } 个估计值与真值对照。
study-by-measure = 本研究采用 { $measure } 方法测度 { $regions } 个地区 { $first } 年至 { $last } 年的市场一体化程度，并考察位于一体化程度更高地区的企业是否出口质量更高的产品。
study-of-prices = 本研究由 { $goods } 种商品的价格测度 { $regions } 个地区 { $first } 年至 { $last } 年的商品市场一体化程度，并考察位于一体化程度更高地区的企业是否出口质量更高的产品。
too-small-errors = 主要结果的标准误视各观测为独立。处理变量随地区和年份变动，因此标准误偏小；请以表 { $table } 下方的聚类标准误为准。
truth-held = { $judged } 个区间中有 { $held } 个覆盖相应参数的真值。
turning-point = 拐点及其 95% 置信区间
with-square = { $x }及其平方
study-by-measure-of = 本研究测度 { $regions } 个地区市场从 { $first } 年到 { $last } 年的一体化程度（采用 { $measure } 方法），并考察{ $treatment }对{ $outcome }的影响。
study-of-prices-of = 本研究由 { $goods } 种商品的价格测度 { $regions } 个地区 { $first } 年至 { $last } 年的商品市场一体化程度，并考察{ $treatment }对{ $outcome }的影响。
few-clusters-of-another = 推断取决于{ $clusters }，而不是 { $n } 个观测。聚类少且大小不等时，常规聚类标准误（CR1）会过度拒绝。凡注释写明 CR1 的表均须如此看待。
curve-turns-outside = 拟合抛物线的拐点{ $x } = { $point } 位于数据范围之外。数据最小值处的斜率为 { $slope_low }（t = { $t_low }），最大值处为 { $slope_high }（t = { $t_high }）。
limits-of-the-index = 指数是估计值；表 4 的标准误将指数视为已知。
finer-clusters = 主要结果的标准误按{ $clusters }聚类。同一地区同一年内所有企业的指数相同，同一地区的误差可能跨{ $clusters }聚类相关，从而使标准误偏小。应按地区聚类。
curve-not-established = 拟合抛物线的拐点位于{ $x } = { $point }；按 H1 的规则，检验未能认定该关系存在拐点。数据最小值处的斜率为 { $slope_low }（t = { $t_low }），最大值处为 { $slope_high }（t = { $t_high }）。
vertex = 抛物线的拐点及其 95% 置信区间（存在拐点未得到证实）
index-of-prices = 本研究用 { $goods } 种商品的价格测度 { $regions } 个地区 { $first } 至 { $last } 年商品市场的一体化程度。
index-by-measure = 本研究用 { $measure } 测度 { $regions } 个地区 { $first } 至 { $last } 年市场的一体化程度。
how-far-to-trust-the-index = 本报告给出指数的测量误差、单个商品的影响，以及数据处理中损失的观测。
years = 年份
regions = 地区
goods = 商品
reliability = 地区间差异的信度，0 至 1（Spearman-Brown）
noise-share = 测量误差占地区间差异的比重
study-of-a-panel = 本研究用现成的面板数据考察{ $treatment }对{ $outcome }的影响。
how-far-to-trust-a-panel = 本报告给出聚类较少时的推断，以及数据处理中损失的观测。
truth-missed-by-measurement = 区间未覆盖真值，但用模拟真值作同一回归的区间覆盖真值：{ $parameters }。除表 { $table } 的注释另有说明外，两个回归的差别仅在于含有误差的测量。
truth-missed-on-true-data = 区间和用模拟真值作同一回归的区间均未覆盖真值：{ $parameters }。对这些参数，测量误差并非唯一原因；其他原因见表 { $table } 的注。
truth-missed = 区间未覆盖真值，且没有用模拟真值作的回归可供比较：{ $parameters }。
the-index = { $x }为本研究的市场一体化指数。
the-quality = { $outcome }为需求方程的残差，即企业某产品在某市场的销量中价格不能解释的部分。
