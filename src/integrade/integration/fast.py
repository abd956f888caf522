"""Use the compiled loop instead of numpy if there are many pairs, goods and periods.

The extra ``fast`` must be installed.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from integrade.engine.frames import log
from integrade.integration.pairs import Index
from integrade.integration.spread import Pipeline, Subsets, whole, whole_and_without_each
from integrade.integration.transforms import Vector
from integrade.integration.weights import ByPeriod

if TYPE_CHECKING:
    from integrade.integration.compiled import Sums

LEAST = 50_000_000
"""With fewer prices of pairs (pairs x goods x periods), numpy needs at most about a second, so nothing is compiled."""
KINDS = {"variance": 0, "sd": 1, "mean_absolute": 2}


class RegionSums(NamedTuple):
    """One period: positions of its goods, weighted sums and weights (N, M), pairs (N,), goods used (N, K).

    ``counts``: the number of pairs, and the fewest and most goods of a pair.
    """

    goods: Index
    total: Vector
    weight: Vector
    n_pairs: Index
    used: NDArray[np.bool_]
    counts: tuple[int, int, int]


def suits(work: Pipeline, subsets: Subsets) -> bool:
    """Return true if the compiled loop supports these options and the table is large enough for it."""
    options, size = work.options, work.cube.values.shape[0] * work.cube.values.shape[2] * len(work.pairs)
    known = (
        options.dispersion in KINDS
        and options.form != "ratio_change"
        and isinstance(options.good_weights, str)
        and work.component.pair_effects is None
        and subsets in (whole, whole_and_without_each)
    )
    return known and size >= LEAST


def region_sums(work: Pipeline, subsets: Subsets, sides: ByPeriod) -> Iterator[RegionSums]:
    """Yield the sums by region for each period in turn; several periods are computed at once.

    Each period is computed by one thread, so the number of threads does not change the result.
    """
    from integrade.engine.compiling import threads

    pairs = work.pairs
    ends = np.ascontiguousarray(pairs.first), np.ascontiguousarray(pairs.second)
    n_pairs = sum(np.bincount(e, minlength=len(work.cube.regions)) for e in ends)
    workers = threads()
    log.info(
        "relative_price: %s pairs, %d goods, %d periods in the compiled loop on %d threads",
        f"{len(pairs):,}",
        len(work.cube.goods),
        len(work.cube.periods),
        workers,
    )

    def of_period(t: int) -> RegionSums:
        has = np.isfinite(work.cube.values[t])
        goods = np.flatnonzero(has.any(axis=0))
        has = has[:, goods]
        weights = sides(t)
        plain = work.options.dispersion == "variance" and work.options.absolute
        if subsets is whole and weights is None and has.all() and plain:
            return _complete(work, t, goods, ends, np.asarray(n_pairs))
        left, right = np.ones((2, len(pairs))) if weights is None else weights
        return _with_gaps(work, t, goods, (*ends, left, right), subsets(goods).shape[1])

    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(of_period, range(len(work.cube.periods)))


def _complete(work: Pipeline, t: int, goods: Index, ends: tuple[Index, Index], n_pairs: Index) -> RegionSums:
    """Sum one period in which every region has every good, with equal weights of pairs."""
    from integrade.integration.compiled import complete_sums

    total, some = np.zeros(len(n_pairs)), n_pairs > 0
    x = np.ascontiguousarray(work.cube.values[t][:, goods])
    complete_sums(x, work.component.common[t, goods], *ends, work.options.ddof, total)
    used = np.repeat(some[:, None], len(goods), axis=1)
    counts = (len(ends[0]), len(goods), len(goods))
    return RegionSums(goods, total[:, None], n_pairs[:, None].astype(np.float64), n_pairs, used, counts)


def _with_gaps(
    work: Pipeline, t: int, goods: Index, ends: tuple[Index, Index, Vector, Vector], subsets: int
) -> RegionSums:
    """Sum one period in the loop that allows for missing prices, weights and every dispersion."""
    from integrade.integration.compiled import Ends, How, Prices, Sums, pair_sums

    logs = work.cube.values[t][:, goods]
    x, has, (n, k) = np.nan_to_num(logs), np.isfinite(logs), logs.shape
    prices = Prices(x, has.astype(np.float64), has.all(axis=1), work.component.common[t, goods])
    options = work.options
    how = How(options.goods_needed(k), options.ddof, options.absolute, KINDS[options.dispersion])
    sums: Sums = Sums(
        np.zeros((n, subsets)),
        np.zeros((n, subsets)),
        np.zeros((n, 2), np.int64),
        np.zeros((n, k), np.bool_),
        np.zeros(3, np.int64),
    )
    pair_sums(prices, Ends(*ends), how, sums)
    used = sums.used | (sums.n_pairs[:, 1:] > 0)
    pairs, fewest, most = sums.counts.tolist()
    return RegionSums(goods, sums.total, sums.weight, sums.n_pairs.sum(axis=1), used, (pairs, fewest, most))
