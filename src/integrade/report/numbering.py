"""The numbers of tables in a report: consecutive as they stand in it, whatever a study leaves out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from integrade.report.printed import PrintedTable
from integrade.report.rows import place_of

APPENDICES = {"A": "A", "R": "B"}
"""The letter of an appendix by that of a table's place: doubts, and the record of the study."""
OF_THE_PAPER = 4
"""Tables 1 to 4 of a study with a benchmark have these numbers: index, description, correlations, benchmark."""


def numbers_of(places: Sequence[str], *, published: bool = False) -> dict[str, str]:
    """The number of each table by its place, which is its number in a report that has every table.

    The number goes up by one from family to family (``4``, ``4b``, ``4c``), and so do the letters within one. A
    ``published`` study keeps the numbers of the paper in its body.

    Example:
        >>> numbers_of(["1", "1c", "4", "8", "A2", "A6", "A6c", "R1", "R1c", "R2"])["A6c"]
        'A2b'
    """
    found: dict[str, str] = {}
    for series, every in groupby(sorted(places, key=place_of), key=lambda place: place_of(place)[0]):
        own, last = list(every), 0
        if published and not series:
            found |= {place: place for place in own}
            continue
        for family, members in groupby(own, key=lambda place: place_of(place)[1]):
            fixed = not series and "4" in own and family <= OF_THE_PAPER
            last = family if fixed else last + 1
            for i, place in enumerate(members):
                found[place] = f"{APPENDICES.get(series, series)}{last}{chr(ord('a') + i) if i else ''}"
    return found


def numbered(
    own: Iterable[PrintedTable], others: Iterable[PrintedTable], *, published: bool
) -> tuple[PrintedTable, ...]:
    """The tables in their order with their numbers; ``others``, of plugins, keep theirs where they are free."""
    tables = sorted(own, key=lambda t: place_of(t.number))
    numbers = numbers_of([t.number for t in tables], published=published)
    taken = set(numbers.values())
    made = [replace(t, number=numbers[t.number], place=t.number) for t in tables]
    for table in sorted(others, key=lambda t: place_of(t.number)):
        number = table.number
        while number in taken:
            number = f"P{number}"
        taken.add(number)
        made.append(replace(table, number=number, place=table.number))
    return tuple(made)


def by_place(tables: Iterable[PrintedTable]) -> dict[str, str]:
    """The numbers of tables by their places, for sentences that name them (`judge.naming.number_of_table`)."""
    return {t.place: t.number for t in tables if t.place}
