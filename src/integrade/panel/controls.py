"""Compute firm controls from accounts, and human capital of regions from schooling."""

from __future__ import annotations

import math
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal

import narwhals as nw

from integrade.engine.exact import across
from integrade.engine.frames import Data, Frame, collect, engine_of, give_back, keeping_order, on_engine, units_of
from integrade.errors import (
    MissingColumn,
    NotANumber,
    OutOfRange,
    UnitContradicted,
    UnknownName,
    UsageError,
    did_you_mean,
    option,
)
from integrade.records.catalogue import choose, keywords
from integrade.records.needs import Column
from integrade.records.schema import column_word, conform
from integrade.sources.meaning.units import split_heading
from plainwords.account import Entry
from plainwords.texts import listed, say

Fic = Literal["asset_share", "sa_index", "abs_sa", "ln_abs_sa", "none"]
CURRENCY = {"yuan": 1e-6, "1000 yuan": 1e-3, "10000 yuan": 1e-2, "million yuan": 1.0, "million 2004 USD": 1.0}
"""Unit of assets -> its value in millions of the currency."""
CHINESE = tuple(unit for unit in CURRENCY if "yuan" in unit)
FIRST_FOUNDED = 1700
"""A founding year before this one is taken for a code of a missing value, such as 0. A convention."""
RECEIVABLES = "receivables"
"""Numerator of the share ``fic`` unless ``fic_column`` names another."""


@dataclass(frozen=True)
class Controls:
    """Options of `firm_controls`: the controls that it computes.

    Parameters
    ----------
    fic
        Financing constraint: a column as a share of assets, the Hadlock-Pierce index, the absolute value of this index,
        the log of the absolute value, or none.
    fic_column
        Numerator of ``asset_share``. Default: ``receivables`` if the table has it.
    currency_unit
        Unit of assets ("thousand MYR", "million USD", "1000 yuan", "million 2004 USD"). The value of the Hadlock-Pierce
        index depends on it. It is required, unless the accounts were read with a unit (``units``, or their headings).
    yuan_per_usd
        Exchange rate of 2004 that converts yuan to 2004 US dollars for the Hadlock-Pierce index.
    per_usd
        The 2004 exchange rate of another currency: units per US dollar. Needed unless assets are in dollars or yuan.
    deflator
        Price level by year, 2004 = 1, for the Hadlock-Pierce index. Without it assets stay nominal, which is noted.
    roa_lag
        1 takes return on assets from the year before. It is missing for a firm without a row for the year before.
    scale_unit
        Unit of assets in scale: the unit of the accounts, or thousands of the currency, as in the paper. Thousands
        need a known unit: the one read, or ``currency_unit``. Without it scale is the log of assets as they are.
    """

    fic: Fic = "asset_share"
    fic_column: Annotated[str | None, Column(of="firms", numbers=True)] = None
    currency_unit: str | None = None
    yuan_per_usd: float = 8.2768
    per_usd: float | None = None
    deflator: Mapping[Any, float] = field(default_factory=dict)
    roa_lag: Literal[0, 1] = 0
    scale_unit: Literal["accounts", "thousand"] = "accounts"

    def together(self) -> None:
        """Refuse options that compute the Hadlock-Pierce index from assets in an unknown unit; raises `UsageError`."""
        if self.fic in ("sa_index", "abs_sa", "ln_abs_sa") and self.currency_unit is None:
            raise UsageError(
                f"fic={self.fic!r} needs currency_unit: the index is quadratic, so the unit of assets matters",
                remedy=f"give {option('currency_unit', 'million USD')}, or its actual unit: a scale and a code",
            )
        if self.currency_unit is not None:
            millions_of_dollars(self)


@dataclass(frozen=True)
class _Control:
    """A control: its expression, the columns it needs, and the conditions under which it is missing, by reason."""

    name: str
    needs: tuple[str, ...]
    value: nw.Expr
    why: Mapping[str, nw.Expr]


@keywords(Controls)
def firm_controls(firms: Data, options: Controls | None = None, **changes: Any) -> Data:
    """Add controls to firm accounts: scale, age, roa, rdebt, invint and fic.

    Formula: scale = ln(assets); age = ln(year - founded + 1); roa = net_profit / assets; rdebt = liabilities / assets;
        invint = inventory / assets; fic = ``fic_column`` / assets, or the Hadlock-Pierce index (see `sa_index`) of
        ln(million 2004 USD) and year - founded + 1 years, or the absolute value of the index, or ln of the absolute
        value.

    Missing values: a control is missing if an input is missing, assets are not positive, or the firm is founded after
        the year or before 1700, because registers write 0 for an unknown founding year. These rows are counted by
        reason in the account. A control whose columns the table lacks is not computed, and the account notes it. An
        explicitly named ``fic_column`` must exist.

    Units: scale in ln(currency of assets), or ln(1000 currency) with ``scale_unit="thousand"``; age in ln(years); roa,
        rdebt, invint and the share ``fic`` are ratios.

    Returns: the table with the controls added, one row per firm, year.

    Raises: `UsageError` if the Hadlock-Pierce index is requested without ``currency_unit``; `MissingColumn`.

    Reference: Hadlock and Pierce (2010).

    Example:
        >>> firm_controls(firms, fic="sa_index", currency_unit="1000 yuan")  # doctest: +SKIP
    """
    chosen = choose(Controls, options, changes)
    conformed = conform(firms, "firms")
    read = units_of(firms).get("assets", "")
    chosen, known = _in_the_unit_read(chosen, read)
    chosen.together()
    if chosen.fic == "asset_share" and chosen.fic_column is not None:
        present = conformed.frame.collect_schema()
        if chosen.fic_column not in present:
            remedy = did_you_mean(chosen.fic_column, present.names())
            raise MissingColumn(f"fic_column {chosen.fic_column!r} is not in firms", remedy=remedy)
        if not present[chosen.fic_column].is_numeric():
            raise NotANumber(
                f"fic_column {chosen.fic_column!r} of firms contains text",
                remedy="convert it to numbers, or name another column",
            )
    able, notes = list[_Control](), _fic_without_unit(chosen, units_of(firms), conformed.columns)
    factor = thousands(chosen, read)
    if factor is None:
        notes.append(Entry("controls", "firms", "warning", say("panel.scale-without-unit"), 0))
    for control in _controls(chosen, factor or 1.0):
        absent = [n for n in control.needs if n not in conformed.columns]
        if not absent:
            able.append(control)
            continue
        columns = listed(absent, "comma")
        reason = say("panel.control-not-made", control=column_word(control.name), columns=columns)
        notes.append(Entry("controls", "firms", "note", reason, 0))
    replaced = [c.name for c in able if c.name in conformed.columns]
    notes += known
    notes += [Entry("controls", "firms", "note", say("panel.own-column-replaced", column=repr(n)), 0) for n in replaced]
    frame = conformed.frame.with_columns(*[c.value.alias(c.name) for c in able]) if able else conformed.frame
    notes += _count_missing(frame, able) + _sa_note(chosen)
    if chosen.roa_lag and "roa" in frame.collect_schema().names():
        frame, more = _lag_roa(frame)
        notes += more
    account = conformed.account + notes
    return give_back(frame, firms, name="firms", account=account)


def _fic_without_unit(chosen: Controls, units: Mapping[str, str], columns: Container[str]) -> list[Entry]:
    """Return a warning if the numerator of ``fic`` has no known unit but assets have one: the share may be wrong."""
    column = chosen.fic_column or RECEIVABLES
    asked = chosen.fic == "asset_share" and column in columns
    if not asked or column in units or not units.get("assets"):
        return []
    reason = say("panel.fic-without-unit", column=column_word(column), unit=units["assets"])
    return [Entry("controls", "firms", "warning", reason, 0)]


def thousands(options: Controls, read: str) -> float | None:
    """Return the number by which assets are multiplied in scale; None if thousands are wanted and no unit is known.

    ``read`` is the currency of assets that were read with a unit (they are then in whole units of it), or empty.

    Example:
        >>> thousands(Controls(scale_unit="thousand"), "CNY"), thousands(Controls(), "CNY")
        (0.001, 1.0)
    """
    if options.scale_unit == "accounts":
        return 1.0
    if read:
        return 1e-3
    if options.currency_unit is None:
        return None
    million, _, rate = millions_of_dollars(options)
    return round(million * rate * 1e3, 12)  # the rate cancels but for its rounding


def _in_the_unit_read(chosen: Controls, unit: str) -> tuple[Controls, list[Entry]]:
    """Use the unit in which assets were read, if it is known and the index needs a unit.

    Raises `UnitContradicted` for a ``currency_unit`` in another currency.
    """
    if not unit or chosen.fic in ("asset_share", "none"):
        return chosen, []
    if chosen.currency_unit is None:
        return replace(chosen, currency_unit=unit), []
    currency = "CNY" if chosen.currency_unit in CHINESE else millions_of_dollars(chosen)[1]
    if currency != unit:
        raise UnitContradicted(
            f"assets are in {unit} since they were read, but currency_unit is {chosen.currency_unit}",
            remedy="leave currency_unit out",
        )
    reason = say("panel.unit-since-read", unit=unit, given=chosen.currency_unit)
    return replace(chosen, currency_unit=unit), [Entry("controls", "firms", "note", reason, 0)]


def require_unit(options: Controls, assets: str) -> None:
    """Raise the error that `firm_controls` raises on the unit of assets; ``assets`` is the unit read, or empty."""
    _in_the_unit_read(options, assets)[0].together()


def controls_made(options: Controls, columns: Container[str]) -> list[str]:
    """List the controls that `firm_controls` adds to accounts with these columns.

    Example:
        >>> controls_made(Controls(), ["assets", "liabilities"])
        ['scale', 'rdebt']
    """
    return [c.name for c in _controls(options) if all(n in columns for n in c.needs)]


def sa_index(size: nw.Expr, years: nw.Expr) -> nw.Expr:
    """Compute the Hadlock-Pierce index -0.737 Size + 0.043 Size^2 - 0.040 Age.

    ``size`` is ln(assets in million 2004 US dollars), capped at ln(4500); ``years`` is the firm's age, capped at 37.

    Reference: Hadlock and Pierce (2010).
    """
    size = nw.when(size > math.log(4500)).then(math.log(4500)).otherwise(size)
    years = nw.when(years > 37).then(37).otherwise(years)
    return -0.737 * size + 0.043 * size * size - 0.040 * years


def _controls(chosen: Controls, thousand: float = 1.0) -> list[_Control]:
    """Return the controls that the options choose, whether or not the table has their columns.

    ``thousand``: number by which assets are multiplied in scale.
    """
    assets = nw.when(nw.col("assets") > 0).then(nw.col("assets"))
    years = nw.col("year") - nw.col("founded") + 1
    founded = nw.col("founded")
    years = nw.when((years >= 1) & (founded >= FIRST_FOUNDED)).then(years)
    poor: dict[str, nw.Expr] = {say("account.not-positive", column=column_word("assets")): nw.col("assets") <= 0}
    young: dict[str, nw.Expr] = {
        say("sources.founded-later"): founded > nw.col("year"),
        say("panel.founded-implausible", year=str(FIRST_FOUNDED)): founded < FIRST_FOUNDED,
    }
    controls = [
        _Control("scale", ("assets",), (assets * thousand).log() if thousand != 1 else assets.log(), poor),
        _Control("age", ("founded",), years.cast(nw.Float64).log(), young),
    ]
    shares = {"roa": "net_profit", "rdebt": "liabilities", "invint": "inventory"}
    if chosen.fic == "asset_share":
        shares["fic"] = chosen.fic_column or RECEIVABLES
    controls += [_Control(n, (top, "assets"), nw.col(top) / assets, poor) for n, top in shares.items()]
    if chosen.fic in ("sa_index", "abs_sa", "ln_abs_sa"):
        index = sa_index(_size(chosen, assets), years.cast(nw.Float64))
        value = index if chosen.fic == "sa_index" else index.abs()
        if chosen.fic == "ln_abs_sa":
            value = nw.when(value > 0).then(value).log()
        known = [int(year) for year in chosen.deflator]
        priced: dict[str, nw.Expr] = {}
        if known:
            priced = {say("panel.year-without-deflator"): ~nw.col("year").is_in(known)}
        controls.append(_Control("fic", ("assets", "founded"), value, {**poor, **young, **priced}))
    return controls


def _size(chosen: Controls, assets: nw.Expr) -> nw.Expr:
    """Compute ln(assets in million 2004 US dollars)."""
    dollars = assets * millions_of_dollars(chosen)[0]
    if chosen.deflator:
        level = nw.lit(None, dtype=nw.Float64)
        for year, price in sorted((int(y), float(p)) for y, p in chosen.deflator.items()):
            level = nw.when(nw.col("year") == year).then(nw.lit(price)).otherwise(level)
        dollars = dollars / level
    return dollars.log()


def millions_of_dollars(chosen: Controls) -> tuple[float, str, float]:
    """Return the value of one unit of assets in million US dollars of 2004, the currency, and its units per dollar.

    Raises `UsageError` for an unknown unit, and for a currency without an exchange rate.
    """
    unit = chosen.currency_unit or "million 2004 USD"
    if unit == "million 2004 USD":
        return 1.0, "USD", 1.0
    if unit in CURRENCY:
        return CURRENCY[unit] / chosen.yuan_per_usd, "CNY", chosen.yuan_per_usd
    money = split_heading(f"x ({unit})")[1]
    if money is None or money.measure != "money":
        raise UnknownName(
            f"currency_unit={unit!r} is not a known unit of money",
            remedy=f"{did_you_mean(unit, CURRENCY)}, or give {option('currency_unit', 'thousand MYR')}",
        )
    rate = {"USD": 1.0, "CNY": chosen.yuan_per_usd}.get(money.name) if chosen.per_usd is None else chosen.per_usd
    if rate is None or not rate > 0:
        raise UsageError(
            f"the Hadlock-Pierce index requires US dollars of 2004, but assets are in {money.name}",
            remedy=f"give how many {money.name} one US dollar was in 2004: {option('per_usd', ...)}",
        )
    return money.scale / 1e6 / rate, money.name, rate


def _sa_note(chosen: Controls) -> list[Entry]:
    """Return a note on the unit, prices and exchange rate of assets in the Hadlock-Pierce index, if it is computed."""
    if chosen.fic in ("asset_share", "none"):
        return []
    unit, prices = str(chosen.currency_unit), say("panel.deflated" if chosen.deflator else "panel.nominal")
    reason = say("panel.assets-in", unit=unit, prices=prices)
    _, currency, rate = millions_of_dollars(chosen)
    if currency != "USD":
        reason = say("panel.assets-in-at-rate", unit=unit, prices=prices, rate=str(rate), currency=currency)
    return [Entry("controls", "firms", "note", reason, 0)]


def _count_missing(frame: Frame, able: Sequence[_Control]) -> list[Entry]:
    """Return notes on missing values by control and reason; each row counts under its first reason only."""
    counts: dict[str, tuple[str, str, nw.Expr]] = {}
    for c in able:
        taken = nw.lit(False)
        absent: dict[str, nw.Expr] = {
            say("account.missing", column=column_word(n)): nw.col(n).is_null() for n in c.needs
        }
        reasons = absent | dict(c.why)
        for i, (reason, test) in enumerate(reasons.items()):
            counts[f"{c.name}_{i}"] = (c.name, reason, ~taken & test.fill_null(False))
            taken = taken | test.fill_null(False)
    if not counts:
        return []
    totals = collect(frame.select(*[t.cast(nw.Int64).sum().alias(k) for k, (_, _, t) in counts.items()])).row(
        0, named=True
    )
    missing = {k: (column_word(name), totals[k], reason) for k, (name, reason, _) in counts.items() if totals[k]}
    return [
        Entry("controls", "firms", "warning", say("panel.control-missing", control=name, n=n, why=reason), n)
        for name, n, reason in missing.values()
    ]


def _lag_roa(frame: Frame) -> tuple[Frame, list[Entry]]:
    """Replace roa by the roa of the year before.

    Years are joined by number, so that a gap in the years gives a missing value.
    """
    before = frame.select("firm", nw.col("year") + 1, _before=nw.col("roa"))
    lagged = keeping_order(frame, lambda rows: rows.join(before, on=["firm", "year"], how="left"))
    lost = nw.col("_before").is_null() & ~nw.col("roa").is_null()
    count = int(collect(lagged.select(lost.cast(nw.Int64).sum().alias("n")))["n"][0])
    why = say("panel.roa-of-the-year-before", n=count)
    columns = frame.collect_schema().names()
    return lagged.with_columns(roa=nw.col("_before")).select(*columns), [
        Entry("controls", "firms", "warning", why, count)
    ]


VOCATIONAL = ("h5", "h6")
"""Vocational schooling, which many yearbooks count among h4 and h7: these have as many years."""
NEEDED_CLASSES = ("h1", "h2", "h3", "h4", "h7")
"""Classes of schooling that every table has: none, primary, junior and senior secondary, and (junior) college."""
COLLEGE_OR_MORE = 16
"""Years of schooling of h7 if it is "college or more", in a table without h8 and h9: the convention of the literature.
"""
YEARS_OF_SCHOOLING = {"h1": 0, "h2": 6, "h3": 9, "h4": 12, "h5": 12, "h6": 15, "h7": 15, "h8": 16, "h9": 19}
"""Years of schooling for each share of employed persons, from no schooling (h1) to postgraduate (h9); METHODS 4.1."""


@dataclass(frozen=True)
class HumanCapital:
    """Options of `human_capital`: how it is expressed.

    Parameters
    ----------
    log
        The logarithm of years instead of years.
    """

    log: bool = False


def _classes_joined(names: Sequence[str]) -> list[str]:
    """Return a note for each class of schooling that the columns ``names`` lack, on the class that contains it."""
    vocational = [n for n in VOCATIONAL if n not in names]
    notes = list[str]()
    if vocational:
        notes.append(say("panel.schooling-without-vocational", columns=listed(vocational, "comma")))
    if "h8" not in names:
        notes.append(say("panel.schooling-without-degrees", years=str(COLLEGE_OR_MORE)))
    elif "h9" not in names:
        notes.append(say("panel.schooling-without-postgraduates"))
    return notes


FEWEST_PERSONS = 200
"""Sum of a row above which its classes are persons: sums of mistaken shares are near 100 (a convention)."""


def _in_per_cent(rows: Any, names: Sequence[str]) -> tuple[Any, list[str]]:
    """Return the classes in per cent, and a note if they were persons: then every row sums to more than 200."""
    import polars as pl

    total = across(*map(pl.col, names))
    if not rows.height or not rows.select((total > FEWEST_PERSONS).all()).item():
        return rows, []
    shares = rows.with_columns(pl.col(name) / total * 100 for name in names)
    return shares, [say("panel.schooling-in-persons", columns=listed(list(names), "comma"))]


@keywords(HumanCapital)
def human_capital(education: Data, options: HumanCapital | None = None, **changes: Any) -> Data:
    """Compute average years of schooling from shares of employed persons by education.

    Formula: H = (0 h1 + 6 h2 + 9 h3 + 12 h4 + 12 h5 + 15 h6 + 15 h7 + 16 h8 + 19 h9) / 100, or ln H.
    Missing values: a row with a missing share is dropped and counted; with ``log`` also a row with H = 0.
        Without columns h5 or h6 (vocational), these persons are among h4 and h7, which count as many years. Without h9,
        postgraduates are among h8 (16 years). Without h8 and h9, h7 is "college or more" and counts 16 years. Notes
        name the columns.
    Units: shares in per cent, which must sum to 100 +/- 0.5, or persons; years of schooling (or their log). If every
        row sums to more than 200, the columns are persons and are divided by their sum, with a note.
    Returns: region, year, human_capital; one row per region, year.
    Raises: `OutOfRange` with the rows whose shares do not sum to 100; `MissingColumn`.
    Example:
        >>> human_capital(education, log=True)  # doctest: +SKIP
    """
    import polars as pl

    chosen = choose(HumanCapital, options, changes)
    conformed = conform(education, "covariates")
    names = [n for n in YEARS_OF_SCHOOLING if n in conformed.columns]
    lone = ("h8",) if "h9" in names else ()
    absent = [n for n in ("region", *NEEDED_CLASSES, *lone) if n not in conformed.columns]
    if absent:
        remedy = "map the columns to h1 (none) .. h9 (postgraduate); " + did_you_mean(absent[0], conformed.columns)
        raise MissingColumn(f"education lacks {', '.join(absent)}", remedy=remedy)
    rows = collect(conformed.frame.select("region", "year", *names)).sort("region", "year")
    text = [n for n in names if not rows[n].dtype.is_numeric()]
    if text:
        raise NotANumber(f"text in the number column {text[0]!r} of education", remedy="correct the cells")
    whole = rows.with_columns(pl.col(names).cast(pl.Float64).fill_nan(None)).drop_nulls()
    whole, counted_persons = _in_per_cent(whole, names)
    total = across(*map(pl.col, names))
    wrong = whole.filter((total - 100).abs() > 0.5).with_columns(total=total)  # shares are rounded; METHODS 4.1
    if wrong.height:
        sums = [f"{r['region']} {r['year']}: {r['total']:.2f}" for r in wrong.head(10).iter_rows(named=True)]
        unit = " (shares between 0 and 1? give per cent)" if wrong["total"].max() < 2 else ""
        raise OutOfRange(
            f"schooling shares do not sum to 100 in {wrong.height:,} rows{unit}",
            example="; ".join(sums),
            remedy="correct the shares: h1 to h9 of a region and year sum to 100 +/- 0.5",
        )
    counted = YEARS_OF_SCHOOLING | ({} if "h8" in names else {"h7": COLLEGE_OR_MORE})
    years = sum((counted[n] * pl.col(n) for n in names), pl.lit(0.0)) / 100
    result = whole.select("region", "year", human_capital=years)
    if chosen.log:
        result = result.filter(pl.col("human_capital") > 0).with_columns(pl.col("human_capital").log())
    lost = {
        say("panel.schooling-missing"): rows.height - whole.height,
        say("panel.no-log-of-no-schooling"): whole.height - result.height,
    }
    entries = [Entry("human_capital", "education", "dropped", why, n) for why, n in lost.items() if n]
    joined = [*counted_persons, *_classes_joined(names)]
    entries += [Entry("human_capital", "education", "note", why, 0) for why in joined]
    account = conformed.account + entries
    return give_back(
        on_engine(result, engine_of(conformed.frame)),
        education,
        name="human_capital",
        account=account,
        conformed="covariates",
    )
