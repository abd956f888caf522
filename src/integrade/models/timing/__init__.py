"""Lags and leads, taken where the series lives."""
