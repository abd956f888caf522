outside-the-same = the outside share is the same in every market and year, so it determines the common change in quality
settings-of-change = settings: method={ $method }, of={ $of }, units={ $units }, span={ $span }
all-rows = all rows
quality-or-value-missing = quality or value missing ({ $share } of value)
sigma-large = sigma { $sigma } is above { $large }: quality barely varies
sigma-from = sigma from { $source }: { $n } rows, { $products } products
sigma-refused = sigma rejected, { $why }: { $n } rows, { $products } products
sigma-brought-down = sigma capped at { $cap }: { $n } rows, { $products } products
sigma-above = sigma above { $large }, quality barely varies: { $n } rows, { $products } products
division-bias = division bias: price is value over quantity, so measurement error in quantity affects both and biases the OLS estimate of sigma towards 1. An estimate with instruments (sigma = iv) avoids this
independent-errors = the IV sigma is free of division bias if measurement errors in quantity are independent across destinations. Quality common to a firm's destinations also affects its prices elsewhere and biases sigma downwards
no-price-elsewhere = firm has no price in other destinations: { $lone } of { $n } rows, { $fate }; sigma estimated from { $used } rows
without-drop = left out of the estimation of sigma
without-region = replaced by the price of other firms in the region where available, otherwise left out of the estimation of sigma
without-ols = its own price instead
no-parameters = no usable parameters: { $products } products
no-parameters-of-product = no usable sigma, theta and alpha of its product
no-cost = cost or productivity of its firm-year missing
assumed = assumed: CES demand over quality z^alpha times quantity; one input bundle, of which each unit uses z^(1/theta)/productivity, with 0 < alpha theta < 1; a specific trade cost, so that the firm chooses quality jointly with price; constant markups; f.o.b. unit values
assumed-no-cost = assumed (cost=none): all exporters of a product have the same input cost over productivity in all years. Quality therefore ranks the rows of a product exactly as unit values do
feature-without-price = feature { $feature } has no price in { $times } of { $n } regressions: it does not vary within { $effects } or is collinear with other features
price-of-features = price of features in log points, { $effects } partialled out: { $prices }; within R2 { $r2 }; { $n } regression(s), by { $by }
median-price-of-features = median price of features in log points, { $effects } partialled out: { $prices }; median within R2 { $r2 }; { $n } regression(s), by { $by }
group-not-known = { $group } not known ({ $share } of value)
coefficients = coefficients for { $good } of { $all } industries (× unit) from { $n } rows
coefficients-with-medians = coefficients for { $good } of { $all } industries (× unit) from { $n } rows; median alpha { $alpha }, median nest coefficient { $nest }
industries-refused = rejected: { $n } industries, { $why }
nest-few = its industry has too few rows or products to identify the coefficients on price and nest share
nest-alpha = alpha not below 0 in its industry
nest-coefficient = nest coefficient not between 0 and 1 in its industry
nest-unknown = outside share or industry missing
nest-rest = its size is missing, or no row of its industry has all instruments
exogenous-price = price and nest share are treated as exogenous: alpha is biased towards 0 if quality raises price
size-absorbed = in { $n } of { $all } industries, the fixed effects absorb size, which is therefore not controlled for
weak-instruments = weak instruments: Kleibergen-Paap F below { $weak } in { $n } of { $all } industries
sigma-at-or-below = sigma at or below { $least }
sigma-was-refused = sigma rejected
no-region-of-firm = no region for the firm
no-gdp-of-firm = no GDP for the firm's region-year
n-rows-of = { $what }: { $n } rows
of-year = { $year }: { $what }
codes-new = records in codes that appear for the first time hold { $share } of value
codes-gone = records in codes that do not appear again held { $share } of the previous value
main-unit-changed = records in codes whose main unit of quantity changed hold { $share } of value
hs-revision = HS revision: { $new } of value in new codes, { $gone } in discontinued codes
varieties-are-f = settings: method={ $method }, varieties are firms
varieties-are-g = settings: method={ $method }, varieties as in the column variety
varieties-are-m = settings: method={ $method }, varieties are destinations
differences-used = differences used: { $n }
first-year-of-variety = first year of the variety, or after a gap
reference-variety = the reference variety itself, or a year without it
few-differences = fewer than { $n } differences of the variety
fallback-no = products solved in closed form: { $n }
fallback-inadmissible = products without an admissible solution: { $n }
fallback-too-few-varieties = products with too few varieties: { $n }
fallback-grid = products solved by grid search: { $n }
fallback-constrained = products solved by constrained LIML: { $n }
summed-into-another = summed into another row with the same { $key }
rows-of-a-product = { $n } rows of one product
cells-of-two-effects = { $n } cells of two effects
levels-of-an-effect = the factors of a system of { $n } levels (iteration is slow)
rows-of-an-industry = { $n } rows of one industry
in-files = rows are in files: about { $size } on the disk of { $folder } (TMPDIR)
key-variety = variety
key-regime = regime
missing = quality missing: { $why }
missing-rows = quality missing: { $why }, { $n } rows
all-equal = all { $what } of its { $pool } are equal
called-qualities = qualities
customs-rows = customs rows
cells-of-effects = cells of the effects
called-residuals = residuals
called-relative-prices = relative prices
pool-product = product
pool-product_year = product-year
pool-all = all
beyond-percentiles = beyond the 1st or 99th percentile of its { $pool }
value-without-quality = rows without quality hold { $share } of value
trend-of-product = trend of quality: the standardisation { $standardise } rescales each product to the range 0 to 1 over all years, so levels are not comparable across products
trend-of-pool = trend of quality: the standardisation { $standardise } rescales each pool to the range 0 to 1 over all years, so levels are not comparable across products
trend-of-minmax = trend of quality: with minmax, a single extreme row can shift a trend
trend-of-product-year = trend: with pool product_year, every product-year has the same scale, so a general rise in quality is not visible
trend-of-effects = trend of quality: the fixed effects { $effects } remove what all exporters of one product, destination or year have in common. A common rise in quality is therefore not identified
none-of-firm = quality missing: { $n } firm-years have no row with quality
none-of-firm_product = quality missing: { $n } firm-product-years have no row with quality
none-of-industry = quality missing: { $n } industry-years have no row with quality
none-of-region = quality missing: { $n } region-years have no row with quality
none-of-destination = quality missing: { $n } destination-years have no row with quality
none-of-ladder = quality missing: { $n } ladders have no row with quality
leverage-1 = its fixed effects ({ $effects }) fit the row exactly (leverage 1)
rating-missing = rating missing
feature-missing = a feature missing
few-rows-to-price = too few rows of its { $by } to estimate feature prices
only-row-of = the only row of its { $cell }
few-rows-for-sigma = fewer rows than parameters
flat-price = price does not vary within markets
weak-first-stage = first-stage F below { $f }
low-estimate = estimate at or below { $least }
low-sigma = at or below { $least }, from { $hit }
inadmissible-estimate = inadmissible
few-varieties-for-sigma = too few varieties
alone-in-market = the only firms in their market in the year
parameters-no = sigma and theta of { $n ->
    [one] { $n } product
   *[other] { $n } products
} estimated
parameters-constrained = sigma and theta of { $n ->
    [one] { $n } product
   *[other] { $n } products
} estimated subject to bounds, because the closed-form solution was not admissible
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
