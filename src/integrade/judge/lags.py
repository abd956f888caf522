"""The slope of each year of a distributed lag."""

from __future__ import annotations

from integrade.models.fit.contrasts import Combination, combination
from integrade.models.timing.bands import slope_weights
from integrade.models.timing.records import DistributedLag
from integrade.models.timing.shifts import shifted_name


def slope_at(found: DistributedLag, variable: str, shift: int) -> Combination | None:
    """b1 + 2 b2 at the mean of the shifted variable, its interval from the covariance of both; nothing without it."""
    weights = slope_weights(found, variable, shift)
    return None if weights is None else combination(found.fit, weights, shifted_name(variable, shift))
