"""Build complete price series over time, one block per good, to estimate convergence, bands and factors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from integrade.engine.frames import Frame
from integrade.errors import TooFew, UsageError, counted, option
from integrade.integration.basis import read_prices_as
from integrade.integration.cube import Cube, implausible, period_name
from integrade.integration.transforms import Vector
from integrade.sources.basis.detection import Declared
from plainwords.account import Account, Entry
from plainwords.texts import Said, say


@dataclass(frozen=True)
class GoodSeries:
    """Log price levels of one good, ``levels`` (T + 1, N), up to a constant for each region, without gaps.

    ``periods`` are the T + 1 periods; with link indices, the first is the period before the first index.
    """

    good: str
    regions: tuple[str, ...]
    periods: tuple[tuple[int, ...], ...]
    levels: Vector

    @property
    def relative(self) -> Vector:
        """The log prices relative to the mean of the regions, (T + 1, N)."""
        return np.asarray(self.levels - self.levels.mean(axis=1, keepdims=True))


class Series(NamedTuple):
    """The series of every usable good, the account, the frame of prices and the basis of the prices."""

    goods: tuple[GoodSeries, ...]
    account: Account
    frame: Frame
    basis: str


def read_series(
    prices: Any, basis: Declared, *, regions: int, changes: int, step: str, shorter: Callable[[int], str] = lambda _: ""
) -> Series:
    """Build the series of every good that has at least ``regions`` complete series with at least ``changes`` changes.

    The periods of a good are its longest run of adjacent periods that most of its regions have. A region enters if it
    has all of them, because an index cannot be chained across a gap. Everything left out is counted.
    Raises `TooFew` if no good is left; ``shorter`` writes the end of its remedy from the number of changes of the
    longest series. Raises `UsageError` for indices on the same month of last year, because monthly series cannot be
    chained from them.
    """
    cube, settled, account, frame = read_prices_as(prices, basis)
    if settled == "year_on_year":
        raise UsageError(
            "indices on the same month of last year cannot be chained into monthly series",
            remedy=f"convert them to yearly indices: {option('to_year', True)}; or give indices on the previous month",
        )
    if settled == "link":
        account += implausible(cube)
    blocks, lost, longest = [], {"gap": 0, "few": 0}, 0
    for k in range(len(cube.goods)):
        has = np.isfinite(cube.values[:, :, k])
        block = _block(cube, k, link=settled == "link")
        kept = block.levels.size - (len(block.regions) if settled == "link" else 0)
        lost["gap"] += int(has.sum()) - kept
        longest = max(longest, len(block.periods) - 1) if block.regions else longest
        if len(block.regions) < regions or len(block.periods) - 1 < changes:
            lost["few"] += kept
            continue
        blocks.append(block)
    if not blocks:
        raise TooFew(
            f"no good has {regions} regions with {changes} price changes without a gap",
            example=f"the longest series has {counted(longest, 'change')}",
            remedy=f"give more periods; monthly prices where there are any{shorter(longest)}",
        )
    reasons = {
        "gap": say("integration.outside-longest-run"),
        "few": say("integration.few-regions-or-changes", regions=str(regions), changes=str(changes)),
    }
    entries = [Entry(step, "prices", "dropped", reasons[name], n) for name, n in lost.items() if n]
    shown = "fixed" if settled == "fixed_or_level" else settled
    return Series(tuple(blocks), account + entries, frame, shown)


def _block(cube: Cube, k: int, *, link: bool) -> GoodSeries:
    values = cube.values[:, :, k]
    has = np.isfinite(values)
    ever = int(has.any(axis=0).sum())
    number = np.array([p[0] * 12 + p[1] if len(p) == 2 else p[0] for p in cube.periods])
    common = np.zeros(int(number[-1] - number[0]) + 1, dtype=bool)
    common[number - number[0]] = 2 * has.sum(axis=1) > ever
    run = longest_run(common) if ever else slice(0, 0)
    at = np.flatnonzero((number - number[0] >= run.start) & (number - number[0] < run.stop))
    complete = np.flatnonzero(has[at].all(axis=0)) if len(at) else np.array([], dtype=np.intp)
    levels, periods = values[np.ix_(at, complete)], [cube.periods[t] for t in at]
    if link and periods:
        levels = np.vstack([np.zeros(len(complete)), np.cumsum(levels, axis=0)])
        periods = [_before(periods[0]), *periods]
    return GoodSeries(cube.goods[k], tuple(cube.regions[i] for i in complete), tuple(periods), levels)


def _before(period: tuple[int, ...]) -> tuple[int, ...]:
    if len(period) == 1:
        return (period[0] - 1,)
    year, month = period
    return (year, month - 1) if month > 1 else (year - 1, 12)


def span(series: tuple[GoodSeries, ...]) -> Said:
    """Describe the series for the account: ``8 goods, 31 regions, 2004 to 2015``."""
    first, last = min(s.periods[0] for s in series), max(s.periods[-1] for s in series)
    n = len({r for s in series for r in s.regions})
    period = {"first": period_name(first), "last": period_name(last)}
    return say("integration.span", goods=len(series), regions=n, **period)


def longest_run(here: NDArray[np.bool_]) -> slice:
    """Return the longest run of True; if several are equally long, the earliest."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], here, [False]])))
    starts, stops = edges[::2], edges[1::2]
    if not len(starts):
        return slice(0, 0)
    best = int(np.argmax(stops - starts))
    return slice(int(starts[best]), int(stops[best]))
