"""Number the tables of a report consecutively in their order, also if a study leaves tables out.

The place of a table is its number in a report that has every table.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from integrade.report.printed import PrintedTable
from integrade.report.rows import place_of
from integrade.verdicts.places import BENCHMARK

APPENDICES = {"A": "A", "R": "B"}
"""Letter of a table's place -> letter of the appendix: A for doubts, B for the record of the study."""
OF_THE_PAPER = 4
"""Tables 1 to 4 of a study with a benchmark keep these numbers: index, description, correlations, benchmark."""


def numbers_of(places: Sequence[str], *, published: bool = False) -> dict[str, str]:
    """Return place -> number for each table of a report.

    Tables such as ``4``, ``4b``, ``4c`` are a family. The number rises by one from family to family, and the letter by
    one within a family. A ``published`` study keeps the numbers of the paper in its body.

    Example:
        >>> numbers_of(["1", "1c", "4", "8", "A2", "A6", "A6c", "R1", "R1c", "R2"])["A6c"]
        'A2b'
    """
    numbers: dict[str, str] = {}
    for series, every in groupby(sorted(places, key=place_of), key=lambda place: place_of(place)[0]):
        in_series, last = list(every), 0
        if published and not series:
            numbers |= {place: place for place in in_series}
            continue
        for family, members in groupby(in_series, key=lambda place: place_of(place)[1]):
            fixed = not series and BENCHMARK in in_series and family <= OF_THE_PAPER
            last = family if fixed else last + 1
            for i, place in enumerate(members):
                numbers[place] = f"{APPENDICES.get(series, series)}{last}{chr(ord('a') + i) if i else ''}"
    return numbers


def numbered(
    own: Iterable[PrintedTable], others: Iterable[PrintedTable], *, published: bool
) -> tuple[PrintedTable, ...]:
    """Return the tables in order with their numbers.

    ``others`` (tables of plugins) keep their numbers if these are free.
    """
    tables = sorted(own, key=lambda t: place_of(t.number))
    numbers = numbers_of([t.number for t in tables], published=published)
    taken = set(numbers.values())
    in_report = [replace(t, number=numbers[t.number], place=t.number) for t in tables]
    for table in sorted(others, key=lambda t: place_of(t.number)):
        number = table.number
        while number in taken:
            number = f"P{number}"
        taken.add(number)
        in_report.append(replace(table, number=number, place=table.number))
    return tuple(in_report)


def by_place(tables: Iterable[PrintedTable]) -> dict[str, str]:
    """Return place -> number of the tables, for sentences that name tables (`verdicts.naming.number_of_table`)."""
    return {t.place: t.number for t in tables if t.place}
