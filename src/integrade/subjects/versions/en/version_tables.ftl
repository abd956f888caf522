other-outcomes = The benchmark on other outcomes
other-indices = The benchmark on other indices of integration
parts-of-the-sample = The benchmark on parts of the sample
own = Benchmark of the study
what-differs = Settings of the study file that differ from column (1): { $changes }.
different-units = The outcomes have different units, so the last rows compare effects in standard deviations.
not-tested = We do not test whether the columns differ, because column (1) includes the rows of the others. For tests between periods or areas, see the tables by group.
moves = Change in the outcome in standard deviations, by change in the treatment
move-of = Change in s.d., { $x } from { $move }
u-test-holm = U-test p, Holm over the outcomes
moves-from = { CAPITAL($x) } moves from
change-in-sd = Change of the outcome, in its s.d.
tip-name = name
tip-move = move
tip-value = value
tip-low = low
tip-high = high
outcome-named = Outcome: { $name }
index-named = Index: { $name }
sample-named = Sample: { $name }
figure = The benchmark with other outcomes, indices and samples
figure-intervals = Points: change in the outcome, in standard deviations. Bars: 95% intervals, which take the percentiles of the treatment as given.
figure-row = { $name }, { $move }: { $value } s.d.
figure-text = { $each }.
n-outcomes = { $n ->
    [one] { $n } other outcome
   *[other] { $n } other outcomes
}
n-indices = { $n ->
    [one] { $n } other index
   *[other] { $n } other indices
}
n-samples = { $n ->
    [one] { $n } part of the sample
   *[other] { $n } parts of the sample
}
needs-wild = With { $kind } standard errors, the rule of H1 requires the wild cluster bootstrap. The bootstrap is not run for other outcomes, indices and samples, so none of these can satisfy the rule.
inverted = The same regression was run on { $versions }. Of these { $tested }, { $passed } meet the conditions of H1.
inverted-uncorrected = The same regression was run on { $versions }. With the uncorrected index, { $passed } of { $tested } meet the conditions of H1.
turns-between = In the parts of the sample, the turning point ranges from { $low } to { $high }.
missed = In the version “{ $name }”, { $n ->
    [one] one condition of the rule of H1 fails
   *[other] { $n } conditions of the rule of H1 fail
}: { $parts }.
failing = the { $test } ({ $p })
failing-square = the negative sign of the square
undecided = In the version “{ $name }”, not every condition of the rule of H1 was tested.
announced = The original paper announces robustness checks with other measures and prints none.
complete-unit-value = Unit value
complete-trimmed = Minimum and maximum without extremes
complete-adjacent = Adjacent pairs
complete-absolute = Mean absolute deviation
