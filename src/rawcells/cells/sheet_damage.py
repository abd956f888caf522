"""Detect cells that no sound sheet of an .xlsx has, and that its reader would accept without an error.

If two cells have one address, or a cell has two values, one of them would be lost. A cell may be in another row than
its address states. If a cell refers to a shared text by something other than a number, the first text of the book would
be used. If a value is written in several pieces, only the first piece would be used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rawcells.cells.grid import address

_TOKEN = re.compile(rb'<(?:\w+:)?(?:row|c)\b(?:[^>]*?\s)?r\s*=\s*["\']([A-Za-z]{0,4}\d{1,7})["\']')
_USUAL_TOKEN = re.compile(rb'<(?:row|c) r="([A-Z]{0,3}\d{1,7})"')
_BEGINNINGS = [one + space for one in (b"c", b"row") for space in (b" ", b"\n", b"\t", b"\r")]
_ANY_TOKEN = re.compile(rb"<(?:\w+:)?(row|c)(?=[\s>/])([^>]*)>")
_PLACE = re.compile(rb'(?:^|\s)r\s*=\s*["\']([A-Za-z]*)(\d+)["\']')
_ODD_TEXT = re.compile(rb"""t="s"(?!/>|><v>\d+</v>)|t='|t\s*=\s""")
_CELL = re.compile(rb"<(?:\w+:)?c(?=[\s>])([^>]*)(?<!/)>(.*?)</(?:\w+:)?c>", re.DOTALL)
_VALUES = re.compile(rb"<(?:\w+:)?(?:v|is)\b[^>]*?>")
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*?(?<!/)>(.*?)</(?:\w+:)?v>", re.DOTALL)
_KIND = re.compile(rb'(?:^|\s)t\s*=\s*["\'](\w*)["\']')
_COLUMNS = 1 << 20


class Seen(NamedTuple):
    """Facts about the sheet read so far: its last position, the open row, and whether positions only increase."""

    last: int = -1
    row: int = -1
    rising: bool = True
    placed: bool = False
    unplaced: bool = False


def seen_with(seen: Seen, text: bytes, *, unplaced: bool) -> Seen:
    """Return the facts after another piece of the sheet has been read."""
    places = _places(text)
    if not len(places):
        return seen._replace(unplaced=seen.unplaced or unplaced)
    rows, columns = places // _COLUMNS, places % _COLUMNS
    opened = np.maximum.accumulate(np.where(columns == 0, rows, -1))  # if rows do not rise, the sheet is checked again
    opened = np.where(opened < 0, seen.row, opened)
    cells = columns > 0
    in_own_row = bool(((opened == rows) | (opened < 0))[cells].all())
    rising = int(places[0]) > seen.last and bool((np.diff(places) > 0).all()) and in_own_row
    return Seen(
        int(places[-1]),
        int(opened[-1]),
        seen.rising and rising,
        seen.placed or bool(cells.any()),
        seen.unplaced or unplaced,
    )


def is_doubtful(seen: Seen) -> bool:
    """Return whether two cells may have one position, or a cell may be in another row than its address states."""
    return not seen.rising or (seen.placed and seen.unplaced)


def _places(text: bytes) -> NDArray[np.int64]:
    """Return the rows and cells that have an address, in order, as row times `_COLUMNS` plus column (0 for a row)."""
    tokens = _USUAL_TOKEN.findall(text)
    if b":c" in text or len(tokens) != sum(text.count(b"<" + beginning) for beginning in _BEGINNINGS):
        tokens = _TOKEN.findall(text)
    if not tokens:
        return np.empty(0, np.int64)
    written = np.array(tokens)
    signs = np.ascontiguousarray(written.view(np.uint8).reshape(len(tokens), written.itemsize).T)
    row, column = np.zeros(len(tokens), np.int32), np.zeros(len(tokens), np.int32)
    for sign in signs:
        letter = sign > ord("9")
        digit = (sign >= ord("0")) & ~letter
        column = np.where(letter, column * 26 + (sign & 31), column)
        row = np.where(digit, row * 10 + (sign & 15), row)
    return row.astype(np.int64) * _COLUMNS + column


def walked(pieces: Iterator[bytes]) -> Iterator[tuple[int, int, int]]:
    """Yield the row and column of each cell, counted from 1, and the number of its row element (0 if it has none).

    A row or cell without an address is directly after the one before it.
    """
    row, column, own = 0, 0, 0
    for text in pieces:
        for token in _ANY_TOKEN.finditer(text):
            kind, attributes = token.groups()
            place = _PLACE.search(attributes)
            if kind == b"row":
                row, column = int(place[2][:9]) if place else row + 1, 0
                own = row if place else 0
                continue
            here = (int(place[2][:9]), column_of(place[1][:6])) if place else (row, column + 1)
            column = here[1]
            yield *here, own


def refuse_twice(sheet: str, pieces: Iterator[bytes]) -> None:
    """Refuse two cells in one position, and a cell in another row than its address states. Raises `ValueError`."""
    known = set[tuple[int, int]]()
    for row, column, own in walked(pieces):
        if own and row != own:
            raise ValueError(f"sheet {sheet!r}: cell {_named(row, column)} is in row {own:,}")
        if (row, column) in known:
            raise ValueError(f"sheet {sheet!r} has cell {_named(row, column)} twice")
        known.add((row, column))


def refuse_values(sheet: str, text: bytes) -> None:
    """Refuse a cell whose value is in several pieces, or that refers to a shared text by something other than a number.

    Raises `ValueError`.
    """
    if not _is_usual(text):
        for attributes, content in _CELL.findall(text):
            if why := _wrong(attributes, content):
                place = _PLACE.search(attributes)
                cell = _named(int(place[2][:9]), column_of(place[1][:6])) if place else "one"
                raise ValueError(f"sheet {sheet!r}, cell {cell} {why}")


def _is_usual(text: bytes) -> bool:
    """Return whether every value is the last element of its cell and every shared text is referenced by a number.

    Both are found by counting.
    """
    ends = all(text.count(b"</%b>" % tag) == text.count(b"</%b></c>" % tag) for tag in (b"v", b"is"))
    plain = b":v>" not in text and b"<!" not in text and not (b"&" in text and re.search(rb"<v>[^<]*&", text))
    return ends and plain and not _ODD_TEXT.search(text)


def _wrong(attributes: bytes, content: bytes) -> str:
    """Return what is wrong with a cell; an empty text if the cell is sound."""
    if len(_VALUES.findall(content)) > 1:
        return "has two values"
    value, kind = _VALUE.search(content), _KIND.search(attributes)
    if value is None:
        return ""
    if b"<" in value[1] or (b"&" in value[1] and (kind is None or kind[1] not in (b"str", b"inlineStr"))):
        return "has a value that is split into parts"
    if kind and kind[1] == b"s" and value[1] and not value[1].isdigit():
        shown = value[1][:20].decode("utf-8", errors="replace")
        return f"names a text of the workbook by {shown!r}, which is not a number"
    return ""


def column_of(letters: bytes) -> int:
    """Return the number of a column from its letters: AB is 28."""
    number = 0
    for letter in letters.upper():
        number = 26 * number + letter - 64
    return number


def _named(row: int, column: int) -> str:
    return address(row - 1, column - 1)
