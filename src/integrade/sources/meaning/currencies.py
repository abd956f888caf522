"""Columns that hold currencies, as codes or in words, under a heading that tells nothing: never passed over."""

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
from integrade.wording.account import Entry
from integrade.wording.texts import listed, say

LOOKED = 1_000
"""Rows whose cells tell whether a column is worth counting whole."""
NEARLY_ALL = 0.98
"""The share of cells that name a currency in a column of currencies."""


@cache
def currency_codes() -> frozenset[str]:
    """The codes of ISO 4217."""
    import pycountry

    return frozenset(one.alpha_3 for one in pycountry.currencies)


MANY = 200
"""Different cells beyond which a column is none of currencies: there are fewer."""
_WORDS = {"real": "BRL", "reals": "BRL", "renminbi": "CNY", "sol": "PEN", "lira": "TRY", "sterling": "GBP"}
"""Names of money that are one currency's in a column of currencies; in headings they mean other things, too."""


@cache
def code_of(cell: str) -> str:
    """The code of the currency that a cell names by its code, its sign or in words; empty where it names none.

    Money that several countries have (``Dollar``, ``Peso``) is called as the cell has it.

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
    """The names of currencies in ISO 4217, but for metals and units of account."""
    import pycountry

    real = (one for one in pycountry.currencies if one.alpha_3[0] != "X" or one.alpha_3 in ("XOF", "XAF", "XPF", "XCD"))
    return {without_accents(one.name): one.alpha_3 for one in real}


def currencies_among(cells: Mapping[object, int]) -> list[str]:
    """The currencies that cells (each with how often it stands) hold where nearly all name one (`code_of`); else none.

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
    found = Counter[str]()
    for cell, n in written.items():
        found[code_of(cell)] += n
    known = sorted(code for code in found if code)
    return known if found and found.total() - found[""] >= NEARLY_ALL * found.total() else []


def in_codes(frame: Frame) -> tuple[Frame, list[Entry]]:
    """The column of currencies with codes where its cells name them in words, which is said; as it is without one."""
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
    """Refuse a column of several currencies that nobody has named, beside money whose currency is not said.

    ``told``: columns that the user named; ``units``: what he said of them, ``stated`` what the file says.
    Raises `MixedCurrencies`.
    """
    schema = frame.collect_schema()
    said = {c for c, unit in stated.items() if unit.unit.measure == "money"} | {*units}
    silent = [c for c in money_columns(table) if c in schema and c not in said]
    if not silent or CURRENCY in schema:
        return
    known = {*canonical(table), *told}
    texts = [n for n, kind in schema.items() if kind == nw.String and n not in known]
    if not texts:
        return
    head = collect(frame.select(*texts).head(LOOKED))
    for column in (n for n in texts if currencies_among(Counter(head[n].to_list()))):
        counted = collect(frame.group_by(column).agg(n=nw.len()))
        found = currencies_among(dict(zip(counted[column].to_list(), counted["n"].to_list(), strict=True)))
        if len(found) > 1:
            one, of_rows = units_told(dict.fromkeys(silent[:1], "USD")), mapped_as(CURRENCY, column)
            rates = f"{option('currency', 'USD')} and {option('rates', 'rates.csv')}"
            raise MixedCurrencies(
                f"{column!r} holds currencies: {', '.join(found[:8])}; in which {', '.join(silent)} of "
                f"{table} is, is not said",
                where=column,
                remedy=f"if each row is in its own, {of_rows}, with {rates}; if all are in one, {one}",
            )
