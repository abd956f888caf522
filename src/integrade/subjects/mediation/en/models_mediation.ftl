linear = the mediator's equation omits the square (published layout): total minus direct then differs from the indirect effect, and the indirect slope is the same everywhere
ignorability = a causal reading requires sequential ignorability: no omitted variable that affects both mediator and outcome; see the sensitivity analysis
monte-carlo = Monte Carlo intervals treat the errors of a and b as independent
lost-replicates = { $lost } of { $draws } replicates could not estimate every coefficient and are left out
movers-split = in the bootstrap a firm that moved counts as a separate firm in each cluster: { $n ->
    [one] { $n } additional effect
   *[other] { $n } additional effects
}
few-clusters = only { $n } clusters: bootstrap intervals from so few clusters are too short
lives-on-cells = { $mediator } hardly varies within { $keys } ({ $cells } cells), but { $n } rows are treated as independent: its a-path is far less precise than reported; see the a-path on cells
cells-lack = { $mediator }: no a-path on cells, the panel has no { $column }
varies-within = { $mediator }: no a-path on cells, { $column } varies within { $keys }
cells-not-estimated = { $mediator }: no a-path on cells, { $why }
few-draws = with { $draws } draws no effect can be established at { $places ->
    [one] { $places } place
   *[other] { $places } places
}: more draws are needed
no-clusters-to-test = no test by clusters: the panel has no regions to draw, and the regression has no cluster variable; name the column of the regions { $column }, or give one cluster variable
rows-without-cluster = the tests by clusters of { $cluster } leave out { $n } of { $rows } rows, because values of { $cluster } are missing
not-by-clusters = no test by clusters of { $cluster }: { $why }
