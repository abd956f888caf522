"""Formula to fit: parsing, design, estimation, covariance, and many regressions at once."""
