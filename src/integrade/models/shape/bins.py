"""Binned means beside a fitted curve: what the rows themselves say of its form, net of effects and other regressors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from integrade import frames
from integrade.errors import UsageError
from integrade.models.fit.residuals import residuals
from integrade.models.fit.results import FitResult
from integrade.models.fit.rows import weight_values
from integrade.regress.effects import Vector


@dataclass(frozen=True)
class Bin:
    """Neighbouring values of the regressor: their mean, the mean partial residual, and how many rows they have."""

    x: float
    y: float
    rows: int


def binned_means(fit: FitResult, panel: Any, variable: str, n: int = 20, weights: str | None = None) -> tuple[Bin, ...]:
    """Mean partial residuals in ``n`` bins of about equally many rows, on the scale of `inverted_u.curve`.

    Formula: for row i in bin B, y_i = b1 (x_i - r) + b2 (x_i^2 - r^2) + e_i with r the mean of x over the sample and e
        the residual net of effects and of every other regressor; the bin is at the means of x and of y (with the
        weights of the fit). Where the quadratic is right, the bins scatter around it; where it is not, they show how.
    Returns: at most ``n`` bins in order of x. Rows with one value of x are in one bin, so there are fewer where x takes
        few values. ``rows`` counts rows, whatever their weights.
    Missing values: rows that the fit did not use are in no bin.

    Raises:
        UsageError: fewer than two bins are asked for; this is not the panel of the fit (`residuals`).
    """
    if n < 2:
        raise UsageError(f"binned means need at least two bins, not {n}", remedy="give n=20")
    net = residuals(fit, panel, weights).cast(pl.Float64).fill_null(np.nan).to_numpy()
    table = frames.collect(frames.enter(panel).select(dict.fromkeys([variable, *([weights] if weights else [])])))
    x: Vector = table[variable].cast(pl.Float64).to_numpy()
    mass: Vector = np.ones(len(x)) if weights is None else weight_values(table[weights])
    used = np.isfinite(net)
    return _binned(fit, variable, (x[used], net[used], mass[used]), n)


def _binned(fit: FitResult, variable: str, rows: tuple[Vector, Vector, Vector], n: int) -> tuple[Bin, ...]:
    x, net, mass = rows
    own = {c.term: c.estimate for c in fit.coefficients}
    b1, b2 = own[variable], own.get(f"{variable}^2", 0.0)
    spread = next((s for s in fit.spreads if s.variable == variable), None)
    reference = float(np.mean(x)) if spread is None else float(np.average(spread.values, weights=spread.counts))
    y = b1 * (x - reference) + b2 * (x**2 - reference**2) + net
    _, place, counts = np.unique(x, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - counts / 2
    bins = np.minimum((middle * n / len(x)).astype(np.int64), n - 1)[place]
    sums = (np.bincount(bins, w, minlength=n) for w in (mass, mass * x, mass * y))
    total, of_x, of_y = sums
    many = np.bincount(bins, minlength=n)
    return tuple(
        Bin(float(of_x[i] / total[i]), float(of_y[i] / total[i]), int(many[i])) for i in range(n) if total[i] > 0
    )
