outside-the-same = outside share: the same in every market and year, so the common change of quality rests on it
settings-of-change = settings: method={ $method }, of={ $of }, units={ $units }, span={ $span }
all-rows = all rows
quality-or-value-missing = quality or value missing ({ $share } of value)
sigma-large = sigma { $sigma } is above { $large }: quality hardly varies
sigma-from = sigma from { $source }: { $n } rows, { $products } products
sigma-refused = sigma refused, { $why }: { $n } rows, { $products } products
sigma-brought-down = sigma brought down to { $cap }: { $n } rows, { $products } products
sigma-above = sigma above { $large }, quality hardly varies: { $n } rows, { $products } products
division-bias = division bias: price is value over quantity, so an error in quantity moves both and pulls sigma by ols towards 1; compare sigma=iv
independent-errors = sigma by iv is free of division bias if errors in quantity are independent across destinations; quality that a firm ships everywhere moves its prices elsewhere too, and pulls sigma down
no-price-elsewhere = no price of the firm elsewhere: { $lone } of { $n } rows, { $fate }; { $used } rows estimate sigma
without-drop = left out of the estimation of sigma
without-region = price of other firms of the region where there is one, else left out of the estimation of sigma
without-ols = its own price instead
no-parameters = no usable parameters: { $products } products
no-parameters-of-product = no usable sigma, theta and alpha of its product
no-cost = cost or productivity of its firm-year missing
assumed = assumed: CES demand for quality z^alpha times quantity; one input bundle, z^(1/theta)/productivity of it a unit, 0 < alpha theta < 1; a specific trade cost, so that the firm chooses quality with price; constant markups; the unit value is a price free on board
assumed-no-cost = assumed, cost=none: input cost over productivity is the same for all exporters of a product in all years, so quality orders rows of a product as their unit values do
feature-without-price = feature { $feature } has no price in { $times } of { $n } regressions: it does not vary within { $effects }, or others add up to it
price-of-features = price of features in log points, { $effects } removed: { $prices }; within R2 { $r2 }; { $n } regression(s), by { $by }
median-price-of-features = median price of features in log points, { $effects } removed: { $prices }; median within R2 { $r2 }; { $n } regression(s), by { $by }
group-not-known = { $group } not known ({ $share } of value)
coefficients = coefficients of { $good } of { $all } industries (x unit) from { $n } rows
coefficients-with-medians = coefficients of { $good } of { $all } industries (x unit) from { $n } rows; median alpha { $alpha }, median nest coefficient { $nest }
industries-refused = refused: { $n } industries, { $why }
nest-few = too few rows or products in its industry: price and nest share not identified
nest-alpha = alpha not below 0 in its industry
nest-coefficient = nest coefficient not between 0 and 1 in its industry
nest-unknown = no outside share or industry
nest-rest = its size is missing, or no row of its industry has all instruments
exogenous-price = price and nest share are taken as exogenous: alpha is biased towards 0 if quality raises price
size-absorbed = size is taken by the effects in { $n } of { $all } industries: not controlled for
weak-instruments = weak instruments: Kleibergen-Paap F below { $weak } in { $n } of { $all } industries
sigma-at-or-below = sigma at or below { $least }
sigma-was-refused = sigma refused
no-region-of-firm = no region of the firm
no-gdp-of-firm = no GDP of the firm's region-year
n-rows-of = { $what }: { $n } rows
of-year = { $year }: { $what }
codes-new = { $share } of value is in codes never seen before
codes-gone = { $share } of the value before is in codes never seen again
main-unit-changed = { $share } of value is in codes whose main unit has changed
hs-revision = HS revision: { $new } of value is new, { $gone } gone
varieties-are-f = settings: method={ $method }, varieties are firms
varieties-are-g = settings: method={ $method }, varieties are varieties
varieties-are-m = settings: method={ $method }, varieties are destinations
differences-used = differences used: { $n }
first-year-of-variety = first year of the variety, or after a gap
reference-variety = the reference variety itself, or a year without it
few-differences = fewer than { $n } differences of the variety
fallback-no = products in closed form: { $n }
fallback-inadmissible = products without an admissible solution: { $n }
fallback-too-few-varieties = products with too few varieties: { $n }
fallback-grid = products by grid search: { $n }
fallback-constrained = products by constrained LIML: { $n }
summed-into-another = summed into another row with the same { $key }
key-variety = variety
key-regime = regime
missing = quality missing: { $why }
missing-rows = quality missing: { $why }, { $n } rows
all-equal = all { $what } of its { $pool } are equal
called-qualities = qualities
called-residuals = residuals
called-relative-prices = relative prices
pool-product = product
pool-product_year = product-year
pool-all = all
beyond-percentiles = beyond the 1st or 99th percentile of its { $pool }
value-without-quality = rows without quality hold { $share } of value
trend-of-product = trend: { $standardise } sets each product's extremes to 0 and 1 over all years: levels of different products are not comparable, and one extreme row moves a trend
trend-of-pool = trend: { $standardise } sets each pool's extremes to 0 and 1 over all years: levels of different products are not comparable, and one extreme row moves a trend
trend-of-product-year = trend: pool product_year: every product-year has the same scale, so a rise of all quality is not seen
trend-of-effects = trend: { $effects } takes out what all exporters of a cell have in common: a common rise of quality is not identified, and the trend of its mean is not one of quality
none-of-firm = quality missing: { $n } firm-years have no row with it
none-of-firm_product = quality missing: { $n } firm-product-years have no row with it
none-of-industry = quality missing: { $n } industry-years have no row with it
none-of-region = quality missing: { $n } region-years have no row with it
none-of-destination = quality missing: { $n } destination-years have no row with it
none-of-ladder = quality missing: { $n } ladders have no row with it
leverage-1 = leverage 1, { $effects } fits the row exactly
rating-missing = rating missing
feature-missing = a feature missing
few-rows-to-price = too few rows of its { $by } to price features
only-row-of = the only row of its { $cell }
few-rows-for-sigma = fewer rows than parameters
flat-price = its price does not vary within markets
weak-first-stage = first-stage F below { $f }
low-estimate = estimate at or below { $least }
low-sigma = at or below { $least }, of { $hit }
inadmissible-estimate = inadmissible
few-varieties-for-sigma = too few varieties
alone-in-market = alone in their market in the year
parameters-no = sigma and theta of { $n ->
    [one] { $n } product
   *[other] { $n } products
} estimated
parameters-constrained = sigma and theta of { $n ->
    [one] { $n } product
   *[other] { $n } products
} estimated within bounds, as the closed form was not admissible
parameters-inadmissible = { $n ->
    [one] { $n } product
   *[other] { $n } products
} without admissible sigma and theta
parameters-too-few-firms = { $n ->
    [one] { $n } product
   *[other] { $n } products
} with too few firms to estimate sigma and theta
parameters-nothing-given = { $n ->
    [one] { $n } product
   *[other] { $n } products
} missing from the tables of parameters
parameters-medians = median sigma { $sigma }, median theta { $theta } over the products
parameters-estimated = sigma or theta estimated by product from prices, sales and costs of firms (quality_parameters)
