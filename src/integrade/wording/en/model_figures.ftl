fitted-difference = { $outcome }: difference from its value at mean { $treatment }
fitted-over = Predicted { $outcome } as a function of { $treatment }
curve-marks = band: { $level }% pointwise interval. Orange: turning point with its 95% Fieller interval. Bars: distribution of the observations
curve-and-tests = { $shape } with a turning point at { $point }, Fieller interval { $interval }, U-test { $p }
curve-described = { $curve }.
share-past = { $share } of observations lie beyond the turning point
turning-point = Turning point { $point }
headline = { $errors } (main result)
coefficient = Coefficient, 95% interval
under-different-errors = { CAPITAL($term) } under alternative standard errors
p-of-errors = { $errors }: { $p }
errors-described = { $title }. { $tests }.
share-of-observations = Share of observations
all-years = All years { $share }
past-by-year = Observations beyond the turning point of the parabola in { $treatment }, by year
past-described = { $title }: { $shares }.
divided-by-truth = Estimate divided by true value
estimates-beside-truth = Estimates and true values of the simulated economy
truth-colours = Blue: estimate and 95% interval. Orange ring: the same regression with true values
truth-zero = not drawn: { $n ->
    [one] one interval
   *[other] { $n } intervals
} of parameters whose true value is zero
share-of-truth = { $parameter }: the estimate is { $share } of the true value
share-of-year = { $year } { $share }
binned-means = points: binned means, net of the fixed effects and the other regressors
true-curve = dashed: the same regression with the simulated true quality and index
vertex = Parabola turns at { $point }
parabola-marks = band: { $level }% pointwise interval. Grey: turning point of the parabola with its 95% Fieller interval; no turning point is established. Bars: distribution of the observations
parabola-and-tests = The fitted parabola has its turning point at { $point }, Fieller interval { $interval }, U-test { $p }; no turning point is established
bins-by-rule = points: means in { $bins } bins, other variables at their means, with pointwise { $level }% intervals ({ $kind }). The number of bins follows Cattaneo et al. (2024)
bins-as-asked = points: means in { $bins } bins, other variables at their means, with pointwise { $level }% intervals ({ $kind })
bins-joined = { $joined ->
    [one] { $joined } bin with fewer than { $least } { $units }, or absorbed by the fixed effects, is merged with its neighbour
   *[other] { $joined } bins with fewer than { $least } { $units }, or absorbed by the fixed effects, are merged with their neighbours
}
curve-corrected = line: the curve, corrected for noise in the index
bins-not-corrected = points: binned means, not corrected for noise
