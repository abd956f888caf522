"""Decide the basis from a declared and a detected one; refuse contradictions and note doubts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal, NoReturn

from integrade.errors import BasisContradicted, BasisUnknown, option
from integrade.sources.basis.detection import Found
from plainwords.account import Entry
from plainwords.texts import Said, say

STEP, TABLE = "basis", "prices"
AGREES: Mapping[str, tuple[str, ...]] = {
    "link": ("link",),
    "fixed": ("fixed", "fixed_or_level", "level"),
    "one_base": ("fixed", "fixed_or_level", "level", "mixed"),
    "level": ("level", "fixed_or_level"),
    "year_on_year": ("year_on_year",),
    "rate": ("rate",),
    "rate_year_on_year": ("rate_year_on_year",),
}
"""For each declared basis, the detected bases that agree with it.

Levels without a base in the file and prices in money look alike.
"""


def settle(declared: str, found: Found, *, by_user: bool = True) -> tuple[str, list[Entry]]:
    """Return the basis to use, given the declared one (or "detect") and the detected one, with notes.

    If the user declares one base although the numbers look like several, a warning says so. If the numbers do not
    confirm a declaration, a user's declaration gives a warning and a file's declaration gives a note.
    """
    if declared == "detect":
        if found.basis in ("unknown", "mixed"):
            refuse(found)
        return found.basis, [_entry("basis.detected", found.basis, found)]
    refuse_contradicted(declared, found, by_user=by_user)
    basis = "fixed" if declared == "one_base" else declared
    if assumed := one_base_assumed(declared, found):
        return basis, assumed
    if untold := not_told(declared, found, by_user=by_user):
        return basis, untold
    return basis, [_entry("basis.declared" if by_user else "basis.read", declared, found)]


def not_told(declared: str, found: Found, *, by_user: bool) -> list[Entry]:
    """Return a warning or note that the numbers do not show their basis; empty if they show it."""
    if found.basis != "unknown":
        return []
    key = "basis.declared-not-told" if by_user else "basis.read-not-told"
    return [_entry(key, declared, found, "warning" if by_user else "note")]


def one_base_assumed(declared: str, found: Found) -> list[Entry]:
    """Return a warning that all periods are assumed to have one base, if the numbers look like several."""
    if declared != "one_base" or found.basis != "mixed":
        return []
    return [_entry("basis.one-base-assumed", declared, found, "warning")]


def refuse_contradicted(declared: str, found: Found, *, by_user: bool = True) -> None:
    """Raise `BasisContradicted` if the numbers show another basis than the user or the file declares."""
    right = found.basis in AGREES[declared] or (declared == "level" and found.basis == "fixed" and found.at is None)
    if not right and found.basis != "unknown":
        raise BasisContradicted(
            f"the prices are declared as {name_of(declared)}{'' if by_user else ' by their file or source'}, but they "
            f"look like {name_of(found.basis)}",
            example=f"{found.why}{_how_sure(found)}",
            remedy=_remedy(found, by_user=by_user),
        )


def refuse(found: Found) -> NoReturn:
    """Raise `BasisUnknown` for numbers that do not show one basis; the error names the options that decide it."""
    problem = BasisUnknown(
        "the data do not identify the basis of the price indices"
        if found.basis == "unknown"
        else "the prices have several bases, so changes between bases are not price changes",
        example=str(found.why),
        remedy=_remedy(found),
    )
    problem.filters = rows_of_one_base(found) if found.basis == "mixed" else ()
    raise problem


def rows_of_one_base(found: Found) -> tuple[str, ...]:
    """Return filters for the years of the newer base and for the years of the older base, if the file has such years.

    Neither filter keeps the year in which the base changes, unless the new base begins with its first month.
    """
    if found.at is None or not found.years:
        return ()
    year, *month = found.at
    later = year + 1 if month and month[0] > 1 else year
    return (
        *((f"year >= {later}",) if later <= found.years[1] else ()),
        *((f"year < {year}",) if found.years[0] < year else ()),
    )


def name_of(basis: str) -> Said:
    """Return a basis in words: ``link (previous period = 100)``."""
    return say(f"basis.is-{basis.replace('_', '-')}")


def _remedy(found: Found, *, by_user: bool = True) -> str:
    choices = " or ".join(option("basis", b) for b in ("link", "fixed", "level"))
    if found.basis == "mixed":
        kept = " or ".join(option("where", rows) for rows in rows_of_one_base(found))
        return (
            f"keep one base: {kept}; or name the column of bases base, so that periods in both bases link "
            f"them; or, if the base never changed and all prices did move like this, {option('basis', 'one_base')}"
        )
    if found.why.key.startswith("basis.part-") or found.why.key.endswith("-return"):
        return f"keep the series and periods of one basis with {option('where')}, or state the basis of all: {choices}"
    if found.basis == "unknown":
        return f"declare it: {choices} or another (the title of the table states what 100 is)"
    wanted = "fixed" if found.basis == "fixed_or_level" else found.basis
    return f"give {option('basis', wanted)}" + (f", or leave {option('basis')} out: it is detected" if by_user else "")


def _entry(key: str, basis: str, found: Found, kind: Literal["note", "warning"] = "note") -> Entry:
    sentence = say(key, basis=name_of(basis), why=found.why, sure=_how_sure(found))
    return Entry(STEP, TABLE, kind, sentence, 0)


def _how_sure(found: Found) -> Said:
    if math.isinf(found.sure):
        return say("basis.seen-exactly")
    return say("basis.errors-from-boundary", sure=f"{found.sure:.1f}")
