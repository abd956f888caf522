next-year = { $x } of the next year
later-years = { $x } of later years ({ $years } ahead)
beside-this-year = { $what } beside this year's (Table { $table }, N = { $n }) { $numbers }
beside-the-past = { $what } beside this year's and earlier years' (Table { $table }, N = { $n }) { $numbers }
joint = joint { $p }
holm = Holm-adjusted { $p }
wild = wild { $p }
holm-of-larger = the larger Holm-adjusted { $p }
tests = Placebos, as the future cannot act on the present: { $tests }.
it-passes = It does not reject at 5 %: no sign of trends that come first, which does not prove that there are none.
it-rejects = It rejects: the design fails its placebo.
none-rejects = None rejects at 5 %: no sign of trends that come first, which does not prove that there are none.
it-is-low = One of its two p is below 5 %, the other is not, so that it does not reject. That is a doubt, not a finding.
low-alone = They disagree: { $low ->
    [one] { $low } of { $tests } has
   *[other] { $low } of { $tests } have
} a p below 5 % by itself, none after Holm's adjustment for their number (of the larger p, where a wild one is drawn). That is a doubt, not a finding.
all-low = Each has a p below 5 % by itself, none after Holm's adjustment for their number (of the larger p, where a wild one is drawn). That is a doubt, not a finding.
all-reject = Each rejects: the design fails its placebos.
disagree = They disagree: { $rejecting ->
    [one] { $rejecting } of { $tests } rejects after Holm's adjustment. The design fails that one
   *[other] { $rejecting } of { $tests } reject after Holm's adjustment. The design fails those
}, and one that passes on other rows or with other terms beside it does not undo this.
reasons = A placebo rejects where trends come first, where firms act on what they expect, where something left out moves both, or where the index has sampling error, for a later value then tells of this year's true one.
noise = Of the differences of this index between regions in a year { $share } is sampling error. That alone can make a placebo reject, and these tests do not tell it from a trend.
failed = a placebo rejects: { $tests }
not-counted = The placebo in the table is a test of the design, not a change of the result, and is not counted: { $joint }.
not-counted-and-rejects = The placebo in the table is a test of the design, not a change of the result, and is not counted: { $joint }, it rejects.
not-made = The placebo could not be made: { $why }.
