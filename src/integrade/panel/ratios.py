"""Compute ratios of sums (such as research over output) by year and industry or region, from additional tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import polars as pl

from integrade.engine.exact import total_of
from integrade.engine.frames import Table, collect, enter
from integrade.errors import (
    Coverage,
    DuplicateKeys,
    MissingColumn,
    NotANumber,
    UnknownColumn,
    UsageError,
    did_you_mean,
    mapped_as,
    option,
)
from integrade.records.catalogue import choose, keywords
from integrade.records.schema import column_word
from plainwords.account import Account, Entry
from plainwords.texts import listed, say

UNITS = ("region", "industry")
CODE = "^([A-Za-z][0-9]*|[0-9]{2,})$"
STEP = "ratio"
COMMON = 0.9
"""A code length is taken for the length of a table's codes if at least this share of its rows have it (a convention).
"""


@dataclass(frozen=True)
class Ratio:
    """Options of `ratio`: its columns, and how they are summed.

    Parameters
    ----------
    numerator, denominator
        Columns of numbers. If several tables have the column, write ``table.column``, such as ``output.value``.
    name
        Name of the new column.
    by
        Keys of the sums: year with industry, region or both.
    digits
        Number of first digits of the industry codes by which rows are summed. Default: the length that nine in ten
        codes of a table have; with two tables, the shorter of their lengths.
    parts
        Treatment of a sum with a missing part: the sum is missing, or is the sum of the other parts.
    """

    numerator: str
    denominator: str
    name: str = "ratio"
    by: tuple[str, ...] = ("industry", "year")
    digits: int | None = None
    parts: Literal["missing", "sum"] = "missing"

    def __post_init__(self) -> None:
        """Refuse keys by which nothing can be summed, and names that cannot be used."""
        by_unit_and_year(self.by)
        keys = {*UNITS, "year", "firm"}
        wrong = next((n for n in (self.name, self.numerator, self.denominator) if not n or n in keys), None)
        if wrong is not None:
            raise UsageError(
                f"{wrong!r} is a key, or no name" if wrong else "the ratio has no name",
                remedy=f"give columns and a new name, such as {option('numerator', 'rd')}, "
                f"{option('denominator', 'output')}, "
                f"{option('name', 'rd_intensity')}",
            )
        if self.digits is not None and (self.digits < 1 or "industry" not in self.by):
            raise UsageError(
                f"digits={self.digits} of industry codes, but the sums are by {', '.join(self.by)}",
                remedy=f"give {option('digits', 1)} or more with industry in {option('by')}, "
                f"or leave {option('digits')} out",
            )


def by_unit_and_year(by: Sequence[str]) -> None:
    """Refuse keys other than year with industry, region or both. Raises `UsageError`."""
    if "year" not in by or not set(by) & set(UNITS) or not set(by) <= {*UNITS, "year"} or len(set(by)) < len(by):
        raise UsageError(
            f"a ratio cannot be summed by {', '.join(by) or 'no key'}",
            remedy='give by = ["industry", "year"], by = ["region", "year"] or by = ["region", "industry", "year"]',
        )


class _Part(NamedTuple):
    """The numerator or the denominator: the name of its column and table, and rows with keys and ``value``."""

    column: str
    table: str
    rows: pl.DataFrame


@keywords(Ratio)
def ratio(tables: Any, options: Ratio | None = None, **changes: Any) -> Table:
    """Sum two columns by industry (or region) and year and divide them, to get a covariate for the panel.

    Formula: r_jt = sum of the numerator over the rows of j and t / sum of the denominator over the rows of j and t,
        with j the first ``digits`` of the industry code. The ratio of a group is computed from its sums; it is not the
        mean of the ratios of its parts.

    Missing values: an infinite value is missing. A sum with a missing part is missing; with ``parts="sum"`` it is the
        sum of the other parts. A cell has no ratio if its numerator or denominator is missing, or the denominator is
        not positive. These cells are counted by reason. Rows without a key and rows with shorter codes are counted too.

    Units: units of the numerator per unit of the denominator; a share if both are in one currency.

    Args:
        tables: a table, or several, with the two columns and the keys; a `Table` is identified by its name.
        options: see `Ratio`; or single options by name.

    Returns: a `Table` of one row per ``by``, sorted, with the column ``name``. `assemble` takes it as a covariate; its
        industry codes are matched to the first digits of the firms' codes.

    Raises: `UnknownColumn`, `MissingColumn` for a key, `NotANumber`. `UsageError` if several tables have a column, or
        if fewer than nine in ten codes of a table have one length and ``digits`` is not given. `DuplicateKeys` if a
        table has both a code and parts of it, such as 13 and 131, because rows would count twice (also in sums by
        region). `Coverage` if no cell has both sums.

    Example:
        >>> import polars as pl
        >>> rows = pl.DataFrame({
        ...     "industry": ["131", "132", "221"], "year": [2004] * 3, "rd": [1.0, 3, 2], "output": [50.0, 50, 0]
        ... })
        >>> ratio(rows, numerator="rd", denominator="output", name="rd_intensity", digits=2).polars().rows()
        [('13', 2004, 0.04)]
    """
    chosen = choose(Ratio, options, changes)
    several = tables if isinstance(tables, list | tuple) else [tables]
    sides = [_part(several, name, chosen) for name in (chosen.numerator, chosen.denominator)]
    digits, log = chosen.digits, list[Entry]()
    if "industry" in chosen.by and digits is None:
        digits = min(_usual_length(side) for side in sides)
    sums = [_summed(side, chosen, digits, log) for side in sides]
    keys = list(chosen.by)
    cells = sums[0].join(sums[1], on=keys, how="full", coalesce=True, suffix="_below").sort(keys)
    reason = (
        pl.when(pl.col("sum").is_null())
        .then(pl.lit("no-numerator"))
        .when(pl.col("sum_below").is_null())
        .then(pl.lit("no-denominator"))
        .when(pl.col("sum_below") <= 0)
        .then(pl.lit("denominator-not-positive"))
    )
    cells = cells.with_columns(_why=reason)
    for why in ("no-numerator", "no-denominator", "denominator-not-positive"):
        lost = cells.filter(pl.col("_why") == why)
        if lost.height:
            column = chosen.numerator if why == "no-numerator" else chosen.denominator
            sentence = say(f"panel.ratio-{why}", column=column)
            log.append(Entry(STEP, chosen.name, "dropped", sentence, lost.height, _example(lost, keys)))
    ratios = cells.filter(pl.col("_why").is_null()).select(
        *keys, (pl.col("sum") / pl.col("sum_below")).alias(chosen.name)
    )
    if not ratios.height:
        raise Coverage(
            f"no {' and '.join(chosen.by)} has both {chosen.numerator} and {chosen.denominator}",
            example="; ".join(f"{e.rows} {e.reason}" for e in log if e.kind == "dropped"),
            remedy="check that keys are written the same way in both tables, and the digits of industry codes",
        )
    by = say("panel.ratio-digits", digits=str(digits)) if digits is not None else ""
    sentence = say(
        "panel.ratio-made",
        name=chosen.name,
        numerator=f"{sides[0].table}.{sides[0].column}",
        denominator=f"{sides[1].table}.{sides[1].column}",
        keys=listed([column_word(k) for k in keys], "comma"),
        digits=by,
        median=f"{float(np.median(ratios[chosen.name].to_numpy())):.4g}",
    )
    log += [
        Entry(STEP, chosen.name, "note", sentence, 0),
        Entry(STEP, chosen.name, "out", say("account.rows"), ratios.height),
    ]
    return Table(chosen.name, ratios, Account(tuple(log)), conformed="covariates")


def _part(tables: Sequence[Any], name: str, chosen: Ratio) -> _Part:
    """Return the column ``name`` with its keys, from the only table that has the column."""
    named, _, bare = name.rpartition(".")
    known = [(t.name if isinstance(t, Table) else "table", enter(t)) for t in tables]
    whole = [(table, frame, name) for table, frame in known if name in frame.collect_schema().names()]
    of_table = [(t, frame, bare) for t, frame in known if t == named and bare in frame.collect_schema().names()]
    matches = whole or of_table
    if not matches:
        columns = [c for _, frame in known for c in frame.collect_schema().names()]
        raise UnknownColumn(f"no column {name!r} in the tables of the ratio", remedy=did_you_mean(bare, columns))
    if len(matches) > 1:
        where = ", ".join(table for table, *_ in matches)
        remedy = f"write the table before it: {matches[0][0]}.{bare}"
        if len({table for table, *_ in matches}) < len(matches):
            remedy = "rename it in one of them"
        raise UsageError(f"column {bare!r} is in several tables: {where}", remedy=remedy)
    table, frame, column = matches[0]
    names = frame.collect_schema().names()
    lacking = [k for k in chosen.by if k not in names]
    if lacking:
        raise MissingColumn(
            f"{table} has {column!r} and no column {lacking[0]!r}, by which it is summed",
            remedy=f"map it with {mapped_as(lacking[0])}; " + did_you_mean(lacking[0], names),
        )
    others = [c for c in (*UNITS, "firm") if c in names and c not in chosen.by]
    rows = collect(frame.select(*chosen.by, *others, column)).rename({column: "value"})
    if not rows["value"].dtype.is_numeric():
        raise NotANumber(f"{column!r} of {table} contains text", remedy="convert it to numbers, or name another column")
    if not rows["year"].dtype.is_numeric():
        raise NotANumber(f"'year' of {table} contains text", remedy="convert it to whole numbers")
    text = [pl.col(c).cast(pl.String) for c in (*UNITS, "firm") if c in rows.columns]
    value = pl.col("value").cast(pl.Float64)
    finite = pl.when(value.is_finite()).then(value)
    return _Part(column, table, rows.with_columns(*text, pl.col("year").cast(pl.Int64), finite.alias("value")))


def _summed(part: _Part, chosen: Ratio, digits: int | None, log: list[Entry]) -> pl.DataFrame:
    """Sum a part by key. ``parts`` of the options decides about sums with missing values."""
    keys, rows = list(chosen.by), part.rows
    whole = rows.drop_nulls(keys)
    if lost := rows.height - whole.height:
        sentence = say("panel.ratio-without-key", keys=listed([column_word(k) for k in keys], "comma"))
        log.append(Entry(STEP, part.table, "dropped", sentence, lost))
    if digits is not None:
        short = whole.filter(pl.col("industry").str.len_chars() < digits)
        if short.height:
            sentence = say("panel.ratio-short-codes", digits=str(digits))
            log.append(Entry(STEP, part.table, "dropped", sentence, short.height, _example(short.sort(keys), keys)))
        whole = whole.filter(pl.col("industry").str.len_chars() >= digits)
    _refuse_parts_of_parts(part, whole)
    if digits is not None:
        whole = whole.with_columns(pl.col("industry").str.head(digits))
    sums = whole.group_by(keys).agg(sum=total_of(pl.col("value")), known=pl.col("value").count(), n=pl.len())
    some = sums.filter((pl.col("known") > 0) & (pl.col("known") < pl.col("n")))
    if some.height:
        kept = chosen.parts == "sum"
        sentence = say(
            "panel.ratio-parts-summed" if kept else "panel.ratio-parts-missing", column=part.column, n=some.height
        )
        log.append(Entry(STEP, part.table, "note", sentence, some.height, _example(some.sort(keys), keys)))
    usable = pl.col("known") > 0 if chosen.parts == "sum" else pl.col("known") == pl.col("n")
    return sums.select(*keys, pl.when(usable).then("sum").alias("sum"))


def _usual_length(part: _Part) -> int:
    """Return the length that nine in ten industry codes of a table have, over its rows; 1 if it has no codes."""
    rows = part.rows.drop_nulls("industry").filter(pl.col("industry").str.len_chars() > 0)
    if not rows.height:
        return 1
    counts = rows["industry"].str.len_chars().alias("length").value_counts().sort("count", "length", descending=True)
    length, count = counts.row(0)
    if count < COMMON * rows.height:
        _refuse_parts_of_parts(part, rows.drop_nulls("year"))
        raise UsageError(
            f"industry codes of {part.table} have no common length",
            example=", ".join(f"{n} of {size} digits" for size, n in counts.rows()[:3]),
            remedy=f"state the number of digits to sum over: {option('digits', 2)}",
        )
    return int(length)


def _refuse_parts_of_parts(part: _Part, rows: pl.DataFrame) -> None:
    """Refuse codes that begin with another code of the same region and year.

    Tables of firms are exempt, because each firm counts once. Missing and empty codes are not compared.
    """
    if "firm" in rows.columns or "industry" not in rows.columns:
        return
    keys = [c for c in ("region", "year") if c in rows.columns]
    codes = rows.select(*keys, "industry").filter(pl.col("industry").str.len_chars() > 0).unique()
    for length in sorted(codes["industry"].str.len_chars().unique().to_list()):
        wholes = codes.filter(pl.col("industry").str.len_chars() == length).rename({"industry": "_head"})
        longer = codes.filter(pl.col("industry").str.len_chars() > length)
        both = longer.with_columns(_head=pl.col("industry").str.head(length)).join(
            wholes, on=[*keys, "_head"], how="semi", nulls_equal=True
        )
        if both.height:
            first = both.sort(*keys, "industry").row(0, named=True)
            raise DuplicateKeys(
                f"{part.table} contains industries together with their sub-industries, which would count twice",
                example=f"{first['_head']} and {first['industry']}, year={first['year']}",
                remedy="leave one of the two levels out with where, such as where = 'industry != \"13\"'",
            )


def _example(rows: pl.DataFrame, keys: Sequence[str]) -> str:
    return ", ".join(f"{k}={rows[k][0]}" for k in keys)


def code_length(codes: pl.Series) -> int | None:
    """Return the common length of all codes in a column; None if lengths differ or a text is not a code.

    A code has two digits or more, or is a letter with or without digits after it.
    """
    known = codes.drop_nulls()
    lengths = known.str.len_chars().unique().to_list()
    return int(lengths[0]) if len(lengths) == 1 and bool(known.str.contains(CODE).all()) else None
