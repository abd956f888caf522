"""Lags and leads of the treatment."""
