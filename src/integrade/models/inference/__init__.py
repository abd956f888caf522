"""How far the errors of a regression can be trusted: clusters, families of tests, the wild bootstrap, permutations."""
