"""Read the number formats of an .xls (Excel 97 to 2003) from its records, because calamine does not return them."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from io import BytesIO
from typing import NamedTuple

from tablecheck.documents.shown import BUILT_IN

_BOF, _END, _FORMAT, _STYLE, _SHEET = 0x0809, 0x000A, 0x041E, 0x00E0, 0x0085
_NUMBER, _SHORT, _SHORTS, _FORMULA = 0x0203, 0x027E, 0x00BD, 0x0006
_VERSION = 0x0600
"""Version number of BIFF8, the format that Excel 97 and later write."""

Formats = dict[str, dict[tuple[int, int], str]]
"""For each sheet, the format of each cell that holds a number, by row and column from 0."""


class _Record(NamedTuple):
    kind: int
    at: int
    size: int


def formats_of_old(content: bytes) -> Formats | None:
    """Return the formats of the cells with numbers; None if the file does not have them (it is older or damaged)."""
    stream = _stream(content)
    try:
        return _formats(stream) if stream else None
    except (struct.error, IndexError, UnicodeDecodeError):
        return None


def _stream(content: bytes) -> bytes:
    """Return the stream of the container that holds the workbook; empty if there is none."""
    import olefile

    try:
        with olefile.OleFileIO(BytesIO(content)) as opened:
            return bytes(opened.openstream("Workbook").read()) if opened.exists("Workbook") else b""
    except (OSError, ValueError, IndexError, struct.error):
        return b""


def _records(stream: bytes, at: int) -> Iterator[_Record]:
    """Yield the records from a position to the end of the part that it is in; parts inside it (charts) are skipped."""
    depth = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        depth += (kind == _BOF) - (kind == _END)
        if depth == 1 and kind != _BOF:
            yield _Record(kind, at + 4, size)
        at += 4 + size
        if depth <= 0:
            return


def _formats(stream: bytes) -> Formats | None:
    """Return the formats of the cells by sheet; None for a version other than BIFF8."""
    if struct.unpack_from("<HHH", stream)[0] != _BOF or struct.unpack_from("<HHH", stream)[2] != _VERSION:
        return None
    custom: dict[int, str] = {}
    styles: list[int] = []
    sheets: dict[str, int] = {}
    for kind, at, _ in _records(stream, 0):
        if kind == _FORMAT:
            custom[struct.unpack_from("<H", stream, at)[0]] = _text(
                stream, at + 4, struct.unpack_from("<H", stream, at + 2)[0]
            )
        elif kind == _STYLE:
            styles.append(struct.unpack_from("<HH", stream, at)[1])
        elif kind == _SHEET and stream[at + 5] == 0:
            sheets[_text(stream, at + 7, stream[at + 6])] = struct.unpack_from("<I", stream, at)[0]
    codes = [custom.get(number, BUILT_IN.get(number, "?d")) for number in styles]
    return {name: dict(_cells(stream, start, codes)) for name, start in sheets.items()}


def _text(stream: bytes, at: int, length: int) -> str:
    """Return the text at a position; the byte at this position gives the width of the characters."""
    wide = stream[at] & 1
    raw = stream[at + 1 : at + 1 + length * (2 if wide else 1)]
    return raw.decode("utf-16-le" if wide else "latin-1")


def _cells(stream: bytes, start: int, codes: list[str]) -> Iterator[tuple[tuple[int, int], str]]:
    """Yield the row, the column and the format of each cell of a sheet that holds a number."""
    for kind, at, size in _records(stream, start):
        if kind in (_NUMBER, _SHORT, _FORMULA):
            row, column, style = struct.unpack_from("<HHH", stream, at)
            yield (row, column), codes[style]
        elif kind == _SHORTS:
            row, first = struct.unpack_from("<HH", stream, at)
            for k in range((size - 6) // 6):
                yield (row, first + k), codes[struct.unpack_from("<H", stream, at + 4 + 6 * k)[0]]
