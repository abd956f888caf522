"""Compute the index from many pairs of halves of the goods."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from integrade.errors import TooFew
from integrade.estimate.results import Vector
from integrade.integration.options import RelativePrice
from integrade.records import tidied
from integrade.subjects.noise.index_draws import measured, subset_index, yearly
from integrade.wording.sheet import Sheet, of_text, shown
from plainwords.texts import say

if TYPE_CHECKING:
    import polars as pl

FEWEST = 4
"""Fewest goods: a dispersion needs two goods, and so does each half."""
FEWEST_IN_CELL = 2
"""More goods than these are needed for the fourth moment of a region and year: for two goods it is a constant."""


@shown
@dataclass(frozen=True)
class Halves:
    """The index of all goods, and of both halves of the goods for each split.

    ``regions`` (N,) and ``years`` (T,) name the cells. ``whole`` (T, N) is the index of all goods, ``pairs``
    (S, 2, T, N) the indices of both halves. Each half has the mean of the whole index over all cells: an index of fewer
    goods lies higher or lower, because its transform is not linear, and the square of the index would carry that shift
    into the slope. Means of single years are not aligned, because the whole index has errors that all regions of a year
    share, and halves aligned with it would share them too. ``tails`` is that of the price changes
    (`tails_of`).
    """

    regions: tuple[str, ...]
    years: tuple[int, ...]
    whole: Vector
    pairs: Vector
    goods: int
    tails: float | None = None

    def tidy(self) -> pl.DataFrame:
        """Return one row per estimate (or row of the result), with broom's columns (`integrade.records.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Return the numbers of the result as a table of one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """Return the sizes, and the correlation of the indices of two halves within years, over all splits."""
        net = self.pairs - np.nanmean(self.pairs, axis=3, keepdims=True)
        both = np.isfinite(net).all(axis=1)
        correlation = np.corrcoef(net[:, 0][both], net[:, 1][both])[0, 1]
        return of_text(
            f"{self.goods} goods in halves, {len(self.pairs)} splits; {len(self.regions)} regions, "
            f"{len(self.years)} years\n  the indices of two halves correlate {correlation:.2f} within years"
        )


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
    shift = np.nanmean(values, axis=(0, 1), keepdims=True) - np.nanmean(whole)
    t, n, _ = values.shape
    pairs = (values - shift).transpose(2, 0, 1).reshape(-1, 2, t, n)
    return Halves(tuple(work.cube.regions), years, whole, pairs, goods, tails_of(work.cube.values))


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
