title = Audit: { $study }
moves = Changes
what-moves = Choices that change the result
choices = Choices
every-choice = Every choice
not-possible = Not possible
not-allowed = Choices the data do not permit
baseline = Baseline: { $formula }, { $errors }, { $rows } rows. { $verdict }.
verdict = Verdict: { $verdict } (U-test { $p }), turning point { $point }
share-past = { $share } of rows beyond the turning point
kept = { $choices ->
    [one] { $choices } choice was changed
   *[other] { $choices } choices were changed one at a time
}. { $kept ->
    [one] { $kept } change leaves
   *[other] { $kept } changes leave
} the verdict unchanged.
another-verdict = The verdict differs under these choices: { $choices }.
choice-and-verdict = { $choice } ({ $verdict })
move-most = The slopes change most under { $choices }.
the-baseline = (baseline)
choice = Choice
baseline-has = Value in the baseline
slope-p10 = Slope p10
slope-p90 = Slope p90
turning-point = Turning point
past-it = Beyond the turning point
u-test-p = U-test p
conclusion = Verdict
errors = Errors
reason = Reason
about-slopes = Slopes of { $outcome } on { $treatment } at the 10th and 90th percentile of each version's own index, in standard deviations of outcome and index. The turning point is in the units of each version's index.
about-verdicts = Verdict: inverted U or U if the U-test has p < 0.05. Otherwise rises or falls if both slopes have the same sign and intervals that exclude zero. Otherwise no clear shape.
under-every-choice = The result under every choice
could-not-be-made = Choices that could not be implemented
axis = Change in the outcome (s.d.) per s.d. of the index
one-choice-at-a-time = The result when one choice is changed at a time
marks = Sorted by size of change; dashed: the baseline; lines: 95% intervals
marks-and-more = Sorted by size of change; dashed: the baseline; lines: 95% intervals. { $more } choices with smaller changes are in Table 1
described = Slopes at the 10th and 90th percentile under { $choices } choices; the numbers are in Table 1.
slope-at-p10 = Slope at the 10th percentile
slope-at-p90 = Slope at the 90th percentile
unreadable = { $file } is not an audit that this version can read ({ $why }). Run { $audit } again
