"""Find units that files state themselves: in headings (``Total assets (RM'000)``) and around numbers (``RM 1,234``).

A unit is used only if its scale and currency are certain. If heading and cells, or two files, disagree, the table is
refused (`UnitContradicted`, `MixedCurrencies`). A currency that is not certain (``$``) is left undecided.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from integrade.errors import IntegradeError, MixedCurrencies, UnitContradicted, units_told
from integrade.records.schema import TABLES
from integrade.sources.meaning.printed_numbers import CODES
from integrade.sources.meaning.recipe import Recipe
from integrade.sources.meaning.synonyms import COLUMNS, holds_money
from integrade.sources.meaning.units import Measure, Unit, split_heading, unit_of, without_accents
from plainwords.account import Entry
from plainwords.texts import Said

ABOVE = "sources.above-headings"
"""Message key of the note on the lines above a table."""
SCALED = ("customs", "firms", "registry", "exporters", "flows", "output", "gdp")
"""Tables whose columns are converted to single units; columns of covariates keep the units of their author."""
_SEVERAL = """
$ USD AUD CAD NZD SGD HKD TWD MXN CLP COP ARS UYU DOP BND BRL
¥ CNY JPY
元 CNY TWD HKD
kr SEK NOK DKK ISK
Rs INR PKR LKR NPR
Fr CHF XOF XAF
R ZAR
lei RON
Bs BOB VES
"""
MAY_BE = {line.split()[0]: frozenset(line.split()[1:]) for line in _SEVERAL.strip().splitlines()}
"""For each symbol that several currencies share, these currencies."""
_NAMES = {"peso": "Peso", "rs": "Rupee", "rupee": "Rupee", "dollar": "Dollar", "franc": "Franc", "pound": "Pound"}
"""For each word that several currencies share (singular), the word that their names in ISO 4217 contain."""
_COUNTED: frozenset[Measure] = frozenset(("money", "unclear", "count"))


class Stated(NamedTuple):
    """Unit, and where it is stated: in a heading, or, with ``cells``, by signs around numbers.

    ``silent``: the name of a file that states no unit, if another file states one.
    """

    unit: Unit
    heading: str
    cells: bool = False
    silent: str = ""


def money_columns(table: str) -> tuple[str, ...]:
    """Return the columns of a table that hold money: columns that it defines, and columns with known headings.

    Example:
        >>> "sales" in money_columns("firms"), money_columns("customs")
        (True, ('value',))
    """
    defined = [c.name for c in TABLES[table].columns if c.unit.startswith("currency")] if table in TABLES else []
    known = [new for new in COLUMNS.get(table, {}) if holds_money(table, new)]
    return tuple(dict.fromkeys([*defined, *known]))


def unit_of_titles(notes: Sequence[Entry]) -> Unit | None:
    """Return the unit that the lines above the headings state; None if they state none or several.

    A line is the unit as a whole (``(in RM'000)``, ``Unit: million VND``), or its last brackets contain the unit:
    ``Balance (miles de pesos)``.
    """
    titles = [e.reason.given["titles"] for e in notes if isinstance(e.reason, Said) and e.reason.key == ABOVE]
    lines = [line.strip() for title in titles for line in str(title).split(";")]
    units = [unit for line in lines if (unit := _unit_of_line(line)) is not None and is_amount(unit, own=False)]
    return units[0] if len(units) == 1 else None


def _unit_of_line(line: str) -> Unit | None:
    """Return the unit that a whole line is, or that its last brackets contain."""
    bracket = re.search(r"[(\[（]([^()\[\]（）]+)[)\]）]$", line)
    return unit_of(line.strip(" ()[]（）")) or (unit_of(bracket[1]) if bracket else None)


def stated_units(
    kept: Mapping[str, str],
    cells: Mapping[str, str],
    table: str,
    title: Unit | None = None,
    labels: Mapping[str, str] | None = None,
) -> dict[str, Stated]:
    """Return the stated unit of each column of a file, by integrade's names.

    ``cells``: for each heading, the currency around the numbers of its column. ``title``: the unit of all columns of
    money that state none themselves. ``labels``: descriptions of columns, used if the heading states no unit. Raises
    `MixedCurrencies` if a heading states one currency and its cells another.
    """
    if table not in SCALED:
        return {}
    kinds, money = {c.name: c.kind for c in TABLES[table].columns}, money_columns(table)
    by_column = {}
    for old, new in kept.items():
        if kinds.get(new, "number") != "number":
            continue
        label = (labels or {}).get(old, "")
        unit_said = split_heading(old)[1] or (split_heading(label)[1] if label else None)
        unit_said = unit_said if unit_said and is_amount(unit_said, own=new in kinds) else None
        unit_said = title if unit_said is None and new in money else unit_said
        unit = unit_with_sign(old, unit_said, cells.get(old, ""))
        if unit is not None:
            by_column[new] = Stated(unit, old, cells=unit_said is None)
    return by_column


def units_of_recipe(recipe: Recipe, headings: Mapping[str, str]) -> dict[str, Stated]:
    """Return the units of money that a recipe of a source states for its columns, by integrade's names.

    ``headings``: integrade's name -> the heading of the file. A column that the recipe converts itself states none.
    """
    found = {}
    for name, rules in recipe.columns.items():
        unit = split_heading(f"{name} ({rules.unit})")[1] if rules.unit and rules.times == 1 else None
        if unit is not None and unit.measure == "money" and name in headings:
            found[name] = Stated(unit, headings[name])
    return found


def may_be_in(unit: Unit, code: str) -> bool:
    """Return whether money whose currency is not certain may be in the currency ``code``.

    The result is also True if the text of the unit has no known word or symbol.

    Example:
        >>> unit = unit_of("miles de pesos")
        >>> may_be_in(unit, "MXN"), may_be_in(unit, "USD"), may_be_in(unit_of("$"), "CAD")
        (True, False, True)
    """
    import pycountry

    signs = [codes for sign, codes in MAY_BE.items() if sign in re.findall(r"[^\W\d_]+|[^\w\s]", unit.text)]
    words = [w if w == "rs" else w.removesuffix("s") for w in re.findall(r"[^\W\d_]+", without_accents(unit.text))]
    names = [_NAMES[word] for word in words if word in _NAMES]
    money = pycountry.currencies.get(alpha_3=code)
    if not (signs or names) or money is None:
        return True
    return any(code in codes for codes in signs) or any(name in money.name for name in names)


def is_amount(unit: Unit, *, own: bool = True) -> bool:
    """Return whether a unit scales values or is money.

    For a column that no table defines, only money and counts are accepted.
    """
    return unit.measure not in ("base", "percent") and (own or unit.measure in _COUNTED)


def unit_with_sign(heading: str, said: Unit | None, sign: str) -> Unit | None:
    """Return the unit that a heading and the sign around its numbers state together. Raises `MixedCurrencies`."""
    if not sign:
        return said
    code = sign if sign in CODES else ""
    if said is None:
        return Unit(sign, "money" if code else "unclear", 1, code)
    if said.measure == "money":
        if said.name != code and said.name not in MAY_BE.get(sign, ()):
            raise MixedCurrencies(
                f"the heading {heading!r} states {said.name}, but its cells state {sign}",
                remedy="correct the heading or the cells in the file",
            )
        return said
    certain = code and said.scale and said.measure in ("unclear", "count")
    return Unit(f"{said.text} {sign}", "money", said.scale, code) if certain else said


def of_all_files(
    files: Sequence[tuple[str, Mapping[str, Stated], Sequence[str]]], declared: Collection[str] = ()
) -> dict[str, Stated]:
    """Return the units of a table that is read from several files; each file is given by name, units and columns.

    ``declared``: columns whose unit the user gives; files that state no unit are then in this unit. Raises
    `MixedCurrencies` for a column in several currencies, and `UnitContradicted` if scales differ or if only some files
    state the scale of a column that is not declared.
    """
    by_column: dict[str, Stated] = {}
    for column in dict.fromkeys(c for _, units, _ in files for c in units):
        here = [(name, units.get(column)) for name, units, columns in files if column in columns]
        first = next((name, statement) for name, statement in here if statement is not None)
        for name, statement in here:
            if statement is None and (first[1].unit.scale == 1 or column in declared):
                continue
            if statement is None:
                raise _silent(files, column, first, name, declared)
            if (statement.unit.scale, statement.unit.name) != (first[1].unit.scale, first[1].unit.name):
                raise _apart(column, first, (name, statement))
        silent = "" if column in declared else next((name for name, statement in here if statement is None), "")
        by_column[column] = first[1]._replace(silent=silent)
    return by_column


def _apart(column: str, one: tuple[str, Stated], other: tuple[str, Stated]) -> IntegradeError:
    what = f"{column} is in different units in the files of one table"
    example = "; ".join(f"{name}: {stated.unit}" for name, stated in (one, other))
    if one[1].unit.name != other[1].unit.name and "money" in {one[1].unit.measure, other[1].unit.measure}:
        return MixedCurrencies(what, example=example, remedy="write one currency in the files")
    return UnitContradicted(what, example=example, remedy="write one unit in the files, in heading and numbers")


def _silent(
    files: Sequence[tuple[str, Mapping[str, Stated], Sequence[str]]],
    column: str,
    stating: tuple[str, Stated],
    silent: str,
    declared: Collection[str],
) -> UnitContradicted:
    """Return the error for a scale that only some files state; its remedy declares the units of all such columns."""
    units = {c: one.unit for _, stated, _ in files for c, one in stated.items() if one.unit.scale > 1}
    partly = {
        c: str(unit)
        for c, unit in units.items()
        if c not in declared and any(c in columns and c not in stated for _, stated, columns in files)
    }
    return UnitContradicted(
        f"{column} is in different units in the files of one table",
        example=f"{stating[0]}: {stating[1].unit}; {silent}: no unit",
        remedy=f"if all files are in the same unit, declare it: {units_told(partly)}; otherwise write one unit in the "
        "files, in heading and numbers",
    )
