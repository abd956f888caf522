"""Sum the dispersion of pairs by region in one compiled loop that never builds a table of pairs.

This module imports numba.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from integrade.engine.compiling import REORDERED, compiled
from integrade.integration.spread import ROUNDING
from integrade.integration.transforms import Vector

VARIANCE, SD, MEAN = 0, 1, 2


class Prices(NamedTuple):
    """One period: logs (N, K), zero if missing; whether there is a price (N, K); regions that have every good (N,).

    ``common`` is the component that is subtracted (K,).
    """

    logs: Vector
    has: Vector
    complete: Any
    common: Vector


class Ends(NamedTuple):
    """The two regions of each pair, and the weight of the pair in the averages of both regions, each (P,)."""

    first: Any
    second: Any
    left: Vector
    right: Vector


class How(NamedTuple):
    """Settings of the loops over pairs: goods needed, divisor K - ddof, absolute relative prices or not, dispersion."""

    needed: int
    ddof: int
    absolute: bool
    kind: int


class Sums(NamedTuple):
    """Results of the loop: weighted sums and weights by subset of goods (N, M).

    M is 1, or 1 + K if each good is also left out in turn. ``n_pairs`` (N, 2): pairs that lack some good, and pairs
    that have every good. ``used`` (N, K): goods in pairs that lack some good. ``counts``: the number of pairs, and the
    fewest and most goods of a pair.
    """

    total: Vector
    weight: Vector
    n_pairs: Any
    used: Any
    counts: Any


_compiled = compiled(fastmath=REORDERED)

# Helpers take arrays, not records of arrays, because compiled code counts references to a record at every call.


@_compiled
def _gaps(x: Vector, ends: tuple[int, int], common: Vector, absolute: bool, q: Vector) -> float:
    """Write the relative prices of two regions into ``q`` and return their sum."""
    i, j = ends
    total = 0.0
    for k in range(len(q)):
        d = x[i, k] - x[j, k]
        q[k] = (abs(d) if absolute else d) - common[k]
        total += q[k]
    return total


@_compiled
def _shared(has: Vector, ends: tuple[int, int], w: Vector) -> float:
    """Write into ``w`` which goods both regions have, and return the number of these goods."""
    i, j = ends
    n = 0.0
    for k in range(len(w)):
        w[k] = has[i, k] * has[j, k]
        n += w[k]
    return n


@_compiled
def _squares(q: Vector, mean: float) -> float:
    """Replace ``q`` by its differences from ``mean``, and return the sum of their squares."""
    total = 0.0
    for k in range(len(q)):
        q[k] -= mean
        total += q[k] * q[k]
    return total


@_compiled
def _magnitudes(q: Vector) -> float:
    """Return the sum of the absolute values of ``q``."""
    total = 0.0
    for k in range(len(q)):
        total += abs(q[k])
    return total


@_compiled
def _only(q: Vector, w: Vector) -> float:
    """Set ``q`` to zero for missing goods and return its sum."""
    total = 0.0
    for k in range(len(q)):
        q[k] *= w[k]
        total += q[k]
    return total


@_compiled
def _shared_size(q: Vector, w: Vector, n: float, kind: int) -> float:
    """Return the sum of squared differences from the mean, or of absolute values, over the ``n`` shared goods.

    ``q`` is overwritten.
    """
    gaps = _only(q, w)
    if kind == MEAN:
        return _magnitudes(q)
    _squares(q, gaps / n)
    _only(q, w)
    return _squares(q, 0.0)


@_compiled
def _dispersion(total: float, n: float, ddof: int, kind: int) -> float:
    """Return the variance, s.d. or mean over ``n`` goods, from their sum of squares or of absolute values.

    The result is zero if it is below rounding.
    """
    if kind == MEAN:
        v = total / n
        return v if v >= ROUNDING else 0.0
    v = total / (n - ddof)
    v = v if v >= ROUNDING**2 else 0.0
    return math.sqrt(v) if kind == SD else v


@_compiled
def _without_each(q: Vector, w: Vector, size: tuple[float, float], how: How, out: Vector) -> None:
    """Compute the dispersion without each good in turn, and write it into ``out``.

    The sum of squares falls by e_k^2 n/(n-1), because the mean moves. ``size`` holds the sum and the number of goods.
    The result is missing if fewer than two goods are left.
    """
    total, n = size
    for k in range(len(q)):
        part = abs(q[k]) if how.kind == MEAN else q[k] * q[k] * n / (n - 1)
        left = n - w[k]
        out[1 + k] = _dispersion(total - w[k] * part, left, how.ddof, how.kind) if left >= 2 else np.nan


@_compiled
def _add(row: int, by: float, v: Vector, total: Vector, weight: Vector) -> None:
    """Add to a region the values without each good, and their weights; missing values are not added."""
    for m in range(1, len(v)):
        if not math.isnan(v[m]):
            total[row, m] += by * v[m]
            weight[row, m] += by


@_compiled
def _use(row: int, by: float, w: Vector, used: Any) -> None:
    """Mark the goods that a region uses in a pair, if the pair counts for the region."""
    for k in range(len(w)):
        used[row, k] |= by * w[k] > 0


@_compiled
def pair_sums(prices: Prices, ends: Ends, how: How, sums: Sums) -> None:
    """Add the dispersion of every pair, in the order of pairs, to both of its regions."""
    x, has, complete, common = prices.logs, prices.has, prices.complete, prices.common
    total, weight, n_pairs, used = sums.total, sums.weight, sums.n_pairs, sums.used
    firsts, seconds, lefts, rights = ends.first, ends.second, ends.left, ends.right
    needed, absolute, ddof, kind = how.needed, how.absolute, how.ddof, how.kind
    goods, each, pairs, fewest, most = len(common), total.shape[1] > 1, 0, len(common), 0
    q, every, w, v = np.empty(goods), np.ones(goods), np.empty(goods), np.empty(total.shape[1])
    for p in range(len(firsts)):
        i, j, left, right = firsts[p], seconds[p], lefts[p], rights[p]
        full = complete[i] and complete[j]
        n = float(goods) if full else _shared(has, (i, j), w)
        if n < needed or left + right <= 0:
            continue
        size = _gaps(x, (i, j), common, absolute, q)
        if full:
            size = _magnitudes(q) if kind == MEAN else _squares(q, size / n)
        else:
            size = _shared_size(q, w, n, kind)
            _use(i, left, w, used)
            _use(j, right, w, used)
        v[0] = _dispersion(size, n, ddof, kind)
        total[i, 0] += left * v[0]
        total[j, 0] += right * v[0]
        weight[i, 0] += left
        weight[j, 0] += right
        n_pairs[i, int(full)] += left > 0
        n_pairs[j, int(full)] += right > 0
        if each:
            _without_each(q, every if full else w, (size, n), how, v)
            _add(i, left, v, total, weight)
            _add(j, right, v, total, weight)
        pairs, fewest, most = pairs + 1, min(fewest, int(n)), max(most, int(n))
    sums.counts[:] = pairs, fewest, most


@_compiled
def complete_sums(x: Vector, common: Vector, first: Any, second: Any, ddof: int, total: Vector) -> None:
    """Add the variance of absolute relative prices of every pair to both of its regions, as `pair_sums` does.

    Every region must have every good, and weights must be equal. The relative price of the first good is subtracted
    before squaring, so one pass is enough. The rounding error is at most K units in the last digit.
    """
    goods = len(common)
    by_n, by_divisor = 1 / goods, 1 / (goods - ddof)
    for p in range(len(first)):
        i, j = first[p], second[p]
        origin = abs(x[i, 0] - x[j, 0]) - common[0]
        gaps, squares = 0.0, 0.0
        for k in range(goods):
            q = abs(x[i, k] - x[j, k]) - common[k] - origin
            gaps += q
            squares += q * q
        v = (squares - gaps * gaps * by_n) * by_divisor
        v = v if v >= ROUNDING**2 else 0.0
        total[i] += v
        total[j] += v
