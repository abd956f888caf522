"""Regressions: formula, design, fit, covariances, tests. Every subject uses them; they know no subject."""
