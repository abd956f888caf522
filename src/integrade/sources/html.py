"""Tables of HTML pages, as statistics offices save them under the name of a workbook."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import NamedTuple

from integrade.sources.grid import Row

_TAG = re.compile(r"(/?)(table|tr|td|th)(?![\w-])", re.IGNORECASE)
_MARKUP = re.compile(r"[/!?a-z]", re.IGNORECASE)
_UNSEEN = re.compile(r"(script|style|title)(?![\w-])", re.IGNORECASE)
_SPAN = re.compile(r"(row|col)span\s*=\s*[\"']?(\d{1,9})", re.IGNORECASE)
MOST = {"row": 65534, "col": 1000}
"""Rows and columns that a cell may span, as in the HTML standard."""


class Placed(NamedTuple):
    """A cell's text and how many rows and columns it takes."""

    text: str
    down: int
    across: int


class Part(NamedTuple):
    """A piece of a page: text, or a tag of a table (``table``, ``tr``, ``td``, ``th``) that opens or closes."""

    text: str
    tag: str = ""
    closes: bool = False


def html_tables(page: str, *, most: int) -> list[list[Row]]:
    """The cells of every table that holds some; a cell that spans rows or columns is repeated over its place.

    One pass over the page, whatever stands in it. Raises `OverflowError` beyond ``most`` cells.
    """
    found: list[list[Row]] = []
    for rows in _tables(page):
        if any(rows):
            found.append(_spread(rows, most))
            most -= sum(map(len, found[-1])) + len(found[-1])
    return found


def _parts(page: str) -> Iterator[Part]:
    """The page piece by piece, without comments, scripts, styles, titles and other tags.

    What is opened and not closed (a comment, a tag, a script) reaches to the end, as browsers have it.
    """
    at = 0
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
        tag = _TAG.match(page, start + 1)
        unseen = _UNSEEN.match(page, start + 1)
        comment = page.startswith("<!--", start)
        at = _behind(page, "-->", start + 4) if comment else _behind(page, ">", start)
        if unseen:
            at = _behind(page, ">", _closing(page, unseen[1].lower(), at))
        yield Part(page[tag.end() : at - 1], tag[2].lower(), bool(tag[1])) if tag else Part(" ")


def _behind(page: str, mark: str, start: int) -> int:
    """The place behind the next mark; the end of the page where there is none."""
    found = page.find(mark, start)
    return len(page) if found < 0 else found + len(mark)


def _closing(page: str, tag: str, start: int) -> int:
    """Where the closing tag of a script, style or title stands; the end of the page where there is none."""
    found = re.compile(f"</{tag}", re.IGNORECASE).search(page, start)
    return found.start() if found else len(page)


def _tables(page: str) -> Iterator[list[list[Placed]]]:
    rows: list[list[Placed]] = []
    texts: list[str] | None = None
    spans: dict[str, int] = {}
    for part in _parts(page):
        if not part.tag:
            if texts is not None:
                texts.append(unescape(part.text))
            continue
        if texts is not None:
            rows = rows or [[]]
            rows[-1].append(Placed(" ".join("".join(texts).split()), spans.get("row", 1), spans.get("col", 1)))
            texts = None
        if part.tag == "table":
            yield rows
            rows = []
        elif part.tag == "tr" and not part.closes:
            rows.append([])
        elif not part.closes:
            texts = []
            spans = {kind.lower(): min(max(1, int(n)), MOST[kind.lower()]) for kind, n in _SPAN.findall(part.text)}
    yield rows


def _spread(rows: list[list[Placed]], most: int) -> list[Row]:
    """Rows of plain cells, with the cells that hang down from rows above."""
    hanging: dict[int, Placed] = {}
    widest = 0
    grid: list[Row] = []
    for row in rows:
        line: Row = []
        waiting = list(reversed(row))
        while waiting or len(line) in hanging:
            cell = hanging.pop(len(line), None) or waiting.pop()
            for _ in range(cell.across):
                if cell.down > 1:
                    hanging[len(line)] = Placed(cell.text, cell.down - 1, 1)
                line.append(cell.text)
            widest = max(widest, len(line))
            if len(line) > most or (len(grid) + 1) * widest > most:
                raise OverflowError
        grid.append(line)
    return grid
