"""Rows of text that have other cells than their headings: which they are, and whether a quote swallowed rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from integrade.sources.cells.cells_of_text import CellError, rows_of_lines

_QUOTED = re.compile(rb'"[^"]*"')


class Counted(NamedTuple):
    """How many rows, which is the first (counted from 1, headings too), and how many cells or lines that one has."""

    rows: int = 0
    first: int = 0
    has: int = 0

    def with_row(self, row: int, has: int) -> Counted:
        """One more."""
        return self._replace(rows=self.rows + 1) if self.rows else Counted(1, row, has)


class Structure(NamedTuple):
    """Rows with fewer cells than there are headings, rows of several lines (line breaks in quotes), the first row
    whose quotes hold whole rows (0 for none), and how many rows hold something.
    """

    short: Counted = Counted()
    broken: Counted = Counted()
    swallows: Counted = Counted()
    rows: int = 0


def may_be_odd(body: bytes, separator: bytes, rows: int, blank: int, width: int, *, gaps: bool) -> bool:
    """Whether a row of these lines may have too few cells or several lines, from counts alone.

    ``rows``: how many were read, ``blank`` of them without a cell; ``gaps``: whether the last column has empty cells,
    which a row with too few has.
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
    """Whether text follows a closing quote in these lines: ``"A" B`` and ``"1"2"3"``.

    Quotes within a cell that none opens are signs of its text, unless a cell ends between two of them: ``A",2,"B``.
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
    doubled = np.zeros(len(opens), bool)  # the quote before closes there: two are one sign
    doubled[1:] = opens[1:] == closes[:-1] + 1
    first = np.maximum.accumulate(np.where(doubled, 0, np.arange(len(opens))))
    return not bool(within[signs[opens[first[odd]] - 1]].all())


def structure(rows: Iterable[Sequence[str]], width: int, separator: str, start: int) -> Structure:
    """What the rows below the headings have; ``start`` is the number of the first."""
    found = Structure()
    filled = 0
    for number, row in enumerate(rows, start):
        holds = any(cell.strip() for cell in row)
        filled += holds
        if len(row) < width and holds:
            found = found._replace(short=found.short.with_row(number, len(row)))
        lines = separator.join(row).split("\n") if any("\n" in cell for cell in row) else ()
        if lines:
            found = found._replace(broken=found.broken.with_row(number, len(lines)))
        if width > 2 and len(lines) > 1 and all(line.count(separator) == width - 1 for line in lines):
            found = found._replace(swallows=found.swallows.with_row(number, len(lines)))
    return found._replace(rows=filled)


def flaw(lines: Iterable[str], separator: str, width: int, above: int) -> str:
    """What is wrong with the first row that no reader takes, with its number; nothing where none is.

    Too many cells, a quote that is not closed, text behind a closing quote, a quote within a cell without quotes.
    """
    held: list[str] = []

    def taken() -> Iterator[str]:
        for line in lines:
            held.append(line)
            yield line

    rows, number = rows_of_lines(taken(), separator, strict=True), 0
    while True:
        held.clear()
        number += 1
        try:
            row = next(rows, None)
        except CellError as problem:
            if "unexpected end" in str(problem):
                return f"row {number:,} opens a quote that is not closed"
            return f"row {number:,} has text behind a closing quote"
        if row is None:
            return ""
        if number > above and len(row) > width:
            return f"row {number:,} has {len(row):,} cells, the heading has {width:,}"
        said = "".join(held)
        if number > above and (said.count('"') % 2 or is_misfit(said.encode(), separator.encode())):
            return f"row {number:,} has a quote within a cell that has none around it"
