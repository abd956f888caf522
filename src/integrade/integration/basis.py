"""Which basis the prices of a measure have: the declared one, where the data do not contradict it, or the one found."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal, NoReturn, TypeAlias, cast

import numpy as np

from integrade.account import Account, Entry
from integrade.errors import BasisContradicted, BasisUnknown, option
from integrade.frames import Frame, Table, collect, enter, form_of
from integrade.integration.cube import Cube, read_cube
from integrade.sources.basis import Found, detect, sampled
from integrade.texts import Said, say

STEP, TABLE = "basis", "prices"

Settled: TypeAlias = Literal["link", "fixed", "level", "fixed_or_level", "year_on_year"]
"""What a measure works on: changes, levels, or changes of a year. fixed_or_level: levels of which nobody knows more."""

AGREES: Mapping[str, tuple[str, ...]] = {
    "link": ("link",),
    "fixed": ("fixed", "fixed_or_level", "level"),
    "level": ("level", "fixed_or_level"),
    "year_on_year": ("year_on_year",),
    "rate": ("rate",),
    "rate_year_on_year": ("rate_year_on_year",),
}
"""What is found where a declaration is right: levels of a base outside the file and prices in money look alike."""


def read_prices_as(prices: Any, declared: str) -> tuple[Cube, Settled, Account, Frame]:
    """Prices as a `Cube` of logs of indices over 100 and its basis: link, fixed, level, fixed_or_level or year_on_year.

    Rates of change r become the indices 100 + r, with a line in the account. Raises `BasisUnknown` where nothing is
    declared and the data do not tell, `BasisContradicted` where they are of another basis than declared, and what
    `read_cube` raises.
    """
    form = form_of(prices)
    converted = declared.startswith("rate") and form in ("link", "year_on_year")  # where they were read
    asked = form if form and (declared == "detect" or converted) else declared
    shifted = _with_negative_rates(prices, asked)
    cube, account, frame = read_cube(prices if shifted is None else shifted)
    logs = sampled(cube.values)
    found = detect(100 * np.exp(logs) - (0 if shifted is None else 100), cube.periods)
    if shifted is not None and asked == "detect" and not found.basis.startswith("rate"):
        if found.why.key == "basis.not-positive":
            read_cube(prices)  # which says where a value is zero or negative
        refuse(found)
    if len(cube.periods[0]) == 1:  # on the same period of last year is on the previous period
        asked = {"year_on_year": "link", "rate_year_on_year": "rate"}.get(asked, asked)
    basis, said = settle(asked, found, by_user=declared != "detect")
    if basis.startswith("rate"):
        values = cube.values if shifted is not None else np.log1p(np.exp(cube.values))
        cube = replace(cube, values=values)
        said += [Entry(STEP, TABLE, "note", say("basis.rates-as-indices"), 0)]
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


def basis_told(prices: Any, declared: str = "detect") -> Account:
    """What a measure would say of the basis of these prices; raises what it would raise."""
    _, basis, account, _ = read_prices_as(prices, declared)
    refuse_overlapping(basis, declared)
    return Account(tuple(e for e in account if e.step == STEP))


def settle(declared: str, found: Found, *, by_user: bool = True) -> tuple[str, list[Entry]]:
    """The basis that counts, given what the user or the file declares (or detect) and what the numbers tell."""
    if declared == "detect":
        if found.basis in ("unknown", "mixed"):
            refuse(found)
        return found.basis, [_entry("basis.detected", found.basis, found)]
    right = found.basis in AGREES[declared] or (declared == "level" and found.basis == "fixed" and found.at is None)
    if found.basis == "unknown":
        return declared, [_entry("basis.declared-not-told" if by_user else "basis.read-not-told", declared, found)]
    if not right:
        raise BasisContradicted(
            f"the prices are declared {name_of(declared)}{'' if by_user else ' by their file or source'}, and they "
            f"look like {name_of(found.basis)}",
            example=f"{found.why}{_how_sure(found)}",
            remedy=_remedy(found, by_user=by_user),
        )
    return declared, [_entry("basis.declared" if by_user else "basis.read", declared, found)]


def refuse(found: Found) -> NoReturn:
    """Raise `BasisUnknown` for numbers that do not tell their basis, with what would decide."""
    raise BasisUnknown(
        "the prices do not tell what basis their indices have"
        if found.basis == "unknown"
        else "the prices have several bases, so that changes across them are none of prices",
        example=str(found.why),
        remedy=_remedy(found),
    )


def name_of(basis: str) -> Said:
    """``link (previous period = 100)``."""
    return say(f"basis.is-{basis.replace('_', '-')}")


def _remedy(found: Found, *, by_user: bool = True) -> str:
    choices = " or ".join(option("basis", b) for b in ("link", "fixed", "level"))
    if found.basis == "mixed":
        year = found.at[0] if found.at else 0
        later, earlier = (option("where", f"year {sign} {year}") for sign in (">=", "<"))
        return (
            f"keep one base: {later} or {earlier}; or give the column of bases the name base, and the periods that "
            "both bases have join them"
        )
    if found.why.key.startswith("basis.part-") or found.why.key.endswith("-return"):
        return f"keep the series and periods of one basis with {option('where')}, or say what all are: {choices}"
    if found.basis == "unknown":
        return f"say it: {choices} or another (what 100 is stands in the title of the table)"
    wanted = "fixed" if found.basis == "fixed_or_level" else found.basis
    return f"give {option('basis', wanted)}" + (f", or leave {option('basis')} out: it is detected" if by_user else "")


def _entry(key: str, basis: str, found: Found) -> Entry:
    sentence = say(key, basis=name_of(basis), why=found.why, sure=_how_sure(found))
    kind: Literal["note", "warning"] = "warning" if key.endswith("not-told") else "note"
    return Entry(STEP, TABLE, kind, sentence, 0)


def _how_sure(found: Found) -> Said:
    if math.isinf(found.sure):
        return say("basis.seen-exactly")
    return say("basis.errors-from-boundary", sure=f"{found.sure:.1f}")


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
