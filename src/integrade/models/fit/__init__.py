"""A panel and a formula to one regression: rows, design, estimate, covariance, its record."""
