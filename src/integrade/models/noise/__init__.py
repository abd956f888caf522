"""What a noisy index does to a regression, and what can be done: ORIV, SIMEX, the pipeline bootstrap."""
