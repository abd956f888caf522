"""Sheets of cells: what Excel, HTML and small text files have in common before a table is made of them."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    import polars as pl

Cell: TypeAlias = str | float | int | bool | datetime.date | datetime.time | datetime.timedelta | None
Row: TypeAlias = list[Cell]


class Sheet(NamedTuple):
    """One sheet: its name and its rows of equal length; an empty cell is None."""

    name: str
    rows: list[Row]


def address(row: int, column: int) -> str:
    """The spreadsheet address of a cell counted from 0: (0, 27) is AB1."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def text_of(cell: Cell) -> str:
    """A cell as text: full width made half, ends trimmed, 1.0 written 1."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return unicodedata.normalize("NFKC", str(cell)).strip()


def squared(rows: Iterable[Sequence[Cell]]) -> list[Row]:
    """Rows padded to one length, blank text made None."""
    listed = [[None if isinstance(c, str) and not c.strip() else c for c in row] for row in rows]
    width = max((len(row) for row in listed), default=0)
    return [row + [None] * (width - len(row)) for row in listed]


def filled(rows: list[Row], ranges: Iterable[tuple[tuple[int, int], tuple[int, int]]]) -> list[Row]:
    """Merged cells: every cell of a range gets the value of its first."""
    for (top, left), (bottom, right) in ranges:
        if top >= len(rows) or left >= len(rows[top]):
            continue
        for r in range(top, min(bottom + 1, len(rows))):
            for c in range(left, min(right + 1, len(rows[r]))):
                rows[r][c] = rows[top][left]
    return rows


def heading_row(sheet: Sheet) -> int:
    """The first row with anything in it; -1 for an empty sheet."""
    return next((r for r, row in enumerate(sheet.rows) if any(c is not None for c in row)), -1)


def headings(row: Row) -> list[str]:
    """Column names from a heading row; a blank one is ``column_3``, a repeated one gets ``.1``, ``.2`` ..."""
    names: list[str] = []
    for position, cell in enumerate(row):
        name = re.sub(r"\s+", " ", text_of(cell)) or f"column_{position + 1}"
        copies = sum(n == name or re.fullmatch(re.escape(name) + r"\.\d+", n) is not None for n in names)
        names.append(f"{name}.{copies}" if copies else name)
    return names


def as_frame(sheet: Sheet) -> pl.DataFrame:
    """A sheet with one heading row as a frame: a column of numbers stays numbers, any other becomes text."""
    import polars as pl

    top = heading_row(sheet)
    if top < 0:
        return pl.DataFrame()
    names = headings(sheet.rows[top])
    body = [row for row in sheet.rows[top + 1 :] if any(c is not None for c in row)]
    keep = [j for j, cell in enumerate(sheet.rows[top]) if cell is not None or any(row[j] is not None for row in body)]
    return pl.DataFrame([_series(names[j], [row[j] for row in body]) for j in keep])


def _series(name: str, cells: list[Cell]) -> pl.Series:
    import polars as pl

    there = [c for c in cells if c is not None]
    if there and all(isinstance(c, int | float) and not isinstance(c, bool) for c in there):
        whole = all(float(c).is_integer() for c in there if isinstance(c, int | float))
        numbers = [float(c) if isinstance(c, int | float) else None for c in cells]
        return pl.Series(name, numbers, dtype=pl.Float64).cast(pl.Int64 if whole else pl.Float64)
    texts = [None if c is None else str(c).strip() if isinstance(c, str) else text_of(c) for c in cells]
    return pl.Series(name, texts, dtype=pl.String)
