"""Read tables in which names and values alternate, as programs print them above the coefficients of one model."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from tablecheck.digits import Printed, tokens, yes_or_no
from tablecheck.grid import Grid
from tablecheck.layout.parts import Parts
from tablecheck.printed import PublishedTable
from tablecheck.words import kind_of, statistic


def with_pairs(tables: Sequence[PublishedTable]) -> list[PublishedTable]:
    """Add statistics to tables of one model, from the table of names and values before them in the same file."""
    completed = list(tables)
    for n, table in enumerate(completed):
        if len(table.columns) != 1 or table.columns[0].nobs is not None or n == 0:
            continue
        before = completed[n - 1]
        pairs = {} if before.is_understood or before.grid.file != table.grid.file else _pairs(before)
        if "n" in pairs:
            column = replace(table.columns[0], sizes={**pairs, **table.columns[0].sizes})
            completed[n] = replace(table, columns=(column,))
    return completed


def is_pairs(grid: Grid) -> bool:
    """Return whether most rows are names with values: ``No. Observations: | 582``, ``R-squared | = | 0.1063``."""
    first = [row[0].text for row in grid.rows if row[0].text]
    equal = sum(any(cell.text == "=" for cell in row) for row in grid.rows)
    # The share 0.6 is a convention.
    return len(grid.rows) >= 3 and max(sum(map(_is_name, first)), equal) >= 0.6 * max(len(first), 3)


def _is_name(text: str) -> bool:
    return text.rstrip().endswith((":", "："))


def apart(grid: Grid) -> list[Grid]:
    """Split a grid into tables, if blocks of names and values are above or below the coefficients of one model."""
    named = [_is_name(row[0].text) for row in grid.rows]
    kinds = next((i for i, row in enumerate(grid.rows) if sum(bool(kind_of(c.text)) for c in row[1:]) > 2), 0)
    end = next((i for i in range(kinds + 1, len(named)) if named[i]), len(named))
    if kinds < 3 or not all(named[:kinds]) or not all(named[end:]):
        return [grid]
    spans = [(a, b) for a, b in ((0, kinds), (kinds, end), (end, len(named))) if a < b]
    return [
        replace(
            grid,
            name=f"{grid.name}, part {n}",
            rows=grid.rows[a:b],
            ruled=frozenset(r - a for r in grid.ruled if a <= r < b),
            head=max(0, min(grid.head, b) - a),
        )
        for n, (a, b) in enumerate(spans, start=1)
    ]


def pairs_in(parts: Parts, i: int) -> dict[int, str]:
    """Return the names in a row of alternating names and values, by the column of the value; empty for another row."""
    filled = [j for j, cell in enumerate(parts.grid.rows[i]) if cell.text]
    names, values = filled[::2], filled[1::2]
    if len(filled) < 4 or len(filled) % 2 or not any(statistic(parts.text(i, j)) for j in names):
        return {}
    are_names = all(not parts.numbers[i][j] and yes_or_no(parts.text(i, j)) is None for j in names)
    are_values = all(len(parts.numbers[i][j]) == 1 for j in values)
    return {j: parts.text(i, k) for k, j in zip(names, values, strict=True)} if are_names and are_values else {}


_FREEDOM_OF_F = re.compile(r"\bF ?\( ?\d+ ?, ?(\d+) ?\)")
"""Degrees of freedom in the name of an F, as Stata prints them: ``F(  1,     3)``; the second are the residual ones."""


def _pairs(table: PublishedTable) -> dict[str, Printed]:
    """Return the statistics of a table of names and values."""
    statistics: dict[str, Printed] = {}
    for row in table.grid.rows:
        freedom = _FREEDOM_OF_F.search(" ".join(cell.text for cell in row if cell.text))
        if freedom:
            statistics.setdefault("df_of_f", tokens(freedom[1], place=row[0].place)[0].values[0])
        for name, value in pairwise(cell for cell in row if cell.text and cell.text != "="):
            key = statistic(name.text)
            number = tokens(value.text, place=value.place) if key else ()
            if number:
                statistics.setdefault(key, number[0].values[0])
    return statistics
