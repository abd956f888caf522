association = 这一结果是相关关系：既无工具变量，也无研究设计支持因果解释。
association-net-of = 这一结果是控制{ $effects }固定效应之后的相关关系：既无工具变量，也无研究设计支持因果解释。
by-instrument = 若满足排他性约束（工具变量不经由其他途径起作用），则工具变量的估计值为因果效应；排他性约束无法由数据检验。
corrected = 校正指数的测量误差后，变动为 { $change }。
in-deviations = 这一变动相当于{ $outcome }的 { $change } 个标准差。
share-past = { $share } 的观测位于拐点之后。
size = { $x }由第 25 百分位（{ $start }）移至第 75 百分位（{ $end }）时，{ $outcome }相应变动 { $change }（95% 置信区间为 { $low } 至 { $high }）。
size-by-deviation = { $x }提高一个标准差（由 { $start } 至 { $end }）时，{ $outcome }相应变动 { $change }（95% 置信区间为 { $low } 至 { $high }）。
true-point = 模拟模型的拐点为 { $truth }。
true-point-and-regression = 模拟模型的拐点为 { $truth }；用真实的质量和真实的指数作同一二次回归，拐点为 { $regression }（有限样本的混合回归与模型不完全一致）。
true-size = 在模拟经济中，指数的同一变动使受其影响的企业的{ $outcome }改变 { $truth }。
true-size-and-regression = 在模拟经济中，指数的同一变动使受其影响的企业的{ $outcome }改变 { $truth }；用模拟真值作同一回归，结果为 { $regression }。
turns = 拟合曲线的拐点位于{ $x } = { $point }（95% 置信区间 { $interval }，用求比值区间的 Fieller 方法）。
own-set-covered = 在与本研究相近的模拟设计中，不考虑指数测量误差、且能排除部分数值的 Fieller 置信集对真实拐点的覆盖率为 { $share }（名义水平为 95%）。
corrected-turning = 校正指数的测量误差后（{ $way }），拐点为 { $point }（95% Fieller 置信集为 { $interval }）。
corrected-set-covered = 在与本研究相近的模拟样本中，校正后的 Fieller 置信集有 { $uninformative } 不排除任何数值；其余校正后的置信集对真实拐点的覆盖率为 { $share }。
turns-outside = 拟合抛物线的拐点{ $x } = { $point } 位于数据范围（{ $low } 至 { $high }）之外。
parabola-turns = 拟合抛物线的拐点位于{ $x } = { $point }（95% Fieller 置信区间为 { $interval }）；按 H1 的规则，检验未能认定该关系存在拐点。
correction-away = 在本样本中，校正后的变动比未校正的变动离模拟真值的回归结果更远。
correction-nearer = 在本样本中，校正后的变动比未校正的变动更接近模拟真值的回归结果。
inconclusive = 弱工具变量，其估计值不能作为依据
corrected-turning-away = 在本样本中，校正后的拐点比未校正的拐点离模拟真值的回归结果更远。
corrected-turning-nearer = 在本样本中，校正后的拐点比未校正的拐点更接近模拟真值的回归结果。
size-corrected = 校正指数的测量误差后，{ $x }由第 25 百分位（{ $start }）移至第 75 百分位（{ $end }），{ $outcome }的变化为 { $change }（95% 区间为 { $low } 至 { $high }）。
size-corrected-by-deviation = 校正指数的测量误差后，{ $x }提高一个标准差（由 { $start } 至 { $end }），{ $outcome }的变化为 { $change }（95% 区间为 { $low } 至 { $high }）。
as-printed = 若不考虑指数的测量误差，被解释变量的变化为 { $change }（{ $low } 至 { $high }）。
too-noisy = 用该指数无法估计效应的大小：把商品随机均分为两组，分别编制的指数相关性过低，无法校正测量误差。这里的数字未考虑指数的测量误差。
not-corrected = 用该指数无法估计效应的大小：该回归无法校正指数的测量误差（{ $why }）。这里的数字未考虑指数的测量误差。
