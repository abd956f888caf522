"""Bootstrap whole clusters (pairs bootstrap) of linear fits with fixed effects, from cross-products of the clusters.

A replicate draws G clusters with replacement and estimates on their rows, with effects removed again. Let z be the
columns net of the largest effect F, D the dummies of the other effects, and w_g how often cluster g was drawn. Then

    z'z* = sum w_g z_g'z_g,    D'z* = sum w_g D_g'z_g,    D'D* = sum w_g D_g'(I - F_g (F_g'F_g)^- F_g')D_g

and the replicate's cross-products are ``z'z* - z'D* (D'D*)^- D'z*``: no row is touched again. This is exact when the
levels of F lie within clusters: it then makes no difference whether the copies of a level get separate names.

Some levels occur in several clusters. If fewer than half of an effect's levels occur in several clusters (firms that
moved), the effect belongs to the clusters. The drawn copies then get new names, as with Stata's ``idcluster()``, so
that a mover counts as a different firm in each cluster. Otherwise (years, when regions are drawn) the names stay. If
firms moved, a replicate with every cluster drawn once therefore differs from the fit: it is a fit in which each mover
is split into one firm per cluster.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from integrade.errors import UsageError
from integrade.regress.cells import cluster_cells, table_rows
from integrade.regress.effects import Codes, Factor, Vector, combine, keep_rows, moving_levels
from integrade.regress.ols import cross_products
from integrade.regress.partial import Absorber, absorber, demean, semidefinite_solve
from integrade.regress.wild import random_words

_BLOCK = 2_000_000  # draws times clusters in a block, which bounds memory (16 MB)
_LIMIT = 100_000_000  # largest number of values in one array of cluster sums (0.8 GB)
_TIED = 0.5  # an effect belongs to the clusters if a smaller share of its levels is in several; a convention
_LOST = 1e-11  # a replicate with a squared pivot up to this is not identified; a convention
_GONE = 1e-6  # a regressor is lost if its norm in a replicate is at most this share of the sample's; a convention


@dataclass(frozen=True)
class Equation:
    """One linear equation: the positions of its regressors and of its outcome among the columns."""

    regressors: tuple[int, ...]
    outcome: int


@dataclass(frozen=True)
class Clusters:
    """Data of the clusters for replicates.

    ``moments`` maps how often each cluster is drawn (B, G) to cross-products (B, m, m).

    ``gram`` (m, m) holds the cross-products of the sample. ``split`` is the number of new levels from splitting movers.
    """

    groups: int
    gram: Vector
    split: int
    moments: Callable[[Vector], Vector]


def clusters(plan: Absorber, matrix: Vector, cluster: Factor) -> Clusters:
    """Prepare the columns (n, m), whose effects are removed, for drawing whole clusters.

    Sums by cluster suffice unless a level of the largest effect is in several clusters, or the effects are removed by
    iteration.

    Raises `UsageError` when there are too many clusters and dummies together.
    """
    gram = cross_products(matrix, plan.weights)
    plan, matrix, split = _movers_split(plan, matrix, cluster)
    if plan.exact and (plan.large is None or not moving_levels(plan.large, cluster).any()):
        return Clusters(cluster.levels, gram, split, _from_sums(plan, matrix, cluster))
    return Clusters(cluster.levels, gram, split, lambda w: _refitted(plan, matrix, cluster, w))


def drawn(groups: int, numbers: np.ndarray, seed: int) -> Vector:
    """Return how often each cluster is drawn in the numbered replicates, (B, G).

    Each row depends only on its number and the seed.
    """
    words = random_words(numbers, groups, seed)
    picked = ((words >> np.uint64(32)) * np.uint64(groups) >> np.uint64(32)).astype(np.intp)
    picked += np.arange(len(numbers), dtype=np.intp)[:, None] * groups
    counts = np.bincount(picked.ravel(), minlength=len(numbers) * groups)
    return counts.reshape(len(numbers), groups).astype(np.float64)


def bootstrap(known: Clusters, equations: Sequence[Equation], *, draws: int, seed: int) -> tuple[Vector, ...]:
    """Return, for every equation, its coefficients in every replicate (draws, k).

    All coefficients of a replicate are NaN if one of them is not identified.
    """
    step = max(1, _BLOCK // known.groups)
    parts: list[list[Vector]] = [[] for _ in equations]
    for start in range(0, draws, step):
        w = drawn(known.groups, np.arange(start, min(start + step, draws)), seed)
        moments = known.moments(w)
        for estimates, equation in zip(parts, equations, strict=True):
            estimates.append(solve(moments, equation, known.gram))
    return tuple(
        np.concatenate(p) if p else np.zeros((0, len(e.regressors))) for p, e in zip(parts, equations, strict=True)
    )


def solve(moments: Vector, equation: Equation, gram: Vector) -> Vector:
    """Return least-squares coefficients (B, k) from cross-products (B, m, m).

    ``gram`` (m, m) holds the cross-products of the sample, by which a lost regressor is recognised.

    A row is NaN if a regressor is lost or is a combination of the others.
    """
    at = list(equation.regressors)
    size = np.sqrt(np.maximum(np.einsum("bjj->bj", moments[:, at][:, :, at]), 0.0))
    ok = (size > _GONE * np.sqrt(np.diag(gram)[at])).all(axis=1)
    scale = np.where(ok[:, None], size, 1.0)
    xx = moments[:, at][:, :, at] / (scale[:, :, None] * scale[:, None, :])
    xy = moments[:, at, equation.outcome] / scale
    xx[~ok] = np.eye(len(at))
    ok &= _regular(xx)
    xx[~ok] = np.eye(len(at))
    b = np.linalg.solve(xx, xy[:, :, None])[:, :, 0] / scale
    b[~ok] = np.nan
    return np.asarray(b)


def _regular(xx: Vector) -> np.ndarray:
    """Return which systems of cross-products of unit regressors (B, k, k) are identified, as a mask (B,)."""
    try:
        roots = np.linalg.cholesky(xx)
    except np.linalg.LinAlgError:
        return np.array([_regular(x[None])[0] for x in xx]) if len(xx) > 1 else np.zeros(1, dtype=np.bool_)
    return np.asarray((np.einsum("bjj->bj", roots) ** 2).min(axis=1, initial=1.0) > _LOST)


def percentile_interval(values: Vector, level: float) -> tuple[float, float]:
    """Return the central ``level`` interval of the replicates that are not NaN; quantiles are interpolated linearly."""
    known = values[np.isfinite(values)]
    if not len(known):
        return np.nan, np.nan
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def percentile_p(values: Vector) -> float:
    """Return the two-sided p: twice the smaller share of replicates on one side of zero, (1 + #) / (B + 1).

    Replicates equal to zero count on both sides. p is 1 if there is no replicate.
    """
    known = values[np.isfinite(values)]
    least = min(int((known <= 0).sum()), int((known >= 0).sum()))
    return min(1.0, 2 * (1 + least) / (len(known) + 1))


def bca_p(values: Vector, estimate: float, without: Vector) -> float:
    """Return the smallest 1 - level at which Efron's interval excludes zero.

    This is `bca_interval` solved for its level.

    Formula: w = Phi^-1 of the share of replicates below zero, (1 + #) / (B + 2); with d = w - z0 the tail is
    Phi(d / (1 + a d) - z0), and p is twice the smaller of the tail and its complement. If the interval does not exist,
    p is 1.
    """
    from scipy.special import ndtr, ndtri

    known = values[np.isfinite(values)]
    shift = _bias_and_acceleration(known, estimate, without)
    if shift is None:
        return 1.0
    centre, acceleration = shift
    below = float((known < 0).sum()) + float((known == 0).sum()) / 2
    away = float(ndtri((1 + below) / (len(known) + 2))) - centre
    tail = float(ndtr(away / (1 + acceleration * away) - centre))
    return min(1.0, 2 * min(tail, 1 - tail))


def bca_interval(values: Vector, estimate: float, without: Vector, level: float) -> tuple[float, float]:
    """Return Efron's (1987) BCa interval: percentiles shifted for the bias of the median and for acceleration.

    ``without`` (G,) holds the statistic without each cluster. Formula: with z0 = Phi^-1(share of replicates below the
    estimate), ties half, and a = sum d^3 / (6 (sum d^2)^1.5), d = mean - without, the ends are the quantiles
    Phi(z0 + (z0 + z) / (1 - a (z0 + z))), z the normal quantiles of the level. Missing when all replicates lie on one
    side of the estimate.
    """
    from scipy.special import ndtr, ndtri

    known = values[np.isfinite(values)]
    shift = _bias_and_acceleration(known, estimate, without)
    if shift is None:
        return np.nan, np.nan
    centre, acceleration = shift
    z = centre + ndtri(np.array([(1 - level) / 2, (1 + level) / 2]))
    low, high = np.quantile(known, ndtr(centre + z / (1 - acceleration * z)))
    return float(low), float(high)


def _bias_and_acceleration(known: Vector, estimate: float, without: Vector) -> tuple[float, float] | None:
    """Return the bias of the median z0 and the acceleration a.

    Returns None if all replicates lie on one side of the estimate.
    """
    from scipy.special import ndtri

    if not len(known):
        return None
    below = float(np.mean(known < estimate) + np.mean(known == estimate) / 2)
    if not 0 < below < 1:
        return None
    away = without[np.isfinite(without)]
    away = away.mean() - away
    spread = float((away**2).sum()) ** 1.5
    return float(ndtri(below)), float((away**3).sum()) / (6 * spread) if spread > 0 else 0.0


def _movers_split(plan: Absorber, matrix: Vector, cluster: Factor) -> tuple[Absorber, Vector, int]:
    """Split, by cluster, the effects that belong to the clusters.

    Returns the new plan, the columns net of its effects, and the number of new levels.
    """
    effects: list[Factor] = []
    for factor in plan.effects:
        moving = 0 if factor is cluster else int(moving_levels(factor, cluster).sum())
        tied = 0 < moving < _TIED * factor.levels
        effects.append(combine(f"{factor.name}^{cluster.name}", [factor, cluster]) if tied else factor)
    more = sum(new.levels - old.levels for new, old in zip(effects, plan.effects, strict=True))
    if not more:
        return plan, matrix, 0
    finer = absorber(effects, plan.weights)
    return finer, demean(finer, matrix.copy()), more


def _from_sums(plan: Absorber, matrix: Vector, cluster: Factor) -> Callable[[Vector], Vector]:
    """Return `Clusters.moments` from sums by cluster, by the formulas of the module docstring."""
    groups, m, width = cluster.levels, matrix.shape[1], plan.schur.shape[0]
    upper = np.triu_indices(width)
    if groups * len(upper[0]) > _LIMIT:
        raise UsageError(
            f"{groups:,} clusters and {width:,} dummies need too many cluster sums",
            remedy="cluster by a column with fewer levels, or use fewer levels in the smaller effects",
        )
    cells = cluster_cells(plan, matrix, cluster)
    gram, dummies = cells.gram.reshape(groups, -1), cells.dummies.reshape(groups, -1)
    dd = _net_dummies(plan, cluster, cells.home, upper) if width else np.zeros((groups, 0))

    def moments(w: Vector) -> Vector:
        zz = (w @ gram).reshape(-1, m, m)
        if not width:
            return np.asarray(zz)
        dz, packed = (w @ dummies).reshape(-1, width, m), w @ dd
        square = np.zeros((width, width))
        for b in range(len(w)):
            square[upper] = packed[b]
            square.T[upper] = packed[b]
            zz[b] -= dz[b].T @ semidefinite_solve(square, dz[b])
        return np.asarray(zz)

    return moments


def _net_dummies(plan: Absorber, cluster: Factor, home: Codes, upper: tuple[Codes, Codes]) -> Vector:
    """Return ``D_g'W D_g`` net of the largest effect for every cluster, as packed upper triangles (G, P).

    ``home`` is the cluster of each level of the largest effect.
    """
    pairs = len(upper[0])
    place = np.zeros(plan.schur.shape, dtype=np.intp)
    place[upper] = place.T[upper] = np.arange(pairs)
    sums = np.zeros(cluster.levels * pairs)
    for i, a in enumerate(plan.small.T):
        for b in plan.small.T[i:]:
            sums += np.bincount(cluster.codes * pairs + place[a, b], plan.weights, minlength=len(sums))
    net: Vector = sums.reshape(cluster.levels, pairs)
    order = np.argsort(home, kind="stable")
    step = max(1, _BLOCK // pairs)
    for start in range(0, len(order), step):
        levels = order[start : start + step]
        counts = table_rows(plan, levels)
        products = counts[:, upper[0]] * (counts / plan.totals[levels, None])[:, upper[1]]
        first = np.flatnonzero(np.diff(home[levels], prepend=-1))
        net[home[levels[first]]] -= np.add.reduceat(products, first, axis=0)
    return net


def _refitted(plan: Absorber, matrix: Vector, cluster: Factor, w: Vector) -> Vector:
    """Return the cross-products of each replicate from its rows, with the effects removed again.

    This is slow; it is used if sums by cluster do not suffice (`clusters`). ``w`` (B, G): how often each cluster is
    drawn.
    """
    m = matrix.shape[1]
    grams = np.empty((len(w), m, m))
    for b, counts in enumerate(w):
        rows = np.flatnonzero(counts[cluster.codes])
        weights = counts[cluster.codes[rows]]
        if plan.weights is not None:
            weights = weights * plan.weights[rows]
        part = absorber([keep_rows(f, rows) for f in plan.effects], weights)
        grams[b] = cross_products(demean(part, np.ascontiguousarray(matrix[rows])), weights)
    return grams
