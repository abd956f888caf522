"""The slope of each year of a distributed lag."""

from __future__ import annotations

import math

from integrade.models.fit.contrasts import Combination, combination
from integrade.models.timing.records import DistributedLag
from integrade.models.timing.shifts import shifted_name


def slope_at(found: DistributedLag, variable: str, shift: int) -> Combination | None:
    """b1 + 2 b2 at the mean of the shifted variable, its interval from the covariance of both; nothing without it."""
    fit, name = found.fit, shifted_name(variable, shift) if shift else variable
    terms, square = [c.term for c in fit.coefficients], f"{name}^2"
    if name not in terms:
        return None
    weights = {name: 1.0} | ({square: 2 * fit.means.get(name, math.nan)} if square in terms else {})
    return combination(fit, weights, name)
