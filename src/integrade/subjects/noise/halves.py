"""Compute the index from many pairs of halves of the goods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from integrade.errors import TooFew, UnknownName, did_you_mean
from integrade.estimate.results import Vector
from integrade.integration.options import RelativePrice
from integrade.records import tidied
from integrade.subjects.noise.index_draws import measured, subset_index, yearly
from integrade.wording.sheet import Sheet, of_text, shown
from plainwords.texts import say

if TYPE_CHECKING:
    import polars as pl

PERMUTED = 199
"""Exchanges of price changes between regions; p can then be .005."""
TRIES = 50
"""Random orders of families per split that is asked for."""
FEWEST = 4
"""Fewest goods: a dispersion needs two goods, and so does each half."""
FEWEST_IN_CELL = 2
"""More goods than these are needed for the fourth moment of a region and year: for two goods it is a constant."""


@dataclass(frozen=True)
class Kinship:
    """How much goods of different halves share shocks (`kinship_of`).

    ``excess`` is the mean squared correlation of the price changes of two goods above what independent goods show,
    ``p_value`` its test by permutation.
    """

    excess: float
    p_value: float

    @property
    def matters(self) -> bool:
        """True if halves of the goods share so much that the correction for noise is too small.

        Limits: p at most 1%, and an excess over .03. In simulations with an excess of .01 (pairs of goods that
        correlate .4, triples .3) false findings keep their 5%; with .05 (families of four, .5) they come to 20% of
        samples, with .11 (two families of five, .6) to 47%.
        """
        return self.p_value <= 0.01 and self.excess > 0.03


@shown
@dataclass(frozen=True)
class Halves:
    """The index of all goods, and of both halves of the goods for each split.

    ``regions`` (N,) and ``years`` (T,) name the cells. ``whole`` (T, N) is the index of all goods, ``pairs``
    (S, 2, T, N) the indices of both halves. Each half has the mean of the whole index over all cells: an index of fewer
    goods lies higher or lower, because its transform is not linear, and the square of the index would carry that shift
    into the slope. Means of single years are not aligned, because the whole index has errors that all regions of a year
    share, and halves aligned with it would share them too. ``kinship`` says how much goods share shocks, ``tails`` how
    heavy the tails of price changes are (`tails_of`).
    """

    regions: tuple[str, ...]
    years: tuple[int, ...]
    whole: Vector
    pairs: Vector
    goods: int
    tails: float | None = None
    kinship: Kinship | None = None

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


def halves_of(
    prices: Any,
    index: RelativePrice | None = None,
    splits: int = 20,
    seed: int = 20240101,
    *,
    families: Mapping[str, Sequence[str]] | None = None,
) -> Halves:
    """Split the goods into halves ``splits`` times and compute the index of each half.

    `mediate`, `lag_table`, `compare_groups` and `robustness` take the result as ``halves`` and then give their results
    corrected for noise in the index as well.

    A good stays in its half in all years, so that errors that a good carries from year to year stay in one half. The
    splits differ from each other; if there are fewer splits than asked for, all of them are used. With an odd number
    of goods, the second half has one more. Goods of one family stay in one half, because errors of goods that share
    shocks are not independent; the halves are then as nearly equal as the order of the families allows.

    Missing values: NaN where a half has fewer than two goods of every pair.

    Args:
        prices: the prices from which the panel's index was computed.
        index: the options with which it was computed; the defaults of `relative_price` if None.
        splits: number of splits. seed: of the splits.
        families: goods that share shocks, by the name of their family: ``{"food": ["pork", "rice"]}``. Goods in no
            family are alone.

    Raises:
        TooFew: fewer than four goods, or families that leave no two halves of at least two goods. UnknownName: a
        family has a good without prices, or one that another family has. UsageError: monthly prices, or a dispersion
        over time.

    Example:
        >>> halves = halves_of(prices)  # doctest: +SKIP
        >>> mediate(panel, "y ~ market + market^2 | firm + year", "rd", halves=halves).corrected  # doctest: +SKIP
    """
    work = yearly(prices, index or RelativePrice())
    goods = len(work.cube.goods)
    if goods < FEWEST:
        raise TooFew(say("impossible.few-goods", goods=str(goods)), remedy="give the prices of more goods")
    units = _units(work.cube.goods, families or {})
    first = distinct_splits(goods, splits, seed) if len(units) == goods else _family_splits(units, goods, splits, seed)
    subsets = np.stack([first, 1 - first], axis=2).reshape(goods, -1)  # (K, 2 S): both halves of a split in turn
    whole, values = measured(work), subset_index(work, lambda present: subsets[present])
    years = tuple(period[0] for period in work.cube.periods)
    shift = np.nanmean(values, axis=(0, 1), keepdims=True) - np.nanmean(whole)
    t, n, _ = values.shape
    pairs = (values - shift).transpose(2, 0, 1).reshape(-1, 2, t, n)
    return Halves(
        tuple(work.cube.regions),
        years,
        whole,
        pairs,
        goods,
        tails_of(work.cube.values),
        kinship_of(work.cube.values, units, seed),
    )


def _units(goods: Sequence[str], families: Mapping[str, Sequence[str]]) -> list[list[int]]:
    """Return the positions of the goods that stay together, in the order of their first good."""
    place, taken = {good: at for at, good in enumerate(goods)}, dict[str, str]()
    units = []
    for family, members in families.items():
        for good in members:
            if good not in place or good in taken:
                what = f"{good!r} is in two families" if good in taken else f"the prices have no good {good!r}"
                raise UnknownName(what, where=f"family {family!r}", remedy=did_you_mean(good, list(goods)))
            taken[good] = family
        units.append(sorted(place[good] for good in members))
    return sorted([*units, *([at] for good, at in place.items() if good not in taken)])


def _family_splits(units: Sequence[Sequence[int]], goods: int, splits: int, seed: int) -> Vector:
    """Return which goods are in the first half (K, S), for distinct splits that keep units together.

    Units are taken in random order until the first half has half of the goods.
    """
    random, seen = np.random.default_rng(seed), dict[tuple[int, ...], None]()
    for _ in range(TRIES * splits):
        half = list[int]()
        for at in random.permutation(len(units)):
            if len(half) >= goods // 2:
                break
            half += units[at]
        other = sorted(set(range(goods)) - set(half))
        if min(len(half), len(other)) >= FEWEST // 2:
            seen[tuple(sorted(half) if 0 in half else other)] = None
        if len(seen) == splits:
            break
    if not seen:
        raise TooFew(say("impossible.families"), remedy="give smaller families")
    first = np.zeros((goods, len(seen)))
    for s, members in enumerate(seen):
        first[list(members), s] = 1.0
    return first


def kinship_of(changes: Vector, units: Sequence[Sequence[int]], seed: int) -> Kinship | None:
    """Measure how much goods of different units share shocks, from log price changes (T, N, K).

    Formula: changes less the mean over regions of the good and year, divided by the scale of the good and by that of
        the region and year, less the mean over goods of the region and year. The statistic is the mean over pairs of
        goods of different units of their squared correlation over regions and years. Under independence changes of each
        unit can be exchanged between the regions of a year: ``excess`` is the statistic less its mean over `PERMUTED`
        exchanges, p is (1 + #) / (1 + `PERMUTED`).
    Missing values: a change without a price counts as the mean. None with fewer than three units.
    """
    if len(units) < FEWEST_IN_CELL + 1:
        return None
    there: NDArray[np.bool_] = np.asarray(np.isfinite(changes))
    e = _centred(np.where(there, changes, 0.0), there, 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        for axes in ((0, 1), (2,)):  # the scale of a good, then that of a region and year
            count = np.maximum(there.sum(axis=axes, keepdims=True), 1)
            e = np.nan_to_num(e / np.sqrt((e**2).sum(axis=axes, keepdims=True) / count))
    own = np.zeros((e.shape[2], e.shape[2]), dtype=np.bool_)
    for unit in units:
        own[np.ix_(unit, unit)] = True
    others = np.flatnonzero(~own[np.triu_indices(len(own), 1)])

    def statistic(x: Vector) -> float:
        net = (x - x.mean(axis=2, keepdims=True)).reshape(-1, x.shape[2])
        with np.errstate(invalid="ignore", divide="ignore"):
            r = np.nan_to_num(np.corrcoef(net.T))[np.triu_indices(len(own), 1)]
        return float((r[others] ** 2).mean())

    def exchanged() -> Vector:
        """Return the changes (T, N, K) with those of each unit exchanged between the regions of each year."""
        x = np.empty_like(e)
        for unit in units:
            order = np.argsort(random.random(e.shape[:2]), axis=1)
            x[:, :, unit] = np.take_along_axis(e[:, :, unit], order[:, :, None], axis=1)
        return x

    random, observed = np.random.default_rng([seed, 1]), statistic(e)
    drawn = [statistic(exchanged()) for _ in range(PERMUTED)]
    reached = sum(value >= observed for value in drawn)
    return Kinship(observed - float(np.mean(drawn)), (1 + reached) / (1 + PERMUTED))


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
