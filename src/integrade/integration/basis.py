"""Determine the basis of prices for a measure: the declared basis, or the detected one if none is declared."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal, TypeAlias, cast

import numpy as np

from integrade.engine.frames import Frame, Table, collect, enter, form_of
from integrade.errors import BasisUnknown, option
from integrade.integration.cube import Cube, changes, read_cube
from integrade.sources.basis.detection import detect, sampled
from integrade.sources.basis.settled import STEP, TABLE, refuse, settle
from plainwords.account import Account, Entry
from plainwords.texts import say

Settled: TypeAlias = Literal["link", "fixed", "level", "fixed_or_level", "year_on_year"]
"""The basis on which a measure works: changes, levels, or changes over a year.

fixed_or_level: levels that may have a fixed base or be prices in money.
"""


def read_prices_as(prices: Any, declared: str) -> tuple[Cube, Settled, Account, Frame]:
    """Read prices as a `Cube` of logs of indices over 100, with their basis.

    The basis is link, fixed, level, fixed_or_level or year_on_year. Rates of change r become the indices 100 + r, with
    a line in the account. Raises `BasisUnknown` if nothing is declared and the data do not decide. Raises
    `BasisContradicted` if the data have another basis than the declared one. Also raises the errors of `read_cube`.
    """
    form = form_of(prices)
    asked = form if form and declared == "detect" else declared
    shifted = _with_negative_rates(prices, asked)
    cube, account, frame = read_cube(prices if shifted is None else shifted)
    logs = sampled(cube.values)
    converted = form.startswith("rate") and isinstance(prices, Table) and bool(prices.conformed)
    moved = shifted is not None or converted
    detected = detect(100 * np.exp(logs) - (100 if moved else 0), cube.periods)
    if shifted is not None and asked == "detect" and not detected.basis.startswith("rate"):
        if detected.why.key == "basis.not-positive":
            read_cube(prices)  # its error names a value that is zero or negative
        refuse(detected)
    if len(cube.periods[0]) == 1:  # for yearly data, the same period of last year is the previous period
        asked = {"year_on_year": "link", "rate_year_on_year": "rate"}.get(asked, asked)
    basis, entries = settle(asked, detected, by_user=declared != "detect")
    if basis.startswith("rate"):
        cube = cube if moved else replace(cube, values=np.log1p(np.exp(cube.values)))
        entries += [] if converted else [Entry(STEP, TABLE, "note", say("basis.rates-as-indices"), 0)]
        basis = "year_on_year" if basis == "rate_year_on_year" else "link"
    return cube, cast("Settled", basis), account + entries, frame


def refuse_overlapping(basis: Settled, declared: str) -> None:
    """Raise `BasisUnknown` for indices on the same month of last year, unless the user declared that basis."""
    if basis == "year_on_year" and declared == "detect":
        raise BasisUnknown(
            "the indices are year-on-year, so the file has no month-on-month changes",
            remedy=f"for yearly indices of them: {option('to_year', True)}; or for changes of twelve months, which "
            f"overlap: {option('basis', 'year_on_year')}",
        )


def basis_told(prices: Any, declared: str = "detect", form: str = "difference") -> tuple[Account, tuple[int, ...]]:
    """Return the account of the basis of these prices, and the years that an index from them can have.

    Raises the errors that a measure would raise for these prices.
    """
    cube, basis, account, _ = read_prices_as(prices, declared)
    refuse_overlapping(basis, declared)
    if form != "level_ratio" and basis not in ("link", "year_on_year"):
        cube, _ = changes(cube)
    years = sorted({period[0] for period in cube.periods})
    return Account(tuple(e for e in account if e.step == STEP)), tuple(years)


def _with_negative_rates(prices: Any, asked: str) -> Any:
    """Return the prices with 100 added to every index, if they may be rates and one is zero or negative; else None."""
    if asked not in ("detect", "rate", "rate_year_on_year") or (isinstance(prices, Table) and prices.conformed):
        return None
    frame = enter(prices)
    schema = frame.collect_schema()
    if "index" not in schema or not schema["index"].is_numeric():
        return None
    import narwhals as nw

    least = collect(frame.select(least=nw.col("index").min()))["least"][0]
    if least is None or least > 0:
        return None
    moved = frame.with_columns(index=nw.col("index") + 100)
    return Table("prices", nw.to_native(moved), prices.account) if isinstance(prices, Table) else nw.to_native(moved)
