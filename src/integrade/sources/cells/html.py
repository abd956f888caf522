"""Tables of HTML pages, as statistics offices save them under the name of a workbook."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from html import unescape
from itertools import count
from typing import NamedTuple

from integrade.sources.cells.grid import RAISED, Cell, Range, Row
from integrade.sources.cells.style_sheets import HIDES, hidden_names, is_hidden

_NAME = re.compile(r"(/?)([a-z][a-z0-9]*)(?![\w-])", re.IGNORECASE)
_MARKUP = re.compile(r"[/!?a-z]", re.IGNORECASE)
_SPAN = re.compile(r"(row|col)span\s*=\s*[\"']?(\d{1,9})", re.IGNORECASE)
_HIDDEN = re.compile(rf"\shidden(?![\w-])|{HIDES.pattern}", re.IGNORECASE)
_FIELD = re.compile(r"\svalue\s*=\s*(?:[\"']([^\"']*)[\"']|([^\s\"'>]+))", re.IGNORECASE)
"""What stands in a field of a form."""
_NO_FIELD = re.compile(r"\stype\s*=\s*[\"']?(?!text|number)\w", re.IGNORECASE)
_PRINTED = re.compile(r"[+-]?(?!0\d)\d+")
_MARKED = re.compile(r"[+-]?\d+(?:[.,\u00a0' ]\d+)+")
_ANY = re.compile(r"<!--.*?(?:-->|\Z)|<(/?)([a-z][a-z0-9]*)(?![\w-])", re.IGNORECASE | re.DOTALL)
"""Comments and tags."""
SECTIONS = frozenset(("thead", "tbody", "tfoot"))
CELLS, TABLE = frozenset(("tr", "td", "th")), frozenset(("table", "tr", "td", "th"))
BREAKS = frozenset(("br", "p", "div", "li", "dt", "dd", "hr"))
WITHIN = frozenset(("b", "big", "code", "em", "i", "mark", "nobr", "strong", "sup", "tt", "u"))
"""Tags within a word or number; links, small and lowered signs may be those of footnotes, and others stand apart."""
STRUCK = frozenset(("del", "s", "strike"))
"""What is struck through, which no longer counts."""
NEVER = frozenset(("template", "datalist", "noscript", "rp", "audio", "video", "canvas", "iframe", "object"))
"""What stands for browsers that cannot show something, or is no text of the page."""
APART = frozenset(("sub", "option", "details", "summary", "dialog", "rt", "figcaption", "blockquote", "pre"))
"""Tags that keep the number in them apart from the one before."""
EMPTY = frozenset(("br", "hr", "img", "input", "wbr", "col", "meta", "link"))
MOST = {"row": 65534, "col": 1000}
"""Rows and columns that a cell may span, as in the HTML standard."""


class Placed(NamedTuple):
    """A cell's text and how many rows and columns it takes."""

    text: str
    down: int
    across: int


class Part(NamedTuple):
    """A piece of a page: text, or a tag that opens or closes; ``unseen``: text that a browser does not show (``tag``
    is table where it holds cells).
    """

    text: str
    tag: str = ""
    closes: bool = False
    unseen: bool = False


class Spanned(NamedTuple):
    """A table: its rows, each cell in the first of its places, the ranges of cells that take several, and how many
    pieces of text no browser shows, which are left out (of the first also tables before and between).
    """

    rows: list[Row]
    ranges: list[Range]
    unseen: int = 0


class Held(NamedTuple):
    """A table that is being read: which of the page it is, its rows, the pieces of it that are not shown, and how many
    rows stand above each group of rows (``tbody``), beyond which no cell spans.
    """

    number: int
    rows: list[list[Placed]]
    unseen: list[Part]
    groups: list[int]


def html_tables(page: str, *, most: int) -> list[Spanned]:
    """The cells of every table that holds some, in the order in which they begin.

    What is hidden or struck through is left out; raised digits are those of footnotes; numbers on two lines of a cell
    stay two. One pass over the page, whatever stands in it. Raises `OverflowError` beyond ``most`` cells.
    """
    found: list[Spanned] = []
    tables = 0
    for held in sorted(_tables(page), key=lambda one: one.number):
        unseen = [part for part in held.unseen if part.text.strip()]
        if any(held.rows):
            made = _spread(_within_groups(held), most)
            found.append(made._replace(unseen=len(unseen)))
            most -= sum(map(len, made.rows)) + len(made.rows)
        else:
            tables += sum(part.tag == "table" for part in unseen)
    return [found[0]._replace(unseen=found[0].unseen + tables), *found[1:]] if found else []


def printed_number(cell: Cell) -> Cell:
    """A printed number as one, with marks between its digits as one that is not whole, for no code has them.

    Example:
        >>> printed_number("12"), printed_number("1,200"), printed_number("0101"), printed_number("x")
        (12.0, 0.5, '0101', 'x')
    """
    if not isinstance(cell, str):
        return cell
    return float(cell) if _PRINTED.fullmatch(cell) else 0.5 if _MARKED.fullmatch(cell) else cell


def _parts(page: str) -> Iterator[Part]:
    """The page piece by piece, without comments, scripts, styles and titles.

    What is opened and not closed (a comment, a tag, a script) reaches to the end, as browsers have it; what is not
    shown to the end of its cell.
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
    """Where what a tag opens ends: behind its closing tag, or before one that ends its cell, row or table."""
    depth, inner = 1, 0
    ends = SECTIONS if tag in SECTIONS else SECTIONS | {"tr"} if tag == "tr" else SECTIONS | CELLS
    for found in _ANY.finditer(page, start):
        name, step = (found[2] or "").lower(), -1 if found[1] else 1
        if name == tag and (tag == "table" or not inner):
            if step > 0 and tag in SECTIONS | CELLS:
                return found.start()
            depth += step
            if not depth:
                return _behind(page, ">", found.end())
        if name == "table" and tag != "table":
            inner += step
            if inner < 0:
                return found.start()
        if tag != "table" and not inner and name in ends and name != tag:
            return found.start()
    return len(page)


def _behind(page: str, mark: str, start: int) -> int:
    """The place behind the next mark; the end of the page where there is none."""
    found = page.find(mark, start)
    return len(page) if found < 0 else found + len(mark)


def _closing(page: str, tag: str, start: int) -> int:
    """Where the closing tag of a script, style or title stands; the end of the page where there is none."""
    found = re.compile(f"</{tag}", re.IGNORECASE).search(page, start)
    return found.start() if found else len(page)


def _tables(page: str) -> Iterator[Held]:
    outer: list[tuple[Held, list[str], dict[str, int]]] = []
    numbers = count()
    held, spans = Held(next(numbers), [], [], []), dict[str, int]()
    texts: list[str] | None = None
    raised = False
    for part in _parts(page):
        if part.unseen:
            held.unseen.append(part)
        elif part.tag == "sup":
            raised = not part.closes
        elif part.tag in BREAKS or part.tag not in TABLE:
            if part.tag in SECTIONS and texts is not None:
                _end_cell(held, texts, spans)
                texts = None
            if part.tag in SECTIONS:
                held.groups.append(len(held.rows))
            if texts is not None:
                texts.append(_shown(part, raised=raised))
        elif part.tag == "table" and not part.closes and texts is not None:  # a table within a cell
            outer.append((held, texts, spans))
            held, texts = Held(next(numbers), [], [], []), None
        else:
            if texts is not None:
                _end_cell(held, texts, spans)
                texts = None
            if part.tag == "table":
                yield held
                held = Held(next(numbers), [], [], [])
                if part.closes and outer:
                    held, texts, spans = outer.pop()
            elif part.tag == "tr" and not part.closes:
                held.rows.append([])
            elif not part.closes:
                texts, raised = [], False
                spans = {kind.lower(): _span(kind.lower(), int(n)) for kind, n in _SPAN.findall(part.text)}
    yield held
    yield from (one for one, _, _ in outer)


def _end_cell(held: Held, texts: list[str], spans: dict[str, int]) -> None:
    held.rows.extend([] if held.rows else [[]])
    held.rows[-1].append(Placed(_joined("".join(texts)), spans.get("row", 1), spans.get("col", 1)))


def _span(kind: str, n: int) -> int:
    """Rows or columns that a cell spans; none means all rows of its group."""
    return MOST["row"] if kind == "row" and not n else min(max(1, n), MOST[kind])


def _within_groups(held: Held) -> list[list[Placed]]:
    """The rows with no cell that hangs beyond its group of rows."""
    ends = sorted({*held.groups, len(held.rows)})
    return [
        [cell._replace(down=min(cell.down, ends[bisect_right(ends, i)] - i)) for cell in row]
        for i, row in enumerate(held.rows)
    ]


def _shown(part: Part, *, raised: bool) -> str:
    """What a piece of a cell adds to its text; tags within a line add nothing, others a blank or the end of a line."""
    if part.tag:
        return "\n" if part.tag in BREAKS or part.tag in APART else "" if part.tag in WITHIN else " "
    plain = re.sub(r"\s+", " ", unescape(part.text))
    return plain.translate(RAISED) if raised else plain


def _joined(text: str) -> str:
    """The lines of a cell as one; two numbers stay two."""
    lines = [" ".join(line.split()) for line in text.split("\n")]
    made = ""
    for line in filter(None, lines):
        two = made[-1:].isdigit() and line[:1].isdigit()
        made += (" / " if two else " " if made else "") + line
    return made


def _spread(rows: list[list[Placed]], most: int) -> Spanned:
    """Rows of plain cells, with room for the cells that hang down from rows above."""
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
