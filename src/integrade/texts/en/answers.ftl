changed-and-left-out = { $changed } changed regressions: an inverted U at 5 % in { $passed } of them, by the U-test alone over the range of { $x } in their own rows; in them and without each level in turn, the turning point in { $x } lies between { $low } and { $high }, median of the changed regressions { $median }.
changed-regressions = { $changed } changed regressions: an inverted U at 5 % in { $passed } of them, by the U-test alone over the range of { $x } in their own rows; the turning point in { $x } lies between { $low } and { $high }, median { $median }.
changes-not-made = { $changes ->
    [one] { $changes } change
   *[other] { $changes } changes
} could not be made; the table says why.
groups-differ = { $split } (Table { $table }): the effect differs, with each of these below 5 %: { $tests }.
groups-do-not-differ = { $split } (Table { $table }): no difference is established, which needs each of these below 5 %: { $tests }.
holm = Holm-adjusted { $p }
lag-alone = { $lag } { $p }
lags-alone = { $x } of earlier years is taken from the region's own series, so that no firm is lost for being new. Each lag alone, its terms together, Holm-adjusted: { $lags }. A lag alone also carries what this year's value does, where the series persists.
lags-add-nothing = With this year's value beside them, all lags together have { $p }: no effect of the past is established.
lags-together = With this year's value beside them, all lags together have { $p }: the past adds to what this year's value tells.
lags-together-with-noise = With this year's value beside them, all lags together have { $p }. This does not establish a delay: { $share } of the differences of the index between regions in a year is sampling error, and earlier years then tell of this year's true value.
mediator = Table { $table }: a mediator counts where at some place of evaluation both paths and their product have p below 5 %, Holm-adjusted over the places; the rules of the hypotheses also look at the signs. A causal reading needs that nothing omitted moves both the mediator and the outcome.
mediator-and-noise = The index is noisy ({ $share } of its variation between regions in a year): a mediator that is measured well and moves with the true index takes over part of the direct effect, so shares are too large.
mediators = Tables { $tables }: a mediator counts where at some place of evaluation both paths and their product have p below 5 %, Holm-adjusted over the places; the rules of the hypotheses also look at the signs. A causal reading needs that nothing omitted moves both the mediator and the outcome.
outcome-lagged-too = The outcome is lagged together with the regressors, as in the published table: each column is a regression of one year on itself with fewer firms and says nothing about delay.
table-number = { $number }
wild-missing = wild bootstrap (not drawn)
wild-holm = wild bootstrap, Holm-adjusted, { $p }
