"""Interpret a grid as regressions (in one of several forms), descriptive statistics, correlations or rankings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from tablecheck.digits import is_empty
from tablecheck.grid import Document, Grid
from tablecheck.layout.others import correlations, descriptions, ranking
from tablecheck.layout.pairs import apart, is_pairs, with_pairs
from tablecheck.layout.parts import Parts, parts_of
from tablecheck.layout.regressions import regressions
from tablecheck.notes import read_notes
from tablecheck.printed import PublishedTable


def read_tables(document: Document) -> list[PublishedTable]:
    """Read the tables of a document in their order, each with `read_table`."""
    return with_pairs([read_table(part) for grid in _whole(document.grids) for part in apart(grid)])


def _whole(grids: Sequence[Grid]) -> list[Grid]:
    """Join a table with the next one if the next one is marked as its continuation."""
    whole: list[Grid] = []
    for grid in grids:
        if whole and _goes_on(whole[-1], grid):
            before = whole[-1]
            head = max(grid.head, 1)
            rows = (*before.rows, *grid.rows[head:]) if _same_heads(before, grid) else (*before.rows, *grid.rows)
            whole[-1] = replace(before, rows=rows, notes=(*before.notes, *grid.notes))
        else:
            whole.append(grid)
    return whole


def _goes_on(before: Grid, grid: Grid) -> bool:
    if before.columns != grid.columns or not grid.rows:
        return False
    return bool(re.search(r"continued|cont'd|\bcont\.|续", f"{grid.title} {grid.rows[0][0].text}", re.IGNORECASE))


def _same_heads(before: Grid, grid: Grid) -> bool:
    return [c.text for c in before.rows[0]][1:] == [c.text for c in grid.rows[0]][1:]


def read_table(grid: Grid) -> PublishedTable:
    """Interpret a grid as the first kind of table whose form it has; also find the role of every cell.

    A grid without a known form is returned without content (`PublishedTable.is_understood` is then false).
    """
    parts = parts_of(grid)
    notes = read_notes([*parts.grid.notes, parts.grid.title])
    empty = PublishedTable(parts.grid, notes, doubts=(*parts.doubts, *notes.doubts))
    read = (
        empty
        if is_pairs(parts.grid)
        else (
            ranking(parts, empty)
            or correlations(parts, empty)
            or descriptions(parts, empty)
            or regressions(parts, empty)
            or empty
        )
    )
    return replace(read, roles={**_plain_roles(parts), **read.roles})


def _plain_roles(parts: Parts) -> dict[tuple[int, int], str]:
    roles: dict[tuple[int, int], str] = {}
    for i, row in enumerate(parts.grid.rows):
        for j, cell in enumerate(row):
            if is_empty(cell.text):
                continue
            roles[i, j] = "heading" if i < parts.head else "label" if j < parts.labels else "not read"
    return roles
