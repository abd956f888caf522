"""How far standard errors can be trusted: clusters, families, randomisation."""
