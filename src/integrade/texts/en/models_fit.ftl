missing-dropped = { $n ->
    [one] { $n } row
   *[other] { $n } rows
} dropped, a value missing: { $columns }
nested = { $effect } effects are nested in { $clusters }
not-nested = { $effect } effects are not nested in { $clusters }: { $movers ->
    [one] { $movers } mover
   *[other] { $movers } movers
} ({ $share }), counted as nested
not-nested-parameters = { $effect } effects are not nested in { $clusters }: { $movers ->
    [one] { $movers } mover
   *[other] { $movers } movers
} ({ $share }), counted as parameters
wild-with-instruments = wild bootstrap with instruments: restricted efficient (Davidson and MacKinnon 2010), t from 2SLS and CR1
no-wild-set = no set by inverting it: --weak-iv has the Anderson-Rubin sets
gmm = two-step GMM, efficient weight for { $errors }, from the residuals of 2SLS
gmm-iid = iid errors: the same as 2SLS
gmm-robust = heteroskedastic errors
gmm-cluster = clusters
gmm-held = CR3 holds the weight of GMM as it is in the sample
liml = LIML, kappa { $kappa }
of-model = { $model }; { $errors }
ppml = Poisson pseudo-maximum likelihood
fractional = fractional logit (quasi-maximum likelihood)
iid-dispersion = iid errors, dispersion { $dispersion }
robust-factor = errors robust to heteroskedasticity, factor n/(n-1)
cr3-last-step = { $n } clusters of { $cluster }: CR3 of the last step's regression
cr1-factor = { $n } clusters of { $cluster }: CR1, factor G/(G-1)
every-outcome = { $n ->
    [one] { $n } row
   *[other] { $n } rows
} dropped, every outcome of their effect is { $edge }
edge-ppml = zero
edge-fractional = 0, or 1
rows-a-level = rows a level: { $effects }; with so few the coefficients of a logit are biased away from zero (incidental parameters): compare average marginal effects with least squares
level-rows = { $effect } { $rows }
mean-not-positive-definite = the covariance of { $means } means from { $clusters } clusters by { $by } is not positive definite: no test
wald-of-means = Wald test of the unit means, clustered by { $by } ({ $clusters } clusters), p from F({ $df }, { $df2 })
no-separate-mean = { $test }; no separate mean: { $terms }
theta = theta { $low }..{ $high }; assumes independent errors of equal variance
not-compared = { $test }; not compared, constant or collinear within units: { $terms }
no-distribution = V_FE - V_RE is not positive definite, so the statistic has no distribution; use method='mundlak'; { $test }
absorbed = absorbed by effects
collinear = collinear
instrument-dropped = instrument, { $why }
turning-point = turning point
slope-at = slope at { $place }
error-of = { $term } { $error }
marginal-given = standard errors of average marginal effects are given the rows and leave out the effects' own noise: too many rows and clusters for the jackknife
marginal-jackknife = standard errors of average marginal effects: jackknife of { $n } clusters of { $cluster }, which contains the effects' own noise and how the clusters differ; given rows and effects (delta method): { $given }
