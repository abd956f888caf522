"""Represent sheets of cells, the common form of Excel, HTML and small text files before they become tables."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias, TypeGuard

from rawcells.cells.lettering import lettered
from rawcells.cells.numbers import EXACT

Cell: TypeAlias = str | float | int | bool | datetime.date | datetime.time | datetime.timedelta | None
Row: TypeAlias = list[Cell]
Range: TypeAlias = tuple[tuple[int, int], tuple[int, int]]
"""First and last cell of a merged range, each as (row, column) counted from 0."""
YEARS = (1800, 2100)
WHOLE = EXACT[1]
"""Bound up to which whole numbers are exact.

Workbooks store doubles, so larger whole numbers have lost their last digits.
"""

FOOTNOTES = (
    "notas?|fuentes?|fontes?|fonti|quellen?|anmerkung(?:en)?|hinweise?|remarques?|observaciones|observações"
    "|catatan|sumber|ghi chú|nguồn|uwagi?|źródło|примечани[ея]|источники?"
)
"""Words that begin a footnote and are followed by a colon, in languages other than English and Chinese."""
FOOTNOTE = re.compile(
    r"^[(\[]?(?:注|附注|备注|说明|资料来源|数据来源|来源|a\)|\*|note|source"
    rf"|(?:{FOOTNOTES})\s*(?:\(?\d+\)?)?\s*[:：])",
    re.IGNORECASE,
)
"""Pattern of the beginning of a footnote.

Words of other languages need a colon, so that a firm whose name begins with such a word is not taken for a footnote.
"""


class Sheet(NamedTuple):
    """Sheet with its name and its rows of equal length; an empty cell is None."""

    name: str
    rows: list[Row]


class Ranged(NamedTuple):
    """Sheet in which only the first cell of each merged range has a value.

    ``hidden``: whether Excel hides the sheet.
    """

    name: str
    rows: list[Row]
    ranges: list[Range]
    hidden: bool = False


RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
"""Translation of digits into raised digits."""
_PRINTED = re.compile(r"[+-]?(?!0\d)\d+(?:[.,\u00a0\u202f' ]\d+)*")
"""Pattern of numbers stored as text."""
_SUPERSCRIPT = re.compile("(?<=[0-9])[¹²³⁰⁴⁵⁶⁷⁸⁹]+")


def of_sheet(name: str) -> str:
    """Return the words that name a sheet before its file; empty for a text file, whose sheet has no name."""
    return f"sheet {name!r} of " if name else ""


def in_sheet(name: str) -> str:
    """Return the words that name a sheet before a cell; empty for a text file, whose sheet has no name."""
    return f"sheet {name!r}, " if name else ""


def address(row: int, column: int) -> str:
    """Return the spreadsheet address of a cell whose row and column count from 0: (0, 27) is AB1."""
    letters = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(65 + letter) + letters
    return f"{letters}{row + 1}"


def text_of(cell: Cell) -> str:
    """Return a cell as trimmed text.

    Full width becomes half width, 1.0 becomes 1, and raised footnote digits are removed.
    """
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < WHOLE:
        return str(int(cell))
    return unicodedata.normalize("NFKC", _SUPERSCRIPT.sub("", str(cell))).strip()


def squared(rows: Iterable[Sequence[Cell]]) -> list[Row]:
    """Make all rows equally long; blank text becomes None.

    Empty rows at the end and empty columns on the right are removed.
    """
    listed = [[None if isinstance(c, str) and not c.strip() else c for c in row] for row in rows]
    width = max((_length(row) for row in listed), default=0)
    while listed and not _length(listed[-1]):
        listed.pop()
    return [row[:width] + [None] * (width - len(row)) for row in listed]


def _length(row: Row) -> int:
    """Return the number of cells up to the last one that is not empty."""
    return next((j for j in range(len(row), 0, -1) if row[j - 1] is not None), 0)


def filled(rows: list[Row], ranges: Iterable[Range], once: Iterable[Range] = ()) -> list[Row]:
    """Fill merged ranges with the value of their first cell; in ranges of ``once`` only the first cell has the value.

    Raises `ValueError` if ranges overlap.
    """
    left_over = sum(map(len, rows))
    for ((top, left), (bottom, right)), repeated in [*((r, True) for r in ranges), *((r, False) for r in once)]:
        if top >= len(rows) or left >= len(rows[top]):
            continue
        left_over -= (min(bottom + 1, len(rows)) - top) * (min(right + 1, len(rows[top])) - left)
        if left_over < 0:
            raise ValueError("its merged ranges overlap")
        for r in range(top, min(bottom + 1, len(rows))):
            for c in range(left, min(right + 1, len(rows[r]))):
                rows[r][c] = rows[top][left] if repeated or (r, c) == (top, left) else None
    return rows


class Merging(NamedTuple):
    """Merged ranges by the meaning of their value: ``labels`` apply to every cell, ``once`` only to the first cell.

    ``codes``: those of ``labels`` whose value is a whole number, or a number as text, and may therefore be an amount.
    """

    labels: list[Range]
    once: list[Range]
    codes: list[Range]


def labels_and_numbers(rows: Sequence[Row], ranges: Iterable[Range]) -> Merging:
    """Separate merged ranges whose value applies to every cell from ranges whose number counts only once.

    Texts and years are labels. A whole number is a label too if it is above several columns, or in a column that is
    mostly merged (codes). Any other number counts once, because repeating it would add it up several times.
    """
    inside = [(a, b) for a, b in ranges if a[0] < len(rows) and a[1] < len(rows[a[0]]) and a != b]
    merged, there = Counter[int](), Counter[int]()
    for (top, left), (bottom, _) in inside:
        merged[left] += min(bottom + 1, len(rows)) - top
    for row in rows:
        there.update(j for j in merged if row[j] is not None)
    merging = Merging([], [], [])
    for (top, left), (bottom, right) in inside:
        most = 2 * merged[left] > there[left] + merged[left]
        cell = rows[top][left]
        kept = _is_label(cell, down=bottom > top, column_is_merged=most)
        (merging.labels if kept else merging.once).append(((top, left), (bottom, right)))
        if kept and (_is_number(cell) or (isinstance(cell, str) and _PRINTED.fullmatch(cell))):
            merging.codes.append(((top, left), (bottom, right)))
    return merging


def _is_number(cell: Cell) -> TypeGuard[int | float]:
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def _is_label(cell: Cell, *, down: bool, column_is_merged: bool) -> bool:
    if not _is_number(cell):
        return True
    if not float(cell).is_integer():
        return False
    if YEARS[0] <= cell <= YEARS[1]:
        return True
    return column_is_merged if down else 0 <= cell <= YEARS[1]


class Head(NamedTuple):
    """Heading of a plain table: column names, the first row below it, and the titles above."""

    names: list[str]
    body: int
    titles: tuple[str, ...] = ()


def table_head(sheet: Sheet) -> Head:
    """Find the heading of a plain table below its titles; it is one row, or two rows if headings are merged.

    A row of titles has few different texts compared with a full row. Of two heading rows, a column takes the lower
    name. If that is not unique, the upper name is put before it. A column without a name takes the name above it, if
    the row above has more than one text.
    """
    top = _heading_row(sheet.rows)
    if top < 0:
        return Head([], 0)
    first, below = sheet.rows[top], sheet.rows[top + 1] if top + 1 < len(sheet.rows) else []
    titles = tuple(text_of(next(c for c in row if c is not None)) for row in sheet.rows[:top] if any(map(_there, row)))
    if not _is_second_head(first, below):
        above = sheet.rows[top - 1] if top and len({text_of(c) for c in sheet.rows[top - 1] if _there(c)}) > 1 else []
        named = [c if _there(c) or j >= len(above) else above[j] for j, c in enumerate(first)]
        return Head(headings(named), top + 1, titles)
    lower = [text_of(b) or text_of(f) for f, b in zip(first, below, strict=True)]
    both = [
        f"{text_of(f)} {low}" if lower.count(low) > 1 and text_of(f) not in ("", low) else low
        for f, low in zip(first, lower, strict=True)
    ]
    return Head(headings([name or None for name in both]), top + 2, titles)


def _heading_row(rows: Sequence[Row]) -> int:
    """Return the first row with at least two different texts and half as many as the fullest row near it; otherwise -1.

    Only the first 30 rows are searched (a convention).
    """
    distinct = [len({text_of(c) for c in row if c is not None}) for row in rows[:30]]
    most = max(distinct, default=0)
    enough = max(min(2, most), (most + 1) // 2)
    return next((i for i, n in enumerate(distinct) if n and n >= enough), -1)


def _there(cell: Cell) -> bool:
    return cell is not None


def _is_second_head(first: Row, below: Row) -> bool:
    """Return whether a row of texts divides the merged cells of the row above it."""
    if not below or any(
        isinstance(c, int | float) or (c is not None and not re.search(r"[^\W\d]", text_of(c))) for c in below
    ):
        return False
    pairs = [(j, j + 1) for j in range(len(first) - 1) if first[j] is not None and first[j] == first[j + 1]]
    return bool(pairs) and all(below[j] is not None and below[j] != below[k] for j, k in pairs)


def heading_at(cell: Cell, position: int) -> str:
    """Return the name of a column from its heading; a blank heading at position 2 gives ``column_3``."""
    return re.sub(r"\s+", " ", lettered(text_of(cell))) or f"column_{position + 1}"


def headings(row: Row) -> list[str]:
    """Return column names from a heading row.

    A blank heading becomes ``column_3``, and a repeated one gets ``.1``, ``.2`` ...
    """
    names: list[str] = []
    taken: dict[str, int] = {}
    for position, cell in enumerate(row):
        name = heading_at(cell, position)
        plain = name
        while name in taken:
            taken[plain] += 1
            name = f"{plain}.{taken[plain]}"
        taken[name] = 0
        names.append(name)
    return names


def alike(names: Sequence[str]) -> list[tuple[str, int, int, str]]:
    """Return headings that were equal before `headings` made them different (``x``, ``x.1``).

    Each entry has the heading, the positions of both columns counted from 1, and the new name of the second column.

    Example:
        >>> alike(["firm", "x", "x.1", "y.1"])
        [('x', 2, 3, 'x.1')]
    """
    at = {name: i for i, name in enumerate(names, 1)}
    pairs = ((re.fullmatch(r"(.+)\.\d+", name), i) for i, name in enumerate(names, 1))
    return [(m[1], at[m[1]], i, m[0]) for m, i in pairs if m and at.get(m[1], i) < i]
