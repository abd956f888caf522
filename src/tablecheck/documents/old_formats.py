"""Read the number formats of an .xls (Excel 97 to 2003) from its records, because calamine does not return them."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from io import BytesIO

from rawcells.cells.xls_records import (
    BIFF8,
    BOF,
    BOUND_SHEET,
    FORMAT,
    FORMULA,
    MUL_RK,
    NUMBER,
    RK,
    WORKSHEET,
    XF,
    bound_sheet,
    records,
    text_in,
    workbook_of,
)
from tablecheck.documents.shown import BUILT_IN

Formats = dict[str, dict[tuple[int, int], str]]
"""For each sheet, the format of each cell that holds a number, by row and column from 0."""


def formats_of_old(content: bytes) -> Formats | None:
    """Return the formats of the cells with numbers; None if the file does not have them (it is older or damaged)."""
    try:
        return _formats(workbook_of(BytesIO(content)))
    except (OSError, ValueError, IndexError, struct.error):
        return None


def _formats(book: bytes) -> Formats | None:
    begin, _, version = struct.unpack_from("<HHH", book)
    if (begin, version) != (BOF, BIFF8):
        return None
    custom: dict[int, str] = {}
    styles: list[int] = []
    sheets: dict[str, int] = {}
    for _, kind, content, _, _ in records(book, {FORMAT, XF, BOUND_SHEET}, start=0):
        if kind == FORMAT:
            number, length = struct.unpack_from("<2H", content)
            custom[number] = text_in(content, 4, length)
        elif kind == XF:
            styles.append(struct.unpack_from("<2H", content)[1])
        elif (sheet := bound_sheet(content)) and sheet.is_worksheet:
            sheets[sheet.name] = sheet.start
    codes = [custom.get(number, BUILT_IN.get(number, "?d")) for number in styles]
    return {name: dict(_cells(book, start, codes)) for name, start in sheets.items()}


def _cells(book: bytes, start: int, codes: list[str]) -> Iterator[tuple[tuple[int, int], str]]:
    for _, kind, content, _, part in records(book, {NUMBER, RK, FORMULA, MUL_RK}, start=start):
        if part == WORKSHEET:  # a chart in the sheet has cells of its own
            row, first = struct.unpack_from("<2H", content)
            for k in range((len(content) - 6) // 6 if kind == MUL_RK else 1):
                yield (row, first + k), codes[struct.unpack_from("<H", content, 4 + 6 * k)[0]]
