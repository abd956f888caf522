"""Arrange texts into rows and columns by their positions on a page, using the white gutters between numbers.

Positions are counted in characters: those of fixed-width text, or characters of the usual width on a PDF page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from plainwords.texts import say
from tablecheck.documents.shaping import Line, Piece
from tablecheck.documents.wording import begins_with_number, is_number


class Chunk(NamedTuple):
    """Adjacent words on a line, from ``left`` to ``right``."""

    line: Line
    left: float
    right: float
    last: tuple[Line, float, Line, float, float] | None = None
    """Set if a number ends the chunk.

    It holds the text before the number with its right edge, and the number with its left and right edges.
    """

    @property
    def text(self) -> str:
        """The text of the chunk, without superscripts at its end."""
        return self.line.text

    @property
    def middle(self) -> float:
        """The midpoint between the edges of the chunk."""
        return (self.left + self.right) / 2


class Row(NamedTuple):
    """The chunks of one line from left to right; ``below`` holds the pieces of a broken rule under that line."""

    chunks: tuple[Chunk, ...]
    place: str = ""
    below: tuple[tuple[float, float], ...] = ()


class Column(NamedTuple):
    """The left and right edges of the texts of a column."""

    left: float
    right: float

    @property
    def middle(self) -> float:
        """The midpoint between the edges of the column."""
        return (self.left + self.right) / 2


class Laid(NamedTuple):
    """Rows of cells that the layout gives, and doubts about their columns."""

    rows: list[list[Piece]]
    doubts: list[str]


def overlap(one: Chunk | Column | tuple[float, float], other: Column | tuple[float, float]) -> float:
    """Return the length that two intervals on a line share; a negative value is the distance between them."""
    a, b = (one.left, one.right) if isinstance(one, Chunk) else (one[0], one[1])
    return min(b, other[1]) - max(a, other[0])


def number_columns(rows: Sequence[Row], em: float) -> tuple[list[Column], bool]:
    """Return the columns that numbers form, and whether they are certain.

    They are uncertain if a group of touching numbers has two numbers of one row and must be divided.
    """
    lines = [[c for c in row.chunks if is_number(c.text)] for row in rows]
    groups = _touching([c for line in lines for c in line])
    group_of = {id(c): k for k, group in enumerate(groups) for c in group}
    most_in_row = [1] * len(groups)
    for line in lines:
        for k, n in Counter(group_of[id(c)] for c in line).items():
            most_in_row[k] = max(most_in_row[k], n)
    columns: list[Column] = []
    for k, group in enumerate(groups):
        if most_in_row[k] > 1:
            columns += _parted(group, [[c for c in line if group_of[id(c)] == k] for line in lines], most_in_row[k])
        else:
            columns.append(Column(min(c.left for c in group), max(c.right for c in group)))
    sure = max(most_in_row, default=1) == 1
    return _joined(columns, lines, em), sure


def _touching(chunks: Sequence[Chunk]) -> list[list[Chunk]]:
    """Group chunks that overlap horizontally; between two groups there is a gap."""
    groups: list[list[Chunk]] = []
    reach = float("-inf")
    for chunk in sorted(chunks, key=lambda c: c.left):
        if not groups or chunk.left >= reach:
            groups.append([])
        groups[-1].append(chunk)
        reach = max(reach, chunk.right)
    return groups


def _parted(group: Sequence[Chunk], lines: Sequence[Sequence[Chunk]], n: int) -> list[Column]:
    """Divide a group of chunks into n columns; each chunk joins the column with the nearest edge or middle.

    The rows with n chunks in the group give the positions of the columns.
    """
    full = [line for line in lines if len(line) == n]
    kinds = ("left", "middle", "right")
    spread = [
        sum(max(_mark(x[k], kind) for x in full) - min(_mark(x[k], kind) for x in full) for k in range(n))
        for kind in kinds
    ]
    kind = kinds[spread.index(min(spread))]
    marks = [sum(_mark(line[k], kind) for line in full) / len(full) for k in range(n)]
    members: list[list[Chunk]] = [[] for _ in range(n)]
    for chunk in group:
        members[min(range(n), key=lambda k: abs(_mark(chunk, kind) - marks[k]))].append(chunk)
    edges = [(min(c.left for c in m), max(c.right for c in m)) for m in members if m]
    cut = [(a[1] + b[0]) / 2 for a, b in pairwise(edges)]
    lefts = [edges[0][0], *(max(b[0], c) for b, c in zip(edges[1:], cut, strict=True))]
    rights = [*(min(a[1], c) for a, c in zip(edges, cut, strict=False)), edges[-1][1]]
    return [Column(a, b) for a, b in zip(lefts, rights, strict=True)]


def _mark(chunk: Chunk, kind: str) -> float:
    return {"left": chunk.left, "middle": chunk.middle, "right": chunk.right}[kind]


def _joined(columns: Sequence[Column], lines: Sequence[Sequence[Chunk]], em: float) -> list[Column]:
    """Merge neighbouring columns with less than ``em`` between them, if no row has a number in both."""
    merged: list[Column] = []
    for column in sorted(columns):
        if merged and column.left - merged[-1].right < em and not _both(merged[-1], column, lines):
            merged[-1] = Column(merged[-1].left, max(merged[-1].right, column.right))
        else:
            merged.append(column)
    return merged


def _both(one: Column, other: Column, lines: Sequence[Sequence[Chunk]]) -> bool:
    """Return whether a row has numbers in both columns."""
    return any(any(overlap(c, one) > 0 for c in line) and any(overlap(c, other) > 0 for c in line) for line in lines)


def laid_out(rows: Sequence[Row], em: float) -> Laid:
    """Arrange rows of chunks into cells: first the labels, then one cell for each column.

    Wide headings span several columns.
    """
    first_columns, _ = number_columns(rows, em)
    rows = [_without_number_in_label(row, first_columns) for row in rows]
    data = [i for i, row in enumerate(rows) if _is_data(row)]
    body = rows[data[0] :] if data else rows
    columns, sure = number_columns(rows, em)
    columns = _with_words(columns, [row for row in body if _is_data(row)] or list(body), em)
    labels = _label_column(columns, body)
    if labels is not None:
        # 1e-9 absorbs floating-point error in equal edges; a convention.
        columns = [labels, *(c for c in columns if c.left >= labels.right - 1e-9 or c.left > labels.left)]
    doubts: list[str] = [] if sure else [say("published_documents.gutters")]
    laid = []
    first = data[0] if data else len(rows)
    errors = _columns_of_brackets(columns, body)
    for i, row in enumerate(rows):
        cells, torn = _cells(row, columns, labels is not None, em, errors if i < first else None)
        doubts += [say("published_documents.across", text=torn)] if torn else []
        laid.append(cells)
    return Laid(laid, list(dict.fromkeys(doubts))[:5])


def _without_number_in_label(row: Row, columns: Sequence[Column]) -> Row:
    """Split a first chunk in which a label and the first number were read as one because they are so close."""
    first = row.chunks[0] if row.chunks else None
    if first is None or first.last is None:
        return row
    label, end, number, left, right = first.last
    over = [column for column in columns if overlap((left, right), column) > 0]
    if len(over) != 1 or any(overlap(c, over[0]) > 0 for c in row.chunks[1:]):
        return row
    return row._replace(chunks=(Chunk(label, first.left, end), Chunk(number, left, right), *row.chunks[1:]))


def _is_data(row: Row) -> bool:
    return any(is_number(c.text) and not is_model(c.text) for c in row.chunks)


def is_model(text: str) -> bool:
    """Return whether a text is the number of a column: ``(1)``."""
    bare = text.strip("()[]（）")
    return len(bare) < 3 and bare.isdigit() and text[:1] in "([（"


def _with_words(columns: Sequence[Column], data: Sequence[Row], em: float) -> list[Column]:
    """Add columns of words that appear between the numbers in several rows, for example a second column of labels."""
    first = columns[0].left if columns else float("inf")
    loose = [
        c
        for row in data
        for k, c in enumerate(row.chunks)
        if not is_number(c.text) and all(overlap(c, column) <= 0 for column in columns) and (k > 0 or c.left > first)
    ]
    groups = [g for g in _touching(loose) if len(g) > 1 and 3 * len(g) >= len(data)]
    words = [Column(min(c.left for c in g), max(c.right for c in g)) for g in groups]
    firsts = [row.chunks[0] for row in data if row.chunks]
    # A quarter of the type size allows for words that nearly touch; a convention.
    words = [w for w in words if sum(overlap(c, w) > -em / 4 for c in firsts) * 2 <= len(firsts)]
    return sorted([*columns, *words])


def _label_column(columns: Sequence[Column], body: Sequence[Row]) -> Column | None:
    """Return the column of labels, left of the first column; None if the first column has only numbers."""
    firsts = [row.chunks[0] for row in body if row.chunks and not is_number(row.chunks[0].text)]
    left = [c for c in firsts if not columns or c.left < columns[0].left]
    if not left:
        return None
    edge = columns[0].left if columns else max(c.right for c in left)
    return Column(min(c.left for c in left), min(max(c.right for c in left), edge))


def _cells(
    row: Row, columns: Sequence[Column], labelled: bool, em: float, errors: frozenset[int] | None
) -> tuple[list[Piece], str]:
    """Return the cells of a row over all columns.

    Also return the text of a number that lies over two columns, which is an error; empty if no number does.

    ``errors``: for a row of headings, the columns that hold only numbers in brackets; for other rows None.
    """
    reach = [_reach(c, k, row, columns, labelled, em) for k, c in enumerate(row.chunks)]
    if not _is_data(row) and (errors is not None or (labelled and reach and reach[0][0] > 0)):
        reach = _widened(row, reach, columns, labelled, errors or frozenset())
    cells: list[Piece] = []
    torn = ""
    k = 0
    while k < len(row.chunks):
        low, high = reach[k]
        same = [row.chunks[k]]
        while k + 1 < len(row.chunks) and reach[k + 1][0] <= high:
            k += 1
            same.append(row.chunks[k])
            high = max(high, reach[k][1])
        low = max(low, sum(c.width for c in cells))
        high = max(low, high)
        cells += [Piece()] * (low - sum(c.width for c in cells))
        if high > low and any(is_number(c.text) and not is_model(c.text) for c in same):
            torn = torn or " ".join(c.text for c in same)[:40]
        text = " ".join(c.text + c.line.raised for c in same[:-1])
        line = Line(f"{text} {same[-1].text}".strip(), same[-1].line.raised)
        place = f"{row.place}, column {low + 1}" if row.place else ""
        cells.append(Piece((line,), high - low + 1, 1, place))
        k += 1
    return [*cells, *[Piece()] * (len(columns) - sum(c.width for c in cells))], torn


def _reach(chunk: Chunk, k: int, row: Row, columns: Sequence[Column], labelled: bool, em: float) -> tuple[int, int]:
    """Return the first and last column that a chunk lies over."""
    over = [j for j, column in enumerate(columns) if overlap(chunk, column) > 0]
    if labelled and len(over) > 1 and chunk.left > columns[0].left + 2 * em:
        over = [j for j in over if j > 0]  # labels begin at the margin
    if labelled and k == 0 and chunk.left < (columns[1].left if len(columns) > 1 else chunk.right) - em / 4:
        begins_left = chunk.left < columns[0].left + 2 * em or not over or over == [0]
        if begins_left:
            return (0, 0) if row.chunks[1:] or len(over) <= 1 else (0, max(over))
    if len(over) > 1 and begins_with_number(chunk.text):
        over = [min(over, key=lambda j: abs(columns[j].middle - chunk.middle))]
    if is_number(chunk.text) and len(over) > 1:
        best = max(over, key=lambda j: overlap(chunk, columns[j]))
        # A number belongs to one column if more than 0.6 of its width is over it; a convention.
        if overlap(chunk, columns[best]) > 0.6 * (chunk.right - chunk.left):
            return best, best
    for a, b in row.below:
        if a - em / 2 <= chunk.middle <= b + em / 2 and not is_number(chunk.text):
            under = [
                j for j, column in enumerate(columns) if overlap(column, (a, b)) > (column.right - column.left) / 2
            ]
            if under and not (labelled and 0 in under and len(under) > 1):
                return min(under), max(under)
    if over:
        return min(over), max(over)
    nearest = min(range(len(columns)), key=lambda j: -overlap(chunk, columns[j]))
    return nearest, nearest


def _widened(
    row: Row, reach: Sequence[tuple[int, int]], columns: Sequence[Column], labelled: bool, errors: frozenset[int]
) -> list[tuple[int, int]]:
    """Widen each heading over the columns on which it is centred, as far as no other heading is in the way.

    A heading next to a column that holds only numbers in brackets covers that column too.
    """
    spans = list(reach)
    first = 1 if labelled else 0
    free = len(columns) - first
    values = [k for k, (low, _) in enumerate(spans) if low >= first]
    if len(values) >= free or not values:
        return spans
    spans = [
        _straddled(c, r, columns) if k in values else r for k, (c, r) in enumerate(zip(row.chunks, spans, strict=True))
    ]
    growing = set(values)
    while growing:
        taken = {j for low, high in spans for j in range(low, high + 1)}
        wanted = {k: (spans[k][0] - 1, spans[k][1] + 1) for k in growing}
        for k in sorted(growing):
            low, high = wanted[k]
            others = {j for o in growing if o != k for j in wanted[o]}
            fits = low >= first and high < len(columns) and not {low, high} & (taken | others | errors)
            if fits and _is_middle(row.chunks[k], columns, low, high):
                spans[k] = (low, high)
            else:
                growing.discard(k)
    taken = {j for low, high in spans for j in range(low, high + 1)}
    return [(low, high + 1) if high + 1 in errors - taken and low >= first else (low, high) for low, high in spans]


def _columns_of_brackets(columns: Sequence[Column], body: Sequence[Row]) -> frozenset[int]:
    """Return the columns whose numbers are all in brackets, if other columns have numbers without brackets."""
    plain: set[int] = set()
    numbered: set[int] = set()
    for row in body:
        for chunk in row.chunks:
            if is_number(chunk.text):
                over = {j for j, column in enumerate(columns) if overlap(chunk, column) > 0}
                numbered |= over
                plain |= over if chunk.text[:1] not in "([{" else set()
    return frozenset(numbered - plain)


def _straddled(chunk: Chunk, reach: tuple[int, int], columns: Sequence[Column]) -> tuple[int, int]:
    """Return the two columns between which a heading is centred; if there are no such columns, return its reach."""
    low, high = reach
    if low != high:
        return reach
    for a, b in ((low - 1, low), (low, low + 1)):
        if (
            a >= 0
            and b < len(columns)
            and _is_middle(chunk, columns, a, b)
            and not _is_middle(chunk, columns, low, low)
        ):
            return a, b
    return reach


def _is_middle(chunk: Chunk, columns: Sequence[Column], low: int, high: int) -> bool:
    """Return whether a chunk is centred over some columns, to within a quarter of the distance between columns."""
    pitch = min((b.middle - a.middle for a, b in pairwise(columns)), default=chunk.right - chunk.left)
    whole = (columns[low].left + columns[high].right) / 2
    middle = (columns[low].middle + columns[high].middle) / 2
    return min(abs(chunk.middle - whole), abs(chunk.middle - middle)) <= max(1.0, pitch / 4)
