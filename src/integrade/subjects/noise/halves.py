"""Compute the index from many pairs of halves of the goods."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Any

import numpy as np

from integrade.errors import TooFew
from integrade.estimate.results import Vector
from integrade.integration.options import RelativePrice
from integrade.subjects.noise.index_draws import measured, subset_index, yearly
from plainwords.texts import say

FEWEST = 4
"""Fewest goods: a dispersion needs two goods, and so does each half."""


@dataclass(frozen=True)
class Halves:
    """The index of all goods, and of both halves of the goods for each split.

    ``regions`` (N,) and ``years`` (T,) name the cells. ``whole`` (T, N) is the index of all goods, ``pairs``
    (S, 2, T, N) the indices of both halves. Each half has the mean of the whole index over all cells: an index of fewer
    goods lies higher or lower, because its transform is not linear, and the square of the index would carry that shift
    into the slope. Means of single years are not aligned, because the whole index has errors that all regions of a year
    share, and halves aligned with it would share them too.
    """

    regions: tuple[str, ...]
    years: tuple[int, ...]
    whole: Vector
    pairs: Vector
    goods: int


def halves_of(prices: Any, index: RelativePrice, splits: int, seed: int) -> Halves:
    """Split the goods into halves ``splits`` times and compute both indices.

    A good stays in its half in all years, so that errors that a good carries from year to year stay in one half. The
    splits differ from each other; if there are fewer splits than asked for, all of them are used. With an odd number
    of goods, the second half has one more.

    Missing values: NaN where a half has fewer than two goods of every pair.

    Raises:
        TooFew: fewer than four goods. UsageError: monthly prices, or a dispersion over time.
    """
    work = yearly(prices, index)
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
    return Halves(tuple(work.cube.regions), years, whole, pairs, goods)


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
