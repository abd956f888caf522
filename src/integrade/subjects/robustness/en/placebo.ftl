next-year = next year's { $x }
later-years = the { $x } of later years ({ $years } ahead)
beside-this-year = { $what }, controlling for the current value (Table { $table }; { $numbers })
beside-the-past = { $what }, controlling for current and earlier values (Table { $table }; { $numbers })
joint = joint test { $p }
holm = Holm-adjusted { $p }
wild = wild cluster bootstrap { $p }
tests = Placebo tests of later values, which cannot affect the present: { $tests }.
it-passes = The placebo test does not reject at the 5% level. We find no evidence of pre-existing trends.
it-rejects = The placebo test rejects at the 5% level, so the design fails it.
none-rejects = No placebo test rejects at the 5% level. We find no evidence of pre-existing trends.
it-is-low = Only one of its two p-values is below 5%, so the test does not reject. This is suggestive but not conclusive.
low-alone = { $low ->
    [one] { $low } of { $tests } is
   *[other] { $low } of { $tests } are
} significant at 5% before the Holm adjustment, and none is after it. This is suggestive but not conclusive.
all-low = Each is significant at 5% before the Holm adjustment, and none is after it. This is suggestive but not conclusive.
all-reject = All placebo tests reject at the 5% level, so the design fails them.
disagree = { $rejecting ->
    [one] { $rejecting } of { $tests } placebo tests rejects
   *[other] { $rejecting } of { $tests } placebo tests reject
} after Holm's adjustment, so the design fails at least in part. A test that passes on other rows or with other terms does not offset this.
reasons = Possible reasons are pre-existing trends, anticipation by firms, and an omitted factor that affects both variables. Sampling error in the index is another: later values then carry information on this year's true value.
noise = An estimated { $share } of the differences in this index between regions within a year is measurement error. This error can make a placebo test reject, and the tests cannot separate it from a trend.
failed = a placebo test rejects: { $tests }
not-counted = The placebo test is not counted as a variant of the regression: { $joint }.
not-counted-and-rejects = The placebo test is not counted as a variant of the regression. It rejects: { $joint }.
not-made = The placebo test could not be run: { $why }.
family = Holm-adjusted p of a placebo test: the larger of the analytic and wild cluster bootstrap p, adjusted over the { $tests } placebo tests of Tables { $tables }.
family-in-one-table = Holm-adjusted p of a placebo test: the larger of the analytic and wild cluster bootstrap p, adjusted over the { $tests } placebo tests of Table { $tables }.
corrected = with the index corrected for noise { $p }
uncorrected = not corrected for noise in the index
reasons-but-noise = Possible reasons are pre-existing trends, anticipation by firms, and an omitted factor that affects both variables. Noise in the index is not the reason, because the corrected test rejects too.
open = With the uncorrected index, { $open ->
    [one] { $open } of { $tests } rejects
   *[other] { $open } of { $tests } reject
}. With the index corrected for noise none does, or no correction is possible. The tests are inconclusive on pre-existing trends.
