"""Columns that hold codes of currencies under a heading that tells nothing: found by their cells, never passed over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from functools import cache

import narwhals as nw

from integrade.errors import MixedCurrencies, mapped_as, option, units_told
from integrade.frames import Frame, collect
from integrade.sources.money import CURRENCY
from integrade.sources.stated import Stated, money_columns
from integrade.sources.synonyms import canonical

LOOKED = 1_000
"""Rows whose cells tell whether a column is worth counting whole."""
NEARLY_ALL = 0.98
"""The share of cells that are codes of ISO 4217 in a column of currencies."""


@cache
def currency_codes() -> frozenset[str]:
    """The codes of ISO 4217."""
    import pycountry

    return frozenset(one.alpha_3 for one in pycountry.currencies)


def currencies_among(cells: Mapping[object, int]) -> list[str]:
    """The currencies that cells (each with how often it stands) hold where nearly all are their codes; else none.

    Example:
        >>> currencies_among({"USD": 90, "idr": 10, None: 3}), currencies_among({"USA": 90, "USD": 10})
        (['IDR', 'USD'], [])
    """
    found = Counter[str]()
    for cell, n in cells.items():
        found[str(cell if cell is not None else "").strip().upper()] += n
    del found[""]
    if not found or any(len(code) != 3 for code, n in found.items() if n > (1 - NEARLY_ALL) * found.total()):
        return []
    known = sorted(code for code in found if code in currency_codes())
    return known if sum(found[code] for code in known) >= NEARLY_ALL * found.total() else []


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
                f"{column!r} holds codes of currencies: {', '.join(found[:8])}; in which {', '.join(silent)} of "
                f"{table} is, is not said",
                where=column,
                remedy=f"if each row is in its own, {of_rows}, with {rates}; if all are in one, {one}",
            )
