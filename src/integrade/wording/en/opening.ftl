association = This is an association: no instrument or research design supports a causal reading.
association-net-of = This is an association net of { $effects } fixed effects: no instrument or research design supports a causal reading.
by-instrument = With the instrument this is an effect of the one on the other, provided the exclusion restriction holds, which these data cannot show.
corrected = Corrected for noise in the index, the change is { $change }.
in-deviations = That is { $change } standard deviations of { $outcome }.
share-past = { $share } of the observations lie beyond the turning point.
size = Moving { $x } from its 25th to 75th percentile ({ $start } to { $end }) is associated with a change of { $change } in { $outcome } (95% interval { $low } to { $high }).
size-by-deviation = Moving { $x } by one standard deviation, from { $start } to { $end }, is associated with a change of { $change } in { $outcome } (95% interval from { $low } to { $high }).
true-point = In the simulated economy the true turning point is { $truth }.
true-point-and-regression = The turning point of the simulated economy is { $truth }. The same regression with the true quality and the true index has its turning point at { $regression }.
true-size = In the simulated economy this move changes { $outcome } by { $truth } where it has an effect.
true-size-and-regression = In the simulated economy this move changes { $outcome } by { $truth } in the firms it affects, and by { $regression } in the same regression on true data.
turns = The fitted curve turns where { $x } is { $point } (95% interval { $interval }, by Fieller's method for ratios).
own-set-covered = Such sets do not account for noise in the index. In simulated designs near this study, bounded sets covered the true turning point in { $share } of samples (nominal: 95%).
corrected-turning = Corrected for noise in the index ({ $way }), the turning point is { $point } (95% interval { $interval }, by Fieller's method for ratios).
corrected-set-covered = In simulated samples of designs near this study, { $uninformative } of the corrected Fieller sets excluded no value. The other sets covered the true turning point in { $share } of samples.
turns-outside = The turning point of the fitted parabola, { $x } = { $point }, lies outside the data, which range from { $low } to { $high }.
parabola-turns = The fitted parabola has its turning point at { $x } = { $point } (95% Fieller interval { $interval }); that the relationship turns is not established (by the rule of H1).
correction-away = In this sample the corrected change is farther from what the regression gives on true data than the uncorrected one.
correction-nearer = In this sample the corrected change is nearer to what the regression gives on true data than the uncorrected one.
inconclusive = Weak instruments
corrected-turning-away = In this sample the corrected turning point is farther from what the regression gives on true data than the uncorrected one.
corrected-turning-nearer = In this sample the corrected turning point is nearer to what the regression gives on true data than the uncorrected one.
size-corrected = Corrected for noise, moving { $x } from its 25th to 75th percentile ({ $start } to { $end }) changes { $outcome } by { $change } (95% interval { $low } to { $high }).
size-corrected-by-deviation = Corrected for noise, moving { $x } by one standard deviation ({ $start } to { $end }) changes { $outcome } by { $change } (95% interval { $low } to { $high }).
as-printed = Without a correction for noise in the index, the change in the outcome is { $change } (95% interval { $low } to { $high }).
too-noisy = This index cannot determine the size of the effect: indices from halves of its goods agree too little to correct for its noise. The numbers here do not account for noise in the index.
not-corrected = This index cannot determine the size of the effect: the regression could not be corrected for noise ({ $why }). The numbers here do not account for noise in the index.
