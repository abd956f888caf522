missing-in-the-regression = outcome, regressor, effect or cluster missing
rows-in-the-regression = rows in the regression
singletons = singletons of the fixed effects
made-by-other-versions = some steps were computed with other major versions of libraries: { $steps }
