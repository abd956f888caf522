"""Compute the change of national integration between two periods, with its sampling error (METHODS 1.5)."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from integrade.integration.demean import common_component
from integrade.integration.dispersion import Period, Pipeline, by_period, jackknife, whole_and_without_each
from integrade.integration.options import RelativePrice
from integrade.integration.relative_price import prepare
from integrade.integration.transforms import to_integration
from integrade.integration.units import units_of
from integrade.records.catalogue import choose
from integrade.regress.students import t_quantile


@dataclass(frozen=True)
class NationalChange:
    """The change of national integration from one period to another, with a 95% interval.

    ``std_error`` is that of the delete-one-good jackknife, and the interval uses t(n_goods - 1). It covers the choice
    of goods; regions are taken as given.
    """

    estimate: float
    std_error: float
    conf_low: float
    conf_high: float
    n_goods: int


def national_change(
    prices: Any, first: tuple[int, ...], last: tuple[int, ...], options: RelativePrice | None = None, **changes: Any
) -> NationalChange | None:
    """Compute the change of national integration from period ``first`` to period ``last``, (year,) or (year, month).

    Formula: d = m(last) - m(first); se = sqrt((K-1)/K sum_k (d(k) - mean)^2), where d(k) leaves good k out of both
        periods, over the K goods of either period; interval d +/- t(K-1) se. The errors of the two periods share goods,
        so that the standard errors of the two levels would not give that of the change.
    Missing values: None if a period has no index, or a replicate is missing.
    """
    chosen = dataclasses.replace(choose(RelativePrice, options, changes), level="nation", se="none")
    work = _of_periods(prepare(prices, chosen)[0], first, last)
    made = {work.cube.periods[p.t]: p for p in by_period(work, _units(work), whole_and_without_each)}
    if first not in made or last not in made:
        return None
    n = len(work.cube.goods)
    values = [_replicates(made[period], n, chosen.transform) for period in (first, last)]
    d, used = values[1][0] - values[0][0], values[0][1] | values[1][1]
    goods = int(used.sum())
    error = float(jackknife(d[None, 1:], used[None, :])[0]) if goods > 1 else math.nan
    if not math.isfinite(d[0]) or not math.isfinite(error):
        return None
    half = t_quantile(0.975, goods - 1) * error
    return NationalChange(float(d[0]), error, float(d[0]) - half, float(d[0]) + half, goods)


def _of_periods(work: Pipeline, first: tuple[int, ...], last: tuple[int, ...]) -> Pipeline:
    """Return the work on the two periods; on all periods if dispersion or what is removed is over time."""
    at = [t for t, period in enumerate(work.cube.periods) if period in (first, last)]
    over_time = work.options.dispersion == "over_time" or work.options.demean in ("two_way", "regression")
    if over_time or len(at) < 2:
        return work
    cube = dataclasses.replace(work.cube, periods=tuple(work.cube.periods[t] for t in at), values=work.cube.values[at])
    return dataclasses.replace(work, cube=cube, component=common_component(cube, work.pairs, work.options))


def _units(work: Pipeline) -> Any:
    return units_of(work.cube, work.pairs, work.options)


def _replicates(period: Period, n: int, transform: str) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return integration with all goods and without each of n goods (1 + n,), and which goods the period uses (n,).

    Leaving out a good that the period does not use changes nothing.
    """
    value = to_integration(period.segmentation[0], transform)
    replicates, used = np.full(1 + n, value[0]), np.zeros(n, dtype=np.bool_)
    at = period.goods[period.used[0]]
    replicates[1 + at], used[at] = value[1:][period.used[0]], True
    return replicates, used
