at-the-median = At the median ({ $x }) the slope is { $slope } (s.e. { $error }).
averages-over-pairs = Each region's value is an average over its pairs with all other regions. True differences between regions therefore appear smaller than they are. Changes over time that all regions share are measured far more precisely than ranks.
breaks = The index has breaks: { $breaks }.
coverage = The intervals of the index are jackknife intervals, from leaving out one good at a time. In simulations with the same number of goods, 95% intervals contain the true value in { $share } of samples.
curve = The fitted parabola is { $shape } with its turning point at { $x } = { $point }. The slope is { $slope_low } at the lowest value in the data (t = { $t_low }) and { $slope_high } at the highest (t = { $t_high }).
few-clusters = All firms of a region share the treatment, so precision depends on { $clusters }, not on { $n } rows. Clustering by firm would ignore this.
how-far-to-trust = The report gives the noise in the index, inference that allows for few clusters, and the observations lost in processing.
instruments-tried = The benchmark uses no instrument for omitted variables or reverse causality. Table { $table } reports the instruments that were tried.
limits-of-quality = Quality depends on the assumed elasticity of substitution, and on how the residual of the demand equation is standardised.
limits-of-quality-estimated = Quality depends on the estimated elasticities of substitution, and on how the residual of the demand equation is standardised.
limits-of-index-and-quality = The standard errors in Table 4 treat the index and quality as known, although both are estimates.
mostly-noise = Differences between regions within a year are mostly noise (measurement error from a small number of goods). The reliability of the index, its expected correlation with an index from { $goods } other goods, is { $correlation }.
mostly-signal = Differences between regions within a year contain little noise (measurement error from a small number of goods). The reliability of the index, its expected correlation with an index from { $goods } other goods, is { $correlation }.
no-instrument = No instrument is used: the coefficients are associations within { $units } over time, not causal effects.
not-from-prices = The index is { $measure }, which is not constructed from prices. Noise in the index is unknown in this study: there are no goods to leave out one at a time or to split into halves. The report therefore gives no reliability of the index. Compare the index with other measures before basing an argument on the ranking of regions.
observations = Observations
partly-noise = Differences between regions within a year are partly noise (measurement error from a small number of goods). The reliability of the index, its expected correlation with an index from { $goods } other goods, is { $correlation }.
past-it = { $share } of the observations lie beyond the turning point. For these observations, the fitted curve implies that higher { $x } is associated with lower { $outcome }.
regression = { CAPITAL($outcome) } is regressed on { $x } (N = { $n }), with { $errors }.
regression-with-effects = { CAPITAL($outcome) } is regressed on { $x } (N = { $n }), with { $effects } fixed effects and { $errors }.
regions-left-out = { $n ->
    [one] One of the { $regions } regions has no observations in the regression.
   *[other] { $n } of the { $regions } regions have no observations in the regression.
}
sampling-error = According to jackknife standard errors, an estimated { $share } of the variance between regions within a year is noise. A slope estimated on a noisy index tends to be biased towards zero. Its standard error does not account for the noise.
simulated = The data are simulated, so the true parameters are known. Table { $table } compares { $n ->
    [one] one estimate
   *[other] { $n } estimates
} with the true values.
study-by-measure = This study measures the market integration of { $regions } regions from { $first } to { $last }, by the measure { $measure }. It asks whether firms in more integrated regions export better products.
study-of-prices = This study measures the integration of the goods markets of { $regions } regions from { $first } to { $last }, from the prices of { $goods } goods. It asks whether firms in more integrated regions export better products.
too-small-errors = The standard errors of the main result treat rows as independent. The treatment varies by region and year, so these standard errors are too small. Use the clustered standard errors at the foot of Table { $table } instead.
truth-held = { $held } of { $judged } intervals cover the true value of their parameter.
turning-point = Turning point, with 95% interval
with-square = { $x } and its square
study-by-measure-of = This study measures how integrated the markets of { $regions } regions were from { $first } to { $last }, by the measure { $measure }. It asks how { $treatment } affects { $outcome }.
study-of-prices-of = This study measures the integration of the goods markets of { $regions } regions from { $first } to { $last }, from the prices of { $goods } goods. It asks how { $treatment } affects { $outcome }.
few-clusters-of-another = Inference depends on { $clusters }, not on { $n } rows.
curve-turns-outside = The turning point of the fitted parabola, { $x } = { $point }, lies outside the data. The slope is { $slope_low } at the lowest value in the data (t = { $t_low }) and { $slope_high } at the highest (t = { $t_high }).
limits-of-the-index = The standard errors in Table 4 treat the index as known, although it is an estimate.
finer-clusters = The standard errors of the main result are clustered by { $clusters }. The index takes a single value for all firms of a region in a year. Errors within a region can be correlated across { $clusters } clusters, so the standard errors are too small. Cluster by region.
curve-not-established = The slope of the fitted parabola is { $slope_low } at the lowest value in the data (t = { $t_low }) and { $slope_high } at the highest (t = { $t_high }).
vertex = Maximum or minimum of the fitted parabola, with 95% interval (the tests establish no turning point)
index-of-prices = This study measures how integrated the goods markets of { $regions } regions were from { $first } to { $last }, from the prices of { $goods } goods.
index-by-measure = This study measures how integrated the markets of { $regions } regions were from { $first } to { $last }, by the measure { $measure }.
how-far-to-trust-the-index = The report gives the noise in the index, the influence of each good, and the observations lost in processing.
years = Years
regions = Regions
goods = Goods
reliability = Reliability of differences between regions, from 0 to 1 (Spearman-Brown)
noise-share = Share of noise in the variance between regions
study-of-a-panel = This study asks how { $treatment } affects { $outcome }, using a panel supplied ready-made.
how-far-to-trust-a-panel = The report gives inference that allows for few clusters, and the observations lost in processing.
truth-missed-by-measurement = These intervals do not cover the true value: { $parameters }. The intervals of the same regressions with true values cover it, so measurement error is the likely reason. A note of Table { $table } names any other difference.
truth-missed-on-true-data = These intervals do not cover the true value with measured or with true data: { $parameters }. Measurement error is therefore not the only reason. The notes of Table { $table } give the other reasons.
truth-missed = These intervals do not cover the true value, and there is no interval with true values to compare: { $parameters }.
the-index = { CAPITAL($x) } is the study's index of market integration.
the-quality = { CAPITAL($outcome) } is the residual of a demand equation: what a firm sells of a product in a market beyond what its price explains.
