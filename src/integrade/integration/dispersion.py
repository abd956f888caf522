"""Dispersion over goods of every pair, summed into regions, nation or groups as it is made (METHODS 1.1 steps 4-7)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from integrade.integration.cube import Cube
from integrade.integration.demean import Component, blocks_of, gap
from integrade.integration.options import RelativePrice
from integrade.integration.pairs import Pairs
from integrade.integration.transforms import Vector

ROUNDING = 1e-14  # log points: relative prices are differences of logs exact to about 1e-16, so less is zero

Subsets = Callable[[NDArray[np.intp]], Vector]  # positions of the goods of a period (K,) -> weights 0/1 (K, M)


@dataclass(frozen=True)
class Units:
    """What a row of the index is.

    ``labels``: its name columns; ``members`` (U + R, P): which pairs each unit averages over; ``here`` (T, U): in
    which periods it has a row. ``outward`` (U, R) replaces the value of a unit by the mean over regions, whose own
    averages are the last R rows of ``members``.
    """

    labels: Mapping[str, Sequence[str]]
    members: Any
    here: NDArray[np.bool_]
    outward: Any = None


@dataclass(frozen=True)
class Period:
    """One period: segmentation (U, M) by subset of goods, pairs (U,), goods used (U, K) and goods of a pair."""

    t: int
    goods: NDArray[np.intp]
    segmentation: Vector
    n_pairs: NDArray[np.intp]
    used: NDArray[np.bool_]
    fewest: int
    most: int


def whole(goods: NDArray[np.intp]) -> Vector:
    """All goods, as one subset."""
    return np.ones((len(goods), 1))


def whole_and_without_each(goods: NDArray[np.intp]) -> Vector:
    """All goods, then all but one, one at a time: (K, 1 + K)."""
    return np.hstack([np.ones((len(goods), 1)), 1 - np.eye(len(goods))])


@dataclass(frozen=True)
class Pipeline:
    """Everything that stays the same from period to period."""

    cube: Cube
    pairs: Pairs
    component: Component
    options: RelativePrice


def by_period(work: Pipeline, units: Units, subsets: Subsets) -> Iterator[Period]:
    """The index of each period in turn, for each subset of goods; pairs are those with enough of all goods."""
    cuts = list(blocks_of(work.pairs, len(work.cube.goods)))
    members = [units.members[:, rows] for rows in cuts]
    for t in range(len(work.cube.periods)):
        yield _one_period(work, t, list(zip(cuts, members, strict=True)), units, subsets)


def _one_period(work: Pipeline, t: int, parts: Sequence[tuple[slice, Any]], units: Units, subsets: Subsets) -> Period:
    x = work.cube.values[t]
    goods = np.flatnonzero(np.isfinite(x).any(axis=0))
    weights = subsets(goods)
    x, common = x[:, goods], work.component.common[t, goods]
    needed = work.options.goods_needed(len(goods))
    total, count = np.zeros((2, units.members.shape[0], weights.shape[1]))
    used, n_pairs = np.zeros((len(total), len(goods))), np.zeros(len(total))
    fewest, most = len(goods), 0
    for rows, members in parts:
        q = gap(x, work.pairs.first[rows], work.pairs.second[rows], work.options) - common
        own = work.component.own
        if own is not None:
            q -= own[rows] if own.shape[1] == 1 else own[rows][:, goods]
        has = np.isfinite(q)
        n = has.sum(axis=1)
        enough = n >= needed
        if not enough.any():
            continue
        has &= enough[:, None]
        q[~has] = 0.0
        v = dispersion(q, has, weights, work.options)
        defined = np.isfinite(v)
        total += members @ np.where(defined, v, 0.0)
        count += members @ defined.astype(np.float64)
        used += members @ has.astype(np.float64)
        n_pairs += members @ enough.astype(np.float64)
        fewest, most = min(fewest, int(n[enough].min())), max(most, int(n[enough].max()))
    mean = np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)
    u = units.here.shape[1]
    mean = mean if units.outward is None else _through_regions(mean, units.outward)
    return Period(t, goods, mean[:u], n_pairs[:u].astype(np.intp), used[:u] > 0, fewest, most)


def dispersion(q: Vector, has: NDArray[np.bool_], weights: Vector, options: RelativePrice) -> Vector:
    """Dispersion over each subset of goods (B, M) of deviations ``q`` (B, K), zero where ``has`` is false.

    Missing where a pair has fewer than two goods of the subset. Anything below rounding is exactly zero.
    """
    full = bool(has.all())
    sizes = np.broadcast_to(weights.sum(axis=0), (len(q), weights.shape[1])) if full else has @ weights
    with np.errstate(invalid="ignore", divide="ignore"):
        if options.dispersion == "mean_absolute":
            v = (np.abs(q) @ weights) / sizes
            v[v < ROUNDING] = 0.0
            return np.where(sizes >= 2, v, np.nan)
        n = q.shape[1] if full else np.maximum(has.sum(axis=1, keepdims=True), 1)
        q = q - q.sum(axis=1, keepdims=True) / n
        if not full:
            q *= has
        v = ((q * q) @ weights - (q @ weights) ** 2 / sizes) / (sizes - options.ddof)
    v[v < ROUNDING**2] = 0.0
    v = np.where(sizes >= 2, v, np.nan)
    return np.sqrt(v) if options.dispersion == "sd" else v


def _through_regions(mean: Vector, outward: Any) -> Vector:
    units, regions = mean[: outward.shape[0]], mean[outward.shape[0] :]
    known = np.isfinite(regions)
    total = outward @ np.where(known, regions, 0.0)
    count = outward @ known.astype(np.float64)
    average = np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)
    through = np.asarray(outward.sum(axis=1)).ravel() > 0
    return np.where(through[:, None], average, units)


def jackknife(replicates: Vector, used: NDArray[np.bool_]) -> Vector:
    """Delete-one-good standard error of each unit (U,).

    ``replicates`` (U, K) hold the statistic without good k; only goods that the unit uses count. Missing when a
    replicate is.
    """
    n = used.sum(axis=1)
    kept = np.where(used, replicates, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = kept.sum(axis=1) / n
        squares = np.where(used, (replicates - centre[:, None]) ** 2, 0.0).sum(axis=1)
        return np.asarray(np.where(n > 1, np.sqrt((n - 1) / n * squares), np.nan))
