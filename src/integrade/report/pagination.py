"""Divide a PDF into pages: choose the order of figures and tables in a section, and the rows at which tables break.

A block never comes before its heading or before the text above it. A heading with a short sentence is not left on the
page before its table. Figures keep their order, and so do tables. A figure may pass a table, or a table a figure, if
pages are fuller that way. A table that fits on a page is rather set in smaller type than broken. It is broken only if
much room would be left, and at a rule rather than within a block. Each part has at least four rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import accumulate, pairwise, product
from math import inf

ROWS_TOGETHER = 4
"""Each part of a table that breaks has at least this many rows."""
LINES_TOGETHER = 33.0  # points: two lines of text, which stay together at a page's end
SLACK = 9.0  # points of a page that are kept free, because some heights are not measured exactly
WASTE, BROKEN, PASSED = 3.0, 0.8, 0.05
"""Extra costs of an empty page, of breaking a table that fits on a page, and of a figure that passes a table.

The unit is one empty page. These costs and those below are conventions.
"""
WITHIN, TAIL, SMALLER, ALONE = 0.3, 0.3, 0.06, 0.5
"""Costs of a break within a block of rows, of a page with few rows, of smaller type, and of a separated heading.

A heading is separated if it is at the end of a page with a sentence or two, and its table is on the next page.
"""
FEW_ROWS, FEW_LINES = 8, 30.0
"""A first or last part of a table with fewer rows has the cost `TAIL`.

A heading with a text of at most these points has the cost `ALONE` if the page then ends.
"""
SHARES = {0.95: 0.02, 0.9: 0.04, 0.85: 0.08, 0.8: 0.12}
"""Width to which a figure may be reduced, as a share of the text width -> the cost."""
KEPT = 60  # number of partial solutions that are kept, the cheapest ones; a convention that bounds the time


class Kind(Enum):
    """The kind of a piece: text, figure or table.

    Text flows over pages; figures keep their order, and so do tables.
    """

    TEXT = "text"
    FIGURE = "figure"
    TABLE = "table"


@dataclass(frozen=True)
class Sheet:
    """The height of a page, portrait and landscape, in points."""

    upright: float
    side: float

    def height(self, wide: bool) -> float:
        """Return the usable height of a landscape page if ``wide``, else of a portrait page."""
        return (self.side if wide else self.upright) - SLACK


@dataclass(frozen=True)
class Piece:
    """A block with its height in points and the room above and below it.

    A table that may break also has its row heights. ``top`` is the height of a table's caption and header, ``bottom``
    that of its notes. ``image`` is the height of the picture of a figure.
    """

    kind: Kind
    height: float
    above: float
    below: float
    wide: bool = False
    top: float = 0.0
    image: float = 0.0
    rows: tuple[float, ...] = ()
    bottom: float = 0.0
    together: frozenset[int] = frozenset()
    """Rows before which the table must not break."""
    blocks: frozenset[int] = frozenset()
    """Rows with a rule above."""
    smaller: float = 0.0
    """The height of the table in smaller type; 0 if it must not be smaller."""
    type: float = 0.0
    """The type size of the table in points, if measured."""


@dataclass(frozen=True)
class Chapter:
    """A section: the height of its heading including the room below it, the room above the heading, and its pieces."""

    heading: float
    above: float
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Place:
    """The position of a piece: its number in the section, whether it starts a page, and the rows at which it breaks."""

    piece: int
    breaks_before: bool = False
    cuts: tuple[int, ...] = ()
    notes: float = 0.0
    """The height of the notes of a table that breaks; the notes stay with the last rows of the table."""
    share: float = 1.0
    """The width of a figure, as a share of the text width."""
    smaller: bool = False
    """True if the table is in smaller type."""
    type: float = 0.0
    """The type size of a table in points, if measured."""


@dataclass(frozen=True)
class Way:
    """A partial solution: its cost, the height used on the page, the room below the last piece, and its positions.

    ``text`` is the height of text below the last heading if only text follows it on this page, else infinite.
    """

    cost: float
    used: float
    below: float
    wide: bool = False
    last: tuple[Way, Place] | None = None
    text: float = inf

    def places(self) -> list[Place]:
        """Return the positions of the pieces in their order."""
        backwards, way = list[Place](), self
        while way.last is not None:
            way, place = way.last
            backwards.append(place)
        return backwards[::-1]


def paginated(chapters: Sequence[Chapter], used: float, sheet: Sheet) -> list[list[Place]]:
    """Return the positions of the pieces of every section; the first page already has ``used`` points of text."""
    ways = [Way(0.0, used, 0.0)]
    for chapter in chapters:
        ways = _through(chapter, ways, sheet)
    places = iter(min(ways, key=lambda way: way.cost).places())
    return [[next(places) for _ in chapter.pieces] for chapter in chapters]


def _through(chapter: Chapter, ways: Sequence[Way], sheet: Sheet) -> list[Way]:
    """Return the cheapest partial solutions up to the end of a section."""
    orders = {kind: [i for i, p in enumerate(chapter.pieces) if p.kind is kind] for kind in Kind}
    states: dict[tuple[int, ...], list[Way]] = {(0, 0, 0): list(ways)}
    end = tuple(len(order) for order in orders.values())
    for state in sorted(product(*(range(n + 1) for n in end)), key=sum):
        placed = {i for order, n in zip(orders.values(), state, strict=True) for i in order[:n]}
        for which, (order, n) in enumerate(zip(orders.values(), state, strict=True)):
            if n == len(order) or not _may_stand(chapter, order[n], placed):
                continue
            passed = sum(i not in placed for i in range(order[n]))
            after = tuple(m + (k == which) for k, m in enumerate(state))
            for way in states.get(state, ()):
                further = _placed(chapter, order[n], way, sheet, first=not placed)
                states.setdefault(after, []).extend(replace(w, cost=w.cost + PASSED * passed) for w in further)
        for after in {tuple(m + (k == which) for k, m in enumerate(state)) for which in range(3)}:
            if after in states:
                states[after] = _best(states[after])
    return states[end]


def _may_stand(chapter: Chapter, piece: int, placed: set[int]) -> bool:
    """Return whether all text above the piece is placed."""
    return all(i in placed for i in range(piece) if chapter.pieces[i].kind is Kind.TEXT)


def _best(ways: Sequence[Way]) -> list[Way]:
    """Return the cheapest partial solution of each kind, at most the `KEPT` cheapest of them.

    Solutions of one kind use the same height of the page (rounded to 3 points) in the same orientation. Both or neither
    have a ``text`` of at most `FEW_LINES`.
    """
    cheapest: dict[tuple[int, bool, bool], Way] = {}
    for way in sorted(ways, key=lambda w: w.cost):
        cheapest.setdefault((round(way.used / 3), way.wide, way.text <= FEW_LINES), way)
    return list(cheapest.values())[:KEPT]


def _placed(chapter: Chapter, at: int, way: Way, sheet: Sheet, *, first: bool) -> Iterator[Way]:
    """Yield the solutions that set a piece on this page, on the next page, or on both.

    Only a text or a table can be on both.
    """
    piece = chapter.pieces[at]
    room = sheet.height(piece.wide)
    above = chapter.heading if first else 0.0
    gap = max(way.below, chapter.above if first else piece.above) if way.used else 0.0
    turned = piece.wide != way.wide and way.used > 0
    left = 0.0 if turned else room - way.used - gap - above
    if left > 0:
        yield from _started(
            piece, at, replace(way, text=0.0) if first else way, way.used + gap + above, room, broken=False
        )
    if way.used and (first or left < piece.height or piece.kind is not Kind.TEXT):
        alone = ALONE if not first and way.text <= FEW_LINES else 0.0
        cost = way.cost + _cost_of(way.used / sheet.height(way.wide)) + alone
        next_page = Way(cost, 0.0, 0.0, piece.wide, way.last, 0.0 if first else inf)
        started = list(_started(piece, at, next_page, above, room, broken=True))
        # a table that must not break and does not fit below its heading: Typst breaks it where the page ends
        end = (above + piece.height) % room
        yield from started or [replace(next_page, used=end, last=(next_page, Place(at, breaks_before=True)))]


def _cost_of(used: float) -> float:
    """Return the cost of a page whose used share is ``used``."""
    empty = max(0.0, 1 - used)
    return empty + WASTE * empty**2


def _started(piece: Piece, at: int, way: Way, used: float, room: float, *, broken: bool) -> Iterator[Way]:
    """Yield the solutions in which the piece starts at ``used`` points of a page."""
    left, place = room - used, Place(at, broken, notes=piece.bottom, type=piece.type)

    def to(height: float, cost: float = 0.0, as_: Place = place, text: float = inf) -> Way:
        return Way(way.cost + cost, height, piece.below, piece.wide, (way, as_), text)

    for share, cost in SHARES.items() if piece.image else ():
        smaller = piece.height - piece.image * (1 - share)
        if smaller <= left:
            yield to(used + smaller, cost, replace(place, share=share))

    if piece.smaller and piece.smaller <= left:
        yield to(used + piece.smaller, SMALLER, replace(place, smaller=True))
    if piece.height <= left:
        yield to(used + piece.height, text=way.text + piece.height if piece.kind is Kind.TEXT else inf)
    elif piece.kind is Kind.TEXT:
        if left >= LINES_TOGETHER:
            yield to((piece.height - left + LINES_TOGETHER) % room)  # one or two lines may move to the next page
    elif piece.rows:
        for cuts, last, cost in _cut(piece, left, room):
            yield to(last, cost + (0.0 if piece.height > room else BROKEN * len(cuts)), replace(place, cuts=cuts))
    if piece.kind is not Kind.TEXT and piece.height > room and not used:
        yield to(piece.height % room, 1.0)


def _cut(piece: Piece, left: float, room: float) -> Iterator[tuple[tuple[int, ...], float, float]]:
    """Yield sets of rows at which the table may break, with the height of the last part and the cost of the breaks.

    ``left`` points are left for the first part.
    """
    options = {
        cuts: last
        for least in (ROWS_TOGETHER, FEW_ROWS)
        for at_rules in (False, True)
        for cuts, last in [_cuts(piece, left, room, least, at_rules=at_rules)]
        if cuts
    }
    ends = [0.0, *accumulate(piece.rows)]
    for cuts, last in options.items():
        spans = parts(len(piece.rows), cuts)
        within = sum(cut not in piece.blocks for cut in cuts) if piece.blocks else 0
        few = sum(b - a < FEW_ROWS for a, b in (spans[0], spans[-1]))
        frees = (left, *[room] * (len(cuts) - 1))
        used = [
            (ends[b] - ends[a] + piece.top + room - free) / room for (a, b), free in zip(spans[:-1], frees, strict=True)
        ]
        yield cuts, last, WITHIN * within + TAIL * few + sum(map(_cost_of, used))


def _cuts(piece: Piece, left: float, room: float, least: int, *, at_rules: bool) -> tuple[tuple[int, ...], float]:
    """Return the rows at which the table breaks, each as late as possible, and the height of the last part.

    With ``at_rules`` a row with a rule above is preferred. There are no rows if the table cannot break.

    The last part has at least ``least`` rows.
    """
    ends = [0.0, *accumulate(piece.rows)]
    count, cuts, start, free = len(piece.rows), list[int](), 0, left
    while ends[-1] - ends[start] + piece.top + piece.bottom > free:
        fits = [
            i
            for i in range(start + ROWS_TOGETHER, count - least + 1)
            if i not in piece.together and ends[i] - ends[start] + piece.top <= free
        ]
        if not fits:
            return (), 0.0
        start, free = next((i for i in reversed(fits) if i in piece.blocks and at_rules), fits[-1]), room
        cuts.append(start)
    return tuple(cuts), ends[-1] - ends[start] + piece.top + piece.bottom


def parts(count: int, cuts: Sequence[int]) -> list[tuple[int, int]]:
    """Return the first row of each part of a table and the row after its last row.

    Example:
        >>> parts(9, (4,))
        [(0, 4), (4, 9)]
    """
    return list(pairwise((0, *cuts, count)))
