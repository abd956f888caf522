cube = A cubic term is needed ({ $p }): the curve is not the parabola that is drawn.
few-clusters = The effective number of clusters for { $term } is { $effective } of { $clusters } { $assuming }, and { $heaviest } alone accounts for { $share } of the identifying variation: t statistics rest on few regions.
inner-range = Over the middle of the data alone, from { $low } to { $high }, the U-test does not find { $shape } ({ $p }).
no-clusters = The headline standard errors treat rows as independent, although the treatment does not vary within a region and year: they are too small.
no-turn = That the relationship turns is not established: U-test { $p }.
no-turn-anywhere = That the relationship turns is not established: U-test { $p }, and Fieller's set of turning points is not an interval.
nothing = None of the checks run in this study (placebos, standard errors, tests of the shape, noise, clusters and omitted variables) speaks against it.
omitted = An omitted variable that explains { $value } of the residual variation in both treatment and outcome would remove { $taken } of the slope where its |t| is largest.
placebo = A placebo test rejects, because of pre-existing trends, anticipation by firms or an omitted factor: { $tests }.
placebo-or-noise = A placebo test rejects, because of pre-existing trends, anticipation by firms, an omitted factor, or noise in the index (an estimated { $share } of its differences between regions within a year), which these tests cannot tell apart: { $tests }.
two-lines = The two-lines test finds { $lines }, not { $shape }.
weak-by-effective-f = { $instrument }: weak instrument, effective F = { $f }, below the critical value { $critical }.
weak-by-kleibergen-paap-f = { $instrument }: weak instruments, Kleibergen-Paap F = { $f }, below the rule of thumb of { $critical }.
weak-by-first-stage = { $instrument }: weak instrument, smallest first-stage F = { $f }, below the rule of thumb of { $critical }.
noise = An estimated { $share } of the differences in the index between regions within a year is sampling error (net of the headline's fixed effects the share can be larger); it flattens the curve as printed, whose standard errors take the index as known.
noise-net = An estimated { $share } of the variation of the index net of { $effects } fixed effects is sampling error (an estimated { $between } of the differences between regions within a year); it flattens the curve as printed, whose standard errors take the index as known.
placebo-low = A placebo test is significant at 5% before the Holm adjustment for several tests, but not after it. It does not reject the design; it leaves a doubt: { $tests }.
wild = The wild cluster bootstrap does not reject a zero coefficient on the square ({ $p }).
index-noise = According to its jackknife standard errors, { $share } of the variation between regions within a year is sampling error.
index-one-good = One good drives much of the ranking of regions: without { $good }, the index correlates { $correlation } with the full index.
zero = The 95% interval contains zero: an association of { $x } with { $outcome } is not established.
anderson-rubin-rejects = The Anderson-Rubin test, which holds at any strength of a valid instrument, rejects that the treatment has no effect ({ $p }).
anderson-rubin-does-not = The Anderson-Rubin test, which holds at any strength of a valid instrument, does not reject that the treatment has no effect ({ $p }).
by-control-function = { $instrument } ({ $p })
exogeneity = A control function rejects that the treatment is exogenous, provided its instrument is valid: omitted factors or reverse causality. By instrument: { $tests }.
exogeneity-or-noise = A control function rejects that the treatment is exogenous, provided its instrument is valid: omitted factors, reverse causality or noise in the index, which this test cannot tell apart. By instrument: { $tests }.
holm-over-instruments = Holm-adjusted over the instruments { $adjusted }
weak-with-kleibergen-paap-f = weak instruments, Kleibergen-Paap F = { $f }
weak-with-effective-f = weak instrument, effective F = { $f }
c-rejects = the C statistic with the same instruments rejects as well, { $p }
c-does-not-reject = the C statistic with the same instruments does not reject, { $p }
by-control-function-and-further = { $instrument } ({ $p }; { $further })
estimated-tfp = { $name } is estimated: the intervals take it as known and do not contain the error of its estimated elasticities.
estimated-quality = { $name } rests on elasticities of demand estimated from the customs records: the intervals take them as known and do not contain their error.
estimated-index = The index ({ $measure }) is estimated: the intervals take it as known and do not contain the error of that estimate.
mediator-tfp = The mediator { $name } is estimated: the intervals of its indirect effects take it as known and do not contain the error of its estimated elasticities.
mediator-quality = The mediator { $name } rests on elasticities of demand estimated from the customs records: the intervals of its indirect effects take them as known and do not contain their error.
curvature-lost = Corrected for noise in the index, the curvature is not established: the coefficient of { $term } is { $estimate } with a standard error of { $error } ({ $p }).
too-noisy = The index is too noisy for its own correction: indices from halves of its goods agree too little. What the regression as printed finds may come from noise.
kinship = Goods of the index share shocks. Halves of them then share errors, and the correction for noise is too small, unless such goods are put into families ([noise] families).
placebo-open = A placebo test rejects with the index as printed and not with the index corrected for noise, or the correction cannot be made. Whether there are pre-existing trends cannot be told with this index: { $tests }.
not-corrected = The regression could not be corrected for noise in the index ({ $why }). What it finds as printed may come from noise.
