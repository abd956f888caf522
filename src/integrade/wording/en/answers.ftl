u-test = the U-test
u-test-uncorrected = the U-test on the uncorrected index
changed-and-left-out = In { $passed } of { $changed } variants of Table { $table } that omit no region, year or industry, { $test } finds an inverted U at 5%. The turning point in { $x } ranges from { $low } to { $high } over these variants and over samples that omit one region, year or industry.
changed-regressions = In { $passed } of { $changed } variants of Table { $table } that omit no region, year or industry, { $test } finds an inverted U at 5%. The turning point in { $x } ranges from { $low } to { $high }.
changes-not-made = { $changes ->
    [one] { $changes } variant
   *[other] { $changes } variants
} could not be estimated; the table gives the reasons.
groups-differ = { $split } (Table { $table }): { $tests } reject equal effects (largest p-value: { $p }).
groups-do-not-differ = { $split } (Table { $table }): we cannot reject equal effects ({ $test }: { $p }).
groups-differ-by-one-test = { $split } (Table { $table }): { $tests } rejects equal effects ({ $p }).
test-adjusted = the joint test
test-adjusted-wild = the wild cluster bootstrap
test-permuted = the permutation test
holm = Holm-adjusted { $p }
lag-alone = { $lag } { $p }
lags-alone = Columns with one lag of { $x } enter it without the current value. The joint tests of the lag have Holm-adjusted p-values: { $lags } (from the larger of the analytical and the bootstrap p-value). If the series is persistent, the lag also picks up the effect of the current value.
lags-add-nothing = Controlling for the current value, all lags are jointly insignificant ({ $p }).
lags-together = Controlling for the current value, all lags are jointly significant ({ $p }).
lags-together-with-noise = Controlling for the current value, all lags are jointly significant ({ $p }). This result is not evidence of a delayed effect. An estimated { $share } of the differences in the index between regions within a year is noise. Earlier values therefore also carry information on this year's true index.
mediator = Table { $table } reports the tests of an indirect effect at several values of the treatment. It is established if, at one of them, both paths and their product are significant at 5% (Holm-adjusted over these values). Tests with standard errors and draws by cluster must agree. A causal interpretation requires that no omitted variable affects both the mediator and the outcome.
mediator-and-noise = According to jackknife standard errors, an estimated { $share } of the variance of the index between regions within a year is noise. Noise biases the path from the index to the mediator towards zero. A mediator that is correlated with the true index also picks up part of the effect of the index. The path from the mediator is then overstated.
mediators = Tables { $tables } report the tests of an indirect effect at several values of the treatment. It is established if, at one of them, both paths and their product are significant at 5% (Holm-adjusted over these values). Tests with standard errors and draws by cluster must agree. A causal interpretation requires that no omitted variable affects both the mediator and the outcome.
table-number = { $number }
groups-untested = { $split } (Table { $table }): no conclusion, because the required wild cluster bootstrap was not run.
groups-uncorrected = The p-values of this section use the uncorrected index. A hypothesis is supported only if the corrected index gives the same result. The p-value of its verdict can therefore be larger.
