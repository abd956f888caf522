"""Interpret a grid as regressions (in one of several forms), descriptive statistics, correlations or rankings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from tablecheck.digits import is_empty
from tablecheck.grid import Document, Grid
from tablecheck.layout.others import correlations, descriptions, ranking
from tablecheck.layout.pairs import apart, is_pairs, with_pairs
from tablecheck.layout.parts import parts_of
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
        if not whole or not grid.rows or whole[-1].columns != grid.columns:
            whole.append(grid)
            continue
        before, first = whole[-1], grid.rows[0]
        if not re.search(r"continued|cont'd|\bcont\.|续", f"{grid.title} {first[0].text}", re.IGNORECASE):
            whole.append(grid)
            continue
        repeats_heads = [c.text for c in before.rows[0]][1:] == [c.text for c in first][1:]
        rows = grid.rows[max(grid.head, 1) :] if repeats_heads else grid.rows
        whole[-1] = replace(before, rows=(*before.rows, *rows), notes=(*before.notes, *grid.notes))
    return whole


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
    roles: dict[tuple[int, int], str] = {}
    for i, row in enumerate(parts.grid.rows):
        for j, cell in enumerate(row):
            if not is_empty(cell.text):
                roles[i, j] = "heading" if i < parts.head else "label" if j < parts.labels else "not read"
    return replace(read, roles={**roles, **read.roles})
