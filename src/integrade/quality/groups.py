"""Assign industries or regions to customs rows, from a column of customs or from another table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from integrade.errors import DuplicateKeys, UsageError, option
from integrade.quality.arranged import Arranged, looked_up
from integrade.quality.coding import with_code
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
    """A grouping (industries or regions): its letter, its levels, and the code of each row's level (-1: unknown)."""

    letter: str
    levels: pl.DataFrame
    code: NDArray[np.int32]


def carried_groups(names: list[str], scale: Scale) -> dict[str, str]:
    """Return the column of groups in customs that a result needs, as name -> text, for `arranged`."""
    here = scale.level in GROUP and scale.groups is None and scale.level in names
    return {scale.level: "text"} if here else {}


def group_of(rows: Arranged, scale: Scale) -> Grouped | None:
    """Return the group of each row; None for a level that needs no group.

    Raises `UsageError`, `MissingColumn`, `DuplicateKeys`.
    """
    import polars as pl

    if scale.level not in GROUP:
        return None
    name, letter = scale.level, GROUP[scale.level]
    if scale.groups is None:
        if name not in rows.carried:
            raise UsageError(
                f"level={name!r} needs a column {name!r} in customs, or groups",
                remedy=f"give {option('groups', ...)} with product and {name}, or with firm and {name}",
            )
        return Grouped(letter, rows.levels[name], rows.carried[name])
    table = read_side_table(scale.groups, name)
    require(table, [name], "groups")
    if "product" in table.columns:
        table = _one_each(text(table, ["product", name]), ["product"], name)
        keyed = with_code(by_code(rows.levels["h"]["product"], table, name).to_frame(), "h").drop_nulls()
        on = ["h"]
    else:
        require(table, ["firm", name], "groups")
        keyed, on = _of_firms(table, rows, name)
    levels = keyed.select(name).unique().sort(name)
    codes = keyed.join(with_code(levels, letter), on=name).select(*on, pl.col(letter).cast(pl.Float64))
    code = looked_up(rows, codes, on, letter)
    return Grouped(letter, levels, np.where(np.isnan(code), -1, code).astype(np.int32))


def _of_firms(table: pl.DataFrame, rows: Arranged, name: str) -> tuple[pl.DataFrame, list[str]]:
    import polars as pl

    if "f" not in rows.levels:
        raise UsageError("groups is by firm, but the customs table has no column firm", remedy="give groups by product")
    yearly = ["year"] if "year" in table.columns else []
    table = _one_each(text(table, ["firm", name]), ["firm", *yearly], name)
    keyed = table.join(with_code(rows.levels["f"], "f"), on="firm")
    if not yearly:
        return keyed.select("f", name), ["f"]
    return keyed.select("f", name, t=pl.col("year").cast(pl.Int64) - rows.first_year), ["f", "t"]


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


def unknown_group(rows: Arranged, group: Grouped, name: str) -> list[Entry]:
    """Return an account entry with the number of rows without a group, and their share of value."""
    lost = group.code < 0
    n = int(lost.sum())
    if not n:
        return []
    share = percent(float(rows.value[lost].sum()) / float(rows.value.sum()), 2)
    reason = say("quality.group-not-known", group=column_word(name), share=share)
    return [Entry("quality", "customs", "dropped", reason, n)]
