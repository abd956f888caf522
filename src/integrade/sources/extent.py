"""How far the cells of a workbook reach, found out before it is opened: a stray cell would fill the memory."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import IO, BinaryIO, NamedTuple
from zipfile import ZipFile

from integrade.errors import Unreadable

MOST_CELLS = 40_000_000
MOST_UNPACKED = 4 << 30
"""Bytes that the parts of an .xlsx may unpack to."""
PIECE = 1 << 20
_DIMENSION = re.compile(rb'<(?:\w+:)?dimension ref="(?:[A-Z]+\d+:)?([A-Z]{1,3})(\d{1,7})"')
_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})(\d{1,7})"')
_CELL_RECORDS = frozenset((0x0006, 0x00BD, 0x00BE, 0x00FD, 0x0201, 0x0203, 0x0204, 0x0205, 0x027E))
"""Records of an .xls that begin with the row and the column of a cell."""
WIDEST_XLS = 256


class Extent(NamedTuple):
    """Rows and columns of a sheet, down to its last cell."""

    sheet: str
    rows: int
    columns: int


def check_extent(path: Path, stream: BinaryIO) -> None:
    """Refuse a workbook that is too large to hold.

    Raises `Unreadable` for a sheet whose used area has more than 40 million cells, for an .xlsx that unpacks to more
    than 4 GB, and for an .xls with cells where no sheet has any. What is no workbook at all is left to its reader.
    """
    head = stream.read(4)
    stream.seek(0)
    extents = _of_xlsx(path, stream) if head == b"PK\x03\x04" else _of_xls(path, stream)
    for found in extents:
        if found.rows * found.columns > MOST_CELLS:
            raise Unreadable(
                f"sheet {found.sheet} of {path.name} claims {found.rows:,} rows and {found.columns:,} columns",
                where=str(path),
                remedy="a stray cell far from the table? delete the rows and columns beyond it, or save it as csv",
            )
    stream.seek(0)


def _of_xlsx(path: Path, stream: BinaryIO) -> Iterator[Extent]:
    with ZipFile(stream) as book:
        size = sum(part.file_size for part in book.infolist())
        if size > MOST_UNPACKED:
            raise Unreadable(
                f"{path.name} unpacks to {size >> 30} GB", where=str(path), remedy="save its sheets as csv, or in parts"
            )
        for name in book.namelist():
            if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name):
                with book.open(name) as part:
                    rows, columns = _last_cell(part)
                yield Extent(Path(name).stem, rows, columns)


def _last_cell(part: IO[bytes]) -> tuple[int, int]:
    """The last row and column: as the sheet declares them, else those of its cells."""
    rows = columns = 0
    before = b""
    while piece := part.read(PIECE):
        text = before + piece
        if not before and (declared := _DIMENSION.search(text)) and not declared[0].endswith(b'"A1"'):
            return int(declared[2]), _column(declared[1])
        for letters, digits in _CELL.findall(text):
            rows, columns = max(rows, int(digits)), max(columns, _column(letters))
        before = text[-200:]
    return rows, columns


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number


def _of_xls(path: Path, stream: BinaryIO) -> Iterator[Extent]:
    """One extent for all sheets of an .xls, whose records tell row and column of every cell."""
    import olefile

    if not olefile.isOleFile(stream):
        return
    stream.seek(0)
    with olefile.OleFileIO(stream) as book:
        names = [name for name in ("Workbook", "Book") if book.exists(name)]
        records = book.openstream(names[0]).read() if names else b""
    at, rows, columns = 0, 0, 0
    while at + 8 <= len(records):
        kind, length, row, column = struct.unpack_from("<4H", records, at)
        if kind in _CELL_RECORDS:
            rows, columns = max(rows, row + 1), max(columns, column + 1)
        at += 4 + length
    if columns > WIDEST_XLS:
        raise Unreadable(
            f"{path.name} is damaged: a cell in column {columns:,}, and an .xls has {WIDEST_XLS}",
            where=str(path),
            remedy="fetch the file again",
        )
    yield Extent("of all", rows, columns)
