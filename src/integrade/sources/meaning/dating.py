"""Read columns of dates as year and month.

The column for ``year`` may hold any periods (`periods`). Without a column for ``year``, year and month come from a
column with a heading for dates (``date``, ``fecha``, ``日期``), which is the pseudo-column `PERIOD` of `synonyms`.
Without that, they come from a column of months with their years. A quarter or half-year becomes its last month. Next to
a column of years, a column of months may hold names of months, and a column of quarters (`QUARTER`) gives the month.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import narwhals as nw

from integrade.engine.frames import Frame, collect, place
from integrade.errors import AmbiguousDate, mapped_as
from integrade.records.cells import FREE_WORDS, MISSING_WORDS, first_row
from integrade.records.schema import TABLES
from integrade.sources.meaning.periods import (
    BUDDHIST_YEARS,
    Dates,
    Decided,
    Period,
    century,
    half_months_in,
    may_be_period,
    months_of,
    period,
    read_periods,
    readings,
)
from integrade.sources.meaning.statistical_words import key_of
from integrade.wording.months import numeral, roman_months
from plainwords.account import Entry
from plainwords.texts import Said, listed, say
from rawcells.cells.grid import text_of

PERIOD, QUARTER = "period", "quarter"
"""Pseudo-columns of `synonyms`, which no table has; their cells are converted to year and month."""
HALVES = frozenset(["quincena", "quincenas", "quinzena", "quinzaine", "fortnight", "halfmonth", "mediomes"])
"""Headings, as normalised by `key_of`, of columns that give the half of a month."""
PLAIN_YEAR = r"^\s*((19|20)[0-9]{2}(\.0)?|[12][,.][0-9]{3})\s*$"
"""Pattern of a year that needs no parser.

The pattern also matches a year with a separator of thousands, which `decimals` reads.
"""
YEARS = (1900, 2100)
LATEST = 2040
"""Later years are a warning: no observed data have them (a convention)."""
LONGEST_OF_TWO = 50
"""Two-digit years that span so many years or more are not read, because 1 to 60 may number periods (a convention)."""


class Dated(NamedTuple):
    """Frame with whole years and months, a mapping from its columns to columns of the table, and notes."""

    frame: Frame
    kept: Mapping[str, str]
    notes: Sequence[Entry]


def dated(frame: Frame, kept: Mapping[str, str], table: str, dates: Dates | None = None) -> Dated:
    """Read the year and month of each row of a file from the columns that hold periods.

    ``kept``: for each column of the file, the column of the table (`synonyms.rename`). Plain years stay unchanged, and
    so does a table that has no column ``year``. Missing cells stay missing. Raises `AmbiguousDate`, `HalfMonths`,
    `NotADate`.
    """
    if table == "prices":
        # A heading that means half-months is refused if its column has several different values.
        for name in kept:
            if key_of(name) in HALVES and len(values := _values(frame, name)) > 1:
                raise half_months_in(values, f"{name!r} of prices")
    notes = list[Entry]()
    months, by_name = _has(table, "month"), {new: old for old, new in kept.items()}
    if _has(table, "year"):
        read = _years if "year" in by_name else _from_periods
        frame, kept, notes = read(frame, kept, by_name, table, dates, months=months)
        by_name = {new: old for old, new in kept.items()}
        if months and "year" in by_name:
            frame, kept, more = _months(frame, kept, by_name, table)
            notes = [*notes, *more]
    return Dated(frame, {old: old if new in (PERIOD, QUARTER) else new for old, new in kept.items()}, tuple(notes))


def without_periods(kept: Mapping[str, str], table: str) -> dict[str, str]:
    """Return the columns that `dated` will give, found from headings only: a column of periods becomes year."""
    new = set(kept.values())
    if not _has(table, "year") or "year" in new:
        return dict(kept)
    source = next((old for old, name in kept.items() if name == PERIOD), None)
    source = source or next((old for old, name in kept.items() if name == "month"), None)
    return {old: "year" if old == source else name for old, name in kept.items()}


def _has(table: str, name: str) -> bool:
    return table in TABLES and any(c.name == name for c in TABLES[table].columns)


def _years(
    frame: Frame, kept: Mapping[str, str], own: Mapping[str, str], table: str, dates: Dates | None, *, months: bool
) -> tuple[Frame, Mapping[str, str], list[Entry]]:
    """Read a column for ``year``; it stays unchanged if it holds plain years or no period at all."""
    name = own["year"]
    kind = frame.collect_schema()[name]
    if not _is_temporal(kind):
        plain, last = _is_plain(frame, name, kind)
        if plain:
            return frame, kept, _years_ahead(table, name, last)
    frame = frame.with_columns(_day(name, kind).alias(name)) if _is_temporal(kind) else frame
    values = _values(frame, name)
    if short := _years_of_two_digits(values):
        frame, _ = _joined(frame, name, values, Decided(short, ()), month="")
        first, latest = (str(end(year.year for year in short.values())) for end in (min, max))
        reason = say("sources.two-digit-years", column=repr(name), first=first, last=latest)
        return frame, kept, [Entry("read", table, "note", reason, 0)]
    cells = [cell for cell in values if not re.match(PLAIN_YEAR, cell)]
    if not any(readings(cell) for cell in cells):
        return frame, kept, []  # text or impossible numbers: validation reports them
    decided = _decide(frame, name, kind, values, table, dates, days=False)
    gives_month = months and "month" not in own
    frame, month_columns = _joined(frame, name, values, decided, month="month" if gives_month else "")
    kept = {**kept, **dict.fromkeys(month_columns, "month")}
    ahead = _years_ahead(table, name, max(period_read.year for period_read in decided.periods.values()))
    return frame, kept, [*_period_notes(table, name, decided, months=months), *ahead]


def _years_of_two_digits(values: Mapping[str, Any]) -> dict[str, Period]:
    """Return the year of each cell of a column of two-digit years (90 to 96); empty for any other column.

    One of them must be in the 1900s, and all within `LONGEST_OF_TWO` years: 1, 2, 3 may number the waves of a survey.
    """
    if len(values) < 2 or not all(re.fullmatch(r"\s*\d{1,2}(\.0)?\s*", cell) for cell in values):
        return {}
    years = {cell: century(int(float(cell))) for cell in values}
    first, last = min(years.values()), max(years.values())
    if first >= 2000 or last - first >= LONGEST_OF_TWO:
        return {}
    return {cell: Period(year, None, "year") for cell, year in years.items()}


def _from_periods(
    frame: Frame, kept: Mapping[str, str], own: Mapping[str, str], table: str, dates: Dates | None, *, months: bool
) -> tuple[Frame, Mapping[str, str], list[Entry]]:
    """Replace a column of dates, or of months with their years, by new columns of years and months."""
    name = own.get(PERIOD) or own.get("month")
    if name is None:
        return frame, kept, []
    kind = frame.collect_schema()[name]
    frame = frame.with_columns(_day(name, kind).alias("_period"))
    values, days = _values(frame, "_period"), kept[name] == PERIOD
    if not any(may_be_period(cell, days=days) for cell in values):
        return frame.drop("_period"), kept, []
    decided = _decide(frame, name, kind, values, table, dates, days=days)
    frame, month_columns = _joined(frame, "_period", values, decided, month="month" if months else "")
    others = {old: new for old, new in kept.items() if old != name}
    notes = _period_notes(table, name, decided, months=months)
    return frame, {**others, "_period": "year", **dict.fromkeys(month_columns, "month")}, notes


def _months(
    frame: Frame, kept: Mapping[str, str], own: Mapping[str, str], table: str
) -> tuple[Frame, Mapping[str, str], list[Entry]]:
    """Read names of months and quarters next to a column of years as numbers; leave any other column unchanged.

    Raises `AmbiguousDate` for a column named "period" with the numbers 1 to 4, because they may be months or quarters.
    """
    name = own.get("month") or own.get(QUARTER) or own.get(PERIOD)
    if name is None:
        return frame, kept, []
    kind = frame.collect_schema()[name]
    if _is_temporal(kind):
        return frame, kept, []
    if own.get("month") == name and _is_plain_month(frame, name, kind):
        return frame, kept, _maybe_quarters(frame, own["year"], name, table)
    values = _values(frame, name)
    if roman_months(values):
        values = _values(frame, name, FREE_WORDS)  # X is October
    quarters = own.get(QUARTER) == name
    if own.get(PERIOD) == name and values and all(_is_up_to_four(cell) for cell in values):
        raise AmbiguousDate(
            f"{name!r} of {table} may be months or quarters, because it has no number above 4",
            example=f"{name}={min(values)} is a month or a quarter",
            remedy=f"specify which: {mapped_as('month', name)} or {mapped_as(QUARTER, name)}",
        )
    months = months_of(values, named=f"{name!r} of {table}")
    if own.get("month") == name and all(numeral(cell) for cell in values):  # I to IV under a heading for months
        months = {cell: numeral(cell) for cell in values}
    month_of_cell = {cell: _month(cell, months[cell], quarters=quarters) for cell in values}
    if not values or None in month_of_cell.values() or not _has_their_years(frame, own["year"], name, values):
        return frame, kept, []
    decided = Decided({cell: Period(0, month, "month") for cell, month in month_of_cell.items() if month}, ())
    copied = frame.with_columns(nw.col(name).alias("_month"))
    changed, _ = _joined(copied, "_month", values, decided, month="", year="month")
    others = {old: new for old, new in kept.items() if old != name}
    reason = say("sources.months-read", column=repr(name))
    return changed, {**others, "_month": "month"}, [Entry("read", table, "note", reason, 0)]


def _maybe_quarters(frame: Frame, year: str, name: str, table: str) -> list[Entry]:
    """Warn if there are several years and each of them has exactly the months 1 to 4."""
    if {cell.strip().lstrip("0").removesuffix(".0") for cell in _values(frame, name)} != {"1", "2", "3", "4"}:
        return []
    there = collect(frame.select(nw.col(year), nw.col(name)).drop_nulls().unique())[year].to_list()
    if len(set(there)) < 2 or len(there) < 4 * len(set(there)):
        return []
    reason = say("sources.months-maybe-quarters", column=repr(name), option=mapped_as(QUARTER, name))
    return [Entry("read", table, "warning", reason, 0)]


def _month(cell: str, month: int | None, *, quarters: bool) -> int | None:
    """Return the month of a cell; for a quarter, its last month.

    A bare number is a quarter only in a column of quarters.
    """
    named = period(cell)
    if quarters and _is_up_to_four(cell):
        return 3 * (numeral(cell) or int(float(cell)))
    return month or (named.month if named else None)


def _is_up_to_four(cell: str) -> bool:
    """Return whether a cell is a number from 1 to 4 or I to IV, so that it may be a quarter."""
    return bool(re.fullmatch(r"0?[1-4](\.0)?", cell.strip())) or (numeral(cell) or 5) < 5


def _has_their_years(frame: Frame, year: str, name: str, values: Mapping[str, Any]) -> bool:
    """Return whether months that name their year (2010-01) are in rows with that year."""
    years = {value: named.year for cell, value in values.items() if (named := period(cell)) is not None}
    if not years:
        return True
    pairs = collect(frame.select(nw.col(year), nw.col(name)).unique())
    return all(years.get(cell, _number(at)) == _number(at) for at, cell in pairs.iter_rows() if at is not None)


def _number(cell: Any) -> int | None:
    return int(float(cell)) if re.fullmatch(r"\d{4}(\.0)?", str(cell).strip()) else None


# -- cells -------------------------------------------------------------------------------------------------------------


def _is_temporal(kind: Any) -> bool:
    return bool(kind.is_temporal()) and kind != nw.Time and kind != nw.Duration


def _is_plain(frame: Frame, name: str, kind: Any) -> tuple[bool, int]:
    """Return whether a column holds only years and missing cells, and its last year (0 if it is not known)."""
    column = nw.col(name)
    if kind == nw.String:
        not_plain = ~column.str.contains(PLAIN_YEAR) & ~column.str.strip_chars().is_in(list(MISSING_WORDS))
    elif kind.is_numeric():
        not_plain = (column < YEARS[0]) | (column > YEARS[1])
    else:
        return True, 0
    facts = collect(frame.select(n=not_plain.cast(nw.Int64).sum(), last=column.max()))
    return not facts["n"][0], _number(facts["last"][0]) or 0


def _years_ahead(table: str, name: str, last: int) -> list[Entry]:
    """Warn about years after `LATEST`, which are probably of another calendar (2075 of Nepal's is 2018)."""
    if last <= LATEST:
        return []
    reason = say("sources.years-ahead", column=repr(name), year=str(last))
    return [Entry("read", table, "warning", reason, 0)]


def _is_plain_month(frame: Frame, name: str, kind: Any) -> bool:
    if kind != nw.String:
        return True
    not_plain = ~nw.col(name).str.contains(r"^\s*[0-9]{1,2}(\.0)?\s*$") & ~nw.col(name).is_in(list(MISSING_WORDS))
    return not collect(frame.select(n=not_plain.cast(nw.Int64).sum()))["n"][0]


def _day(name: str, kind: Any) -> nw.Expr:
    """Return an expression for a column; a time becomes its date, in the time zone of the column if it has one."""
    if not _is_temporal(kind):
        return nw.col(name)
    zoned = kind == nw.Datetime and kind.time_zone
    return (nw.col(name).dt.replace_time_zone(None) if zoned else nw.col(name)).cast(nw.Date)


def _values(frame: Frame, name: str, missing: Collection[str] = MISSING_WORDS) -> dict[str, Any]:
    """Return the distinct cells that are not missing, each under its text."""
    cells = collect(frame.select(nw.col(name)).unique())[name].drop_nulls().to_list()
    texts: dict[str, Any] = {}
    for value in cells:
        text = value if isinstance(value, str) else text_of(value)
        if text.strip() not in missing:
            texts[text] = value
    return texts


def _decide(
    frame: Frame, name: str, kind: Any, values: Mapping[str, Any], table: str, dates: Dates | None, *, days: bool
) -> Decided:
    """Read the cells of a column as periods; ``dates`` applies only to a column without a type for dates."""

    def shown(cell: str) -> str:
        return first_row(frame, nw.col(name) == values[cell], [name])

    declared = None if _is_temporal(kind) else dates
    return read_periods(values, named=f"{name!r} of {table}", dates=declared, days=days, shown=shown)


def _joined(
    frame: Frame, name: str, values: Mapping[str, Any], decided: Decided, *, month: str, year: str = ""
) -> tuple[Frame, list[str]]:
    """Replace a column by its years, or by its months if ``year`` is given; also add a column of months."""
    import polars as pl

    kind = collect(frame.select(nw.col(name)).head(0)).schema[name]
    periods = decided.periods
    rows = {
        "_cell": pl.Series(list(values.values()), dtype=kind),
        "_first": pl.Series([p.month if year else p.year for p in map(periods.__getitem__, values)], dtype=pl.Int64),
        "_second": pl.Series([periods[cell].month for cell in values], dtype=pl.Int64),
    }
    there = month and any(periods[cell].month is not None for cell in values)
    names = frame.collect_schema().names()
    joined = frame.with_columns(_cell=nw.col(name)).join(place(pl.DataFrame(rows), frame), on="_cell", how="left")
    second = [nw.col("_second").alias("_month_of")] if there else []
    columns = [nw.col("_first").alias(name) if n == name else nw.col(n) for n in names]
    return joined.select(*columns, *second), ["_month_of"] if there else []


def _period_notes(table: str, name: str, decided: Decided, *, months: bool) -> list[Entry]:
    """Return a note on the first and last period, the kind of period, and how ambiguous notations were decided."""
    periods = sorted(set(decided.periods.values()), key=lambda p: (p.year, p.month or 0, p.day))
    kind = periods[0].kind if len({p.kind for p in periods}) == 1 else "month"
    parts: list[Said] = [
        say(
            "sources.periods-read",
            column=repr(name),
            kind=say(f"sources.period-{kind}"),
            first=str(periods[0]),
            last=str(periods[-1]),
        )
    ]
    if not months and periods[0].month is not None:
        parts.append(say("sources.month-not-kept"))
    parts += [say(f"sources.dates-{way}") for way in decided.ways if way in SAID_WAYS]
    if "thai" not in decided.ways and any(_is_buddhist(cell) for cell in decided.periods):
        parts.append(say("sources.dates-thai"))
    return [Entry("read", table, "note", listed(parts, "semicolon"), 0)]


SAID_WAYS = ("dmy", "mdy", "my", "excel", "stata", "thai", "quarter")


def _is_buddhist(cell: str) -> bool:
    return any(BUDDHIST_YEARS[0] <= int(y) <= BUDDHIST_YEARS[1] for y in re.findall(r"(?<!\d)2[456]\d\d(?!\d)", cell))
