"""Assign industries or regions to customs rows, from a column of customs or from another table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import narwhals as nw

from integrade.engine.exact import total
from integrade.engine.frames import Frame, collect, place
from integrade.errors import DuplicateKeys, UsageError, option
from integrade.quality.coding import Coded, with_code
from integrade.quality.scale import Scale
from integrade.quality.side_tables import by_code, read_side_table, require, text
from integrade.records.schema import column_word
from integrade.wording.numerals import percent
from plainwords.account import Entry
from plainwords.texts import say

if TYPE_CHECKING:
    import polars as pl

GROUP: Mapping[str, str] = {"industry": "i", "region": "j"}
"""Level that needs a column outside the key of a customs row -> its letter."""


@dataclass(frozen=True)
class Grouped:
    """A grouping (industries or regions) with its letter and its levels; the level of code i is in row i."""

    letter: str
    levels: pl.DataFrame


def carried_groups(names: list[str], scale: Scale) -> dict[str, str]:
    """Return the column of groups in customs that a result needs, as name -> text, the form of `Coded.carried`."""
    here = scale.level in GROUP and scale.groups is None and scale.level in names
    return {scale.level: "text"} if here else {}


def join_group(rows: Frame, coded: Coded, scale: Scale) -> tuple[Frame, Grouped | None]:
    """Add the letter of the group to the rows; missing if the group is unknown.

    The second result has the levels of the group; None for a level that needs no group. Raises `UsageError`,
    `MissingColumn`, `DuplicateKeys`.
    """
    if scale.level not in GROUP:
        return rows, None
    name, letter = scale.level, GROUP[scale.level]
    if scale.groups is None:
        if name not in coded.carried:
            raise UsageError(
                f"level={name!r} needs a column {name!r} in customs, or groups",
                remedy=f"give {option('groups', ...)} with product and {name}, or with firm and {name}",
            )
        levels = collect(rows.select(name).unique()).drop_nulls().sort(name)
        return rows.join(place(with_code(levels, letter), rows), on=name, how="left"), Grouped(letter, levels)
    table = read_side_table(scale.groups, name)
    require(table, [name], "groups")
    if "product" in table.columns:
        table = _one_each(text(table, ["product", name]), ["product"], name)
        groups = by_code(coded.levels["h"]["product"], table, name)
        keyed, on = with_code(groups.to_frame(), "h"), ["h"]
    else:
        require(table, ["firm", name], "groups")
        keyed, on = _of_firms(table, coded, name)
    keyed = keyed.drop_nulls()
    levels = keyed.select(name).unique().sort(name)
    coded_group = keyed.join(with_code(levels, letter), on=name).select(*on, letter)
    return rows.join(place(coded_group, rows), on=on, how="left"), Grouped(letter, levels)


def _of_firms(table: pl.DataFrame, coded: Coded, name: str) -> tuple[pl.DataFrame, list[str]]:
    import polars as pl

    if "f" not in coded.levels:
        raise UsageError("groups is by firm, but the customs table has no column firm", remedy="give groups by product")
    yearly = ["year"] if "year" in table.columns else []
    table = _one_each(text(table, ["firm", name]), ["firm", *yearly], name)
    keyed = table.join(with_code(coded.levels["f"], "f"), on="firm")
    if not yearly:
        return keyed.select("f", name), ["f"]
    return keyed.select("f", name, t=pl.col("year").cast(pl.Int64) - coded.first_year), ["f", "t"]


def _one_each(table: pl.DataFrame, key: list[str], name: str) -> pl.DataFrame:
    import polars as pl

    rows = table.select(*key, name).drop_nulls().unique().sort(*key, name)
    twice = rows.filter(pl.len().over(key) > 1)
    if twice.height:
        raise DuplicateKeys(
            f"the table given as groups has several values of {name} for the same {', '.join(key)}",
            example=str(twice.row(0)),
            remedy="keep one row per key",
        )
    return rows


def unknown_group(rows: Frame, group: Grouped, name: str) -> list[Entry]:
    """Return an account entry with the number of rows without a group, and their share of value."""
    lost = nw.col(group.letter).is_null()
    counted = rows.select(
        n=lost.cast(nw.Int64).sum(), lost=total(rows, nw.when(lost).then(nw.col("v"))), value=total(rows, nw.col("v"))
    )
    n, value_lost, value = collect(counted).row(0)
    if not n:
        return []
    reason = say("quality.group-not-known", group=column_word(name), share=percent(value_lost / value, 2))
    return [Entry("quality", "customs", "dropped", reason, int(n))]
