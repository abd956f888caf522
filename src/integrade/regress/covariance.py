"""Compute covariances of least-squares coefficients: iid, HC1 to HC3, one-way and multi-way clusters.

All functions take ``x`` (n, k) with the effects removed, residuals (n,), optional weights (n,) and ``bread`` =
(x'Wx)^-1. With instruments, ``x`` holds the fitted regressors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np

from integrade.regress.effects import Factor, Vector, combine
from integrade.regress.ols import Solution
from integrade.regress.partial import group_sums
from integrade.regress.ssc import Rule, cluster_factor

_FULL = 1e-9  # a row with 1 - leverage up to this fits itself exactly; a convention
_NO_VARIANCE = 1e-13  # an eigenvalue of a correlation matrix up to this share of the largest counts as zero
_ROUNDING = 1e-9  # a negative eigenvalue up to this size, relative to the sum of the parts, is rounding


@dataclass(frozen=True)
class Clustered:
    """A clustered covariance, and whether negative eigenvalues had to be set to zero (`positive`)."""

    vcov: Vector
    repaired: bool


def iid(fit: Solution, weights: Vector | None, df: float) -> Vector:
    """Return ``s^2 (x'Wx)^-1`` with ``s^2 = u'Wu / df``."""
    u = fit.residuals
    return fit.bread * (float(u @ (u if weights is None else u * weights)) / df)


def robust(
    x: Vector, fit: Solution, weights: Vector | None, *, kind: Literal["HC1", "HC2", "HC3"], hat: Vector | None, k: int
) -> Vector:
    """Return White's covariance. ``hat`` (n,) are the leverages of the rows, needed for HC2 and HC3.

    Rows with leverage 1 have no residual and contribute nothing.
    """
    u = fit.residuals if weights is None else fit.residuals * weights
    if kind == "HC1":
        scale = len(u) / (len(u) - k)
    else:
        assert hat is not None
        scale = 1.0
        slack = 1 - hat
        free = np.abs(slack) > _FULL
        u = np.where(free, u / np.where(free, slack if kind == "HC3" else np.sqrt(np.abs(slack)), 1.0), 0.0)
    scores = x * u[:, None]
    return np.asarray(fit.bread @ (scores.T @ scores) @ fit.bread) * scale


def leverages(
    actual: Vector, x: Vector, bread: Vector, weights: Vector | None, *, effects: Vector | None = None
) -> Vector:
    """Return leverages (n,), the effect of a row's outcome on its own fitted value.

    Formula: ``w_i actual_i' bread x_i`` plus the leverage on the effects.

    ``actual`` (n, k) holds the regressors themselves. With instruments x holds the fitted regressors; the result is
    then the hat value of `AER::ivreg`, which need not lie between 0 and 1.
    """
    hat = np.einsum("ij,ij->i", actual @ bread, x)
    if weights is not None:
        hat = hat * weights
    return np.asarray(hat if effects is None else hat + effects)


def cluster_scores(x: Vector, residuals: Vector, cluster: Factor, weights: Vector | None = None) -> Vector:
    """Return ``x_g'W_g u_g`` for every cluster, shape (G, k)."""
    return group_sums(cluster.codes, cluster.levels, x, residuals if weights is None else residuals * weights)


def clustered(
    bread: Vector,
    scores: Callable[[Factor], Vector],
    *,
    clusters: Sequence[Factor],
    n: int,
    k: int,
    rule: Rule = "reghdfe",
) -> Clustered:
    """Return CR1 for one or several cluster variables (Cameron, Gelbach and Miller: V1 + V2 - V12).

    The function `positive` makes a combination positive semi-definite.

    ``scores`` returns x_g'W_g u_g (G, k) for a factor. ``rule`` decides the small-sample factor of each part
    (`regress.ssc`). By default it is the factor of the variable with the fewest clusters; with ``cgm`` each part has
    its own. With ``multi0`` each part has its own too, but the last part is by rows and has no factor.
    """
    if len(clusters) == 1:
        return Clustered(_part(bread, scores(clusters[0]), cluster_factor(n, k, clusters[0].levels)), repaired=False)
    fewest = min(c.levels for c in clusters)
    total, every = np.zeros_like(bread), np.zeros_like(bread)
    for size in range(1, len(clusters) + 1):
        for chosen in combinations(clusters, size):
            if rule == "multi0" and size == len(clusters):
                cluster, factor = Factor("row", np.arange(n, dtype=np.intp), n), 1.0
            else:
                cluster = chosen[0] if size == 1 else combine("+".join(c.name for c in chosen), chosen)
                factor = cluster_factor(n, k, cluster.levels if rule in ("cgm", "multi0") else fewest)
            part = _part(bread, scores(cluster), factor)
            total += (-1) ** (size + 1) * part
            every += part
    return positive(total, every)


def _part(bread: Vector, s: Vector, factor: float) -> Vector:
    """Return ``factor bread s's bread`` for scores s (G, k).

    ``s bread`` comes first: its products lose half as many digits as those of ``s's`` if columns are nearly collinear.
    """
    influence = s @ bread
    return np.asarray(factor * (influence.T @ influence))


def positive(vcov: Vector, metric: Vector) -> Clustered:
    """Set negative eigenvalues of a difference of covariances (k, k), measured in ``metric``, to zero.

    Formula: metric = L L' is the sum of the covariances of which ``vcov`` is the sum with signs (V1 + V2 + V12 for V1 +
        V2 - V12), so vcov = L A L'. The repaired covariance is L A+ L', A+ with the negative eigenvalues of A at zero.
        If x is replaced by x D, both covariances become D^-1 (.) D^-T, and A is only rotated. So the repair does not
        depend on the units of regressors, or on the choice of columns with the same span. The eigenvalues of vcov
        itself (as in reghdfe and fixest) depend on the units: a matrix may be repaired in metres and not in kilometres.
        Eigenvalues of A lie in -1..1. Eigenvalues that are zero up to rounding need no repair.

    Reference: Cameron, Gelbach and Miller (2011), who take the eigenvalues of vcov.
    """
    scale = np.sqrt(np.maximum(np.diag(metric), 0.0))
    scale = np.where(scale > 0, scale, 1.0)
    unit = metric / np.outer(scale, scale)
    values, vectors = np.linalg.eigh((unit + unit.T) / 2)
    varying = values > _NO_VARIANCE * max(float(values.max(initial=0.0)), 1e-300)
    root = vectors[:, varying] * np.sqrt(values[varying])
    back = vectors[:, varying] / np.sqrt(values[varying])
    inner = back.T @ (vcov / np.outer(scale, scale)) @ back
    values, vectors = np.linalg.eigh((inner + inner.T) / 2)
    if values.min(initial=0.0) >= -_ROUNDING:
        return Clustered(vcov, repaired=False)
    left = (root @ vectors) * np.sqrt(np.maximum(values, 0.0)) * scale[:, None]
    return Clustered(left @ left.T, repaired=True)
