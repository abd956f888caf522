"""Turn the cells of a document into a `Grid`: expand spans, separate stacked numbers, find titles and notes."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from rawcells.bytes.bounds import beyond
from tablecheck.documents.wording import is_caption, is_chinese, is_note, is_number, plain, tidy
from tablecheck.grid import EMPTY, RAISED, Grid, GridCell

MOST_CELLS = 400_000
"""Largest number of cells of a printed table; tables on pages have about a thousandth of it."""
LONGEST_LABEL = 60
"""A longer text that is alone in the last row is a note and not the name of a panel."""


class Part(NamedTuple):
    """A piece of the text of a cell, and whether it is raised; a line end in it is a line end of the document."""

    text: str
    raised: bool = False


class Line(NamedTuple):
    """A line of a cell: its text, and the raised text (superscript) at its end."""

    text: str
    raised: str = ""


class Piece(NamedTuple):
    """A cell of the document: its lines, the columns and rows that it spans, and whether it is marked as a heading."""

    lines: tuple[Line, ...] = ()
    width: int = 1
    height: int = 1
    place: str = ""
    heading: bool = False

    @property
    def text(self) -> str:
        """All lines joined to one."""
        return " ".join(line.text for line in self.lines if line.text)

    @property
    def shown(self) -> str:
        """All lines joined to one, with raised text where the document shows it."""
        return " ".join(line.text + line.raised for line in self.lines if line.text or line.raised)


@dataclass
class Draft:
    """A table as read from a document: rows of cells, without slots that are covered by another cell.

    ``ruled``: rows that have a rule above them. ``head``: number of rows that the document marks as headings.
    """

    rows: list[list[Piece]] = field(default_factory=list)
    title: str = ""
    notes: list[str] = field(default_factory=list)
    ruled: set[int] = field(default_factory=set)
    head: int = 0
    doubts: list[str] = field(default_factory=list)
    cells: int = 0

    def add(self, row: list[Piece]) -> None:
        """Add a row. Raises `OverflowError` beyond `MOST_CELLS`."""
        self.cells += max(1, len(row))
        if self.cells > MOST_CELLS:
            raise OverflowError
        self.rows.append(row)


_BRACKETS = ("(", "[", "{", "<", "（", "【", "|")
_NAMES_PART = re.compile(
    r"\W*(?:panel|part|面板|[A-Z][.):]|[（(]?[一二三四五六七八九十][）)、])|.*[:：]$", re.IGNORECASE
)
Slot = Piece | None
"""A slot of the rectangle of a table; None if a cell that begins in another slot covers it."""


def lines_of(parts: Iterable[Part]) -> tuple[Line, ...]:
    """Split the pieces of a cell into lines.

    Empty lines between others are kept, so that stacked numbers stay aligned.

    Example:
        >>> lines_of([Part("0.05"), Part("***", True), Part("\\n(0.02)")])
        (Line(text='0.05', raised='***'), Line(text='(0.02)', raised=''))
        >>> lines_of([Part("Market"), Part("2", True)])
        (Line(text='Market^2', raised=''),)
    """
    lines: list[list[Part]] = [[]]
    for text, raised in parts:
        first, *later = text.split("\n")
        lines[-1].append(Part(first, raised))
        lines += [[Part(text_of_line, raised)] for text_of_line in later]
    read = [_line(line) for line in lines]
    there = [i for i, line in enumerate(read) if line.text or line.raised]
    return tuple(read[there[0] : there[-1] + 1]) if there else ()


def _line(parts: Sequence[Part]) -> Line:
    """Join the pieces of a line; raised text at its end stays apart, unless it is an exponent."""
    last = max((i for i, part in enumerate(parts) if part.text.strip() and not part.raised), default=-1)
    text, raised = "", ""
    for i, part in enumerate(parts):
        bare = tidy(part.text)
        if not part.raised or not bare:
            text += plain(part.text)
        elif i > last and text.strip() and not _belongs(text, bare):
            raised += bare
        else:
            text += (RAISED if text.strip() and (bare[0].isalnum() or bare[0] in "-−") else "") + bare
    return Line(tidy(text), raised)


def _belongs(text: str, raised: str) -> bool:
    """Return whether raised text belongs to the text before it, because it is an exponent of a name or of ten.

    Stars and footnote marks do not belong to it.
    """
    if not raised.lstrip("-−–+").isdigit():
        return False
    bare = text.strip()
    if is_number(bare):
        return bare == "10" or bare.endswith(("×10", "x10", "× 10", "x 10", "·10", "*10"))
    return bare[-1].isalpha() or bare[-1] in ")]"


def piece(text: str, place: str = "") -> Piece:
    """Return a cell of plain text with its lines."""
    return Piece(lines_of([Part(text)]), place=place)


def spread(rows: Sequence[Sequence[Piece]]) -> list[list[Slot]]:
    """Place the cells in the rectangle of a table, each in its first slot.

    Raises `OverflowError` for more than `MOST_CELLS` slots. As in browsers, a cell goes to the first slot of its row
    that no cell above covers. A cell that would reach below the last row is made shorter.
    """
    hanging: dict[int, int] = {}
    rectangle: list[list[Slot]] = []
    widest = 0
    for at, row in enumerate(rows):
        line: list[Slot] = []
        waiting = list(reversed(row))
        following: dict[int, int] = {}
        while waiting or len(line) in hanging:
            if len(line) in hanging:
                left = hanging.pop(len(line))
                if left > 1:
                    following[len(line)] = left - 1
                line.append(None)
                continue
            cell = waiting.pop()
            height = max(1, min(cell.height, len(rows) - at))
            width = max(1, cell.width)
            if len(line) + width > MOST_CELLS:
                raise OverflowError
            room = next((k for k in range(1, width) if len(line) + k in hanging), width)
            if height > 1:
                following |= {len(line) + k: height - 1 for k in range(room)}
            line += [cell._replace(width=room, height=height), *[None] * (room - 1)]
        for column, left in hanging.items():  # columns beyond the end of a short row
            if column >= len(line) and left > 1:
                following[column] = left - 1
        hanging = following
        widest = max(widest, len(line))
        rectangle.append(line)
        if len(rectangle) * max(widest, 1) > MOST_CELLS:
            raise OverflowError
    return [[*line, *[Piece()] * (widest - len(line))] for line in rectangle]


def grid_of(draft: Draft) -> Grid | None:
    """Convert a draft to a grid; None if all cells are empty. Raises `OverflowError` for more than `MOST_CELLS` slots.

    Several numbers stacked in one cell become several rows. A row over all columns at the top becomes the title if the
    table has none. Rows of text at the foot become notes. Empty rows and columns are left out.
    """
    slots, ruled, head = _unstacked(spread(_clipped(draft.rows)), draft.ruled, draft.head)
    if len(slots) * max(map(len, slots), default=0) > 2 * MOST_CELLS:
        raise OverflowError
    title, notes = draft.title, list[str]()
    width = len(slots[0]) if slots else 0
    first, last = 0, len(slots)
    while width > 1 and last and _note_text(slots[last - 1], width, last < len(slots)) is not None:
        notes.insert(0, _note_text(slots[last - 1], width, last < len(slots)) or "")
        last -= 1
    if not any(_filled(row) for row in slots[:last]):  # only notes: rows of text
        notes, last = [], len(slots)
    while width > 1 and first < last - 1:
        filled = _filled(slots[first])
        text = " ".join(cell.shown for cell in filled)
        is_over_all = len(filled) == 1 and filled[0].width >= width
        if (filled and not is_over_all) or (text and title and not is_caption(text)):
            break
        title = f"{title} {text}".strip() if text != title else title
        first += 1
    kept = [i for i in range(first, last) if _filled(slots[i])]
    columns = [j for j in range(width) if _filled([slots[i][j] for i in kept])]
    if not kept or not columns:
        return None
    rows = tuple(tuple(_cell(slots, i, j, kept, columns) for j in columns) for i in kept)
    return Grid(
        "",
        rows,
        tidy(title),
        tuple(n for n in (tidy(n) for n in [*notes, *draft.notes]) if n),
        frozenset(_next(kept, r) for r in ruled if _next(kept, r) < len(kept)),
        sum(i < head for i in kept),
        tuple(dict.fromkeys(draft.doubts)),
    )


def _clipped(rows: Sequence[Sequence[Piece]]) -> list[list[Piece]]:
    """Limit the width of rows that have one cell to the width of the other rows (``colspan="100%"``)."""
    wide = max((sum(max(1, cell.width) for cell in row) for row in rows if len(row) > 1), default=0)
    if not wide:
        return [list(row) for row in rows]
    return [
        [cell._replace(width=min(cell.width, wide)) for cell in row] if len(row) == 1 else list(row) for row in rows
    ]


def _filled(row: Sequence[Slot]) -> list[Piece]:
    """Return the cells of a row that have text."""
    return [cell for cell in row if cell is not None and cell.lines]


def _next(kept: Sequence[int], row: int) -> int:
    """Return the new number of a row, or of the next row that is kept."""
    return bisect_left(kept, row)


def _cell(slots: Sequence[Sequence[Slot]], i: int, j: int, kept: Sequence[int], columns: Sequence[int]) -> GridCell:
    """Return the cell of a slot, with the kept columns and rows that it spans."""
    cell = slots[i][j]
    if cell is None or not cell.lines:
        return EMPTY
    width = bisect_left(columns, j + cell.width) - bisect_left(columns, j)
    height = bisect_left(kept, i + cell.height) - bisect_left(kept, i)
    if len(cell.lines) == 1:
        return GridCell(*cell.lines[0], width, height, cell.place)
    text = " ".join(line.text + line.raised for line in cell.lines[:-1] if line.text or line.raised)
    return GridCell(tidy(f"{text} {cell.lines[-1].text}"), cell.lines[-1].raised, width, height, cell.place)


def _note_text(row: Sequence[Slot], width: int, below: bool) -> str | None:
    """Return the text of a row at the foot if it is a note: None for a row of the table, empty for an empty row.

    ``below``: whether notes follow below the row.
    """
    filled = _filled(row)
    if not filled:
        return ""
    text = " ".join(cell.shown for cell in filled)
    if len(filled) == 1:
        alone = filled[0] is row[0] or filled[0].width >= width
        return (
            text
            if alone
            and (is_note(text) or filled[0].width >= width or len(text) > LONGEST_LABEL or below or _is_sentence(text))
            else None
        )
    return (
        text
        if len(filled) == 2 and filled[0] is row[0] and is_note(filled[0].text) and not is_number(filled[1].text)
        else None
    )


def _is_sentence(text: str) -> bool:
    """Return whether the only text of the last row is a sentence, or has enough words to be one, and names no panel."""
    if text.endswith("。") or (text.endswith(".") and text.count(" ") > 2):
        return True
    words = len(text.split()) + sum(is_chinese(c) for c in text) // 2
    return words > 3 and not _NAMES_PART.match(text)


def _unstacked(slots: list[list[Slot]], ruled: Iterable[int], head: int) -> tuple[list[list[Slot]], set[int], int]:
    """Split rows whose cells hold several lines of numbers into several rows."""
    unstacked: list[list[Slot]] = []
    first: list[int] = []
    hanging = {
        (i, j): cell
        for i, row in enumerate(slots)
        for j, cell in enumerate(row)
        if cell is not None and cell.height > 1
    }
    more = {}
    for i, row in enumerate(slots):
        n = _lines_in(row)
        more[i] = n
        first.append(len(unstacked))
        if n == 1:
            unstacked.append(row)
            continue
        labels = _labels(row[0], row, n)
        label = row[0] or Piece()
        unstacked += [[label._replace(lines=labels[k]), *(_part(cell, k) for cell in row[1:])] for k in range(n)]
    for (i, j), cell in hanging.items():
        height = sum(more[k] for k in range(i, min(i + cell.height, len(slots))))
        unstacked[first[i]][j] = cell._replace(height=height)
    first.append(len(unstacked))
    return unstacked, {first[r] for r in ruled if r < len(first)}, first[min(head, len(slots))]


def _lines_in(row: Sequence[Slot]) -> int:
    """Return how many rows one row contains: as many as its cells of numbers have lines.

    The result is 1 if no cell has several lines of numbers, or if they do not fit together.
    """
    others = [cell for cell in row[1:] if cell is not None and cell.lines]
    stacked = [cell for cell in others if len(cell.lines) > 1]
    if not stacked or any(cell.height > 1 for cell in stacked):
        return 1
    n = max(len(cell.lines) for cell in stacked)
    if any(not is_number(line.text) and (line.text or line.raised) for cell in stacked for line in cell.lines):
        return 1
    texts = [cell for cell in others if len(cell.lines) == 1 and not is_number(cell.lines[0].text)]
    return n if len(texts) < len(stacked) else 1


def _labels(one: Slot, row: Sequence[Slot], n: int) -> list[tuple[Line, ...]]:
    """Return the labels of the n rows.

    The lines of a label go to the rows that begin with a number, if there are equally many of both. A label of two
    lines next to a coefficient and its bracket is one broken label and belongs to the first row.
    """
    lines = one.lines if one is not None else ()
    filled = [line for line in lines if line.text or line.raised]
    numbers = [two.lines for two in row[1:] if two is not None and len(two.lines) > 1]
    opens = [k for k in range(n) if any(k < len(two) and two[k].text[:1] not in ("", *_BRACKETS) for two in numbers)]
    if len(filled) > 1 and len(filled) == len(opens):
        at = dict(zip(opens, filled, strict=True))
        return [(at[k],) if k in at else () for k in range(n)]
    if len(filled) == n > 2 or (len(lines) == n and len(filled) < n):
        return [(lines[k],) if lines[k] in filled else () for k in range(n)]
    return [tuple(filled), *[()] * (n - 1)]


def _part(one: Slot, k: int) -> Slot:
    """Return the part of a cell that belongs to the k-th row.

    It is the k-th line of the cell; a cell with one line has its text in the first row only.
    """
    if one is None:
        return None
    return one._replace(lines=tuple(line for line in one.lines[k : k + 1] if line.text or line.raised))


@contextmanager
def bounded(path: Path) -> Iterator[None]:
    """Turn the `OverflowError` for a table that is too large into `Unreadable`."""
    try:
        yield
    except OverflowError:
        remedy = "give only the part with the printed table"
        raise beyond(path, "has a table of very many cells", f"{MOST_CELLS:,} cells", remedy) from None


def named(grids: Sequence[Grid], stem: str, file: str) -> tuple[Grid, ...]:
    """Name the grids of a file: by the file's name if there is one grid, by ``FILE, table 2`` if there are several."""
    if len(grids) == 1:
        return (replace(grids[0], name=stem, file=file),)
    return tuple(replace(grid, name=f"{file}, table {i}", file=file) for i, grid in enumerate(grids, start=1))
