missing-dropped = { $n ->
    [one] { $n } row
   *[other] { $n } rows
} dropped, a value missing: { $columns }
not-positive = { $n ->
    [one] { $n } row
   *[other] { $n } rows
} dropped: { $column } <= 0, so that log({ $column }) is not defined
infinite = { $n ->
    [one] { $n } row
   *[other] { $n } rows
} dropped: { $column } is infinite
beyond-range = { $n ->
    [one] { $n } row
   *[other] { $n } rows
} dropped: { $term } exceeds the range of floating-point numbers
nested = { $effect } effects are nested in { $clusters }
not-nested = { $movers ->
    [one] { $movers } { $effect } fixed effect ({ $share }) covers
   *[other] { $movers } { $effect } fixed effects ({ $share }) cover
} rows of more than one { $clusters }. The degrees of freedom do not count these effects, as if they were nested in the clusters
not-nested-parameters = { $movers ->
    [one] { $movers } { $effect } fixed effect ({ $share }) covers
   *[other] { $movers } { $effect } fixed effects ({ $share }) cover
} rows of more than one { $clusters }. The degrees of freedom count these effects as parameters
wild-with-instruments = wild cluster bootstrap with instruments: restricted efficient (Davidson and MacKinnon 2010), t from 2SLS and CR1
no-wild-set = the bootstrap test is not inverted into a confidence set; { $how } gives Anderson-Rubin sets
no-draws = bootstrap draws are required for { $options }: give { $draws }
gmm = two-step GMM starts from the residuals of 2SLS and uses the weight matrix that is efficient for { $errors }
gmm-iid = iid errors; the estimate then equals 2SLS
gmm-robust = heteroskedastic errors
gmm-cluster = clusters
gmm-held = CR3 takes the GMM weight matrix as given
liml = LIML, kappa { $kappa }
of-model = { $model }; { $errors }
ppml = Poisson pseudo-maximum likelihood
fractional = fractional logit (quasi-maximum likelihood)
iid-dispersion = iid errors, dispersion { $dispersion }
robust-factor = errors robust to heteroskedasticity, factor n/(n-1)
cr3-last-step = CR3 standard errors with { $n } clusters by { $cluster }, from the weighted regression of the last iteration
cr1-factor = CR1 standard errors with { $n } clusters by { $cluster }, factor G/(G-1)
every-outcome = { $n ->
    [one] { $n } row
   *[other] { $n } rows
} dropped: the outcome is { $edge } in all rows of the same fixed effect
edge-ppml = zero
edge-fractional = 0, or 1
rows-a-level = average number of rows per fixed effect: { $effects }. With so few rows, logit coefficients are biased away from zero (incidental parameters). Compare the average marginal effect with least squares
level-rows = { $effect } { $rows }
mean-not-positive-definite = no test: the covariance matrix of { $means } means from { $clusters } clusters by { $by } is not positive definite
wald-of-means = the test is a Wald test that the means of the regressors by unit have zero coefficients (clustered by { $by }, { $clusters } clusters)
no-separate-mean = { $test }; no separate mean: { $terms }
theta = Random effects subtract from each variable a share of its mean by unit (between { $low } and { $high }). The test assumes independent errors of equal variance
not-compared = { $test }; not compared, constant or collinear within units: { $terms }
no-distribution = V_FE - V_RE is not positive definite, so the statistic has no known distribution; use method='mundlak'; { $test }
absorbed = absorbed by effects
collinear = collinear
instrument-dropped = instrument, { $why }
turning-point = turning point
slope-at = slope at { $place }
error-of = { $term } { $error }
marginal-given = standard errors of average marginal effects ignore estimation error in the fixed effects and take the rows as given. There are too many rows and clusters for the jackknife
marginal-jackknife = standard errors of average marginal effects: jackknife over { $n } clusters of { $cluster }. They include estimation error in the fixed effects and differences between clusters. Given rows and fixed effects (delta method): { $given }
theta-stata = variance components as in Stata's xtreg, re. Random effects subtract from each variable a share of its mean by unit (between { $low } and { $high })
theta-stata-dummies = variance components as in Stata's xtreg, re. The test also compares the coefficients of the dummies. Random effects subtract from each variable a share of its mean by unit (between { $low } and { $high })
