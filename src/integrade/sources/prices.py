"""Price indices: plain tables, the wide layout of statistics portals, yearbook sheets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

import narwhals as nw

from integrade.account import Account, Entry
from integrade.catalogue import choose, keywords
from integrade.errors import UsageError, option
from integrade.frames import Engine, Frame, Table, collect, enter
from integrade.schema import conform
from integrade.sources.aggregates import without_aggregates, without_whole
from integrade.sources.breaks import Breaks, handle_breaks
from integrade.sources.goods import one_name
from integrade.sources.grid import Sheet, table_head
from integrade.sources.layouts import has_months_across, periods_across
from integrade.sources.one_by_one import every_problem
from integrade.sources.periods import Dates
from integrade.sources.readers import File, Layout, Paths, expand, read_raw, reading
from integrade.sources.reading import Reading
from integrade.sources.regions import one_spelling
from integrade.sources.spread import Found, read_spread
from integrade.sources.synonyms import rename
from integrade.sources.wide import read_wide
from integrade.sources.yearbook import read_yearbook
from integrade.texts import listed, say

YEAR_ON_YEAR = "上年同月"


@dataclass(frozen=True)
class Goods:
    """What becomes of the goods of a table of prices.

    Parameters
    ----------
    breaks
        Where the list of goods changes from one year to the next (the consumer basket of 2016): keep every good, with a
        warning; common: only goods of all years; splice: the mean of the old divisions for each new one; split: keep,
        and name the years of one list in a column goods_list.
    good_names
        How goods are spelt: as they are (but one way for each within a table), in Chinese, or in English.
    goods_map
        The file's good -> the name it is to have.
    """

    breaks: Breaks = "keep"
    good_names: Literal["as_is", "english", "chinese"] = "as_is"
    goods_map: Mapping[str, str] = field(default_factory=dict)


@keywords(Reading)
def read_prices(
    paths: Paths,
    *,
    options: Reading | None = None,
    engine: Engine = "auto",
    to_year: bool = False,
    goods: Goods | None = None,
    **changes: Any,
) -> Table:
    """Regional price indices from files of any supported format: region, year(, month), commodity, index.

    A plain table needs these columns under these names, under known synonyms (``item``, ``value``, ``地区`` ...) or
    mapped with ``columns``. The wide layout of a statistics portal and yearbook sheets are recognised.
    ``to_year`` averages the monthly year-on-year (same month of last year = 100) indices of each year into an annual
    index; a year with fewer than 12 months is kept and counted.

    Goods get one name each (`integrade.sources.goods.GOODS` lists spellings that changed between yearbooks), and every
    renaming is a line of the account. Years in which the list of goods changes are found and said; ``breaks`` says what
    becomes of them: keep (default) with a warning, common goods only, splice the divisions of 2016 to the older ones,
    or split (a column ``goods_list`` by which a sample can be split). See `Goods`; its options can be given by name.

    Missing values: rows without region, year, good or index are dropped and counted.
    Returns a `Table` with its account: one row per region, year(, month), commodity.
    Raises `MissingColumn`, `NotANumber`, `OutOfRange` (an index of zero or less), `DuplicateKeys`, `UsageError` when
    the file mixes bases and none is chosen, and what `read_raw` raises.

    Example:
        >>> prices = read_prices("cpi.csv", columns={"省份": "region"}, where='item != "总指数"')  # doctest: +SKIP
    """
    own = {f.name for f in fields(Goods)}
    named = choose(Goods, goods, {k: v for k, v in changes.items() if k in own})
    chosen = choose(Reading, options, {k: v for k, v in changes.items() if k not in own})
    return every_problem(expand(paths), lambda files: _read_files(files, chosen, engine, named, to_year=to_year))


def _read_files(files: list[File], chosen: Reading, engine: Engine, named: Goods, *, to_year: bool) -> Table:
    raw = read_raw(
        files,
        engine=engine,
        options=chosen,
        table="prices",
        layout=layout_for(chosen.columns, chosen.layout, chosen.dates),
    )
    with reading(files):
        frame, notes = _one_base(enter(raw), to_year=to_year)
        frame, whole = without_whole(frame, "prices", chosen.aggregates)
        frame, spelt = one_spelling(frame, chosen.regions, "prices")
        conformed = conform(frame, "prices", pad=chosen.pad)
        table, averaged = _to_year(conformed.frame) if to_year else (conformed.frame, [])
        table, renamed = one_name(table, named.good_names, named.goods_map)
        table, parts = without_aggregates(table, chosen.aggregates)
        table, broken = handle_breaks(table, named.breaks)
    account = raw.account + notes + whole + spelt + conformed.account + averaged + renamed + parts + broken
    return Table("prices", nw.to_native(table), Account(account.entries), conformed="prices")


def layout_for(columns: Mapping[str, str], told: Mapping[str, str], dates: Dates | None = None) -> Layout:
    """Recognise the sheets that are no plain table of prices, given how the user maps columns and tells the layout."""

    def layout(path: Path, sheets: Sequence[Sheet]) -> Found | None:
        if any(place in told for place in ("rows", "columns", "sheets")):
            return read_spread(path, sheets, "prices", columns, told)
        if is_plain(sheets[0], columns):
            return None
        if portal := read_wide(path, sheets, dates):
            return Found(*portal)
        if any(periods_across(sheet.rows) or has_months_across(sheet.rows) for sheet in sheets):
            return read_spread(path, sheets, "prices", columns, told)
        if yearbook := read_yearbook(path, sheets):
            return Found(*yearbook)
        return read_spread(path, sheets, "prices", columns, told)

    return layout


def is_plain(sheet: Sheet, columns: Mapping[str, str]) -> bool:
    """Whether the heading names commodity and index, directly, by synonym or by the user's mapping."""
    names = table_head(sheet).names
    if not names:
        return True
    mapped = {old: new for old, new in columns.items() if old in names}
    found = rename(names, mapped, "prices")[0].values()
    return bool({"commodity", "index"} & set(mapped.values())) or {"commodity", "index"} <= set(found)


def _one_base(frame: Frame, *, to_year: bool) -> tuple[Frame, list[Entry]]:
    """Keep the year-on-year indices for ``to_year``; otherwise refuse a table that mixes bases."""
    names = frame.collect_schema().names()
    if "base" not in names:
        assumed = say("sources.base-assumed")
        return frame, [Entry("to_year", "prices", "note", assumed, 0)] if to_year and "month" in names else []
    counts = collect(frame.group_by("base").agg(n=nw.len()).sort("base"))
    bases: dict[str, int] = dict(counts.iter_rows())
    shown = "; ".join(f"{base}: {n:,} rows" for base, n in bases.items())
    if not to_year:
        if len(bases) > 1:
            raise UsageError(
                "the file has indices of several bases",
                example=shown,
                remedy=f"choose one: {option('where')} 'base == \"{next(iter(bases))}\"', or {option('to_year', True)} "
                "for annual indices",
            )
        return frame, []
    wanted = [base for base in bases if str(base).startswith(YEAR_ON_YEAR)]
    if not wanted:
        raise UsageError(
            f"{option('to_year')} needs monthly indices with the same month of last year = 100",
            example=shown,
            remedy=f"keep the rows with base {YEAR_ON_YEAR}=100, or leave {option('to_year')} out",
        )
    notes = [
        Entry("to_year", "prices", "dropped", say("sources.other-base", base=str(base)), n)
        for base, n in bases.items()
        if base not in wanted
    ]
    return frame.filter(nw.col("base").is_in(wanted)), notes


def _to_year(frame: Frame) -> tuple[Frame, list[Entry]]:
    """The mean of the months of each region, year and good."""
    if "month" not in frame.collect_schema().names():
        return frame, [Entry("to_year", "prices", "note", say("sources.already-annual"), 0)]
    key = ("region", "year", "commodity")
    annual = frame.group_by(*key).agg(nw.col("index").mean(), _months=nw.len())
    short = collect(annual.filter(nw.col("_months") < 12).select(*key, "_months").sort(*key))
    total = collect(annual.select(n=nw.len()))["n"][0]
    entries = [Entry("to_year", "prices", "merged", say("sources.months-averaged"), total)]
    if short.height:
        first = short.row(0, named=True)
        example = f"{first['region']}, {first['year']}, {first['commodity']}: {first['_months']} months"
        years = listed([str(y) for y in short["year"].unique().sort()], "comma")
        reason = say("sources.fewer-months", n=short.height, years=years)
        entries.append(Entry("to_year", "prices", "warning", reason, short.height, example))
    return annual.select(*key, "index").sort(*key), entries
