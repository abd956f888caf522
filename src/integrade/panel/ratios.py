"""A ratio of sums by industry or region and year, such as research over output, from tables beside the firms."""

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
from integrade.wording.account import Account, Entry
from integrade.wording.texts import listed, say

UNITS = ("region", "industry")
CODE = "^([A-Za-z][0-9]*|[0-9]{2,})$"
STEP = "ratio"
COMMON = 0.9
"""Least share of a table's rows with industry codes of one length, for it to be the table's."""


@dataclass(frozen=True)
class Ratio:
    """Which ratio, and how its parts are summed.

    Parameters
    ----------
    numerator, denominator
        Columns of numbers. ``table.column`` where several tables have the column: ``output.value``.
    name
        Name of the new column.
    by
        What the sums go by: year with industry, region or both.
    digits
        Sum over the first so many digits of the industry codes. Where not given: the length that nine in ten codes of a
        table have, of the table where that is less.
    parts
        A sum of which a part is missing: missing, or the sum of the others.
    """

    numerator: str
    denominator: str
    name: str = "ratio"
    by: tuple[str, ...] = ("industry", "year")
    digits: int | None = None
    parts: Literal["missing", "sum"] = "missing"

    def __post_init__(self) -> None:
        """Refuse what cannot be summed by."""
        by_unit_and_year(self.by)
        keys = {*UNITS, "year", "firm"}
        wrong = next((n for n in (self.name, self.numerator, self.denominator) if not n or n in keys), None)
        if wrong is not None:
            raise UsageError(
                f"{wrong!r} is a key, or no name" if wrong else "a ratio without a name",
                remedy=f"give columns and a new name, such as {option('numerator', 'rd')}, "
                f"{option('denominator', 'output')}, "
                f"{option('name', 'rd_intensity')}",
            )
        if self.digits is not None and (self.digits < 1 or "industry" not in self.by):
            raise UsageError(
                f"digits={self.digits} of industry codes, and the sums go by {', '.join(self.by)}",
                remedy=f"give {option('digits', 1)} or more with industry in {option('by')}, "
                f"or leave {option('digits')} out",
            )


def by_unit_and_year(by: Sequence[str]) -> None:
    """Refuse other keys than year with industry, region or both. Raises `UsageError`."""
    if "year" not in by or not set(by) & set(UNITS) or not set(by) <= {*UNITS, "year"} or len(set(by)) < len(by):
        raise UsageError(
            f"sums by {', '.join(by) or 'nothing'}",
            remedy='give by = ["industry", "year"], by = ["region", "year"] or by = ["region", "industry", "year"]',
        )


class _Part(NamedTuple):
    """The numerator or the denominator: rows with keys and ``value``, the table they are of, whether of firms."""

    column: str
    table: str
    rows: pl.DataFrame


@keywords(Ratio)
def ratio(tables: Any, options: Ratio | None = None, **changes: Any) -> Table:
    """Sum two columns by industry (or region) and year and divide: a table of covariates to be joined to the panel.

    Formula: r_jt = sum of the numerator over the rows of j and t / sum of the denominator over those of j and t, with j
        the first ``digits`` of the industry code. Sums come first: the ratio of a group is not the mean of the ratios
        of its parts.

    Missing values: a value that is infinite is missing. A sum of which a part is missing is missing
        (``parts="sum"``: the sum of the others). A cell has no ratio where its numerator or denominator is missing or
        the denominator is not positive; each is counted by reason, as are rows without a key and codes of fewer digits.

    Units: those of the numerator over those of the denominator; both in one currency make a share.

    Args:
        tables: a table, or several, with the two columns and the keys; named tables (`Table`) are told apart by name.
        options: see `Ratio`; or single options by name.

    Returns: a `Table` of one row per ``by``, sorted, with the column ``name``. `assemble` takes it as a covariate; its
        industry codes meet the first digits of the firms' codes.

    Raises: `UnknownColumn`, `MissingColumn` for a key, `NotANumber`; `UsageError` where several tables have a column,
        or where fewer than nine in ten codes of a table have one length and ``digits`` is not given; `DuplicateKeys`
        where codes and parts of them stand side by side, also in sums by region (13 and 131: one would count twice);
        `Coverage` when no cell has both sums.

    Example:
        >>> import polars as pl
        >>> rows = pl.DataFrame({
        ...     "industry": ["131", "132", "221"], "year": [2004] * 3, "rd": [1.0, 3, 2], "output": [50.0, 50, 0]
        ... })
        >>> ratio(rows, numerator="rd", denominator="output", name="rd_intensity", digits=2).polars().rows()
        [('13', 2004, 0.04)]
    """
    chosen = choose(Ratio, options, changes)
    given = tables if isinstance(tables, list | tuple) else [tables]
    sides = [_part(given, name, chosen) for name in (chosen.numerator, chosen.denominator)]
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
            said = say(f"panel.ratio-{why}", column=column)
            log.append(Entry(STEP, chosen.name, "dropped", said, lost.height, _example(lost, keys)))
    found = cells.filter(pl.col("_why").is_null()).select(
        *keys, (pl.col("sum") / pl.col("sum_below")).alias(chosen.name)
    )
    if not found.height:
        raise Coverage(
            f"no {' and '.join(chosen.by)} has both {chosen.numerator} and {chosen.denominator}",
            example="; ".join(f"{e.rows} {e.reason}" for e in log if e.kind == "dropped"),
            remedy="check that keys are written the same way in both tables, and the digits of industry codes",
        )
    by = say("panel.ratio-digits", digits=str(digits)) if digits is not None else ""
    said = say(
        "panel.ratio-made",
        name=chosen.name,
        numerator=f"{sides[0].table}.{sides[0].column}",
        denominator=f"{sides[1].table}.{sides[1].column}",
        keys=listed([column_word(k) for k in keys], "comma"),
        digits=by,
        median=f"{float(np.median(found[chosen.name].to_numpy())):.4g}",
    )
    log += [
        Entry(STEP, chosen.name, "note", said, 0),
        Entry(STEP, chosen.name, "out", say("account.rows"), found.height),
    ]
    return Table(chosen.name, found, Account(tuple(log)), conformed="covariates")


def _part(tables: Sequence[Any], name: str, chosen: Ratio) -> _Part:
    """The column with its keys, from the one table that has it."""
    named, _, own = name.rpartition(".")
    known = [(t.name if isinstance(t, Table) else "table", enter(t)) for t in tables]
    whole = [(table, frame, name) for table, frame in known if name in frame.collect_schema().names()]
    of_table = [(t, frame, own) for t, frame in known if t == named and own in frame.collect_schema().names()]
    found = whole or of_table
    if not found:
        columns = [c for _, frame in known for c in frame.collect_schema().names()]
        raise UnknownColumn(f"no column {name!r} in the tables of the ratio", remedy=did_you_mean(own, columns))
    if len(found) > 1:
        where = ", ".join(table for table, *_ in found)
        remedy = f"write the table before it: {found[0][0]}.{own}"
        if len({table for table, *_ in found}) < len(found):
            remedy = "rename it in one of them"
        raise UsageError(f"column {own!r} is in several tables: {where}", remedy=remedy)
    table, frame, column = found[0]
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
        raise NotANumber(f"{column!r} of {table} holds text", remedy="convert it to numbers, or name another column")
    if not rows["year"].dtype.is_numeric():
        raise NotANumber(f"'year' of {table} holds text", remedy="convert it to whole numbers")
    text = [pl.col(c).cast(pl.String) for c in (*UNITS, "firm") if c in rows.columns]
    value = pl.col("value").cast(pl.Float64)
    finite = pl.when(value.is_finite()).then(value)
    return _Part(column, table, rows.with_columns(*text, pl.col("year").cast(pl.Int64), finite.alias("value")))


def _summed(part: _Part, chosen: Ratio, digits: int | None, log: list[Entry]) -> pl.DataFrame:
    """The sum of a part by key; missing where it is not known."""
    keys, rows = list(chosen.by), part.rows
    whole = rows.drop_nulls(keys)
    if lost := rows.height - whole.height:
        said = say("panel.ratio-without-key", keys=listed([column_word(k) for k in keys], "comma"))
        log.append(Entry(STEP, part.table, "dropped", said, lost))
    if digits is not None:
        short = whole.filter(pl.col("industry").str.len_chars() < digits)
        if short.height:
            said = say("panel.ratio-short-codes", digits=str(digits))
            log.append(Entry(STEP, part.table, "dropped", said, short.height, _example(short.sort(keys), keys)))
        whole = whole.filter(pl.col("industry").str.len_chars() >= digits)
    _refuse_parts_of_parts(part, whole)
    if digits is not None:
        whole = whole.with_columns(pl.col("industry").str.head(digits))
    sums = whole.group_by(keys).agg(sum=total_of(pl.col("value")), known=pl.col("value").count(), n=pl.len())
    some = sums.filter((pl.col("known") > 0) & (pl.col("known") < pl.col("n")))
    if some.height:
        kept = chosen.parts == "sum"
        said = say(
            "panel.ratio-parts-summed" if kept else "panel.ratio-parts-missing", column=part.column, n=some.height
        )
        log.append(Entry(STEP, part.table, "note", said, some.height, _example(some.sort(keys), keys)))
    usable = pl.col("known") > 0 if chosen.parts == "sum" else pl.col("known") == pl.col("n")
    return sums.select(*keys, pl.when(usable).then("sum").alias("sum"))


def _usual_length(part: _Part) -> int:
    """The length that nine in ten industry codes of a table have, over its rows; 1 where it has none."""
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
            remedy=f"say over how many digits to sum: {option('digits', 2)}",
        )
    return int(length)


def _refuse_parts_of_parts(part: _Part, rows: pl.DataFrame) -> None:
    """Codes that begin with another code of the same place and year; firms are each a part of their own.

    Rows without a code, or with an empty one, are not wholes of which others are parts.
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
            one = both.sort(*keys, "industry").row(0, named=True)
            raise DuplicateKeys(
                f"{part.table} has industries and parts of them side by side, which would count twice",
                example=f"{one['_head']} and {one['industry']}, year={one['year']}",
                remedy="leave one of the two levels out with where, such as where = 'industry != \"13\"'",
            )


def _example(rows: pl.DataFrame, keys: Sequence[str]) -> str:
    return ", ".join(f"{k}={rows[k][0]}" for k in keys)


def code_length(codes: pl.Series) -> int | None:
    """The length that all codes of a column share, if they are codes: two digits or more, or digits after a letter."""
    known = codes.drop_nulls()
    lengths = known.str.len_chars().unique().to_list()
    return int(lengths[0]) if len(lengths) == 1 and bool(known.str.contains(CODE).all()) else None
