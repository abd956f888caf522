"""Detect what a column of price indices holds.

The possible bases are: link to the previous period, fixed base, price levels, same period of last year, and rates of
change. `detect` uses only the numbers. Its rule, its boundaries and its rates of error are in docs/basis.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from integrade.sources.basis.parts import KINDS, another, returns_of_parts
from plainwords.texts import Said, say

if TYPE_CHECKING:
    import polars as pl

Vector: TypeAlias = NDArray[np.float64]
Period: TypeAlias = tuple[int, ...]
Basis: TypeAlias = Literal[
    "link", "fixed", "level", "fixed_or_level", "year_on_year", "rate", "rate_year_on_year", "mixed", "unknown"
]
"""Basis that `detect` finds.

fixed_or_level: levels that have no base period in the file, or prices in money; the measures treat both alike.
"""

Declared: TypeAlias = Literal[
    "detect", "link", "fixed", "one_base", "level", "year_on_year", "rate", "rate_year_on_year"
]
"""Basis that a user may declare for an index column; detect: find it from the data.

one_base: fixed, although the numbers look like several bases; the user asserts that there is one.
"""

MOST_REGIONS, MOST_GOODS = 64, 24  # series that are used, evenly spaced in the order of names
LAGS = 3  # lags in periods of the autocorrelation of differences between regions
CUT = 6.0  # deviations are cut off at this multiple of the good's typical deviation, so that outliers do not decide
LASTING = 0.38  # boundary of persistence: changes lie below, levels above (docs/basis.md)
PLAIN = 0.65  # levels with a persistence between `LASTING` and this value need a second sign (`DRIFT`, `FAR`)
SEASONAL = -0.22  # boundary of the correlation of changes a year apart: year-on-year indices lie below, levels above
SURE, SURE_OF_YEARS = 3.0, 1.5  # required standard errors from the boundaries of `LASTING` and of `SEASONAL`
BASE_SEEN = 1.0  # required standard errors above the boundary of levels if a base period is in the file
LEAST_PERIODS = 3  # years, or a third of the months or quarters; with fewer, only a visible base decides
DRIFT = 4.0  # second sign of levels: the mean change of the national mean has at least this t-statistic
FAR = 0.3  # second sign of levels: the log distance of the median value from 100 exceeds this
SMALL = 90.0  # values may be rates if their median is below this, or if one is not positive
AROUND = (95.0, 160.0)  # range of the median of link and year-on-year indices; rates up to 90% a year lie below
LEAST = 65.0  # 98% of link and year-on-year indices are above this
HIGH, MOVES = 125.0, 30.0  # if the median is at most 125, the middle 80% of the medians by period lie within 30 points
WIDE = 60.0  # widest range of the middle 80% of link indices; wider ones may be rates in a hyperinflation
EXACT = 5.1e-4  # relative distance from the base that rounding to one decimal leaves (0.05 of 100)
REBASED, PERHAPS = 1.6, 1.0  # scores of `rebased`: the first proves a second base, the second makes one possible
OBSERVED = 0.25  # a period or a change with less than this share of the usual number of series decides nothing
ENOUGH = 40  # series needed to see a change; if the median change has fewer, `_window` widens
MONEY, TIGHT = math.log(4), math.log(1.25)  # log spread over goods: money from the first, a near base up to the second


class Statistic(NamedTuple):
    """Estimate and its standard error."""

    value: float
    error: float

    def beyond(self, boundary: float) -> float:
        """Return by how many standard errors the statistic exceeds the boundary.

        The number is negative below the boundary, and 0 if the statistic does not exist.
        """
        if not (math.isfinite(self.value) and math.isfinite(self.error)):
            return 0.0
        return (self.value - boundary) / max(self.error, 1e-3)


@dataclass(frozen=True)
class Found:
    """Result of `detect` for the numbers of a file.

    ``sure``: distance of the deciding statistic from its boundary in standard errors (the smallest distance if several
    statistics decide). The distance is infinite if a base period can be seen exactly in the numbers. A distance below 3
    (1.5 for the seasonal correlation) decides nothing. ``persistence`` and ``seasonal``: the two statistics of
    `detect`; NaN if they do not exist. ``why``: the reason for the finding, as a sentence. ``at``: the base period, or
    the first period of a second base. ``years``: the first and the last year of the file.
    """

    basis: Basis
    why: Said
    sure: float
    persistence: float = math.nan
    seasonal: float = math.nan
    at: Period | None = None
    years: tuple[int, ...] = ()


class _Signs(NamedTuple):
    """Statistics of a file on its grid.

    The fields begin with e (T, N, K) of `detect`, the persistence, the correlation at the first lag only, and the
    seasonal correlation.
    """

    e: Vector
    persistence: Statistic
    next: Statistic
    seasonal: Statistic
    per_year: int
    names: tuple[Period, ...]

    @property
    def changes(self) -> bool:
        """Return whether the values are surely changes, because differences between regions fade quickly."""
        once = self.next.beyond(LASTING) <= -1 and not self.seasonal.value <= SEASONAL
        return once and self.persistence.beyond(LASTING) <= -SURE

    def found(self, basis: Basis, why: Said, sure: float, at: Period | None = None) -> Found:
        """Return a finding with these statistics."""
        return Found(basis, why, sure, self.persistence.value, self.seasonal.value, at)


def detect(values: Vector, periods: Sequence[Period]) -> Found:
    """Detect the basis of price indices from their values as printed in the file.

    ``values`` is (T, N, K): T ascending periods, N regions and K goods.

    Formula:
        e_tik = ln I_tik - median over regions of ln I_tik, for each good in units of its typical size, cut at six.
        persistence = correlation of e with itself one to three periods before, about zero, pooled. It is nearly zero
        for changes (link) and high for levels (fixed base, money). seasonal = correlation of the changes of e with
        those a year before. It is near -1/2 if each index compares with the same period of last year. Each of the two
        correlations is compared with its boundary in units of its standard error, a jackknife over regions and goods.
        For rates of change, the same statistics are computed without logs.

    Missing values (NaN) are left out pair by pair; a gap in time is not bridged. At most 64 regions and 24 goods,
    evenly spaced, are used. The cost grows only with the number of periods.
    """
    grid, names, per_year = on_grid(values, periods)
    grid = sampled(grid)
    finding = replace(_detected(grid, names, per_year), years=(names[0][0], names[-1][0]))
    return finding if finding.basis in ("unknown", "mixed") else _against_parts(finding, grid, names, per_year)


def _against_parts(found: Found, grid: Vector, names: tuple[Period, ...], per_year: int) -> Found:
    """Return the finding for the whole file, or "unknown" if a part of the file surely contradicts it."""

    def told(part: Vector, sure: float) -> str:
        of_part = _detected(part, names[: len(part)], per_year)
        return of_part.basis if of_part.sure >= sure else "unknown"

    whole = say(f"basis.is-{found.basis.replace('_', '-')}")
    part = another(grid, found.basis, told)
    if part is not None:
        kind, n, basis = part
        why = say(f"basis.part-{kind}", n=n, whole=whole, own=say(f"basis.is-{basis.replace('_', '-')}"))
        return replace(found, basis="unknown", sure=0.0, why=why)
    if KINDS[found.basis] != "levels":
        return found
    seen = base_periods(grid, names, per_year)
    back = returns_of_parts(_logs(grid), [t for t, n in enumerate(names) if n in seen])
    if back is None:
        return found
    why = say(f"basis.{back[0]}-return", n=back[1], whole=whole, period=_name(names[back[2]]))
    return replace(found, basis="unknown", sure=0.0, why=why)


def _detected(grid: Vector, names: tuple[Period, ...], per_year: int) -> Found:
    """Detect the basis from all values on their grid, without checking parts."""
    finite = grid[np.isfinite(grid)]
    if not finite.size:
        return Found("unknown", say("basis.nothing"), 0.0)
    if finite.min() <= 0 or float(np.median(finite)) < SMALL:
        rates, logs = _signs(grid, names, per_year), _signs(_logs(grid), names, per_year)
        finding = _rates(rates, finite, logs.persistence)
        if finding is not None or finite.min() <= 0:
            return finding or rates.found("unknown", say("basis.not-positive"), 0.0)
    return _index(grid, _signs(_logs(grid), names, per_year))


def _logs(grid: Vector) -> Vector:
    return np.asarray(np.log(np.where(grid > 0, grid, np.nan) / 100))


def cells_of(rows: pl.DataFrame) -> tuple[Vector, tuple[Period, ...]]:
    """Return the values (T, N, K) of a table of prices, and its periods. Regions and goods are sorted by name."""
    import polars as pl

    time = ["year", "month"] if "month" in rows.columns and rows["month"].null_count() < rows.height else ["year"]
    whole = rows.drop_nulls([*time, "region", "commodity", "index"]).with_columns(pl.col(time).cast(pl.Int64))
    periods = sorted(set(whole.select(time).iter_rows()))
    regions, goods = (whole[c].unique().sort().to_list() for c in ("region", "commodity"))
    at = [{name: i for i, name in enumerate(names)} for names in (periods, regions, goods)]
    values = np.full((len(periods), len(regions), len(goods)), np.nan)
    for *when, region, good, value in whole.select(*time, "region", "commodity", "index").iter_rows():
        values[at[0][tuple(when)], at[1][region], at[2][good]] = value
    return values, tuple(periods)


def numbered(periods: Sequence[Period]) -> tuple[list[int], int]:
    """Return periods as running numbers of months (or years), and the step of the file.

    The step of years is 1. The step of months is the largest number that divides 12 and every distance between two
    periods, such as 3 for quarters.

    Example:
        >>> numbered([(2012, 3), (2012, 6), (2013, 3)])
        ([24146, 24149, 24158], 3)
    """
    if len(periods[0]) == 1:
        return [p[0] for p in periods], 1
    number = [p[0] * 12 + p[1] - 1 for p in periods]
    return number, math.gcd(12, *(b - a for a, b in pairwise(number)))


def on_grid(values: Vector, periods: Sequence[Period]) -> tuple[Vector, tuple[Period, ...], int]:
    """Place the values on a grid of periods with the file's own step (`numbered`); values in gaps are missing.

    Returns the grid, its periods, and the number of periods in a year.
    """
    monthly = len(periods[0]) == 2
    number, step = numbered(periods)
    at = (np.array(number) - number[0]) // step
    grid = np.full((int(at[-1]) + 1, *values.shape[1:]), np.nan)
    grid[at] = values
    every = range(number[0], number[-1] + 1, step)
    return grid, tuple((n // 12, n % 12 + 1) if monthly else (n,) for n in every), 12 // step if monthly else 1


def sampled(values: Vector) -> Vector:
    """Return the values of at most 64 regions and 24 goods, evenly spaced."""
    regions, goods = (
        np.unique(np.linspace(0, n - 1, min(n, most)).round().astype(int))
        for n, most in zip(values.shape[1:], (MOST_REGIONS, MOST_GOODS), strict=True)
    )
    return np.asarray(values[:, regions][:, :, goods])


def relative(values: Vector) -> Vector:
    """Return differences (T, N, K) from the median region, each good in units of its typical difference and cut at six.

    Goods whose prices never differ between regions are left out.
    """
    e = values - _median(values, 1)[:, None]
    size = np.abs(e)
    scale = _median(size.reshape(-1, size.shape[2]), 0)
    mean = np.nansum(size, axis=(0, 1)) / np.maximum(np.isfinite(size).sum(axis=(0, 1)), 1)
    scale = np.where(scale > 0, scale, mean)
    some = np.isfinite(scale) & (scale > 1e-9)  # 1e-9 guards against rounding noise of equal prices; a convention
    return np.asarray(np.clip(e[:, :, some] / scale[some], -CUT, CUT))


def correlation(x: Vector, lags: Sequence[int]) -> Statistic:
    """Return the correlation of differences x (T, N, K) with their lags, about zero, pooled over lags and series.

    The variance is the sum of the jackknife variances over regions and over goods. The variance is set to at least one
    over the number of independent pairs, n(T - 1) with n = (N - 1) K series. The standard error is multiplied by 1 +
    2/n.
    """
    sums, pairs = np.zeros((3, *x.shape[1:])), 0
    for lag in lags:
        if len(x) > lag:
            both = np.isfinite(x[lag:]) & np.isfinite(x[:-lag])
            now, before = np.where(both, x[lag:], 0.0), np.where(both, x[:-lag], 0.0)
            sums += [(now * before).sum(axis=0), (now * now).sum(axis=0), (before * before).sum(axis=0)]
            pairs = max(pairs, int(both.sum()))
    whole = sums.sum(axis=(1, 2))
    regions = int((sums[1] > 0).any(axis=1).sum())
    if not (whole[1] > 0 and whole[2] > 0 and regions > 1):
        return Statistic(math.nan, math.nan)
    value = float(_ratio(whole))
    series = (regions - 1) * int((sums[1] > 0).any(axis=0).sum())
    variance = _jackknife(whole, sums.sum(axis=2)) + _jackknife(whole, sums.sum(axis=1))
    variance = max(variance, regions / (regions - 1) / pairs)
    return Statistic(value, math.sqrt(variance) * (1 + 2 / series))


def _ratio(sums: Vector) -> Vector:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(sums[0] / np.sqrt(sums[1] * sums[2]))


def _jackknife(whole: Vector, parts: Vector) -> float:
    parts = parts[:, parts[1] > 0]
    g = parts.shape[1]
    if g < 2:
        return 0.0
    without = _ratio(whole[:, None] - parts)
    without = np.where(np.isfinite(without), without, np.nan)  # NaN if removing the part leaves nothing
    return float((g - 1) / g * np.nansum((without - np.nanmean(without)) ** 2))


def _median(x: Vector, axis: int) -> Vector:
    """Return the median over the values that are not missing; NaN, without a warning, if all are missing."""
    ordered, n = np.sort(x, axis=axis), np.isfinite(x).sum(axis=axis)
    low, high = (
        np.take_along_axis(ordered, np.expand_dims(np.maximum(at, 0), axis), axis) for at in ((n - 1) // 2, n // 2)
    )
    median = np.squeeze(low / 2 + high / 2, axis)
    return np.asarray(np.where(n > 0, median, np.nan))


def _signs(values: Vector, names: tuple[Period, ...], per_year: int) -> _Signs:
    e = relative(values)
    if np.isfinite(values).any(axis=(1, 2)).sum() < LEAST_PERIODS * (3 if per_year > 1 else 1):
        none = Statistic(math.nan, math.nan)
        return _Signs(e, none, none, none, per_year, names)
    apart = [per_year] if per_year > 1 else []
    return _Signs(
        e,
        correlation(e, range(1, LAGS + 1)),
        correlation(e, [1]),
        correlation(np.diff(e, axis=0), apart),
        per_year,
        names,
    )


def _rates(signs: _Signs, finite: Vector, in_logs: Statistic) -> Found | None:
    """Detect rates of change; None if the numbers may be prices in money, or cannot be rates."""
    size, below = np.abs(finite), float(np.mean(finite < 0))
    if below == 0 and signs.persistence.beyond(LASTING) > -SURE and signs.seasonal.beyond(SEASONAL) > -SURE_OF_YEARS:
        return None
    if np.quantile(finite, 0.01) <= -100 or (below < 0.01 and np.median(finite) > SMALL):
        return None
    # Rates in per cent reach 1; rates as fractions do not. The shares of negative values are conventions.
    percent = np.quantile(size, 0.99) >= 1 and (below > 0.01 or np.median(finite) >= 2)
    if not percent:
        return signs.found("unknown", say("basis.rates-of-what"), 0.0)
    if signs.seasonal.beyond(SEASONAL) <= -SURE_OF_YEARS and signs.persistence.value > 0:
        sure = -signs.seasonal.beyond(SEASONAL)
        return signs.found("rate_year_on_year", say("basis.rates-on-last-year", found=_two(signs.seasonal)), sure)
    lasts = below < 0.1 and not in_logs.beyond(LASTING) <= -SURE
    if signs.changes and not lasts:
        sure = -signs.persistence.beyond(LASTING)
        return signs.found("rate", say("basis.rates", found=_two(signs.persistence)), sure)
    return signs.found("unknown", say("basis.rates-between", found=_two(signs.persistence)), 0.0)


def _index(grid: Vector, signs: _Signs) -> Found:
    """Detect the basis of positive values: year on year, link, levels or unknown."""
    bases = base_periods(grid, signs.names, signs.per_year)
    lasting, seasonal = signs.persistence.beyond(LASTING), signs.seasonal.beyond(SEASONAL)
    around = lies_around_100(grid)
    if seasonal <= -SURE_OF_YEARS and signs.persistence.value > 0 and not bases:
        if not around:
            return signs.found("unknown", say("basis.far-from-100", median=_short(grid)), 0.0)
        return signs.found("year_on_year", say("basis.on-last-year", found=_two(signs.seasonal)), -seasonal)
    if signs.changes:
        return _changes(grid, signs, bases, around=around)
    if bases:
        if lasting > BASE_SEEN or (math.isnan(signs.persistence.value) and len(grid) > 2):
            return _levels(grid, signs, bases, math.inf)
        return signs.found("unknown", say("basis.base-but-changes", period=_base(bases, signs.per_year)), 0.0, bases[0])
    if math.isnan(signs.persistence.value) or lasting == 0:
        return signs.found("unknown", say("basis.few-periods"), 0.0)
    if lasting < SURE:
        return signs.found("unknown", say("basis.between", found=_two(signs.persistence)), abs(lasting))
    far = abs(math.log(float(np.nanmedian(grid)) / 100)) > FAR
    if signs.persistence.value < PLAIN and not far and abs(drift(grid)) < DRIFT:
        return signs.found("unknown", say("basis.between", found=_two(signs.persistence)), abs(lasting))
    if signs.per_year > 1 and (math.isnan(signs.seasonal.value) or seasonal < (SURE_OF_YEARS if around else 0.0)):
        return signs.found("unknown", say("basis.level-or-on-last-year"), abs(seasonal))
    unlike = not is_sparse(grid) or goods_lie_apart(grid) or signs.seasonal.beyond(SEASONAL / 2) >= SURE_OF_YEARS
    if signs.per_year > 1 and not unlike:
        return signs.found("unknown", say("basis.level-or-on-last-year"), abs(seasonal))
    sure = lasting if signs.per_year == 1 or not around else min(lasting, seasonal)
    return _levels(grid, signs, bases, sure)


def _changes(grid: Vector, signs: _Signs, bases: tuple[Period, ...], *, around: bool) -> Found:
    """Return "link" for values whose differences fade quickly, as in changes; "unknown" if another sign contradicts.

    ``around``: whether the values lie around 100.
    """
    lasting = -signs.persistence.beyond(LASTING)
    if bases:
        return signs.found("unknown", say("basis.base-but-changes", period=_base(bases, signs.per_year)), 0.0, bases[0])
    if not around:
        return signs.found("unknown", say("basis.far-from-100", median=_short(grid)), 0.0)
    if abs(drift(grid)) >= DRIFT:
        return signs.found("unknown", say("basis.drift-but-changes", found=_two(signs.persistence)), 0.0)
    return signs.found("link", say("basis.link", found=_two(signs.persistence)), lasting)


def _levels(grid: Vector, signs: _Signs, bases: tuple[Period, ...], sure: float) -> Found:
    """Distinguish kinds of levels: several bases, one base, prices in money, or one of the last two."""
    logs = _logs(grid)
    jump, at = rebased(signs.e, logs, bases, signs.names, signs.per_year)
    if jump >= REBASED or apart(bases, signs.names):
        at = at if jump >= REBASED else bases[-1]
        return signs.found("mixed", say("basis.jump", period=_name(at)), sure, at)
    if jump >= PERHAPS:
        return signs.found("unknown", say("basis.jump-perhaps", period=_name(at)), 0.0, at)
    if bases:
        return signs.found("fixed", say("basis.base-period", period=_base(bases, signs.per_year)), sure, bases[0])
    persistence = _two(signs.persistence)
    goods = logs - _median(logs.reshape(len(logs), -1), 1)[:, None, None]
    here = _well_observed(logs)
    spread = [float(np.quantile(np.abs(goods[t][np.isfinite(goods[t])]), 0.9)) for t in here]
    if min(spread) >= MONEY:
        return signs.found("level", say("basis.money", found=persistence), sure)
    nearest = logs[here[int(np.argmin(spread))]]
    typical, many = abs(float(np.nanmedian(nearest))), int(np.isfinite(nearest).any(axis=0).sum())
    if min(spread) <= TIGHT and typical <= math.log(2) and many >= 5:
        return signs.found("fixed", say("basis.near-base", found=persistence), sure)
    return signs.found("fixed_or_level", say("basis.fixed-or-level", found=persistence), sure)


def base_periods(grid: Vector, names: Sequence[Period], per_year: int) -> tuple[Period, ...]:
    """Return the base periods.

    In a base period, nearly every series (or its mean over the year) is at one round value: 1, 100 or 1000. A base
    period needs at least six series. There is none in a file of one period. There is none either if half or more of the
    values in the other periods are at that round value too.
    """
    flat = grid.reshape(len(grid), -1)
    positions = _at_base(flat)
    if per_year > 1:
        years = [n[0] for n in names]
        whole = [y for y in dict.fromkeys(years) if years.count(y) == per_year]
        means = np.array([flat[[t for t, n in enumerate(names) if n[0] == y]].mean(axis=0) for y in whole])
        based = {whole[j] for j in _at_base(means)} if whole else set()
        inside = [t for t, n in enumerate(names) if n[0] in based]
        positions = sorted({*positions, *inside})
    return tuple(names[t] for t in positions)


def _at_base(flat: Vector) -> list[int]:
    """Return the periods (rows) at which nearly all series have the round value of `base_periods`."""
    here = np.isfinite(flat)
    if len(flat) < 2 or not here.any():
        return []
    value = float(min((1.0, 100.0, 1000.0), key=lambda b: abs(math.log(float(np.nanmedian(flat)) / b))))
    at = np.where(here, np.abs(flat / value - 1) <= EXACT, False)
    many, share = here.sum(axis=1), at.sum(axis=1) / np.maximum(here.sum(axis=1), 1)
    # Six series and 95% of them: a few missing or wrong cells must not hide the base; conventions.
    positions = [t for t in range(len(flat)) if many[t] >= 6 and share[t] >= 0.95]
    others = np.delete(np.arange(len(flat)), positions)
    elsewhere = at[others].sum() / max(int(here[others].sum()), 1) if len(others) else 1.0
    return positions if elsewhere < 0.5 else []


def apart(bases: Sequence[Period], names: Sequence[Period]) -> bool:
    """Return whether two base periods have another period between them."""
    at = [t for t, n in enumerate(names) if n in bases]
    return any(b - a > 1 for a, b in pairwise(at))


def lies_around_100(grid: Vector) -> bool:
    """Return whether values are in the range of link and year-on-year indices outside a hyperinflation."""
    least, low, middle, high = np.nanquantile(grid, (0.02, 0.1, 0.5, 0.9))
    nation = _median(grid.reshape(len(grid), -1), 1)
    moves = np.ptp(np.nanquantile(nation, (0.1, 0.9)))
    calm = middle > HIGH or moves <= MOVES
    return bool(AROUND[0] <= middle <= AROUND[1] and high - low <= WIDE and least >= LEAST and calm)


def is_sparse(grid: Vector) -> bool:
    """Return whether the median period has fewer than half of the series.

    Medians then change with the set of series observed, so the seasonal correlation of year-on-year indices moves from
    -1/2 towards zero.
    """
    n = np.isfinite(grid).sum(axis=(1, 2))
    return bool(np.median(n[n > 0]) < np.isfinite(grid).any(axis=0).sum() / 2)


def goods_lie_apart(grid: Vector) -> bool:
    """Return whether goods differ by a factor of 4 or more over the whole file; only prices in money differ so much."""
    middle = _median(_logs(grid).reshape(-1, grid.shape[2]), 0)
    middle = middle[np.isfinite(middle)]
    return bool(middle.size and np.quantile(np.abs(middle - np.median(middle)), 0.9) >= MONEY)


def drift(grid: Vector) -> float:
    """Return the t-statistic of the mean change of the national mean of logs; 0 with fewer than six changes."""
    change = np.diff(_median(_logs(grid), 1), axis=0)
    some = np.isfinite(change)
    step = np.where(some, change, 0.0).sum(axis=1)[some.any(axis=1)] / some.sum(axis=1)[some.any(axis=1)]
    if len(step) < 6 or float(step.std()) == 0:
        return 0.0
    return float(step.mean() / step.std(ddof=1) * math.sqrt(len(step)))


def rebased(
    e: Vector, logs: Vector, bases: Sequence[Period], names: Sequence[Period], per_year: int
) -> tuple[float, Period]:
    """Score how much each period looks like the first of a second base; return the highest score and its period.

    At the first period of a second base, all series return to the base at once. The score is the sum of two parts.

    The first part comes from e. The change of e into the period is regressed on e one period before, which is the
    distance from the base. The explained squared change is measured in units of the usual squared change. The explained
    change counts only if the slope is between -0.3 and -1.4. For a change into a visible base period, 0.8 is
    subtracted, because a file with a single base reaches 0.8. The result, at least zero, is divided by 1.25.

    The second part comes from the national medians of the goods. This part is the smaller of two figures, divided by 4.
    One figure is the explained squared change of the medians, in the same units. The other is the mean change of the
    medians towards the base, in units of the usual change.

    A change over a gap is compared with the usual change over equally many periods. Every change uses only the series
    that both periods have, so that an unobserved market moves no median. A period with few series is left out, like a
    missing period. A change that few series have on both sides scores zero. If most series are missing in most periods,
    a missing value before the change is replaced by the last earlier value. A missing value after the change is
    replaced by the next later one. `_window` limits how far away these values may be.
    """
    here = _well_observed(logs)
    if len(here) < 3:
        return 0.0, names[here[0]]
    steps = list(pairwise(here))
    into = np.array([n in bases for n in names])
    window = _window(logs, per_year)
    score = {lag: _score_of_returns(e, logs, into, lag, window) for lag in {b - a for a, b in steps}}
    return max(((float(score[b - a][a]), names[b]) for a, b in steps), key=lambda found: found[0])


def _well_observed(logs: Vector) -> list[int]:
    """Return the periods whose number of series is at least the share `OBSERVED` of the number in the median period."""
    n = np.isfinite(logs).sum(axis=(1, 2))
    least = max(1.0, OBSERVED * float(np.median(n[n > 0])))
    return [int(t) for t in np.flatnonzero(n >= least)]


def _window(logs: Vector, per_year: int) -> int:
    """Return how many periods away from a change the values on its two sides may be.

    The result is the smallest number, at most one year, at which the median change covers `ENOUGH` series (or half of
    all series, if that is fewer). If most series are present, the result is 1.
    """
    series = int(np.isfinite(logs).any(axis=0).sum())
    for window in range(1, per_year + 1):
        n = np.isfinite(_matched(logs, 1, window)[0]).sum(axis=(1, 2))
        if (n > 0).any() and np.median(n[n > 0]) >= min(ENOUGH, series / 2):
            return window
    return per_year


def _score_of_returns(e: Vector, logs: Vector, into: NDArray[np.bool_], lag: int, window: int) -> Vector:
    """Return the score of `rebased` for every change over ``lag`` periods."""
    before, after = _matched(logs, lag, window)
    nation = _median(before, 1)
    there = np.isfinite(nation)
    n = np.where(there.any(axis=1), there.sum(axis=1), math.nan)
    moved = np.where(there, _median(after, 1) - nation, 0.0)
    mean, step = np.where(there, nation, 0.0).sum(axis=1) / n, moved.sum(axis=1) / n
    # 1e-12 only avoids a division by zero, here and in `_returns`; a convention.
    usual = max(float(np.nanmedian(np.abs(step))), 1e-12)
    back = np.where(step * mean < 0, np.abs(step), 0.0) / usual
    series = np.isfinite(before).sum(axis=(1, 2))
    few = series < max(1.0, OBSERVED * float(np.median(series[series > 0])) if series.any() else 1.0)
    about_median = [x - _median(x, 1)[:, None] for x in _matched(e, lag, window)]
    of_series = np.maximum(_returns(*about_median) - 0.8 * into[lag:], 0.0) / 1.25
    of_nation = _returns(nation[:, None], nation[:, None] + moved[:, None])
    return np.where(few, 0.0, of_series + np.minimum(of_nation, back) / 4)


def _matched(x: Vector, lag: int, window: int) -> tuple[Vector, Vector]:
    """Return the values of each period and of the period ``lag`` later, for the series that both periods have.

    A missing value is replaced by the nearest one of the ``window`` - 1 periods before it (or after it).
    """
    before, after = _filled(x, window)[:-lag], _filled(x[::-1], window)[::-1][lag:]
    both = np.isfinite(before) & np.isfinite(after)
    return np.where(both, before, math.nan), np.where(both, after, math.nan)


def _filled(x: Vector, window: int) -> Vector:
    """Fill each missing value with the last value of its series in the ``window`` - 1 periods before."""
    filled = x.copy()
    for k in range(1, window):
        filled[k:] = np.where(np.isfinite(filled[k:]), filled[k:], x[:-k])
    return np.asarray(filled)


def _returns(before: Vector, after: Vector) -> Vector:
    d = after - before
    both = np.isfinite(d)
    d, before, n = np.where(both, d, 0.0), np.where(both, before, 0.0), both.sum(axis=(1, 2))
    cross, size, moved = ((a * b).sum(axis=(1, 2)) for a, b in ((d, before), (before, before), (d, d)))
    if not (n > 0).any() or not (size > 0).any():
        return np.zeros(len(n))
    usual = float(np.median((moved / np.maximum(n, 1))[n > 0]))
    slope = cross / np.where(size > 0, size, np.inf)
    back = (slope < -0.3) & (slope > -1.4)
    return np.asarray(np.where(back, slope * slope * size / np.maximum(n, 1), 0.0) / max(usual, 1e-12))


def _two(statistic: Statistic) -> str:
    return f"{statistic.value:.2f}"


def _short(grid: Vector) -> str:
    return f"{float(np.nanmedian(grid)):.3g}"


def _name(period: Period) -> str:
    return "-".join(f"{part:02d}" for part in period)


def _base(bases: Sequence[Period], per_year: int) -> str:
    """Return the name of the base period; if all periods of one year are the base together, return the year."""
    year = bases[0][0]
    whole = per_year > 1 and sum(period[0] == year for period in bases) == per_year
    return str(year) if whole else _name(bases[0])
