"""Tables of names and values side by side, as programs print them over the coefficients of one model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from integrade.published.digits import Printed, tokens
from integrade.published.grid import Grid
from integrade.published.printed import PublishedTable
from integrade.published.words import statistic


def with_pairs(tables: Sequence[PublishedTable]) -> list[PublishedTable]:
    """Tables of one model with the statistics that the table of pairs before it in the same file prints."""
    found = list(tables)
    for n, table in enumerate(found):
        if len(table.columns) != 1 or table.columns[0].nobs is not None or n == 0:
            continue
        before = found[n - 1]
        pairs = {} if before.is_understood or before.grid.file != table.grid.file else _pairs(before)
        if "n" in pairs:
            column = replace(table.columns[0], sizes={**pairs, **table.columns[0].sizes})
            found[n] = replace(table, columns=(column,))
    return found


def is_pairs(grid: Grid) -> bool:
    """Whether most rows of a grid begin with a name and a colon: ``No. Observations: | 582``."""
    first = [row[0].text for row in grid.rows if row[0].text]
    return len(first) >= 3 and sum(t.rstrip().endswith(":") for t in first) >= 0.6 * len(first)


def _pairs(table: PublishedTable) -> dict[str, Printed]:
    found: dict[str, Printed] = {}
    for row in table.grid.rows:
        for name, value in pairwise(row):
            key = statistic(name.text)
            number = tokens(value.text, place=value.place) if key else ()
            if number:
                found.setdefault(key, number[0].values[0])
    return found
