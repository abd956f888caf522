"""Compute cell moments with every cluster counted any number of times, from one pass over the rows.

J (n, C + T) holds the dummies of the C cells and of the T levels of the small effects. F (n, m) holds the other
columns. Both are summed by cluster with the largest effect removed. If a level of that effect is in only one cluster,
its means do not depend on how often the cluster counts. They are removed only once. The few levels that occur in
several clusters (movers) are kept separate, and their means are removed again each time. A cluster that counts zero
times is deleted; a bootstrap of clusters counts them as they were drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from integrade.regress.cells import gram_by_group
from integrade.regress.effects import Codes, Factor, Vector, moving_levels
from integrade.regress.partial import Absorber, group_sums, semidefinite_solve
from integrade.subjects.noise.cell_moments import CellMoments

_ABSORBED = 1e-12  # a column is absorbed if effects leave at most this share of its sum of squares; a convention
_EXACT = 64  # with at most this many distinct weights of levels, whole numbers are summed for each weight


@dataclass(frozen=True)
class _Movers:
    """Sums over the P pairs (level, cluster) of movers.

    ``level`` is an integer in 0..levels-1. ``table`` (P, C + T) holds the sums of J.
    """

    level: Codes
    levels: int
    cluster: Codes
    weight: Vector
    table: Any
    sums: Vector


@dataclass(frozen=True)
class ClusterSums:
    """Cross-products by cluster. Of J'WJ only values that are not zero are stored, with (row, column, cluster).

    ``mixed`` (Q, m) holds J'WF for the Q pairs (column of J, cluster) that have rows. ``fixed`` (G, m, m) holds F'WF.
    """

    count: int
    width: int
    place: Codes
    owner: Codes
    value: Vector
    column: Codes
    cluster: Codes
    mixed: Vector
    fixed: Vector
    movers: _Movers


def cluster_sums(plan: Absorber, cells: Factor, fixed: Vector, cluster: Factor) -> ClusterSums:
    """Sum the rows by cluster, once.

    ``fixed`` (n, m) holds columns with effects already removed. ``plan`` must be exact.

    If all weights are one, the cross-products of J are sums of whole numbers divided by the weight of a level. If there
    are at most `_EXACT` different weights, the whole numbers are summed separately for each weight. They are then
    precise to the last digit, however many rows there are.
    """
    from scipy import sparse

    fixed = np.ascontiguousarray(fixed)
    width = cells.levels + len(plan.schur)
    columns = [cells.codes, *(a + cells.levels for a in plan.small.T)]
    key, local = np.unique(np.concatenate([cluster.codes * width + a for a in columns]), return_inverse=True)
    places = local.reshape(len(columns), -1)
    mixed = sum(group_sums(a, len(key), fixed, plan.weights) for a in places)
    row_weights = np.ones(places.shape[1]) if plan.weights is None else plan.weights
    gram = sparse.csr_array((len(key), len(key)))  # J'WJ by cluster
    for a in places:
        for b in places:
            gram = gram + sparse.coo_array((row_weights, (a, b)), shape=gram.shape).tocsr()
    level, group, weight, table, sums = _pairs(plan, places, fixed, cluster, len(key))
    moving = np.zeros(len(level), dtype=np.bool_)
    if plan.large is not None:
        moving = moving_levels(plan.large, cluster)[level]
    gram = (gram - _through_levels(table[~moving], weight[~moving])).tocoo()
    distinct, place = np.unique(level[moving], return_inverse=True)
    column, owner = key % width, key // width
    # sums over the pairs (column of J, cluster) become sums over the columns of J
    into = sparse.csr_array((np.ones(len(key)), (np.arange(len(key)), column)), shape=(len(key), width))
    of_movers = _Movers(
        place, len(distinct), group[moving], weight[moving], (table[moving] @ into).tocsr(), sums[moving]
    )
    return ClusterSums(
        cells.levels,
        width,
        column[gram.row] * width + column[gram.col],
        owner[gram.row],
        gram.data,
        column,
        owner,
        np.asarray(mixed),
        gram_by_group(fixed, plan.weights, cluster),
        of_movers,
    )


def counted(sums: ClusterSums, counts: Vector) -> CellMoments:
    """Return the moments if cluster g counts ``counts[g]`` times, with effects removed again.

    Absent cells have zeros. Regressors that the effects absorb in these clusters are set to exactly zero.
    """
    from scipy import sparse

    c, width, movers = sums.count, sums.width, sums.movers
    often = counts[sums.owner]
    joint = np.bincount(sums.place, sums.value * often, minlength=width * width).astype(np.float64, copy=False)
    joint = joint.reshape(width, width)
    mixed = group_sums(sums.column, width, sums.mixed, counts[sums.cluster])
    fixed = np.tensordot(counts, sums.fixed, axes=1)
    if movers.levels:
        often = counts[movers.cluster]
        weight = np.bincount(movers.level, often * movers.weight, minlength=movers.levels)
        there = weight > 0
        each = np.divide(1.0, weight, out=np.zeros_like(weight), where=there)
        into = sparse.csr_array((often, (movers.level, np.arange(len(often)))), shape=(movers.levels, len(often)))
        table = into @ movers.table
        total = group_sums(movers.level, movers.levels, movers.sums, often)
        joint = joint - (table.T @ _scaled(table, each)).toarray()
        mixed = mixed - table.T @ (total * each[:, None])
        fixed = fixed - (total * each[:, None]).T @ total
    moments = _without_small(joint, mixed, fixed, c)
    # sums of squares (m,) before the small effects were removed again
    before = np.tensordot(counts, np.diagonal(sums.fixed, axis1=1, axis2=2), axes=1)
    absorbed = np.diag(moments.fixed) <= _ABSORBED * before
    absorbed[-1] = False  # the outcome
    stay = np.where(absorbed, 0.0, 1.0)
    return CellMoments(moments.cells, moments.mixed * stay, moments.fixed * np.outer(stay, stay))


def _without_small(joint: Vector, mixed: Vector, fixed: Vector, c: int) -> CellMoments:
    """Return the moments with the dummies of the small effects partialled out, solved with one refinement."""
    small = joint[c:, c:]
    right = np.hstack([joint[c:, :c], mixed[c:]])
    if not len(small):
        return CellMoments(joint, mixed, fixed)
    slopes = semidefinite_solve(small, right)
    slopes += semidefinite_solve(small, right - small @ slopes)
    taken = right.T @ slopes
    taken = (taken + taken.T) / 2
    return CellMoments(joint[:c, :c] - taken[:c, :c], mixed[:c] - taken[:c, c:], fixed - taken[c:, c:])


def _pairs(
    plan: Absorber, places: Codes, fixed: Vector, cluster: Factor, size: int
) -> tuple[Codes, Codes, Vector, Any, Vector]:
    """Return, for each pair of a cluster and a level of the largest effect, the sums of its rows.

    The five results are level, cluster, weight, sums of J and sums of F.

    The sums of J and F have shapes (P, Q) and (P, m).
    """
    from scipy import sparse

    if plan.large is None:
        none = np.zeros(0, dtype=np.intp)
        return none, none, np.zeros(0), sparse.csr_array((0, size)), np.zeros((0, fixed.shape[1]))
    levels = plan.large.levels
    key, pair = np.unique(cluster.codes * levels + plan.large.codes, return_inverse=True)
    n = len(pair)
    data = np.ones(n) if plan.weights is None else plan.weights
    table = sparse.coo_array(
        (np.tile(data, len(places)), (np.tile(pair, len(places)), places.ravel())), shape=(len(key), size)
    ).tocsr()
    weight = np.bincount(pair, plan.weights, minlength=len(key)).astype(np.float64, copy=False)
    return key % levels, key // levels, weight, table, group_sums(pair, len(key), fixed, plan.weights)


def _through_levels(table: Any, weight: Vector) -> Any:
    """Return ``sum C_f C_f' / W_f`` over the rows C_f of a table (P, Q).

    Rows of equal weight W_f are summed together.
    """
    from scipy import sparse

    distinct, which = np.unique(weight, return_inverse=True)
    if len(distinct) > _EXACT:
        return table.T @ _scaled(table, 1 / weight)
    total = sparse.csr_array((table.shape[1], table.shape[1]))
    for at, mass in enumerate(distinct.tolist()):
        part = table[which == at]
        total = total + (part.T @ part) / mass
    return total


def _scaled(table: Any, factor: Vector) -> Any:
    from scipy import sparse

    return (sparse.diags_array(factor) @ table).tocsr()
