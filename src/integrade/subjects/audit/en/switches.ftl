heading = Other choices
about = { $versions ->
    [one] The audit re-estimated this study in { $versions } version, which changes
   *[other] The audit re-estimated this study in { $versions } versions, each of which changes
} one choice. Select one: the sentences, numbers and curve are then those of that version.
own = Shown: the study's own choices.
version = Shown: the audit's version “{ $choice }”, one change from the study's own choices ({ $before }).
alone = The audit changes one choice at a time; reset before selecting another. The evidence and hypotheses below remain those of the study's own choices.
as-own = { $before } (the study)
not-possible = { $after } (not possible: { $why })
reset = Reset to the study's own choices
size = Moving { $x } from its 25th to 75th percentile ({ $start } to { $end }) is associated with a change of { $change } in { $outcome } (95% interval { $low } to { $high }).
turns = The fitted parabola has its turning point at { $x } = { $point } (95% Fieller interval { $interval }). The U-test has { $p }: { $verdict }. N = { $rows }.
outside = The turning point of the fitted parabola, { $x } = { $point }, lies outside the data, which range from { $first } to { $last }. The U-test has { $p }: { $verdict }. N = { $rows }.
drawn = Curve of the version “{ $choice }”, with its 95% band and the interval of its turning point; dashed grey: the study's own curve.
drawn-alone = Curve of the version “{ $choice }”, with its 95% band and the interval of its turning point; its units are not those of the study's own curve.
none = After { $audit } and { $report }, this page can show the curve under other choices (elasticity, standard errors, sample and more).
other-study = The stored audit belongs to another state of this study; run { $audit } and { $report } again.
unreadable = { $file } is not an audit that this version can read ({ $why }); run { $audit } again
