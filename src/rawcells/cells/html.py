"""Read tables of HTML pages, which statistics offices save with the suffix of a workbook."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from html import unescape
from itertools import count
from typing import NamedTuple

from rawcells.cells.grid import RAISED, Cell, Range, Row
from rawcells.cells.style_sheets import HIDES, hidden_names, is_hidden

_NAME = re.compile(r"(/?)([a-z][a-z0-9]*)(?![\w-])", re.IGNORECASE)
_MARKUP = re.compile(r"[/!?a-z]", re.IGNORECASE)
_SPAN = re.compile(r"(row|col)span\s*=\s*[\"']?(\d{1,9})", re.IGNORECASE)
_HIDDEN = re.compile(rf"\shidden(?![\w-])|{HIDES.pattern}", re.IGNORECASE)
_FIELD = re.compile(r"\svalue\s*=\s*(?:[\"']([^\"']*)[\"']|([^\s\"'>]+))", re.IGNORECASE)
"""Pattern of the content of a form field."""
_NO_FIELD = re.compile(r"\stype\s*=\s*[\"']?(?!text|number)\w", re.IGNORECASE)
_PRINTED = re.compile(r"[+-]?(?!0\d)\d+")
_MARKED = re.compile(r"[+-]?\d+(?:[.,\u00a0' ]\d+)+")
_ANY = re.compile(r"<!--.*?(?:-->|\Z)|<(/?)([a-z][a-z0-9]*)(?![\w-])", re.IGNORECASE | re.DOTALL)
"""Pattern of comments and tags."""
SECTIONS = frozenset(("thead", "tbody", "tfoot"))
CELLS, TABLE = frozenset(("tr", "td", "th")), frozenset(("table", "tr", "td", "th"))
BREAKS = frozenset(("br", "p", "div", "li", "dt", "dd", "hr"))
WITHIN = frozenset(("b", "big", "code", "em", "i", "mark", "nobr", "strong", "sup", "tt", "u"))
"""Tags within a word or number. Links and smaller or lowered text may be footnotes; all other tags separate texts."""
STRUCK = frozenset(("del", "s", "strike"))
"""Tags of text that is struck through and no longer counts."""
NEVER = frozenset(("template", "datalist", "noscript", "rp", "audio", "video", "canvas", "iframe", "object"))
"""Tags of text for browsers that cannot show something else, and tags whose content is not text of the page."""
APART = frozenset(("sub", "option", "details", "summary", "dialog", "rt", "figcaption", "blockquote", "pre"))
"""Tags that separate a number inside them from a number before them."""
EMPTY = frozenset(("br", "hr", "img", "input", "wbr", "col", "meta", "link"))
MOST = {"row": 65534, "col": 1000}
"""Largest number of rows and columns that a cell may span, as in the HTML standard."""


class Placed(NamedTuple):
    """Text of a cell, and the number of rows and columns that it spans."""

    text: str
    down: int
    across: int


class Part(NamedTuple):
    """Piece of a page: text, or a tag that opens or closes.

    ``unseen``: text that a browser does not show; its ``tag`` is "table" if it contains cells.
    """

    text: str
    tag: str = ""
    closes: bool = False
    unseen: bool = False


class Spanned(NamedTuple):
    """Table in which each cell is in the first of its slots, and the ranges of cells that span several slots.

    ``unseen``: number of pieces of text that no browser shows, which are left out. For the first table this includes
    hidden tables that are before it or between tables.
    """

    rows: list[Row]
    ranges: list[Range]
    unseen: int = 0


class Held(NamedTuple):
    """Table that is being read.

    ``number``: its position on the page. ``unseen``: number of pieces of text that are not shown. ``groups``: number of
    rows above each group of rows (``tbody``); no cell spans beyond its group.
    """

    number: int
    rows: list[list[Placed]]
    unseen: list[Part]
    groups: list[int]


def html_tables(page: str, *, most: int) -> list[Spanned]:
    """Return the cells of every table that has cells, in the order in which the tables begin.

    Hidden or struck text is left out, and raised digits are footnote marks. Numbers on two lines of a cell stay
    separate. One pass is enough for any page. Raises `OverflowError` for more than ``most`` cells.
    """
    spanned: list[Spanned] = []
    tables = 0
    for held in sorted(_tables(page), key=lambda one: one.number):
        unseen = [part for part in held.unseen if part.text.strip()]
        if any(held.rows):
            table = _spread(_within_groups(held), most)
            spanned.append(table._replace(unseen=len(unseen)))
            most -= sum(map(len, table.rows)) + len(table.rows)
        else:
            tables += sum(part.tag == "table" for part in unseen)
    return [spanned[0]._replace(unseen=spanned[0].unseen + tables), *spanned[1:]] if spanned else []


def printed_number(cell: Cell) -> Cell:
    """Return a printed number as a number; if it has marks between its digits, return 0.5.

    0.5 is not a whole number, so it is not taken for a code.

    Example:
        >>> printed_number("12"), printed_number("1,200"), printed_number("0101"), printed_number("x")
        (12.0, 0.5, '0101', 'x')
    """
    if not isinstance(cell, str):
        return cell
    return float(cell) if _PRINTED.fullmatch(cell) else 0.5 if _MARKED.fullmatch(cell) else cell


def _parts(page: str) -> Iterator[Part]:
    """Yield the pieces of a page without comments, scripts, styles and titles.

    An unclosed comment, tag or script extends to the end of the page, as in browsers. Unclosed hidden text extends to
    the end of its cell.
    """
    at, by_style = 0, hidden_names(page)
    while at < len(page):
        start = page.find("<", at)
        if start != at:
            yield Part(page[at : len(page) if start < 0 else start])
            if start < 0:
                return
        if not _MARKUP.match(page, start + 1):  # a sign of text: a < b
            at = start + 1
            yield Part("<")
            continue
        named, comment = _NAME.match(page, start + 1), page.startswith("<!--", start)
        at = _behind(page, "-->", start + 4) if comment else _behind(page, ">", start)
        if comment:
            continue
        closes, tag = bool(named and named[1]), named[2].lower() if named else "?"
        text = page[named.end() : at - 1] if named else ""
        if tag in ("script", "style", "title"):
            at = _behind(page, ">", _closing(page, tag, at))
        elif (
            tag == "input"
            and (shown := _FIELD.search(text))
            and not _HIDDEN.search(text)
            and not _NO_FIELD.search(text)
        ):
            yield Part(shown[1] or shown[2] or "")
            continue
        elif (
            not closes
            and tag not in EMPTY
            and (tag in STRUCK or tag in NEVER or _HIDDEN.search(text) or is_hidden(tag, text, by_style))
        ):
            end = _end_of(page, tag, at)
            inner = page[at:end]
            holds = "table" if re.search("<t[dh]", inner, re.IGNORECASE) else ""
            yield Part(re.sub("<[^<>]*>?", " ", inner), holds, unseen=True)
            at = end
            continue
        yield Part(text, tag, closes)


def _end_of(page: str, tag: str, start: int) -> int:
    """Return the position where an element ends.

    This is after its closing tag, or before a tag that ends its cell, row or table.
    """
    depth, inner = 1, 0
    ends = SECTIONS if tag in SECTIONS else SECTIONS | {"tr"} if tag == "tr" else SECTIONS | CELLS
    for match in _ANY.finditer(page, start):
        name, step = (match[2] or "").lower(), -1 if match[1] else 1
        if name == tag and (tag == "table" or not inner):
            if step > 0 and tag in SECTIONS | CELLS:
                return match.start()
            depth += step
            if not depth:
                return _behind(page, ">", match.end())
        if name == "table" and tag != "table":
            inner += step
            if inner < 0:
                return match.start()
        if tag != "table" and not inner and name in ends and name != tag:
            return match.start()
    return len(page)


def _behind(page: str, mark: str, start: int) -> int:
    """Return the position after the next ``mark``; without one, the end of the page."""
    position = page.find(mark, start)
    return len(page) if position < 0 else position + len(mark)


def _closing(page: str, tag: str, start: int) -> int:
    """Return the position of the closing tag of a script, style or title; without one, the end of the page."""
    match = re.compile(f"</{tag}", re.IGNORECASE).search(page, start)
    return match.start() if match else len(page)


def _tables(page: str) -> Iterator[Held]:
    outer: list[tuple[Held, list[str], dict[str, int]]] = []
    numbers = count()
    table, spans = Held(next(numbers), [], [], []), dict[str, int]()
    texts: list[str] | None = None
    raised = False
    for part in _parts(page):
        if part.unseen:
            table.unseen.append(part)
        elif part.tag == "sup":
            raised = not part.closes
        elif part.tag in BREAKS or part.tag not in TABLE:
            if part.tag in SECTIONS and texts is not None:
                _end_cell(table, texts, spans)
                texts = None
            if part.tag in SECTIONS:
                table.groups.append(len(table.rows))
            if texts is not None:
                texts.append(_shown(part, raised=raised))
        elif part.tag == "table" and not part.closes and texts is not None:  # a table within a cell
            outer.append((table, texts, spans))
            table, texts = Held(next(numbers), [], [], []), None
        else:
            if texts is not None:
                _end_cell(table, texts, spans)
                texts = None
            if part.tag == "table":
                yield table
                table = Held(next(numbers), [], [], [])
                if part.closes and outer:
                    table, texts, spans = outer.pop()
            elif part.tag == "tr" and not part.closes:
                table.rows.append([])
            elif not part.closes:
                texts, raised = [], False
                spans = {kind.lower(): _span(kind.lower(), int(n)) for kind, n in _SPAN.findall(part.text)}
    yield table
    yield from (one for one, _, _ in outer)


def _end_cell(held: Held, texts: list[str], spans: dict[str, int]) -> None:
    held.rows.extend([] if held.rows else [[]])
    held.rows[-1].append(Placed(_joined("".join(texts)), spans.get("row", 1), spans.get("col", 1)))


def _span(kind: str, n: int) -> int:
    """Return the number of rows or columns that a cell spans; 0 means all rows of its group."""
    return MOST["row"] if kind == "row" and not n else min(max(1, n), MOST[kind])


def _within_groups(held: Held) -> list[list[Placed]]:
    """Return the rows, with each cell made to end in its own group of rows."""
    ends = sorted({*held.groups, len(held.rows)})
    return [
        [cell._replace(down=min(cell.down, ends[bisect_right(ends, i)] - i)) for cell in row]
        for i, row in enumerate(held.rows)
    ]


def _shown(part: Part, *, raised: bool) -> str:
    """Return what a piece of a cell adds to its text.

    Text adds itself, inline tags add nothing, and other tags add a blank or a line end.
    """
    if part.tag:
        return "\n" if part.tag in BREAKS or part.tag in APART else "" if part.tag in WITHIN else " "
    plain = re.sub(r"\s+", " ", unescape(part.text))
    return plain.translate(RAISED) if raised else plain


def _joined(text: str) -> str:
    """Join the lines of a cell to one; two numbers stay separate."""
    lines = [" ".join(line.split()) for line in text.split("\n")]
    joined = ""
    for line in filter(None, lines):
        two = joined[-1:].isdigit() and line[:1].isdigit()
        joined += (" / " if two else " " if joined else "") + line
    return joined


def _spread(rows: list[list[Placed]], most: int) -> Spanned:
    """Place cells on a grid; slots below a cell that spans several rows stay free for it."""
    hanging: dict[int, int] = {}
    widest = 0
    grid, ranges = list[Row](), list[Range]()
    for row in rows:
        line: Row = []
        waiting = list(reversed(row))
        while waiting or len(line) in hanging:
            if down := hanging.pop(len(line), 0):
                hanging |= {len(line): down - 1} if down > 1 else {}
                line.append(None)
            else:
                cell, left = waiting.pop(), len(line)
                line += [cell.text, *[None] * (cell.across - 1)]
                if cell.down > 1:
                    hanging |= dict.fromkeys(range(left, len(line)), cell.down - 1)
                if cell.down > 1 or cell.across > 1:
                    ranges.append(((len(grid), left), (len(grid) + cell.down - 1, len(line) - 1)))
            widest = max(widest, len(line))
            if len(line) > most or (len(grid) + 1) * widest > most:
                raise OverflowError
        grid.append(line)
    return Spanned(grid, ranges)
