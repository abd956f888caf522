"""Find columns of currencies (codes or words) by their cells, because their headings may not show what they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from functools import cache

import narwhals as nw

from integrade.engine.frames import Frame, collect
from integrade.errors import MixedCurrencies, mapped_as, option, units_told
from integrade.sources.meaning.money import CURRENCY
from integrade.sources.meaning.stated import Stated, money_columns
from integrade.sources.meaning.synonyms import canonical
from integrade.sources.meaning.units import unit_of, without_accents
from plainwords.account import Entry
from plainwords.texts import listed, say

LOOKED = 1_000
"""Number of rows checked first, to decide whether all cells of a column are counted (a convention)."""
NEARLY_ALL = 0.98
"""In a column of currencies at least this share of cells must name one; the rest may be notes (a convention)."""


@cache
def currency_codes() -> frozenset[str]:
    """Return the codes of ISO 4217."""
    import pycountry

    return frozenset(currency.alpha_3 for currency in pycountry.currencies)


MANY = 200
"""A column with more different cells than this is no column of currencies, because there are fewer currencies."""
_WORDS = {"real": "BRL", "reals": "BRL", "renminbi": "CNY", "sol": "PEN", "lira": "TRY", "sterling": "GBP"}
"""Words that name one currency in a column of currencies; in headings these words may mean something else."""


@cache
def code_of(cell: str) -> str:
    """Return the currency code that a cell names, by code, sign or words; empty if it names none.

    Names of money that several countries have (``Dollar``, ``Peso``) are returned as the cell has them, in capitals.

    Example:
        >>> [code_of(cell) for cell in ("idr", "Rupiah", "US Dollar", "Dólar", "R$", "Peso", "box")]
        ['IDR', 'IDR', 'USD', 'USD', 'BRL', 'PESO', '']
    """
    code, plain = cell.strip().upper(), without_accents(cell.strip())
    if code in currency_codes():
        return code
    if named := _WORDS.get(plain) or _names().get(plain):
        return named
    unit = unit_of(plain) if plain else None
    if unit is None or unit.scale != 1 or unit.measure not in ("money", "unclear"):
        return ""
    return unit.name or code


@cache
def _names() -> dict[str, str]:
    """Return the names of currencies in ISO 4217, except for metals and units of account."""
    import pycountry

    real = (
        currency
        for currency in pycountry.currencies
        if currency.alpha_3[0] != "X" or currency.alpha_3 in ("XOF", "XAF", "XPF", "XCD")
    )
    return {without_accents(currency.name): currency.alpha_3 for currency in real}


def currencies_among(cells: Mapping[object, int]) -> list[str]:
    """Return the currencies among cells (with their counts) if nearly all cells name one (`code_of`); else none.

    Example:
        >>> currencies_among({"USD": 90, "Rupiah": 10, None: 3}), currencies_among({"USA": 90, "USD": 10})
        (['IDR', 'USD'], [])
    """
    if len(cells) > MANY:
        return []
    written = Counter[str]()
    for cell, n in cells.items():
        written[str(cell if cell is not None else "").strip()] += n
    del written[""]
    counts = Counter[str]()
    for cell, n in written.items():
        counts[code_of(cell)] += n
    known = sorted(code for code in counts if code)
    return known if counts and counts.total() - counts[""] >= NEARLY_ALL * counts.total() else []


def in_codes(frame: Frame) -> tuple[Frame, list[Entry]]:
    """Replace words by codes in the column ``currency``, with a note; a table without it stays unchanged."""
    if frame.collect_schema().get(CURRENCY) != nw.String:
        return frame, []
    cells = collect(frame.select(CURRENCY).unique())[CURRENCY].drop_nulls().to_list()
    words = {cell: code for cell in sorted(cells) if (code := code_of(cell)) in currency_codes()}
    words = {cell: code for cell, code in words.items() if cell.strip().upper() != code}
    if not words:
        return frame, []
    column = nw.col(CURRENCY)
    for cell, code in words.items():
        column = nw.when(nw.col(CURRENCY) == cell).then(nw.lit(code)).otherwise(column)
    shown = listed([f"{cell} = {code}" for cell, code in list(words.items())[:5]], "semicolon")
    return frame.with_columns(column.alias(CURRENCY)), [
        Entry("read", CURRENCY, "note", say("money.words-as-codes", n=len(words), words=shown), 0)
    ]


def require_told_currencies(
    frame: Frame, table: str, told: Collection[str], units: Mapping[str, str], stated: Mapping[str, Stated]
) -> None:
    """Refuse a column of several currencies that the user has not named, if it is next to money of unknown currency.

    ``told``: the columns that the user named. ``units``: the units that the user gives. ``stated``: the units that the
    file states. Raises `MixedCurrencies`.
    """
    schema = frame.collect_schema()
    known_money = {c for c, unit in stated.items() if unit.unit.measure == "money"} | {*units}
    silent = [c for c in money_columns(table) if c in schema and c not in known_money]
    if not silent or CURRENCY in schema:
        return
    known = {*canonical(table), *told}
    texts = [n for n, kind in schema.items() if kind == nw.String and n not in known]
    if not texts:
        return
    head = collect(frame.select(*texts).head(LOOKED))
    for column in (n for n in texts if currencies_among(Counter(head[n].to_list()))):
        counted = collect(frame.group_by(column).agg(n=nw.len()))
        currencies = currencies_among(dict(zip(counted[column].to_list(), counted["n"].to_list(), strict=True)))
        if len(currencies) > 1:
            one, of_rows = units_told(dict.fromkeys(silent[:1], "USD")), mapped_as(CURRENCY, column)
            rates = f"{option('currency', 'USD')} and {option('rates', 'rates.csv')}"
            raise MixedCurrencies(
                f"{column!r} contains currencies ({', '.join(currencies[:8])}), but the currency of "
                f"{', '.join(silent)} in "
                f"{table} is not stated",
                where=column,
                remedy=f"if each row has its own currency: {of_rows}, with {rates}; if all have the same: {one}",
            )
