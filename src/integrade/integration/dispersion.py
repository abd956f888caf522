"""Compute the index period by period: steps 4-7 of METHODS 1.1.

The dispersion of pairs is averaged for regions, the nation or groups.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from integrade.errors import TooFew, counted, option
from integrade.integration.demean import blocks_of
from integrade.integration.fast import region_sums, suits
from integrade.integration.pairs import Index, Pairs
from integrade.integration.spread import (
    Goods,
    Moments,
    Pipeline,
    Subsets,
    dispersion,
    mean_over_goods,
    moments,
    over_time,
    relative,
    variance,
    whole,
    whole_and_without_each,
    without_each,
)
from integrade.integration.transforms import Vector
from integrade.integration.weights import good_weights, partner_weights

__all__ = [
    "Period",
    "Pipeline",
    "Subsets",
    "Units",
    "by_period",
    "jackknife",
    "whole",
    "whole_and_without_each",
    "without_each",
]


@dataclass(frozen=True)
class Units:
    """The units that have a row in the index.

    ``labels``: the columns that name a unit. ``here`` (T, U): true for the units and periods that have a row. ``sets``
    (U, P): the pairs over which a unit averages; not used if the level is region or pair. ``outward`` (U, R): the
    regions of the group, for a unit that is the outward line of a group. The value of this unit is the mean of the
    averages of these regions.
    """

    level: str
    labels: Mapping[str, Sequence[str]]
    here: NDArray[np.bool_]
    sets: Any = None
    outward: Any = None


@dataclass(frozen=True)
class Period:
    """One period: segmentation (U, M) for M subsets of goods, pairs (U,) and goods used (U, K).

    ``since`` is the first period whose prices enter: the period itself, unless the dispersion is over time. ``fewest``
    and ``most`` are the fewest and most goods of a pair.
    """

    t: int
    since: int
    goods: Index
    segmentation: Vector
    n_pairs: Index
    used: NDArray[np.bool_]
    fewest: int
    most: int


class Block(NamedTuple):
    """A block of B pairs: its rows, and sparse 0/1 matrices of first regions, second regions (R, B) and sets (U, B)."""

    rows: slice
    ends: tuple[Any, Any] | None
    sets: Any


@dataclass(frozen=True)
class _Part:
    """Contribution of a block of pairs: values (B, M), and weights (B,) for first region, second region and sets."""

    values: Vector
    left: Vector
    right: Vector
    both: Vector


def by_period(work: Pipeline, units: Units, subsets: Subsets) -> Iterator[Period]:
    """Yield the index of each period in turn, for each subset of goods.

    The pairs are always those with enough goods when all goods are used. With dispersion over time, the first period is
    the last period of the first window. For a large number of pairs, the compiled loop is used (`fast`). Raises
    `TooFew` for too few periods, and the errors of the module `weights`.
    """
    sides = partner_weights(work.cube, work.pairs, work.options)
    if units.level in ("region", "nation") and suits(work, subsets):
        for t, sums in enumerate(region_sums(work, subsets, sides)):
            total, weight, n_pairs, used = sums.total, sums.weight, sums.n_pairs, sums.used
            if units.level == "nation":  # every pair is in two regions, so both sums count it twice
                total, weight = total.sum(axis=0, keepdims=True), weight.sum(axis=0, keepdims=True)
                n_pairs, used = np.array(sums.counts[:1], dtype=np.intp), np.asarray(used.any(axis=0, keepdims=True))
            yield Period(t, t, sums.goods, _ratio(total, weight), n_pairs, used, *sums.counts[1:])
        return
    shares = good_weights(work.cube, work.options)
    blocks = _blocks(work.pairs, units, work.cube.values.shape[1:])
    for periods in _windows(work):
        at = np.flatnonzero(np.isfinite(work.cube.values[periods.start : periods.stop]).any(axis=(0, 1)))
        weights = shares(periods)
        goods = Goods(at, subsets(at), None if weights is None else weights[..., at])
        yield _one_period(work, periods, goods, sides(periods[-1]), units=units, blocks=blocks)


def _windows(work: Pipeline) -> list[range]:
    """Return the periods that enter each value: one period, or the periods of the window."""
    periods = len(work.cube.periods)
    if work.options.dispersion != "over_time":
        return [range(t, t + 1) for t in range(periods)]
    width = work.options.window or periods
    if periods < max(3, width):
        shorter = f", or a shorter window: {option('window', periods)}" if periods > 2 else ""
        raise TooFew(
            f"{counted(periods, 'period')} of price changes: the variance over time needs {max(3, width)}",
            remedy=f"give prices of more periods{shorter}",
        )
    return [range(t - width + 1, t + 1) for t in range(width - 1, periods)]


def _blocks(pairs: Pairs, units: Units, shape: tuple[int, ...]) -> list[Block]:
    from scipy.sparse import csr_array

    def incidence(ends: Index) -> Any:
        return csr_array((np.ones(len(ends)), (ends, np.arange(len(ends)))), shape=(shape[0], len(ends)))

    regions = units.level == "region" or units.outward is not None
    return [
        Block(
            rows,
            (incidence(pairs.first[rows]), incidence(pairs.second[rows])) if regions else None,
            None if units.sets is None else units.sets[:, rows],
        )
        for rows in blocks_of(pairs, shape[1])
    ]


def _one_period(
    work: Pipeline, periods: range, goods: Goods, sides: Vector | None, *, units: Units, blocks: Sequence[Block]
) -> Period:
    size = {"region": len(work.cube.regions), "pair": len(work.pairs)}.get(units.level, len(units.here[0]))
    size += 0 if units.outward is None else units.outward.shape[1]
    needed, joint = work.options.goods_needed(len(goods.at)), work.options.dispersion == "joint"
    sums = np.zeros((4 if joint else 2, size, goods.subsets.shape[1]))
    counts = np.zeros((size, 1 + len(goods.at)))
    fewest, most = len(goods.at), 0
    for block in blocks:
        if work.options.dispersion == "over_time":
            q, has = over_time(work, periods, block.rows, goods)
        else:
            q = relative(work, periods[-1], block.rows, goods.at)
            has = np.isfinite(q)
        n = has.sum(axis=1)
        left, right = np.ones((2, len(q))) if sides is None else sides[:, block.rows]
        enough = (n >= needed) & (left + right > 0)
        if not enough.any():
            continue
        has = has & enough[:, None]
        q[~has] = 0.0
        for at, values in enumerate(_statistics(q, has, goods, block.rows, work)):
            power = 2 if at == 3 else 1  # the fourth of `Moments` is a sum of squared weights
            part = _Part(values, left**power, right**power, ((left + right) / 2) ** power)
            _add(sums[at], block, part)
        _add(counts, block, _Part(np.column_stack([enough, has]), left > 0, right > 0, np.ones(len(q))))
        fewest, most = min(fewest, int(n[enough].min())), max(most, int(n[enough].max()))
    mean = variance(Moments(*sums), work.options.ddof) if joint else _ratio(*sums)
    u = units.here.shape[1]
    mean = mean if units.outward is None else _through_regions(mean, units.outward)
    n_pairs, used = counts[:u, 0].astype(np.intp), counts[:u, 1:] > 0
    return Period(periods[-1], periods.start, goods.at, mean[:u], n_pairs, used, fewest, most)


def _statistics(q: Vector, has: NDArray[np.bool_], goods: Goods, rows: slice, work: Pipeline) -> Sequence[Vector]:
    """Compute the statistics (B, M) that are summed over pairs.

    For the joint variance these are moments; otherwise they are the dispersion and whether it exists.
    """
    shares = goods.of_pairs(work.pairs, rows)
    match work.options.dispersion:
        case "joint":
            return moments(q, has, goods.subsets, shares)
        case "over_time":
            v = mean_over_goods(q, has, goods.subsets, shares)
        case _:
            v = dispersion(q, has, goods.subsets, work.options, weights=shares)
    defined = np.isfinite(v)
    return np.where(defined, v, 0.0), defined.astype(np.float64)


def _add(total: Vector, block: Block, part: _Part) -> None:
    """Add a block to its units: to the pairs themselves, or to sets of pairs and to regions."""
    if block.ends is None and block.sets is None:
        total[block.rows] += part.values * part.both[:, None]
        return
    sets = 0
    if block.sets is not None:
        sets = block.sets.shape[0]
        total[:sets] += block.sets @ (part.values * part.both[:, None])
    if block.ends is not None:
        first, second = block.ends
        total[sets:] += first @ (part.values * part.left[:, None]) + second @ (part.values * part.right[:, None])


def _ratio(total: Vector, weight: Vector) -> Vector:
    return np.asarray(np.divide(total, weight, out=np.full_like(total, np.nan), where=weight > 0))


def _through_regions(mean: Vector, outward: Any) -> Vector:
    units, regions = mean[: outward.shape[0]], mean[outward.shape[0] :]
    known = np.isfinite(regions)
    average = _ratio(outward @ np.where(known, regions, 0.0), outward @ known.astype(np.float64))
    through = np.asarray(outward.sum(axis=1)).ravel() > 0
    return np.where(through[:, None], average, units)


def jackknife(replicates: Vector, used: NDArray[np.bool_]) -> Vector:
    """Compute the delete-one-good standard error of each unit (U,).

    ``replicates`` (U, K) hold the statistic without good k; only the goods that a unit uses count. The result is
    missing if one of these replicates is missing.
    """
    n = used.sum(axis=1)
    kept = np.where(used, replicates, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = kept.sum(axis=1) / n
        squares = np.where(used, (replicates - centre[:, None]) ** 2, 0.0).sum(axis=1)
        return np.asarray(np.where(n > 1, np.sqrt((n - 1) / n * squares), np.nan))
