changed-and-left-out = The U-test finds an inverted U at 5% in { $passed } of { $changed } variants of the regression, each over the range of { $x } in its own sample. Over these variants, and over the samples that leave out one region, year or other level in turn, the turning point in { $x } ranges from { $low } to { $high }; its median over the variants is { $median }.
changed-regressions = The U-test finds an inverted U at 5% in { $passed } of { $changed } variants of the regression, each over the range of { $x } in its own sample. Over these variants the turning point in { $x } ranges from { $low } to { $high }, with a median of { $median }.
changes-not-made = { $changes ->
    [one] { $changes } change
   *[other] { $changes } changes
} could not be made; the table says why.
groups-differ = { $split } (Table { $table }): the effect differs; each of these is below 5%: { $tests }.
groups-do-not-differ = { $split } (Table { $table }): no difference is established, which requires each of these to be below 5%: { $tests }.
holm = Holm-adjusted { $p }
lag-alone = { $lag } { $p }
lags-alone = Earlier values of { $x } come from the region's own series, so that newly observed firms are not lost. Joint tests of each lag entered alone (the larger of the p-values of the joint test and of the wild cluster bootstrap, where drawn), Holm-adjusted: { $lags }. If the series is persistent, a lag entered alone also picks up the effect of the current value.
lags-add-nothing = Controlling for the current value, all lags are jointly insignificant ({ $p }): no effect of the past is established.
lags-together = Controlling for the current value, all lags are jointly significant ({ $p }): the past adds information to the current value.
lags-together-with-noise = Controlling for the current value, all lags are jointly significant ({ $p }). This does not establish a delayed effect: an estimated { $share } of the differences in the index between regions within a year is sampling error, so that earlier values also carry information on this year's true value.
mediator = Table { $table }: mediation is taken as established if, at some value of the treatment, both paths and their product have p-values below 5%, Holm-adjusted over the places; the rules for the hypotheses also consider the signs and the tests by clusters. A causal reading requires that no omitted variable affects both the mediator and the outcome.
mediator-and-noise = The index is noisy (an estimated { $share } of its variation between regions within a year): a well-measured mediator that is correlated with the true index absorbs part of the direct effect, so the mediated shares are overstated.
mediators = Tables { $tables }: mediation is taken as established if, at some value of the treatment, both paths and their product have p-values below 5%, Holm-adjusted over the places; the rules for the hypotheses also consider the signs and the tests by clusters. A causal reading requires that no omitted variable affects both the mediator and the outcome.
outcome-lagged-too = The outcome is lagged together with the regressors, as in the published table: each column is the same contemporaneous regression with fewer firms and is uninformative about delayed effects.
table-number = { $number }
wild-missing = wild cluster bootstrap (not run)
wild-holm = wild cluster bootstrap, Holm-adjusted, { $p }
