association = 这一结果是相关关系，没有工具变量或研究设计支持因果解释。
association-net-of = 这一结果是控制{ $effects }固定效应后的相关关系，没有工具变量或研究设计支持因果解释。
by-instrument = 若满足排他性约束（工具变量不经由其他途径影响被解释变量），则工具变量估计值为因果效应。排他性约束无法由数据检验。
corrected = 校正指数的测量误差后，变化为 { $change }。
in-deviations = 这一变化相当于{ $outcome }的 { $change } 个标准差。
share-past = { $share } 的观测越过拐点。
size = { $x }由第 25 百分位（{ $start }）升至第 75 百分位（{ $end }）时，{ $outcome }的变化为 { $change }（95% 置信区间为 { $low } 至 { $high }）。
size-by-deviation = { $x }提高一个标准差（由 { $start } 至 { $end }）时，{ $outcome }的变化为 { $change }（95% 置信区间为 { $low } 至 { $high }）。
true-point = 模拟模型的拐点为 { $truth }。
true-point-and-regression = 模拟模型的拐点为 { $truth }。用真实的质量和真实的指数估计同一二次回归，拐点为 { $regression }。二者不同，是因为有限样本的混合回归不能完全再现模型。
true-size = 在模拟经济中，指数的同一变动使受影响企业的{ $outcome }改变 { $truth }。
true-size-and-regression = 在模拟经济中，指数的同一变动使受影响企业的{ $outcome }改变 { $truth }；用模拟真值估计同一回归的结果为 { $regression }。
turns = 拟合曲线的拐点为{ $x } = { $point }（95% Fieller 置信区间 { $interval }）。
own-set-covered = 该置信区间未考虑指数的测量误差。在与本研究设计相近的模拟样本中，这类置信区间对真实拐点的覆盖率为 { $share }（名义水平为 95%）。计算覆盖率时不计包含所有数值的置信集。
by-halves = 校正以一半商品的指数作为另一半商品指数的工具变量（ORIV）。
by-simex = 校正对指数加入模拟的测量误差，再外推至无误差的情形（SIMEX）。
corrected-turning = 校正指数的测量误差后，拐点为 { $point }（95% Fieller 置信区间 { $interval }）。{ $way }表 { $table } 使用未校正的指数。
corrected-set-covered = 在与本研究设计相近的模拟样本中，{ $uninformative } 的校正后 Fieller 置信集包含所有数值，不提供信息。其余校正后置信集对真实拐点的覆盖率为 { $share }。
turns-outside = 拟合抛物线的拐点（{ $x } = { $point }）位于数据范围（{ $low } 至 { $high }）之外。
parabola-turns = 拟合抛物线的拐点为{ $x } = { $point }（95% Fieller 置信区间 { $interval }），但按 H1 的规则，拐点的存在未得到证实。
correction-away = 在本样本中，校正后的估计值（{ $corrected }）比未校正的估计值（{ $uncorrected }）更偏离用模拟真值得到的估计。
correction-nearer = 在本样本中，校正后的估计值（{ $corrected }）比未校正的估计值（{ $uncorrected }）更接近用模拟真值得到的估计。
inconclusive = 弱工具变量，其估计值不能作为依据
corrected-turning-away = 在本样本中，校正后的拐点（{ $corrected }）比未校正的拐点（{ $uncorrected }）更偏离用模拟真值得到的估计。
corrected-turning-nearer = 在本样本中，校正后的拐点（{ $corrected }）比未校正的拐点（{ $uncorrected }）更接近用模拟真值得到的估计。
size-corrected = 校正指数的测量误差后，{ $x }由第 25 百分位（{ $start }）升至第 75 百分位（{ $end }）时，{ $outcome }的变化为 { $change }（95% 置信区间为 { $low } 至 { $high }）。
size-corrected-by-deviation = 校正指数的测量误差后，{ $x }提高一个标准差（由 { $start } 至 { $end }）时，{ $outcome }的变化为 { $change }（95% 置信区间为 { $low } 至 { $high }）。
as-printed = 若不考虑指数的测量误差，{ $x }由 { $start } 升至 { $end } 时，{ $outcome }的变化为 { $change }（95% 置信区间为 { $low } 至 { $high }）。
too-noisy = 用该指数无法估计效应的大小：将商品随机均分为两组后，两组商品的指数相关性过低，无法校正测量误差。这里的数字未考虑指数的测量误差。
not-corrected = 用该指数无法估计效应的大小：该回归无法校正指数的测量误差（{ $why }）。这里的数字未考虑指数的测量误差。
