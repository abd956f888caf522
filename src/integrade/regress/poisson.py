"""Poisson pseudo-maximum likelihood with fixed effects and clustered errors: Fisher steps of `regress.quasi`."""

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
from integrade.wording.texts import say

HEAVY, RECTIFIED, TIGHT = 1e6, 1000, 1e-5
"""Of the rectifier: the weight of rows above zero, how many rounds at most, and the fit at which it ends."""
GONE = 1e-9  # norm of a regressor left after the effects, relative to its own


@dataclass(frozen=True)
class Poisson:
    """Coefficients (k,), their clustered covariance (k, k) with factor G/(G-1), fitted means (n,), clusters G.

    A mean of exactly zero marks a separated row: regressors and effects explain its zero alone, so that it says nothing
    about the coefficients; it is left out.
    """

    coefficients: Vector
    vcov: Vector
    means: Vector
    clusters: int


def poisson(y: Vector, x: Vector, effects: Sequence[Factor], cluster: Factor) -> Poisson:
    """E(y) = exp(x'b + effects), every level of an effect with some outcome above zero (`quasi.informative`).

    Formula: sum x (y - mu) = 0; V = G/(G-1) (X'MX)^-1 [sum_g s_g s_g'] (X'MX)^-1, X net of the effects with weights
    mu (M = diag mu), s_g = X_g'(y_g - mu_g). Raises `NoConvergence`, and `NotIdentified` when the effects absorb a
    regressor, or it varies over separated rows alone.
    """
    there = ~separated(y, x, effects)
    if not there.all():
        rest = poisson(y[there], np.ascontiguousarray(x[there]), on_rows(effects, there), keep_rows(cluster, there))
        means = np.zeros(len(y))
        means[there] = rest.means
        return replace(rest, means=means)
    net = demean(absorber(list(effects)), x.copy())
    if independent(net, cross_products(net), floors=GONE * np.sqrt((x**2).sum(axis=0)))[1]:
        raise NotIdentified(
            say("impossible.absorbed-where-informative", rows=f"{len(y):,}"),
            remedy="use fewer effects, or give more rows with an outcome above zero",
        )
    size = float(y.mean())
    found = quasi("poisson", y / size, x, effects)
    means = found.means * size
    scores = cluster_scores(found.net, y / size - found.means, cluster)
    vcov = found.bread @ (scores.T @ scores) @ found.bread * cluster.levels / (cluster.levels - 1)
    return Poisson(found.coefficients, (vcov + vcov.T) / 2, means, cluster.levels)


def separated(y: Vector, x: Vector, effects: Sequence[Factor]) -> Mask:
    """Rows (n,) whose zeros the regressors and effects explain alone; their means go to zero and move nothing else.

    There some z = Xb + effects is below zero, while it is zero where y > 0 and nowhere above.

    Iterative rectifier: regress u (1 where y = 0) on X and effects with large weights where y > 0, keep the positive
    part of the fit where y = 0 as the next u, until it fits. Reference: Correia, Guimaraes and Zylkin (2021).
    """
    zero: Mask = np.asarray(y == 0)
    if not zero.any():
        return zero
    weights = np.where(zero, 1.0, HEAVY)
    plan, u = absorber(list(effects), weights), zero.astype(np.float64)
    spread = x.std(axis=0)
    unit = x / np.where(spread > 0, spread, 1.0)
    fitted = np.zeros(len(y))
    for _ in range(RECTIFIED):
        net = demean(plan, np.column_stack([u, unit]))
        fitted = u - (net[:, 0] - net[:, 1:] @ _slopes(net[:, 1:], net[:, 0], weights))
        if np.max(np.abs(fitted - u)) < TIGHT:
            break
        u = np.where(zero, np.maximum(fitted, 0.0), 0.0)
    return zero & (fitted > 10 * TIGHT) if np.max(np.abs(fitted - u)) < TIGHT else np.zeros_like(zero)


def _slopes(x: Vector, y: Vector, weights: Vector) -> Vector:
    """Weighted least squares, collinear columns shared."""
    root = np.sqrt(weights)
    return np.asarray(np.linalg.lstsq(x * root[:, None], y * root, rcond=1e-11)[0])


def on_rows(factors: Sequence[Factor], rows: Mask) -> list[Factor]:
    """Several factors on a subset of rows."""
    return [keep_rows(f, rows) for f in factors]
