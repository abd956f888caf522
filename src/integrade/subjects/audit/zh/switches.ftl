heading = 其他选择
about = 审查以 { $versions } 个版本重新估计了本研究，每个版本只改动一项选择。选定后，文字、数值与曲线都换成该版本的结果。
own = 当前显示：研究自身的选择。
version = 当前显示：审查中的版本“{ $choice }”，与研究自身的选择只差这一项（研究取 { $before }）。
alone = 审查只计算了单项改动，因此不能同时改动其他选择；请先重置。下方的证据与假设仍属于研究自身的选择。
as-own = { $before }（本研究）
not-possible = { $after }（不可行：{ $why }）
reset = 恢复研究自身的选择
size = { $x }从第 25 百分位（{ $start }）升至第 75 百分位（{ $end }），{ $outcome }相应变动 { $change }（95% 置信区间为 { $low } 至 { $high }）。
turns = 拟合抛物线的拐点位于 { $x } = { $point }（95% Fieller 区间 { $interval }）。U 形检验 { $p }：{ $verdict }。N = { $rows }。
outside = 拟合抛物线的拐点 { $x } = { $point } 位于数据范围（{ $first } 至 { $last }）之外。U 形检验 { $p }：{ $verdict }。N = { $rows }。
drawn = 版本“{ $choice }”的曲线，附 95% 置信带与拐点区间；灰色虚线为研究自身的曲线。
drawn-alone = 版本“{ $choice }”的曲线，附 95% 置信带与拐点区间；其单位与研究自身的曲线不同。
none = 运行 { $audit } 和 { $report } 之后，本页可以显示其他选择（替代弹性、标准误、样本等）下的曲线。
other-study = 已存的审查属于本研究的另一状态：请重新运行 { $audit } 和 { $report }。
unreadable = { $file } 不是本版本可读的审查（{ $why }）；请重新运行：{ $audit }
