"""Where the pages of a PDF break: the order of figures and tables in a section, and the rows at which a table breaks.

Nothing stands before its heading or before the text above it, and no heading with a sentence alone on the page before
its table. Figures keep their order, and so do tables; one may pass the other where pages are fuller so. A table that a
page can hold is in smaller type before it breaks, and breaks only where much room would be left, at a rule rather than
within a block; no part of it has fewer than four rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import accumulate, pairwise
from math import inf

ROWS_TOGETHER = 4
"""Rows that stay together at the start and the end of a table, and on every page of it."""
LINES_TOGETHER = 33.0  # points: two lines of text, which stay together at a page's end
SLACK = 9.0  # points of a page that are not given away, for what is not measured exactly
WASTE, BROKEN, PASSED = 3.0, 0.8, 0.05
"""What an empty page costs beyond itself, a broken table that a page could hold, and a figure that passes a table."""
WITHIN, TAIL, SMALLER, ALONE = 0.3, 0.3, 0.06, 0.5
"""What a break within a block of rows costs, few rows on a page of their own, a table in smaller type, and a heading
with a sentence or two at the end of a page whose table stands on the next."""
FEW_ROWS, FEW_LINES = 8, 30.0
"""Rows and points of text that are few."""
SHARES = {0.95: 0.02, 0.9: 0.04, 0.85: 0.08, 0.8: 0.12}
"""How much smaller a figure may be, and what that costs."""
KEPT = 60  # best ways that are followed for each state


class Kind(Enum):
    """What a piece is: text flows over pages, the other two keep their order each."""

    TEXT = "text"
    FIGURE = "figure"
    TABLE = "table"


@dataclass(frozen=True)
class Sheet:
    """The height of a page, upright and on its side, in points."""

    upright: float
    side: float

    def height(self, wide: bool) -> float:
        """Of a page that lies on its side, or does not."""
        return (self.side if wide else self.upright) - SLACK


@dataclass(frozen=True)
class Piece:
    """A block with its height in points and the room above and below it; a table with its rows, if it may break.

    ``top`` is the height of a table's caption and header, ``bottom`` that of its notes.
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
    """Rows before which the table does not break."""
    blocks: frozenset[int] = frozenset()
    """Rows before which a rule stands."""
    smaller: float = 0.0
    """The height of the table in smaller type, if it may be so."""
    type: float = 0.0
    """Points of the type of the table, where what is measured decides."""


@dataclass(frozen=True)
class Chapter:
    """A section: the height of its heading with the room below it, the room above, and its pieces."""

    heading: float
    above: float
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Place:
    """A piece by its number in the section, whether it starts a page, and the rows at which it breaks."""

    piece: int
    breaks_before: bool = False
    cuts: tuple[int, ...] = ()
    notes: float = 0.0
    """The height of the notes of a table that breaks, which stay with its last rows."""
    share: float = 1.0
    """How wide a figure is, as a share of the text."""
    smaller: bool = False
    """Whether a table is in smaller type."""
    type: float = 0.0
    """Points of the type of a table, where what is measured decided."""


@dataclass(frozen=True)
class Way:
    """A way to the place reached: its cost, the room used on the page, the room below it, and the places before.

    ``said`` is the height of the text below a heading on this page, if nothing else is.
    """

    cost: float
    used: float
    below: float
    wide: bool = False
    last: tuple[Way, Place] | None = None
    said: float = inf

    def places(self) -> list[Place]:
        """The places in their order."""
        found, way = list[Place](), self
        while way.last is not None:
            way, place = way.last
            found.append(place)
        return found[::-1]


def paginated(chapters: Sequence[Chapter], used: float, sheet: Sheet) -> list[list[Place]]:
    """The places of the pieces of every section; the first page has ``used`` points of text."""
    ways = [Way(0.0, used, 0.0)]
    for chapter in chapters:
        ways = _through(chapter, ways, sheet)
    places = iter(min(ways, key=lambda way: way.cost).places())
    return [[next(places) for _ in chapter.pieces] for chapter in chapters]


def _through(chapter: Chapter, ways: Sequence[Way], sheet: Sheet) -> list[Way]:
    """The best ways to the end of a section."""
    orders = {kind: [i for i, p in enumerate(chapter.pieces) if p.kind is kind] for kind in Kind}
    states: dict[tuple[int, ...], list[Way]] = {(0, 0, 0): list(ways)}
    end = tuple(len(order) for order in orders.values())
    for state in sorted(_states(end), key=sum):
        placed = {i for order, n in zip(orders.values(), state, strict=True) for i in order[:n]}
        for which, (order, n) in enumerate(zip(orders.values(), state, strict=True)):
            if n == len(order) or not _may_stand(chapter, order[n], placed):
                continue
            passed = sum(i not in placed for i in range(order[n]))
            after = tuple(m + (k == which) for k, m in enumerate(state))
            for way in states.get(state, ()):
                found = _placed(chapter, order[n], way, sheet, first=not placed)
                states.setdefault(after, []).extend(replace(w, cost=w.cost + PASSED * passed) for w in found)
        for after in {tuple(m + (k == which) for k, m in enumerate(state)) for which in range(3)}:
            if after in states:
                states[after] = _best(states[after])
    return states[end]


def _states(end: Sequence[int]) -> Iterator[tuple[int, ...]]:
    texts, figures, tables = end
    return ((i, j, k) for i in range(texts + 1) for j in range(figures + 1) for k in range(tables + 1))


def _may_stand(chapter: Chapter, piece: int, placed: set[int]) -> bool:
    """Whether all text above the piece stands already."""
    return all(i in placed for i in range(piece) if chapter.pieces[i].kind is Kind.TEXT)


def _best(ways: Sequence[Way]) -> list[Way]:
    """The cheapest way to each height of a page, and of those the best few."""
    found: dict[tuple[int, bool, bool], Way] = {}
    for way in sorted(ways, key=lambda w: w.cost):
        found.setdefault((round(way.used / 3), way.wide, way.said <= FEW_LINES), way)
    return list(found.values())[:KEPT]


def _placed(chapter: Chapter, at: int, way: Way, sheet: Sheet, *, first: bool) -> Iterator[Way]:
    """The ways to place a piece: on this page, on the next, or, of a table, on both."""
    piece = chapter.pieces[at]
    room = sheet.height(piece.wide)
    above = chapter.heading if first else 0.0
    gap = max(way.below, chapter.above if first else piece.above) if way.used else 0.0
    turned = piece.wide != way.wide and way.used > 0
    left = 0.0 if turned else room - way.used - gap - above
    if left > 0:
        yield from _started(
            piece, at, replace(way, said=0.0) if first else way, way.used + gap + above, room, broken=False
        )
    if way.used and (first or left < piece.height or piece.kind is not Kind.TEXT):
        alone = ALONE if not first and way.said <= FEW_LINES else 0.0
        cost = way.cost + _cost_of(way.used / sheet.height(way.wide)) + alone
        next_page = Way(cost, 0.0, 0.0, piece.wide, way.last, 0.0 if first else inf)
        yield from _started(piece, at, next_page, above, room, broken=True)


def _cost_of(used: float) -> float:
    """What it costs to leave a page of which this share is used."""
    empty = max(0.0, 1 - used)
    return empty + WASTE * empty**2


def _started(piece: Piece, at: int, way: Way, used: float, room: float, *, broken: bool) -> Iterator[Way]:
    """The ways of a piece that starts at ``used`` points of a page."""
    left, place = room - used, Place(at, broken, notes=piece.bottom, type=piece.type)

    def to(height: float, cost: float = 0.0, as_: Place = place, said: float = inf) -> Way:
        return Way(way.cost + cost, height, piece.below, piece.wide, (way, as_), said)

    for share, cost in SHARES.items() if piece.image else ():
        smaller = piece.height - piece.image * (1 - share)
        if smaller <= left:
            yield to(used + smaller, cost, replace(place, share=share))

    if piece.smaller and piece.smaller <= left:
        yield to(used + piece.smaller, SMALLER, replace(place, smaller=True))
    if piece.height <= left:
        yield to(used + piece.height, said=way.said + piece.height if piece.kind is Kind.TEXT else inf)
    elif piece.kind is Kind.TEXT:
        if left >= LINES_TOGETHER:
            yield to((piece.height - left + LINES_TOGETHER) % room)  # a line or two may go along
    elif piece.rows:
        for cuts, last, cost in _cut(piece, left, room):
            yield to(last, cost + (0.0 if piece.height > room else BROKEN * len(cuts)), replace(place, cuts=cuts))
    if piece.kind is not Kind.TEXT and piece.height > room and not used:
        yield to(piece.height % room, 1.0)


def _cut(piece: Piece, left: float, room: float) -> Iterator[tuple[tuple[int, ...], float, float]]:
    """The rows at which the table may break, first where ``left`` points are left.

    With the height of its last part, and what the breaks cost.
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
        own = parts(len(piece.rows), cuts)
        within = sum(cut not in piece.blocks for cut in cuts) if piece.blocks else 0
        few = sum(b - a < FEW_ROWS for a, b in (own[0], own[-1]))
        frees = (left, *[room] * (len(cuts) - 1))
        used = [
            (ends[b] - ends[a] + piece.top + room - free) / room for (a, b), free in zip(own[:-1], frees, strict=True)
        ]
        yield cuts, last, WITHIN * within + TAIL * few + sum(map(_cost_of, used))


def _cuts(piece: Piece, left: float, room: float, least: int, *, at_rules: bool) -> tuple[tuple[int, ...], float]:
    """The last rows at which the table can break, or the last with a rule above; at least so many rows end it."""
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
    """The rows of each part of a table: from, to.

    Example:
        >>> parts(9, (4,))
        [(0, 4), (4, 9)]
    """
    return list(pairwise((0, *cuts, count)))
