"""Sum rows, whose effects are removed, by cluster. A cluster can then be deleted or reweighted without the rows.

Notation: rows i, clusters g, levels f of the largest effect with weight W_f, T dummies d of the small effects, columns
    z. A level is a mover if it is in more than one cluster. For all other levels the columns sum to zero within the
    cluster.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from integrade.errors import UsageError, option
from integrade.regress.effects import Codes, Factor, Vector, by_level, moving_levels
from integrade.regress.ols import cross_products
from integrade.regress.partial import Absorber, group_sums

_LIMIT = 100_000_000  # largest number of values in one array of cluster sums (0.8 GB)


@dataclass(frozen=True)
class Movers:
    """One entry for each of the p pairs (mover level, cluster), sorted by cluster.

    Entries are level, cluster, weight, sums of columns (p, m) and weights per dummy (p, T).
    """

    level: Codes
    group: Codes
    weight: Vector
    sums: Vector
    counts: Any


@dataclass(frozen=True)
class Cells:
    """Sums by cluster: ``gram`` (G, m, m) of z'Wz, ``dummies`` (G, T, m) of d'Wz, and the movers.

    ``home`` (levels,) is the cluster of each level of the largest effect; it is -1 for movers.
    """

    groups: int
    gram: Vector
    dummies: Vector
    home: Codes
    movers: Movers


@dataclass(frozen=True)
class Layout:
    """Levels, clusters and movers that the sums by cluster need; they are the same for all columns with these effects.

    ``home`` and the mover pairs ``level``, ``group``, ``weight`` and ``counts`` are those of `Cells` and `Movers`.
    ``rows`` are the rows of movers, ``pair`` the mover pair of each, and ``weights`` their weights.
    """

    plan: Absorber
    cluster: Factor
    home: Codes
    level: Codes
    group: Codes
    weight: Vector
    counts: Any
    rows: Codes
    pair: Codes
    weights: Vector


def cluster_cells(plan: Absorber, matrix: Vector, cluster: Factor) -> Cells:
    """Sum the columns (n, m), whose effects are already removed, by cluster."""
    _require_room(plan, matrix.shape[1], cluster)
    return cells_of(layout_of(plan, cluster), matrix)


def _require_room(plan: Absorber, columns: int, cluster: Factor) -> None:
    """Raise `UsageError` if an array of sums by cluster would be too large."""
    width = plan.schur.shape[0]
    if cluster.levels * max(width, columns) * columns > _LIMIT:
        raise UsageError(
            f"{cluster.levels:,} clusters and {width:,} dummies need too many cluster sums",
            remedy=f"use {option('vcov', 'CR1')} without {option('wild')}, or cluster by a column with fewer levels: "
            "with so many clusters the corrections hardly differ",
        )


def cells_of(layout: Layout, matrix: Vector) -> Cells:
    """Return the result of `cluster_cells` for columns (n, m) with the effects and clusters of a layout."""
    plan, cluster, columns = layout.plan, layout.cluster, matrix.shape[1]
    width = plan.schur.shape[0]
    _require_room(plan, columns, cluster)
    dummies = np.zeros((cluster.levels * width, columns))
    for column in plan.small.T:
        dummies += group_sums(cluster.codes * width + column, len(dummies), matrix, plan.weights)
    sums = np.zeros((0, columns))
    if len(layout.rows):
        own = np.ascontiguousarray(matrix[layout.rows])
        sums = group_sums(layout.pair, len(layout.level), own, layout.weights)
    return Cells(
        cluster.levels,
        gram_by_group(matrix, plan.weights, cluster),
        dummies.reshape(cluster.levels, width, columns),
        layout.home,
        Movers(layout.level, layout.group, layout.weight, sums, layout.counts),
    )


def layout_of(plan: Absorber, cluster: Factor) -> Layout:
    """Find the cluster of each level of the largest effect, and the pairs of a mover level and a cluster."""
    from scipy import sparse

    none, width = np.zeros(0, dtype=np.intp), plan.schur.shape[0]
    if plan.large is None:
        empty: Any = sparse.csr_array((0, width))
        return Layout(plan, cluster, none, none, none, np.zeros(0), empty, none, none, np.zeros(0))
    moving = moving_levels(plan.large, cluster)
    home = np.empty(plan.large.levels, dtype=np.intp)
    home[plan.large.codes] = cluster.codes
    home[moving] = -1
    rows = np.flatnonzero(moving[plan.large.codes])
    key = cluster.codes[rows] * plan.large.levels + plan.large.codes[rows]
    distinct, pair = np.unique(key, return_inverse=True)
    weights = np.ones(len(rows)) if plan.weights is None else plan.weights[rows]
    counts: Any = sparse.csr_array((len(distinct), width))
    for column in plan.small[rows].T if len(rows) else ():
        counts = counts + sparse.coo_array((weights, (pair, column)), shape=(len(distinct), width)).tocsr()
    return Layout(
        plan,
        cluster,
        home,
        distinct % plan.large.levels,
        distinct // plan.large.levels,
        np.bincount(pair, weights).astype(np.float64, copy=False),
        counts,
        rows,
        pair,
        weights,
    )


def gram_by_group(matrix: Vector, weights: Vector | None, cluster: Factor) -> Vector:
    """Return ``z_g'W z_g`` for every cluster, shape (G, m, m)."""
    m = matrix.shape[1]
    gram = np.empty((cluster.levels, m, m))
    if cluster.levels > 2_000:
        for a in range(m):
            left = matrix[:, a] if weights is None else matrix[:, a] * weights
            for b in range(a, m):
                gram[:, a, b] = np.bincount(cluster.codes, left * matrix[:, b], minlength=cluster.levels)
                gram[:, b, a] = gram[:, a, b]
        return gram
    order = by_level(cluster)
    ends = np.cumsum(np.bincount(cluster.codes, minlength=cluster.levels))
    for g, (start, end) in enumerate(zip(np.r_[0, ends[:-1]], ends, strict=True)):
        rows = order[start:end]
        gram[g] = cross_products(matrix.take(rows, axis=0), None if weights is None else weights[rows])
    return gram


def table_rows(plan: Absorber, levels: Codes) -> Vector:
    """Return the weights per dummy for some levels of the largest effect, as a dense matrix (len(levels), T)."""
    rows = plan.table[levels]
    return np.asarray(rows if isinstance(rows, np.ndarray) else rows.toarray())


def dummy_weights(plan: Absorber, cluster: Factor) -> Iterator[Vector]:
    """Yield ``D_g'W D_g`` (T, T) of each cluster in turn."""
    width = plan.schur.shape[0]
    cells = width * width
    if cluster.levels * cells <= _LIMIT // 10:
        yield from pair_weights(plan, cluster.codes, cluster.levels, slice(None))
        return
    order = by_level(cluster)
    ends = np.cumsum(np.bincount(cluster.codes, minlength=cluster.levels))
    for start, end in zip(np.r_[0, ends[:-1]], ends, strict=True):
        rows = order[start:end]
        yield pair_weights(plan, np.zeros(len(rows), dtype=np.intp), 1, rows)[0]


def pair_weights(plan: Absorber, groups: Codes, levels: int, rows: Any) -> Vector:
    """Return the weight of every pair of dummies within each group, shape (levels, T, T)."""
    width = plan.schur.shape[0]
    small, weights = plan.small[rows], None if plan.weights is None else plan.weights[rows]
    sums = np.zeros(levels * width * width)
    for a in small.T:
        for b in small.T:
            sums += np.bincount((groups * width + a) * width + b, weights, minlength=len(sums))
    return sums.reshape(levels, width, width)
