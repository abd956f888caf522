"""Test a fit for an inverted U, and find its turning point and the share of rows past it. No data are needed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import polars as pl

from integrade.errors import NotIdentified, UnknownName, UsageError, did_you_mean, option
from integrade.estimate.percentiles import percent_of
from integrade.estimate.results import Basis, FitResult, Spread, Vector, by_term
from integrade.records import tidied
from integrade.records.confidence import Level, checked
from integrade.records.drawing import draw
from integrade.regress.quantiles import weighted_quantiles
from integrade.regress.students import t_one_sided, t_quantile
from integrade.wording.sheet import Sheet, of_text, shown
from plainwords.texts import say

if TYPE_CHECKING:
    from integrade.records.drawing import Chart

FiellerKind = Literal["interval", "two_rays", "line"]


class _Quadratic(NamedTuple):
    """The curve b1 x + b2 x^2, the covariance of (b1, b2) and the degrees of freedom of its t."""

    b1: float
    b2: float
    s11: float
    s12: float
    s22: float
    df: float

    def slope(self, x: float) -> tuple[float, float]:
        """Return b1 + 2 b2 x and its standard error."""
        variance = self.s11 + 4 * x * self.s12 + 4 * x * x * self.s22
        return self.b1 + 2 * self.b2 * x, math.sqrt(max(variance, 0.0))

    def critical(self, level: float) -> float:
        """Return the two-sided critical value of t at ``level``."""
        return t_quantile((1 + level) / 2, self.df)


@shown
@dataclass(frozen=True)
class UTest:
    """Lind-Mehlum test of an inverted U (or U), and the position of the turning point in the data.

    ``p_value`` is the larger one-sided p-value of the slopes at both ends; it is 1 if both slopes have the same sign.
    ``fieller_kind`` is ``interval``, ``two_rays`` (low and high are then the ends of the excluded gap) or ``line`` (low
    and high are missing). ``share_past`` is the share of estimation rows beyond the turning point. It is missing unless
    the coefficient of the square is negative.
    """

    variable: str
    low: float
    high: float
    slope_low: float
    slope_high: float
    t_low: float
    t_high: float
    p_value: float
    turning_point: float
    delta_low: float
    delta_high: float
    fieller_kind: Literal["interval", "two_rays", "line"]
    fieller_low: float | None
    fieller_high: float | None
    share_past: float | None
    share_past_by_year: Mapping[str, float] = field(default_factory=dict)
    share_past_by_region: Mapping[str, float] = field(default_factory=dict)
    quantile_of_turning_point: float | None = None
    slopes: tuple[tuple[str, float, float, float], ...] = ()  # (where, x, slope, std_error)
    shape: Literal["inverted U", "U"] = "inverted U"  # the sign of the square, whatever the p-value
    basis: Basis | None = None

    def tidy(self) -> pl.DataFrame:
        """Return the slopes at both ends and the turning point.

        The interval of the turning point is by the delta method. `glance` has Fieller's interval.
        """
        ends = (("low end", self.slope_low, self.t_low), ("high end", self.slope_high, self.t_high))
        rows: list[dict[str, object]] = [
            {"part": "slope", "term": where, "estimate": slope, "std_error": slope / t if t else None, "statistic": t}
            for where, slope, t in ends
        ]
        turn = {"estimate": self.turning_point, "conf_low": self.delta_low, "conf_high": self.delta_high}
        return tidied.estimates([*rows, {"part": "turning point", "term": self.variable, **turn}])

    def glance(self) -> pl.DataFrame:
        """Return the numbers of the result as a table of one row."""
        return tidied.glance(self)

    def plot(self) -> Chart:
        """Draw the share of rows past the turning point by year (`integrade.plot.past`)."""
        return draw("past", self)

    def sheet(self) -> Sheet:
        """Return the test in words, for the terminal."""
        match self.fieller_kind:
            case "interval":
                fieller = f"[{self.fieller_low:.6g}, {self.fieller_high:.6g}]"
            case "two_rays":
                fieller = f"everything but ({self.fieller_low:.6g}, {self.fieller_high:.6g})"
            case "line":
                fieller = "every number: the data do not determine it"
        delta = f"[{self.delta_low:.6g}, {self.delta_high:.6g}]"
        lines = [
            f"U-test of {self.variable}: {self.shape}, p = {self.p_value:.4g} (the larger one-sided p of both ends)",
            f"  slope at {self.low:<12.6g} {self.slope_low:>12.6g}   t = {self.t_low:.3f}",
            f"  slope at {self.high:<12.6g} {self.slope_high:>12.6g}   t = {self.t_high:.3f}",
            f"  turning point {self.turning_point:.6g}, delta {delta}, Fieller {fieller}",
        ]
        if self.share_past is not None:
            lines.append(f"  rows past the turning point: {100 * self.share_past:.1f}%")
        return of_text("\n".join(lines))


@dataclass(frozen=True)
class CurvePoint:
    """One point of the fitted quadratic, relative to the quadratic's value at a reference, with a pointwise band."""

    x: float
    fit: float
    low: float
    high: float


@checked
def u_test(
    result: FitResult,
    variable: str,
    *,
    level: Level = 0.95,
    low: float | str | None = None,
    high: float | str | None = None,
) -> UTest:
    """Test whether ``b1 x + b2 x^2`` rises and then falls (or falls and then rises) inside the data.

    Formula: t_L = (b1 + 2 b2 x_L) / sqrt(s11 + 4 x_L s12 + 4 x_L^2 s22), the same at x_H; p = the larger one-sided p,
        1 when both slopes have the same sign. Turning point -b1 / (2 b2) with a delta and a Fieller interval.

    Args:
        result: a fit whose formula has ``variable`` and ``variable^2``.
        variable: the regressor, without the square.
        level: confidence level of both intervals.
        low: lower end of the range: a value, or a percentile of the estimation sample such as ``"p5"``; by default its
            smallest value.
        high: upper end, by default the largest value.

    Returns:
        One `UTest`. ``share_past`` is the share of estimation rows strictly beyond the turning point. It is missing
        unless the coefficient of the square is negative. ``slopes`` holds the slope at p5, p10, p50, p90 and p95. The
        degrees of freedom are those of the fit. If each term has Satterthwaite degrees of its own, the smaller of the
        two terms' values is used.

    Raises:
        NotIdentified: x or its square was dropped from the fit.
        UnknownName: the formula does not contain x or its square.

    Reference: Lind and Mehlum (2010), Sasabuchi (1980); Fieller (1954).

    Example:
        >>> u_test(base, "market", low="p5", high="p95")  # doctest: +SKIP
    """
    q, spread = _quadratic(result, variable), _spread(result, variable)
    x_low, x_high = _end(spread, variable, low, "low"), _end(spread, variable, high, "high")
    if not x_low < x_high:
        raise UsageError(f"the range of {variable!r} is empty: {x_low}..{x_high}", remedy="give low < high")
    (slope_low, se_low), (slope_high, se_high) = q.slope(x_low), q.slope(x_high)
    t_low, t_high = _ratio(slope_low, se_low), _ratio(slope_high, se_high)
    # The sign of b2 decides the direction in which each slope is tested: for b2 < 0, up at the low end and down at the
    # high end.
    p_value = 1.0 if t_low * t_high > 0 else t_one_sided(min(abs(t_low), abs(t_high)), q.df)
    turn = -q.b1 / (2 * q.b2)
    g1, g2 = -1 / (2 * q.b2), q.b1 / (2 * q.b2**2)  # gradient of the turning point
    delta = q.critical(level) * math.sqrt(max(g1 * g1 * q.s11 + 2 * g1 * g2 * q.s12 + g2 * g2 * q.s22, 0.0))
    kind, fieller_low, fieller_high = _fieller(q, level)
    percentiles = () if spread is None else tuple((f"p{p}", _percentile(spread, p)) for p in (5, 10, 50, 90, 95))
    return UTest(
        variable,
        x_low,
        x_high,
        slope_low,
        slope_high,
        t_low,
        t_high,
        p_value,
        turn,
        turn - delta,
        turn + delta,
        kind,
        fieller_low,
        fieller_high,
        share_past=_beyond(spread.values, spread.counts, turn) if spread and q.b2 < 0 else None,
        share_past_by_year=_shares(spread.by_year, turn) if spread and q.b2 < 0 else {},
        share_past_by_region=_shares(spread.by_region, turn) if spread and q.b2 < 0 else {},
        quantile_of_turning_point=None if spread is None else 1 - _beyond(spread.values, spread.counts, turn),
        slopes=tuple((where, x, *q.slope(x)) for where, x in percentiles),
        shape="inverted U" if q.b2 < 0 else "U",
        basis=result.basis,
    )


@checked
def curve(
    result: FitResult, variable: str, n: int = 101, *, relative_to: Literal["mean", "low"] = "mean", level: Level = 0.95
) -> tuple[CurvePoint, ...]:
    """Return the fitted ``b1 x + b2 x^2`` over the sample, relative to its value at the mean (or low end) of x.

    Formula: f(x) - f(r) = b1 (x - r) + b2 (x^2 - r^2), with t x sqrt(g' V g), g = (x - r, x^2 - r^2). The band is
    pointwise at ``level`` and has no width at the reference. Returns ``n`` equidistant points.
    """
    if n < 2:
        raise UsageError(f"a curve needs at least two points, not {n}", remedy="give n=101")
    q, spread = _quadratic(result, variable), _where_it_lies(result, variable)
    reference = spread.low if relative_to == "low" else float(np.average(spread.values, weights=spread.counts))
    x = np.linspace(spread.low, spread.high, n)
    g1, g2 = x - reference, x**2 - reference**2
    fit = q.b1 * g1 + q.b2 * g2
    variance = q.s11 * g1**2 + 2 * q.s12 * g1 * g2 + q.s22 * g2**2
    width = q.critical(level) * np.sqrt(np.maximum(variance, 0.0))
    columns = (x, fit, fit - width, fit + width)
    return tuple(CurvePoint(*point) for point in zip(*(c.tolist() for c in columns), strict=True))


class Parabola(NamedTuple):
    """Numbers from which a fitted curve is drawn.

    The curve is ``b1 (x - centre) + b2 (x^2 - centre^2)`` from ``low`` to ``high``.

    The squared half width of its pointwise band is ``w11 g1^2 + 2 w12 g1 g2 + w22 g2^2``, g = (x - centre, x^2 -
    centre^2).
    """

    low: float
    high: float
    centre: float
    b1: float
    b2: float
    w11: float
    w12: float
    w22: float


@checked
def parabola(result: FitResult, variable: str, level: Level = 0.95) -> Parabola:
    """Return, as eight numbers, the same curve as `curve`: relative to its value at the mean of the variable.

    Formula: w = t(level)^2 x the covariance of (b1, b2). Raises `UsageError` if the fit does not hold the distribution
        of the variable.
    """
    q, spread = _quadratic(result, variable), _where_it_lies(result, variable)
    centre = float(np.average(spread.values, weights=spread.counts))
    wide = q.critical(level) ** 2
    return Parabola(spread.low, spread.high, centre, q.b1, q.b2, wide * q.s11, wide * q.s12, wide * q.s22)


def percentile_of(result: FitResult, variable: str, percent: float) -> float:
    """Return a percentile of the variable over the sample, by Stata's rule.

    Raises `UsageError` if the fit does not hold the distribution of the variable.
    """
    return _percentile(_where_it_lies(result, variable), percent)


def _where_it_lies(result: FitResult, variable: str) -> Spread:
    """Return the distribution of a variable that the fit holds. Raises `UsageError` if it holds none."""
    spread = _spread(result, variable)
    if spread is None:
        raise UsageError(
            f"the fit does not store the range of {variable!r}",
            remedy="fit again with its square: give the formula both",
        )
    return spread


def _quadratic(result: FitResult, variable: str) -> _Quadratic:
    """Return the coefficients of a variable and its square, with their covariance. Raise if one is missing."""
    square = f"{variable}^2"
    terms = [c.term for c in result.coefficients]
    for term in (variable, square):
        if term in result.dropped:
            raise NotIdentified(
                say("impossible.u-test-needs", term=repr(term), why=result.dropped[term]),
                where=result.formula,
                remedy="remove the fixed effect or the collinear regressor that absorbs it",
            )
    known = [t for t in terms if f"{t}^2" in terms]
    if variable not in terms:
        raise UnknownName(
            f"{variable!r} is not in the formula", where=result.formula, remedy=did_you_mean(variable, known)
        )
    if square not in terms:
        raise UnknownName(
            f"{variable!r} has no square in the formula", where=result.formula, remedy=f"write {variable} + {square}"
        )
    b1, b2 = result[variable].estimate, result[square].estimate
    if b2 == 0:
        raise NotIdentified(say("impossible.square-zero", variable=repr(variable)))
    df = min(result.df_by_term.get(t, result.df_t) for t in (variable, square))
    cross = result.covariance(variable, square)
    return _Quadratic(b1, b2, result.covariance(variable, variable), cross, result.covariance(square, square), df)


def _spread(result: FitResult, variable: str) -> Spread | None:
    return next((s for s in result.spreads if s.variable == variable), None)


def _end(spread: Spread | None, variable: str, end: float | str | None, side: Literal["low", "high"]) -> float:
    """Return one end of the range: a value, the value at a percentile, or the extreme of the sample."""
    if end is not None and not isinstance(end, str):
        return float(end)
    if spread is None:
        raise UsageError(
            f"the fit does not store the range of {variable!r}",
            remedy=f"give {option('low', ...)} and {option('high', ...)} as values",
        )
    if end is None:
        return spread.low if side == "low" else spread.high
    percent = percent_of(end)
    if percent is None:
        raise UsageError(f"{side}={end!r} is neither a value nor a percentile", remedy='write low="p5", high="p95"')
    return _percentile(spread, percent)


def _ratio(slope: float, error: float) -> float:
    return slope / error if error else math.copysign(math.inf, slope) if slope else 0.0


def _fieller(q: _Quadratic, level: float) -> tuple[FiellerKind, float | None, float | None]:
    """Return all m with (b1 + 2 b2 m)^2 <= t^2 var(b1 + 2 b2 m).

    This set is an interval, all numbers outside a gap, or every number.
    """
    t2 = q.critical(level) ** 2
    a = q.b2**2 - t2 * q.s22 or -0.0  # exactly zero is the limit of two rays whose gap runs to infinity
    b = q.b1 * q.b2 - t2 * q.s12
    c = q.b1**2 - t2 * q.s11
    d = (q.s12**2 - q.s11 * q.s22) * t2 + q.b2**2 * q.s11 + q.b1**2 * q.s22 - 2 * q.b1 * q.b2 * q.s12
    if a <= 0 and d <= 0:
        return "line", None, None
    root = b + math.copysign(math.sqrt(t2 * max(d, 0.0)), b)  # the sum without cancellation; the other root is c / root
    with np.errstate(divide="ignore"):
        ends = sorted(float(-theta / 2) for theta in (np.float64(root) / a, c / root if root else 0.0))
    return ("interval" if a > 0 else "two_rays"), ends[0], ends[1]


def _beyond(values: Vector, counts: Vector, turn: float) -> float:
    """Return the share of rows strictly beyond the turning point."""
    return float(counts[values > turn].sum() / counts.sum())


def _shares(groups: Mapping[str, tuple[Vector, Vector]], turn: float) -> dict[str, float]:
    return {name: _beyond(values, counts, turn) for name, (values, counts) in groups.items()}


def _percentile(spread: Spread, percent: float) -> float:
    """Return a percentile of counted values by Stata's rule.

    If n p / 100 is whole, the percentile is the mean of the values in that row and in the next row.
    """
    return weighted_quantiles(spread.values, spread.counts, (percent / 100,))[0]


def turning_point(fit: FitResult, x: str) -> float | None:
    """Return the turning point -b1 / (2 b2); None if the fit has no square."""
    terms = by_term(fit)
    if x not in terms or f"{x}^2" not in terms or not terms[f"{x}^2"].estimate:
        return None
    return -terms[x].estimate / (2 * terms[f"{x}^2"].estimate)
