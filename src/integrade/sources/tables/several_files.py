"""Accounts that stand in several files, as a balance sheet and an income statement: joined by firm and year."""

from __future__ import annotations

from collections.abc import Mapping

import narwhals as nw
import polars as pl

from integrade.engine.frames import Table, collect, engine_of, enter, on_engine
from integrade.errors import MixedCurrencies, UnitContradicted, units_told
from integrade.sources.meaning.stated import money_columns
from integrade.wording.account import Entry
from integrade.wording.texts import listed, say

KEY = ["firm", "year"]


def with_accounts_beside(firms: Table, other: Table) -> Table:
    """The accounts with the columns of another file of them, by firm and year.

    Missing values: a firm-year that the other file lacks has none of its columns; firm-years that only the other file
    has are left out; both are counted. A column that both have is the first file's; rows in which the two differ are
    counted in a warning. Raises `MixedCurrencies` for money in two currencies, and `UnitContradicted` where one file
    tells the unit of its money and the other does not.
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
        one, two = pl.col(column).cast(pl.String), pl.col(f"{column} beside").cast(pl.String)
        if n := int(joined.select((one != two).fill_null(False).sum()).item()):
            notes.append(_note("warning", say("sources.differs-beside", column=column, n=n), n))
    rows = joined.select(*mine.columns, *new)
    account = firms.account + other.account + notes
    return Table(firms.name, nw.to_native(on_engine(rows, engine_of(frame))), account, firms.conformed, units=units)


def _note(kind: str, said: str, rows: int = 0) -> Entry:
    return Entry("read", "firms", "warning" if kind == "warning" else "note", said, rows)


def _units_together(firms: Table, other: Table) -> Mapping[str, str]:
    """The units of both. Raises as `with_accounts_beside`."""
    money = money_columns("firms")
    held = [{c: t.units.get(c, "") for c in money if c in t.columns} for t in (firms, other)]
    first, second = ({c for c in one.values() if c} for one in held)
    if first and second and first != second:
        raise MixedCurrencies(
            f"accounts of the same firms are in {', '.join(sorted(first))} and in {', '.join(sorted(second))}",
            remedy="give both sections one currency and rates, or write one currency in the files",
        )
    silent = [c for c, unit in (held[1] if first else held[0]).items() if not unit]
    if (first or second) and silent:
        told = min(first or second)
        raise UnitContradicted(
            f"one file says that its money is in {told}, and the other does not say the unit of {', '.join(silent)}",
            remedy=f"declare it: {units_told(dict.fromkeys(silent, told))}, or the actual unit",
        )
    return {**other.units, **firms.units}
