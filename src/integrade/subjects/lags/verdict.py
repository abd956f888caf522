"""Compute the slope of each year of a distributed lag."""

from __future__ import annotations

from integrade.estimate.contrasts import Combination, combination
from integrade.subjects.lags.bands import slope_weights
from integrade.subjects.lags.records import DistributedLag
from integrade.subjects.lags.shifts import shifted_name


def slope_at(found: DistributedLag, variable: str, shift: int) -> Combination | None:
    """Return the slope of one shift, taken at the mean of the shifted variable; None if the shift was not estimated.

    The interval uses the covariance of the coefficients of the variable and its square.
    """
    weights = slope_weights(found, variable, shift)
    return None if weights is None else combination(found.fit, weights, shifted_name(variable, shift))
