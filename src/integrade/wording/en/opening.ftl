association = This is an association: no instrument or research design supports a causal reading.
association-net-of = This is an association net of { $effects } fixed effects: no instrument or research design supports a causal reading.
by-instrument = With the instrument this is an effect of the one on the other, provided the exclusion restriction holds, which these data cannot show.
corrected = Corrected for noise in the index, the change is { $change }.
in-deviations = That is { $change } standard deviations of { $outcome }.
share-past = { $share } of the observations lie beyond the turning point.
size = Moving { $x } from its 25th percentile ({ $start }) to its 75th ({ $end }) is associated with a change of { $change } in { $outcome } (95% interval from { $low } to { $high }).
size-by-deviation = Moving { $x } by one standard deviation, from { $start } to { $end }, is associated with a change of { $change } in { $outcome } (95% interval from { $low } to { $high }).
true-point = In the simulated economy the true turning point is { $truth }.
true-point-and-regression = In the simulated economy the true turning point is { $truth }; the same regression on true data puts it at { $regression }.
true-size = In the simulated economy this move changes { $outcome } by { $truth } where it has an effect.
true-size-and-regression = In the simulated economy this move changes { $outcome } by { $truth } in the firms it affects, and by { $regression } in the same regression on true data.
turns = The fitted curve turns where { $x } is { $point } (95% interval { $interval }, by Fieller's method for ratios).
own-set-covered = Such sets take the index as known: where they were not the whole line, they covered the true turning point in { $share } of samples of simulated designs near this study (nominal: 95%).
corrected-turning = Corrected for noise in the index ({ $way }), the turning point is { $point } (95% interval { $interval }, by Fieller's method for ratios).
corrected-set-covered = In the same simulated samples, such corrected sets were unbounded in { $uninformative }; the others covered the true turning point in { $share }.
turns-outside = The turning point of the fitted parabola, { $x } = { $point }, lies outside the data, which range from { $low } to { $high }.
parabola-turns = The fitted parabola has its turning point at { $x } = { $point } (95% Fieller interval { $interval }); that the relationship turns is not established (by the rule of H1).
correction-away = In this sample the corrected change is farther from what the regression gives on true data than the uncorrected one.
correction-nearer = In this sample the corrected change is nearer to what the regression gives on true data than the uncorrected one.
inconclusive = Weak instruments
corrected-turning-away = In this sample the corrected turning point is farther from what the regression gives on true data than the uncorrected one.
corrected-turning-nearer = In this sample the corrected turning point is nearer to what the regression gives on true data than the uncorrected one.
size-corrected = Moving { $x } from its 25th percentile ({ $start }) to its 75th ({ $end }) is associated with a change of { $change } in { $outcome } (95% interval from { $low } to { $high }), corrected for noise in the index.
size-corrected-by-deviation = Moving { $x } by one standard deviation, from { $start } to { $end }, is associated with a change of { $change } in { $outcome } (95% interval from { $low } to { $high }), corrected for noise in the index.
as-printed = Taking the index as known, the change would be { $change } ({ $low } to { $high }).
too-noisy = The size of the effect cannot be told with this index: indices from halves of its goods agree too little to correct for its noise. The numbers here take the index as known.
not-corrected = The size of the effect cannot be told with this index: the regression could not be corrected for noise ({ $why }). The numbers here take the index as known.
