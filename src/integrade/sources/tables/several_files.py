"""Join accounts from several files by firm and year, for example a balance sheet and an income statement."""

from __future__ import annotations

from collections.abc import Mapping

import narwhals as nw
import polars as pl

from integrade.engine.frames import Table, collect, engine_of, enter, on_engine
from integrade.errors import MixedCurrencies, UnitContradicted, units_told
from integrade.sources.meaning.stated import money_columns
from plainwords.account import Entry
from plainwords.texts import listed, say

KEY = ["firm", "year"]


def with_accounts_beside(firms: Table, other: Table) -> Table:
    """Add the columns of another file of accounts, by firm and year.

    Missing values: a firm-year that the other file lacks has missing values in the added columns. Firm-years that only
    the other file has are left out. Both cases are counted. If both files have a column, it is taken from the first
    file. Rows in which the files differ in such a column are counted in a warning. Raises `MixedCurrencies` for money
    in two currencies, and `UnitContradicted` if only one of the files states the unit of its money.
    """
    frame = enter(firms)
    mine, theirs = collect(frame), collect(enter(other))
    units = _units_together(firms, other)
    new = [c for c in theirs.columns if c not in mine.columns]
    both = [c for c in theirs.columns if c in mine.columns and c not in KEY]
    joined = mine.join(theirs.rename({c: f"{c} beside" for c in both}), on=KEY, how="left", maintain_order="left")
    met = mine.join(theirs.select(KEY), on=KEY, how="semi").height
    notes = [
        _note("note", say("sources.beside", columns=listed(new, "comma") or "-", n=f"{met:,}", all=f"{mine.height:,}"))
    ]
    if lost := theirs.height - met:
        notes.append(Entry("read", "firms", "dropped", say("sources.only-beside"), lost))
    for column in both:
        ours, theirs_of_column = pl.col(column).cast(pl.String), pl.col(f"{column} beside").cast(pl.String)
        if n := int(joined.select((ours != theirs_of_column).fill_null(False).sum()).item()):
            notes.append(_note("warning", say("sources.differs-beside", column=column, n=n), n))
    rows = joined.select(*mine.columns, *new)
    account = firms.account + other.account + notes
    return Table(firms.name, nw.to_native(on_engine(rows, engine_of(frame))), account, firms.conformed, units=units)


def _note(kind: str, said: str, rows: int = 0) -> Entry:
    return Entry("read", "firms", "warning" if kind == "warning" else "note", said, rows)


def _units_together(firms: Table, other: Table) -> Mapping[str, str]:
    """Return the units of both files together. Raises the same errors as `with_accounts_beside`."""
    money = money_columns("firms")
    by_file = [{c: t.units.get(c, "") for c in money if c in t.columns} for t in (firms, other)]
    first, second = ({c for c in units.values() if c} for units in by_file)
    if first and second and first != second:
        raise MixedCurrencies(
            f"accounts of the same firms are in {', '.join(sorted(first))} and in {', '.join(sorted(second))}",
            remedy="give both sections one currency and rates, or write one currency in the files",
        )
    silent = [c for c, unit in (by_file[1] if first else by_file[0]).items() if not unit]
    if (first or second) and silent:
        known = min(first or second)
        raise UnitContradicted(
            f"one file states that its money is in {known}, but the other does not state the unit of "
            f"{', '.join(silent)}",
            remedy=f"declare it: {units_told(dict.fromkeys(silent, known))}, or the actual unit",
        )
    return {**other.units, **firms.units}
