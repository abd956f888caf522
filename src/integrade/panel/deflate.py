"""Convert firm accounts to constant prices by industry or province deflators, and capital by perpetual inventory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from integrade.engine.frames import Data, Table, account_of, bring, collect, enter, give_back, place
from integrade.errors import (
    Coverage,
    MissingColumn,
    NotANumber,
    OutOfRange,
    UsageError,
    did_you_mean,
    mapped_as,
    option,
)
from integrade.panel.controls import FIRST_FOUNDED
from integrade.records.catalogue import choose, keywords
from integrade.records.schema import conform
from plainwords.account import Entry
from plainwords.texts import listed, say

Form = Literal["fixed", "link"]


@dataclass(frozen=True)
class Deflate:
    """Options of `deflate`.

    Parameters
    ----------
    output
        Columns deflated by the output price; columns that the accounts lack are skipped.
    inputs
        Columns deflated by the input price.
    output_price
        Column of the deflators with the price of output.
    input_price
        Column of the deflators with the price of inputs.
    form
        fixed: levels on one base; link: previous year = 100, chained.
    base
        Year whose prices are used. Default: the first year of the deflators that has a price.
    """

    output: tuple[str, ...] = ("gross_output", "sales", "value_added")
    inputs: tuple[str, ...] = ("intermediate_inputs",)
    output_price: str = "output_price"
    input_price: str = "input_price"
    form: Form = "fixed"
    base: int | None = None


@keywords(Deflate)
def deflate(firms: Data, deflators: Any, options: Deflate | None = None, **changes: Any) -> Data:
    """Add ``real_`` columns: accounts divided by the price level of their industry or province and year.

    Formula: real_x = x / (P_t / P_base). With form="link", P_t = P_{t-1} I_t / 100 over the years of each industry or
        province.

    Missing values: real_x is missing if x, the price of the year or the price of the base year is missing. A gap in a
        chain of links ends the chain. Rows without a price are counted.

    Units: the units of x, in prices of the base year.

    Args:
        firms: firm accounts with firm, year and the industry or region by which the deflators are given.
        deflators: prices by year and by industry, region or both. Industry codes of fewer digits are matched to the
            first digits of the firms' codes.
        options: see `Deflate`; or single options by name.

    Returns: the table with one ``real_`` column per deflated column, one row per firm and year.

    Raises: `MissingColumn`, `NotANumber`, `OutOfRange` for a price that is not positive, `Coverage` if firms and
        deflators have no year in common, or if the deflators lack the base year.

    Reference: Brandt, Van Biesebroeck and Zhang (2012).

    Example:
        >>> deflate(firms, prices, base=1998)  # doctest: +SKIP
    """
    chosen = choose(Deflate, options, changes)
    lazy = enter(firms)
    rows, names = bring(lazy, "firms"), lazy.collect_schema().names()
    conformed = conform(deflators, "covariates")
    prices = collect(conformed.frame)
    added: dict[str, pl.Series] = {}
    notes: list[Entry] = []
    for column, wanted in ((chosen.output_price, chosen.output), (chosen.input_price, chosen.inputs)):
        present = [c for c in wanted if c in names]
        if not present:
            continue
        level = price_level(rows, prices, column, form=chosen.form, base=chosen.base)
        for c in present:
            if not rows[c].dtype.is_numeric():
                raise NotANumber(f"{c!r} of firms contains text", remedy="convert it to numbers")
            added[f"real_{c}"] = rows[c] / level
        lost = int(level.is_null().sum())
        if lost:
            reason = say("panel.real-values-missing", n=lost, column=column)
            notes.append(Entry("deflate", "firms", "warning", reason, lost))
        base = chosen.base if chosen.base is not None else _prices_of(prices, column)["year"].min()
        reason = say("panel.in-prices-of", columns=listed(present, "comma"), base=str(base), deflator=column)
        notes.append(Entry("deflate", "firms", "note", reason, 0))
    if not added:
        wanted = (*chosen.output, *chosen.inputs)
        raise MissingColumn(f"firms has none of the columns {', '.join(wanted)}", remedy=did_you_mean(wanted[0], names))
    result = rows.with_columns(**added)
    name = firms.name if isinstance(firms, Table) else "firms"
    return give_back(place(result, lazy), firms, name=name, account=account_of(firms) + conformed.account + notes)


def price_level(
    rows: pl.DataFrame, prices: pl.DataFrame, column: str, *, form: Form = "fixed", base: int | None = None
) -> pl.Series:
    """Compute the price level of each row's unit and year relative to the base year.

    The level is missing if there is no price.

    ``prices`` has year, the price (``column``), and region, industry or both. Without region and industry, one level
    holds for all rows. Raises the errors of `deflate`.
    """
    if column not in prices.columns:
        raise MissingColumn(f"the deflators have no column {column!r}", remedy=did_you_mean(column, prices.columns))
    if not prices[column].dtype.is_numeric():
        raise NotANumber(f"{column!r} of the deflators contains text", remedy="convert it to numbers")
    units = [u for u in ("region", "industry") if u in prices.columns]
    absent = [u for u in units if u not in rows.columns]
    if absent:
        raise MissingColumn(
            f"firms has no column {absent[0]!r}, by which the deflators vary",
            remedy=f"map it with {mapped_as(absent[0])}, or leave it out of the deflators",
        )
    wrong = prices.filter(pl.col(column) <= 0)
    if wrong.height:
        raise OutOfRange(
            f"{column} not positive in {wrong.height} rows of the deflators",
            example=str(wrong.row(0)),
            remedy="correct the prices, or leave those rows out",
        )
    table = _prices_of(prices, column)
    years = table["year"].unique().sort().to_list()
    if not years:
        raise Coverage(
            f"no row of the deflators has a price in {column!r}",
            remedy="fill in the prices, or name the column of prices",
        )
    start = years[0] if base is None else base
    if start not in years or not set(years) & set(rows["year"].to_list()):
        raise Coverage(
            f"the deflators cover {years[0]} to {years[-1]}",
            example=f"base {start}, firms from {min(rows['year'])} to {max(rows['year'])}",
            remedy=f"give deflators of the years of the firms, and {option('base', years[0])}",
        )
    if form == "link":
        table = _chained(table, units)
    at_base = table.filter(pl.col("year") == start).select(*units, _base="_p")
    level = table.join(at_base, on=units, how="left") if units else table.with_columns(_base=at_base["_base"][0])
    level = level.select(*units, "year", _level=pl.col("_p") / pl.col("_base"))
    keys = rows.select("year", *units).with_columns(pl.col("year").cast(level["year"].dtype))
    if "industry" in units:
        width = max(level["industry"].str.len_chars().to_list(), default=0)
        keys = keys.with_columns(pl.col("industry").cast(pl.String).str.slice(0, width))
    return keys.join(level, on=[*units, "year"], how="left", maintain_order="left")["_level"]


def _prices_of(prices: pl.DataFrame, column: str) -> pl.DataFrame:
    """Return region, industry, year and the price ``_p`` of the rows that have all of them, sorted.

    The first year of these rows is the base if none is chosen.
    """
    units = [u for u in ("region", "industry") if u in prices.columns]
    return prices.select(*units, "year", _p=pl.col(column).cast(pl.Float64)).drop_nulls().sort(*units, "year")


def _chained(table: pl.DataFrame, units: Sequence[str]) -> pl.DataFrame:
    """Convert links (previous year = 100) to levels: the first year is 1; a gap ends the chain."""
    over: list[Any] = list(units) or [pl.lit(1)]
    gap = (pl.col("year").diff() != 1).fill_null(False).cum_sum().over(over)
    link = pl.when(pl.int_range(pl.len()).over(over) == 0).then(1.0).otherwise(pl.col("_p") / 100)
    chain = table.with_columns(_chain=gap, _link=link)
    return (
        chain.with_columns(_p=pl.col("_link").cum_prod().over(over))
        .filter(pl.col("_chain") == 0)
        .drop("_chain", "_link")
    )


@dataclass(frozen=True)
class RealCapital:
    """Options of `real_capital`.

    Parameters
    ----------
    column
        Fixed assets at original cost, in current prices.
    price
        Column of the deflators with the price of investment goods.
    depreciation
        Share of the capital that is lost each year.
    growth
        Yearly growth of fixed assets at original cost between the founding year and a firm's first record. Default: all
        capital of the first record is in prices of that year.
    form
        fixed: levels on one base; link: previous year = 100, chained.
    base
        Year whose prices are used. Default: the first year of the deflators that has a price.
    """

    column: str = "capital_at_cost"
    price: str = "capital_price"
    depreciation: float = 0.09
    growth: float | None = None
    form: Form = "fixed"
    base: int | None = None


@keywords(RealCapital)
def real_capital(firms: Data, deflators: Any, options: RealCapital | None = None, **changes: Any) -> Data:
    """Add ``real_capital`` by perpetual inventory from fixed assets at original cost.

    Formula: K_t = (1 - d) K_{t-1} + (B_t - B_{t-1}) / P_t, with B at original cost and P the price of investment goods
        (base year = 1). Between records that are n years apart, B grows by equal amounts. At the first record K_0 = B_0
        / P_0. With ``growth`` g, B instead grows at rate g from the founding year, so that older capital is in older
        prices.

    Missing values: K_t is missing if B or the price is missing; the firm's next record continues from its last complete
        record. The price before the first year of the deflators is the price of the first year. Firms without a
        founding year, or with one before 1700, start at B_0 / P_0.

    Units: currency of B in prices of the base year.

    Args:
        firms: firm accounts with firm, year and the column at cost; founded for ``growth``.
        deflators: prices of investment goods by year (and region).
        options: see `RealCapital`; or single options by name.

    Returns: the table with ``real_capital``, one row per firm and year.

    Raises: the errors of `deflate`; `UsageError` for a depreciation outside 0..1.

    Reference: Brandt, Van Biesebroeck and Zhang (2012).

    Example:
        >>> real_capital(firms, prices, depreciation=0.09, growth=0.1)  # doctest: +SKIP
    """
    chosen = choose(RealCapital, options, changes)
    if not 0 <= chosen.depreciation < 1:
        raise UsageError(
            f"depreciation={chosen.depreciation} is not a share",
            remedy=f"give a share, such as {option('depreciation', 0.09)}",
        )
    lazy = enter(firms)
    rows = bring(lazy, "firms")
    absent = [c for c in ("firm", "year", chosen.column) if c not in rows.columns]
    if absent:
        raise MissingColumn(f"firms has no column {absent[0]!r}", remedy=did_you_mean(absent[0], rows.columns))
    conformed = conform(deflators, "covariates")
    series = _investment_prices(collect(conformed.frame), chosen)
    order = rows.with_row_index("_at").sort("firm", "year")
    region = order["region"].to_list() if "region" in rows.columns and "region" in conformed.columns else None
    founded = order["founded"].to_list() if "founded" in rows.columns else [None] * rows.height
    values: list[float | None] = []
    last: tuple[Any, int, float, float] | None = None
    for i, (firm, year, cost) in enumerate(order.select("firm", "year", chosen.column).iter_rows()):
        prices = series.get(region[i] if region else None, {})
        if cost is None or not prices or year not in prices:
            values.append(None)
            continue
        if last is None or last[0] != firm:
            stock = _first_stock(float(cost), int(year), founded[i], prices, chosen)
        else:
            stock = _carried(last, int(year), float(cost), prices, chosen.depreciation)
        last = (firm, int(year), float(cost), stock)
        values.append(stock)
    result = order.with_columns(real_capital=pl.Series(values, dtype=pl.Float64)).sort("_at").drop("_at")
    lost = sum(v is None for v in values)
    notes = [Entry("deflate", "firms", "note", say("panel.capital-without-cost", n=lost), lost)]
    name = firms.name if isinstance(firms, Table) else "firms"
    return give_back(place(result, lazy), firms, name=name, account=account_of(firms) + conformed.account + notes)


def _investment_prices(prices: pl.DataFrame, chosen: RealCapital) -> dict[str | None, dict[int, float]]:
    """Return region -> year -> price level; the region is None if one price holds for all regions."""
    keyed = prices.select(c for c in ("region", "year", chosen.price) if c in prices.columns)
    level = price_level(keyed, keyed, chosen.price, form=chosen.form, base=chosen.base)
    regions = keyed["region"].to_list() if "region" in keyed.columns else [None] * keyed.height
    by_region: dict[str | None, dict[int, float]] = {}
    for region, year, price in zip(regions, keyed["year"].to_list(), level.to_list(), strict=True):
        if price is not None:
            by_region.setdefault(region, {})[int(year)] = float(price)
    return by_region


def _first_stock(cost: float, year: int, founded: Any, prices: dict[int, float], chosen: RealCapital) -> float:
    """Compute the stock of a firm's first record; with ``growth``, it is accumulated from the founding year on."""
    if chosen.growth is None or founded is None or not FIRST_FOUNDED <= int(founded) < year:
        return cost / prices[year]
    start, growth = int(founded), 1 + chosen.growth
    before = cost / growth ** (year - start)
    return _carried(
        ("", start, before, before / _price(prices, start)), year, cost, prices, chosen.depreciation, growth=growth
    )


def _carried(
    last: tuple[Any, int, float, float],
    year: int,
    cost: float,
    prices: dict[int, float],
    depreciation: float,
    growth: float | None = None,
) -> float:
    """Compute the capital stock of a year from the stock of an earlier year, year by year."""
    _, before, old, stock = last
    for s in range(before + 1, year + 1):
        step = old * growth ** (s - before - 1) * (growth - 1) if growth else (cost - old) / (year - before)
        stock = (1 - depreciation) * stock + step / _price(prices, s)
    return stock


def _price(prices: dict[int, float], year: int) -> float:
    """Return the price of a year, or of the nearest earlier year with a price.

    For a year before the first price, return the first price.
    """
    return prices[max((y for y in prices if y <= year), default=min(prices))]
