against-it = What speaks against it
association = It is an association: no instrument and no design stands behind it.
association-net-of = It is an association net of { $effects } effects: no instrument and no design stands behind it.
by-instrument = By the instrument it is an effect of the one on the other, if the instrument acts in no other way, which these data cannot show.
corrected = Corrected for the noise of the index the change is { $change }.
in-deviations = That is { $change } standard deviations of { $outcome }.
share-past = { $share } of the observations lie beyond it.
size = Moving { $x } from its 25th percentile ({ $start }) to its 75th ({ $end }) goes with a change of { $change } in { $outcome } (95 % interval from { $low } to { $high }).
size-by-deviation = Moving { $x } by one standard deviation, from { $start } to { $end }, goes with a change of { $change } in { $outcome } (95 % interval from { $low } to { $high }).
true-point = In the simulated economy the curve turns at { $truth }.
true-point-and-regression = In the simulated economy the curve turns at { $truth }, and in the same regression on true data at { $regression }.
true-size = In the simulated economy this move changes { $outcome } by { $truth } where it acts.
true-size-and-regression = In the simulated economy this move changes { $outcome } by { $truth } in the firms that it acts on, and by { $regression } in the same regression on true data.
turns = The fitted curve turns at { $x } = { $point }, with the Fieller interval { $interval }.
own-set-covered = Of such sets, which take the index as known, { $share } held the true turning point in simulated samples of the nearest design.
corrected-turning = Corrected for the noise of the index ({ $way }) it turns at { $point }, with the Fieller set { $interval }.
corrected-set-covered = Of such corrected sets { $share } held the true turning point in the same simulated samples.
turns-outside = The fitted parabola turns at { $x } = { $point }, outside the data, which reach from { $low } to { $high }.
parabola-turns = The fitted parabola turns at { $x } = { $point }, with the Fieller interval { $interval }; that the curve turns is not established (by the rule of H1).
