few-clusters = { $n ->
    [one] { $n } cluster
   *[other] { $n } clusters
} ({ $column })
constant-over-curve = { $name } does not vary over the rows of the curve
nothing-to-date = the { $model ->
    [trend] trend
   *[level] level
} of the series does not vary: there is no break to date
six-years = a break needs six years with a value, not { $n }
years-with-gap = the years of the series are not consecutive after { $year }
few-dates = { $years } years with { $shortest } in each regime leave { $n ->
    [0] no date
    [one] { $n } date
   *[other] { $n } dates
} to choose from
three-rows = a correlation needs three complete rows, not { $n }
constant = { $name } is constant in the sample: it has no correlation
singular-joint = the covariance of { $n } combinations is singular: no joint test
test-needs = the test needs { $term }, which has no coefficient: { $why }
no-regressor = no regressor is left
few-instruments = { $endogenous } endogenous regressors but { $usable } usable instruments
nothing-within = nothing of the outcome { $name } is left within the effects { $effects }
constant-outcome = the outcome { $name } does not vary: it is { $value } in every row
few-units = fewer than two units ({ $unit }) are left in the sample
no-variation-both = no regressor varies both within and between units
one-cluster = one cluster by { $column }
rows-for-coefficients = { $rows } rows for { $coefficients } coefficients
no-variation-within = no regressor varies within units
no-freedom = { $rows } rows do not leave a degree of freedom for { $units } unit effects
exact-fit = the fixed-effects model fits exactly: there is no error variance
no-between = { $units } units do not identify a between regression with { $coefficients } coefficients
one-level = the cluster variable { $column } has { $levels ->
    [one] { $levels } level
   *[other] { $levels } levels
}
no-clustered-strength = { $instruments } instruments and { $clusters } clusters: how strong the instruments are has no clustered test
dropped = { $term } was dropped: { $why }
no-exchange = no two regions have { $treatment } in the same years: no path can be exchanged
not-without-some = a coefficient is not identified without some cluster
null-needs = the joint null needs { $term }, which has no coefficient: { $why }
few-regions = { $regions } regions: an index without one of them needs { $needed }
few-goods = { $goods } goods: two halves need four
no-halves = in every split of the goods, a half has no index in a region and year of the panel
families = families of goods leave no two halves of at least two goods
index-of-other-regions = the index of this sample is made without some of the regions
halves-disagree = indices from halves of the goods agree too little to tell the effects of the index apart from its noise
no-instrument = no usable instrument
exact-first-stage = the instruments explain { $x } exactly: nothing is left of it to control for
few-stages = both stages exist without fewer than two of the clusters
three-regions = { $regions } regions have an index: at least 3
one-shock = { $n ->
    [one] { $n } group of shocks
   *[other] { $n } groups of shocks
}
four-of-each = { $regions } regions and { $goods } goods: at least four of each
few-draws = fewer than two draws gave an estimate
not-with-error = a coefficient is not identified once error is added to the index
not-without = a coefficient is not identified without { $cluster } { $name }
no-jackknife = the jackknife of the index does not exist in some region-year
index-lacks = { $n ->
    [one] { $n } region-year
   *[other] { $n } region-years
} of the panel have no index in the { $source }
nothing-without = { $column } has one level: nothing is left without it
not-without-any = without any level of { $column } the coefficients are not identified
no-row-in-panel = no row has its { $unit } and year in the panel
few-neighbours = { $n ->
    [one] { $n } region-year has
   *[other] { $n } region-years have
} an index and neighbours with one
no-neighbours = no region-year of the panel has neighbours with an index
square-zero = the square of { $variable } is exactly zero: there is no turning point
u-test-needs = the U-test needs { $term }, which was dropped: { $why }
cube-dropped = the cube of { $variable } was dropped: { $why }
square-dropped = the square of { $variable } was dropped: { $why }
few-values = { $n ->
    [one] { $n } distinct value is
   *[other] { $n } distinct values are
} too few for two lines
no-value-between = no value lies between the 10th and the 90th percentile
line-dropped = the line { $name } at { $at } was dropped: { $why }
nothing-in-common = the series and the panel have no { $keys } in common
rows-for-parameters = { $rows } rows for { $parameters } parameters
singular-weight = the weight of GMM is singular: { $moments } moments
singular-weight-of-clusters = the weight of GMM is singular: { $moments } moments and { $clusters } clusters
not-in-formula = it is not in the formula
negative-values = { $name } has { $n ->
    [one] { $n } negative value
   *[other] { $n } negative values
}
outside-values = { $name } has { $n ->
    [one] { $n } value outside 0 to 1
   *[other] { $n } values outside 0 to 1
}
effects-stay = the fixed effects { $effects } could not be removed
absorbed-where-informative = the effects absorb a regressor in the { $rows } rows that are informative about it
not-settled = the { $family } regression did not settle
power-of-few = { $regions } regions with an index in each of { $years } years: too few for a power
power-of-a-flat-index = the index does not vary between regions over the years
