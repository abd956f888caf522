"""Map the headings of files to columns, by known headings in many languages and by the user's own mapping."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TypeAlias

from integrade.errors import UnknownColumn, UsageError, did_you_mean, mapped_as, option
from integrade.records.schema import TABLES
from integrade.sources.meaning.units import Measure, Unit, split_heading, without_accents
from plainwords.account import Entry
from plainwords.texts import listed, say
from rawcells import doors

FOLDER = Path(__file__).with_name("vocabulary")
Tiers: TypeAlias = tuple[tuple[str, ...], ...]
"""Groups of headings for one column, the likeliest first.

A later group is used only if no heading of an earlier group is in the file.
"""


@dataclass(frozen=True)
class Heading:
    """Heading of a file that means a column, with the unit that the heading states."""

    old: str
    new: str
    unit: Unit | None = None


def _each(*names: str) -> dict[str, Tiers]:
    """Return columns whose headings are in the vocabulary under the column's own name."""
    return {name: ((name,),) for name in names}


PSEUDO: Mapping[str, tuple[str, ...]] = {"period": ("year",), "quarter": ("period", "month")}
"""Columns that no table has; `dating` converts each to the columns listed."""
_PLACE_AND_TIME: dict[str, Tiers] = {"region": (("region",), ("place",)), **_each("year", "period", "month", "quarter")}
_REGISTERED: dict[str, Tiers] = {
    **_each("postcode", "phone", "contact", "legal_person", "county"),
    "product": (("main_product",),),
}
_ACCOUNTS = _each(
    *("net_fixed_assets", "fixed_assets", "capital_at_cost", "current_assets", "sales", "gross_output", "value_added"),
    *("intermediate_inputs", "employees", "founded_month", "depreciation", "accumulated_depreciation"),
    *("paid_in_capital", "state_capital", "receivables"),
)
_FIRM: Tiers = (("firm", "legal_unit"), ("firm_by_name",))
_CUSTOMS_FIRM: Tiers = (("firm", "customs_firm"), ("firm_by_name",))

COLUMNS: Mapping[str, Mapping[str, Tiers]] = {
    "prices": {**_PLACE_AND_TIME, "commodity": (("good",),), "index": (("price_index",),)},
    "flows": {
        **_each("year", "period", "origin"),
        "destination": (("flow_destination",),),
        "value": (("flow_value",),),
        **_each("distance", "currency"),
    },
    "output": {
        **_PLACE_AND_TIME,
        "industry": (("output_industry",),),
        "value": (("output_value",),),
        **_each("employment", "capital", "plants", "size_squared", "currency"),
    },
    "gdp": {**_PLACE_AND_TIME, **_each("real_gdp"), "price": (("price_level",),), **_each("area")},
    "survey": {**_PLACE_AND_TIME, **_each("respondent"), "item": (("question",),), **_each("score", "weight")},
    "customs": {
        "firm": _CUSTOMS_FIRM,
        **_each("product", "destination", "year", "period", "month", "quarter", "unit", "regime", "flow"),
        "name": (("customs_firm_name",), ("plain_name",), ("firm_by_name",)),
        "value": (("export_value",), ("plain_value",)),
        **_each("quantity", "currency"),
        "region": (("region",),),
    },
    "firms": {
        "firm": _FIRM,
        **_PLACE_AND_TIME,
        **_each("industry", "ownership", "founded", "assets", "liabilities", "net_profit", "inventory"),
        "name": (("firm_name",), ("plain_name",), ("firm_by_name",)),
        **_REGISTERED,
        **_ACCOUNTS,
        **_each("currency"),
    },
    "exporters": {
        "firm": _CUSTOMS_FIRM,
        **_PLACE_AND_TIME,
        "name": (("customs_firm_name",), ("plain_name",), ("firm_by_name",)),
        **_each("postcode", "phone", "contact"),
        "value": (("export_value",),),
        **_each("currency"),
    },
    "registry": {
        "firm": _FIRM,
        **_PLACE_AND_TIME,
        **_each("industry", "founded"),
        "name": (("firm_name",), ("plain_name",), ("firm_by_name",)),
        **_REGISTERED,
    },
    "links": _each("year", "period"),
    "covariates": {**_PLACE_AND_TIME, **_each("industry")},
    "panel": {"firm": _FIRM, **_each("year", "period")},
    "education": {**_PLACE_AND_TIME, **_each(*(f"h{i}" for i in range(1, 10)))},
    "sigma": {"product": (("product", "sigma_product"),), **_each("sigma")},
}
"""For each table and canonical column, the keys of ``vocabulary/*.toml`` that list its other headings."""

MONEY = frozenset(
    [
        *(
            "export_value",
            "plain_value",
            "assets",
            "liabilities",
            "net_profit",
            "inventory",
            "net_fixed_assets",
            "fixed_assets",
        ),
        *("capital_at_cost", "current_assets", "sales", "gross_output", "value_added", "intermediate_inputs"),
        *("depreciation", "accumulated_depreciation", "paid_in_capital", "state_capital", "receivables"),
        *("flow_value", "output_value", "capital", "real_gdp", "price_level"),
    ]
)
"""Keys of the vocabulary whose columns hold money."""
_AMOUNTS: frozenset[Measure] = frozenset(("money", "unclear", "count"))
_UNITS: Mapping[str, frozenset[Measure]] = {
    **dict.fromkeys(MONEY, _AMOUNTS),
    "price_index": frozenset(("money", "unclear", "base", "percent")),
    "quantity": frozenset(("mass", "volume", "length", "area", "count")),
    "employees": frozenset(("count",)),
    "employment": frozenset(("count",)),
    "plants": frozenset(("count",)),
    "distance": frozenset(("length",)),
    "area": frozenset(("area",)),
    **dict.fromkeys((f"h{i}" for i in range(1, 10)), frozenset(("percent",))),
}
"""For each key of the vocabulary, the measures that a unit in its headings may have; other keys have no unit."""


@cache
def vocabulary() -> Mapping[str, tuple[str, ...]]:
    """Return the headings of all languages, by key, as written in ``vocabulary/*.toml``."""
    by_key: dict[str, dict[str, None]] = {}
    for path in sorted(FOLDER.glob("*.toml")):
        for key, words in tomllib.loads(doors.read_text(path)).items():
            by_key.setdefault(key, {}).update(dict.fromkeys(words))
    return {key: tuple(words) for key, words in by_key.items()}


def synonyms(table: str) -> Mapping[str, tuple[str, ...]]:
    """Return the known headings of each canonical column of a table, besides its own name."""
    words = vocabulary()
    return {
        new: tuple(word for tier in tiers for key in tier for word in words.get(key, ()))
        for new, tiers in COLUMNS.get(table, {}).items()
    }


def parse_column_flags(flags: Iterable[str]) -> dict[str, str]:
    """Parse ``["region=省份", ...]`` into ``{"省份": "region", ...}``.

    Raises `UsageError` for a flag that does not have the form NEW=OLD.

    Example:
        >>> parse_column_flags(["region=省份", "index=CPI=100"])
        {'省份': 'region', 'CPI=100': 'index'}
    """
    mapping: dict[str, str] = {}
    for flag in flags:
        new, equals, old = (part.strip() for part in flag.partition("="))
        if not (new and equals and old):
            raise UsageError(f"--column {flag}: expected NEW=OLD", remedy="for example --column region=省份")
        if old in mapping or new in mapping.values():
            raise UsageError(f"--column {flag}: {old!r} or {new!r} is named twice", remedy="map a column once")
        mapping[old] = new
    return mapping


def rename(columns: Sequence[str], mapping: Mapping[str, str], table: str) -> tuple[dict[str, str], list[Entry]]:
    """Return ``{old: new}`` for all columns of a file that are kept, in the file's order; also return notes.

    The user's mapping comes first, and replaces a column that already has the new name. Then comes an exact canonical
    name. Then comes a known heading of any language (``vocabulary/*.toml``), with or without a unit; a note records it.
    If two known headings mean one column, neither is used, and a note records this. Raises `UnknownColumn`. Raises
    `UsageError` if two columns are mapped to one name.
    """
    for old in mapping:
        if old not in columns:
            raise UnknownColumn(
                f"{option('column')} maps {old!r}, which the file does not have", remedy=did_you_mean(old, columns)
            )
    require_one_each(columns, mapping)
    taken = {**mapping}
    replaced = [c for c in columns if c in mapping.values() and c not in mapping]
    notes = [Entry("read", table, "note", say("sources.column-gives-way", column=repr(c)), 0) for c in replaced]
    free = [c for c in columns if c not in mapping and c not in replaced]
    of_money = {new: Heading(old, new, split_heading(old)[1]) for old, new in mapping.items()}
    for new in COLUMNS.get(table, {}):
        named = {*free, *taken.values()}
        if new in named or named & {*PSEUDO.get(new, ())}:
            continue
        hits = headings_of(table, new, [c for c in free if c not in taken])
        if len(hits) == 1 and holds_money(table, new):
            of_money[new] = hits[0]
        if hits and new == "currency" and _state_currencies(table, named, of_money):
            continue  # this is the currency of invoices
        if len(hits) == 1:
            taken[hits[0].old] = new
            if new in PSEUDO:  # `dating` notes it
                continue
            names_of_column = {"old": repr(hits[0].old), "new": repr(hits[0].new)}
            reason = say("sources.column-read-as", **names_of_column)
            if hits[0].unit is not None:
                reason = say("sources.column-read-as-unit", **names_of_column, unit=str(hits[0].unit))
            notes.append(Entry("read", table, "note", reason, 0))
        elif hits:
            names = listed([repr(h.old) for h in hits])
            reason = say("sources.column-unclear", columns=names, new=repr(new), option=mapped_as(new, hits[0].old))
            notes.append(Entry("read", table, "note", reason, 0))
    return {c: taken.get(c, c) for c in columns if c not in replaced}, notes


def holds_money(table: str, new: str) -> bool:
    """Return whether a column of a table holds money."""
    return bool(MONEY & {key for tier in COLUMNS.get(table, {}).get(new, ()) for key in tier})


def _state_currencies(table: str, named: Collection[str], of_money: Mapping[str, Heading]) -> bool:
    """Return whether the headings of all money columns of a file state their currency."""
    money = {new for new in COLUMNS[table] if holds_money(table, new) and (new in named or new in of_money)}
    states = {new for new in money & of_money.keys() if (unit := of_money[new].unit) and unit.measure == "money"}
    return bool(money) and money == states


def require_one_each(columns: Sequence[str], mapping: Mapping[str, str]) -> None:
    """Refuse two columns of a file that are mapped to one name. Raises `UsageError`."""
    named = dict[str, str]()
    for old in columns:
        new = mapping.get(old)
        if new in named:
            raise UsageError(
                f"{option('column')} maps {named[new]!r} and {old!r} of one file to {new!r}",
                remedy=f"map one of them: {mapped_as(new, named[new])}, or {mapped_as(new, old)}",
            )
        if new is not None:
            named[new] = old


def headings_of(table: str, new: str, columns: Sequence[str]) -> list[Heading]:
    """Return the columns of a file whose headings mean the column ``new``; only the first tier with a match is used.

    The first tier is the name ``new`` itself in another case. A heading that is the exact name of another column is not
    used.
    """
    others = set(COLUMNS[table]) | set(canonical(table))
    free = {c: split_heading(c) for c in columns if c not in others}
    tiers = COLUMNS[table][new]
    admitted = frozenset[Measure]().union(*(_UNITS.get(key, frozenset()) for tier in tiers for key in tier))
    for words in (frozenset([key_of(new)]), *(_keys(tier) for tier in tiers)):
        hits = [Heading(c, new) for c in free if key_of(c) in words]
        hits += [
            Heading(c, new, unit)
            for c, (bare, unit) in free.items()
            if unit and unit.measure in admitted and key_of(bare) in words and key_of(c) not in words
        ]
        if hits:
            return sorted(hits, key=lambda h: columns.index(h.old))
    return []


@lru_cache(1 << 15)
def key_of(heading: str) -> str:
    """Normalise a heading: keep only letters, digits and signs of units, and ignore case, width and accents.

    Example:
        >>> key_of("Mã số thuế"), key_of("HS_Code"), key_of("總資產")
        ('masothue', 'hscode', '總資產')
    """
    return "".join(c for c in without_accents(heading) if c.isalnum() or c in "%$€£¥₹")


@cache
def _keys(tier: tuple[str, ...]) -> frozenset[str]:
    return frozenset(key_of(word) for key in tier for word in vocabulary().get(key, ()))


def aliases_of(kept: Mapping[str, str], table: str) -> dict[str, str]:
    """Return the names that ``--where`` accepts besides a heading: integrade's name and its other known headings."""
    aliases: dict[str, str] = {}
    named = synonyms(table)
    for old, new in kept.items():
        for name in (new, *named.get(new, ())):
            if name not in kept:
                aliases.setdefault(name, old)
    return aliases


def canonical(table: str) -> tuple[str, ...]:
    """Return the columns of a canonical table; empty for a table without a schema."""
    return tuple(c.name for c in TABLES[table].columns) if table in TABLES else ()
