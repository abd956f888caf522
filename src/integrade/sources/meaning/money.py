"""Convert money to single units and one currency, and refuse sums over several currencies.

The unit comes from the options of a table (``units = { assets = "thousand MYR" }``), or the file states it (`stated`).
Values are multiplied so that the column is in single units (ringgit). With ``currency = "USD"`` they are then converted
by ``rates``, a table of currency, year and one of

    per_usd     units of the currency for one US dollar (MYR 2004: 3.8)
    in_usd      US dollars for one unit of the currency (MYR 2004: 0.263)
    per_ppp     units of the currency for one international dollar; the currency asked for is then "PPP"

Without ``currency`` nothing is converted, and money in several currencies is refused: sums over firms need a common
currency.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import NamedTuple

import narwhals as nw
import polars as pl

from integrade.engine.frames import Frame, collect, engine_of, on_engine
from integrade.errors import (
    MixedCurrencies,
    NotANumber,
    RatesContradicted,
    UnitContradicted,
    UnknownColumn,
    UsageError,
    did_you_mean,
    option,
    units_told,
)
from integrade.records.schema import column_word
from integrade.sources.meaning.stated import Stated, may_be_in, money_columns
from integrade.sources.meaning.units import IN_WORDS, Unit, split_heading
from plainwords.account import Entry
from plainwords.texts import listed, say

CURRENCY = "currency"
"""Column that gives the currency of the money in each row of a table."""
MAY_BE_POINTS = ("price",)
"""Columns of money that may also be in index points."""
DIRECTIONS = ("per_usd", "in_usd", "per_ppp")
MANY_PER_DOLLAR = frozenset(
    [
        "CNY",
        "COP",
        "CLP",
        "IDR",
        "INR",
        "JPY",
        "KES",
        "KRW",
        "MXN",
        "MYR",
        "NGN",
        "PHP",
        "PKR",
        "RUB",
        "THB",
        "TRY",
        "TWD",
        "VND",
        "XOF",
        "ZAR",
        "BDT",
        "HKD",
        "SEK",
        "NOK",
        "DKK",
        "EGP",
    ]
)
"""Currencies whose unit has been worth less than one US dollar in every year since 1990 (or since `SINCE`)."""
SINCE = {"MXN": 1993, "TRY": 2006, "RUB": 1998, "NGN": 1990}

STANDS_OUT = math.log(1.6)
"""A rate is an error if it is above (or below) the rates of both adjacent years by more than this in logs.

A devaluation seldom ends within a year. The value is a convention.
"""
UPSIDE_DOWN = (0.12, 0.45)
"""Two limits in logs by which a rate is taken for the reciprocal of last year's rate (a convention).

Such a rate differs by less than the first limit from 1 divided by last year's rate. It differs by more than the second
limit from last year's rate itself.
"""


class Rates(NamedTuple):
    """Rows of a table of exchange rates as read, and the file that has them."""

    rows: pl.DataFrame
    file: Path


def unit_named(text: str) -> Unit:
    """Read a unit as a user writes it: ``thousand MYR``, ``million USD``, ``kg``. Raises `UsageError`.

    Example:
        >>> unit_named("thousand MYR").name, unit_named("crore INR").scale
        ('MYR', 10000000)
    """
    unit = split_heading(f"x ({text})")[1]
    if unit is None or unit.measure in ("unclear", "base") or not unit.scale:
        remedy = 'a scale and a code of ISO 4217, as "thousand MYR" or "million USD"; or kg, t, persons'
        raise UsageError(f"{text!r} is not a known unit", remedy=remedy)
    return unit


class Priced(NamedTuple):
    """Table with its money converted as requested, notes on what was done, and the known units by column."""

    frame: Frame
    notes: list[Entry]
    units: Mapping[str, str]


def in_one_currency(
    frame: Frame,
    table: str,
    units: Mapping[str, str],
    currency: str | None,
    rates: Rates | None,
    stated: Mapping[str, Stated] | None = None,
) -> Priced:
    """Convert the columns of a table to single units and to the requested currency; notes record what was done.

    ``units``: the units that the user gives. ``stated``: the units that headings and cells state. Raises `UsageError`
    for unknown units, and if a currency is requested without rates or for money without a unit. Raises `UnknownColumn`
    and `RatesContradicted`. Raises `MixedCurrencies` for a column in several currencies without rates, for columns of
    one table in different currencies, and for units that contradict the column ``currency``. Raises `UnitContradicted`
    if the file and the user give different units, and if the file states a scale for some accounts and not for others.
    """
    schema = frame.collect_schema()
    names = schema.names()
    given = {column: unit_named(text) for column, text in units.items()}
    for column in given:
        if column not in names:
            what = f"no column {column!r} in {table}, whose unit is given"
            raise UnknownColumn(what, remedy=did_you_mean(column, names))
    from_file = {c: statement for c, statement in (stated or {}).items() if c in names and schema[c].is_numeric()}
    _agree(given, from_file)
    known = {**{c: statement.unit for c, statement in from_file.items()}, **given}
    notes = [*_all_scaled(table, known, from_file, names), *_in_other_words(table, given, from_file)]
    for column, unit in known.items():
        if unit.scale == 0:
            warning = say("money.unclear", column=column, unit=str(unit), option=units_told({column: "million USD"}))
            notes.append(Entry("read", table, "warning", warning, 0))
    scaled = {c: u for c, u in known.items() if u.scale > 1}
    frame = frame.with_columns(nw.col(c) * u.scale for c, u in scaled.items()) if scaled else frame
    notes += _scaled_notes(table, scaled, {c for c in from_file if c not in given})
    for column, unit in known.items():
        notes += _unit_notes(table, column, unit, from_file.get(column) if column not in given else None)
    money = {c: u.name for c, u in known.items() if u.measure == "money"}
    frame, notes = _converted(frame, table, names, money, given, currency, rates, notes)
    if table == "customs" and CURRENCY in names:  # no longer needed, and rows of a key are summed from here on
        frame = frame.drop(CURRENCY)
    now = {c: u.name for c, u in known.items() if u.name and u.scale}
    if currency is not None:
        now |= dict.fromkeys([*money, *(c for c in money_columns(table) if c in names and not money)], currency)
    return Priced(frame, notes, now)


def _agree(given: Mapping[str, Unit], from_file: Mapping[str, Stated]) -> None:
    """Refuse a given unit that differs from the unit that the file states."""
    for column, unit in given.items():
        statement = from_file.get(column)
        if statement is None or statement.unit.scale == 0:
            continue
        named = statement.unit.name if statement.unit.measure == "money" else unit.name
        if (statement.unit.scale, named) != (unit.scale, unit.name):
            where = (
                f"the cells of {statement.heading!r} state"
                if statement.cells
                else f"the heading {statement.heading!r} states"
            )
            stated = (
                str(statement.unit)
                if statement.unit.measure == "money"
                else f"{statement.unit} ({statement.unit.scale:,})"
            )
            raise UnitContradicted(
                f"the unit of {column} is given as {unit}, but {where} {stated}",
                remedy=f"leave the unit of {column} out, or correct the file",
            )


def _in_other_words(table: str, given: Mapping[str, Unit], from_file: Mapping[str, Stated]) -> list[Entry]:
    """Warn about columns for which the user gives a currency that the words of the file (pesos, $) cannot mean."""
    by_units: dict[tuple[str, str], list[str]] = {}
    for column, unit in given.items():
        said = from_file.get(column)
        if said and said.unit.measure == "unclear" and unit.measure == "money" and not may_be_in(said.unit, unit.name):
            by_units.setdefault((str(unit), str(said.unit)), []).append(column)
    return [
        Entry(
            "read",
            table,
            "warning",
            say("money.other-words", columns=listed(columns, "comma"), unit=unit, said=said),
            0,
        )
        for (unit, said), columns in by_units.items()
    ]


def _all_scaled(
    table: str, known: Mapping[str, Unit], from_file: Mapping[str, Stated], names: list[str]
) -> list[Entry]:
    """Refuse accounts if the file states thousands for some and no unit for others: ratios of the two would be wrong.

    A warning is given instead if no scale comes from the file and the user gives one for some accounts only.
    """
    if table not in ("firms", "registry"):
        return []
    there = [c for c in money_columns(table) if c in names]
    silent = [c for c in there if c not in known or known[c].scale == 0]
    scaled = [c for c in there if c in known and known[c].scale > 1]
    if not scaled or not silent:
        return []
    stated = next((c for c in scaled if c in from_file), None)
    if stated is None:
        warning = say(
            "money.others-unscaled", column=scaled[0], unit=str(known[scaled[0]]), others=listed(silent, "comma")
        )
        return [Entry("read", table, "warning", warning, 0)]
    same = {c: str(known[stated]) for c in silent}
    raise UnitContradicted(
        f"{stated} is in {known[stated]}, but the file does not state the unit of {', '.join(silent)}: "
        "ratios of the two would be wrong by that factor",
        remedy=f"declare it: {units_told(same)}, or the actual unit",
    )


def unit_word(unit: Unit) -> str:
    """Return a unit as it is written in a sentence: ``thousand CNY``."""
    scale = IN_WORDS.get(unit.scale)
    return say(f"money.{scale}", name=unit.name) if scale and unit.name else str(unit)


def _scaled_notes(table: str, scaled: Mapping[str, Unit], stated: Collection[str]) -> list[Entry]:
    """Name, for the account, the columns that were multiplied: one note per unit, with the factor and who states it."""
    by_unit: dict[tuple[str, Unit], list[str]] = {}
    for column, unit in scaled.items():
        key = "money.scaled-by-heading" if column in stated else "money.scaled"
        by_unit.setdefault((key, unit), []).append(column_word(column))
    return [
        Entry("read", table, "note", say(key, column=listed(columns, "comma"), **_factor(unit)), 0)
        for (key, unit), columns in by_unit.items()
    ]


def _factor(unit: Unit) -> dict[str, str]:
    single, times = unit.name or say("money.single-units"), f"{unit.scale:,}"
    return {"unit": unit_word(unit), "single": single, "times": times}


def _unit_notes(table: str, column: str, unit: Unit, stated: Stated | None) -> list[Entry]:
    """Describe a unit that changes no value for the account, and whether the heading or the cells state it."""
    if unit.scale > 1:
        return []
    if stated is not None and stated.silent:
        warning = say("money.told-by-some", column=column, unit=str(unit), heading=stated.heading, silent=stated.silent)
        return [Entry("read", table, "warning", warning, 0)]
    currency_only = stated is not None and unit.scale == 1 and unit.measure == "money"
    key = "money.told-by-cells" if stated is not None and stated.cells else "money.told-by-heading"
    return [Entry("read", table, "note", say(key, column=column, unit=str(unit)), 0)] if currency_only else []


def _converted(
    frame: Frame,
    table: str,
    names: list[str],
    money: Mapping[str, str],
    given: Mapping[str, Unit],
    currency: str | None,
    rates: Rates | None,
    notes: list[Entry],
) -> tuple[Frame, list[Entry]]:
    """Convert the columns of money to the requested currency; refuse several currencies if none is requested.

    ``money``: the currency of each column whose unit states one. The column ``currency`` may state the currency by row
    instead.
    """
    money_of_table = [c for c in names if c in money or c in money_columns(table)]
    by_row: list[str] = []
    if CURRENCY in names and money_of_table:
        cells = collect(frame.select(nw.col(CURRENCY).cast(nw.String)).unique())[CURRENCY].drop_nulls().to_list()
        by_row = sorted({str(cell).strip().upper() for cell in cells})
    against = sorted({name for name in money.values() if by_row and by_row != [name]})
    if against:
        raise MixedCurrencies(
            f"the units of {table} are in {', '.join(against)}, but its column {CURRENCY} states "
            f"{', '.join(by_row[:8])}",
            where=", ".join(f"{c} in {name}" for c, name in money.items()),
            remedy='leave the currency out of the units ("thousand"), or correct the column',
        )
    if currency is None:
        compared = {c: name for c, name in money.items() if c in given or c in money_columns(table)}
        several = by_row if len(by_row) > 1 else sorted(set(compared.values()))
        if len(several) > 1:
            where = CURRENCY if len(by_row) > 1 else ", ".join(f"{c} in {name}" for c, name in compared.items())
            raise MixedCurrencies(
                f"the money of {table} is in several currencies: {', '.join(several[:8])}",
                where=where,
                remedy=f"give {option('currency', 'USD')} and {option('rates', 'rates.csv')}, a table with "
                "currency, year and per_usd",
            )
        return frame, notes
    if rates is None:
        remedy = f"{option('rates', 'rates.csv')}, a table with currency, year and per_usd (or in_usd)"
        raise UsageError(f"money in {currency} needs rates", remedy=remedy)
    lacking = [] if by_row else [c for c in money_of_table if c not in (*money, *MAY_BE_POINTS)]
    if lacking or not (by_row or money):
        known = {c: str(unit) for c, unit in given.items()}
        known |= dict.fromkeys(lacking or [*money_columns(table), "assets"][:1], "thousand MYR")
        raise UsageError(
            f"the currency of {', '.join(lacking) or 'the money'} in {table} is not stated",
            remedy=f"declare it, for example: {units_told(known)}, or with a column called {CURRENCY}",
        )
    table_of_rates = _factors(checked_rates(rates.rows, rates.file), currency, rates.file)
    money_of_table = [c for c in money_of_table if by_row or c in money]
    frame, rows = _multiplied(frame, money_of_table, {} if by_row else money, table_of_rates, rates.file)
    if by_row:
        frame = frame.with_columns(nw.lit(currency.upper()).alias(CURRENCY))
    columns = listed(money_of_table, "comma")
    reason = say("money.converted", columns=columns, currency=currency, file=rates.file.name)
    return frame, [*notes, Entry("read", table, "note", reason, rows)]


def checked_rates(rows: pl.DataFrame, path: Path) -> pl.DataFrame:
    """Return a table of rates with the columns currency, year, ``usd`` and ``ppp``.

    ``usd`` and ``ppp`` are units of the currency for one US dollar and for one international dollar.

    Missing values: kept; a missing rate is reported when it is needed. Raises `UsageError` for headings that do not
    show the direction of the rates, and `NotANumber`. Raises `RatesContradicted` for rates of zero or less, for rates
    in both directions or in the wrong direction, and for a US dollar whose rate is not one.
    """
    lower = rows.rename({c: c.strip().lower() for c in rows.columns})
    ways = [w for w in DIRECTIONS if w in lower.columns]
    if not {"currency", "year"} <= set(lower.columns) or not ways:
        raise UsageError(
            f"{path.name} is not a table of rates: it has {', '.join(rows.columns)}",
            remedy="currency, year, and per_usd (units for one US dollar), in_usd (dollars for one unit) or per_ppp",
        )
    if {"per_usd", "in_usd"} <= set(ways):
        raise RatesContradicted(
            f"{path.name} has rates in both directions, per_usd and in_usd", where=str(path), remedy="keep one"
        )
    currency = pl.col("currency").cast(pl.String).str.strip_chars().str.to_uppercase()
    numbers = [_numbers(lower, "year", path).cast(pl.Int64), *(_numbers(lower, way, path) for way in ways)]
    plain = lower.select(currency).with_columns(numbers)
    for way in ways:
        if (wrong := plain.filter(pl.col(way) <= 0)).height:
            row = wrong.row(0, named=True)
            raise RatesContradicted(
                f"a rate of {path.name} is not positive",
                where=str(path),
                example=f"{row['currency']} {row['year']}: {row[way]:g}",
                remedy="correct the row, or delete it",
            )
    per = {"ppp" if w == "per_ppp" else "usd": 1 / pl.col(w) if w == "in_usd" else pl.col(w) for w in ways}
    usd_and_ppp = plain.select("currency", "year", **per)
    if "usd" in per:
        _check_direction(usd_and_ppp, path, "in_usd" if "in_usd" in ways else "per_usd")
    _check_years(usd_and_ppp, path)
    return usd_and_ppp


def _numbers(rows: pl.DataFrame, column: str, path: Path) -> pl.Series:
    """Read a column of rates as numbers. Raises `NotANumber`."""
    numbers = rows[column].cast(pl.Float64, strict=False)
    wrong = rows[column].filter(numbers.is_null() & rows[column].is_not_null())
    if wrong.len():
        raise NotANumber(
            f"{column} of {path.name} has text that is not a number",
            where=str(path),
            example=str(wrong[0]),
            remedy="correct the cells",
        )
    return numbers


def _check_direction(rates: pl.DataFrame, path: Path, heading: str) -> None:
    """Refuse a US dollar whose rate is not one (up to rounding, 1e-9), and currencies whose rates are upside down."""
    start = pl.col("currency").replace_strict(SINCE, default=1990, return_dtype=pl.Int64)
    upside_down = (pl.col("year") >= start) & (pl.col("usd") < 1)
    many = rates.filter(pl.col("currency").is_in(MANY_PER_DOLLAR) & upside_down)
    dollar = rates.filter((pl.col("currency") == "USD") & ((pl.col("usd") - 1).abs() > 1e-9))
    other_heading = "in_usd" if heading == "per_usd" else "per_usd"
    for wrong, why, remedy in (
        (
            many,
            "one US dollar buys more than one unit of this currency",
            f"if the numbers are the other way round, call the column {other_heading}",
        ),
        (dollar, "the rate of USD must be 1", "write 1 in the rows of USD, or delete them"),
    ):
        if wrong.height:
            row = wrong.row(0, named=True)
            raise RatesContradicted(
                f"the column {heading} of {path.name} contradicts its heading: {why}",
                where=str(path),
                example=f"{row['currency']} {row['year']}: {row['usd']:.6g} for one US dollar",
                remedy=remedy,
            )


def _check_years(rates: pl.DataFrame, path: Path) -> None:
    """Refuse rates far from the rates of both adjacent years, or upside down (`STANDS_OUT`, `UPSIDE_DOWN`)."""
    for rate in (c for c in rates.columns if c in ("usd", "ppp")):
        known = rates.drop_nulls(["currency", "year", rate]).unique(["currency", "year"]).sort("currency", "year")
        log, by = pl.col(rate).log(), pl.col("year")
        before, after = (
            pl.when(by.shift(n).over("currency") - by == -n).then(log.shift(n).over("currency")) for n in (1, -1)
        )
        out = pl.min_horizontal((log - before).abs(), (log - after).abs()).gt(STANDS_OUT)
        out &= (log - before).sign() == (log - after).sign()
        turned = ((log + before).abs() < UPSIDE_DOWN[0]) & ((log - before).abs() > UPSIDE_DOWN[1])
        for wrong, why in (
            (out, "is far from those of adjacent years"),
            (turned, "looks like the inverse of the rate of the year before"),
        ):
            rows = known.filter(wrong.fill_null(value=False))
            if rows.height:
                first = rows.row(0, named=True)
                raise RatesContradicted(
                    f"a rate of {path.name} {why}",
                    example=f"{first['currency']} {first['year']}: {first[rate]:.6g}",
                    remedy="correct the row",
                )


def _factors(rates: pl.DataFrame, currency: str, path: Path) -> pl.DataFrame:
    """Return currency, year and factor: the value of one unit of the currency in the requested currency."""
    target = currency.upper()
    column = "ppp" if target == "PPP" else "usd"
    if column not in rates.columns:
        remedy = "a column per_ppp gives PPP, per_usd others"
        raise UsageError(f"{path.name} has no rates for {currency}", remedy=remedy)
    known = rates.select("currency", "year", per=pl.col(column)).drop_nulls()
    doubled = known.filter(pl.struct("currency", "year").is_duplicated())
    if doubled.height:
        example = f"{doubled['currency'][0]} {doubled['year'][0]}"
        what = f"{path.name} has two rates of one currency and year"
        raise RatesContradicted(what, example=example, remedy="keep one row of each")
    if target == "PPP":
        return known.select("currency", "year", factor=1 / pl.col("per"))
    years = pl.DataFrame({"year": range(1900, 2101)}, schema={"year": pl.Int64})
    dollars = years.select(pl.lit("USD").alias("currency"), "year", per=pl.lit(1.0))
    whole = pl.concat([known.filter(pl.col("currency") != "USD"), dollars])
    of_target = whole.filter(pl.col("currency") == target).select("year", own=pl.col("per"))
    of_others = whole.filter(pl.col("currency") != target).join(of_target, on="year")
    same = years.select(pl.lit(target).alias("currency"), "year", factor=pl.lit(1.0))
    return pl.concat([of_others.select("currency", "year", factor=pl.col("own") / pl.col("per")), same])


def _multiplied(
    frame: Frame, columns: list[str], money: Mapping[str, str], factors: pl.DataFrame, path: Path
) -> tuple[Frame, int]:
    """Multiply columns by the factor of their currency and year. Raises `MixedCurrencies` if a rate is missing."""
    engine, order = engine_of(frame), frame.collect_schema().names()
    rows = collect(frame)
    for column in columns:
        code = pl.lit(money[column]) if money else pl.col(CURRENCY).cast(pl.String).str.strip_chars().str.to_uppercase()
        asked = rows.with_columns(_code=code, _year=pl.col("year").cast(pl.Int64))
        joined = asked.join(
            factors, left_on=["_code", "_year"], right_on=["currency", "year"], how="left", maintain_order="left"
        )
        lacking = joined.filter(pl.col("factor").is_null() & pl.col(column).is_not_null())
        if lacking.height:
            pairs = lacking.select("_code", "_year").unique().sort("_code", "_year")
            example = ", ".join(f"{c} {y}" for c, y in pairs.head(5).iter_rows())
            raise MixedCurrencies(
                f"{path.name} has no rate for {pairs.height:,} currencies and years",
                example=example,
                remedy="add their rows, or leave those of the data out with " + option("where"),
            )
        rows = joined.with_columns(pl.col(column) * pl.col("factor")).select(order)
    return on_engine(rows, engine), rows.height
