balanced = balanced panel
in-every-year = only { $unit }s observed in every year of the sample
never-in-every-year = no { $unit } is observed in all { $years } years
winsorised = outcome and controls winsorised at percentiles { $low } and { $high }
effects-added = { $effects } effects added
already-there = already in the formula
weighted-by = weighted by { $column }
in-place-of = { $new } in place of { $old }
lead = lead
next-year-added = { $treatment } of the next year is added in the same terms; it should have no effect
cells = region-year cells
means-of-cells = means by region and year, weighted by rows, region and year effects
instruments-or-weights = instruments or weights
poisson = Poisson
log-mean = ln E(outcome) in place of the outcome, pseudo-maximum likelihood
fractional = fractional logit
logit-mean = logit of E(outcome) in place of the outcome, quasi-maximum likelihood
no-group-column = the panel has no column 'group', and not all its regions are provinces of China
no-column = no column { $column } in the panel
no-column-but = no column { $column } in the panel: { $hint }
average-marginal-effect = average marginal effect of { $term }: { $estimate } (standard error { $error })
dropped = dropped { $term }: { $why }
was-dropped = { $term } was dropped: { $why }
left-out-in-turn = each { $column } is left out in turn; the results shown leave out the most influential one
without = without { $column } { $level }
not-identified-without = { $lost } of { $levels } levels cannot be left out, because a coefficient is then not identified
error-and-remedy = { $what }; { $remedy }
value-missing = a value missing
singletons = singletons of the effects
rows-in-regression = rows in the regression
customs-rows = customs rows
not-together-firm = the panel has no row for this firm and year
not-together-region = the panel has no row for this region and year
unit-or-year-missing-firm = firm or year missing
unit-or-year-missing-region = region or year missing
year-not-in-panel = year not in the panel
unit-not-in-panel-firm = firm not in the panel
unit-not-in-panel-region = region not in the panel
of-value = { $why }, { $share } of value
other-regime = neither ordinary nor processing trade: { $n ->
    [one] { $n } row
   *[other] { $n } rows
}, in no group of { $group }
no-rauch-class = no Rauch class: { $n ->
    [one] { $n } row
   *[other] { $n } rows
} of { $products } products, in no group
not-estimated = { $column }={ $value } could not be estimated: { $why }
shared-pairs = the neighbours' index includes the pairs that they share with the region; give prices to leave these pairs out
no-neighbours = regions without neighbours: { $regions }
mechanical = The price variance of a pair of regions enters the indices of both. The indices of neighbours are therefore correlated by construction. The correlation is { $kept } with the shared pairs and { $dropped } without. Net of region and year effects, it is { $kept_within } and { $dropped_within } ({ $n } region-years). Without the shared pairs, prices in a region affect the neighbours' index only through the mean over all pairs. Prices of the neighbours still enter the region's own index
not-measured = mechanical correlation not measured: { $why }
region-year-not-in-index = the region-year is not in the index
no-neighbour-index = no neighbour has an index
neighbours-missing = { $name } missing in { $n } rows: { $why }
neighbours = neighbours
as-given = as given
outcome-not-of-rows = { $outcome } is not the quality of customs rows, because it has one value for each firm and year
