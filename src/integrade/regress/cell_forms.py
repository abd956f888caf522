"""Compute cross-products by cluster of cell dummies and fixed columns, with the effects removed.

They are enough for regressions on any variable that is constant within cells.

Let E (n, C) be the dummies of C cells (region and year), F (n, m) the other columns, and M (n, n) the removal of
effects. A variable x = E v has ``x'M .. M x = v'(E'M .. M E) v``. So clustered statistics of any v need only one (C +
m, C + m) matrix (form) per cluster. The dummies are kept sparse, because a level of the largest effect is in few cells.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from integrade.errors import UsageError, option
from integrade.regress.cells import gram_by_group
from integrade.regress.effects import Codes, Factor, Vector
from integrade.regress.partial import Absorber, group_sums, semidefinite_solve

_LIMIT = 200_000_000  # largest number of values in all forms (1.6 GB)


@dataclass(frozen=True)
class Forms:
    """The forms: ``total`` (C + m, C + m), with the cells first, and one such matrix per cluster in ``each``."""

    total: Vector
    each: Vector


@dataclass(frozen=True)
class _Sums:
    """Sums over rows and over (cluster, level of the largest effect) pairs, sorted by cluster.

    J = [cell dummies, dummies of the small effects] has s columns. By cluster, ``joint`` holds J'WJ (s, s),
    ``with_fixed`` (G, s, m) holds J'WF, and ``fixed`` (G, m, m) holds F'WF. For each of the P pairs, ``table`` (P, s)
    holds the sums of J and ``sums`` (P, m) the sums of F. ``whole`` (P, s) holds the sums of J over all clusters for
    the pair's level, and ``totals`` (P,) the level's weight.
    """

    joint: list[Any]
    with_fixed: Vector
    fixed: Vector
    edges: Codes
    table: Any
    weight: Vector
    sums: Vector
    whole: Any
    totals: Vector


def within(plan: Absorber, cells: Factor, fixed: Vector, cluster: Factor) -> Forms:
    """Return each cluster's part of the cross-products: over its rows, with the effects of the full sample removed."""
    _refuse(plan, cells, fixed, cluster)
    known, c = _collect(plan, cells, fixed, cluster), cells.levels
    joint = _joint_total(known)
    slopes = plan.inverse @ joint[c:, :c]  # of cell dummies on dummies of small effects, the largest effect removed
    each = np.empty((cluster.levels, c + fixed.shape[1], c + fixed.shape[1]))
    for g, rows in enumerate(_spans(known)):
        table, centre = known.table[rows], _centred(known.whole[rows], known.totals[rows])
        cross = (table.T @ centre).toarray()
        square = known.joint[g] + (centre.T @ _scaled(centre, known.weight[rows])).toarray() - cross - cross.T
        mixed = known.with_fixed[g] - centre.T @ known.sums[rows]
        half = square[:, :c] - square[:, c:] @ slopes
        each[g, :c, :c] = half[:c] - slopes.T @ half[c:]
        each[g, :c, c:] = mixed[:c] - slopes.T @ mixed[c:]
        each[g, c:, :c] = each[g, :c, c:].T
        each[g, c:, c:] = known.fixed[g]
    return Forms(_without_small(joint, known.with_fixed.sum(axis=0), known.fixed.sum(axis=0), c), each)


def deleted(plan: Absorber, cells: Factor, fixed: Vector, cluster: Factor) -> Forms:
    """Return the cross-products without each cluster, with effects removed again."""
    _refuse(plan, cells, fixed, cluster)
    known, c = _collect(plan, cells, fixed, cluster), cells.levels
    joint = _joint_total(known)
    with_fixed, fixed_total = known.with_fixed.sum(axis=0), known.fixed.sum(axis=0)
    each = np.empty((cluster.levels, c + fixed.shape[1], c + fixed.shape[1]))
    for g, rows in enumerate(_spans(known)):
        before = known.whole[rows]
        remaining = known.totals[rows] - known.weight[rows]
        # a remaining weight below 1e-9 of the level's is rounding: the level vanishes with the cluster
        moving = np.flatnonzero(remaining > 1e-9 * known.totals[rows])
        square = joint - known.joint[g] + (before.T @ _centred(before, known.totals[rows])).toarray()
        after = before[moving] - known.table[rows][moving]
        per_weight, sums = _centred(after, remaining[moving]), known.sums[rows][moving]
        square -= (after.T @ per_weight).toarray()
        mixed = with_fixed - known.with_fixed[g] + per_weight.T @ sums
        least = fixed_total - known.fixed[g] - (sums / remaining[moving, None]).T @ sums
        each[g] = _without_small(square, mixed, least, c)
    return Forms(_without_small(joint, with_fixed, fixed_total, c), each)


def _refuse(plan: Absorber, cells: Factor, fixed: Vector, cluster: Factor) -> None:
    """Raise `UsageError` for effects that are too large, and for too many forms."""
    if not plan.exact:
        raise UsageError(
            "several large effects cannot be removed from every cell's dummy",
            remedy="use one large effect; the others may have 3,000 levels together",
        )
    if cluster.levels * (cells.levels + fixed.shape[1]) ** 2 > _LIMIT:
        raise UsageError(
            f"{cluster.levels:,} clusters and {cells.levels:,} cells need too many cross-products",
            remedy=f"cluster where the treatment varies: {option('cluster', 'region')}",
        )


def _collect(plan: Absorber, cells: Factor, fixed: Vector, cluster: Factor) -> _Sums:
    """Sum the rows by cluster, and by cluster and level of the largest effect."""
    from scipy import sparse

    n, groups, m = len(cells.codes), cluster.levels, fixed.shape[1]
    size = cells.levels + len(plan.schur)
    weights = np.ones(n) if plan.weights is None else plan.weights
    columns = [cells.codes, *(a + cells.levels for a in plan.small.T)]
    fixed = np.ascontiguousarray(fixed)
    with_fixed = np.zeros((groups * size, m))
    for column in columns:
        with_fixed += group_sums(cluster.codes * size + column, groups * size, fixed, plan.weights)
    joint: list[Any] = []
    pairs = [(a, b) for a in columns for b in columns]
    for g in range(groups):
        rows = np.flatnonzero(cluster.codes == g)
        products = sparse.csr_array((size, size))
        for a, b in pairs:
            products = products + sparse.coo_array((weights[rows], (a[rows], b[rows])), shape=(size, size)).tocsr()
        joint.append(products)
    level = np.zeros(0, dtype=np.intp)
    pair, key = np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp)
    table = sparse.csr_array((0, size))
    whole, sums, weight = table, np.zeros((0, m)), np.zeros(0)
    if plan.large is not None:
        key, pair = np.unique(cluster.codes * plan.large.levels + plan.large.codes, return_inverse=True)
        level = key % plan.large.levels
        table = sparse.csr_array((len(key), size))
        for column in columns:
            table = table + sparse.coo_array((weights, (pair, column)), shape=table.shape).tocsr()
        by_level = sparse.csr_array(
            (np.ones(len(key)), (level, np.arange(len(key)))), shape=(plan.large.levels, len(key))
        )
        whole = (by_level @ table)[level]
        sums = group_sums(pair, len(key), fixed, plan.weights)
        weight = np.bincount(pair, weights, minlength=len(key)).astype(np.float64, copy=False)
    edges = np.searchsorted(key // max(1, 0 if plan.large is None else plan.large.levels), np.arange(groups + 1))
    return _Sums(
        joint,
        with_fixed.reshape(groups, size, m),
        gram_by_group(fixed, plan.weights, cluster),
        edges,
        table,
        weight,
        sums,
        whole,
        plan.totals[level],
    )


def _spans(known: _Sums) -> Iterator[slice]:
    """Yield, for each cluster, the slice of its pairs."""
    for start, end in zip(known.edges[:-1], known.edges[1:], strict=True):
        yield slice(int(start), int(end))


def _centred(table: Any, weight: Vector) -> Any:
    return _scaled(table, 1 / weight)


def _scaled(table: Any, factor: Vector) -> Any:
    from scipy import sparse

    return (sparse.diags_array(factor) @ table).tocsr()


def _joint_total(known: _Sums) -> Vector:
    """Return J'WJ with the largest effect removed, (s, s).

    A level counts once in total; it is split over its pairs by their weight.
    """
    total = sum(known.joint[1:], start=known.joint[0]).toarray()
    share = known.weight / known.totals
    total -= (known.whole.T @ _scaled(known.whole, share / known.totals)).toarray()
    return np.asarray(total)


def _without_small(joint: Vector, mixed: Vector, fixed: Vector, c: int) -> Vector:
    """Return the form of cells and fixed columns after partialling out the dummies of the small effects."""
    full = np.block([[joint[:c, :c], mixed[:c]], [mixed[:c].T, fixed]])
    small = np.hstack([joint[c:, :c], mixed[c:]])
    if not len(small):
        return full
    return np.asarray(full - small.T @ semidefinite_solve(joint[c:, c:], small))
