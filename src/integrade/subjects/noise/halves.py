"""Compute the index from many pairs of halves of the goods."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

from integrade.errors import TooFew
from integrade.estimate.results import Vector
from integrade.integration.dispersion import Pipeline
from integrade.integration.options import RelativePrice
from integrade.subjects.noise.index_draws import measured, subset_index, yearly
from plainwords.texts import say

FEWEST = 4
"""Fewest goods: a dispersion needs two goods, and so does each half."""
FEWEST_IN_CELL = 2
"""More goods than these are needed for the fourth moment of a region and year: for two goods it is a constant."""
SMALLEST_SCALE = 0.7
"""Smallest scale of halves of three goods or more. Simulated ones are .84 to 1; a smaller one is noise."""
SCALED_BY = 10
"""Splits from which the scale of halves is computed. Each contains every good, so that further ones add little."""


@dataclass(frozen=True)
class Halves:
    """The index of all goods, and of both halves of the goods for each split.

    ``regions`` (N,) and ``years`` (T,) name the cells. ``whole`` (T, N) is the index of all goods, ``pairs``
    (S, 2, T, N) the indices of both halves. Each half has the mean of the whole index over all cells: an index of fewer
    goods lies higher or lower, because its transform is not linear, and the square of the index would carry that shift
    into the slope. Means of single years are not aligned, because the whole index has errors that all regions of a year
    share, and halves aligned with it would share them too. Differences of each half are divided by its ``scale`` (first
    and second halves), so that they are those of an index of very many goods (`_scale`). ``tails`` is that of the
    price changes (`tails_of`).
    """

    regions: tuple[str, ...]
    years: tuple[int, ...]
    whole: Vector
    pairs: Vector
    goods: int
    tails: float | None = None
    scale: tuple[float, float] = (1.0, 1.0)


def halves_of(prices: Any, index: RelativePrice | None = None, splits: int = 20, seed: int = 20240101) -> Halves:
    """Split the goods into halves ``splits`` times and compute the index of each half.

    `mediate`, `lag_table`, `compare_groups` and `robustness` take the result as ``halves`` and then give their results
    corrected for noise in the index as well.

    A good stays in its half in all years, so that errors that a good carries from year to year stay in one half. The
    splits differ from each other; if there are fewer splits than asked for, all of them are used. With an odd number
    of goods, the second half has one more.

    Missing values: NaN where a half has fewer than two goods of every pair.

    Args:
        prices: the prices from which the panel's index was computed.
        index: the options with which it was computed; the defaults of `relative_price` if None.
        splits: number of splits. seed: of the splits.

    Raises:
        TooFew: fewer than four goods. UsageError: monthly prices, or a dispersion over time.

    Example:
        >>> halves = halves_of(prices)  # doctest: +SKIP
        >>> mediate(panel, "y ~ market + market^2 | firm + year", "rd", halves=halves).corrected  # doctest: +SKIP
    """
    work = yearly(prices, index or RelativePrice())
    goods = len(work.cube.goods)
    if goods < FEWEST:
        raise TooFew(say("impossible.few-goods", goods=str(goods)), remedy="give the prices of more goods")
    first = distinct_splits(goods, splits, seed)
    subsets = np.stack([first, 1 - first], axis=2).reshape(goods, -1)  # (K, 2 S): both halves of a split in turn
    whole, values = measured(work), subset_index(work, lambda present: subsets[present])
    years = tuple(period[0] for period in work.cube.periods)
    t, n, _ = values.shape
    pairs = values.transpose(2, 0, 1).reshape(-1, 2, t, n)
    scale = _scale(work, subsets, pairs)
    away = pairs - np.nanmean(pairs, axis=(2, 3), keepdims=True)
    pairs = np.nanmean(whole) + away / np.array(scale)[:, None, None]
    return Halves(tuple(work.cube.regions), years, whole, pairs, goods, tails_of(work.cube.values), scale)


def _scale(work: Pipeline, subsets: Vector, pairs: Vector) -> tuple[float, float]:
    """Return the slopes of the first and the second halves on the index of very many goods.

    An index of few goods differs less between regions than one of many, because the logarithm of a variance over n
    goods is too low by about half its relative sampling variance, which is larger where a region's own shocks are.

    Formula: H is the index of a half (S, T, N), B that of the other half, and J = H + (n - 1) / n sum over its goods of
        (H - H without the good) (Quenouille 1956), whose bias is of order 1 / n^2. All are net of the means of
        years. The slope is sum BH / sum BJ: an instrumental regression of H on J, so that the error of J does not
        matter. Halves of two goods have no J. Since the bias is of order 1 / n, their slope is 1 - 3/2 (1 - slope of
        halves of three goods), and 1 if both halves have two goods.
    """
    first, second = (int(size) for size in subsets[:, :2].sum(axis=0))
    if second == FEWEST_IN_CELL:
        return 1.0, 1.0
    if first == second:
        both = _slope(work, subsets, pairs, (0, 1))
        return both, both
    of_second = _slope(work, subsets, pairs, (1,))
    if first == FEWEST_IN_CELL:
        return 1 - 1.5 * (1 - of_second), of_second
    return _slope(work, subsets, pairs, (0,)), of_second


def _slope(work: Pipeline, subsets: Vector, pairs: Vector, sides: tuple[int, ...]) -> float:
    """Return the slope of the halves of some sides (0 first, 1 second), at most 1 and at least `SMALLEST_SCALE`."""
    above, below = 0.0, 0.0
    has: NDArray[np.bool_] = np.asarray(np.isfinite(work.cube.values).any(axis=1))  # (T, K)
    for split, side in product(range(min(len(pairs), SCALED_BY)), sides):
        half, other, chosen = pairs[split, side], pairs[split, 1 - side], subsets[:, 2 * split + side]
        members = np.flatnonzero(chosen)
        without = np.repeat(chosen[:, None], len(members), axis=1)
        without[members, np.arange(len(members))] = 0.0
        n = has[:, members].sum(axis=1)[:, None]
        moved = np.where(has[:, None, members], half[..., None] - subset_index(work, without.__getitem__), 0.0)
        unbiased = half + (n - 1) / np.maximum(n, 1) * moved.sum(axis=2)
        there = np.isfinite(unbiased) & np.isfinite(other)
        b, h, j = (_net(x, there) for x in (other, half, unbiased))
        above += float((b * h).sum())
        below += float((b * j).sum())
    return float(np.clip(above / below, SMALLEST_SCALE, 1.0)) if above > 0 and below > 0 else 1.0


def _net(x: Vector, there: NDArray[np.bool_]) -> Vector:
    """Return the values (T, N) that are there less the mean of their year, and zero elsewhere."""
    count = np.maximum(there.sum(axis=1, keepdims=True), 1)
    mean = np.where(there, x, 0.0).sum(axis=1, keepdims=True) / count
    return np.where(there, x - mean, 0.0)


def tails_of(changes: Vector) -> float | None:
    """Return how heavy the tails of log price changes (T, N, K) are: 1 for normal changes, larger for heavier tails.

    Formula: e are changes less the mean over regions of the good and year, and less the mean over goods of the region
        and year; each good is divided by its scale (the root of the mean of e^2 over the mean of e^2 of the region and
        year) and centred again. The result is the mean over regions and years of m4 / m2^2, the moments over the n
        goods there, divided by 3 (n - 1) / (n + 1). That is its expectation for normal changes, because m4 / m2^2 does
        not depend on m2 then (Fisher 1930). Regions and years may therefore differ in the size of changes, and goods
        in volatility.
    Missing values: goods without a price are left out; so are regions and years with fewer than three goods. None if
        no region and year is left.

    The statistic is bounded by the number of goods, so it compares indices of similar numbers of goods.
    """
    there: NDArray[np.bool_] = np.asarray(np.isfinite(changes))
    there &= there.sum(axis=2, keepdims=True) > FEWEST_IN_CELL
    e = _centred(_centred(np.where(there, changes, 0.0), there, 1), there, 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        relative = np.where(there, e**2 / _mean(e**2, there, 2), 0.0)
        scale = np.sqrt(relative.sum(axis=(0, 1)) / there.sum(axis=(0, 1)))
        u = _centred(np.where(there & (scale > 0), e / scale, 0.0), there, 2)
        n = there.sum(axis=2)
        kurtosis = _mean(u**4, there, 2)[..., 0] / _mean(u**2, there, 2)[..., 0] ** 2 / (3 * (n - 1) / (n + 1))
    known = kurtosis[np.isfinite(kurtosis)]
    return float(known.mean()) if len(known) else None


def _mean(values: Vector, there: NDArray[np.bool_], axis: int) -> Vector:
    """Return the mean along an axis of the values that are there, zero elsewhere; the axis stays."""
    return np.asarray((values * there).sum(axis=axis, keepdims=True) / there.sum(axis=axis, keepdims=True))


def _centred(values: Vector, there: NDArray[np.bool_], axis: int) -> Vector:
    with np.errstate(invalid="ignore"):
        return np.where(there, values - _mean(values, there, axis), 0.0)


def distinct_splits(goods: int, splits: int, seed: int) -> Vector:
    """Return which goods are in the first half (K, S), for distinct splits."""
    half = goods // 2
    number = comb(goods, half) // (2 if goods % 2 == 0 else 1)
    if number <= splits:
        # with halves of equal size, the half that holds the first good is the first one
        chosen = [c for c in combinations(range(goods), half) if goods % 2 or c[0] == 0]
    else:
        random, seen = np.random.default_rng(seed), dict[tuple[int, ...], None]()
        while len(seen) < splits:
            order = random.permutation(goods)
            a, b = sorted(order[:half].tolist()), sorted(order[half:].tolist())
            seen[tuple(a if goods % 2 or a[0] == 0 else b)] = None
        chosen = list(seen)
    first = np.zeros((goods, len(chosen)))
    for s, members in enumerate(chosen):
        first[list(members), s] = 1.0
    return first
