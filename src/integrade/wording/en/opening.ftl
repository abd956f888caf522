association = The result is an association: no instrument or research design supports a causal reading.
association-net-of = The result is an association net of { $effects } fixed effects: no instrument or research design supports a causal reading.
by-instrument = With the instrument, the estimate is a causal effect if the exclusion restriction holds. The data cannot test the exclusion restriction.
corrected = Corrected for noise in the index, the change is { $change }.
in-deviations = The change is { $change } standard deviations of { $outcome }.
share-past = { $share } of the observations lie beyond the turning point.
size = An increase in { $x } from its 25th to its 75th percentile ({ $start } to { $end }) is associated with a change of { $change } in { $outcome } (95% interval { $low } to { $high }).
size-by-deviation = An increase in { $x } by one standard deviation, from { $start } to { $end }, is associated with a change of { $change } in { $outcome } (95% interval { $low } to { $high }).
true-point = The turning point of the simulated model is { $truth }.
true-point-and-regression = The turning point of the simulated model is { $truth }. The same quadratic regression with the true quality and the true index gives { $regression }. The two differ because a sample and a pooled regression differ from the model.
true-size = In the simulated economy, the same change of the index changes { $outcome } by { $truth } in the firms that integration affects.
true-size-and-regression = In the simulated economy, the same change of the index changes { $outcome } by { $truth } in the firms that integration affects. The same regression with true values gives { $regression }.
turns = The fitted curve turns where { $x } is { $point } (95% Fieller interval { $interval }).
own-set-covered = Of the Fieller sets that ignore noise in the index and exclude some value, { $share } contain the true turning point (nominal: 95%). The samples are from simulated designs near this study.
corrected-turning = With the correction for noise “{ $way }”, the turning point is { $point } (95% Fieller interval { $interval }).
corrected-set-covered = In samples from simulated designs near this study, { $uninformative } of the corrected Fieller sets contain every value. Of the other corrected sets, { $share } contain the true turning point.
turns-outside = The turning point of the fitted parabola, { $x } = { $point }, lies outside the data, which range from { $low } to { $high }.
parabola-turns = The fitted parabola has its turning point at { $x } = { $point } (95% Fieller interval { $interval }). By the rule of H1, the tests do not establish a turning point of the relationship.
correction-away = In this sample the corrected change is farther from the regression with true values than the uncorrected change.
correction-nearer = In this sample the corrected change is nearer to the regression with true values than the uncorrected change.
inconclusive = Weak instruments
corrected-turning-away = In this sample the corrected turning point is farther from the regression with true values than the uncorrected turning point.
corrected-turning-nearer = In this sample the corrected turning point is nearer to the regression with true values than the uncorrected turning point.
size-corrected = Corrected for noise, an increase in { $x } from its 25th to its 75th percentile ({ $start } to { $end }) is associated with a change of { $change } in { $outcome } (95% interval { $low } to { $high }).
size-corrected-by-deviation = Corrected for noise, an increase in { $x } by one standard deviation ({ $start } to { $end }) is associated with a change of { $change } in { $outcome } (95% interval { $low } to { $high }).
as-printed = If noise in the index is ignored, the change in the outcome is { $change } ({ $low } to { $high }).
too-noisy = The size of the effect cannot be estimated with this index: the indices of two random halves of the goods are too weakly correlated to correct for noise. The numbers here ignore noise in the index.
not-corrected = The size of the effect cannot be estimated with this index: the regression could not be corrected for noise ({ $why }). The numbers here ignore noise in the index.
