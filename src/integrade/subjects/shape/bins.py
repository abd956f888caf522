"""Compute binned means for a fitted curve, net of effects and of every other regressor.

They show the form of the relation without assuming a parabola.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from scipy import special

from integrade.engine.frames import enter
from integrade.errors import UsageError
from integrade.estimate.fit import fit, regression_rows
from integrade.estimate.formula import Formula, Part, Term, parse_formula, square, with_regressors
from integrade.estimate.linear import Fit
from integrade.estimate.ready import Ready
from integrade.estimate.results import FitResult
from integrade.records import needs
from integrade.records.confidence import Level, checked
from integrade.regress.effects import Codes, Vector
from integrade.regress.students import t_quantile

FEWEST = 10
"""A bin with fewer firms is joined to a neighbour, so that no point reveals a few firms."""
MOST = 40
"""Largest number of bins. Each bin is a regressor, and more bins do not fit in a figure."""


@dataclass(frozen=True)
class Bin:
    """A bin of rows with neighbouring values of the regressor: its mean, and the mean outcome net of everything else.

    ``low`` and ``high`` are the ends of the pointwise interval of ``y``; ``units`` counts firms.
    """

    x: float
    y: float
    rows: int
    low: float | None = None
    high: float | None = None
    units: int | None = None


@dataclass(frozen=True)
class Binning:
    """The bins of a figure. ``asked`` is the number before joining; ``joined`` bins were joined to others.

    ``by_rule`` is true if the rule chose the number, false if it was given. ``level`` and ``kind`` describe the
    intervals.
    """

    asked: int
    by_rule: bool
    joined: int
    level: float
    kind: str


class _Rows(NamedTuple):
    """The rows of the regression: x, weights (None: all one) and firms. ``others`` is the formula without x."""

    table: Ready
    others: Formula
    how: Fit
    x: Vector
    mass: Vector | None
    firms: Codes

    def shares(self, bins: Codes) -> Vector:
        """Return the share of each bin in the total weight."""
        totals = np.bincount(bins, self.mass)
        fractions: Vector = totals / totals.sum()
        return fractions

    def average(self, values: Vector) -> float:
        """Return the weighted mean of values that are given one per row."""
        return float(np.average(values, weights=self.mass))


class _Contrasts(NamedTuple):
    """Each bin's coefficient minus the mean over all bins, and its variance. ``df`` are the degrees of freedom of t."""

    values: Vector
    variances: Vector
    df: float


@checked
def binned_means(
    panel: Any, curve: FitResult, variable: str, how: Fit, n: int | None = None, *, level: Level = 0.95
) -> tuple[tuple[Bin, ...], Binning]:
    """Compute the mean outcome by bins of a regressor, with the other regressors and the effects at their means.

    Formula: least squares y_i = sum_j b_j [x_i in bin j] + w_i'g + effects + e_i, w the other regressors; the point of
        bin j is b_j - sum_k s_k b_k, s the shares of rows, plus the mean over the sample of the fitted
        b1 (x - r) + b2 (x^2 - r^2), r the mean of x: points and `inverted_u.curve` have one scale. Bins are quantiles
        of x itself. x is not replaced by a residual first, which would estimate another function (Cattaneo et al.
        2024).
        Intervals: t x the standard error of b_j - sum_k s_k b_k by the covariance of ``how``, pointwise.
    Number of bins where ``n`` is not given: `imse_bins`.
    Returns: the bins in order of x, and how they were formed. Rows with the same value of x are in one bin. A bin with
        fewer than ``FEWEST`` firms (in a panel without firms: rows) is joined to its neighbour, and so is a bin that
        the effects absorb. There are no bins if only one would remain.
    Missing values: rows that the fit did not use are in no bin.

    Args:
        panel: the rows of the fit.
        curve: the fit, whose formula has ``variable`` and its square and is `separable`.
        how: how the fit was estimated.

    Raises:
        UsageError: fewer than two bins.

    Reference: Cattaneo, Crump, Farrell and Feng (2024), American Economic Review 114, 1488-1514.
    """
    if n is not None:
        needs.require_count(needs.SIZE, n=n)
    if n is not None and n < 2:
        raise UsageError(f"binned means need at least two bins, not {n}", remedy="give n=20")
    rows = _rows(panel, parse_formula(curve.formula), variable, replace(how, wild=0))
    asked = imse_bins(rows, curve, variable) if n is None else n
    place = _within(rows.x, _ends(rows.x, asked))
    joined, contrasts = _contrasts(rows, _joined(place, rows.firms))
    bins = list[Bin]()
    if joined.max() > 0:
        mass = np.ones(len(rows.x)) if rows.mass is None else rows.mass
        middle = np.bincount(joined, mass * rows.x) / np.bincount(joined, mass)
        many = np.bincount(joined)
        half = t_quantile((1 + level) / 2, contrasts.df) * np.sqrt(contrasts.variances)
        y = contrasts.values + _mean_of_curve(rows, curve, variable)
        for j in range(len(many)):
            firms = len(np.unique(rows.firms[joined == j]))
            bins.append(
                Bin(float(middle[j]), float(y[j]), int(many[j]), float(y[j] - half[j]), float(y[j] + half[j]), firms)
            )
    return tuple(bins), Binning(asked, n is None, int(place.max()) + 1 - len(bins), level, curve.kind)


def imse_bins(rows: _Rows, curve: FitResult, variable: str) -> int:
    """Return the number of bins that minimises the integrated mean squared error of their means.

    Formula: J = ceil((2 B J0^2 / (V / J0))^(1/3)) (direct plug-in, degree 0), in a pilot of J0 bins:
        B = sum_k s_k d_k^2 var_k(x), d_k the slope in bin k of a continuous line that breaks at the ends of the bins,
        var_k the variance within; V = sum_k s_k var(b_k - sum_j s_j b_j) by the covariance of the fit. J0 = the larger
        of ceil((2 B0 / V0 m)^(1/3)) and ceil((2 m)^(1/3)) (rule of thumb): B0 = mean((b1 + 2 b2 x)^2 / f(x)^2) / 12, f
        the normal density with the mean and standard deviation of x, not below its value at 1.96 standard deviations;
        V0 the mean squared residual; m the least of rows, distinct values and clusters.
    Returns: at least 2, and at most ``MOST`` and the number of distinct values. If the pilot fits perfectly, the upper
        limit is returned.
    Conventions: binsreg scales V by the least of rows, distinct values and clusters; here V is from the covariance of
        the fit, which accounts for its clusters. With few distinct values (a treatment by region and year) more bins
        are chosen.

    Reference: Cattaneo, Crump, Farrell and Feng (2024, 2025).
    """
    distinct = len(np.unique(rows.x))
    most = max(min(MOST, distinct), 2)
    bias, variance = rule_of_thumb(rows, curve, variable)
    if not variance > 0:
        return most
    effective = min(len(rows.x), distinct, *curve.clusters.values())
    first = max(_power(2 * bias / variance * effective), _power(2 * effective))
    ends = _ends(rows.x, min(first, most))
    place, contrasts = _contrasts(rows, _within(rows.x, ends))
    pilot = int(place.max()) + 1
    if pilot < 2:
        return 2
    error = float(rows.shares(place) @ contrasts.variances)
    if not error > 0:
        return most
    wanted = _power(2 * _bias(rows, place, ends) * pilot**2 / (error / pilot))
    return min(max(wanted, 2), most)


def rule_of_thumb(rows: _Rows, curve: FitResult, variable: str) -> tuple[float, float]:
    """Return the numbers B0 and V0 of the formula in `imse_bins`, which need only the quadratic."""
    params = curve.params
    b1, b2 = params.get(variable, 0.0), params.get(square(variable).name, 0.0)
    mean = rows.average(rows.x)
    total = float(len(rows.x)) if rows.mass is None else float(rows.mass.sum())
    deviation = math.sqrt(rows.average((rows.x - mean) ** 2) * total / (total - 1))
    away = np.minimum(np.abs(rows.x - mean) / deviation, float(special.ndtri(0.975)))
    density = np.exp(-(away**2) / 2) / (deviation * math.sqrt(2 * math.pi))
    bias = rows.average(((b1 + 2 * b2 * rows.x) / density) ** 2) / 12
    of_outcome = curve.deviations[curve.outcome] ** 2 * (curve.nobs - 1) / curve.nobs
    return bias, (1 - curve.r2) * of_outcome


def _power(value: float) -> int:
    """Return the cube root, rounded up, and capped so that a table of bins can hold it.

    1e-12 keeps the root of a perfect cube from being rounded up; 1e9 caps the result at 1,000.
    """
    return math.ceil(min(value, 1e9) ** (1 / 3) - 1e-12) if value > 0 else 1


def _rows(panel: Any, parsed: Formula, variable: str, how: Fit) -> _Rows:
    left = [t for t in parsed.regressors if variable not in t.columns]
    others = replace(with_regressors(parsed, left), intercept=True)
    has = panel.columns if isinstance(panel, Ready) else enter(panel).collect_schema().names()
    table = regression_rows(panel, parsed, how, also=["firm"] if "firm" in has else [])
    x = table.series(variable).cast(pl.Float64).to_numpy()
    mass = None if how.weights is None else table.weights(how.weights)
    firms = table.factor("firm").codes if "firm" in has else np.arange(len(x))
    return _Rows(table, others, how, x, mass, firms)


def separable(parsed: Formula, variable: str) -> bool:
    """Return whether bins can replace the variable.

    They can if the variable is in no product with another column, and nothing is instrumented.
    """
    mixed = any(set(t.columns) - {variable} for t in parsed.regressors if variable in t.columns)
    return not mixed and not parsed.endogenous


def _ends(x: Vector, n: int) -> Vector:
    """Return the values that separate about ``n`` bins.

    They are quantiles. If a quantile falls between two values, it is the mean of the two.
    """
    ends: Vector = np.unique(np.quantile(x, np.arange(1, n) / n, method="averaged_inverted_cdf"))
    return ends


def _within(x: Vector, ends: Vector) -> Codes:
    """Return the bin of each value, counted from 0 without empty bins. A value at an end is in the bin below."""
    places: Codes = np.unique(np.searchsorted(ends, x, side="left"), return_inverse=True)[1]
    return places


def _joined(place: Codes, firms: Codes) -> Codes:
    """Join each bin with the next until it has ``FEWEST`` firms. An incomplete last bin joins the one below."""
    to, firms_in_bin, at = np.empty(int(place.max()) + 1, dtype=np.intp), np.empty(0, dtype=firms.dtype), 0
    for bin_ in range(len(to)):
        firms_in_bin = np.union1d(firms_in_bin, firms[place == bin_])
        to[bin_] = at
        if len(firms_in_bin) >= FEWEST:
            firms_in_bin, at = firms_in_bin[:0], at + 1
    to = np.minimum(to, max(at - 1, 0))
    joined: Codes = to[place]
    return joined


def _contrasts(rows: _Rows, place: Codes) -> tuple[Codes, _Contrasts]:
    """Fit the regression on bins. Return the bin of each row, and the contrast of each bin with its variance.

    A bin that the other regressors and effects absorb is joined with the one below it.
    """
    n = int(place.max()) + 1
    if n == 1:
        return place, _Contrasts(np.zeros(1), np.zeros(1), math.nan)
    names = [f"bin {j + 1}" for j in range(n)]
    result = _with(rows, {name: (place == j).astype(np.uint8) for j, name in enumerate(names) if j})
    if any(name in result.dropped for name in names):
        kept = np.cumsum([name not in result.dropped for name in names]) - 1
        return _contrasts(rows, kept[place])
    terms = [c.term for c in result.coefficients]
    at = [terms.index(name) for name in names[1:]]
    values, covariance = np.zeros(n), np.zeros((n, n))
    values[1:] = [result.coefficients[i].estimate for i in at]
    covariance[1:, 1:] = result.vcov[np.ix_(at, at)]
    centred = np.eye(n) - rows.shares(place)
    df = min(result.df_by_term.get(name, result.df_t) for name in names[1:])  # as in `combination` of all bins
    variances = np.einsum("ij,jk,ik->i", centred, covariance, centred)
    return place, _Contrasts(centred @ values, np.maximum(variances, 0.0), df)


def _with(rows: _Rows, columns: Mapping[str, Any]) -> FitResult:
    """Fit the regression with these columns in place of the variable."""
    terms = [*(Term((Part(name),)) for name in columns), *rows.others.regressors]
    return fit(rows.table.plus(columns), with_regressors(rows.others, terms), rows.how)


def _bias(rows: _Rows, place: Codes, ends: Vector) -> float:
    """Return the mean squared error of a constant in each bin, if the true function is a broken line.

    The line is continuous, and its slope changes at the ends of the bins.
    """
    n = int(place.max()) + 1
    highest = [rows.x[place == j].max() for j in range(n - 1)]
    between = ends[np.searchsorted(ends, highest, side="left")]
    kinks = {f"above {j + 1}": np.maximum(rows.x - end, 0.0) for j, end in enumerate(between)}
    params = _with(rows, {"line": rows.x, **kinks}).params
    slopes = np.cumsum([params.get(name, 0.0) for name in ("line", *kinks)])
    shares = rows.shares(place)
    mass = np.ones(len(rows.x)) if rows.mass is None else rows.mass
    totals = np.bincount(place, mass)
    means = np.bincount(place, mass * rows.x) / totals
    within = np.bincount(place, mass * (rows.x - means[place]) ** 2) / totals
    return float(shares @ (slopes**2 * within))


def _mean_of_curve(rows: _Rows, curve: FitResult, variable: str) -> float:
    """Return the mean over the sample of b1 (x - r) + b2 (x^2 - r^2)."""
    params, spread = curve.params, next((s for s in curve.spreads if s.variable == variable), None)
    at = rows.average(rows.x) if spread is None else float(np.average(spread.values, weights=spread.counts))
    b1, b2 = params.get(variable, 0.0), params.get(square(variable).name, 0.0)
    return b1 * (rows.average(rows.x) - at) + b2 * (rows.average(rows.x**2) - at**2)
