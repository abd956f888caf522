"""Compute two-stage least squares and two-step GMM on columns whose effects are removed.

Notation: x are the p endogenous regressors, w the q exogenous ones (with the constant if there are no effects), and z
    the L excluded instruments. A tilde marks columns with w partialled out. Statistics follow Stata's ivreg2 (METHODS
    5.8).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np

from integrade.regress.covariance import cluster_scores
from integrade.regress.effects import Factor, Vector, combine
from integrade.regress.ols import Solution, cross_products, least_squares

Kind = Literal["iid", "robust", "cluster"]
_SINGULAR = 1e12  # correlations of moments with a larger condition number count as singular; a convention


@dataclass(frozen=True)
class Errors:
    """Assumptions on the errors of moments and first stages: kind, clusters, weights and number of parameters."""

    kind: Kind
    clusters: tuple[Factor, ...]
    weights: Vector | None
    exogenous: int  # parameters other than the endogenous slopes, absorbed effects counted as in the fit


@dataclass(frozen=True)
class TwoStage:
    """The 2SLS fit. ``fitted`` (n, p + q) holds the regressors projected on the instruments, endogenous ones first."""

    solution: Solution
    fitted: Vector


def two_stage(x: Vector, w: Vector, z: Vector, y: Vector, weights: Vector | None = None) -> TwoStage:
    """Compute 2SLS of y on [x, w] with instruments [z, w]; residuals use the actual x."""
    instruments = np.hstack([z, w])
    columns = [x[:, j] - least_squares(instruments, x[:, j], weights).residuals for j in range(x.shape[1])]
    fitted = np.column_stack([*columns, w]) if columns else w
    second = least_squares(fitted, y, weights)
    residuals = y - np.hstack([x, w]) @ second.coefficients
    return TwoStage(Solution(second.coefficients, second.bread, residuals), fitted)


@dataclass(frozen=True)
class Gmm:
    """Two-step GMM: the fit, ``combined`` (n, p + q) = z S^-1 z'WX, and J at the estimate.

    ``combined`` takes the place of the regressors in least squares: b = bread combined'Wy, and the errors of b are
    those of ``bread combined'Wu``. S (m, m) is the covariance of the moments. ``inner`` is S divided by the mean
    squared residual, so that ``bread`` has the same scale as in 2SLS.
    """

    solution: Solution
    combined: Vector
    inner: Vector
    j: float


def two_step(x: Vector, w: Vector, z: Vector, y: Vector, *, first: Vector, errors: Errors) -> Gmm | None:
    """Compute GMM with the weight S^-1.

    S is the covariance of the moments at the residuals ``first`` (n,) of 2SLS.

    J = g'S^-1 g at the estimate. Returns None if S is singular, which happens with fewer clusters than moments.
    """
    instruments, regressors = np.hstack([z, w]), np.hstack([x, w])
    inner = meat(instruments, first, errors)
    scaling = in_unit_scale(inner)
    if scaling is None:
        return None
    scale, scaled = scaling
    weighted = instruments if errors.weights is None else instruments * errors.weights[:, None]
    a_x, a_y = weighted.T @ regressors / scale[:, None], weighted.T @ y / scale
    inverse = np.linalg.inv(scaled)
    variance = float(first @ (first if errors.weights is None else first * errors.weights)) / len(y)
    bread: Vector = np.linalg.inv(a_x.T @ inverse @ a_x).astype(np.float64)
    b = bread @ (a_x.T @ (inverse @ a_y))
    g = a_y - a_x @ b
    combined = instruments @ (inverse @ a_x / scale[:, None]) * variance
    return Gmm(Solution(b, bread / variance, y - regressors @ b), combined, inner / variance, float(g @ inverse @ g))


def in_unit_scale(inner: Vector) -> tuple[Vector, Vector] | None:
    """Return the standard deviations of the moments (m,) and their correlations (m, m); None if S has no inverse.

    S is singular if there are fewer clusters than moments. With several cluster variables S is V1 + V2 - V12, which
    need not be positive definite.
    """
    if not np.all(np.diag(inner) > 0):
        return None
    scale = np.sqrt(np.diag(inner))
    scaled = inner / np.outer(scale, scale)
    if np.linalg.cond(scaled) > _SINGULAR or np.linalg.eigvalsh(scaled)[0] <= 0:
        return None
    return scale, scaled


def gmm_from_moments(gram: Vector, endogenous: int, exogenous: int, inner: Vector) -> tuple[Vector, bool]:
    """Compute GMM with a given S (m, m) of the moments of [z, w], from the cross-products of [x, w, z, y].

    Also returns whether the coefficients are identified. Eigenvalues of unit columns below 1e-12 of the largest count
    as rounding errors.
    """
    p, k = endogenous, endogenous + exogenous
    instruments = [*range(k, len(gram) - 1), *range(p, k)]
    scale = np.sqrt(np.maximum(np.diag(gram)[:k], 1e-300))
    a = gram[np.ix_(instruments, [*range(k), len(gram) - 1])]
    half = np.linalg.solve(np.linalg.cholesky(inner), a)
    half[:, :k] /= scale
    values = np.linalg.eigvalsh(half[:, :k].T @ half[:, :k])
    b = np.linalg.lstsq(half[:, :k], half[:, k])[0]
    return b / scale, bool(values[0] > 1e-12 * values[-1])


def from_moments(gram: Vector, endogenous: int, exogenous: int) -> tuple[Vector, bool]:
    """Compute 2SLS from the cross-products of [x, w, z, y]; also return whether it is identified.

    Eigenvalues of unit columns below 1e-12 of the largest are rounding.
    """
    p, k = endogenous, endogenous + exogenous
    regressors, instruments = np.arange(k), np.r_[np.arange(p, k), np.arange(k, len(gram) - 1)]
    scale = np.sqrt(np.maximum(np.diag(gram), 1e-300))
    scaled = gram / np.outer(scale, scale)
    first = np.linalg.lstsq(scaled[np.ix_(instruments, instruments)], scaled[np.ix_(instruments, [*regressors, -1])])[0]
    projected = scaled[np.ix_(regressors, instruments)] @ first
    values = np.linalg.eigvalsh(projected[:, :k])
    b = np.linalg.lstsq(projected[:, :k], projected[:, k])[0]
    return b * scale[-1] / scale[:k], bool(values[0] > 1e-12 * values[-1])


def rest_df(n: int, errors: Errors, many: int) -> int:
    """Return n - K - L, the number of rows minus the number of exogenous parameters and of instruments."""
    return n - errors.exogenous - many


def small_sample(n: int, errors: Errors, many: int) -> float:
    """Return ivreg2's small-sample factor for a Wald statistic that was computed without a correction."""
    df = rest_df(n, errors, many)
    if errors.kind != "cluster":
        return df / n
    groups = min(c.levels for c in errors.clusters)
    return df / (n - 1) * (groups - 1) / groups


def added(z: Vector, u: Vector, errors: Errors) -> Vector:
    """Return the covariance that `meat` returns; with several cluster variables, the sum of their covariances.

    The sum is always positive semi-definite. It is used if a test has no estimate whose covariance could be made
    positive (Davezies, D'Haultfoeuille and Guyonvarch 2021). It is too large and therefore conservative.
    """
    if len(errors.clusters) < 2:
        return meat(z, u, errors)
    parts = (cluster_scores(z, u, cluster, errors.weights) for cluster in errors.clusters)
    return np.asarray(sum(s.T @ s for s in parts))


def meat(z: Vector, u: Vector, errors: Errors) -> Vector:
    """Return the covariance of ``z'Wu`` without small-sample correction."""
    weighted = u if errors.weights is None else u * errors.weights
    if errors.kind == "iid":
        return cross_products(z, errors.weights) * float(u @ weighted) / len(u)
    if errors.kind == "robust":
        scores = z * weighted[:, None]
        return np.asarray(scores.T @ scores)
    total = np.zeros((z.shape[1], z.shape[1]))
    for size in range(1, len(errors.clusters) + 1):
        for chosen in combinations(errors.clusters, size):
            s = cluster_scores(z, u, chosen[0] if size == 1 else combine("", chosen), errors.weights)
            total += (-1) ** (size + 1) * (s.T @ s)
    return total
