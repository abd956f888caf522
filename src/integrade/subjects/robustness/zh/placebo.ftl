next-year = 下一年的{ $x }
later-years = 以后年份（提前 { $years } 年）的{ $x }
beside-this-year = { $what }，控制当年值（表 { $table }，N = { $n }；{ $numbers }）
beside-the-past = { $what }，控制当年值与往年值（表 { $table }，N = { $n }；{ $numbers }）
joint = 联合检验 { $p }
holm = Holm 校正后 { $p }
wild = 野聚类自助 { $p }
holm-of-larger = 较大者经 Holm 校正后 { $p }
tests = 安慰剂检验（未来不可能影响现在）：{ $tests }。
it-passes = 该检验在 5 % 水平上不拒绝：没有迹象表明存在先行趋势，但这并不证明不存在先行趋势。
it-rejects = 该检验拒绝原假设：研究设计未通过安慰剂检验。
none-rejects = 各项检验在 5 % 水平上均不拒绝：没有迹象表明存在先行趋势，但这并不证明不存在先行趋势。
it-is-low = 两个 p 值中一个低于 5 %，另一个不低于，因此不拒绝。这只是疑点，不是结论。
low-alone = { $tests } 项中有 { $low } 项单独看有 p 值低于 5 %，经 Holm 校正后（有野聚类自助 p 值时取较大者）均不拒绝。这只是疑点，不是结论。
all-low = 各项检验单独看均有 p 值低于 5 %，经 Holm 校正后（作过自助检验时取较大者）均不拒绝。这只是疑点，不是结论。
all-reject = 各项检验均拒绝原假设：研究设计未通过安慰剂检验。
disagree = 各项检验结论不一致：{ $tests } 项中有 { $rejecting } 项经 Holm 校正后拒绝。研究设计未通过这些检验；在其他样本或加入其他项后通过的检验不能抵消这一点。
reasons = 以下情形都会使安慰剂检验拒绝：存在先行趋势，企业按预期行事，遗漏因素同时影响二者，或指数含有抽样误差，此时以后年份的值会反映当年的真实值。
noise = 该指数同年地区间差异中估计有 { $share } 是抽样误差。仅此一项就可能使安慰剂检验拒绝，而这些检验无法将其与趋势区分开。
failed = 安慰剂检验拒绝原假设：{ $tests }
not-counted = 表中的安慰剂检验检验的是研究设计，不是回归的变动，因此不计入：{ $joint }。
not-counted-and-rejects = 表中的安慰剂检验检验的是研究设计，不是回归的变动，因此不计入：{ $joint }，该检验拒绝原假设。
not-made = 安慰剂检验无法进行：{ $why }。
family = 安慰剂检验经 Holm 校正的 p 值：取联合检验与野聚类自助检验（若已抽取）p 值中较大者，按表 { $tables }中的 { $tests } 项安慰剂检验校正。
family-in-one-table = 安慰剂检验经 Holm 校正的 p 值：取联合检验与野聚类自助检验（若已抽取）p 值中较大者，按表 { $tables } 中的 { $tests } 项安慰剂检验校正。
