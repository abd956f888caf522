"""Find rows of text whose number of cells differs from the headings, and texts in quotes that contain whole rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from rawcells.cells.cells_of_text import CellError, rows_of_lines

_QUOTED = re.compile(rb'"[^"]*"')


class Counted(NamedTuple):
    """Number of irregular rows, and the first one (counted from 1 with headings) with its number of cells or lines."""

    rows: int = 0
    first: int = 0
    has: int = 0

    def with_row(self, row: int, has: int) -> Counted:
        """Return the counts with one more row."""
        return self._replace(rows=self.rows + 1) if self.rows else Counted(1, row, has)


class Structure(NamedTuple):
    """Irregular rows of a text file.

    ``short``: rows with fewer cells than headings. ``broken``: rows of several lines (line breaks in quotes).
    ``swallows``: rows with a text in quotes that contains whole rows. ``rows``: number of rows with content.
    """

    short: Counted = Counted()
    broken: Counted = Counted()
    swallows: Counted = Counted()
    rows: int = 0


def may_be_odd(body: bytes, separator: bytes, rows: int, blank: int, width: int, *, gaps: bool) -> bool:
    """Return whether some row of these lines may have too few cells or several lines; only counts are used.

    ``rows``: number of rows read; ``blank``: how many of them are empty. ``gaps``: whether the last column has empty
    cells; every row with too few cells has one there.
    """
    quoted = b'"' in body
    lines = body.count(b"\n") + (not body.endswith(b"\n"))
    if quoted and rows < lines:
        return True
    if not gaps or width < 2:
        return False
    bare = _QUOTED.sub(b"", body) if quoted else body
    return bare.count(separator) != (rows - blank) * (width - 1)


def is_misfit(body: bytes, separator: bytes) -> bool:
    """Return whether in these lines a text follows a closing quote: ``"A" B`` and ``"1"2"3"``.

    Quotes inside a cell without quotes are part of its text, unless a cell ends between two of them: ``A",2,"B``.
    """
    signs = np.frombuffer(b"\n" + body + b"\n", np.uint8)
    at = np.flatnonzero(signs == ord('"'))
    opens, closes = at[: len(at) // 2 * 2 : 2], at[1::2]
    within = np.ones(256, bool)
    within[list(separator + b'\r\n"')] = False
    signs_of_text = np.flatnonzero(within[signs[opens - 1]])
    if len(signs_of_text):
        ends = np.flatnonzero(~within[signs] & (signs != ord('"')))
        if np.any(np.diff(np.searchsorted(ends, np.stack([opens, closes])[:, signs_of_text]), axis=0)):
            return True
    odd = np.flatnonzero(within[signs[closes + 1]])
    if not len(odd):
        return False
    doubled = np.zeros(len(opens), bool)  # the quote before closes there: two quotes are one character
    doubled[1:] = opens[1:] == closes[:-1] + 1
    first = np.maximum.accumulate(np.where(doubled, 0, np.arange(len(opens))))
    return not bool(within[signs[opens[first[odd]] - 1]].all())


def structure(rows: Iterable[Sequence[str]], width: int, separator: str, start: int) -> Structure:
    """Count the irregular rows below the headings; ``start`` is the number of the first row."""
    counts = Structure()
    filled = 0
    for number, row in enumerate(rows, start):
        holds = any(cell.strip() for cell in row)
        filled += holds
        if len(row) < width and holds:
            counts = counts._replace(short=counts.short.with_row(number, len(row)))
        lines = separator.join(row).split("\n") if any("\n" in cell for cell in row) else ()
        if lines:
            counts = counts._replace(broken=counts.broken.with_row(number, len(lines)))
        if width > 2 and len(lines) > 1 and all(line.count(separator) == width - 1 for line in lines):
            counts = counts._replace(swallows=counts.swallows.with_row(number, len(lines)))
    return counts._replace(rows=filled)


def flaw(lines: Iterable[str], separator: str, width: int, above: int) -> str:
    """Describe the first row that no reader accepts, with its number; empty if there is no such row.

    Such a row has too many cells, an unclosed quote, text after a closing quote, or a quote inside a cell without
    quotes.
    """
    lines_of_row: list[str] = []

    def taken() -> Iterator[str]:
        for line in lines:
            lines_of_row.append(line)
            yield line

    rows, number = rows_of_lines(taken(), separator, strict=True), 0
    while True:
        lines_of_row.clear()
        number += 1
        try:
            row = next(rows, None)
        except CellError as problem:
            if "unexpected end" in str(problem):
                return f"row {number:,} opens a quote that is not closed"
            return f"row {number:,} has text after a closing quote"
        if row is None:
            return ""
        if number > above and len(row) > width:
            return f"row {number:,} has {len(row):,} cells, the heading has {width:,}"
        text = "".join(lines_of_row)
        if number > above and (text.count('"') % 2 or is_misfit(text.encode(), separator.encode())):
            return f"row {number:,} has a quote within a cell that has none around it"
