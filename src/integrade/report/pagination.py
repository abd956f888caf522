"""Where the pages of a PDF break: the order of figures and tables in a section, and the rows at which a table breaks.

Nothing stands before its heading or before the text above it. Figures keep their order, and so do tables; one may pass
the other where pages are fuller so. A table that a page can hold breaks only where much room would be left, and no part
of it has fewer than four rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import accumulate, pairwise

ROWS_TOGETHER = 4
"""Rows that stay together at the start and the end of a table, and on every page of it."""
LINES_TOGETHER = 33.0  # points: two lines of text, which stay together at a page's end
SLACK = 9.0  # points of a page that are not given away, for what is not measured exactly
WASTE, BROKEN, PASSED = 3.0, 0.8, 0.05
"""What an empty page costs beyond itself, a broken table that a page could hold, and a figure that passes a table."""
SHARES = {0.95: 0.02, 0.9: 0.04, 0.85: 0.08, 0.8: 0.12}
"""How much smaller a figure may be, and what that costs."""
KEPT = 24  # best ways that are followed for each state


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


@dataclass(frozen=True)
class Way:
    """A way to the place reached: its cost, the room used on the page, the room below it, and the places before."""

    cost: float
    used: float
    below: float
    wide: bool = False
    last: tuple[Way, Place] | None = None

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
    found: dict[tuple[int, bool], Way] = {}
    for way in sorted(ways, key=lambda w: w.cost):
        found.setdefault((round(way.used / 3), way.wide), way)
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
        yield from _started(piece, at, way, way.used + gap + above, room, broken=False)
    if way.used and (left < piece.height or piece.kind is not Kind.TEXT):
        empty = max(0.0, 1 - way.used / sheet.height(way.wide))
        next_page = Way(way.cost + empty + WASTE * empty**2, 0.0, 0.0, piece.wide, way.last)
        yield from _started(piece, at, next_page, above, room, broken=True)


def _started(piece: Piece, at: int, way: Way, used: float, room: float, *, broken: bool) -> Iterator[Way]:
    """The ways of a piece that starts at ``used`` points of a page."""
    left = room - used

    def to(height: float, cost: float = 0.0, cuts: tuple[int, ...] = (), share: float = 1.0) -> Way:
        return Way(
            way.cost + cost, height, piece.below, piece.wide, (way, Place(at, broken, cuts, piece.bottom, share))
        )

    for share, cost in SHARES.items() if piece.image else ():
        smaller = piece.height - piece.image * (1 - share)
        if smaller <= left:
            yield to(used + smaller, cost, share=share)

    if piece.height <= left:
        yield to(used + piece.height)
    elif piece.kind is Kind.TEXT:
        if left >= LINES_TOGETHER:
            yield to((piece.height - left) % room)
    elif piece.rows:
        cuts, last = _cut(piece, left, room)
        if cuts:
            yield to(last, 0.0 if piece.height > room else BROKEN * len(cuts), cuts)
    if piece.kind is not Kind.TEXT and piece.height > room and not used:
        yield to(piece.height % room, 1.0)


def _cut(piece: Piece, left: float, room: float) -> tuple[tuple[int, ...], float]:
    """The rows at which the table breaks, first where ``left`` points are left, and the height of its last part."""
    ends = [0.0, *accumulate(piece.rows)]
    count, cuts, start, free = len(piece.rows), list[int](), 0, left
    while ends[-1] - ends[start] + piece.top + piece.bottom > free:
        fits = [
            i
            for i in range(start + ROWS_TOGETHER, count - ROWS_TOGETHER + 1)
            if i not in piece.together and ends[i] - ends[start] + piece.top <= free
        ]
        if not fits:
            return (), 0.0
        start, free = fits[-1], room
        cuts.append(start)
    return tuple(cuts), ends[-1] - ends[start] + piece.top + piece.bottom


def parts(count: int, cuts: Sequence[int]) -> list[tuple[int, int]]:
    """The rows of each part of a table: from, to.

    Example:
        >>> parts(9, (4,))
        [(0, 4), (4, 9)]
    """
    return list(pairwise((0, *cuts, count)))
