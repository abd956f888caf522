"""Compute CR3, the cluster jackknife, exactly with fixed effects.

``V = (G-1)/G sum_g (b_(g) - b)(b_(g) - b)'`` where ``b_(g)`` is the estimate without cluster g, with all effects
estimated again. b is the full-sample estimate, not the mean of the b_(g). V is clubSandwich's CR3 times (G-1)/G.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np

from integrade.errors import UsageError, option
from integrade.regress.cells import Cells, cells_of, dummy_weights, gram_by_group, layout_of, pair_weights, table_rows
from integrade.regress.effects import Codes, Factor, Mask, Vector, by_level, keep_rows
from integrade.regress.ols import cross_products, needs_rows, orthonormal
from integrade.regress.partial import (
    Absorber,
    Root,
    absorber,
    demean,
    group_sums,
    independent_rows,
    projected,
    root,
    solved_by,
)
from integrade.regress.stacks import back_substitute, eliminate

_MOST_REFITS = 500  # with more clusters, CR3 with several large effects is refused: each cluster needs a refit
_FEW = 200  # up to this number, clusters are processed one by one
_NARROW = 64  # with more dummies of small effects, clusters are processed one by one
_NUMBERS = 500_000  # numbers in the stack of a block of clusters or of levels (4 MB, in cache)
_CHEAP = 8_000  # with more products of pairs of dummies per cluster, one cluster at a time is faster
_SAFE = 1e-8  # a cluster with a pivot up to this share of the largest diagonal is processed separately
_LEFT = 1e-11  # share of a combination of the regressors outside a cluster below which it counts as lost
_CLEAR = 1e-7  # the inverse of unit columns is precise if the product of their pivots is above this
Estimates: TypeAlias = Callable[[Vector], tuple[Vector, Mask]]


@dataclass(frozen=True)
class Jackknife:
    """The covariance, the estimates without each cluster (G, k), and clusters without which b is not identified."""

    vcov: Vector
    without: Vector
    unidentified: tuple[int, ...]


def jackknife(
    plan: Absorber, matrix: Vector, cluster: Factor, *, estimate: Estimates, coefficients: Vector
) -> Jackknife:
    """Delete each cluster in turn and compute the covariance.

    ``estimate`` maps the cross-products (G, m, m) of the columns to (b, identified).
    """
    return _jackknife(*estimate(deleted_moments(plan, matrix, cluster)), coefficients)


def jackknife_least_squares(plan: Absorber, matrix: Vector, cluster: Factor, coefficients: Vector) -> Jackknife:
    """Delete each cluster in turn from the regression of the last column on the others; return the covariance."""
    without, identified = least_squares_without(plan, matrix, cluster, coefficients)
    return _jackknife(without, identified, coefficients)


def _jackknife(without: Vector, identified: Mask, coefficients: Vector) -> Jackknife:
    groups, distance = len(without), without - coefficients
    lost = tuple(int(g) for g in np.flatnonzero(~identified))
    return Jackknife((groups - 1) / groups * (distance.T @ distance), without, lost)


def least_squares_without(plan: Absorber, matrix: Vector, cluster: Factor, coefficients: Vector) -> tuple[Vector, Mask]:
    """Return the coefficients (G, k) without each cluster, and whether they are identified (G,).

    ``matrix`` (n, k + 1) holds the regressors and the outcome, net of the effects. ``coefficients`` (k,) are those of
    all rows. Cross-products lose twice the digits that nearly collinear columns lose, such as a constant and a
    regressor whose mean is 3e5 standard deviations from zero. Such columns are replaced by orthonormal combinations,
    and the outcome by its residuals.
    """
    full = cross_products(matrix, plan.weights)
    if not needs_rows(full[:-1, :-1]):
        return all_from_moments(deleted_moments(plan, matrix, cluster), full)
    x = matrix[:, :-1]
    basis, back = orthonormal(x, plan.weights)
    columns = np.ascontiguousarray(np.column_stack([basis, matrix[:, -1] - x @ coefficients]))
    without, identified = np.empty((cluster.levels, x.shape[1])), np.ones(cluster.levels, dtype=np.bool_)
    norms = np.sqrt(np.diag(full)[:-1])
    for g, gram in enumerate(deleted_moments(plan, columns, cluster)):
        values, vectors = np.linalg.eigh(gram[:-1, :-1])
        free = values > _LEFT
        without[g] = coefficients + back @ (vectors[:, free] @ (vectors[:, free].T @ gram[:-1, -1] / values[free]))
        identified[g] = free.all()
        if not identified[g]:  # of all solutions, the shortest in unit columns, as in `from_moments`
            unknown = np.linalg.qr(norms[:, None] * (back @ vectors[:, ~free]))[0]
            without[g] -= unknown @ (unknown.T @ (without[g] * norms)) / norms
    return without, identified


def each(estimate: Callable[[Vector], tuple[Vector, bool]]) -> Estimates:
    """Turn a function of one cross-product matrix (m, m) into a function of many, which applies it in a loop.

    ``estimate`` returns (b, identified).
    """

    def every(moments: Vector) -> tuple[Vector, Mask]:
        pairs = [estimate(m) for m in moments]
        return np.array([b for b, _ in pairs]), np.array([identified for _, identified in pairs], dtype=np.bool_)

    return every


class ByCluster(NamedTuple):
    """Cross-products (G, m, m) of the columns: of the rows of each cluster, and of all rows without each cluster.

    Within a cluster, effects are those removed from all rows; without a cluster, they are removed again.
    """

    within: Vector
    without: Vector


def deleted_moments(plan: Absorber, matrix: Vector, cluster: Factor) -> Vector:
    """Return the cross-products of the columns without each cluster, with effects removed again, shape (G, m, m)."""
    return next(moments_by_cluster(plan, [matrix], cluster)).without


def moments_by_cluster(plan: Absorber, matrices: Iterable[Vector], cluster: Factor) -> Iterator[ByCluster]:
    """Yield the cross-products by cluster of several sets of columns (n, m) with the same effects, in their order.

    With few clusters, what deleting a cluster does to the effects is computed once for all sets. Each set is read once,
    so that ``matrices`` may compute them one after another. With many clusters, the sums of one set at a time are held.
    """
    if not plan.exact:
        for matrix in matrices:
            yield ByCluster(gram_by_group(matrix, plan.weights, cluster), _refit(plan, matrix, cluster))
        return
    layout, groups = layout_of(plan, cluster), np.arange(cluster.levels + 1)
    order = np.argsort(layout.home, kind="stable")
    edges, pairs = np.searchsorted(layout.home[order], groups), np.searchsorted(layout.group, groups)
    sets = (
        _Parts(plan, cluster, cells, cells.gram.sum(axis=0), order, edges, pairs)
        for cells in (cells_of(layout, matrix) for matrix in matrices)
    )
    # products of pairs of dummies, over all clusters: a level takes T^2 of them, a mover twice as many
    products = int(edges[-1] - edges[0] + 2 * pairs[-1]) * len(plan.schur) ** 2
    if cluster.levels <= _FEW:
        yield from _one_by_one(list(sets))
    elif 0 < len(plan.schur) <= _NARROW and products <= _CHEAP * cluster.levels:
        yield from (ByCluster(parts.cells.gram, _stacked(parts)) for parts in sets)
    else:
        yield from (found for parts in sets for found in _one_by_one([parts]))


def _one_by_one(sets: Sequence[_Parts]) -> list[ByCluster]:
    """Return the cross-products of sets of columns, for one cluster after another."""
    without = [np.empty_like(parts.cells.gram) for parts in sets]
    for g, gone in enumerate(dummy_weights(sets[0].plan, sets[0].cluster) if sets else ()):
        left = _effects_without(sets[0], g, gone)
        for parts, moments in zip(sets, without, strict=True):
            moments[g] = _without(parts, g, left)
    return [ByCluster(parts.cells.gram, moments) for parts, moments in zip(sets, without, strict=True)]


@dataclass(frozen=True)
class _Parts:
    """The sums from which follow the cross-products of dummies and columns without one cluster.

    ``order`` lists the levels of the largest effect, sorted by the cluster with which they vanish. The levels of
    cluster g start at ``edges[g]``, and its movers at ``pairs[g]``. ``total`` (m, m) holds the cross-products of all
    columns.
    """

    plan: Absorber
    cluster: Factor
    cells: Cells
    total: Vector
    order: Codes
    edges: Codes
    pairs: Codes


class _Left(NamedTuple):
    """The effects without one cluster: the `root` of the products of dummies (T, T), and its p movers.

    ``moving`` is the slice of the movers, ``means`` (p, T) their means of the dummies, ``remaining`` (p,) their weight.
    """

    root: Root
    moving: slice
    means: Vector
    remaining: Vector


def _effects_without(parts: _Parts, g: int, gone: Vector) -> _Left:
    """Return the effects without cluster g. ``gone`` (T, T) holds the weights of g's pairs of dummies."""
    plan, movers = parts.plan, parts.cells.movers
    at_home = parts.order[parts.edges[g] : parts.edges[g + 1]]
    moving = slice(parts.pairs[g], parts.pairs[g + 1])
    dd, levels = plan.schur - gone + _vanishing(plan, at_home), movers.level[moving]
    remaining, means = plan.totals[levels] - movers.weight[moving], np.zeros((0, len(dd)))
    if len(levels):
        before = table_rows(plan, levels)
        after = before - movers.counts[moving].toarray()
        means = after / remaining[:, None]
        dd = dd + ((before / plan.totals[levels, None]).T @ before - means.T @ after)
    return _Left(root(dd), moving, means, remaining)


def _without(parts: _Parts, g: int, left: _Left) -> Vector:
    """Return the cross-products (m, m) of the columns without cluster g, whose deletion leaves the effects ``left``."""
    cells = parts.cells
    dz, zz = -cells.dummies[g], parts.total - cells.gram[g]
    if len(left.remaining):
        sums = cells.movers.sums[left.moving]
        dz = dz + left.means.T @ sums
        zz = zz - (sums / left.remaining[:, None]).T @ sums
    return np.asarray(zz - dz.T @ solved_by(left.root, dz))


def _stacked(parts: _Parts) -> Vector:
    """Return the result of `_without` for all clusters (G, m, m), computed in blocks as stacks.

    Deleting a cluster never adds to the rank of the dummies. If the dummies that are independent in the whole sample
    are still independent, any generalised inverse gives the same result. Clusters whose deletion removes a dummy, or
    nearly does, are processed one by one.
    """
    plan, cluster, cells = parts.plan, parts.cluster, parts.cells
    width, m = len(plan.schur), cells.gram.shape[1]
    kept = independent_rows(plan.schur)
    rows = by_level(cluster)
    ends = np.r_[0, np.cumsum(np.bincount(cluster.codes, minlength=cluster.levels))]
    left = np.empty_like(cells.gram)
    step = max(1, _NUMBERS // (width + m) ** 2)
    for low in range(0, cluster.levels, step):
        high = min(low + step, cluster.levels)
        members = rows[ends[low] : ends[high]]
        gone = pair_weights(plan, cluster.codes[members] - low, high - low, members)
        dd = plan.schur - gone + _vanishing_of(parts, low, high)
        dz, zz = -cells.dummies[low:high], parts.total - cells.gram[low:high]
        if parts.pairs[high] > parts.pairs[low]:
            more_dd, more_dz, more_zz = _moved_of(parts, low, high)
            dd, dz, zz = dd + more_dd, dz + more_dz, zz - more_zz
        stack = np.zeros((len(kept) + m, len(kept) + m, high - low))
        stack[: len(kept), : len(kept)] = dd[:, kept[:, None], kept].transpose(1, 2, 0)
        stack[len(kept) :, : len(kept)] = dz[:, kept].transpose(2, 1, 0)
        stack[len(kept) :, len(kept) :] = zz.transpose(1, 2, 0)
        top = dd[:, np.arange(width), np.arange(width)].max(axis=1)
        pivots = eliminate(stack, len(kept))
        schur = stack[len(kept) :, len(kept) :].transpose(2, 0, 1)
        lower = np.tril(schur)
        left[low:high] = lower + np.tril(schur, -1).transpose(0, 2, 1)
        for g in np.flatnonzero(pivots.min(axis=0, initial=np.inf) <= _SAFE * top):
            one = low + int(g)
            left[one] = _without(parts, one, _effects_without(parts, one, gone[g]))
    return left


def _vanishing(plan: Absorber, levels: np.ndarray) -> Vector:
    """Return ``sum C_f C_f' / W_f`` over the levels f that vanish with the cluster.

    C_f are the weights per dummy in level f, W_f the weight of the level.
    """
    if plan.large is None or not plan.small.shape[1]:
        return np.zeros_like(plan.schur)
    return projected(plan.table[levels], plan.totals[levels])


def _vanishing_of(parts: _Parts, low: int, high: int) -> Vector:
    """Return the result of `_vanishing` for each of the clusters ``low`` to ``high``, shape (B, T, T)."""
    plan, cells = parts.plan, parts.cells
    sums = np.zeros((high - low, *plan.schur.shape))
    for some in _pieces(parts, parts.edges[low], parts.edges[high]):
        levels = parts.order[some]
        weights = table_rows(plan, levels)
        outer = (weights / plan.totals[levels, None])[:, :, None] * weights[:, None, :]
        _add(sums, outer, cells.home[levels] - low)
    return sums


def _pieces(parts: _Parts, start: int, stop: int) -> Iterator[slice]:
    """Yield slices of entries that are short enough for (T + m)^2 numbers per entry to fit in a block."""
    step = max(1, _NUMBERS // (len(parts.plan.schur) + len(parts.total)) ** 2)
    for at in range(start, stop, step):
        yield slice(at, min(at + step, stop))


def _add(sums: Vector, parts: Vector, groups: Codes) -> None:
    """Add matrices (p, a, b), which are sorted by group, to the sums of their groups (count, a, b), in place."""
    first, last = groups[0], groups[-1] + 1
    flat = group_sums(groups - first, int(last - first), parts.reshape(len(parts), -1))
    sums[first:last] += flat.reshape(-1, *parts.shape[1:])


def _moved_of(parts: _Parts, low: int, high: int) -> tuple[Vector, Vector, Vector]:
    """Return how the movers' new means change dd, dz and zz without each of the clusters ``low`` to ``high``.

    d are dummies and z columns; the shapes are (B, T, T), (B, T, m) and (B, m, m).
    """
    plan, movers, (width, m) = parts.plan, parts.cells.movers, parts.cells.dummies.shape[1:]
    dd, dz, zz = (np.zeros((high - low, *shape)) for shape in ((width, width), (width, m), (m, m)))
    for some in _pieces(parts, parts.pairs[low], parts.pairs[high]):
        levels, sums, groups = movers.level[some], movers.sums[some], movers.group[some] - low
        remaining = (plan.totals[levels] - movers.weight[some])[:, None, None]
        before = table_rows(plan, levels)
        after = before - movers.counts[some].toarray()
        more = before[:, :, None] * before[:, None, :] / plan.totals[levels, None, None]
        more -= after[:, :, None] * after[:, None, :] / remaining
        _add(dd, more, groups)
        _add(dz, after[:, :, None] * sums[:, None, :] / remaining, groups)
        _add(zz, sums[:, :, None] * sums[:, None, :] / remaining, groups)
    return dd, dz, zz


def _refit(plan: Absorber, matrix: Vector, cluster: Factor) -> Vector:
    """Return the cross-products without each cluster by removing several large effects again from the other rows."""
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
    """Compute least squares from cross-products (m, m) with the outcome last; also return whether it is identified.

    ``full`` holds the cross-products of the full sample. A regressor whose norm is below 1e-6 of its norm in the full
    sample counts as lost. Eigenvalues of the cross-products of unit columns below 1e-11 count as zero; `partial` has
    the same limit for pivots. Both limits are conventions.
    """
    norms = np.sqrt(np.maximum(np.diag(gram)[:-1], 0.0))
    alive = norms > 1e-6 * np.sqrt(np.diag(full)[:-1])
    scale = np.where(alive, norms, 1.0)
    xx = gram[:-1, :-1] / np.outer(scale, scale) * np.outer(alive, alive)
    values, vectors = np.linalg.eigh(xx)
    free = values > 1e-11
    inverse = (vectors[:, free] / values[free]) @ vectors[:, free].T
    return inverse @ (gram[:-1, -1] / scale) / scale, bool(free.all())


def all_from_moments(grams: Vector, full: Vector) -> tuple[Vector, Mask]:
    """Return the results of `from_moments` for many cross-products (G, m, m).

    They are coefficients (G, k) and a mask of the identified systems (G,).

    The product of the eigenvalues of unit columns equals the product of the pivots. The product of all eigenvalues but
    one is below e (2.72). So if the product is large, every eigenvalue is clearly above zero. All other systems are
    solved one by one.
    """
    k = grams.shape[1] - 1
    if len(grams) <= _FEW or not k:
        return each(lambda g: from_moments(g, full))(grams)
    b, identified = np.empty((len(grams), k)), np.ones(len(grams), dtype=np.bool_)
    least = 1e-6 * np.sqrt(np.diag(full)[:-1])
    step = max(1, _NUMBERS // (k + 1) ** 2)
    for low in range(0, len(grams), step):
        block = grams[low : low + step]
        norms = np.sqrt(np.maximum(np.diagonal(block, axis1=1, axis2=2)[:, :-1], 0.0))
        alive = (norms > least).all(axis=1)
        scale = np.c_[np.where(norms > 0, norms, 1.0), np.ones(len(block))].T
        stack = block.transpose(1, 2, 0) / scale[:, None] / scale
        pivots = eliminate(stack, k)
        clear = alive & (pivots > 0).all(axis=0)
        clear &= np.where(clear, pivots, 0.0).prod(axis=0) > _CLEAR
        pivots[:, ~clear] = 1.0
        b[low : low + step] = (back_substitute(stack, pivots) / scale[:-1]).T
        for g in np.flatnonzero(~clear):
            b[low + g], identified[low + g] = from_moments(block[g], full)
    return b, identified
