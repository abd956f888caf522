"""CR3: the cluster jackknife, exact with fixed effects.

``V = (G-1)/G sum_g (b_(g) - b)(b_(g) - b)'`` with ``b_(g)`` the estimate without cluster g, all effects re-estimated,
and b the full-sample estimate (not the mean of the b_(g)). This is clubSandwich's CR3 times (G-1)/G.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from integrade.errors import UsageError, option
from integrade.regress.cells import Movers, cluster_cells, dummy_weights, table_rows
from integrade.regress.effects import Factor, Vector, keep_rows
from integrade.regress.ols import cross_products
from integrade.regress.partial import Absorber, absorber, demean, projected, semidefinite_solve

_MOST_REFITS = 500


@dataclass(frozen=True)
class Jackknife:
    """The covariance, the estimates without each cluster (G, k), clusters whose deletion loses a coefficient."""

    vcov: Vector
    without: Vector
    unidentified: tuple[int, ...]


def jackknife(
    plan: Absorber,
    matrix: Vector,
    cluster: Factor,
    *,
    estimate: Callable[[Vector], tuple[Vector, bool]],
    coefficients: Vector,
) -> Jackknife:
    """Delete each cluster in turn. ``estimate`` maps the cross-products (m, m) of the columns to (b, identified)."""
    found = [estimate(m) for m in deleted_moments(plan, matrix, cluster)]
    without = np.array([b for b, _ in found])
    distance = without - coefficients
    groups = cluster.levels
    lost = tuple(g for g, (_, identified) in enumerate(found) if not identified)
    return Jackknife((groups - 1) / groups * (distance.T @ distance), without, lost)


def deleted_moments(plan: Absorber, matrix: Vector, cluster: Factor) -> Vector:
    """Cross-products of the columns without each cluster, effects removed anew, shape (G, m, m)."""
    if not plan.exact:
        return _refit(plan, matrix, cluster)
    cells = cluster_cells(plan, matrix, cluster)
    total = cells.gram.sum(axis=0)
    order = np.argsort(cells.home, kind="stable")
    edges = np.searchsorted(cells.home[order], np.arange(cluster.levels + 1))
    pairs = np.searchsorted(cells.movers.group, np.arange(cluster.levels + 1))
    left = np.empty_like(cells.gram)
    for g, gone in enumerate(dummy_weights(plan, cluster)):
        at_home = order[edges[g] : edges[g + 1]]
        moving = slice(pairs[g], pairs[g + 1])
        dd = plan.schur - gone + _own(plan, at_home)
        dz, zz = -cells.dummies[g], total - cells.gram[g]
        if pairs[g + 1] > pairs[g]:
            more_dd, more_dz, more_zz = _moved(plan, cells.movers, moving)
            dd, dz, zz = dd + more_dd, dz + more_dz, zz - more_zz
        left[g] = zz - dz.T @ semidefinite_solve(dd, dz)
    return left


def _own(plan: Absorber, levels: np.ndarray) -> Vector:
    """``sum C_f C_f' / W_f`` over the levels that vanish with the cluster."""
    if plan.large is None or not plan.small.shape[1]:
        return np.zeros_like(plan.schur)
    return projected(plan.table[levels], plan.totals[levels])


def _moved(plan: Absorber, movers: Movers, chosen: slice) -> tuple[Vector, Vector, Vector]:
    """What the movers' new means change in the dummies, the dummies times z, and z times z."""
    levels, sums = movers.level[chosen], movers.sums[chosen]
    rest = plan.totals[levels] - movers.weight[chosen]
    before = table_rows(plan, levels)
    after = before - movers.counts[chosen].toarray()
    dd = (before / plan.totals[levels, None]).T @ before - (after / rest[:, None]).T @ after
    return dd, (after / rest[:, None]).T @ sums, (sums / rest[:, None]).T @ sums


def _refit(plan: Absorber, matrix: Vector, cluster: Factor) -> Vector:
    if cluster.levels > _MOST_REFITS:
        raise UsageError(
            f"CR3 with several large effects would refit {cluster.levels:,} times",
            remedy=f"use {option('vcov', 'CR1')}, or a cluster variable with fewer levels",
        )
    left = np.empty((cluster.levels, matrix.shape[1], matrix.shape[1]))
    for g in range(cluster.levels):
        rows = cluster.codes != g
        weights = None if plan.weights is None else plan.weights[rows]
        part = absorber([keep_rows(f, rows) for f in plan.effects], weights)
        left[g] = cross_products(demean(part, np.ascontiguousarray(matrix[rows])), weights)
    return left


def from_moments(gram: Vector, full: Vector) -> tuple[Vector, bool]:
    """Least squares from cross-products (m, m), outcome last, and whether every coefficient is identified.

    ``full`` holds those of the full sample: what is left of a regressor is judged against them.
    """
    norms = np.sqrt(np.maximum(np.diag(gram)[:-1], 0.0))
    alive = norms > 1e-6 * np.sqrt(np.diag(full)[:-1])
    scale = np.where(alive, norms, 1.0)
    xx = gram[:-1, :-1] / np.outer(scale, scale) * np.outer(alive, alive)
    values, vectors = np.linalg.eigh(xx)
    free = values > 1e-11
    inverse = (vectors[:, free] / values[free]) @ vectors[:, free].T
    return inverse @ (gram[:-1, -1] / scale) / scale, bool(free.all())
