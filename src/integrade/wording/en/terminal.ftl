answer = Answer
verdicts = Verdicts
truth = Truth
strongest = Strongest objection
report = Report
run-folder = Run folder
effect = Effect
turning = Turning point
against = Against it
claims = Claims
agree = { $n } of { $all } verdicts agree with the simulated economy.
refuted = Wrong in the simulated economy: { $verdicts }.
missed = True in the simulated economy, but not found: { $verdicts }.
report-also = { $path } (also { $formats })
stops-early = The run stops after { $step }; runs/latest still names the complete run { $run }.
warning = warning
done = done in { $seconds } s
unchanged = nothing changed since the last run
shows = { $what } ({ $how } shows { $counts })
warnings = { $n ->
    [one] 1 warning
   *[other] { $n } warnings
}
notes = { $n ->
    [one] 1 note
   *[other] { $n } notes
}
problems = { $n ->
    [one] 1 problem found
   *[other] { $n } problems found
}
no-problem = no problem found
no-problem-but-warnings = no problem found; { $n ->
    [one] 1 warning
   *[other] { $n } warnings
} above
more-warnings = { $n ->
    [one] 1 more warning
   *[other] { $n } more warnings
}
shows-before = { $how } shows { $counts } from before the error
by-the-paper = Supported by sign and stars, as in the paper: { $answer }
no-verdicts = The study tests no hypothesis.
counts-of-rows = { $n ->
    [one] 1 count of rows
   *[other] { $n } counts of rows
}
