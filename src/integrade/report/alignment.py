"""Align the numbers of a column at their decimal marks: which cells, and where the mark is in each."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from integrade.report.rows import Grid, minus

ALIGNED = re.compile(r"(\(?)(-?)(\d+)(?:\.(\d+))?(\**\)?)")
"""A number that is aligned: its bracket, sign, digits before and after the mark, stars or bracket."""
WIDTHS = {".": 0.25, "(": 0.333, ")": 0.333, "\u2212": 0.564}
"""Widths of signs in Times New Roman, as shares of the type size; digits and stars are half as wide as that size."""


class Aligned(NamedTuple):
    """A number in two parts, before and from its decimal mark."""

    before: str
    after: str


class Marked(NamedTuple):
    """The numbers of a table that are aligned, by row and column, and the widest parts of each column."""

    cells: tuple[tuple[Aligned | None, ...], ...]
    widest: tuple[Aligned, ...]


def has_mark(text: str) -> bool:
    """Return whether a cell is a number with a decimal mark."""
    match = ALIGNED.fullmatch(text)
    return match is not None and match[4] is not None


def counts_in(table: Grid) -> list[frozenset[int]]:
    """Return, for each row, the columns whose number is centred.

    These are counts in columns whose other numbers have decimal marks.
    """
    every = table.cells()
    columns = frozenset(i for i in range(1, len(table.columns)) if any(has_mark(cells[i]) for cells in every))
    return [frozenset() if any(map(has_mark, cells[1:])) else columns for cells in every]


@lru_cache(maxsize=256)
def marked(table: Grid) -> Marked:
    """Return the numbers of a table that are aligned at their decimal marks."""
    rows = []
    for row, cells, counts in zip(table.rows, table.cells(), counts_in(table), strict=True):
        other = {0, *table.wide_text, *table.verbatim, *counts}
        heading = row.kind in ("panel", "head")
        rows.append(tuple(None if heading or i in other else _parts(text) for i, text in enumerate(cells)))
    columns = list(zip(*rows, strict=True)) or [()] * len(table.columns)
    return Marked(tuple(rows), tuple(_widest([cell for cell in column if cell]) for column in columns))


def _parts(text: str) -> Aligned | None:
    match = ALIGNED.fullmatch(text)
    if match is None:
        return None
    whole = minus(text)
    start = match.end(3) - len(text) or len(whole)  # a minus sign is one letter, as the hyphen is
    return Aligned(whole[:start], whole[start:])


def _widest(cells: list[Aligned]) -> Aligned:
    befores, afters = ([cell[part] for cell in cells] for part in (0, 1))
    return Aligned(max(befores, key=width_of, default=""), max(afters, key=width_of, default=""))


def width_of(text: str) -> float:
    """Return the width of a part of a number, as a multiple of the type size."""
    return sum(WIDTHS.get(sign, 0.5) for sign in text)
