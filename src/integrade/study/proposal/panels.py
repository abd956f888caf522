"""Recognise a file that is already a panel: find its unit, its year, and the numbers for a regression."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from integrade.sources.meaning.synonyms import headings_of, key_of
from integrade.study.proposal.contents import Contents
from integrade.study.proposal.roles import choose_columns

FEW = 0.02
"""If at most this share of rows repeats a unit and year, the repetitions count as mistakes. A convention."""
LEAST_YEARS = 2.0
"""A file with fewer rows per unit on average is no panel. A convention: a unit must be observed more than once."""
MOST_CODES = 12
"""A column with at most so many distinct whole numbers may be classes instead of a code of units. A convention."""
_OUTCOMES = (
    *("quality", "outcome", "dependent", "y", "calidad", "qualidade", "qualite", "qualitat", "kualitas", "kualiti"),
    *("chatluong", "质量", "出口质量"),
)
TREATMENTS = ("market", "integration")
"""Headings of integrade's own results that are the treatment in a regression."""
_CLASSES = ("industry", "ownership", "postcode", "phone")
"""Columns of codes, which integrade keeps as text."""


class Panel(NamedTuple):
    """A file as a panel: the columns of unit and year, whether the unit is a region, and the other columns.

    ``certain``: whether the heading or known names show the unit. ``numbers`` are the columns that may be in a
    regression, an index of integration first. ``known`` is the column of ``numbers`` whose heading means an outcome, if
    exactly one does. ``region`` is a column of the regions in which the units are.
    """

    unit: str
    place: bool
    certain: bool
    year: str
    units: int
    numbers: tuple[str, ...]
    known: str = ""
    region: str = ""


def panel_of(frame: pl.DataFrame, sample: Sequence[Contents]) -> Panel | None:
    """Return the panel in a sample of a file; None if no column identifies its rows together with the year."""
    chosen = choose_columns("covariates", sample)
    year = chosen.column("year")
    if year is None:
        return None
    headings = [c.heading for c in sample]
    of_accounts = [h.old for role in _CLASSES for h in headings_of("firms", role, headings)]
    codes = {*(h for h in headings if h in _CLASSES), *of_accounts}  # numbers that no regression may use
    for column, place, certain in _candidates(sample, year.heading):
        name = column.heading
        rows = frame.select(name, year.heading).drop_nulls()
        if rows.height < LEAST_YEARS * max(2, column.distinct) or rows.is_duplicated().sum() > FEW * rows.height:
            continue
        apart = {name, year.heading, *codes}
        numbers = [c.heading for c in sample if c.heading not in apart and _is_quantity(c)]
        numbers.sort(key=lambda n: key_of(n) not in TREATMENTS)
        if len(numbers) < 2:
            return None
        known = [
            n
            for n in numbers
            if any(outcome in key_of(n) if len(outcome) > 1 else outcome == key_of(n) for outcome in _OUTCOMES)
        ]
        region = "" if place else _region_of(sample, name)
        outcome = known[0] if len(known) == 1 else ""
        return Panel(name, place, certain, year.heading, column.distinct, tuple(numbers), outcome, region)
    return None


def _candidates(sample: Sequence[Contents], year: str) -> list[tuple[Contents, bool, bool]]:
    """Return the columns that may be the unit: first firms and regions by headings, then countries, then names."""
    there = {c.heading: c for c in sample if c.heading != year and c.distinct > 1}
    columns = [(there[h.old], False, True) for h in headings_of("panel", "firm", list(there))]
    columns += [(there["firm"], False, True)] if "firm" in there else []
    columns += [
        (there[h.old], True, True) for h in headings_of("covariates", "region", list(there)) if _names(there[h.old])
    ]
    columns += [(c, True, True) for c in there.values() if c.heading == "region" or c.province >= 0.8]
    columns += [(c, True, c.country >= 0.8) for c in there.values() if c.country >= 0.5]
    columns += [(c, False, False) for c in there.values() if c.letters > 0.9 or _is_code(c)]
    return columns


def _names(c: Contents) -> bool:
    """Return whether a column has names or codes, not quantities."""
    return c.letters > 0.5 or (c.whole > 0.99 * c.number and c.repeats < 0.5)


def _is_code(c: Contents) -> bool:
    # the shares allow for a few wrong cells; codes repeat over years and are more than classes
    return c.number > 0.9 and c.whole > 0.99 and c.year < 0.9 and c.repeats < 0.5 and c.distinct > MOST_CODES


def _is_quantity(c: Contents) -> bool:
    """Return whether a column has numbers for a regression: no codes of classes, no names."""
    return c.number > 0.9 and c.distinct > 2 and not (c.typed and _is_code(c) and c.words.casefold().endswith("code"))


def _region_of(sample: Sequence[Contents], unit: str) -> str:
    """Return the column of the regions in which the units are; empty if there is none or more than one."""
    others = {c.heading: c for c in sample if c.heading != unit and _names(c)}
    if "region" in others:
        return "region"
    places = [h.old for h in headings_of("covariates", "region", list(others))]
    return places[0] if len(places) == 1 else ""
