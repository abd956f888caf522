announced = 原文预告了出口质量的总体分析和分类分析，但没有列出任何数值。
short = 质量变化
heading = 按年份以及按持续产品和新产品的质量变化
title = 各年平均出口质量的变化
quality = 平均质量
change = 变化
within = 持续产品内部
between = 持续产品之间
entry = 新产品
exit = 退出产品
share-entered = 新产品份额
share-exited = 退出产品份额
all-years = 全部年份
note = 海关记录的平均质量，以出口额加权，缩尾处理之前。以{ $units }的每个组合为一个单位。若一个单位在当年和 { $span } 年前均有出口，则为持续单位。变化等于其后四列之和（四舍五入除外）。份额按出口额计：新单位占当年，退出单位占前一年份。
griliches-regev = 内部：持续单位质量的变化。之间：其份额的变化。新与退出：份额乘以与两年均值的距离（Griliches 和 Regev 1995）。
melitz-polanec = 内部：持续单位未加权均值的变化。之间：其质量与份额协方差的变化。新与退出：份额乘以与持续单位的距离（Melitz 和 Polanec 2015）。
from-customs = 由 integrade.quality_change 根据海关记录的质量计算
meaning-of-total = 各年之和
whole = { $first } 年至 { $last } 年，平均质量变化 { $change }（各年变化之和）。持续{ $units ->
    [firms] 企业
   *[products] 产品
}的质量变化贡献 { $within }，其份额的变化贡献 { $between }；新进入者贡献 { $entry }，退出者贡献 { $exit }。
no-rows = 本研究没有海关记录层面的质量
no-units = 海关记录没有列 { $units }
left-out = 未分解质量变化：{ $why }。
step = 质量变化
