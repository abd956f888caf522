other-outcomes = The benchmark on other outcomes
other-indices = The benchmark on other indices of integration
parts-of-the-sample = The benchmark on parts of the sample
own = The study's own
what-differs = Changed from column (1), in the words of the study file: { $changes }.
different-units = Coefficients of outcomes in different units are compared in standard deviations, below them.
not-tested = Columns for overlapping parts, or parts of different size, are not tested against each other; the tables that split the sample into groups do that.
moves = Moves of the treatment, in standard deviations of the outcome
move-of = { $x }, { $move }
u-test-holm = U-test p, Holm over the outcomes
moves-from = { $x } moves from
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
figure-intervals = 95% intervals, ends of the moves taken as known
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
needs-wild = With { $kind } standard errors the rule of H1 requires the wild cluster bootstrap, which is not run for these versions: none of them can count.
inverted = The same regression was run on { $versions }; it gives an inverted U by the rule of H1 in { $passed } of { $tested }.
turns-between = In the parts of the sample the turning point lies between { $low } and { $high }.
missed = { $name } fails { $n ->
    [one] one condition
   *[other] { $n } conditions
}: { $parts }.
undecided = Not every condition was tested for { $name }.
