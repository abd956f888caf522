"""Represent prices as an array of logs: period x region x good, each sorted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from integrade.engine.frames import Frame, collect, enter
from integrade.errors import TooFew, UsageError, option
from integrade.integration.transforms import Vector
from integrade.records.schema import column_word, conform
from integrade.sources.basis.detection import numbered
from integrade.sources.meaning.goods import good_said
from plainwords.account import Account, Entry
from plainwords.texts import Said, listed, say

if TYPE_CHECKING:
    import polars as pl

STEP, TABLE = "relative_price", "prices"
ALMOST_ALL = 0.9  # the list of goods changes only by goods that at least this share of regions has; a convention


@dataclass(frozen=True)
class Cube:
    """Logs of indices (over 100) or of price levels: ``values`` (T, N, K), NaN if there is no price.

    ``periods`` are ``(year,)`` or ``(year, month)``; periods, regions and goods are in ascending order.
    """

    periods: tuple[tuple[int, ...], ...]
    regions: tuple[str, ...]
    goods: tuple[str, ...]
    values: Vector

    def cell(self, t: int, i: int, k: int) -> str:
        """Return the address of one price, for messages."""
        return f"region={self.regions[i]}, {period_name(self.periods[t])}, commodity={self.goods[k]}"


def period_name(period: tuple[int, ...]) -> str:
    """Format a period as ``2004`` or ``2004-03``."""
    return "-".join(f"{part:02d}" for part in period)


def read_cube(prices: Any) -> tuple[Cube, Account, Frame]:
    """Convert any frame of prices to a `Cube`; also return the account of its validation and the underlying frame."""
    import polars as pl

    conformed = conform(prices, "prices")
    account = conformed.account
    rows = collect(conformed.frame)
    if "month" in rows.columns and rows["month"].null_count() == rows.height:
        rows = rows.drop("month")
    time = [c for c in ("year", "month") if c in rows.columns]
    whole = rows.drop_nulls(time)
    if whole.height < rows.height:
        account += [
            Entry(
                STEP, TABLE, "dropped", say("account.missing", column=column_word("month")), rows.height - whole.height
            )
        ]
    number = (whole["year"] * 12 + whole["month"] - 1 if "month" in time else whole["year"]).to_numpy()
    here = np.bincount(number - number.min()) > 0  # faster than sorting: calendars are short, tables long
    periods, t = np.flatnonzero(here) + number.min(), (np.cumsum(here) - 1)[number - number.min()]
    regions, goods = _names(whole, "region"), _names(whole, "commodity")
    codes = whole.select(pl.col("index").log(), i=_codes("region", regions), k=_codes("commodity", goods))
    values = np.full((len(periods), len(regions), len(goods)), np.nan)
    logs, i, k = (codes[name].to_numpy() for name in ("index", "i", "k"))
    values[t, i, k] = logs - np.log(100)
    named = [(n // 12, n % 12 + 1) if "month" in time else (n,) for n in periods.tolist()]
    return Cube(tuple(named), regions, goods, values), account, conformed.frame


def _names(rows: pl.DataFrame, column: str) -> tuple[str, ...]:
    return tuple(rows[column].unique().sort().to_list())


def _codes(column: str, names: tuple[str, ...]) -> pl.Expr:
    import polars as pl

    return pl.col(column).cast(pl.Enum(names)).to_physical()


def periods_before(periods: Sequence[tuple[int, ...]]) -> dict[int, int]:
    """Return, for the position of each period, the position of the period one step before; without it, no entry.

    A step is a year, a month, or several months if all periods are that far apart.
    """
    number, step = numbered(periods)
    at = {n: t for t, n in enumerate(number)}
    return {t: at[n - step] for t, n in enumerate(number) if n - step in at}


def changes(cube: Cube) -> tuple[Cube, Account]:
    """Compute log changes of fixed-base indices or levels between adjacent periods; there is no change over a gap.

    Adjacent periods differ by one step of the file, which is a year, a month, or the three months of a quarter. A step
    of several months is noted in the account. Raises `TooFew` if no two periods are adjacent.
    """
    before = periods_before(cube.periods)
    later, step = list(before), numbered(cube.periods)[1]
    monthly = len(cube.periods[0]) == 2
    if not later:
        raise TooFew(
            f"no two {'month' if monthly else 'year'}s are adjacent, so there is no price change",
            remedy="give more months"
            if monthly
            else "give prices of a further year; of monthly prices, integrade integration computes an index by month",
        )
    values = cube.values[later] - cube.values[list(before.values())]
    lost = int(np.isfinite(cube.values).sum() - np.isfinite(values).sum())
    unit = "month" if step == 1 else "period"
    reason = say(f"integration.no-price-in-{unit}-before" if monthly else "integration.no-price-in-year-before")
    entry = Entry(STEP, TABLE, "dropped", reason, lost)
    changed = Cube(tuple(cube.periods[t] for t in later), cube.regions, cube.goods, values)
    apart = Entry(STEP, TABLE, "note", say("integration.step-of-months", months=step), 0)
    return changed, Account((*((apart,) if step > 1 else ()), *((entry,) if lost else ())))


def implausible(cube: Cube) -> Account:
    """Warn about price changes outside 50..200 (previous period = 100), with the address of the largest one.

    These changes are kept, because some prices (vegetables) do double within a month. Most of them are typing errors or
    indices of another basis.
    """
    # 1e-12 keeps exact 50 and 200 inside despite floating-point error; the range 50..200 is that of METHODS 1.4.
    far = np.abs(cube.values) > np.log(2) + 1e-12
    if not far.any():
        return Account()
    t, i, k = np.unravel_index(np.nanargmax(np.abs(cube.values)), cube.values.shape)
    level = 100 * np.exp(cube.values[t, i, k])
    where = f"{cube.cell(int(t), int(i), int(k))}: {level:.1f}"
    reason = say("integration.implausible", n=int(far.sum()))
    return Account((Entry(STEP, TABLE, "warning", reason, int(far.sum()), where),))


def listwise(cube: Cube) -> tuple[Cube, Account]:
    """Drop a good in a period for all regions if some region with prices in that period lacks it."""
    has: NDArray[np.bool_] = np.isfinite(cube.values)
    here: NDArray[np.bool_] = np.asarray(has.any(axis=2))
    everywhere: NDArray[np.bool_] = np.asarray((has | ~here[:, :, None]).all(axis=1))
    lost = int((has & ~everywhere[:, None, :]).sum())
    if not lost:
        return cube, Account()
    values = np.where(everywhere[:, None, :], cube.values, np.nan)
    reason = say("integration.listwise")
    t, _, k = (int(a[0]) for a in np.nonzero(has & ~everywhere[:, None, :]))
    example = f"{cube.goods[k]} in {period_name(cube.periods[t])}"
    kept = Cube(cube.periods, cube.regions, cube.goods, values)
    return kept, Account((Entry(STEP, TABLE, "dropped", reason, lost, example),))


def few_goods(cube: Cube, group: str) -> Account:
    """Warn if a period has three goods or fewer, which is usual for price indices of investment."""
    fewest = int(np.isfinite(cube.values).any(axis=1).sum(axis=1).min())
    if fewest > 3:
        return Account()
    # s.d. of the variance of K half-normal deviations, relative to it: sqrt(excess kurtosis / K + 2 / (K - 1))
    spread = np.sqrt(0.869 / fewest + 2 / (fewest - 1)) if fewest > 1 else np.inf
    reason = say("integration.few-goods", goods=str(fewest), group=group, times=f"{spread:.1f}")
    return Account((Entry(STEP, TABLE, "warning", reason, 0),))


def refuse_wages(cube: Cube) -> None:
    """Raise `UsageError` for wages in a currency that are declared as link indices."""
    typical = 100 * float(np.exp(np.nanmedian(cube.values)))
    # Index points are near 100; average wages are in thousands. The limit 1000 is a convention.
    if typical > 1000:
        raise UsageError(
            "goods_group='labour' with basis='link' requires wage indices (previous year = 100), but half of the "
            f"values are above {typical:,.0f}",
            remedy=f"average wages in currency are levels: give {option('basis', 'level')}",
        )


def _goods(names: Sequence[str]) -> Said:
    return listed([good_said(name) for name in names], "comma")


def breaks_of(cube: Cube) -> tuple[str, ...]:
    """Write one sentence for each year in which goods enter or leave in (almost) all regions."""
    years = sorted({p[0] for p in cube.periods})
    has: NDArray[np.bool_] = np.isfinite(cube.values)
    in_year = {year: [t for t, p in enumerate(cube.periods) if p[0] == year] for year in years}
    share = [_share_of_regions(has[at]) for at in in_year.values()]
    sentences = []
    for year, before, now in zip(years[1:], share, share[1:], strict=False):
        leave = [g for g, a, b in zip(cube.goods, before, now, strict=True) if a >= ALMOST_ALL and b == 0]
        come = [g for g, a, b in zip(cube.goods, before, now, strict=True) if b >= ALMOST_ALL and a == 0]
        moves = [say("integration.leave", names=_goods(leave))] if leave else []
        moves += [say("integration.come", names=_goods(come))] if come else []
        if moves:
            sentences.append(say("integration.list-of-goods", year=str(year), moves=listed(moves, "semicolon")))
    return tuple(sentences)


def _share_of_regions(has: NDArray[np.bool_]) -> Vector:
    """Compute the share of regions that have each good in some month of one year, from (months, N, K)."""
    some = np.any(has, axis=0)
    return np.asarray(some.sum(axis=0) / max(1, int(some.any(axis=1).sum())))


def with_goods_list(rows: pl.DataFrame, prices: Any) -> pl.DataFrame:
    """Add the column goods_list (the years of one list of goods) to each period, if the prices have that column.

    Prices have it after ``breaks="split"``.
    """
    frame = enter(prices)
    if "goods_list" not in frame.collect_schema().names() or "year" not in rows.columns:
        return rows
    lists = collect(frame.select("year", "goods_list").unique()).drop_nulls().unique("year").sort("year")
    return rows.join(lists.cast({"year": rows["year"].dtype}), on="year", how="left", maintain_order="left")


def goods_breaks(prices: Any) -> tuple[str, ...]:
    """Return one sentence for each year in which the list of goods changes, with the goods that leave and enter.

    A good counts if at least nine tenths of the regions of one year have it, and no region of the year before (or
    after) has it. ``prices`` is any frame of prices. Dispersion over another set of goods is another index, so levels
    on the two sides of a break are not comparable.

    Example:
        >>> import polars as pl
        >>> prices = pl.DataFrame({
        ...     "region": ["A", "A", "B", "B"], "year": [2015, 2016] * 2,
        ...     "commodity": ["food", "tobacco"] * 2, "index": [101.0, 102, 103, 104],
        ... })
        >>> print(goods_breaks(prices)[0].partition(":")[0])
        the list of goods changes in 2016 (food discontinued; tobacco introduced)
    """
    return breaks_of(read_cube(prices)[0])
