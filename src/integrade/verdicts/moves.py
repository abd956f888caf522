"""Compute the effect of a move of the treatment within the data, with its interval."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from integrade.estimate.contrasts import combination
from integrade.estimate.inverted_u import percentile_of
from integrade.estimate.results import FitResult, by_term

MOVE = (25.0, 75.0)
"""Percentiles between which the treatment moves in the headline: the interquartile range."""


@dataclass(frozen=True)
class Estimated:
    """A slope at a percentile (``p10``), or the effect of a move (``p25-p75``, ``one s.d.``), with its 95% interval.

    ``start`` and ``end`` are values of the variable; they are equal for a slope.
    """

    name: str
    start: float
    end: float
    estimate: float
    low: float
    high: float


def effect_of_move(fit: FitResult, sample: FitResult, x: str) -> Estimated | None:
    """Return the effect of moving ``x`` from p25 to p75 or, without a square, by one standard deviation.

    The percentiles are those of the rows of ``sample``, the headline.

    Formula: b1 (q75 - q25) + b2 (q75^2 - q25^2), percentiles over the rows of the regression as Stata counts, with the
    covariance and the t of ``fit``. Returns None if the percentiles or the standard deviation of the sample are not
    known.
    """
    if f"{x}^2" in by_term(fit) and any(s.variable == x for s in sample.spreads):
        start, end = (percentile_of(sample, x, p) for p in MOVE)
        weights = {x: end - start, f"{x}^2": end**2 - start**2}
        return estimated(fit, weights, "p25-p75", start, end)
    step, start = sample.deviations.get(x, math.nan), sample.means.get(x, math.nan)
    if f"{x}^2" in by_term(fit) or math.isnan(step):
        return None
    return estimated(fit, {x: step}, "one s.d.", start, start + step)


def estimated(fit: FitResult, weights: Mapping[str, float], name: str, start: float, end: float) -> Estimated:
    """Return a weighted sum of coefficients with its 95% interval."""
    c = combination(fit, weights, name)
    return Estimated(name, start, end, c.estimate, c.conf_low, c.conf_high)
