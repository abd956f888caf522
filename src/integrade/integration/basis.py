"""Which basis the prices of a measure have: the declared one, where the data do not contradict it, or the one found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal, TypeAlias, cast

import numpy as np

from integrade.engine.frames import Frame, Table, collect, enter, form_of
from integrade.errors import BasisUnknown, option
from integrade.integration.cube import Cube, changes, read_cube
from integrade.sources.basis.detection import detect, sampled
from integrade.sources.basis.settled import STEP, TABLE, refuse, settle
from integrade.wording.account import Account, Entry
from integrade.wording.texts import say

Settled: TypeAlias = Literal["link", "fixed", "level", "fixed_or_level", "year_on_year"]
"""What a measure works on: changes, levels, or changes of a year. fixed_or_level: levels of which nobody knows more."""


def read_prices_as(prices: Any, declared: str) -> tuple[Cube, Settled, Account, Frame]:
    """Prices as a `Cube` of logs of indices over 100 and its basis: link, fixed, level, fixed_or_level or year_on_year.

    Rates of change r become the indices 100 + r, with a line in the account. Raises `BasisUnknown` where nothing is
    declared and the data do not tell, `BasisContradicted` where they are of another basis than declared, and what
    `read_cube` raises.
    """
    form = form_of(prices)
    asked = form if form and declared == "detect" else declared
    shifted = _with_negative_rates(prices, asked)
    cube, account, frame = read_cube(prices if shifted is None else shifted)
    logs = sampled(cube.values)
    converted = form.startswith("rate") and isinstance(prices, Table) and bool(prices.conformed)
    moved = shifted is not None or converted
    found = detect(100 * np.exp(logs) - (100 if moved else 0), cube.periods)
    if shifted is not None and asked == "detect" and not found.basis.startswith("rate"):
        if found.why.key == "basis.not-positive":
            read_cube(prices)  # which says where a value is zero or negative
        refuse(found)
    if len(cube.periods[0]) == 1:  # on the same period of last year is on the previous period
        asked = {"year_on_year": "link", "rate_year_on_year": "rate"}.get(asked, asked)
    basis, said = settle(asked, found, by_user=declared != "detect")
    if basis.startswith("rate"):
        cube = cube if moved else replace(cube, values=np.log1p(np.exp(cube.values)))
        said += [] if converted else [Entry(STEP, TABLE, "note", say("basis.rates-as-indices"), 0)]
        basis = "year_on_year" if basis == "rate_year_on_year" else "link"
    return cube, cast("Settled", basis), account + said, frame


def refuse_overlapping(basis: Settled, declared: str) -> None:
    """Raise `BasisUnknown` for indices on the same month of last year that nobody declared to be measured as such."""
    if basis == "year_on_year" and declared == "detect":
        raise BasisUnknown(
            "each index compares with the same month of last year, so changes of single months are not in the file",
            remedy=f"for yearly indices of them: {option('to_year', True)}; or for changes of twelve months, which "
            f"overlap: {option('basis', 'year_on_year')}",
        )


def basis_told(prices: Any, declared: str = "detect", form: str = "difference") -> tuple[Account, tuple[int, ...]]:
    """What a measure would say of the basis of these prices, and the years that its index can have.

    Raises what it would raise.
    """
    cube, basis, account, _ = read_prices_as(prices, declared)
    refuse_overlapping(basis, declared)
    if form != "level_ratio" and basis not in ("link", "year_on_year"):
        cube, _ = changes(cube)
    years = sorted({period[0] for period in cube.periods})
    return Account(tuple(e for e in account if e.step == STEP)), tuple(years)


def _with_negative_rates(prices: Any, asked: str) -> Any:
    """The frame with 100 added to every index, where some are zero or negative and may be rates; None otherwise."""
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
