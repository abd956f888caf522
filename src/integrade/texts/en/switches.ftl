heading = Other choices
about = { $versions ->
    [one] The audit has { $versions } version
   *[other] The audit has { $versions } versions
} of this study; each changes one choice. Choose one: sentences, numbers and the curve become those of the version.
own = Shown: the study's own choices.
version = Shown: the version { $choice } of the audit, one change from the study's own choices ({ $before }).
alone = The audit has single changes only, so that no other choice can be made beside this one; reset first. Evidence and hypotheses below are those of the study's own choices.
as-own = { $before } (the study)
not-possible = { $after } (not possible: { $why })
reset = Reset to the study's own choices
size = Moving { $x } from its 25th percentile ({ $start }) to its 75th ({ $end }) goes with a change of { $change } in { $outcome } (95 % interval from { $low } to { $high }).
turns = The fitted parabola has its turning point at { $x } = { $point }, with Fieller interval { $interval }. The U-test has { $p }: { $verdict }. N = { $rows }.
outside = The turning point of the fitted parabola, { $x } = { $point }, lies outside the data, which range from { $first } to { $last }. The U-test has { $p }: { $verdict }. N = { $rows }.
drawn = Curve of the version { $choice }, with its 95 % band and the interval of its turning point; dashed grey: the study's own curve.
drawn-alone = Curve of the version { $choice }, with its 95 % band and the interval of its turning point; its units are not those of the study's own curve.
none = Switches to other choices (elasticity, standard errors, sample and more) stand here after { $audit } and { $report }.
other-study = The stored audit is of another state of this study: { $audit }, then { $report }, make it again.
unreadable = { $file } is no audit that this version reads ({ $why }); make it again: { $audit }
