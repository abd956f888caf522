"""Tables of HTML pages, as statistics offices save them under the name of a workbook."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import NamedTuple

from integrade.sources.grid import Row

_UNSEEN = re.compile(r"<!--.*?-->|<(script|style|title)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_PART = re.compile(r"<(?P<close>/?)(?P<tag>table|tr|td|th)\b(?P<more>[^>]*)>|<[^>]*>|(?P<text>[^<]+)", re.IGNORECASE)
_SPAN = re.compile(r"(row|col)span\s*=\s*[\"']?(\d{1,9})", re.IGNORECASE)
MOST = {"row": 65534, "col": 1000}
"""Rows and columns that a cell may span, as in the HTML standard."""


class Placed(NamedTuple):
    """A cell's text and how many rows and columns it takes."""

    text: str
    down: int
    across: int


def html_tables(page: str) -> list[list[Row]]:
    """The cells of every table that holds some; a cell that spans rows or columns is repeated over its place."""
    return [_spread(rows) for rows in _tables(_UNSEEN.sub(" ", page)) if any(rows)]


def _tables(page: str) -> Iterator[list[list[Placed]]]:
    rows: list[list[Placed]] = []
    parts: list[str] | None = None
    spans: dict[str, int] = {}
    for match in _PART.finditer(page):
        tag = (match["tag"] or "").lower()
        if not tag:
            if parts is not None:
                parts.append(unescape(match["text"] or " "))
            continue
        if parts is not None:
            rows = rows or [[]]
            rows[-1].append(Placed(" ".join("".join(parts).split()), spans.get("row", 1), spans.get("col", 1)))
            parts = None
        if tag == "table":
            yield rows
            rows = []
        elif tag == "tr" and not match["close"]:
            rows.append([])
        elif not match["close"]:
            parts = []
            spans = {kind.lower(): min(max(1, int(n)), MOST[kind.lower()]) for kind, n in _SPAN.findall(match["more"])}
    yield rows


def _spread(rows: list[list[Placed]]) -> list[Row]:
    """Rows of plain cells, with the cells that hang down from rows above."""
    hanging: dict[int, Placed] = {}
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
        grid.append(line)
    return grid
