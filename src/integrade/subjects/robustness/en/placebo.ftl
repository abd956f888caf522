next-year = next year's { $x }
later-years = the { $x } of later years ({ $years } ahead)
beside-this-year = { $what }, controlling for the current value ({ $numbers }; Table { $table })
beside-the-past = { $what }, controlling for current and earlier values ({ $numbers }; Table { $table })
joint = joint test { $p }
holm = Holm-adjusted { $p }
wild = wild cluster bootstrap { $p }
tests = Unless firms anticipate them, values of later years do not affect the present, so placebo tests should not reject.
one-test = We test { $test }.
it-passes = The placebo test does not reject: no unadjusted p-value is below 10%. We find no evidence of pre-existing trends.
it-rejects = The placebo test rejects at the 5% level, so the design fails this test.
none-rejects = No placebo test rejects: no unadjusted p-value is below 10%. We find no evidence of pre-existing trends.
it-is-low = The placebo test does not reject, because only one of its two p-values is below 5%. This evidence of pre-existing trends is suggestive but not conclusive.
low-alone = { $low ->
    [one] { $low } of the { $tests } placebo tests is
   *[other] { $low } of the { $tests } placebo tests are
} significant at 5% before the Holm adjustment, and none after the adjustment. This evidence of pre-existing trends is suggestive but not conclusive.
all-low = Each placebo test is significant at 5% before the Holm adjustment, and none after the adjustment. This evidence of pre-existing trends is suggestive but not conclusive.
all-reject = All placebo tests reject at the 5% level, so the design fails them.
disagree = { $rejecting ->
    [one] { $rejecting } of { $tests } placebo tests rejects
   *[other] { $rejecting } of { $tests } placebo tests reject
} after Holm's adjustment, so the design fails at least in part. A second placebo test that does not reject, on other rows or with other terms, does not offset this failure.
reasons = Possible reasons are pre-existing trends, anticipation by firms, and an omitted factor that affects both variables. Noise in the index is another possible reason: with noise, later values of the index carry information on this year's true index.
noise = An estimated { $share } of the differences in the index between regions within a year is noise. Noise alone can make a placebo test reject, even without a trend. The tests cannot separate noise from a trend.
failed = a placebo test rejects: { $tests }
not-counted = The placebo test ({ $joint }) is not counted as a variant.
not-counted-and-rejects = The placebo test rejects: { $joint }. It is not a variant of the regression and not counted as one.
not-made = The placebo test could not be run: { $why }.
family = The Holm adjustment covers the { $tests } placebo tests of Tables { $tables }. It uses the larger of two p-values of each joint test: the analytical and that of the wild cluster bootstrap.
family-in-one-table = The Holm adjustment covers the { $tests } placebo tests of Table { $tables }. It uses the larger of two p-values of each joint test: the analytical and that of the wild cluster bootstrap.
corrected = with the index corrected for noise { $p }
uncorrected = not corrected for noise in the index
reasons-but-noise = Possible reasons are pre-existing trends, anticipation by firms, and an omitted factor that affects both variables. Noise in the index is unlikely to be the only reason, because the test with the corrected index rejects, too.
open = Without the correction for noise in the index, { $open ->
    [one] { $open } of the { $tests } placebo tests rejects
   *[other] { $open } of the { $tests } placebo tests reject
}. With the index corrected for noise, none rejects. The placebo tests are therefore inconclusive on pre-existing trends.
it-is-not-significant = The placebo test is not significant at the 5% level ({ $p }).
none-is-significant = No placebo test is significant at the 5% level after the Holm adjustment (smallest { $p }).
open-uncorrected = Without the correction for noise in the index, { $open ->
    [one] { $open } of the { $tests } placebo tests rejects, and this test
   *[other] { $open } of the { $tests } placebo tests reject, and these tests
} cannot be corrected for noise. The placebo tests are therefore inconclusive on pre-existing trends.
open-in-part = Without the correction for noise in the index, { $open } of the { $tests } placebo tests reject. Some of these tests can be corrected for noise, and they no longer reject. The others cannot be corrected. The placebo tests are therefore inconclusive on pre-existing trends.
