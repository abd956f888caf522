"""Detect cells that no sound sheet of an .xlsx has, and that its reader would accept without an error.

If two cells have one address, or a cell has two values, one of them would be lost. A cell may be in another row than
its address states. If a cell refers to a shared text by something other than a number, the first text of the book would
be used. If a value is written in several pieces, only the first piece would be used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

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
_ROW_WITH_CELLS = re.compile(rb"(\d+) ((?:[A-Za-z]+\1 )*)")
"""A row's number and the cells that state it as theirs, as `_tokens` joined by blanks."""


class Seen(NamedTuple):
    """Facts about the sheet read so far: its last position, the open row, and whether positions only increase."""

    last: int = -1
    row: int = -1
    rising: bool = True
    placed: bool = False
    unplaced: bool = False


def seen_with(seen: Seen, text: bytes, *, unplaced: bool) -> Seen:
    """Return the facts after another piece of the sheet has been read."""
    tokens = _tokens(text)
    start = next((i for i, token in enumerate(tokens) if token.isdigit()), len(tokens))  # cells of the row before it
    begun = _seen_by_cells(seen, tokens[:start])
    rest = tokens[start:]
    return (_seen_by_rows(begun, rest) or _seen_by_cells(begun, rest))._replace(unplaced=seen.unplaced or unplaced)


def _seen_by_rows(seen: Seen, tokens: Sequence[bytes]) -> Seen | None:
    """Return the facts after these rows and cells, one row after the other; None if a cell is in no row or another."""
    joined = b"".join(token + b" " for token in tokens)
    last, row, rising, placed, at = seen.last, seen.row, seen.rising, seen.placed, 0
    for found in _ROW_WITH_CELLS.finditer(joined):
        if found.start() != at:
            return None
        at, row = found.end(), int(found[1])
        rising &= row * _COLUMNS > last
        last = row * _COLUMNS
        if found[2]:
            far, in_order = _columns(found[2].replace(found[1], b""))
            last, rising, placed = last + far, rising and in_order, True
    return Seen(last, row, rising, placed) if at == len(joined) else None


@lru_cache(1 << 10)
def _columns(letters: bytes) -> tuple[int, bool]:
    """Return the last of several columns with blanks between them, and whether each is after the one before."""
    columns = [column_of(one) for one in letters.split()]
    return columns[-1], all(a < b for a, b in pairwise(columns))


def _seen_by_cells(seen: Seen, tokens: Sequence[bytes]) -> Seen:
    """Return the facts after these rows and cells, one token after the other."""
    last, row, rising, placed = seen.last, seen.row, seen.rising, seen.placed
    for token in tokens:
        letters = token.rstrip(b"0123456789")
        number, column = int(token[len(letters) :]), column_of(letters)
        rising &= number * _COLUMNS + column > last and (not letters or row in (-1, number))
        last, row, placed = number * _COLUMNS + column, row if letters else number, placed or bool(letters)
    return Seen(last, row, rising, placed)


def is_doubtful(seen: Seen) -> bool:
    """Return whether two cells may have one position, or a cell may be in another row than its address states."""
    return not seen.rising or (seen.placed and seen.unplaced)


def _tokens(text: bytes) -> list[bytes]:
    """Return the addresses of the rows (a number) and cells (letters and a number) that have one, in order."""
    tokens: list[bytes] = _USUAL_TOKEN.findall(text)
    if b":c" in text or len(tokens) != sum(text.count(b"<" + beginning) for beginning in _BEGINNINGS):
        tokens = _TOKEN.findall(text)
    return tokens


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
