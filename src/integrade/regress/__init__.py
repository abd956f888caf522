"""Numerical estimators on arrays: least squares, instruments, covariances, bootstraps, with fixed effects removed."""
