at = at { $value }
confounder = Where |t| of the slope is largest ({ $place }), a confounder that explains { $value } of the residual variation in both treatment and outcome would remove { $taken } of it; one that explains { $value_alpha } would make it insignificant. These shares treat the errors of firm-years as independent.
corrections = The coefficient on { $term } is { $estimate } with the index as measured; { $corrected }. A corrected estimate is not the truth: halves of the goods are imprecise with few goods, and SIMEX corrects only part of a large bias.
cube = A cubic term is needed: a parabola does not describe the curve ({ $p }).
effective-clusters = The effective number of clusters for { $term } is { $effective } of { $clusters } { $assuming }; { $heaviest } accounts for { $share } of the identifying variation. Without { $without }, the most influential, the estimate changes from { $estimate } to { $becomes }.
effective-f = effective F { $f }
everywhere = the same everywhere
expected-of-noise = In simulated economies without a national trend in dispersion, a regression on an index of { $goods } goods recovers { $slopes } of a true slope and { $squares } of a true curvature on average, as true dispersion varies by { $low } to { $high } log points. Where dispersion has a national trend or differs permanently between regions, the share can lie outside this range.
instrument = { $instrument }: { $strength }, Anderson-Rubin test { $p }. { $level }% sets for { $sets }.
instrument-without-estimates = { $instrument }: no estimates, and no weak-instrument-robust set was requested or could be computed.
instrument-without-sets = { $instrument }: estimated by { $ways }; no weak-instrument-robust set was requested or could be computed.
kleibergen-paap-f = Kleibergen-Paap F { $f }
no-cube = No cubic term is needed ({ $p }).
no-f = no F
no-instrument-is-good = None of these instruments is valid by construction: each rests on its exclusion restriction, stated in Table { $table }.
of-the-move = The effect of moving { $x } from { $start } to { $end } is { $change }.
of-the-move-corrected = Corrected for noise in the index ({ $way }), the effect of moving { $x } from { $start } to { $end } is { $change }.
on-true-index = With the true index of the simulated economy the coefficient on { $term } is { $estimate }. Share of it recovered: { $shares }.
halves-give = halves of the goods give { $estimate }
oster = There Oster's bound for delta = { $delta } is { $bound }, against { $full } with all controls; a slope of zero requires delta = { $zero }.
past = Share beyond the turning point: { $regions_first } of regions in { $first } and { $regions_last } in { $last }; { $rows_first } and { $rows_last } of observations.
past-and-firms = Share beyond the turning point: { $regions_first } of regions in { $first } and { $regions_last } in { $last }; { $firms_first } and { $firms_last } of firms; { $rows_first } and { $rows_last } of observations.
permuted-paths = When the treatment paths of { $regions } regions are permuted { $times } times, t statistics as large as in the data occur with { $terms }; all terms jointly, { $joint }.
rows = With { $rows } customs records and { $effects } fixed effects, the coefficient on { $term } is { $on_rows } (t = { $t_rows }); with { $firm_years } firm-years, { $on_firm_years } (t = { $t_firm_years }).
rows-and-points = With { $rows } customs records and { $effects } fixed effects, the coefficient on { $term } is { $on_rows } (t = { $t_rows }); with { $firm_years } firm-years, { $on_firm_years } (t = { $t_firm_years }); the turning point is { $point_rows } with customs records and { $point_firm_years } with firm-years.
set-of = { $target }: { $values }
share-found = { $way } { $share }
simex-gives = SIMEX { $estimate }
span = { $low } to { $high }
tested-term = { $term } { $p }
two-lines = The two-lines test, which does not assume a parabola, finds { $shape }: slopes { $first } ({ $first_p }) below { $at } and { $second } ({ $second_p }) above.
two-turning-points = The turning point is { $true } with the true index and { $measured } with the measured one.
u-test-by-range = The U-test gives { $inner } over { $low } to { $high } of the sample and { $whole } over the whole range.
confounder-not-significant = Where |t| of the slope is largest ({ $place }), a confounder that explains { $value } of the residual variation in both treatment and outcome would remove { $taken } of it; with { $errors }, the slope there is not significant in the first place. These shares treat the errors of firm-years as independent.
oster-alone = Where the slope is steepest ({ $place }), Oster's bound for delta = { $delta } is { $bound }, against { $full } with all controls; a slope of zero requires delta = { $zero }.
cube-open = Two tests of a cubic term disagree at { $level }: the t test gives { $p }, the wild cluster bootstrap { $wild }. Whether a parabola describes the curve remains open: with few clusters of unequal size neither test is sure to hold its level.
remains = Nearest to the regression on the true index (ways whose distances from it differ by less than { $tied } of the smaller standard error are named together): { $nearest }. Which way is nearest differs between terms and from sample to sample. No correction restores the precision lost to noise: the standard error of { $term } is { $wider } times that with the true index under { $way }, the more precise correction.
nearest = { $way } for { $quantities }
slope-at = the slope at { $place }
turning-point = the turning point
by-c-statistic = C statistic { $p }
by-control-function = control function { $p }
exogeneity = Tests of exogeneity, valid only if the instrument is: { $tests }.
effect-of-the-move = the effect of the move from { $start } to { $end }
rows-differ = A difference can come from the weights of records and of firm-years, from records that are in one regression alone, and from the mix of products and markets.
rows-decomposed = On the same customs records with the fixed effects of the firm-years ({ $effects }) it is { $alike }: of the difference, { $weights } comes from how records are weighted and averaged to firm-years and which are in both regressions, and { $mix } from the other fixed effects, which hold the mix of products and markets fixed.
