"""Put quality on a common scale within its pool, for every measure of quality."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from integrade.quality.arranged import Arranged
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
        r[:], clipped = within_pools(x, np.zeros(rows.n, dtype=np.uint8), 1, scale)
        return Standardised(r, clipped)

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
    y, of = x[order], pool[order]
    starts = runs(of)
    a, b, centred = _scale(y, starts, scale.standardise)
    low, high = y[starts[:-1]], y[starts[1:] - 1]
    b = np.where((high - low > EQUAL) & (b > EQUAL), b, np.nan)
    clipped = 0
    if scale.standardise == "minmax_trim":
        clipped = int(((y < spread(a - EQUAL, starts)) | (y > spread(a + b + EQUAL, starts))).sum())
    r = (centred - spread(a, starts)) / spread(b, starts)
    if scale.standardise.startswith("minmax"):
        r = np.clip(r, 0.0, 1.0)
    if scale.alike == "middle":
        r[np.isnan(r)] = 0.0 if scale.standardise == "zscore" else 0.5
    out = np.full(len(x), np.nan)
    out[order] = r
    return out, clipped


def _scale(y: Vector, starts: Places, how: str) -> tuple[Vector, Vector, Vector]:
    """Return a and b of every pool, and the values that they scale: y (sorted within pools), or its ranks."""
    n, low = np.diff(starts), y[starts[:-1]]
    if how == "minmax_trim":
        a, top = _quantile(y, starts, LOW), _quantile(y, starts, HIGH)
        return a, top - a, y
    if how == "minmax":
        return low, y[starts[1:] - 1] - low, y
    if how == "zscore":
        mean = sums(y, starts) / n
        squares = sums((y - spread(mean, starts)) ** 2, starts)
        return mean, np.sqrt(squares / np.maximum(n - 1, 1)), y
    # rounded to the order of EQUAL, so that qualities that differ by rounding are tied: they share their mean rank
    pool = spread(np.arange(len(n)), starts)
    ties = runs(pool, np.rint(y * 1e9))
    mean_rank = (ties[:-1] + ties[1:] - 1) / 2
    return np.zeros(len(n)), n - 1.0, spread(mean_rank, ties) - spread(starts[:-1], starts)


def _quantile(y: Vector, starts: Places, share: float) -> Vector:
    """Return a quantile of every pool, interpolated linearly between order statistics."""
    last = np.diff(starts) - 1
    at = share * last
    below = at.astype(np.int64)
    left, right = y[starts[:-1] + below], y[starts[:-1] + np.minimum(below + 1, last)]
    return np.asarray(left + (right - left) * (at - below))
