claim-channel = { CAPITAL($treatment) } operates through { $mediator }.
claim-difference = The effect differs by { $split }.
claim-human-capital = { CAPITAL($treatment) } promotes { $outcome } through human capital.
claim-inverted-u = { CAPITAL($treatment) } has an inverted-U effect on { $outcome }.
claim-not-state-owned = The effect is present in firms that are not state-owned, and stronger there than in state-owned firms.
claim-research = { CAPITAL($treatment) } promotes { $outcome } through research and development.
falls-and-rises = falls with { $x } down to a minimum at { $point }, then rises
fieller = 95% Fieller interval { $interval }
heading = { $hypothesis }: { $statement }
holm = Holm-adjusted over { $splits } splits { $p }
in-group = { $group } (N = { $n }) { $test }
no-ownership = The sample was not split by ownership.
no-square = No benchmark regression includes the treatment and its square.
no-such-mediator = { $mediator } was not examined as a mediator.
no-such-split = The sample was not split by { $split }.
no-test = no test
noise-flattens = The index is noisy, and noise flattens a curve more where the index varies less: groups of years or regions can differ for that reason alone.
one-effect = Test of equal effects of { $x } across groups, by { $split }: { $p }
rises-and-falls = rises with { $x } up to { $point }, then falls
rows-not-independent = These standard errors treat rows as independent although the treatment varies by region: tests based on them over-reject.
share-past = { $share } of observations lie beyond the turning point
tests = { $tests }.
turns-inside = Predicted { $outcome } { $turns }; this turning point lies within the data ({ $low } to { $high })
turns-outside = Predicted { $outcome } { $turns }; this turning point lies outside the data ({ $low } to { $high })
u-test = U-test { $p }
wild = wild cluster bootstrap of the square { $p }
with-errors = { $findings }; { $errors }.
within-groups = Joint tests of all terms within groups: { $groups }.
rule-inverted-u = supported if all of these hold. The square is negative. The U-test finds an inverted U at { $level }, over the whole range and from p5 to p95 of the sample. The wild cluster bootstrap of the square has a p-value below { $level }; only CR3 standard errors waive this if it was not run. The two-lines test (Simonsohn) finds a rise followed by a fall, both slopes significant at { $level }. Contradicted if the two-lines test finds no inverted U and, over the whole range as well as from p5 to p95, either the U-test finds a U at { $level } or the slopes at both ends have the same sign and are each significant at { $level }. Otherwise not supported, also if the two-lines test, or a bootstrap that is needed, was not run.
rule-acts = supported if the indirect effect through { $mediator } is established at some place, in either direction. Both paths and their product must be significant at { $size }, Holm-adjusted over the places, in the table and by clusters. The tests by clusters do not depend on the errors of the table: CR3 and draws of whole clusters. Where treatment and mediator hardly vary within region and year, the path to the mediator is also tested on these cells. Nothing contradicts it.
rule-differs = supported if equal effects across groups are rejected at 5% by the joint test and by the wild cluster bootstrap, each Holm-adjusted over the splits, and by the permutation test if one was run. If no bootstrap was run, this condition is waived only for a joint test with CR3. The rule singles out no group; a group is called stronger only where a contrast of two groups shows it.
rule-not-state-owned = supported if all of these hold. The groups differ: joint test, wild cluster bootstrap (waived only with CR3 if none was run), each Holm-adjusted over the splits, and permutation test if run, all below 5%. The effect is present in firms that are not state-owned: the joint test of all terms in that group, and their wild cluster bootstrap (waived likewise), are both below 5%, without adjustment. Its fitted curve is steeper on average than that of state-owned firms (two-sided 5%). Contradicted if the groups differ and the same holds for state-owned firms.
rule-promotes = supported if at some place { $mediator } increases with { $treatment } and raises { $outcome }, and no other mediation is established at any place. Both paths and their product must be significant at { $size }, Holm-adjusted over the places, in the table and by clusters. The tests by clusters do not depend on the errors of the table: CR3 and draws of whole clusters. Where treatment and mediator hardly vary within region and year, the path to the mediator is also tested on these cells. Contradicted if the indirect effect lowers { $outcome } at some place and nothing else is established at any place.
parabola-inside = The parabola fitted to { $outcome } has its turning point at { $x } = { $point }, within the data ({ $low } to { $high }); that the relationship turns is not established
parabola-outside = The parabola fitted to { $outcome } has its turning point at { $x } = { $point }, outside the data ({ $low } to { $high }); that the relationship turns is not established
