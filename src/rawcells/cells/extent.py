"""Find how far the cells of a workbook reach before it is opened.

Otherwise a single cell far away from the others would fill the memory.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from io import SEEK_CUR, SEEK_END
from itertools import takewhile
from pathlib import Path
from typing import IO, BinaryIO, NamedTuple
from xml.etree import ElementTree
from zipfile import ZIP_DEFLATED, ZipFile

from rawcells.bytes import archives
from rawcells.bytes.bounds import FREE_BOOK, MOST_LINE, MOST_ROWS, most_cells
from rawcells.cells.grid import address
from rawcells.cells.sheet_damage import Seen, column_of, is_doubtful, refuse_twice, refuse_values, seen_with, walked
from rawcells.cells.xls_records import (
    BOOL_ERR,
    CELLS,
    FORMULA,
    LABEL_SST,
    MUL_RK,
    SST,
    VALUES,
    WORKSHEET,
    records,
    workbook_of,
)
from rawcells.errors import Unreadable

MOST_UNPACKED = 4 << 30
"""Largest number of bytes to which the parts of an .xlsx may unpack (a convention)."""
MOST_ABOUT = 1 << 24
"""Largest number of bytes that are read from each part of an .xlsx file that lists its sheets (a convention)."""
DEFLATE = 1032
"""Largest ratio of unpacked to packed size in the deflate format."""
PIECE = 1 << 20
_FAR = re.compile(rb'r\s*=\s*["\'](?:([A-Za-z]{2,})(\d+)|([A-Za-z])(\d{6,})|(\d{6,}))["\']')
"""Pattern of addresses of cells beyond column Z or row 99,999, and of rows beyond row 99,999."""
_OWN_PLACE = re.compile(rb"<c\s(?:[^>]*\s)?r\s*=")
NEAR = (99_999, 26)
_PLACE = re.compile(rb'\br\s*=\s*["\']([A-Za-z]*)(\d+)["\']')
_ROW = re.compile(rb"<(?:\w+:)?row\b")
_ROW_OF = re.compile(rb"<(?:\w+:)?row(?=[\s>/])([^>]*)>(?:\s*<(?:\w+:)?c(?=[\s>/])([^>]*))?")
"""Pattern of the attributes of a row, and of those of its first cell."""
_ENDS = (b"</c>", b"</row>", b":c>", b":row>")
_VALUE = re.compile(rb"<(?:\w+:)?(?:v|t)(?:\s[^>]*)?>([^<]+)<")
EMPTY = "=''"
"""Mark for a formula whose stored result is an empty text; a formula that was never calculated has such a result."""
ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
"""Names of errors, by their code in an .xls."""
WIDEST_XLS = 256
_PLACE_XLS, _ROW_XLS = struct.Struct("<2H"), 1 << 16
KNOWN = 1000
"""Largest number of cells without a value, per column and kind, whose rows are kept for messages (a convention)."""


class Lost(NamedTuple):
    """Cells of a column that have no value.

    Such a cell has an error (``#REF!``) or a formula whose result is not stored (``=``).

    ``first``: row and column of the first such cell, counted from 0. ``rows``: the rows of the first `KNOWN` such
    cells.
    """

    sheet: str
    kind: str
    first: tuple[int, int]
    n: int
    rows: tuple[int, ...] = ()

    def plus(self, row: int) -> Lost:
        """Return the record with one more cell, in the given row."""
        return self._replace(n=self.n + 1, rows=self.rows if len(self.rows) >= KNOWN else (*self.rows, row))


class Extent(NamedTuple):
    """Number of rows and columns of a sheet up to its last cell, or slightly more, and its cells without a value.

    ``counted``: the number of its last row that has a cell and is known only by counting, because neither the row nor
    the cell states it.
    """

    sheet: str
    rows: int
    columns: int
    size: int
    lost: tuple[Lost, ...] = ()
    counted: int = 0


def check_extent(path: Path, stream: BinaryIO) -> tuple[Lost, ...]:
    """Refuse a workbook that is too large for memory.

    Otherwise return its cells without a value, by sheet, column and kind. The size that a sheet declares is not
    trusted; its cells are checked. Raises `Unreadable` for a sheet whose used area has more cells than `most_cells`
    allows for the size of the file, or has a counted row beyond row `MOST_ROWS`. Also raises `Unreadable` for
    an .xlsx that unpacks to more than 4 GB or to far more than its size. Also raises it for a damaged .xls, in which a
    cell is beyond the last column, appears twice, or refers to an unknown text. A file that is not a workbook is not
    checked here, because its reader refuses it.
    """
    head = stream.read(4)
    size = stream.seek(0, SEEK_END)
    stream.seek(0)
    lost = list[Lost]()
    for area in _of_xlsx(path, stream, size) if head == archives.BEGINS else _of_xls(path, stream):
        most = most_cells(area.size)
        bound = f"{MOST_ROWS:,} rows" if area.counted > MOST_ROWS else f"{most:,} cells"
        if area.rows * area.columns > most or area.counted > MOST_ROWS:
            raise Unreadable(
                f"sheet {area.sheet} of {path.name} covers {area.rows:,} rows and {area.columns:,} columns; "
                f"at most {bound} are read",
                where=str(path),
                remedy="delete cells far from the table with their rows and columns, or save it as csv",
            )
        lost += area.lost
    stream.seek(0)
    return tuple(lost)


def _of_xlsx(path: Path, stream: BinaryIO, packed: int) -> Iterator[Extent]:
    with archives.opened(stream) as book:
        size = archives.check_parts(path, book, packed, FREE_BOOK)
        _check_sizes(stream, book)
        if size > MOST_UNPACKED:
            raise Unreadable(
                f"{path.name} unpacks to {size >> 30} GB", where=str(path), remedy="save its sheets as csv, or in parts"
            )
        names = _sheets_of(book)
        for name in book.namelist():
            if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name):
                with book.open(name) as part:
                    extent, doubtful = _extent(names.get(name, Path(name).stem), part, book.getinfo(name).file_size)
                if doubtful is not None and extent.rows * extent.columns > most_cells(extent.size):
                    with book.open(name) as part:
                        extent = _exactly(extent, part)
                if doubtful and extent.rows * extent.columns <= most_cells(extent.size):
                    with book.open(name) as part:
                        refuse_twice(extent.sheet, _whole_cells(part))
                yield extent


def _check_sizes(stream: BinaryIO, book: ZipFile) -> None:
    """Refuse an .xlsx with a part that unpacks to more bytes than it declares, by a `ValueError`.

    Parts that are not packed by deflate, or cannot unpack to `FREE_BOOK`, are not checked.
    """
    for part in book.infolist():
        if part.compress_type != ZIP_DEFLATED or part.compress_size * DEFLATE < FREE_BOOK:
            continue
        stream.seek(part.header_offset + 26)
        name, extra = struct.unpack("<2H", stream.read(4))
        stream.seek(name + extra, SEEK_CUR)
        unpacking, size, left = zlib.decompressobj(-zlib.MAX_WBITS), 0, part.compress_size
        while not unpacking.eof and (left or unpacking.unconsumed_tail):
            packed = unpacking.unconsumed_tail or stream.read(min(PIECE, left))
            left -= 0 if unpacking.unconsumed_tail else len(packed)
            size += len(unpacking.decompress(packed, PIECE))
            if size > part.file_size or not packed:
                raise ValueError(f"{part.filename} does not have the size that it declares")


def _sheets_of(book: ZipFile) -> dict[str, str]:
    """Return, for each part of an .xlsx, the name of its sheet; empty if the lists of sheets cannot be read."""
    try:
        sheets, links = (_part(book, name) for name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels"))
    except (KeyError, ElementTree.ParseError):
        return {}
    targets = {element.get("Id"): str(element.get("Target", "")) for element in links.iter() if element.get("Target")}
    sheet_of_part = {}
    for element in sheets.iter():
        link = next((v for k, v in element.attrib.items() if k.endswith("}id")), None)
        if element.tag.endswith("}sheet") and link in targets:
            sheet_of_part["xl/" + targets[link].removeprefix("/").removeprefix("xl/")] = element.get("name", "")
    return sheet_of_part


def _part(book: ZipFile, name: str) -> ElementTree.Element:
    with book.open(name) as part:
        text = part.read(MOST_ABOUT)
    if b"<!DOCTYPE" in text:
        raise ElementTree.ParseError
    return ElementTree.fromstring(text)


def _extent(sheet: str, part: IO[bytes], declared: int = 1 << 62) -> tuple[Extent, bool | None]:
    """Return the largest extent that a sheet's cells can have, and its cells without a value, in one pass.

    Also returns whether two cells may be in the same position. Rows and cells without an address come after the ones
    before them. If they alone are more than is read of a sheet of ``declared`` bytes, the count stops, and None is
    returned instead. Raises `ValueError` for a cell whose value is split into several pieces.
    """
    rows, columns = NEAR
    seen = Seen()
    lost = dict[tuple[int, str], Lost]()
    size = unplaced = across = row = counted = 0
    for text in _whole_cells(part):
        size += len(text)
        for far, below, near, deep, alone in _FAR.findall(text):
            rows = max(rows, int((below or deep or alone)[:9]))
            columns = max(columns, column_of((far or near)[:6]))
        if _without_place(text):
            for i, line in enumerate(_ROW.split(text)):
                across = _without_place(line) + (0 if i else across)
                unplaced = max(unplaced, across)
        row, below, with_cell = _counted(text, row)
        rows, counted = max(rows, below), max(counted, with_cell)
        if counted > MOST_ROWS or counted * unplaced > most_cells(declared):
            return Extent(sheet, counted, max(unplaced, 1), declared, counted=counted), None
        _add_lost(lost, sheet, text)
        refuse_values(sheet, text)
        seen = seen_with(seen, text, unplaced=_without_place(text) > 0)
    return Extent(sheet, rows, max(columns, unplaced), size, tuple(lost.values()), counted), is_doubtful(seen)


def _counted(text: bytes, row: int) -> tuple[int, int, int]:
    """Return the last row of a piece of a sheet that follows row ``row``, and the last of its rows without a number.

    Also returns the last of these whose first cell has no address.
    """
    if text.count(b"<row") == text.count(b"<row r=") and b":row" not in text:
        place = _PLACE.search(text, max(0, text.rfind(b"<row r="))) if b"<row" in text else None
        return int(place[2][:9]) if place else row, 0, 0
    below = with_cell = 0
    for found in _ROW_OF.finditer(text):
        if place := _PLACE.search(found[1]):
            row = int(place[2][:9])
            continue
        row += 1
        below = max(below, row)
        if found[2] is not None and not _PLACE.search(found[2]):
            with_cell = max(with_cell, row)
        if with_cell > MOST_ROWS:
            break
    return row, below, with_cell


def _exactly(found: Extent, part: IO[bytes]) -> Extent:
    """Return the extent of a sheet with its exact last row and column; used if the rough extent is too large.

    No more pieces are read after the one in which it proves to be too large.
    """
    rows = columns = 0
    pieces = takewhile(lambda _: rows * columns <= most_cells(found.size), _whole_cells(part))
    for row, column, _ in walked(pieces):
        rows, columns = max(rows, row), max(columns, column)
    return found._replace(rows=rows, columns=columns)


def _whole_cells(part: IO[bytes]) -> Iterator[bytes]:
    """Yield the text of a sheet in pieces, each of which ends after a cell or a row."""
    remainder = b""
    while piece := part.read(PIECE):
        text = remainder + piece
        cut = max((text.rfind(end) + len(end) for end in _ENDS if end in text), default=0)
        yield text[:cut]
        remainder = text[cut:]
        if len(remainder) > MOST_LINE:
            raise ValueError("a cell does not end")
    yield remainder


def _without_place(text: bytes) -> int:
    """Count the cells that do not state their address."""
    cells = sum(text.count(b"<c" + end) for end in (b" ", b">", b"/", b"\n"))
    return max(0, cells - len(_OWN_PLACE.findall(text)) if cells - text.count(b"<c r=") else 0)


def _add_lost(lost: dict[tuple[int, str], Lost], sheet: str, text: bytes) -> None:
    """Count the cells in a piece of a sheet that hold an error, or a formula without its result."""
    if not (b't="e"' in text or b"t='e'" in text or b"<f" in text or b":f" in text):
        return
    for piece in text.split(b"</c>") if b"</c>" in text else re.split(rb"</\w+:c>", text):
        formula = b"<f" in piece or b":f" in piece
        if not (formula or b't="e"' in piece or b"t='e'" in piece):
            continue
        cell = re.split(rb"<(?:\w+:)?c(?=[\s>])", piece)[-1]
        attributes, _, content = cell.partition(b">")
        error = b't="e"' in attributes or b"t='e'" in attributes
        value, place = _VALUE.search(content), _PLACE.search(attributes)
        if place is None or not (error or (formula and value is None and b"str" not in attributes)):
            continue
        kind = value[1].decode("latin-1")[:20] if error and value else "="
        row, column = int(place[2][:9]) - 1, column_of(place[1][:6]) - 1
        known = lost.get((column, kind)) or Lost(sheet, kind, (row, column), 0)
        lost[column, kind] = known.plus(row)


def _of_xls(path: Path, stream: BinaryIO) -> Iterator[Extent]:
    """Yield one extent for all sheets of an .xls, whose records give row and column of every cell."""
    book = workbook_of(stream)
    _refuse_cells(path, book)
    rows, columns, lost = 0, 0, dict[tuple[str, int, str], Lost]()
    for _, kind, content, sheet, _ in records(book, CELLS):
        if len(content) < _PLACE_XLS.size:
            continue
        row, column = _PLACE_XLS.unpack_from(content)
        rows, columns = max(rows, row + 1), max(columns, column + 1)
        if error := _error_of(kind, content):
            known = lost.get((sheet, column, error)) or Lost(sheet, error, (row, column), 0)
            lost[sheet, column, error] = known.plus(row)
    if columns > WIDEST_XLS:
        raise _damaged(path, f"a cell in column {columns:,}, and an .xls has {WIDEST_XLS}")
    yield Extent("of all", rows, columns, len(book), tuple(lost.values()))


def _refuse_cells(path: Path, book: bytes) -> None:
    """Refuse an .xls with a cell whose text the workbook lacks, or that is in the position of another cell.

    A position is a row times `_ROW_XLS` plus a column. Positions are kept only from the first cell that is not after
    the one before it, because a sound sheet has none. Raises `Unreadable`.
    """
    texts, last, taken = 1 << 32, dict[str, int](), set[tuple[str, int]]()
    for at, kind, content, sheet, part in records(book, VALUES | {SST}):
        if kind == SST:
            texts = int.from_bytes(content[4:8], "little") if len(content) >= 8 else texts
            continue
        if part != WORKSHEET or not (places := _places(kind, content)):  # a chart has cells of its own
            continue
        if not taken and places[0] <= last.get(sheet, -1):
            taken = set(_taken_before(book, at))
        why = ""
        if taken and any((sheet, place) in taken for place in places):
            why = "appears twice"
        elif kind == LABEL_SST and int.from_bytes(content[6:10], "little") >= texts:
            why = f"names a text of the workbook beyond its {texts:,}"
        if why:
            raise _damaged(path, f"sheet {sheet!r}, cell {address(*divmod(places[0], _ROW_XLS))} {why}")
        if taken:
            taken.update((sheet, place) for place in places)
        last[sheet] = places[-1]


def _taken_before(book: bytes, end: int) -> Iterator[tuple[str, int]]:
    for at, kind, content, sheet, part in records(book, VALUES):
        if at < end and part == WORKSHEET:
            yield from ((sheet, place) for place in _places(kind, content))


def _places(kind: int, content: bytes) -> range:
    """Return the positions of the cells of a record, at most one column beyond the last."""
    if len(content) < _PLACE_XLS.size:
        return range(0)
    row, first = _PLACE_XLS.unpack_from(content)
    last = int.from_bytes(content[-2:], "little") if kind == MUL_RK else first
    return range(row * _ROW_XLS + first, row * _ROW_XLS + min(last, WIDEST_XLS) + 1)


def _damaged(path: Path, what: str) -> Unreadable:
    return Unreadable(f"{path.name} is damaged: {what}", where=str(path), remedy="fetch the file again")


def _error_of(kind: int, content: bytes) -> str:
    """Return the error of a cell of an .xls, or `EMPTY` for a formula with an empty result; "" for any other cell."""
    if kind == BOOL_ERR and len(content) >= 8 and content[7] == 1:
        return ERRORS.get(content[6], "#?")
    if kind == FORMULA and len(content) >= 14 and content[12:14] == b"\xff\xff":
        return ERRORS.get(content[8], "#?") if content[6] == 2 else EMPTY if content[6] == 3 else ""
    return ""
