"""Join tables that continue on a later page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from plainwords.texts import say
from tablecheck.documents.wording import tidy
from tablecheck.grid import Grid

_CONTINUED = re.compile(
    r"\(?\s*\b(?:continued|cont['’.]?d?)\b\.?\s*\)?|[（(]?续表?[）)]?|[（(]?續表?[）)]?", re.IGNORECASE
)
_NUMBERED = re.compile(r"(?:table|表)\s*([A-Z]?[-.]?\d+(?:[-.]\d+)?|[IVXL]+)", re.IGNORECASE)


class Found(NamedTuple):
    """A table with the pages where it begins and ends."""

    first: int
    last: int
    grid: Grid


def continued(grids: Sequence[Found]) -> list[Found]:
    """Join each table that continues on a later page.

    A part continues a table if its title has the number of the table and a word such as "continued". A part without a
    title continues the last table if it is on the next page and repeats the first row of headings. A part with another
    number of columns remains a table of its own with a doubt.
    """
    joined: list[Found] = []
    for table in grids:
        at = _begun(joined, table)
        if at is None:
            joined.append(table)
        elif joined[at].grid.columns == table.grid.columns:
            joined[at] = Found(joined[at].first, table.last, _together(joined[at].grid, table.grid))
        else:
            doubt = say("published_documents.continued", title=tidy(joined[at].grid.title)[:60])
            joined.append(table._replace(grid=replace(table.grid, doubts=(*table.grid.doubts, doubt))))
    return joined


def _begun(before: Sequence[Found], one: Found) -> int | None:
    """Return which of the earlier tables this one continues; None if it is a new table."""
    number = _NUMBERED.search(one.grid.title)
    if number and _CONTINUED.search(one.grid.title):
        same = [k for k, m in enumerate(before) if (n := _NUMBERED.search(m.grid.title)) and n[1] == number[1]]
        return same[-1] if same else None
    if not before or one.grid.title or one.first != before[-1].last + 1:
        return None
    heads = [[cell.text for cell in row] for grid in (before[-1].grid, one.grid) for row in grid.rows[:1]]
    return len(before) - 1 if len(heads) == 2 and heads[0] == heads[1] else None


def _together(first: Grid, more: Grid) -> Grid:
    """Join two parts of a table; headings that the second part repeats are dropped."""
    texts = [[c.text for c in row] for row in first.rows]
    skip = 0
    while skip < len(more.rows) and [c.text for c in more.rows[skip]] in texts[: skip + 1]:
        skip += 1
    n = len(first.rows)
    return replace(
        first,
        rows=(*first.rows, *more.rows[skip:]),
        notes=(*(x for x in first.notes if not _CONTINUED.search(x)), *(x for x in more.notes if x not in first.notes)),
        ruled=first.ruled | {n + r - skip for r in more.ruled if r > skip},
        doubts=tuple(dict.fromkeys((*first.doubts, *more.doubts))),
    )
