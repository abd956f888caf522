"""Cells as a document gives them, made a `Grid`: spans spread, stacked numbers taken apart, titles and notes found."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from integrade.published.documents.wording import is_caption, is_chinese, is_note, is_number, plain, tidy
from integrade.published.grid import EMPTY, RAISED, Grid, GridCell
from integrade.sources.bytes.bounds import beyond

MOST_CELLS = 400_000
"""Cells of a printed table; those of a page are a thousandth of it."""
LONGEST_LABEL = 60
"""Characters of a text over a whole table that may be the name of a part of it."""


class Part(NamedTuple):
    """A piece of a cell's text, raised or not; a line end in it is one in the document."""

    text: str
    raised: bool = False


class Line(NamedTuple):
    """A line of a cell: its text, and what stands raised at its end."""

    text: str
    raised: str = ""


class Piece(NamedTuple):
    """A cell as the document has it: its lines, how far it reaches, whether it is said to be a heading."""

    lines: tuple[Line, ...] = ()
    width: int = 1
    height: int = 1
    place: str = ""
    heading: bool = False

    @property
    def text(self) -> str:
        """All lines on one."""
        return " ".join(line.text for line in self.lines if line.text)

    @property
    def shown(self) -> str:
        """All lines on one, raised parts in their place."""
        return " ".join(line.text + line.raised for line in self.lines if line.text or line.raised)


@dataclass
class Draft:
    """A table as it comes out of a document: rows of cells without those that others cover.

    ``ruled``: rows that have a rule above them. ``head``: rows that the document calls headings.
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
"""A place of a rectangle: None where a cell covers it that stands in another."""


def lines_of(parts: Iterable[Part]) -> tuple[Line, ...]:
    """The lines of a cell from its pieces; empty lines between others stay, so that stacks of numbers keep step.

    Example:
        >>> lines_of([Part("0.05"), Part("***", True), Part("\\n(0.02)")])
        (Line(text='0.05', raised='***'), Line(text='(0.02)', raised=''))
        >>> lines_of([Part("Market"), Part("2", True)])
        (Line(text='Market^2', raised=''),)
    """
    lines: list[list[Part]] = [[]]
    for text, raised in parts:
        first, *rest = text.split("\n")
        lines[-1].append(Part(first, raised))
        lines += [[Part(one, raised)] for one in rest]
    made = [_line(line) for line in lines]
    there = [i for i, line in enumerate(made) if line.text or line.raised]
    return tuple(made[there[0] : there[-1] + 1]) if there else ()


def _line(parts: Sequence[Part]) -> Line:
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
    """Whether what is raised behind a text is a part of it: a power of a name or of ten; not a star, not a footnote."""
    if not raised.lstrip("-−–+").isdigit():
        return False
    bare = text.strip()
    if is_number(bare):
        return bare == "10" or bare.endswith(("×10", "x10", "× 10", "x 10", "·10", "*10"))
    return bare[-1].isalpha() or bare[-1] in ")]"


def piece(text: str, place: str = "") -> Piece:
    """A cell of plain text, with its lines."""
    return Piece(lines_of([Part(text)]), place=place)


def spread(rows: Sequence[Sequence[Piece]]) -> list[list[Slot]]:
    """A rectangle of the cells, each in its first place. Raises `OverflowError` beyond `MOST_CELLS` places.

    As browsers do it: a cell goes to the first place of its row that no cell above reaches into. What reaches below the
    last row is cut.
    """
    hanging: dict[int, int] = {}
    made: list[list[Slot]] = []
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
            one = waiting.pop()
            height = max(1, min(one.height, len(rows) - at))
            width = max(1, one.width)
            if len(line) + width > MOST_CELLS:
                raise OverflowError
            room = next((k for k in range(1, width) if len(line) + k in hanging), width)
            if height > 1:
                following |= {len(line) + k: height - 1 for k in range(room)}
            line += [one._replace(width=room, height=height), *[None] * (room - 1)]
        for column, left in hanging.items():  # beyond the end of a short row
            if column >= len(line) and left > 1:
                following[column] = left - 1
        hanging = following
        widest = max(widest, len(line))
        made.append(line)
        if len(made) * max(widest, 1) > MOST_CELLS:
            raise OverflowError
    return [[*line, *[Piece()] * (widest - len(line))] for line in made]


def grid_of(draft: Draft) -> Grid | None:
    """A draft as a grid; None where no cell holds anything. Raises `OverflowError` beyond `MOST_CELLS` places.

    Rows whose numbers stand one below the other in one cell become as many rows. A row over all columns at the top is
    the title where there is none, those at the foot are notes. Empty rows and columns are left out.
    """
    slots, ruled, head = _unstacked(spread(_clipped(draft.rows)), draft.ruled, draft.head)
    if len(slots) * max(map(len, slots), default=0) > 2 * MOST_CELLS:
        raise OverflowError
    title, notes = draft.title, list[str]()
    width = len(slots[0]) if slots else 0
    first, last = 0, len(slots)
    while width > 1 and last and _said(slots[last - 1], width, last < len(slots)) is not None:
        notes.insert(0, _said(slots[last - 1], width, last < len(slots)) or "")
        last -= 1
    if not any(_filled(row) for row in slots[:last]):  # nothing but notes: rows of text
        notes, last = [], len(slots)
    while width > 1 and first < last - 1 and (not _filled(slots[first]) or _over_all(slots[first], width)):
        said = " ".join(one.shown for one in _filled(slots[first]))
        if said and title and not is_caption(said):
            break
        title = f"{title} {said}".strip() if said != title else title
        first += 1
    kept = [i for i in range(first, last) if _filled(slots[i])]
    columns = [j for j in range(width) if any(_is_there(slots[i][j]) for i in kept)]
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
    """Rows of one cell no wider than the others (``colspan="100%"``)."""
    wide = max((sum(max(1, one.width) for one in row) for row in rows if len(row) > 1), default=0)
    if not wide:
        return [list(row) for row in rows]
    return [[one._replace(width=min(one.width, wide)) for one in row] if len(row) == 1 else list(row) for row in rows]


def _is_there(slot: Slot) -> bool:
    return slot is not None and bool(slot.lines)


def _filled(row: Sequence[Slot]) -> list[Piece]:
    return [one for one in row if one is not None and one.lines]


def _next(kept: Sequence[int], row: int) -> int:
    return bisect_left(kept, row)


def _cell(slots: Sequence[Sequence[Slot]], i: int, j: int, kept: Sequence[int], columns: Sequence[int]) -> GridCell:
    one = slots[i][j]
    if one is None or not (one.lines or one.width > 1 or one.height > 1):
        return EMPTY
    width = bisect_left(columns, j + one.width) - bisect_left(columns, j)
    height = bisect_left(kept, i + one.height) - bisect_left(kept, i)
    if not one.lines:
        return EMPTY
    if len(one.lines) == 1:
        return GridCell(*one.lines[0], width, height, one.place)
    text = " ".join(line.text + line.raised for line in one.lines[:-1] if line.text or line.raised)
    return GridCell(tidy(f"{text} {one.lines[-1].text}"), one.lines[-1].raised, width, height, one.place)


def _over_all(row: Sequence[Slot], width: int) -> bool:
    """Whether a row is one text over all columns."""
    filled = _filled(row)
    return len(filled) == 1 and filled[0].width >= width


def _said(row: Sequence[Slot], width: int, below: bool) -> str | None:
    """What a row at the foot says as a note; None for a row of the table. An empty row says nothing.

    ``below``: notes stand below it.
    """
    filled = _filled(row)
    if not filled:
        return ""
    text = " ".join(one.shown for one in filled)
    if len(filled) == 1:
        alone = filled[0] is row[0] or filled[0].width >= width
        return (
            text
            if alone
            and (is_note(text) or filled[0].width >= width or len(text) > LONGEST_LABEL or below or _is_said(text))
            else None
        )
    return (
        text
        if len(filled) == 2 and filled[0] is row[0] and is_note(filled[0].text) and not is_number(filled[1].text)
        else None
    )


def _is_said(text: str) -> bool:
    """Whether a text that stands alone in the last row is a sentence, or words enough for one, and names no part."""
    if text.endswith("。") or (text.endswith(".") and text.count(" ") > 2):
        return True
    words = len(text.split()) + sum(is_chinese(c) for c in text) // 2
    return words > 3 and not _NAMES_PART.match(text)


def _unstacked(slots: list[list[Slot]], ruled: Iterable[int], head: int) -> tuple[list[list[Slot]], set[int], int]:
    """Rows whose cells hold several lines of numbers, as several rows."""
    made: list[list[Slot]] = []
    first: list[int] = []
    hanging = {
        (i, j): one for i, row in enumerate(slots) for j, one in enumerate(row) if one is not None and one.height > 1
    }
    more = {}
    for i, row in enumerate(slots):
        n = _lines_in(row)
        more[i] = n
        first.append(len(made))
        if n == 1:
            made.append(row)
            continue
        labels = _labels(row[0], row, n)
        label = row[0] or Piece()
        made += [[label._replace(lines=labels[k]), *(_part(one, k) for one in row[1:])] for k in range(n)]
    for (i, j), one in hanging.items():
        height = sum(more[k] for k in range(i, min(i + one.height, len(slots))))
        made[first[i]][j] = one._replace(height=height)
    first.append(len(made))
    return made, {first[r] for r in ruled if r < len(first)}, first[min(head, len(slots))]


def _lines_in(row: Sequence[Slot]) -> int:
    """How many rows a row is: as many as the lines of its cells of numbers, 1 where they are none or do not fit."""
    others = [one for one in row[1:] if one is not None and one.lines]
    stacked = [one for one in others if len(one.lines) > 1]
    if not stacked or any(one.height > 1 for one in stacked):
        return 1
    n = max(len(one.lines) for one in stacked)
    if any(not is_number(line.text) and (line.text or line.raised) for one in stacked for line in one.lines):
        return 1
    texts = [one for one in others if len(one.lines) == 1 and not is_number(one.lines[0].text)]
    return n if len(texts) < len(stacked) else 1


def _labels(one: Slot, row: Sequence[Slot], n: int) -> list[tuple[Line, ...]]:
    """The label of each of n rows: its lines beside the lines of numbers that open, where they are as many.

    A label of two lines beside a coefficient and its bracket is one that is broken, and stands in the first row.
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
    """The cell of the k-th row: its k-th line where it has several, its text in the first where it has one."""
    if one is None:
        return None
    return one._replace(lines=one.lines[k : k + 1] if k < len(one.lines) and _kept(one.lines[k]) else ())


def _kept(line: Line) -> bool:
    return bool(line.text or line.raised)


@contextmanager
def bounded(path: Path) -> Iterator[None]:
    """Turn `OverflowError` of a table that is too large into `Unreadable`."""
    try:
        yield
    except OverflowError:
        remedy = "give the part with the printed table alone"
        raise beyond(path, "has a table of very many cells", f"{MOST_CELLS:,} cells", remedy) from None


def named(grids: Sequence[Grid], stem: str, file: str) -> tuple[Grid, ...]:
    """The grids of one file with their names: that of the file for one, ``FILE, table 2`` for several."""
    if len(grids) == 1:
        return (replace(grids[0], name=stem, file=file),)
    return tuple(replace(grid, name=f"{file}, table {i}", file=file) for i, grid in enumerate(grids, start=1))
