at-the-median = At the median ({ $x }) the slope is { $slope } (s.e. { $error }).
averages-over-pairs = Each region's value is an average over its pairs with all other regions, so true differences between regions appear smaller than they are. Changes over time common to all regions are measured far more precisely than ranks.
breaks = The index has breaks: { $breaks }.
coverage = Intervals of the index are delete-one-good jackknife intervals; in simulations with this many goods, 95% intervals covered the truth { $share } of the time.
curve = The fitted parabola is { $shape } with its turning point at { $x } = { $point }. The slope is { $slope_low } at the lowest value in the data (t = { $t_low }) and { $slope_high } at the highest (t = { $t_high }).
few-clusters = Inference depends on { $clusters }, not on { $n } rows. With few clusters of unequal size, conventional clustered standard errors (CR1) over-reject. Clustering by firm does not help, because the treatment does not vary between firms of a region. This holds for every table whose note names CR1.
how-far-to-trust = The report states the reliability of its numbers: sampling error of the index, inference with few clusters, and observations lost in each step.
hypotheses-judged = Hypotheses judged by a rule: { $hypotheses }. No other claim receives a verdict here; the other tests in this report question the result or describe the data.
instruments-tried = The benchmark uses no instrument (Table { $table } reports those that were tried): the coefficients are associations within { $units } over time, not causal effects.
limits-of-quality = Quality is the residual of a demand equation. It depends on the elasticities of substitution and on the standardisation that the study chose.
limits-of-index-and-quality = The index and quality are estimates; the standard errors in Table 4 take them as given.
limits-of-the-sample = The coefficients describe the { $places } and years in the sample.
mostly-noise = The differences between regions within a year are mostly noise: an index from { $goods } other goods should correlate { $correlation } with this one.
mostly-signal = The differences between regions within a year are mostly signal: an index from { $goods } other goods should correlate { $correlation } with this one.
no-instrument = No instrument is used: the coefficients are associations within { $units } over time, not causal effects.
not-from-prices = The index is { $measure }, which is not constructed from prices. Its sampling error is unknown, because there are no goods to leave out or to split into halves. The report therefore has no measure of its reliability. Compare it with other measures before basing an argument on the ranking of regions.
observations = Observations
partly-noise = The differences between regions within a year are partly noise: an index from { $goods } other goods should correlate { $correlation } with this one.
past-it = { $share } of the observations lie beyond the turning point: for them the fit implies that higher { $x } is associated with lower { $outcome }.
regression = { CAPITAL($outcome) } is regressed on { $x } (N = { $n }), with { $errors }.
regression-with-effects = { CAPITAL($outcome) } is regressed on { $x } (N = { $n }), with { $effects } fixed effects and { $errors }.
sampling-error = According to its jackknife standard errors, { $share } of the variation between regions within a year is sampling error. Slopes estimated on such an index tend to be attenuated, and their standard errors do not account for that error.
simulated = The data are simulated, so the true parameters are known. Table { $table } compares them with { $n ->
    [one] one estimate
   *[other] { $n } estimates
}.
study-by-measure = This study measures the market integration of { $regions } regions from { $first } to { $last }, by the measure { $measure }. It asks whether firms in more integrated regions export better products.
study-of-prices = This study measures the integration of the goods markets of { $regions } regions from { $first } to { $last }, from the prices of { $goods } goods. It asks whether firms in more integrated regions export better products.
too-small-errors = The headline standard errors treat rows as independent. The treatment varies by region and year, so they are too small; use the clustered ones at the foot of Table { $table } instead.
truth-held = { $held } of { $judged } intervals cover the truth.
turning-point = Turning point, with 95% interval
with-square = { $x } and its square
study-by-measure-of = This study measures how integrated the markets of { $regions } regions were from { $first } to { $last }, by the measure { $measure }, and asks how { $treatment } affects { $outcome }.
study-of-prices-of = This study measures the integration of the goods markets of { $regions } regions from { $first } to { $last }, from the prices of { $goods } goods. It asks how { $treatment } affects { $outcome }.
few-clusters-of-another = Inference depends on { $clusters }, not on { $n } rows. With few clusters of unequal size, conventional clustered standard errors (CR1) over-reject. This holds for every table whose note names CR1.
curve-turns-outside = The turning point of the fitted parabola, { $x } = { $point }, lies outside the data. The slope is { $slope_low } at the lowest value in the data (t = { $t_low }) and { $slope_high } at the highest (t = { $t_high }).
limits-of-the-index = The index is an estimate; the standard errors in Table 4 take it as given.
finer-clusters = The headline standard errors are clustered by { $clusters }. The index is the same for all firms of a region in a year, so errors of a region can be correlated across these clusters. The standard errors are then too small. Cluster by region.
curve-not-established = The fitted parabola has its turning point at { $x } = { $point }; that the relationship turns is not established (by the rule of H1). The slope is { $slope_low } at the lowest value in the data (t = { $t_low }) and { $slope_high } at the highest (t = { $t_high }).
vertex = Turning point of the parabola, with 95% interval (no turn established)
index-of-prices = This study measures how integrated the goods markets of { $regions } regions were from { $first } to { $last }, from the prices of { $goods } goods.
index-by-measure = This study measures how integrated the markets of { $regions } regions were from { $first } to { $last }, by the measure { $measure }.
how-far-to-trust-the-index = The report states the reliability of its numbers: sampling error of the index, the influence of single goods, and observations lost in each step.
years = Years
regions = Regions
goods = Goods
reliability = Reliability of differences between regions, from 0 to 1 (Spearman-Brown)
noise-share = Of the differences between regions within a year, this share is measurement error
study-of-a-panel = This study asks how { $treatment } affects { $outcome }, using a panel supplied ready-made.
how-far-to-trust-a-panel = Reported next to each number is how far it can be trusted: inference with few clusters, and observations lost along the way.
truth-missed-by-measurement = Not covered, although the interval of the same regression on true data covers the truth: { $parameters }. The two regressions differ only in measurement error, unless a note of Table { $table } states otherwise.
truth-missed-on-true-data = Not covered, and not by the interval of the same regression on true data either: { $parameters }. There measurement is not the only reason; the notes of Table { $table } give the others.
truth-missed = Not covered, without an interval on true data to compare with: { $parameters }.
the-index = { CAPITAL($x) } is the study's index of market integration.
the-quality = { CAPITAL($outcome) } is the residual of a demand equation: what a firm sells of a product in a market beyond what its price explains.
