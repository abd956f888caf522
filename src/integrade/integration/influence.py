"""Measure the influence of each good on the index, by leaving it out (METHODS 1.4, 1.5)."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from integrade.engine.frames import Data, give_back, place
from integrade.integration.cube import period_name
from integrade.integration.dispersion import Period, Pipeline, by_period, whole_and_without_each
from integrade.integration.options import RelativePrice
from integrade.integration.relative_price import prepare
from integrade.integration.transforms import Vector, to_integration
from integrade.integration.units import units_of
from integrade.records.catalogue import choose, keywords


@dataclass(frozen=True)
class GoodInfluence:
    """Effect of leaving one good out on the integration of regions.

    ``correlation``: correlation, within periods, between the index without the good and the index with it.
    ``mean_change``: the mean of the absolute changes. ``largest_change``: the change of largest size, with its sign, in
    ``region`` and ``period``. Only periods that have the good count. A number is missing (None) if it cannot be
    computed for any region.
    """

    commodity: str
    correlation: float | None
    mean_change: float | None
    largest_change: float | None
    region: str
    period: str


@keywords(RelativePrice)
def good_influence(prices: Data, options: RelativePrice | None = None, **changes: Any) -> Data:
    """Measure how much the index changes without each good; the most influential good comes first.

    Formula: change_itk = integration of region i in t without good k - its integration with all goods; the pairs are
    those with enough goods when all goods are used. A change that is common to all regions (because the good moves
    alike everywhere) is part of change_itk. The correlation within periods shows the effect on comparisons between
    regions.
    Returns: commodity, correlation, mean_change, largest_change, region, period; one row per good, sorted by the size
    of the largest change. Numbers are missing if no region has the index both with and without the good.
    Raises: the errors of `relative_price`.

    Example:
        >>> import polars as pl
        >>> prices = pl.DataFrame({
        ...     "region": [r for r in "ABCD" for _ in range(4)], "year": [2004] * 16,
        ...     "commodity": ["food", "clothing", "fuel", "rent"] * 4,
        ...     "index": [102.0, 105, 98, 101, 103, 101, 99, 101, 100, 104, 101, 101, 104, 103, 97, 101],
        ... })
        >>> good_influence(prices, basis="link")["commodity"][0]
        'clothing'
    """
    import polars as pl

    chosen = dataclasses.replace(choose(RelativePrice, options, changes), level="region", se="none")
    work, account, frame = prepare(prices, chosen)
    periods = list(by_period(work, units_of(work.cube, work.pairs, work.options), whole_and_without_each))
    rows = pl.DataFrame([dataclasses.asdict(g) for g in influence_of(work, periods)], infer_schema_length=None)
    return give_back(place(rows, frame), prices, name="goods", account=account)


def influence_of(work: Pipeline, periods: Sequence[Period]) -> tuple[GoodInfluence, ...]:
    """Compute the influence of each good from the index by region, with all goods and without each good."""
    shape = len(periods), len(work.cube.regions), len(work.cube.goods)
    index, without = np.full(shape[:2], np.nan), np.full(shape, np.nan)
    for row, p in enumerate(periods):
        values = to_integration(p.segmentation, work.options.transform)
        index[row] = values[:, 0]
        without[row][:, p.goods] = np.where(p.used, values[:, 1:], np.nan)
    influences = [_influence(work, periods, k, index, without[:, :, k]) for k in range(shape[2])]
    return tuple(sorted(influences, key=lambda g: (-abs(g.largest_change or 0.0), g.commodity)))


def _influence(work: Pipeline, periods: Sequence[Period], k: int, index: Vector, without: Vector) -> GoodInfluence:
    change = without - index
    if not np.isfinite(change).any():
        return GoodInfluence(work.cube.goods[k], None, None, None, "", "")
    row, i = np.unravel_index(np.nanargmax(np.abs(change)), change.shape)
    r = within_correlation(index, without)
    return GoodInfluence(
        work.cube.goods[k],
        r if np.isfinite(r) else None,
        float(np.nanmean(np.abs(change))),
        float(change[row, i]),
        work.cube.regions[i],
        period_name(work.cube.periods[periods[int(row)].t]),
    )


def within_correlation(a: Vector, b: Vector) -> float:
    """Compute the correlation, within periods, of two indices (T, N); NaN if one of them does not vary."""
    both = np.isfinite(a) & np.isfinite(b)
    a, b = within(a, both), within(b, both)
    scale = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / scale if scale > 0 else float("nan")


def within(x: Vector, known: NDArray[np.bool_]) -> Vector:
    """Compute differences from the mean of each period; they are zero where ``known`` is false."""
    x = np.where(known, x, 0.0)
    mean = x.sum(axis=1, keepdims=True) / np.maximum(known.sum(axis=1, keepdims=True), 1)
    return np.where(known, x - mean, 0.0)
