"""Compute the common component of relative prices, which is subtracted from all pairs (METHODS 1.1 step 3, 1.2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from integrade.errors import NoConvergence, TooFew, option
from integrade.integration.cube import Cube
from integrade.integration.options import RelativePrice
from integrade.integration.pairs import Index, Pairs, every_pair, place_among_all
from integrade.integration.transforms import Vector

BLOCK = 1 << 16  # prices in one block of pairs: about what fits the processor's cache


@dataclass(frozen=True)
class Component:
    """The component that is subtracted, by period and good (T, K).

    ``pair_effects`` are by pair (P, 1) or by pair and good (P, K), and None if ``demean`` has no effects of pairs.
    """

    common: Vector
    pair_effects: Vector | None = None


def gap(x: Vector, first: Index, second: Index, options: RelativePrice) -> Vector:
    """Compute the relative prices of pairs (B, K) from logs (N, K), by eq. (1) and (2) of METHODS 1.1."""
    d = x[first] - x[second]
    if options.form == "ratio_change":
        d = np.expm1(d, out=d)
    return np.abs(d, out=d) if options.absolute else d


def blocks_of(pairs: Pairs, goods: int) -> Iterator[slice]:
    """Return slices of the pairs; the relative prices of each slice fit into the cache."""
    step = max(1, BLOCK // max(1, goods))
    return (slice(at, min(at + step, len(pairs))) for at in range(0, len(pairs), step))


def common_component(cube: Cube, pairs: Pairs, options: RelativePrice) -> Component:
    """Compute the component for ``options.demean``. Raises `TooFew` for two_way with a single period."""
    everyone = every_pair(len(cube.regions))
    match options.demean:
        case "none":
            return Component(np.zeros((len(cube.periods), len(cube.goods))))
        case "pairs":
            return Component(np.array([_mean_over_all(x, everyone, options) for x in cube.values]))
        case "used":
            return Component(np.array([_mean_over(x, pairs, options) for x in cube.values]))
        case "two_way" | "regression":
            if options.demean == "two_way" and len(cube.periods) < 2:
                raise TooFew(
                    "demean two_way requires two periods: with one period, no variation remains",
                    remedy=f"give {option('demean', 'pairs')}, or prices of more periods",
                )
            return _with_pair_effects(cube, pairs, options)


def _mean_over_all(x: Vector, everyone: Pairs, options: RelativePrice) -> Vector:
    """Compute the mean over all pairs for each good (K,).

    For differences no pairs are formed, because the ranks of the regions give the sum.
    """
    if options.form == "ratio_change":
        return _mean_over(x, everyone, options)
    has = np.isfinite(x)
    n = has.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        centred = x - np.nansum(x, axis=0) / n
        if options.absolute:
            centred = np.sort(centred, axis=0)[::-1]  # missing first, then descending
            rank = np.cumsum(np.isfinite(centred), axis=0)
        else:
            rank = np.cumsum(has, axis=0)
        total = np.nansum((n + 1 - 2 * rank) * centred, axis=0)
        return np.asarray(total / (n * (n - 1) / 2))


def _sums_over(x: Vector, pairs: Pairs, options: RelativePrice) -> tuple[Vector, Vector]:
    """Return the sum of the relative prices of pairs, and the number of pairs that have the good; each is (K,)."""
    total, count = np.zeros(x.shape[1]), np.zeros(x.shape[1])
    for rows in blocks_of(pairs, x.shape[1]):
        d = gap(x, pairs.first[rows], pairs.second[rows], options)
        total += np.nansum(d, axis=0)
        count += np.isfinite(d).sum(axis=0)
    return total, count


def _mean_over(x: Vector, pairs: Pairs, options: RelativePrice) -> Vector:
    total, count = _sums_over(x, pairs, options)
    with np.errstate(invalid="ignore"):
        return np.asarray(total / count)


def _with_pair_effects(cube: Cube, pairs: Pairs, options: RelativePrice) -> Component:
    """Estimate effects of each period and good, and effects of pairs, over all pairs of regions.

    The fit is exact even with missing prices. Under two_way each good has its own effects of pairs; under regression
    all goods share the effects of pairs.
    """
    everyone = every_pair(len(cube.regions))
    by_pair = np.zeros((len(everyone), len(cube.goods)))  # sums over periods
    for x in cube.values:
        for rows in blocks_of(everyone, x.shape[1]):
            d = gap(x, everyone.first[rows], everyone.second[rows], options)
            by_pair[rows] += np.nan_to_num(d, copy=False)
    by_cell = np.array([_sums_over(x, everyone, options)[0] for x in cube.values])
    has = np.isfinite(cube.values)
    at = place_among_all(pairs, len(cube.regions))
    if options.demean == "two_way":
        fits = [_effects(has[:, :, k].T, by_cell[:, k], by_pair[:, k], everyone) for k in range(len(cube.goods))]
        return Component(np.array([f[0] for f in fits]).T, np.array([f[1][at] for f in fits]).T)
    has_cell = has.transpose(1, 0, 2).reshape(len(cube.regions), -1)
    cells, pair_effects = _effects(has_cell, by_cell.ravel(), by_pair.sum(axis=1), everyone)
    return Component(cells.reshape(by_cell.shape), pair_effects[at][:, None])


def _effects(has: NDArray[np.bool_], by_cell: Vector, by_pair: Vector, pairs: Pairs) -> tuple[Vector, Vector]:
    """Estimate effects of cells (C,) and pairs (P,) by least squares, from the sums by cell and by pair.

    A cell enters a pair if both regions have it. The matrix of pairs by cells is never formed, because it is a product
    of ``has`` (N, C) with itself. The effects of pairs are eliminated, and the effects of cells are then solved by
    conjugate gradients.
    """
    from scipy.sparse.linalg import LinearOperator, cg

    h = has.astype(np.float64)
    i, j = pairs.first, pairs.second

    def over_cells(v: Vector) -> Vector:
        return np.asarray(((h * v) @ h.T)[i, j])

    def over_pairs(u: Vector) -> Vector:
        square = np.zeros((len(h), len(h)))
        square[i, j] = u
        return np.asarray(np.einsum("ic,ic->c", h, square @ h))

    cells = len(by_cell)
    n_pair, n_cell = over_cells(np.ones(cells)), over_pairs(np.ones(len(pairs)))
    weight = np.divide(1.0, n_pair, out=np.zeros_like(n_pair), where=n_pair > 0)

    def reduced(v: Vector) -> Vector:
        return np.asarray(n_cell * v - over_pairs(weight * over_cells(v)))

    right = by_cell - over_pairs(weight * by_pair)
    tolerance = 1e-14 * float(np.linalg.norm(by_cell))  # relative to the data: close to full double precision
    operator: Any = LinearOperator((cells, cells), matvec=reduced, dtype=np.float64)
    alpha, failed = cg(operator, right, rtol=0.0, atol=tolerance, maxiter=10 * cells + 100)
    if failed:
        left = float(np.linalg.norm(right - reduced(alpha)))
        raise NoConvergence(
            f"the effects of demean did not converge: residual {left:.1e}, wanted {tolerance:.1e}",
            remedy=f"a good or region with very few prices may be the cause; or use {option('demean', 'pairs')}",
        )
    return alpha, weight * (by_pair - over_cells(alpha))
