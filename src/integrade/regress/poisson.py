"""Run Poisson pseudo-maximum likelihood with fixed effects and clusters, by the Fisher steps of `regress.quasi`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from integrade.errors import NotIdentified
from integrade.regress.covariance import cluster_scores
from integrade.regress.effects import Factor, Mask, Vector, keep_rows
from integrade.regress.ols import cross_products, independent
from integrade.regress.partial import absorber, demean
from integrade.regress.quasi import quasi
from plainwords.texts import say

HEAVY, RECTIFIED, TIGHT = 1e6, 1000, 1e-5
"""Settings of the rectifier: weight of rows above zero, largest number of rounds, and tolerance.

They are conventions.
"""
GONE = 1e-9  # a regressor of which effects leave at most this share of its norm is absorbed (METHODS 5.1)


@dataclass(frozen=True)
class Poisson:
    """Coefficients (k,), clustered covariance (k, k) with the factor G/(G-1), fitted means (n,), number of clusters G.

    A mean of exactly zero marks a separated row. Regressors and effects explain the zero outcome of such a row
    perfectly. The row carries no information on the coefficients and is left out.
    """

    coefficients: Vector
    vcov: Vector
    means: Vector
    clusters: int


def poisson(y: Vector, x: Vector, effects: Sequence[Factor], cluster: Factor) -> Poisson:
    """Estimate E(y) = exp(x'b + effects).

    Every level of an effect must have some outcome above zero (`quasi.informative`).

    Formula: sum x (y - mu) = 0; V = G/(G-1) (X'MX)^-1 [sum_g s_g s_g'] (X'MX)^-1, X net of the effects with weights
    mu (M = diag mu), s_g = X_g'(y_g - mu_g). Raises `NoConvergence`, and `NotIdentified` when the effects absorb a
    regressor, or it varies only over separated rows.
    """
    there = ~separated(y, x, effects)
    if not there.all():
        others = poisson(y[there], np.ascontiguousarray(x[there]), on_rows(effects, there), keep_rows(cluster, there))
        means = np.zeros(len(y))
        means[there] = others.means
        return replace(others, means=means)
    net = demean(absorber(list(effects)), x.copy())
    if independent(net, cross_products(net), floors=GONE * np.sqrt((x**2).sum(axis=0)))[1]:
        raise NotIdentified(
            say("impossible.absorbed-where-informative", rows=f"{len(y):,}"),
            remedy="use fewer effects, or give more rows with an outcome above zero",
        )
    size = float(y.mean())
    fit = quasi("poisson", y / size, x, effects)
    means = fit.means * size
    scores = cluster_scores(fit.net, y / size - fit.means, cluster)
    vcov = fit.bread @ (scores.T @ scores) @ fit.bread * cluster.levels / (cluster.levels - 1)
    return Poisson(fit.coefficients, (vcov + vcov.T) / 2, means, cluster.levels)


def separated(y: Vector, x: Vector, effects: Sequence[Factor]) -> Mask:
    """Return a mask of rows (n,) whose zeros the regressors and effects explain perfectly.

    Their fitted means go to zero and affect nothing else. For these rows there is some z = Xb + effects that is below
    zero on them, zero where y > 0, and nowhere above zero.

    Iterative rectifier: regress u (1 where y = 0) on X and effects with large weights where y > 0. The next u is the
        positive part of the fit where y = 0. Stop when u is fitted. Reference: Correia, Guimaraes and Zylkin (2021).
    """
    zero: Mask = np.asarray(y == 0)
    if not zero.any():
        return zero
    weights = np.where(zero, 1.0, HEAVY)
    plan, u = absorber(list(effects), weights), zero.astype(np.float64)
    spread = x.std(axis=0)
    unit = x / np.where(spread > 0, spread, 1.0)
    fitted, root = np.zeros(len(y)), np.sqrt(weights)
    for _ in range(RECTIFIED):
        net = demean(plan, np.column_stack([u, unit]))
        # least squares; collinear columns share one coefficient
        slopes = np.linalg.lstsq(net[:, 1:] * root[:, None], net[:, 0] * root, rcond=1e-11)[0]
        fitted = u - (net[:, 0] - net[:, 1:] @ slopes)
        if np.max(np.abs(fitted - u)) < TIGHT:
            break
        u = np.where(zero, np.maximum(fitted, 0.0), 0.0)
    return zero & (fitted > 10 * TIGHT) if np.max(np.abs(fitted - u)) < TIGHT else np.zeros_like(zero)


def on_rows(factors: Sequence[Factor], rows: Mask) -> list[Factor]:
    """Return several factors on a subset of rows."""
    return [keep_rows(f, rows) for f in factors]
