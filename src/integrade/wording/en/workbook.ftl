# The workbook of the index: `integrade integration ... --workbook FILE`.
sheet-method = Method
sheet-prices = Prices
sheet-logs = Logs
sheet-relative = Relative prices
sheet-means = Means of goods
sheet-effects = Pair effects
sheet-residuals = Residuals
sheet-variances = Variances
sheet-segmentation = Segmentation
sheet-index = Index
sheet-table = Index by year
head-region = region
head-partner = partner
head-first = region_a
head-second = region_b
head-kind = kind
head-group = group
head-other = other
head-year = year
head-month = month
head-weight = weight
head-n-goods = n_goods
head-n-pairs = n_pairs
head-dispersion = dispersion
head-segmentation = segmentation
head-integration = integration
head-se-segmentation = se_segmentation
head-se-integration = se_integration
head-goods-list = goods_list
head-mean = mean of regions
title = Index of market integration, relative price method
what-program = Computed with
what-citation = Please cite
what-files = Files
what-data = Data
what-pairs = Pairs
what-sheets = Sheets
what-formulas = Formulas
what-empty = Empty cells
what-option = Option { $name }
what-account = Rows
program = integrade { $version }
citation = The method: { $method }. The program: The integrade authors, integrade: market integration and export quality, from raw files to a checkable study, version { $version }.
data = { $regions ->
    [one] { $regions } region
   *[other] { $regions } regions
}, { $goods ->
    [one] { $goods } good
   *[other] { $goods } goods
}, { $first } to { $last }
pairs = { $n ->
    [one] { $n } pair
   *[other] { $n } pairs
} of regions (pairs = { $choice })
step = { $sheet }: { $what } ({ $how })
how-formulas = formulas
how-values = values
about-prices = the prices as read, one row per region and period
about-logs-of-indices = x = ln(I/100), where I is the price index with the previous period = 100
about-logs-of-changes = x = ln(P) - ln(P of the period before), the log change of the price
about-logs-of-levels = x = ln(P/100), the log of the price level
about-relative-all = for each pair i, j and period: { $d }; all pairs of regions, because the mean is over all pairs
about-relative-used = for each pair i, j and period: { $d }; the pairs that are compared
relative-difference = |x of i - x of j|, the absolute change of the relative price of each good
relative-signed-difference = x of i - x of j, the change of the relative price of each good
relative-ratio = |exp(x of i - x of j) - 1|, the absolute change of the price ratio of each good
relative-signed-ratio = exp(x of i - x of j) - 1, the change of the price ratio of each good
about-means = the mean of each good and period over the pairs of the sheet { $sheet }
about-means-estimated = the effect of each good and period, estimated together with effects of pairs (demean = { $demean })
about-effects = the effect of each pair, estimated together with the effects of goods and periods (demean = { $demean })
about-residuals = q = the relative price less the mean of its good and period
about-residuals-of-effects = q = the relative price less the effect of its good and period and the effect of its pair
about-residuals-plain = q = the relative price; nothing is subtracted (demean = none)
about-variances = { $what }; every pair is listed twice, once for each of its regions
dispersion-variance = the variance of q over the goods of each pair, with divisor K - { $ddof }
dispersion-sd = the standard deviation of q over the goods of each pair, with divisor K - { $ddof }
dispersion-mean-absolute = the mean of |q| over the goods of each pair
dispersion-joint = the variance of q over the goods of each pair; the index takes goods and partners together
dispersion-over-time = the variance of q over time, averaged over the goods of each pair
dispersion-weighted = the dispersion of q over the goods of each pair, weighted by the shares of goods
about-segmentation-region = the mean over the partners of each region
about-segmentation-weighted = the mean over the partners of each region, weighted by the column { $weight }
about-segmentation-nation = the mean over the pairs of all regions
about-segmentation-pair = the dispersion of each pair
about-segmentation-group = the mean over pairs within, between and outward of groups of regions
about-segmentation-joint = the variance over goods and partners together
about-index = { $formula }, where S is the segmentation
about-table = the integration of each region by year
transform-log-inverse-sqrt = integration = 0.5 ln(1/S)
transform-inverse-sqrt = integration = 1/sqrt(S)
transform-inverse = integration = 1/S
transform-neg-log = integration = -ln(S)
transform-none = integration = S
limit = With up to { $limit } relative prices (pairs x goods x periods) every sheet has formulas; with more, the large sheets have values. Here: { $n }.
not-formulas = These options have values in place of formulas: { $options }.
empty = An empty cell has no value: no price, or a pair with fewer goods than it needs (k_min = { $needed }).
