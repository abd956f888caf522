pairs-without-distance = { $n ->
    [one] { $n } pair
   *[other] { $n } pairs
} without a distance, left out
pairs-with-zero = { $n ->
    [one] { $n } pair
   *[other] { $n } pairs
} with a zero flow are censored: their cost is infinite
pairs-left-out = { $n ->
    [one] { $n } pair
   *[other] { $n } pairs
} left out: a flow between them, or one within a region, is missing or zero
pairs-without-weight = { $n ->
    [one] { $n } pair
   *[other] { $n } pairs
} without a weight above zero: not averaged over
linearity = linearity is rejected at 5% for { $rejected } of { $n ->
    [one] { $n } row
   *[other] { $n } rows
}; 5% are expected by chance
span = { $goods ->
    [one] { $goods } good
   *[other] { $goods } goods
}, { $regions ->
    [one] { $regions } region
   *[other] { $regions } regions
}, { $first } to { $last }
settings-over = settings: { $settings }; { $over }
settings-of-sides = settings: { $settings }, sides { $sides }; { $over }
settings-of-filter = settings: filter={ $filter }, synchronisation={ $synchronisation }, level={ $level }
filter-with = { $filter } ({ $options })
growth = growth
over-years = { $synchronisation } over { $years } years
settings-of-survey = settings: scale { $low }..{ $high }, high answers mean { $high_means }, weights of items { $weights }, weighted={ $weighted }
means-segmentation = segmentation
means-integration = integration
weights-equal = equal
weights-given = given
all-years = all years
width-reaches-zero = ln_width missing: the interval of the distance effect includes zero
list-of-industries = the list of industries changes in { $year } ({ $moves }): indices before and after are not comparable
list-of-goods = the list of goods changes in { $year } ({ $moves }): levels before and after are not comparable
leave = { $names } discontinued
come = { $names } introduced
and-others = { $names } and { $n } others
industry-without-number = industry and year without a number in some region
taken-as-zero = { $column } missing for an industry in a region: treated as zero
missing = integration missing: { $why }
no-pair = no pair of regions with enough goods
no-difference = segmentation is zero, because all relative prices move alike
goods-shared = pairs of one period share { $fewest } to { $most } goods
goods-shared-without-ddof = pairs of one period share { $fewest } to { $most } goods; with ddof=0 such levels are not comparable
oriented = signs depend on the order of the regions: the first by name is the numerator
half-life-outside = half_life missing: the adjustment outside the band is not between -1 and 0
no-flows-both-ways = no pair with positive flows both ways
outside-longest-run = outside the good's longest run of periods, or in a region's series with a gap
few-regions-or-changes = good with fewer than { $regions } regions or { $changes } changes
one-size = plants of a region and industry are assumed to be of equal size, so their Herfindahl index is a lower bound
output-without-plants = no index for { $n } industry-years, which have output but no plants in some region
distances-between-middles = distances between regions are measured between their centres, in km
internal-distances = internal distances are computed from areas: (2/3) sqrt(area/pi)
flows-as-zero = flows missing from the table are treated as zero
no-flows-between = { $n } flows between regions are not in the table
no-internal-flows = { $n } internal flows are not in the table
not-both-kinds = year without flows both within and between regions
no-shares = shares missing, fewer than three cells or no variation
missing-or-zero = missing or zero
nothing-before = no value in the previous year
one-region-or-industry = a year with one region or one industry
only-one-of = only one of { $first } and { $second } is available
zero-in-a-region = { $first } or { $second } is zero in a region
two-regions-with-both = fewer than two regions with both columns above zero
no-convergence = half_life missing: no convergence (beta is not negative)
gone-within-period = half_life zero: the difference disappears within one period
not-bounded = half_life_high missing (unbounded): the interval of beta includes zero
item-without-answer = integration missing: an item has no answer
two-respondents = se_integration missing: fewer than two respondents
no-alpha = alpha missing: it requires two items and two respondents with complete, different answers
no-partner = integration missing, no partner with the same years
outside-run-of-years = not in the region's longest run of adjacent years
few-adjacent-years = fewer than { $n } adjacent years
theta-not-positive = theta not positive
no-price-in-month-before = no price in the previous month
no-price-in-year-before = no price in the previous year
no-price-in-period-before = no price in the previous period
step-of-months = periods in the file are { $months } months apart, so changes are over { $months } months
implausible = { $n } price changes outside 50..200 (previous period = 100), kept
listwise = good that another region lacks in the period (missing='listwise')
few-goods = a variance over { $goods } { $group } prices is very noisy: by chance alone, its standard deviation is about { $times } times its mean
no-price-moves = integration missing, no price moves in the window
sells-or-buys-nothing = the region sells or buys nothing in the year, or has only one flow
explained-alone = zero flow that the fixed effects predict perfectly
zero-flow = flow is zero, so its log does not exist
unusable-flow = size, distance, price or internal flow missing or zero
settings-of-window = settings: basis={ $basis }, window={ $window }; { $over }
produces-nothing = the region produces nothing
one-plant = no plant, or only one, in the industry
region-or-others-nothing = the region or all others produce nothing
two-regions-with-output = fewer than two regions with output and workers
coverage = the 95% interval is integration +/- t(K-1) x se (goods jackknife). In simulated samples with { $regions } regions, { $goods } goods and normal price shocks, it covers the truth in about { $coverage } of samples
thin-periods = left out { $n ->
    [one] { $n } period
   *[other] { $n } periods
} with too few regions or goods for an index: { $periods }
thin-years = left out { $n ->
    [one] { $n } year
   *[other] { $n } years
} with too few flows for a border effect: { $years }
thin-regions = left out { $n ->
    [one] { $n } region
   *[other] { $n } regions
} with fewer than three goods: { $regions }
thin-goods = left out { $n ->
    [one] { $n } good
   *[other] { $n } goods
} without pairs both across the border and within its sides: { $goods }
shorter-than-window = series shorter than the window: { $goods }
and-halves-without = { $note }; the split into halves leaves out { $n ->
    [one] { $n } period
   *[other] { $n } periods
} with fewer than four goods: { $periods }
