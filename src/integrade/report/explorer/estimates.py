"""Compute what the explorer draws for one version of the headline: its curve and four comparable quantities."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from integrade.estimate.inverted_u import UTest, parabola, percentile_of
from integrade.estimate.results import FitResult, by_term
from integrade.verdicts.naming import End, Pieces

Estimate: TypeAlias = tuple[float, End, End]
"""An estimate with the ends of its 95% interval; an end is None if it is not known or infinite."""

EFFECT, LOW, HIGH, TURNING = "effect", "p10", "p90", "turning"
QUANTITIES = (TURNING, EFFECT, LOW, HIGH)
"""The turning point in units of the index; the effect of moving the index from its 25th to its 75th percentile, in
standard deviations of the outcome; the slopes at the 10th and 90th percentile, in standard deviations of both."""


class Curve(NamedTuple):
    """Numbers from which a curve is drawn, as in `integrade.estimate.inverted_u.Parabola`.

    ``w11``, ``w12`` and ``w22`` are zero if the curve has no band. ``point`` is the turning point, ``pieces`` are the
    parts of its 95% set.
    """

    low: float
    high: float
    centre: float
    b1: float
    b2: float
    w11: float = 0.0
    w12: float = 0.0
    w22: float = 0.0
    point: float = math.nan
    pieces: Pieces = ()

    def slope(self, at: float) -> Estimate:
        """Return the slope at a value of the index, with its interval."""
        return self._with_interval(1.0, 2 * at)

    def move(self, start: float, end: float) -> Estimate:
        """Return the change of the outcome between two values of the index, with its interval."""
        return self._with_interval(end - start, end**2 - start**2)

    def _with_interval(self, g1: float, g2: float) -> Estimate:
        value = self.b1 * g1 + self.b2 * g2
        wide = self.w11 * g1 * g1 + 2 * self.w12 * g1 * g2 + self.w22 * g2 * g2
        if not self.w11:
            return value, None, None
        half = math.sqrt(max(wide, 0.0))
        return value, value - half, value + half


class Scale(NamedTuple):
    """The range and percentiles of the index in the rows of a regression, and both standard deviations."""

    low: float
    high: float
    p10: float
    p25: float
    p75: float
    p90: float
    sd_index: float
    sd_outcome: float

    def quantities(self, curve: Curve) -> dict[str, Estimate]:
        """Return the quantities of a curve, by name."""
        slopes = self.sd_index / self.sd_outcome
        found = {
            EFFECT: times(curve.move(self.p25, self.p75), 1 / self.sd_outcome),
            LOW: times(curve.slope(self.p10), slopes),
            HIGH: times(curve.slope(self.p90), slopes),
        }
        return found if math.isnan(curve.point) else {TURNING: around(curve.point, curve.pieces), **found}


def times(estimate: Estimate, factor: float) -> Estimate:
    """Return an estimate and its interval in other units."""
    value, low, high = estimate
    return value * factor, None if low is None else low * factor, None if high is None else high * factor


def around(point: float, pieces: Pieces) -> Estimate:
    """Return a turning point with its set, if the set is one interval; otherwise without ends."""
    low, high = pieces[0] if len(pieces) == 1 else (None, None)
    return (point, low, high) if low is not None and high is not None else (point, None, None)


def curve_of(fit: FitResult, x: str, test: UTest, pieces: Pieces) -> Curve:
    """Return the curve of a fit with its band and its turning point."""
    return Curve(*parabola(fit, x), test.turning_point, pieces)


def scale_of(fit: FitResult, x: str) -> Scale | None:
    """Return where the index lies in the rows of a fit; None if the fit does not hold it, or has no square."""
    spread = next((s for s in fit.spreads if s.variable == x), None)
    deviations = (fit.deviations.get(x), fit.deviations.get(fit.outcome))
    if spread is None or not {x, f"{x}^2"} <= set(by_term(fit)) or not all(deviations):
        return None
    p10, p25, p75, p90 = (percentile_of(fit, x, p) for p in (10, 25, 75, 90))
    index, outcome = (float(d or math.nan) for d in deviations)
    return Scale(spread.low, spread.high, p10, p25, p75, p90, index, outcome)


def as_numbers(curve: Curve) -> dict[str, Any]:
    """Return a curve for the page's script, rounded to seven digits."""
    return {
        "curve": short(curve[:8]),
        "point": None if math.isnan(curve.point) else short((curve.point,))[0],
        "pieces": [[None if end is None else short((end,))[0] for end in piece] for piece in curve.pieces],
    }


def as_points(quantities: Mapping[str, Estimate]) -> dict[str, list[float | None]]:
    """Return quantities for the page's script, rounded to seven digits; what is not finite is missing."""
    known = {name: estimate for name, estimate in quantities.items() if math.isfinite(estimate[0])}
    return {name: [_finite(end) for end in estimate] for name, estimate in known.items()}


def short(values: Sequence[float]) -> list[float]:
    """Return numbers rounded to seven digits, which a drawing needs."""
    return [float(f"{value:.7g}") for value in values]


def _finite(value: End) -> float | None:
    return None if value is None or not math.isfinite(value) else short((value,))[0]
