"""Read years that stand alone in a row above the rows of their table: 2015, then all regions, 2016, then all regions.

Yearbooks print the tables of several years one below the other under one row of headings.
"""

from __future__ import annotations

import re
from itertools import pairwise

from integrade.sources.meaning.statistical_words import is_number
from rawcells.cells.grid import Row, text_of

HEADING = "year"
"""Heading of the column that is added."""
LEAST_ROWS = 2
"""A year with fewer rows of numbers below it is no section (a convention)."""
_YEAR = re.compile(r"((?:19|20)\d\d)(?:\.0)?\s*(?:year|year:|р\.?|рік|г\.?|год|年|年度|год\.)?")


def with_years(rows: list[Row]) -> list[Row]:
    """Add a last column with the year of each row, if two or more rows have a year alone; else return the rows.

    The rows of the years become empty, so that addresses of other cells stay the same. A year that is repeated at the
    top of a page continues.
    """
    marks = {i: int(match[1]) for i, row in enumerate(rows) if (match := _year_alone(row))}
    if len(set(marks.values())) < 2:
        return rows
    starts = sorted(marks)
    top = next((i for i in range(starts[0] - 1, -1, -1) if _has_headings(rows[i])), None)
    counts = [sum(_has_numbers(row) for row in rows[a + 1 : b]) for a, b in pairwise([*starts, len(rows)])]
    before = any(_has_numbers(row) for row in rows[(top or 0) + 1 : starts[0]])
    if top is None or before or min(counts) < LEAST_ROWS:
        return rows
    year, result = 0, list[Row]()
    for i, row in enumerate(rows):
        year = marks.get(i, year)
        if i in marks:
            result.append([None] * (len(row) + 1))
        else:
            result.append([*row, HEADING if i == top else year if year and _has_numbers(row) else None])
    return result


def _year_alone(row: Row) -> re.Match[str] | None:
    """Return the match of a row whose only cell, or whose cells all, state one year."""
    texts = {text_of(cell) for cell in row if cell is not None}
    return _YEAR.fullmatch(texts.pop().strip()) if len(texts) == 1 else None


def _has_headings(row: Row) -> bool:
    return len({text_of(cell) for cell in row if cell is not None and not is_number(cell)}) >= 2


def _has_numbers(row: Row) -> bool:
    return sum(is_number(cell) for cell in row) >= 2
