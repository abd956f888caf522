"""Put quality on a common scale within its pool, for every measure of quality."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from integrade.engine.frames import LEAST_BATCH
from integrade.quality.arranged import Arranged, pieces_of
from integrade.quality.scale import Scale
from integrade.quality.segments import Places, Vector, runs, spread, stable_order, sums

LOW, HIGH = 0.01, 0.99  # of minmax_trim (METHODS 3.3); interpolated linearly between order statistics
EQUAL = 1e-9  # log points: qualities that differ by less count as equal, up to rounding; a convention


class Standardised(NamedTuple):
    """The standardised quality r of every row (missing: NaN), and how many rows were clipped."""

    r: Vector
    clipped: int


def standardise(rows: Arranged, x: Vector, scale: Scale) -> Standardised:
    """Return ``r``, the standardised ``x`` (n,), which is ln quality. Where x is missing, r is missing.

    r = (x - a) / b with a and b from the x of the pool. If all x of the pool are equal, r is missing or the middle of
    the scale (option ``alike``). r overwrites x unless results are by row or a ladder.
    """
    if scale.standardise == "none":
        return Standardised(x, 0)
    r = rows.numbers() if scale.level in ("row", "ladder") else x
    if scale.pool == "all":
        return Standardised(r, _among_all(rows, x, r, scale))

    def block(low: int, high: int) -> int:
        at = rows.block(low, high)
        pool: NDArray[Any] = rows.letter("h", at) - np.int32(low)
        size = high - low
        if scale.pool == "product_year":
            pool, size = pool.astype(np.int64) * rows.years + rows.letter("t", at), size * rows.years
        r[at], clipped = within_pools(x[at], pool, size, scale)
        return clipped

    return Standardised(r, sum(rows.each(block)))


def within_pools(x: Vector, pool: NDArray[Any], pools: int, scale: Scale) -> tuple[Vector, int]:
    """Standardise x (n,) within pools, whose codes (n,) are below ``pools``; return r, and how many x were clipped."""
    order = np.argsort(x)[: len(x) - int(np.isnan(x).sum())]
    order = order[stable_order(pool[order], pools)]
    y = x[order]
    starts = runs(pool[order])
    a, b = _scales(y, starts, scale.standardise)
    values = y
    if scale.standardise == "rank":
        ties = runs(spread(starts[:-1], starts), _rounded(y))
        values = spread((ties[:-1] + ties[1:] - 1) / 2, ties) - spread(starts[:-1], starts)
    out = np.full(len(x), np.nan)
    out[order], clipped = _scaled(y, values, spread(a, starts), spread(b, starts), scale)
    return out, clipped


def _among_all(rows: Arranged, x: Vector, r: Vector, scale: Scale) -> int:
    """Write r, standardised among all rows, piece by piece; return how many rows were clipped."""
    y = rows.numbers()
    y[:] = x
    y.sort()
    y = y[: np.searchsorted(y, np.nan)]  # missing values come last
    a, b = _scales(y, np.array([0, len(y)]), scale.standardise) if len(y) else (np.zeros(1), np.ones(1))
    ranks, clipped = scale.standardise == "rank", 0
    for at in pieces_of(len(y)) if ranks else ():
        y[at] = _rounded(y[at])
    for at in rows.pieces():
        here = x[at]
        values = here
        if ranks:
            ends = (np.searchsorted(y, _rounded(here), side=side) for side in ("left", "right"))
            values = np.where(np.isnan(here), np.nan, (sum(ends) - 1) / 2)
        r[at], outside = _scaled(here, values, a, b, scale)
        clipped += outside
    return clipped


def _scaled(x: Vector, values: Vector, a: Vector, b: Vector, scale: Scale) -> tuple[Vector, int]:
    """Return r = (values - a) / b, and how many x are beyond a or a + b and were clipped; ``values``: x or its rank."""
    r = (values - a) / b
    clipped = 0
    if scale.standardise == "minmax_trim":
        clipped = int(((x < a - EQUAL) | (x > a + b + EQUAL)).sum())
    if scale.standardise.startswith("minmax"):
        r = np.clip(r, 0.0, 1.0)
    if scale.alike == "middle":
        middle = 0.0 if scale.standardise == "zscore" else 0.5
        r = np.where(np.isnan(r) & ~np.isnan(x), middle, r)
    return r, clipped


def _rounded(x: Vector) -> Vector:
    """Round to the order of EQUAL, so that qualities that differ by rounding are tied: they share their mean rank."""
    return np.rint(x * 1e9)


def _scales(y: Vector, starts: Places, how: str) -> tuple[Vector, Vector]:
    """Return a and b of every pool of sorted values y; b is missing if all values of the pool are equal."""
    n, low, high = np.diff(starts), y[starts[:-1]], y[starts[1:] - 1]
    if how == "minmax_trim":
        a = _quantile(y, starts, LOW)
        b = _quantile(y, starts, HIGH) - a
    elif how == "minmax":
        a, b = low, high - low
    elif how == "zscore":
        a = sums(y, starts) / n
        b = np.sqrt(_squares(y, a, starts) / np.maximum(n - 1, 1))
    else:  # rank, from 0
        a, b = np.zeros(len(n)), n - 1.0
    return a, np.where((high - low > EQUAL) & (b > EQUAL), b, np.nan)


def _squares(y: Vector, a: Vector, starts: Places) -> Vector:
    """Return the sum of (y - a)^2 of every pool; a single pool may be as long as the table.

    A single pool is summed in stretches of `LEAST_BATCH` rows, of which each piece has a whole number. The size of
    pieces, and so the memory budget, does not move the last digits.
    """
    if len(a) == 1:
        squares = ((y[at] - a) ** 2 for at in pieces_of(len(y)))
        return np.array([math.fsum(x for s in squares for x in np.add.reduceat(s, np.arange(0, len(s), LEAST_BATCH)))])
    return sums((y - spread(a, starts)) ** 2, starts)


def _quantile(y: Vector, starts: Places, share: float) -> Vector:
    """Return a quantile of every pool, interpolated linearly between order statistics."""
    last = np.diff(starts) - 1
    at = share * last
    below = at.astype(np.int64)
    left, right = y[starts[:-1] + below], y[starts[:-1] + np.minimum(below + 1, last)]
    return np.asarray(left + (right - left) * (at - below))
