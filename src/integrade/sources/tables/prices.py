"""Read price indices from plain tables, the wide layout of statistics portals, and yearbook sheets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

import narwhals as nw

from integrade.engine.frames import Engine, Frame, Table, collect, enter, place, require_engine
from integrade.errors import UnclearLayout, Unreadable, UsageError, option
from integrade.records.catalogue import choose, keywords
from integrade.records.schema import conform
from integrade.sources.basis.detection import Declared
from integrade.sources.files.one_by_one import every_problem
from integrade.sources.files.readers import Layout, read_raw, reading
from integrade.sources.files.reading import Reading
from integrade.sources.files.recognise import recognising
from integrade.sources.files.selection import File, Paths, find
from integrade.sources.layout.layouts import has_months_across, periods_across
from integrade.sources.layout.names_across import Found, read_spread
from integrade.sources.layout.wide import read_wide
from integrade.sources.layout.yearbook import read_yearbook
from integrade.sources.meaning.goods import one_name
from integrade.sources.meaning.periods import Dates
from integrade.sources.meaning.regions import one_spelling
from integrade.sources.meaning.synonyms import rename
from integrade.sources.tables.aggregates import without_aggregates, without_whole
from integrade.sources.tables.breaks import Breaks, handle_breaks
from integrade.sources.tables.price_form import (
    declared_not_told,
    fixed_bases,
    is_year_on_year,
    rates_as_indices,
    said_form,
    spliced,
    years_of,
)
from plainwords.account import Account, Entry, keep_for_errors
from plainwords.texts import say
from rawcells.cells.grid import Sheet, table_head


@dataclass(frozen=True)
class Goods:
    """Options for the goods of a table of prices.

    Parameters
    ----------
    breaks
        What to do if the list of goods changes from one year to the next (the consumer basket of 2016). keep: keep
        every good, with a warning. common: keep only goods of all years. splice: give each new division the mean of the
        old divisions that it replaces. split: keep all goods, and name the years of each list in a column goods_list.
    good_names
        Spelling of the names of goods: as they are (but one spelling for each good within a table), in Chinese, or in
        English.
    goods_map
        Mapping from the name of a good in the file to its new name.
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
    basis: Declared = "detect",
    goods: Goods | None = None,
    **changes: Any,
) -> Table:
    """Read regional price indices from files of any supported format: region, year(, month), commodity, index.

    A plain table needs these columns, under these names or known synonyms (``item``, ``value``, ``地区`` ...), or
    mapped with ``columns``. The wide layout of a statistics portal and the sheets of yearbooks are recognised.

    ``basis`` declares what the index column holds (docs/basis.md). Without ``basis``, the words of the file decide
    (``2010=100``, ``上年=100`` in a heading, in a title or in a column base). Without such words, the source decides,
    else the numbers. The table keeps the basis as its ``form``, and every measure checks it against the numbers. If
    rates of change r are declared or detected, they become the indices 100 + r, and the form stays that of rates. If a
    column base has several fixed bases, they are joined over the periods that two of them share. The older values are
    multiplied by the mean ratio of the newer to the older ones.

    ``to_year`` converts months (or quarters) to years. Indices on the same month of last year are averaged; they become
    link indices of years. Levels and fixed bases are averaged too, and keep their form. A year that lacks months is
    kept and counted. Changes from the month before are chained: the index of a year is the mean of its levels divided
    by the mean of the levels of the year before. A year is left out and counted unless it and the year before have all
    months. An unknown basis is refused.

    Each good gets one name (`integrade.sources.meaning.goods.GOODS` lists spellings that changed between yearbooks),
    and every renaming is a line of the account. Years in which the list of goods changes are reported. ``breaks``
    decides what happens to them. keep (default): all goods are kept, with a warning. common: only common goods are
    kept. splice: the divisions of 2016 are joined to the older ones. split: a column ``goods_list`` is added, by which
    a sample can be split. `Goods` describes these options; they can be given by name.

    Missing values: rows without region, year, good or index are dropped and counted.
    Returns a `Table` with its account: one row per region, year(, month), commodity.
    Raises `MissingColumn`, `NotANumber`, `DuplicateKeys` and what `read_raw` raises. Raises `OutOfRange` for an index
    of zero or less. Raises `UsageError` if the file mixes bases and none is chosen, and `BasisUnknown` if months of an
    unknown basis would become years.

    Example:
        >>> prices = read_prices("cpi.csv", columns={"省份": "region"}, where='item != "总指数"')  # doctest: +SKIP
    """
    goods_options = {f.name for f in fields(Goods)}
    named = choose(Goods, goods, {k: v for k, v in changes.items() if k in goods_options})
    chosen = choose(Reading, options, {k: v for k, v in changes.items() if k not in goods_options})
    how = _Basis(basis, to_year=to_year)
    found = find(paths)
    require_engine(engine)
    read = every_problem(found.files, lambda files: _read_files(files, chosen, engine, named, how))
    return replace(read, account=Account(found.left) + read.account)


class _Basis(NamedTuple):
    """Basis that a call declares, and whether months become years."""

    declared: Declared
    to_year: bool


def _read_files(files: list[File], chosen: Reading, engine: Engine, named: Goods, how: _Basis) -> Table:
    def with_source(source: str) -> object:
        return _read_files(files, replace(chosen, source=source), engine, named, how)

    with reading(files, chosen.sheet), recognising(files, "prices", chosen, with_source):
        raw = read_raw(
            files,
            engine=engine,
            options=chosen,
            table="prices",
            layout=layout_for(chosen.columns, chosen.layout, chosen.dates, chosen.aggregates),
        )
        frame, chose = _one_base(enter(raw), to_year=how.to_year)
        by_user = how.declared != "detect"
        form, notes, per_year = said_form(how.declared, frame, raw.account, chosen)
        frame, whole = without_whole(frame, "prices", chosen.aggregates)
        frame, spelt = one_spelling(frame, chosen.regions, "prices")
        frame, form, rates = rates_as_indices(frame, form, by_user=by_user)
        table, read = _conformed(frame, chosen)
        keep_for_errors((*notes, *chose, *rates, *whole, *spelt, *read))
        averaged = list[Entry]()
        if how.to_year:
            table, form, averaged = years_of(table, form, by_user=by_user, per_year=per_year)
        elif by_user:
            averaged = declared_not_told(table, form)
        table, renamed = one_name(table, named.good_names, named.goods_map)
        table, parts = without_aggregates(table, chosen.aggregates)
        table, broken = handle_breaks(table, named.breaks)
    notes = notes + chose + rates
    account = raw.account + notes + whole + spelt + read + averaged + renamed + parts + broken
    keep_for_errors(account)
    return Table("prices", nw.to_native(table), Account(account.entries), conformed="prices", form=form)


def _conformed(frame: Frame, chosen: Reading) -> tuple[Frame, Account]:
    """Validate the table, and join several fixed bases that a column base distinguishes.

    If there are several bases, rows without a base are left out and counted.
    """
    bases = fixed_bases(frame)
    if len(bases) < 2:
        conformed = conform(frame, "prices", pad=chosen.pad)
        return conformed.frame, conformed.account
    parts = [conform(frame.filter(nw.col("base") == base), "prices", pad=chosen.pad) for base in bases]
    joined, entries = spliced([collect(part.frame) for part in parts], bases)
    lacking = collect(frame.filter(nw.col("base").is_null()).select(n=nw.len()))["n"][0]
    if lacking:
        entries.append(Entry("basis", "prices", "dropped", say("basis.rows-without-base"), lacking))
    account = sum((part.account for part in parts), Account())
    return place(joined, frame), account + entries


def layout_for(
    columns: Mapping[str, str], told: Mapping[str, str], dates: Dates | None = None, aggregates: str = "ask"
) -> Layout:
    """Return the function that turns sheets which are not plain tables of prices into rows.

    ``columns`` is the user's mapping of columns, and ``told`` the user's layout.
    """

    def spread(path: Path, sheets: Sequence[Sheet]) -> Found | None:
        return read_spread(path, sheets, "prices", columns, told, aggregates)

    def layout(path: Path, sheets: Sequence[Sheet]) -> Found | None:
        if any(place in told for place in ("rows", "columns", "sheets")):
            return spread(path, sheets)
        if is_plain(sheets[0], columns):
            return spread(path, sheets) if _maps_goods(sheets[0], columns) else None
        if portal := read_wide(path, sheets, dates):
            return Found(*portal)
        if any(periods_across(sheet.rows) or has_months_across(sheet.rows) for sheet in sheets):
            return spread(path, sheets)
        return _yearbook_or_spread(path, sheets, spread)

    return layout


def _yearbook_or_spread(
    path: Path, sheets: Sequence[Sheet], spread: Callable[[Path, Sequence[Sheet]], Found | None]
) -> Found | None:
    """Read the sheets as a yearbook; if they are none, or state no year, read names across the columns."""
    try:
        yearbook = read_yearbook(path, sheets)
    except Unreadable as no_year:
        try:
            return spread(path, sheets)
        except UnclearLayout:
            raise no_year from None
    return Found(*yearbook) if yearbook else spread(path, sheets)


def is_plain(sheet: Sheet, columns: Mapping[str, str]) -> bool:
    """Return whether headings name commodity and index, or the user maps one of them; also True without headings."""
    names = table_head(sheet).names
    if not names:
        return True
    mapped = {old: new for old, new in columns.items() if old in names}
    columns_known = rename(names, mapped, "prices")[0].values()
    return bool({"commodity", "index"} & set(mapped.values())) or {"commodity", "index"} <= set(columns_known)


def _maps_goods(sheet: Sheet, columns: Mapping[str, str]) -> bool:
    """Return whether the user maps the goods and no heading is an index.

    Periods or regions may then be in the columns.
    """
    names = table_head(sheet).names
    mapped = {old: new for old, new in columns.items() if old in names}
    return "commodity" in mapped.values() and "index" not in rename(names, mapped, "prices")[0].values()


def _one_base(frame: Frame, *, to_year: bool) -> tuple[Frame, list[Entry]]:
    """Keep only the year-on-year indices if ``to_year`` is set and there are some; else refuse a mixture of bases."""
    if "base" not in frame.collect_schema().names() or fixed_bases(frame):
        return frame, []
    counts = collect(frame.group_by("base").agg(n=nw.len()).sort("base"))
    bases: dict[str, int] = dict(counts.iter_rows())
    shown = "; ".join(f"{base}: {n:,} rows" for base, n in bases.items())
    wanted = [base for base in bases if is_year_on_year(str(base))]
    if not to_year or not wanted:
        if len(bases) > 1:
            raise UsageError(
                "the file has indices of several bases",
                example=shown,
                remedy="choose one: "
                + option("where", f'base == "{next(iter(bases))}"')
                + (f", or, for annual indices, {option('to_year', True)}" if wanted else ""),
            )
        return frame, []
    notes = [
        Entry("to_year", "prices", "dropped", say("sources.other-base", base=str(base)), n)
        for base, n in bases.items()
        if base not in wanted
    ]
    return frame.filter(nw.col("base").is_in(wanted)), notes
