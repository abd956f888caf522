next-year = next year's { $x }
later-years = the { $x } of later years ({ $years } ahead)
beside-this-year = { $what }, controlling for the current value (Table { $table }, N = { $n }; { $numbers })
beside-the-past = { $what }, controlling for current and earlier values (Table { $table }, N = { $n }; { $numbers })
joint = joint test { $p }
holm = Holm-adjusted { $p }
wild = wild cluster bootstrap { $p }
holm-of-larger = the larger of the two, Holm-adjusted, { $p }
tests = Placebo tests (the future cannot affect the present): { $tests }.
it-passes = It does not reject at 5%: there is no sign of pre-existing trends, which does not prove that there are none.
it-rejects = It rejects: the design fails its placebo test.
none-rejects = None rejects at 5%: there is no sign of pre-existing trends, which does not prove that there are none.
it-is-low = One of its two p-values is below 5% and the other is not, so it does not reject. That leaves a doubt and is no finding.
low-alone = { $low ->
    [one] { $low } of { $tests } is
   *[other] { $low } of { $tests } are
} significant at 5% before the Holm adjustment for several tests (made with the larger p-value where a bootstrap was run); none is after it. That leaves a doubt and is no finding.
all-low = Each is significant at 5% before the Holm adjustment for several tests (made with the larger p-value where a bootstrap was run); none is after it. That leaves a doubt and is no finding.
all-reject = Each rejects: the design fails its placebo tests.
disagree = They disagree: { $rejecting ->
    [one] { $rejecting } of { $tests } rejects after Holm's adjustment. The design fails that one
   *[other] { $rejecting } of { $tests } reject after Holm's adjustment. The design fails those
}, and one that passes on other rows or with other terms beside it does not undo this.
reasons = A placebo test rejects if there are pre-existing trends, if firms act on expectations, if an omitted factor moves both, or if the index has sampling error, because a later value is then informative about this year's true one.
noise = An estimated { $share } of the differences in this index between regions within a year is sampling error. That alone can make a placebo test reject, and these tests cannot distinguish it from a trend.
failed = a placebo test rejects: { $tests }
not-counted = The placebo in the table tests the design rather than varying the regression and is not counted: { $joint }.
not-counted-and-rejects = The placebo in the table tests the design rather than varying the regression and is not counted: { $joint }; it rejects.
not-made = The placebo test could not be run: { $why }.
family = Holm-adjusted p of a placebo: the larger of the p of the joint test and of the wild cluster bootstrap (where drawn), adjusted over the { $tests } placebo tests of Tables { $tables }.
family-in-one-table = Holm-adjusted p of a placebo: the larger of the p of the joint test and of the wild cluster bootstrap (where drawn), adjusted over the { $tests } placebo tests of Table { $tables }.
corrected = with the index corrected for noise { $p }
uncorrected = this test could not be corrected for noise in the index
reasons-but-noise = A placebo test rejects if there are pre-existing trends, if firms act on expectations, or if an omitted factor moves both. Noise in the index does not explain it: the corrected test rejects too.
open = With the index as printed, { $open ->
    [one] { $open } of { $tests } rejects
   *[other] { $open } of { $tests } reject
}. With the index corrected for noise none does, or the correction cannot be made: next year's index stands in for what noise hides of this year's. Whether there are pre-existing trends cannot be told with this index.
