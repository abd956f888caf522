association = The result is an association: no instrument or research design supports a causal reading.
association-net-of = The result is an association net of { $effects } fixed effects: no instrument or research design supports a causal reading.
by-instrument = The estimate uses an instrument. It is a causal effect only if the exclusion restriction is satisfied. The data cannot test the exclusion restriction.
corrected = Corrected for noise in the index, the change is { $change }.
in-deviations = The change is { $change } standard deviations of { $outcome }.
share-past = { $share } of the observations lie beyond the turning point.
size = An increase in { $x } from its 25th to its 75th percentile ({ $start } to { $end }) is associated with a change of { $change } in { $outcome } (95% interval { $low } to { $high }).
size-by-deviation = An increase in { $x } by one standard deviation, from { $start } to { $end }, is associated with a change of { $change } in { $outcome } (95% interval { $low } to { $high }).
true-point = The turning point of the simulated model is { $truth }.
true-point-and-regression = The turning point of the simulated model is { $truth }. The same quadratic regression with the true quality and the true index gives { $regression }. The two differ because a pooled regression on a finite sample does not reproduce the model exactly.
true-size = In the simulated economy, the same change of the index changes { $outcome } by { $truth } in the firms that integration affects.
true-size-and-regression = In the simulated economy, the same change of the index changes { $outcome } by { $truth } in the firms that integration affects. The same regression with true values gives { $regression }.
turns = The fitted curve turns where { $x } is { $point } (95% Fieller interval { $interval }).
own-set-covered = This interval ignores noise in the index. In samples simulated from designs near this study, such intervals contain the true turning point in { $share } of cases (nominal: 95%). Sets that contain every value are excluded from this share.
corrected-turning = Corrected for noise in the index, the turning point is { $point } (95% Fieller interval { $interval }). The correction uses the method { $way }. Table { $table } uses the uncorrected index.
corrected-set-covered = In { $uninformative } of samples simulated from designs near this study, the corrected Fieller set contains every value and is uninformative. Of the other corrected sets, { $share } contain the true turning point.
turns-outside = The turning point of the fitted parabola, { $x } = { $point }, lies outside the data, which range from { $low } to { $high }.
parabola-turns = The fitted parabola has its turning point at { $x } = { $point } (95% Fieller interval { $interval }). By the rule of H1, the tests do not establish a turning point.
correction-away = In this sample, the corrected estimate ({ $corrected }) is farther from the estimate with true values than the uncorrected one ({ $uncorrected }).
correction-nearer = In this sample, the corrected estimate ({ $corrected }) is closer to the estimate with true values than the uncorrected one ({ $uncorrected }).
inconclusive = Weak instruments
corrected-turning-away = In this sample, the corrected turning point ({ $corrected }) is farther from this estimate than the uncorrected one ({ $uncorrected }).
corrected-turning-nearer = In this sample, the corrected turning point ({ $corrected }) is closer to this estimate than the uncorrected one ({ $uncorrected }).
size-corrected = Corrected for noise, an increase in { $x } from its 25th to its 75th percentile ({ $start } to { $end }) is associated with a change of { $change } in { $outcome } (95% interval { $low } to { $high }).
size-corrected-by-deviation = Corrected for noise, an increase in { $x } by one standard deviation ({ $start } to { $end }) is associated with a change of { $change } in { $outcome } (95% interval { $low } to { $high }).
as-printed = Without the correction for noise, an increase in { $x } from { $start } to { $end } is associated with a change of { $change } in { $outcome } (95% interval { $low } to { $high }).
too-noisy = The size of the effect cannot be estimated with this index. The indices of two random halves of the goods are too weakly correlated to correct for noise. The numbers here ignore noise in the index.
not-corrected = The size of the effect cannot be estimated with this index: the regression could not be corrected for noise ({ $why }). The numbers here ignore noise in the index.
