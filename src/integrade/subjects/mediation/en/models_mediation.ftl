linear = the mediator's equation omits the square, as in the published layout. The indirect effect is therefore the same at every value of the treatment and does not equal the total minus the direct effect
ignorability = a causal interpretation requires sequential ignorability: no omitted variable affects any two of the treatment, the mediator and the outcome (see the sensitivity analysis)
monte-carlo = Monte Carlo intervals assume that the errors of the two paths are independent
lost-replicates = { $lost } of { $draws } bootstrap replicates are left out because a coefficient could not be estimated
movers-split = the bootstrap treats a firm that moved as a separate firm in each cluster ({ $n ->
    [one] { $n } additional effect
   *[other] { $n } additional effects
})
few-clusters = with only { $n } clusters, bootstrap intervals are too short
lives-on-cells = { $mediator } hardly varies within the { $cells } cells of { $keys }. The test treats { $n } rows as independent, so it overstates the precision of the path to the mediator. The test on cells does not
cells-lack = { $mediator }: the path to the mediator on cells is not reported, because the panel has no { $column }
varies-within = { $mediator }: the path to the mediator on cells is not reported, because { $column } varies within { $keys }
cells-not-estimated = { $mediator }: the path to the mediator on cells is not reported, { $why }
few-draws = { $draws } draws are too few to establish an effect at { $places ->
    [one] { $places } value
   *[other] { $places } values
} of the treatment: increase the number of draws
no-clusters-to-test = no test by clusters: the panel has no column { $column }, and the regression has no cluster variable; name the column of regions { $column }, or give one cluster variable
rows-without-cluster = tests clustered by { $cluster } exclude { $n } of { $rows } rows with missing { $cluster }
not-by-clusters = no test clustered by { $cluster }: { $why }
