association = 这是相关关系：既无工具变量，也无研究设计支持因果解释。
association-net-of = 这是扣除{ $effects }固定效应之后的相关关系：既无工具变量，也无研究设计支持因果解释。
by-instrument = 若满足排他性约束（工具变量不经由其他途径起作用），则这是前者对后者的影响；而这一前提无法由数据检验。
corrected = 校正指数噪声后，变动为 { $change }。
in-deviations = 相当于{ $outcome }的 { $change } 个标准差。
share-past = { $share } 的观测位于拐点之后。
size = { $x }由第 25 百分位（{ $start }）移至第 75 百分位（{ $end }）时，{ $outcome }相应变动 { $change }（95% 置信区间为 { $low } 至 { $high }）。
size-by-deviation = { $x }提高一个标准差（由 { $start } 至 { $end }）时，{ $outcome }相应变动 { $change }（95% 置信区间为 { $low } 至 { $high }）。
true-point = 在模拟经济中，真实拐点为 { $truth }。
true-point-and-regression = 模拟经济的拐点为 { $truth }。以真实质量与真实指数作同一回归，拐点为 { $regression }。
true-size = 在模拟经济中，在其产生影响之处，这一变动使{ $outcome }改变 { $truth }。
true-size-and-regression = 在模拟经济中，这一变动使受其影响的企业的{ $outcome }改变 { $truth }；以真实数据作同一回归，则为 { $regression }。
turns = 拟合曲线的拐点位于{ $x } = { $point }（95% 置信区间 { $interval }，用求比值区间的 Fieller 方法）。
own-set-covered = 这类置信集不考虑指数的噪声。在与本研究相近的模拟设计中，有界的置信集对真实拐点的覆盖率为 { $share }（名义水平为 95%）。
corrected-turning = 校正指数噪声后（{ $way }），拐点为 { $point }（95% 置信区间 { $interval }，用求比值区间的 Fieller 方法）。
corrected-set-covered = 在与本研究相近的模拟样本中，有 { $uninformative } 的校正后 Fieller 置信集不排除任何取值。其余置信集对真实拐点的覆盖率为 { $share }。
turns-outside = 拟合抛物线的拐点{ $x } = { $point } 位于数据范围（{ $low } 至 { $high }）之外。
parabola-turns = 拟合抛物线的拐点位于{ $x } = { $point }（95% Fieller 置信区间为 { $interval }）；按 H1 的规则，关系存在拐点这一点并未得到证实。
correction-away = 在本样本中，校正后的变动比未校正的离真实数据的回归结果更远。
correction-nearer = 在本样本中，校正后的变动比未校正的更接近真实数据的回归结果。
inconclusive = 弱工具变量，其估计值不能作为依据
corrected-turning-away = 在本样本中，校正后的拐点比未校正的离真实数据的回归结果更远。
corrected-turning-nearer = 在本样本中，校正后的拐点比未校正的更接近真实数据的回归结果。
size-corrected = 校正指数噪声后，{ $x }由第 25 百分位（{ $start }）移至第 75 百分位（{ $end }），{ $outcome }的变化为 { $change }（95% 区间为 { $low } 至 { $high }）。
size-corrected-by-deviation = 校正指数噪声后，{ $x }提高一个标准差（由 { $start } 至 { $end }），{ $outcome }的变化为 { $change }（95% 区间为 { $low } 至 { $high }）。
as-printed = 不校正指数噪声时，被解释变量的变化为 { $change }（95% 置信区间为 { $low } 至 { $high }）。
too-noisy = 用该指数无法判断效应的大小：由两半商品得到的指数一致性太低，无法校正其噪声。这里的数字不考虑指数的噪声。
not-corrected = 用该指数无法判断效应的大小：该回归无法校正指数噪声（{ $why }）。这里的数字不考虑指数的噪声。
