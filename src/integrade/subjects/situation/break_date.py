"""Date one break in a short annual series: the sup-F test, the most likely date, and intervals for the date."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from integrade.errors import NotANumber, NotIdentified, TooFew, UsageError
from integrade.estimate.results import Vector
from integrade.records import needs, tidied
from integrade.records.confidence import Level, checked
from integrade.wording.numerals import below
from integrade.wording.sheet import Sheet, number, p_number, shown
from plainwords.texts import say

if TYPE_CHECKING:
    import polars as pl

Model = Literal["level", "trend"]
MODELS: tuple[Model, ...] = ("level", "trend")
SEED = 20240101
# grid of autocorrelations; a convention
PERSISTENT: tuple[float, ...] = tuple(np.round(np.arange(0.0, 0.91, 0.1), 1).tolist())
SAMPLES = 500  # simulated series per autocorrelation of the grid; a convention
LONG = 60
"""In longer series, two simulations are replaced (a convention).

The likelihood ratio has its limit law, and the autocorrelation has Kendall's correction.
"""


@shown
@dataclass(frozen=True)
class BreakDate:
    """The most likely date of one break in a series, with a test for the break and two intervals for the date.

    ``last_before`` is the last year of the first regime. ``p_value`` is the p-value of sup F, simulated for this length
    with independent normal errors. It is exact for such errors. ``p_persistent`` is simulated with errors of the
    estimated autocorrelation instead (a parametric bootstrap). ``dates`` are the dates that the likelihood ratio does
    not reject. ``bai_low`` and ``bai_high`` are the ends of the interval of Bai (1997). They are missing for a trend,
    or if the interval cannot be computed. ``path`` holds year, value, fitted value, and the F of a break after that
    year. F is missing for years too near to an end. ``before`` and ``after`` hold the mean of each regime or, with a
    trend, its intercept at the first year and its slope per year. ``bic_line`` is the BIC of a straight line without a
    break, ``bic_break`` the BIC with the break. The model with the smaller BIC describes the series better.
    """

    series: str
    model: Model
    n: int
    first: int
    last: int
    last_before: int
    sup_f: float
    p_value: float
    p_persistent: float
    autocorrelation: float
    dates: tuple[int, ...]
    bai_low: int | None
    bai_high: int | None
    before: tuple[float, ...]
    after: tuple[float, ...]
    bic_line: float
    bic_break: float
    path: tuple[tuple[int, float, float, float | None], ...]
    shortest: int
    level: float
    draws: int
    seed: int

    def tidy(self) -> pl.DataFrame:
        """Return one row per estimate (or row of the result), with broom's columns (`integrade.records.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Return the numbers of the result as a table of one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """Return the test, the date and both intervals."""
        dates = f"{self.dates[0]} to {self.dates[-1]}" if self.dates else "none"
        bai = "not placed" if self.bai_low is None else f"{self.bai_low} to {self.bai_high}"
        rows = (
            ("last year before the break", str(self.last_before)),
            ("sup F", number(self.sup_f)),
            ("p, independent errors", p_number(self.p_value)),
            ("p, persistent errors", p_number(self.p_persistent)),
            (f"{100 * self.level:g}% set of dates (likelihood ratio)", f"{dates} ({len(self.dates)} of {self.n - 1})"),
            (f"{100 * self.level:g}% interval (Bai 1997)", bai),
            ("BIC of a straight line, of the break", f"{number(self.bic_line)}, {number(self.bic_break)}"),
        )
        span = f"{self.series}, {self.first} to {self.last}: {self.n} years, each regime at least {self.shortest}"
        return Sheet(f"Break of the {self.model}", ("", ""), rows, (span, f"{self.draws:,} draws, seed {self.seed}"))


class _Candidates(NamedTuple):
    """Candidate dates (the last index of the first regime), and an orthonormal basis of each two-regime design.

    The bases have shape (C, n, 2q), for C candidates.
    """

    at: Vector
    bases: Vector
    whole: Vector


@checked
def break_date(
    years: Sequence[int],
    values: ArrayLike,
    *,
    model: Model = "level",
    trim: float = 0.15,
    level: Level = 0.95,
    series: str = "series",
    draws: int = 1999,
    seed: int = SEED,
) -> BreakDate:
    """Date one break of an annual series, test it, and compute two intervals for the date.

    Formula: y_t = x_t'b1 for t <= k, x_t'b2 after; x is a constant (``level``) or a constant and the year (``trend``).
        F(k) = (SSR_0 - SSR_k) / (SSR_k / (n - 2q)); the date is the k of the largest F (Andrews 1993; Bai and Perron
        1998 with one break). p is simulated with the same n and the same candidates. F does not depend on mean, slope
        or variance. So with independent normal errors the p-value is exact for a series of any length.
        Set of dates: all k whose likelihood ratio n ln(SSR_k / SSR_best) is not rejected (Eo and Morley 2015). The
        distribution of the ratio is simulated for a break at k with the estimates of k; above 60 years it is the limit
        (1 - exp(-x/2))^2. Bai's interval: k -+ quantiles of argmax(W(s) - |s|/2) times s^2 / d^2, one error variance in
        both regimes.
    Missing values: years whose value is not finite are left out; the remaining years must not have gaps.

    Args:
        years: the year of each value, increasing.
        values: the values of the series, in any unit.
        model: ``level`` or ``trend``.
        trim: smallest share of the years in each regime. A regime also has at least q + 1 years.
        level: confidence of both intervals.
        series: name of the series. draws: number of simulations. seed: seed of the simulations.

    Raises:
        TooFew: there are fewer than two candidate dates. NotIdentified: the series does not vary. UsageError: years
        with gaps, an unknown model, a trim outside (0, 0.5).

    Reference: Andrews (1993), Bai (1997), Bai and Perron (1998), Eo and Morley (2015).

    Example:
        >>> break_date(range(2001, 2013), [5, 5.1, 4.9, 5, 5.1, 5, 6, 6.1, 5.9, 6, 6.1, 6], draws=199).last_before
        2006
    """
    needs.require_count(needs.DRAWS, draws=draws)
    if model not in MODELS or not 0 < trim < 0.5:
        raise UsageError(
            f"break_date: model={model!r}, trim={trim}",
            remedy="give model='level', trim=0.15: the model is level or trend, trim < 0.5",
        )
    t, y = _series(years, values)
    x = np.ones((len(y), 1)) if model == "level" else np.column_stack([np.ones(len(y)), t - t[0]])
    shortest = max(math.floor(trim * len(y)), x.shape[1] + 1)
    candidates = _candidates(x, shortest)
    ssr_0, ssr = _ssr(y[None], candidates.whole[None])[0, 0], _ssr(y[None], candidates.bases)[0]
    # the model fits perfectly: 1e-20 is the square of 1e-10, the rounding of a residual relative to y
    if not ssr_0 > 1e-20 * float(y @ y):
        raise NotIdentified(say("impossible.nothing-to-date", model=model), remedy="give another series")
    # keeps F finite where a break fits perfectly
    ssr = np.maximum(ssr, 1e-12 * ssr_0)
    f = (ssr_0 - ssr) / (ssr / (len(y) - 2 * x.shape[1]))
    best = int(np.argmax(f))
    k = int(candidates.at[best])
    fitted = candidates.bases[best] @ (candidates.bases[best].T @ y)
    rho = _persistence(np.random.default_rng([seed, 1]), candidates, y - fitted)
    random = np.random.default_rng(seed)
    p = [
        _p_value(random, candidates, n=len(y), draws=draws, rho=r, observed=float(f[best]), q=x.shape[1])
        for r in (0.0, rho)
    ]
    not_rejected = _not_rejected(random, level, draws, y=y, candidates=candidates, ssr=ssr)
    before, after = (
        np.asarray(np.linalg.lstsq(x[regime], y[regime], rcond=None)[0], dtype=np.float64)
        for regime in (slice(0, k + 1), slice(k + 1, None))
    )
    low, high = (
        _bai(before, after, k=k, n=len(y), variance=float(ssr[best]) / len(y), level=level)
        if model == "level"
        else (None, None)
    )
    line = np.linalg.qr(np.column_stack([np.ones(len(t)), t - t.mean()]))[0]
    ssr_line = float(_ssr(y[None], line[None])[0, 0])
    path = zip(t, y, fitted, strict=True)
    by_date = dict(zip(candidates.at.tolist(), f.tolist(), strict=True))
    return BreakDate(
        series,
        model,
        len(y),
        int(t[0]),
        int(t[-1]),
        int(t[k]),
        float(f[best]),
        p[0],
        p[1],
        rho,
        tuple(int(t[int(candidates.at[i])]) for i in not_rejected),
        None if low is None else int(t[0]) + low,
        None if high is None else int(t[0]) + high,
        tuple(before.tolist()),
        tuple(after.tolist()),
        _bic(ssr_line, len(y), 2),
        _bic(float(ssr[best]), len(y), 2 * x.shape[1] + 1),
        tuple((int(a), float(b), float(c), by_date.get(i)) for i, (a, b, c) in enumerate(path)),
        shortest,
        level,
        draws,
        seed,
    )


def _bic(ssr: float, n: int, parameters: int) -> float:
    """Return the BIC n ln(SSR/n) + parameters ln n. The date of a break counts as one parameter."""
    return n * math.log(max(ssr, 1e-300) / n) + parameters * math.log(n)


def _series(years: Sequence[int], values: ArrayLike) -> tuple[Vector, Vector]:
    """Return the years with a finite value, and the values. Raises an error for gaps and for fewer than six years."""
    t, y = np.asarray(years, dtype=np.float64), np.asarray(values, dtype=np.float64)
    if t.shape != y.shape or t.ndim != 1:
        raise UsageError(f"{t.size} years and {y.size} values", remedy="give one value for each year")
    known = np.isfinite(y)
    t, y = t[known], y[known]
    if len(y) < 6:
        raise TooFew(say("impossible.six-years", n=str(len(y))), remedy="give more years")
    if not (np.isfinite(t).all() and (np.diff(t) == 1).all()):
        gap = next((int(a) for a, b in pairwise(t) if b != a + 1), None)
        raise NotANumber(say("impossible.years-with-gap", year=str(gap)), remedy="give every year once, in order")
    return t, y


def _candidates(x: Vector, shortest: int) -> _Candidates:
    """Return the dates that leave ``shortest`` years in each regime. Raises `TooFew` for fewer than two."""
    n, q = x.shape
    at = np.arange(shortest - 1, n - shortest)
    if len(at) < 2:
        raise TooFew(
            say("impossible.few-dates", years=str(n), shortest=str(shortest), n=len(at)),
            remedy="give more years, or a smaller trim",
        )
    both = np.zeros((len(at), n, 2 * q))
    for i, k in enumerate(at):
        both[i, : k + 1, :q], both[i, k + 1 :, q:] = x[: k + 1], x[k + 1 :]
    return _Candidates(at, np.linalg.qr(both)[0], np.linalg.qr(x)[0])


def _ssr(y: Vector, bases: Vector) -> Vector:
    """Return the sums of squared residuals (B, C) of series y (B, n) on each orthonormal basis (C, n, q)."""
    c, n, q = bases.shape
    explained = (y @ bases.transpose(1, 0, 2).reshape(n, c * q)).reshape(len(y), c, q)
    return np.asarray((y * y).sum(axis=1)[:, None] - (explained**2).sum(axis=2))


def _p_value(random: Any, candidates: _Candidates, *, n: int, draws: int, rho: float, observed: float, q: int) -> float:
    """Return the p-value: the share of simulated sup F that reach the observed one.

    The simulated series have no break, and their errors have autocorrelation rho.

    A draw within 1e-9 (relatively) of the observed value is a tie and counts.
    """
    y = _errors(random, (draws, n), rho)
    ssr_0, best = _ssr(y, candidates.whole[None])[:, 0], _ssr(y, candidates.bases).min(axis=1)
    f = (ssr_0 - best) / (best / (n - 2 * q))
    return float((1 + (f >= observed * (1 - 1e-9)).sum()) / (draws + 1))


def _errors(random: Any, shape: tuple[int, int], rho: float) -> Vector:
    """Draw series (B, n) of autoregressive errors with coefficient rho and standard normal innovations.

    If rho is not positive, the errors are independent.
    """
    e: Vector = random.standard_normal(shape)
    if rho <= 0:
        return e
    e[:, 0] /= math.sqrt(1 - rho**2)
    for t in range(1, shape[1]):
        e[:, t] += rho * e[:, t - 1]
    return e


def _autocorrelation(residuals: Vector) -> Vector:
    """Return first-order autocorrelations of the rows of residuals (B, n)."""
    squares = np.maximum((residuals**2).sum(axis=1), 1e-300)
    return np.asarray((residuals[:, 1:] * residuals[:, :-1]).sum(axis=1) / squares)


def _persistence(random: Any, candidates: _Candidates, residuals: Vector) -> float:
    """Return an estimate of rho, the autocorrelation of the errors.

    Residuals around a break whose date is estimated look less persistent than the errors are, especially in few years.
    So the mean autocorrelation of the residuals is simulated on a grid of rho. The estimate is the rho whose simulated
    value equals the observed autocorrelation. Above 60 years Kendall's correction is enough.
    """
    autocorrelation, n = float(_autocorrelation(residuals[None])[0]), len(residuals)
    if n > LONG:
        return min((autocorrelation + 1 / n) / (1 - 3 / n), PERSISTENT[-1])
    means = []
    for rho in PERSISTENT:
        y = _errors(random, (SAMPLES, n), rho)
        best = _ssr(y, candidates.bases).argmin(axis=1)
        for i, basis in enumerate(candidates.bases):
            here = best == i
            y[here] -= (y[here] @ basis) @ basis.T
        means.append(float(_autocorrelation(y).mean()))
    return float(np.interp(autocorrelation, np.maximum.accumulate(means), PERSISTENT))


def _not_rejected(
    random: Any, level: float, draws: int, *, y: Vector, candidates: _Candidates, ssr: Vector
) -> list[int]:
    """Return the candidates whose likelihood ratio is not rejected."""
    n = len(y)
    ratio = n * np.log(ssr / ssr.min())
    if n > LONG:
        return np.flatnonzero(ratio <= -2 * math.log(1 - math.sqrt(level))).tolist()
    e = random.standard_normal((draws, n))
    kept = []
    for i, basis in enumerate(candidates.bases):
        simulated = basis @ (basis.T @ y) + math.sqrt(ssr[i] / (n - basis.shape[1])) * e
        each = _ssr(simulated, candidates.bases)
        drawn = n * np.log(each[:, i] / each.min(axis=1))
        # 1e-12 counts a draw as a tie when it differs from the observed ratio only by rounding
        if not below((1 + (drawn >= ratio[i] - 1e-12).sum()) / (draws + 1), 1 - level):
            kept.append(i)
    return kept


def _bai(
    before: Vector, after: Vector, *, k: int, n: int, variance: float, level: float
) -> tuple[int | None, int | None]:
    """Return Bai's interval for the date of a shift of the mean.

    Its ends are indices of the last year before the shift, cut at the ends of the series.
    """
    jump = float(after[0] - before[0])
    if jump == 0:
        return None, None
    width = math.ceil(bai_quantile((1 + level) / 2) * variance / jump**2)
    return max(k - width, 0), min(k + width, n - 2)


def bai_quantile(p: float) -> float:
    """Return the p-quantile (p > 0.5) of argmax_s W(s) - |s|/2, W a two-sided Brownian motion (Bai 1997; Yao 1987).

    Formula: G(x) = 1 + sqrt(x/(2 pi)) exp(-x/8) - (x + 5)/2 Phi(-sqrt(x)/2) + 3/2 exp(x) Phi(-3 sqrt(x)/2).

    Example:
        >>> round(bai_quantile(0.975), 2)
        11.03
    """
    low, high = 0.0, 1.0
    while _bai_law(high) < p:
        high *= 2
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if _bai_law(middle) < p else (low, middle)
    return (low + high) / 2


def _bai_law(x: float) -> float:
    root = math.sqrt(x)
    tail = math.exp(x + float(special.log_ndtr(-1.5 * root)))
    return float(
        1 + root / math.sqrt(2 * math.pi) * math.exp(-x / 8) - (x + 5) / 2 * special.ndtr(-root / 2) + 1.5 * tail
    )
