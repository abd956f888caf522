claim-channel = { $treatment }通过{ $mediator }起作用。
claim-difference = 效应因{ $split }而异。
claim-human-capital = { $treatment }通过人力资本促进{ $outcome }提升。
claim-inverted-u = { $treatment }对{ $outcome }具有倒 U 形影响。
claim-not-state-owned = 该效应存在于非国有企业，且强于国有企业。
claim-research = { $treatment }通过研发投入促进{ $outcome }提升。
falls-and-rises = 先随{ $x }上升而下降，至 { $point } 达到最低，此后转为上升
fieller = 95% Fieller 置信区间 { $interval }
heading = { $hypothesis }：{ $statement }
holm = 对 { $splits } 种分组作 Holm 校正后 { $p }
in-group = { $group }（N = { $n }）{ $test }
no-ownership = 样本没有按所有制分组。
no-square = 没有基准回归同时含有处理变量及其平方项。
no-such-mediator = { $mediator }没有作为中介变量检验。
no-such-split = 样本没有按{ $split }分组。
no-test = 无检验
noise-flattens = 指数含有噪声，而指数变动越小之处，噪声越会压平曲线：按年份或地区划分的组别可能仅因此而不同。
one-effect = 组间效应相等检验（{ $x }，按{ $split }分组）：{ $p }
rises-and-falls = 先随{ $x }上升而提高，至 { $point } 达到最高，此后转为下降
rows-not-independent = 这些标准误视各观测为独立，尽管处理变量随地区变动：据此所作的检验会过度拒绝。
share-past = { $share } 的观测越过拐点
tests = { $tests }。
turns-inside = { $outcome }的预测值{ $turns }；该拐点位于数据范围（{ $low } 到 { $high }）之内
turns-outside = { $outcome }的预测值{ $turns }；该拐点位于数据范围（{ $low } 到 { $high }）之外
u-test = U 形检验 { $p }
wild = 平方项的野聚类自助检验 { $p }
with-errors = { $findings }；{ $errors }。
within-groups = 各组内全部项的联合检验：{ $groups }。
rule-inverted-u = 若以下各条都成立，则为支持。平方项系数为负。在整个取值范围和样本的 p5 到 p95 上，U 形检验均在 { $level } 水平上发现倒 U 形。平方项的野聚类自助检验 p 值低于 { $level }；未作该检验时，只有 CR3 标准误可免此项。两段直线检验（Simonsohn）先升后降，两个斜率均在 { $level } 水平上显著。若两段直线检验未发现倒 U 形，并且在整个取值范围和 p5 到 p95 上，或 U 形检验在 { $level } 水平上发现 U 形，或两端斜率同号且各自在 { $level } 水平上显著，则为与之相反。其余情况为不支持；未作两段直线检验，或缺少所需的自助检验时，也是如此。
rule-acts = 若通过{ $mediator }的中介效应在某个取值处成立，则为支持，不论方向。两条路径及其乘积须在 { $size } 水平上显著，并对各取值作 Holm 校正；表中的检验和按聚类的检验都须如此。按聚类的检验不取决于表中所用的标准误：采用 CR3 和整群抽样；若处理变量与中介变量在同一地区和年份内几乎不变，通向中介变量的路径另在地区—年份单元格上检验。该规则不会给出“与之相反”的判定。
rule-differs = 若组间效应相等的假设在 5% 水平上被联合检验和野聚类自助检验拒绝（各对分组种数作 Holm 校正），并被置换检验（若有）拒绝，则为支持。未作自助检验时，只有 CR3 的联合检验可免此项。该规则不指明组别；仅当两组的对比检验成立时才称某组更强。
rule-not-state-owned = 若以下各条都成立，则为支持。组间存在差异：联合检验、野聚类自助检验（未作时只有 CR3 可免此项；两者各对分组种数作 Holm 校正）以及置换检验（若有）均低于 5%。非国有企业中存在效应：该组各项的联合检验及其野聚类自助检验（豁免条件同上）均低于 5%，不作校正。其拟合曲线平均比国有企业更陡（双侧 5%）。若组间存在差异，而后两条对国有企业成立，则为与之相反。
rule-promotes = 若在某个取值处{ $mediator }随{ $treatment }上升且提高{ $outcome }，且任何取值处均无其他成立的中介效应，则为支持。两条路径及其乘积须在 { $size } 水平上显著，并对各取值作 Holm 校正；表中的检验和按聚类的检验都须如此。按聚类的检验不取决于表中所用的标准误：采用 CR3 和整群抽样；若处理变量与中介变量在同一地区和年份内几乎不变，通向中介变量的路径另在地区—年份单元格上检验。若在某个取值处中介效应降低{ $outcome }，且各处没有其他成立的结论，则为与之相反。
parabola-inside = 对{ $outcome }拟合的抛物线的拐点位于{ $x } = { $point }，在数据范围（{ $low } 到 { $high }）之内；关系存在拐点这一点并未得到证实
parabola-outside = 对{ $outcome }拟合的抛物线的拐点位于{ $x } = { $point }，在数据范围（{ $low } 到 { $high }）之外；关系存在拐点这一点并未得到证实
