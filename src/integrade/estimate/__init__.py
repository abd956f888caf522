"""Regressions: formula, design, fit, covariances, tests. Any subject may use these modules; they import no subject."""
