at = at { $value }
confounder = Where the slope is clearest ({ $place }), a confounder explaining { $value } of what is left of treatment and of outcome would take { $taken } % of it away, one with { $value_alpha } its significance. These shares are of firm-years, whose errors the algebra takes as independent.
corrections = { $term } is { $estimate } on the index as measured; { $corrected }. A corrected estimate is not the truth: with few goods ORIV can over-correct, and SIMEX can correct only part of a large bias.
cube = A cube beside the square is needed: a parabola does not describe the curve ({ $p }).
effective-clusters = Of { $clusters } clusters as many count for { $term } as { $effective } equal ones would; { $heaviest } holds { $share } of what identifies it. Without { $without }, which matters most, { $estimate } becomes { $becomes }.
effective-f = effective F { $f }
everywhere = everywhere the same
expected-of-noise = In simulated economies without a national trend in dispersion, a regression on the index of { $goods } goods finds { $slopes } of a true slope and { $squares } of a true curvature on average, as true dispersion varies by { $low } to { $high } log points. Where dispersion has a national trend or differs between regions for good, the share can lie outside this range.
instrument = { $instrument }: { $strength }, Anderson-Rubin test { $p }. { $level } % sets of { $sets }.
instrument-without-estimates = { $instrument }: no estimate was made, and no weak-robust set was asked for or could be made.
instrument-without-sets = { $instrument }: estimated by { $ways }; no weak-robust set was asked for or could be made.
kleibergen-paap-f = Kleibergen-Paap F { $f }
no-cube = A cube beside the square is not needed ({ $p }).
no-f = no F
no-instrument-is-good = None of these instruments is good by construction: each stands on the sentence in Table A11.
on-true-index = On the true index of the simulated economy { $term } is { $estimate }. Of that find: { $shares }.
oriv-gives = ORIV gives { $estimate }
oster = There Oster's bound for delta = { $delta } is { $bound } beside { $full }, and zero needs delta = { $zero }.
past = Past the turning point were { $regions_first } of { $places } in { $first } and { $regions_last } in { $last }, observations { $rows_first } and { $rows_last }.
past-and-firms = Past the turning point were { $regions_first } of { $places } in { $first } and { $regions_last } in { $last }, firms { $firms_first } and { $firms_last }, observations { $rows_first } and { $rows_last }.
permuted-paths = When { $regions } regions change their paths of the treatment { $times } times, t is as large as in the data with { $terms }; all terms together { $joint }.
remains-beyond = What remains: { $way }, the nearest, ends { $gap } beyond it, and its standard error is { $wider } times that on the true index. No correction gives back the precision that noise costs; which is nearest differs from sample to sample.
remains-short = What remains: { $way }, the nearest, ends { $gap } short of it, and its standard error is { $wider } times that on the true index. No correction gives back the precision that noise costs; which is nearest differs from sample to sample.
rows = On { $rows } customs rows with effects of { $effects }, { $term } is { $on_rows } (t = { $t_rows }), on { $firm_years } firm-years { $on_firm_years } (t = { $t_firm_years }). A difference says how far the mix of products and markets moves with { $treatment }.
rows-and-points = On { $rows } customs rows with effects of { $effects }, { $term } is { $on_rows } (t = { $t_rows }), on { $firm_years } firm-years { $on_firm_years } (t = { $t_firm_years }); the turning point is { $point_rows } on the rows and { $point_firm_years } on the firm-years. A difference says how far the mix of products and markets moves with { $treatment }.
set-of = { $target }: { $values }
share-found = { $way } { $share }
simex-gives = SIMEX { $estimate }
span = { $low } to { $high }
tested-term = { $term } { $p }
two-lines = Two lines, which assume no parabola, find { $shape }: slopes { $first } ({ $first_p }) below { $at } and { $second } ({ $second_p }) above.
two-turning-points = The turning point is { $true } on the true index and { $measured } on the measured one.
u-test-by-range = On { $low } to { $high } of the sample the U-test has { $inner }, on the whole range { $whole }.
confounder-not-significant = Where the slope is clearest ({ $place }), a confounder explaining { $value } of what is left of treatment and of outcome would take { $taken } % of it away; with { $errors } errors it is not significant there as it is. These shares are of firm-years, whose errors the algebra takes as independent.
oster-alone = Where the slope is steepest ({ $place }), Oster's bound for delta = { $delta } is { $bound } beside { $full }, and zero needs delta = { $zero }.
provinces = the provinces
regions = the regions
cube-open = Two tests of a cube beside the square stand on different sides of { $level }: the t test { $p }, the wild bootstrap { $wild }. Whether a parabola describes the curve stays open: with few clusters of unequal size neither test is sure to keep its level.
