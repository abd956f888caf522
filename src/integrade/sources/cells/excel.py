"""Workbooks (.xls, .xlsx), also those that only bear the name: XML spreadsheets, HTML pages and text saved as .xls."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Literal, NamedTuple

from integrade.engine import doors
from integrade.errors import Unreadable
from integrade.sources.bytes.bounds import beyond, check_columns, most_cells
from integrade.sources.bytes.damage import parsing
from integrade.sources.bytes.encodings import as_utf8, codec_of, detect
from integrade.sources.cells.calamine import Cells, read_cells
from integrade.sources.cells.extent import Lost, check_extent
from integrade.sources.cells.grid import Range, Row, Sheet, filled, labels_and_numbers, squared
from integrade.sources.cells.html import html_tables, printed_number
from integrade.sources.cells.spreadsheet_xml import xml_sheets
from integrade.sources.cells.superscripts import with_raised
from integrade.sources.cells.superscripts_xls import raised_in_xls
from integrade.wording.account import Entry
from integrade.wording.texts import say

DEFAULT_PASSWORD = "VelvetSweatshop"
PAGES = (".html", ".htm")
OLE, ZIP = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"
Container = Literal["workbook", "xml", "html", "text"]


class Code(NamedTuple):
    """A merged range of a sheet whose whole number is taken for a code."""

    sheet: str
    at: Range


class Book(NamedTuple):
    """The sheets of a workbook and what was noticed while reading them.

    ``hidden``: names of sheets that Excel does not show. ``lost``: cells without a value. ``once``: numbers of merged
    cells, which stand in the first alone. ``codes``: merged whole numbers that stand in each of their cells.
    """

    sheets: tuple[Sheet, ...]
    notes: tuple[Entry, ...]
    hidden: tuple[str, ...] = ()
    lost: tuple[Lost, ...] = ()
    once: tuple[Lost, ...] = ()
    codes: tuple[Code, ...] = ()


def container(path: Path) -> Container:
    """What a file named .xls or .xlsx really is, by its first bytes. Raises `Unreadable` for anything else."""
    with doors.open_bytes(path) as file:
        head = file.read(4096)
    if head.startswith((OLE, ZIP)) or head[:2] == b"\x09\x08":
        return "workbook"
    plain = head.decode("latin-1").lstrip("\xef\xbb\xbf\xff\xfe \r\n\t\0").lower().replace("\0", "")
    first = _behind_prolog(plain)
    if re.match(r"<(\w+:)?workbook\b", first):
        return "xml"
    known = ("<html", "<!doctype", "<table", "<meta", "<head", "<?xml", "<body", "<style", "<div")
    if plain.startswith(known) or first.startswith(known) or (path.suffix.lower() in PAGES and first[:1] == "<"):
        return "html"
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable(f"{path.name} is not a workbook", where=str(path), remedy="fetch the file again")
    return "text"


def _behind_prolog(page: str) -> str:
    """What stands behind declarations and comments."""
    while page.startswith(("<?", "<!--")):
        page = page.partition("-->" if page.startswith("<!--") else ">")[2].lstrip()
    return page


def read_workbook(path: Path) -> Book:
    """Every sheet that has cells, merged ranges filled, in the order of the workbook.

    A workbook encrypted with Excel's default password is opened. Raises `Unreadable` for a damaged or locked one, and
    for a sheet whose used area has more than 40 million cells.
    """
    stream, notes = opened(path)
    with parsing(path, "", "open it and save it again as .xlsx"):
        lost = check_extent(path, stream)
        read = read_cells(with_raised(stream))
        _put_raised(read, raised_in_xls(stream))
        sheets = [_sheet(name, cells, merged) for name, cells, merged, _ in read]
    hidden = tuple(name for name, _, _, seen in read if not seen)
    return _book(path, sheets, notes)._replace(hidden=hidden, lost=lost)


def _put_raised(read: Cells, raised: Mapping[tuple[str, int, int], tuple[str, str]]) -> None:
    """Texts of cells with raised digits as such in their places."""
    sheets = {name: cells for name, cells, _, _ in read}
    for (sheet, row, column), (text, made) in raised.items():
        cells = sheets.get(sheet, [])
        if row < len(cells) and column < len(cells[row]) and cells[row][column] == text:
            cells[row][column] = made


class _Filled(NamedTuple):
    """A sheet with its merged cells filled, the numbers in them that count once, and those taken for codes."""

    sheet: Sheet
    once: list[Lost]
    codes: list[Code]


def _book(path: Path, sheets: Iterable[_Filled], notes: Iterable[Entry]) -> Book:
    """Raises `Unreadable` for a sheet of too many columns."""
    held = list(sheets)
    check_columns(path, range(max((len(row) for one in held for row in one.sheet.rows), default=0)))
    once, codes = tuple(one for s in held for one in s.once), tuple(one for s in held for one in s.codes)
    return Book(tuple(s.sheet for s in held if s.sheet.rows), tuple(notes), once=once, codes=codes)


def _sheet(name: str, cells: list[list[Any]], merged: Any) -> _Filled:
    rows = squared([None if c == "" else c for c in row] for row in cells)
    return _merged(name, rows, [((a[0], a[1]), (b[0], b[1])) for a, b in merged], rows)


def _merged(name: str, rows: list[Row], ranges: Sequence[Range], numbers: Sequence[Row]) -> _Filled:
    """``numbers``: the rows with numbers as such."""
    found = labels_and_numbers(numbers, ranges)
    said = [Lost(name, str(rows[top][left]), (top, left), 1) for (top, left), _ in found.once]
    codes = [Code(name, one) for one in found.codes]
    return _Filled(Sheet(name, filled(rows, found.labels, found.once)), said, codes)


def read_xml(path: Path, encoding: str | None) -> Book:
    """The sheets of an XML spreadsheet of 2003, which many portals save under the name of .xls."""
    text = doors.read_text(as_utf8(path, encoding).path, encoding="utf-8-sig")
    with parsing(path, "an XML spreadsheet", "open it and save it as .xlsx"):
        found, lost = xml_sheets(text, most=most_cells(len(text)))
        sheets = [_merged(one.name, one.rows, one.ranges, one.rows) for one in found]
    note = Entry("read", path.name, "note", say("sources.xml-spreadsheet", suffix=path.suffix), 0)
    hidden = tuple(one.name for one in found if one.hidden)
    return _book(path, sheets, [note])._replace(hidden=hidden, lost=tuple(lost))


def read_html(path: Path, encoding: str | None) -> Book:
    """The tables of an HTML page, one sheet each, cells that span rows or columns filled."""
    chosen = codec_of(encoding) if encoding else detect(path)
    page = doors.read_text(as_utf8(path, encoding).path, encoding="utf-8-sig")
    most = most_cells(len(page))
    with parsing(path, "a page", "open it in a browser and save its table as csv"):
        try:
            tables = html_tables(page, most=most)
        except OverflowError:
            raise beyond(path, "repeats cells over many rows or columns", f"{most:,} cells", "save it as csv") from None
    sheets = [
        _merged(
            f"table {i + 1}", rows := squared(one.rows), one.ranges, [[printed_number(c) for c in row] for row in rows]
        )
        for i, one in enumerate(tables)
        if one.rows
    ]
    notes = [say("sources.html-page", suffix=path.suffix, encoding=chosen)]
    if unseen := sum(one.unseen for one in tables):
        notes.append(say("sources.html-unseen", n=unseen))
    return _book(path, sheets, [Entry("read", path.name, "note", one, 0) for one in notes])


def opened(path: Path) -> tuple[BinaryIO, tuple[Entry, ...]]:
    """The bytes of a workbook, deciphered where they are locked with the default password."""
    import msoffcrypto
    from msoffcrypto.exceptions import DecryptionError, InvalidKeyError

    raw = io.BytesIO(doors.read_bytes(path))
    if raw.getvalue().startswith(ZIP):
        return _rewound(raw), ()
    plain = io.BytesIO()
    try:
        locked = msoffcrypto.OfficeFile(raw)
        if not locked.is_encrypted():
            return _rewound(raw), ()
        locked.load_key(password=DEFAULT_PASSWORD)
        locked.decrypt(plain)
    except (InvalidKeyError, DecryptionError):
        raise Unreadable(
            f"{path.name} is locked with a password", where=str(path), remedy="open it and save it without a password"
        ) from None
    except Exception:  # damaged, or no kind of container msoffcrypto knows: the reader of workbooks judges it
        return _rewound(raw), ()
    note = Entry("read", path.name, "note", say("sources.default-password"), 0)
    return _rewound(plain), (note,)


def _rewound(stream: io.BytesIO) -> BinaryIO:
    stream.seek(0)
    return stream
