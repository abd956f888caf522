"""Sheets of cells: what Excel, HTML and small text files have in common before a table is made of them."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeGuard

from integrade.records.cells import EXACT
from integrade.sources.cells.lettering import lettered

if TYPE_CHECKING:
    import polars as pl

Cell: TypeAlias = str | float | int | bool | datetime.date | datetime.time | datetime.timedelta | None
Row: TypeAlias = list[Cell]
Range: TypeAlias = tuple[tuple[int, int], tuple[int, int]]
"""The first and the last cell of a merged range: row and column, counted from 0."""
YEARS = (1800, 2100)
WHOLE = EXACT[1]
"""The numbers of a workbook are doubles: whole ones from here on have lost their last digits."""

FOOTNOTES = (
    "notas?|fuentes?|fontes?|fonti|quellen?|anmerkung(?:en)?|hinweise?|remarques?|observaciones|observações"
    "|catatan|sumber|ghi chú|nguồn|uwagi?|źródło|примечани[ея]|источники?"
)
"""Words, in a pattern, with which a footnote begins before its colon, beside those of English and Chinese."""
FOOTNOTE = re.compile(
    r"^[(\[]?(?:注|附注|备注|说明|资料来源|数据来源|来源|a\)|\*|note|source"
    rf"|(?:{FOOTNOTES})\s*(?:\(?\d+\)?)?\s*[:：])",
    re.IGNORECASE,
)
"""How a footnote begins; words of other languages need their colon, so that no firm of such a name is one."""


class Sheet(NamedTuple):
    """One sheet: its name and its rows of equal length; an empty cell is None."""

    name: str
    rows: list[Row]


class Ranged(NamedTuple):
    """A sheet whose merged cells are empty but for the first of each range; ``hidden``: Excel does not show it."""

    name: str
    rows: list[Row]
    ranges: list[Range]
    hidden: bool = False


RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
"""Digits as raised ones."""
_PRINTED = re.compile(r"[+-]?(?!0\d)\d+(?:[.,\u00a0\u202f' ]\d+)*")
"""Numbers as text."""
_SUPERSCRIPT = re.compile("(?<=[0-9])[¹²³⁰⁴⁵⁶⁷⁸⁹]+")


def address(row: int, column: int) -> str:
    """The spreadsheet address of a cell counted from 0: (0, 27) is AB1."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def text_of(cell: Cell) -> str:
    """A cell as text: full width made half, ends trimmed, 1.0 written 1, raised digits of footnotes left out."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < WHOLE:
        return str(int(cell))
    return unicodedata.normalize("NFKC", _SUPERSCRIPT.sub("", str(cell))).strip()


def squared(rows: Iterable[Sequence[Cell]]) -> list[Row]:
    """Rows padded to one length, blank text made None, empty rows at the end and columns on the right left out."""
    listed = [[None if isinstance(c, str) and not c.strip() else c for c in row] for row in rows]
    width = max((_length(row) for row in listed), default=0)
    while listed and not _length(listed[-1]):
        listed.pop()
    return [row[:width] + [None] * (width - len(row)) for row in listed]


def _length(row: Row) -> int:
    """Cells up to the last one that holds something."""
    return next((j for j in range(len(row), 0, -1) if row[j - 1] is not None), 0)


def filled(rows: list[Row], ranges: Iterable[Range], once: Iterable[Range] = ()) -> list[Row]:
    """Merged cells: every cell of a range gets the value of its first; those ``once`` are empty but for the first.

    Raises `ValueError` where ranges overlap.
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
    """Merged ranges by what becomes of their value: ``labels`` stand in every cell, ``once`` in the first alone.

    ``codes``: those of the labels that are whole numbers, or numbers as text, which may be amounts.
    """

    labels: list[Range]
    once: list[Range]
    codes: list[Range]


def labels_and_numbers(rows: Sequence[Row], ranges: Iterable[Range]) -> Merging:
    """Merged ranges whose value stands for every row and column of them, and those of a number that counts once.

    Texts and years are labels, and so is a whole number above several columns, or in a column that is merged for the
    most part (codes). Another number repeated over its range would be added up several times.
    """
    inside = [(a, b) for a, b in ranges if a[0] < len(rows) and a[1] < len(rows[a[0]]) and a != b]
    merged, there = Counter[int](), Counter[int]()
    for (top, left), (bottom, _) in inside:
        merged[left] += min(bottom + 1, len(rows)) - top
    for row in rows:
        there.update(j for j in merged if row[j] is not None)
    found = Merging([], [], [])
    for (top, left), (bottom, right) in inside:
        most = 2 * merged[left] > there[left] + merged[left]
        cell = rows[top][left]
        kept = _is_label(cell, down=bottom > top, column_is_merged=most)
        (found.labels if kept else found.once).append(((top, left), (bottom, right)))
        if kept and (_is_number(cell) or (isinstance(cell, str) and _PRINTED.fullmatch(cell))):
            found.codes.append(((top, left), (bottom, right)))
    return found


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
    """The heading of a plain table: column names, the first row below it, and the titles above."""

    names: list[str]
    body: int
    titles: tuple[str, ...] = ()


def table_head(sheet: Sheet) -> Head:
    """Where the heading of a plain table stands: below its titles, over one row, or over two where heads are merged.

    A title row says one or two things where a full row says many. Of two heading rows a column takes the lower name,
    with the one above where the lower alone is not unique. A column without a name takes the one above it, where the
    row above says more than one thing.
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
    """The first row that says at least two things, and half as many as the fullest of the rows near it; -1 for none."""
    said = [len({text_of(c) for c in row if c is not None}) for row in rows[:30]]
    most = max(said, default=0)
    enough = max(min(2, most), (most + 1) // 2)
    return next((i for i, n in enumerate(said) if n and n >= enough), -1)


def _there(cell: Cell) -> bool:
    return cell is not None


def _is_second_head(first: Row, below: Row) -> bool:
    """Whether a row of texts divides the merged cells of the row above."""
    if not below or any(
        isinstance(c, int | float) or (c is not None and not re.search(r"[^\W\d]", text_of(c))) for c in below
    ):
        return False
    pairs = [(j, j + 1) for j in range(len(first) - 1) if first[j] is not None and first[j] == first[j + 1]]
    return bool(pairs) and all(below[j] is not None and below[j] != below[k] for j, k in pairs)


def heading_at(cell: Cell, position: int) -> str:
    """The name of a column by its heading alone; a blank one is ``column_3`` at position 2."""
    return re.sub(r"\s+", " ", lettered(text_of(cell))) or f"column_{position + 1}"


def headings(row: Row) -> list[str]:
    """Column names from a heading row; a blank one is ``column_3``, a repeated one gets ``.1``, ``.2`` ..."""
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
    """Of headings that `headings` told apart (``x``, ``x.1``): the name, both columns counted from 1, what the second
    is read as.

    Example:
        >>> alike(["firm", "x", "x.1", "y.1"])
        [('x', 2, 3, 'x.1')]
    """
    at = {name: i for i, name in enumerate(names, 1)}
    pairs = ((re.fullmatch(r"(.+)\.\d+", name), i) for i, name in enumerate(names, 1))
    return [(m[1], at[m[1]], i, m[0]) for m, i in pairs if m and at.get(m[1], i) < i]


def frame_of(names: Sequence[str], rows: Iterable[Row]) -> pl.DataFrame:
    """Rows under column names; blank rows, and columns without a name and a cell, left out.

    A column of numbers stays numbers, any other becomes text. Whole numbers are integers where all of a column are
    exact; else the column stays real, which no code may be.
    """
    import polars as pl

    body = [row for row in rows if any(c is not None for c in row)]
    keep = [
        j
        for j, name in enumerate(names)
        if not re.fullmatch(r"column_\d+", name) or any(row[j] is not None for row in body)
    ]
    return pl.DataFrame([_series(names[j], [row[j] for row in body]) for j in keep])


def _series(name: str, cells: list[Cell]) -> pl.Series:
    import polars as pl

    there = [c for c in cells if c is not None]
    if there and all(isinstance(c, int | float) and not isinstance(c, bool) for c in there):
        whole = all(float(c).is_integer() and abs(c) < WHOLE for c in there if isinstance(c, int | float))
        numbers = [float(c) if isinstance(c, int | float) else None for c in cells]
        return pl.Series(name, numbers, dtype=pl.Float64).cast(pl.Int64 if whole else pl.Float64)
    if there and all(isinstance(c, bool) for c in there):
        return pl.Series(name, cells, dtype=pl.Boolean)
    texts = [None if c is None else str(c).strip() if isinstance(c, str) else text_of(c) for c in cells]
    return pl.Series(name, texts, dtype=pl.String)
