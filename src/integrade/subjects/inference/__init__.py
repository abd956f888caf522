"""The reliability of standard errors: clusters, families, randomisation."""
