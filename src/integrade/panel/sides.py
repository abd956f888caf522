"""Prepare the two registers of a match: exporter-years and firm-years with clean keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import narwhals as nw
import polars as pl

from integrade.engine.exact import total
from integrade.engine.frames import Frame, bring, collect
from integrade.errors import MissingColumn, mapped_as
from integrade.panel.keys import Runs, clean_runs, runs
from integrade.panel.names import Names
from integrade.records.schema import conform
from plainwords.account import Account, Entry
from plainwords.texts import say

KEYS = ("name", "postcode", "phone", "contact")


class Sides(NamedTuple):
    """Exporter-years and firm-years with clean keys, sorted by firm and year.

    The columns ``left`` (exporters) and ``right`` (firms) number the rows.

    Firms and keys are `polars.Enum` in the order of text, and a key has the same values on both sides. They are
    therefore sorted, joined and counted as numbers.
    """

    exporters: pl.DataFrame
    firms: pl.DataFrame


class Spellings(NamedTuple):
    """The distinct combinations of keys that each customs firm and each firm of the accounts has in any year."""

    exporters: pl.DataFrame
    firms: pl.DataFrame


def read_sides(firms: Any, exporters: Any, names: Names) -> tuple[Sides, Account]:
    """Validate both registers, collect only the needed columns, clean the keys and number the rows."""
    ours, right, log = _side(firms, "firms", names)
    theirs, left, more = _side(exporters, "exporters", names)
    theirs = theirs.with_columns(_sorted_as_enum(theirs["firm"]))
    ours = ours.with_columns(_sorted_as_enum(ours["firm"]))
    for key in KEYS:
        values, others = left[key], right[key]
        kind = pl.Enum(pl.concat([values.heads, others.heads]).drop_nulls().unique().sort())  # one for both sides
        theirs = theirs.with_columns(values.spread(values.heads.cast(kind)).alias(key))
        ours = ours.with_columns(others.spread(others.heads.cast(kind)).alias(key))
    theirs = theirs.rename({"firm": "customs_firm"}).with_row_index("left")
    return Sides(theirs, ours.with_row_index("right")), log + more


def spellings(sides: Sides) -> Spellings:
    """Return one row per firm and distinct combination of keys, in no particular order."""
    return Spellings(_spellings(sides.exporters, "customs_firm"), _spellings(sides.firms, "firm"))


def _spellings(side: pl.DataFrame, firm: str) -> pl.DataFrame:
    rows = side.select(firm, *KEYS)
    # unchanged neighbours are dropped first, which leaves fewer rows for `unique`
    changes = pl.any_horizontal(pl.col(c).ne_missing(pl.col(c).shift(1)) for c in rows.columns)
    return rows.filter(changes).unique()


def _sorted_as_enum(column: pl.Series) -> pl.Series:
    """Convert a sorted text column without missing values to `polars.Enum`."""
    values = runs(column)
    codes = pl.int_range(len(values.heads), dtype=pl.UInt32, eager=True)
    return values.spread(codes.cat.to(pl.Enum(values.heads))).alias(column.name)


def _side(data: Any, table: str, names: Names) -> tuple[pl.DataFrame, dict[str, Runs], Account]:
    """Return the rows of one register, its clean keys, and the account.

    The rows are sorted by firm and year. They have no columns of keys.
    """
    conformed = conform(data, table)
    optional = [c for c in (*KEYS, "legal_person", "region", "value") if c in conformed.columns]
    if not any(k in conformed.columns for k in KEYS):
        remedy = f"map one with {mapped_as('name', of='' if table == 'firms' else table)}"
        raise MissingColumn(f"{table} has none of {', '.join(KEYS)}, by which firms are matched", remedy=remedy)
    frame = conformed.frame.select("firm", "year", *optional)
    rows, merged = (bring(frame, table), []) if table == "firms" else _one_per_year(frame, optional)
    # registers are usually sorted already
    firm, year = rows["firm"], rows["year"]
    ascending = (firm[1:] > firm[:-1]) | ((firm[1:] == firm[:-1]) & (year[1:] >= year[:-1]))
    if not ascending.all():
        rows = rows.sort("firm", "year")
    keys, notes = clean_runs(rows, table, names)
    if "contact" not in keys and "legal_person" in keys:
        keys["contact"] = keys["legal_person"]
    absent = [k for k in KEYS if k not in keys]
    keys |= {k: runs(pl.repeat(None, rows.height, dtype=pl.String, eager=True)) for k in absent}
    notes += [Entry("match", table, "note", say("panel.key-absent", column=repr(k)), 0) for k in absent]
    if "region" not in rows.columns:
        rows = rows.with_columns(region=pl.lit(None, pl.String))
    return rows.drop(*KEYS, "legal_person", strict=False), keys, conformed.account + merged + notes


def _one_per_year(frame: Frame, columns: Sequence[str]) -> tuple[pl.DataFrame, list[Entry]]:
    """Reduce records to one row per exporter and year: the most frequent entry of each column, and the sum of value.

    Of equally frequent entries, the first in the order of text is taken.
    """
    at = ["firm", "year"]
    years = collect(frame.group_by(at).agg(n=nw.len())).sort(at)
    n = int(years["n"].sum())
    if n == years.height:
        return bring(frame, "exporters"), []
    rows = years.drop("n")
    for column in columns:
        if column == "value":
            values = collect(frame.group_by(at).agg(value=total(frame, nw.col("value"))))
        else:
            seen = collect(frame.filter(~nw.col(column).is_null()).group_by(*at, column).agg(n=nw.len()))
            most = seen.sort(*at, "n", column, descending=[False, False, True, False])
            values = most.unique(at, keep="first", maintain_order=True).drop("n")
        rows = rows.join(values, on=at, how="left", maintain_order="left")
    return rows, [Entry("match", "exporters", "merged", say("panel.several-records"), n - rows.height)]
