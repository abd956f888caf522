linear = the mediator's equation leaves the square out (published layout): total minus direct is then not the indirect effect, and the indirect slope is the same everywhere
ignorability = a causal reading needs sequential ignorability: no omitted cause of both mediator and outcome; see the sensitivity
monte-carlo = Monte Carlo intervals take the errors of a and b as independent of each other
lost-replicates = { $lost } of { $draws } replicates could not estimate every coefficient and are left out
movers-split = in the bootstrap a firm that moved is another firm in each cluster: { $n ->
    [one] { $n } more effect
   *[other] { $n } more effects
}
few-clusters = only { $n } clusters: bootstrap intervals from so few are too short
lives-on-cells = { $mediator } lives on { $keys } ({ $cells } cells) and { $n } rows are taken as independent: its a-path is far less precise than printed; see the a-path on cells
cells-lack = { $mediator }: no a-path on cells, the panel has no { $column }
varies-within = { $mediator }: no a-path on cells, { $column } varies within { $keys }
cells-not-estimated = { $mediator }: no a-path on cells, { $why }
few-draws = with { $draws } draws no effect can be established at { $places ->
    [one] { $places } place
   *[other] { $places } places
}: more draws are needed
