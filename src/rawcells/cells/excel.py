"""Read workbooks (.xls, .xlsx), and files with these suffixes that are XML spreadsheets, HTML pages or text."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Literal, NamedTuple

from plainwords.account import Entry
from plainwords.texts import say
from rawcells import doors
from rawcells.bytes.archives import BEGINS
from rawcells.bytes.bounds import beyond, check_columns, most_cells
from rawcells.bytes.damage import parsing
from rawcells.bytes.encodings import as_utf8, codec_of, detect
from rawcells.bytes.formats import PAGE
from rawcells.cells.calamine import Cells, read_cells
from rawcells.cells.extent import Lost, check_extent
from rawcells.cells.grid import Range, Row, Sheet, filled, labels_and_numbers, squared
from rawcells.cells.html import html_tables, printed_number
from rawcells.cells.spreadsheet_xml import xml_sheets
from rawcells.cells.superscripts import with_raised
from rawcells.cells.superscripts_xls import raised_in_xls
from rawcells.cells.xls_records import is_locked
from rawcells.errors import Unreadable

DEFAULT_PASSWORD = "VelvetSweatshop"
OLE = b"\xd0\xcf\x11\xe0"
Container = Literal["workbook", "xml", "html", "text"]


class Code(NamedTuple):
    """Merged range of a sheet whose value is a whole number and is taken for a code."""

    sheet: str
    at: Range


class Book(NamedTuple):
    """Sheets of a workbook and notes from reading them.

    ``hidden``: the names of sheets that Excel does not show. ``lost``: cells without a value. ``once``: numbers of
    merged cells that are kept only in the first cell. ``codes``: merged whole numbers that apply to each of their
    cells.
    """

    sheets: tuple[Sheet, ...]
    notes: tuple[Entry, ...]
    hidden: tuple[str, ...] = ()
    lost: tuple[Lost, ...] = ()
    once: tuple[Lost, ...] = ()
    codes: tuple[Code, ...] = ()


def container(path: Path) -> Container:
    """Return the real format of a file named .xls or .xlsx, which its first bytes show.

    Raises `Unreadable` for any other format.
    """
    with doors.open_bytes(path) as file:
        head = file.read(4096)
    if head.startswith((OLE, BEGINS)) or head[:2] == b"\x09\x08":
        return "workbook"
    plain = head.decode("latin-1").lstrip("\xef\xbb\xbf\xff\xfe \r\n\t\0").lower().replace("\0", "")
    first = _behind_prolog(plain)
    if re.match(r"<(\w+:)?workbook\b", first):
        return "xml"
    known = ("<html", "<!doctype", "<table", "<meta", "<head", "<?xml", "<body", "<style", "<div")
    if (
        plain.startswith(known)
        or first.startswith(known)
        or (path.suffix.lower() in PAGE.suffixes and first[:1] == "<")
    ):
        return "html"
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable(f"{path.name} is not a workbook", where=str(path), remedy="fetch the file again")
    return "text"


def _behind_prolog(page: str) -> str:
    """Return the text of a page after its declarations and comments."""
    while page.startswith(("<?", "<!--")):
        page = page.partition("-->" if page.startswith("<!--") else ">")[2].lstrip()
    return page


def read_workbook(path: Path) -> Book:
    """Read every sheet that has cells, with merged ranges filled, in the order of the workbook.

    A workbook encrypted with Excel's default password is opened. Raises `Unreadable` for a workbook that is damaged or
    locked, and for a sheet whose used area has more than 40 million cells.
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
    """Replace the texts of cells that contain raised digits by texts that show them as raised."""
    sheets = {name: cells for name, cells, _, _ in read}
    for (sheet, row, column), (text, marked) in raised.items():
        cells = sheets.get(sheet, [])
        if row < len(cells) and column < len(cells[row]) and cells[row][column] == text:
            cells[row][column] = marked


class _Filled(NamedTuple):
    """Sheet with its merged cells filled, the merged numbers that count once, and those that are taken for codes."""

    sheet: Sheet
    once: list[Lost]
    codes: list[Code]


def _book(path: Path, sheets: Iterable[_Filled], notes: Iterable[Entry]) -> Book:
    """Build a book from sheets. Raises `Unreadable` for a sheet with too many columns."""
    filled_sheets = list(sheets)
    check_columns(path, range(max((len(row) for one in filled_sheets for row in one.sheet.rows), default=0)))
    once, codes = (
        tuple(one for s in filled_sheets for one in s.once),
        tuple(one for s in filled_sheets for one in s.codes),
    )
    return Book(tuple(s.sheet for s in filled_sheets if s.sheet.rows), tuple(notes), once=once, codes=codes)


def _sheet(name: str, cells: list[list[Any]], merged: Any) -> _Filled:
    rows = squared([None if c == "" else c for c in row] for row in cells)
    return _merged(name, rows, [((a[0], a[1]), (b[0], b[1])) for a, b in merged], rows)


def _merged(name: str, rows: list[Row], ranges: Sequence[Range], numbers: Sequence[Row]) -> _Filled:
    """Fill the merged cells of a sheet; ``numbers``: the same rows, with printed numbers converted to numbers."""
    merging = labels_and_numbers(numbers, ranges)
    once = [Lost(name, str(rows[top][left]), (top, left), 1) for (top, left), _ in merging.once]
    codes = [Code(name, place) for place in merging.codes]
    return _Filled(Sheet(name, filled(rows, merging.labels, merging.once)), once, codes)


def read_xml(path: Path, encoding: str | None) -> Book:
    """Read the sheets of an XML spreadsheet of 2003, which many portals save with the suffix .xls."""
    text = doors.read_text(as_utf8(path, encoding).path, encoding="utf-8-sig")
    with parsing(path, "an XML spreadsheet", "open it and save it as .xlsx"):
        parts, lost = xml_sheets(text, most=most_cells(len(text)))
        sheets = [_merged(part.name, part.rows, part.ranges, part.rows) for part in parts]
    note = Entry("read", path.name, "note", say("sources.xml-spreadsheet", suffix=path.suffix), 0)
    hidden = tuple(part.name for part in parts if part.hidden)
    return _book(path, sheets, [note])._replace(hidden=hidden, lost=tuple(lost))


def read_html(path: Path, encoding: str | None) -> Book:
    """Read the tables of an HTML page as one sheet each, and fill cells that span rows or columns."""
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
            f"table {i + 1}",
            rows := squared(table.rows),
            table.ranges,
            [[printed_number(c) for c in row] for row in rows],
        )
        for i, table in enumerate(tables)
        if table.rows
    ]
    notes = [say("sources.html-page", suffix=path.suffix, encoding=chosen)]
    if unseen := sum(table.unseen for table in tables):
        notes.append(say("sources.html-unseen", n=unseen))
    return _book(path, sheets, [Entry("read", path.name, "note", table, 0) for table in notes])


def opened(path: Path) -> tuple[BinaryIO, tuple[Entry, ...]]:
    """Return the bytes of a workbook and a note.

    A workbook that is locked with the default password is decrypted, and the note records it. Raises `Unreadable` for
    another password, and for a locked workbook if the package that decrypts is not installed.
    """
    raw = io.BytesIO(doors.read_bytes(path))
    if raw.getvalue().startswith(BEGINS):
        return _rewound(raw), ()
    try:
        import msoffcrypto
        from msoffcrypto.exceptions import DecryptionError, InvalidKeyError
    except ModuleNotFoundError:
        if is_locked(raw):
            raise Unreadable(
                f"{path.name} is locked, and the package that opens locked workbooks is not installed",
                where=str(path),
                remedy="pip install msoffcrypto-tool (the extra `locked` of rawcells and of tablecheck), or open the "
                "workbook and save it without a password",
            ) from None
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
    except Exception:  # damaged, or a container unknown to msoffcrypto: the reader of workbooks reports it
        return _rewound(raw), ()
    note = Entry("read", path.name, "note", say("sources.default-password"), 0)
    return _rewound(plain), (note,)


def _rewound(stream: io.BytesIO) -> BinaryIO:
    stream.seek(0)
    return stream
