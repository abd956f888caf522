"""Walk through the records of an .xls workbook, which are the same for every question about it.

A workbook is a sequence of records: the number of a kind, a length, the content. A part (the globals, a sheet, a chart
in a sheet) begins with BOF and ends with EOF. Numbers and layouts are those of [MS-XLS], Microsoft's Excel Binary File
Format: section 2.3.1 lists the records by name with their numbers, section 2.4 has their layouts.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Set
from typing import BinaryIO, NamedTuple

BOF, BOF_OLD, EOF = 0x0809, 0x0409, 0x000A
"""Begin of a part (since Excel 5, and in Excel 4) and its end."""
BOUND_SHEET, CONTINUE = 0x0085, 0x003C
"""Name and offset of a sheet; more content of the record before it."""
FILE_PASS = 0x002F
"""How the records after it are encrypted."""
FONT, FORMAT, XF, SST = 0x0031, 0x041E, 0x00E0, 0x00FC
"""Globals: a font, a number format, a style of cells, the shared texts."""
FORMULA, NUMBER, RK, MUL_RK, LABEL, LABEL_SST, BOOL_ERR = 0x0006, 0x0203, 0x027E, 0x00BD, 0x0204, 0x00FD, 0x0205
"""Cells with a value: formula, number, short number, several short numbers, text, number of a shared text, error."""
BLANK, MUL_BLANK = 0x0201, 0x00BE
VALUES = frozenset((FORMULA, NUMBER, RK, MUL_RK, LABEL, LABEL_SST, BOOL_ERR))
CELLS = VALUES | {BLANK, MUL_BLANK}
"""Kinds of the records that begin with the row and column of a cell."""
WORKSHEET = 0x0010
"""Kind of the part that is a worksheet, as its BOF states it."""
BIFF8 = 0x0600
"""Version of Excel 97 and later, as BOF states it."""
_HEAD = struct.Struct("<2H")

Record = tuple[int, int, bytes, str, int]
"""Offset, kind and content of a record, the name of its sheet ("" in the globals), and the kind of its part."""


class BoundSheet(NamedTuple):
    """Offset at which a sheet begins, its name, and whether it is a worksheet (not a chart or a macro)."""

    start: int
    name: str
    is_worksheet: bool


def workbook_of(stream: BinaryIO) -> bytes:
    """Return the records of an .xls, of Excel 5 or later; empty for a file that is no .xls."""
    import olefile

    stream.seek(0)
    if not olefile.isOleFile(stream):
        return b""
    stream.seek(0)
    with olefile.OleFileIO(stream) as container:
        name = next((name for name in ("Workbook", "Book") if container.exists(name)), None)
        return bytes(container.openstream(name).read()) if name else b""


def is_locked(stream: BinaryIO) -> bool:
    """Return whether a workbook is encrypted: an .xlsx in a container, or an .xls with a record that says so."""
    import olefile

    stream.seek(0)
    if not olefile.isOleFile(stream):
        return False
    stream.seek(0)
    try:
        with olefile.OleFileIO(stream) as container:
            if container.exists("EncryptedPackage"):
                return True
        return any(True for _ in records(workbook_of(stream), {FILE_PASS}))
    except Exception:  # damaged: the reader of workbooks reports it
        return False


def records(book: bytes, kinds: Set[int], start: int | None = None) -> Iterator[Record]:
    """Yield the records of these kinds, in their order. With ``start``, only the part that begins there is read."""
    at, sheet, parts, sheets = start or 0, "", [-1], dict[int, str]()
    while at + 4 <= len(book):
        kind, length = _HEAD.unpack_from(book, at)
        if kind in kinds:
            yield at, kind, book[at + 4 : at + 4 + length], sheet, parts[-1]
        if kind in (BOF, BOF_OLD):
            sheet = sheets.get(at, sheet)
            parts.append(int.from_bytes(book[at + 6 : at + min(length + 4, 8)], "little"))
        elif kind == EOF and len(parts) > 1:
            parts.pop()
        elif kind == BOUND_SHEET and (sheet_at := bound_sheet(book[at + 4 : at + 4 + length])):
            sheets[sheet_at.start] = sheet_at.name
        if start is not None and len(parts) == 1:
            return
        at += 4 + length


def bound_sheet(content: bytes) -> BoundSheet | None:
    """Return what a record of kind `BOUND_SHEET` states; None if it is too short."""
    if len(content) < 8:
        return None
    name = text_in(content, 7, content[6], errors="replace")
    return BoundSheet(int.from_bytes(content[:4], "little"), name, is_worksheet=content[5] == 0)


def continued(book: bytes, at: int) -> Iterator[bytes]:
    """Yield the content of the record at an offset, and of the CONTINUE records directly after it."""
    kind = -1
    while at + 4 <= len(book) and kind in (-1, CONTINUE):
        _, length = _HEAD.unpack_from(book, at)
        yield book[at + 4 : at + 4 + length]
        at += 4 + length
        kind = int.from_bytes(book[at : at + 2], "little")


def text_in(content: bytes, at: int, length: int, errors: str = "strict") -> str:
    """Return a text of this many characters in a record; the byte at ``at`` gives their width."""
    wide = content[at] & 1
    return content[at + 1 : at + 1 + length * (1 + wide)].decode("utf-16-le" if wide else "latin-1", errors)
