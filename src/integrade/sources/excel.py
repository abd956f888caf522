"""Workbooks (.xls, .xlsx), also those that only bear the name: HTML pages and tab-separated text saved as .xls."""

from __future__ import annotations

import io
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple

from integrade.account import Entry
from integrade.errors import Unreadable
from integrade.sources.encodings import as_utf8, codec_of, detect
from integrade.sources.grid import Sheet, filled, squared
from integrade.sources.html import html_tables

DEFAULT_PASSWORD = "VelvetSweatshop"
OLE, ZIP = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"
Container = Literal["workbook", "html", "text"]


class Book(NamedTuple):
    """The sheets of a workbook and what was noticed while reading them."""

    sheets: tuple[Sheet, ...]
    notes: tuple[Entry, ...]


def container(path: Path) -> Container:
    """What a file named .xls or .xlsx really is, by its first bytes. Raises `Unreadable` for anything else."""
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith((OLE, ZIP)) or head[:2] == b"\x09\x08":
        return "workbook"
    plain = head.decode("latin-1").lstrip("\xef\xbb\xbf\xff\xfe \r\n\t\0").lower().replace("\0", "")
    if plain.startswith("<?xml") and "workbook" in plain:
        raise Unreadable(f"{path.name} is an XML spreadsheet", remedy="open it and save it as .xlsx", where=str(path))
    if plain.startswith(("<html", "<!doctype", "<table", "<meta", "<head", "<?xml")):
        return "html"
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable(f"{path.name} is no workbook", where=str(path), remedy="fetch the file again")
    return "text"


def read_workbook(path: Path) -> Book:
    """Every sheet that has cells, merged ranges filled, in the order of the workbook.

    A workbook encrypted with Excel's default password is opened. Raises `Unreadable` for a damaged or locked one.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    stream, notes = _opened(path)
    try:
        book = CalamineWorkbook.from_filelike(stream)
        sheets = []
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            rows = squared([None if c == "" else c for c in row] for row in sheet.to_python(skip_empty_area=False))
            sheets.append(Sheet(name, filled(rows, sheet.merged_cell_ranges or ())))
    except (CalamineError, OSError) as problem:
        raise Unreadable(
            f"{path.name} cannot be read: {problem}", where=str(path), remedy="open it and save it again as .xlsx"
        ) from None
    return Book(tuple(s for s in sheets if any(c is not None for row in s.rows for c in row)), notes)


def read_html(path: Path, encoding: str | None) -> Book:
    """The tables of an HTML page, one sheet each, cells that span rows or columns filled."""
    chosen = codec_of(encoding) if encoding else detect(path)
    tables = html_tables(as_utf8(path, encoding).path.read_text(encoding="utf-8-sig"))
    sheets = tuple(Sheet(f"table {i + 1}", squared(rows)) for i, rows in enumerate(tables) if rows)
    note = Entry("read", path.name, "note", f"an HTML page named {path.suffix}, encoding {chosen}", 0)
    return Book(sheets, (note,))


def _opened(path: Path) -> tuple[BinaryIO, tuple[Entry, ...]]:
    import msoffcrypto
    from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError

    raw = io.BytesIO(path.read_bytes())
    try:
        locked = msoffcrypto.OfficeFile(raw)
        if not locked.is_encrypted():
            return _rewound(raw), ()
        plain = io.BytesIO()
        locked.load_key(password=DEFAULT_PASSWORD)
        locked.decrypt(plain)
    except (InvalidKeyError, DecryptionError):
        raise Unreadable(
            f"{path.name} is locked with a password", where=str(path), remedy="open it and save it without a password"
        ) from None
    except (FileFormatError, ParseError, OSError):
        return _rewound(raw), ()
    note = Entry("read", path.name, "note", "encrypted with Excel's default password, opened", 0)
    return _rewound(plain), (note,)


def _rewound(stream: io.BytesIO) -> BinaryIO:
    stream.seek(0)
    return stream
