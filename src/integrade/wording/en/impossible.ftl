few-clusters = { $n ->
    [one] { $n } cluster
   *[other] { $n } clusters
} ({ $column })
constant-over-curve = { $name } does not vary over the rows of the curve
nothing-to-date = the { $model ->
    [trend] trend
   *[level] level
} of the series does not vary: there is no break to date
six-years = a break date requires six years with a value; there are { $n }
years-with-gap = the years of the series are not consecutive after { $year }
few-dates = { $years } years with { $shortest } in each regime leave { $n ->
    [0] no date
    [one] { $n } date
   *[other] { $n } dates
} to choose from
three-rows = a correlation requires three complete rows; there are { $n }
constant = { $name } is constant in the sample, so its correlation does not exist
singular-joint = the covariance matrix of { $n } combinations is singular, so there is no joint test
test-needs = the test requires { $term }, which has no coefficient: { $why }
no-regressor = no regressor remains
few-instruments = { $endogenous } endogenous regressors but { $usable } usable instruments
nothing-within = the outcome { $name } does not vary within the effects { $effects }
constant-outcome = the outcome { $name } is constant: { $value } in every row
few-units = fewer than two units ({ $unit }) remain in the sample
no-variation-both = no regressor varies both within and between units
one-cluster = only one cluster by { $column }
rows-for-coefficients = only { $rows } rows for { $coefficients } coefficients
no-variation-within = no regressor varies within units
no-freedom = { $rows } rows leave no degrees of freedom for { $units } unit effects
exact-fit = the fixed-effects model fits exactly, so the error variance is zero
no-between = { $units } units do not identify a between regression with { $coefficients } coefficients
one-level = the cluster variable { $column } has { $levels ->
    [one] { $levels } level
   *[other] { $levels } levels
}
no-clustered-strength = with { $instruments } instruments and { $clusters } clusters, there is no clustered test of instrument strength
dropped = { $term } was dropped: { $why }
no-exchange = no two regions have { $treatment } in the same years, so the permutation test is not possible
not-without-some = a coefficient is not identified when one of the clusters is left out
null-needs = the joint null hypothesis requires { $term }, which has no coefficient: { $why }
few-regions = { $regions } regions: an index that leaves out one region requires { $needed }
few-goods = { $goods } goods: two halves require four
no-halves = in every split of the goods, one half has no index for some region and year of the panel
families = related goods stay in the same half, so the goods cannot be split into two halves of at least two goods
index-of-other-regions = the index of this sample is computed without some of the regions
halves-disagree = indices from the two halves of the goods agree too little to separate the effect of the index from its noise
no-instrument = no usable instrument
exact-first-stage = the instruments explain { $x } exactly, so no residual remains to control for
few-stages = both stages can be estimated without a cluster for fewer than two of the clusters
three-regions = { $regions } regions have an index; at least 3 are required
one-shock = { $n ->
    [one] { $n } group of shocks
   *[other] { $n } groups of shocks
}
four-of-each = { $regions } regions and { $goods } goods; at least four of each are required
few-draws = fewer than two draws gave an estimate
not-with-error = a coefficient is not identified once error is added to the index
not-without = a coefficient is not identified when { $cluster } { $name } is left out
no-jackknife = the index has no jackknife standard error in some region-year
index-lacks = { $n ->
    [one] { $n } region-year
   *[other] { $n } region-years
} of the panel have no index in the { $source }
nothing-without = { $column } has only one level, so no rows remain without it
not-without-any = the coefficients are not identified when any level of { $column } is left out
no-row-in-panel = no row matches a { $unit } and year of the panel
few-neighbours = { $n ->
    [one] only { $n } region-year has
   *[other] only { $n } region-years have
} both an index and neighbours with an index
no-neighbours = no region-year of the panel has neighbours with an index
square-zero = the coefficient on the square of { $variable } is exactly zero, so there is no turning point
u-test-needs = the U-test requires { $term }, which was dropped: { $why }
cube-dropped = the cube of { $variable } was dropped: { $why }
square-dropped = the square of { $variable } was dropped: { $why }
few-values = { $n ->
    [one] { $n } distinct value is
   *[other] { $n } distinct values are
} too few for two lines
no-value-between = the variable takes no value strictly between its 10th and 90th percentiles
line-dropped = the line { $name } at { $at } was dropped: { $why }
nothing-in-common = the series and the panel have no { $keys } in common
rows-for-parameters = only { $rows } rows for { $parameters } parameters
singular-weight = the GMM weight matrix is singular: { $moments } moments
singular-weight-of-clusters = the GMM weight matrix is singular: { $moments } moments and { $clusters } clusters
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
absorbed-where-informative = the fixed effects absorb a regressor in the { $rows } rows that identify it
not-settled = the { $family } regression did not converge
power-of-few = too few regions for a power calculation: { $regions } with an index in each of { $years } years
power-of-a-flat-index = differences in the index between regions do not vary over the years
