changed-and-left-out = The U-test finds an inverted U at 5% in { $passed } of { $changed } variants of the regression. The turning point in { $x } ranges from { $low } to { $high } over these variants and the samples that leave out one region, year or industry.
changed-regressions = The U-test finds an inverted U at 5% in { $passed } of { $changed } variants of the regression. The turning point in { $x } ranges from { $low } to { $high }.
changes-not-made = { $changes ->
    [one] { $changes } variant
   *[other] { $changes } variants
} could not be estimated; the table gives the reasons.
groups-differ = { $split } (Table { $table }): every required test rejects equal effects (largest { $p }).
groups-do-not-differ = { $split } (Table { $table }): we cannot reject equal effects (largest { $p } of the required tests).
holm = Holm-adjusted { $p }
lag-alone = { $lag } { $p }
lags-alone = Joint tests of lags of { $x } entered one at a time, Holm-adjusted: { $lags }. If the series is persistent, such a lag also picks up the effect of the current value.
lags-add-nothing = Controlling for the current value, all lags are jointly insignificant ({ $p }).
lags-together = Controlling for the current value, all lags are jointly significant ({ $p }).
lags-together-with-noise = Controlling for the current value, all lags are jointly significant ({ $p }). This is not evidence of a delayed effect: an estimated { $share } of the differences in the index between regions within a year is sampling error. Earlier values therefore also carry information on this year's true value.
mediator = Table { $table }: an indirect effect is established if both paths and their product are significant at 5% at some value of the treatment, Holm-adjusted. A causal interpretation requires that no omitted variable affects both the mediator and the outcome.
mediator-and-noise = Measurement error is an estimated { $share } of the variation of the index between regions within a year. A mediator that is correlated with the true index absorbs part of its direct effect, so mediated shares are overstated.
mediators = Tables { $tables }: an indirect effect is established if both paths and their product are significant at 5% at some value of the treatment, Holm-adjusted. A causal interpretation requires that no omitted variable affects both the mediator and the outcome.
outcome-lagged-too = As in the published table, the outcome is lagged together with the regressors. Each column is a contemporaneous regression with fewer firms and does not show delayed effects.
table-number = { $number }
groups-untested = { $split } (Table { $table }): no conclusion, because the required wild cluster bootstrap was not run.
