title = Anderson-Rubin test of each value: { $target }
set = Shaded: { $level }% set, { $set }
projected = the set is projected from a joint region for all endogenous regressors
jackknife = cluster jackknife, { $clusters } clusters
errors = { $errors }
rows = { $n ->
    [one] { $n } observation
   *[other] { $n } observations
}
described = p-value of the Anderson-Rubin test for each value of { $target }. { $level }% set: { $set }.
p = p of the Anderson-Rubin test
rejected-below = rejected below { $alpha }
estimate = { $estimator } { $estimate }
title-with = Anderson-Rubin test of each value: { $target }, instrument: { $instrument }
