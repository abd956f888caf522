"""Workbooks as tables: which sheets, which of them continue the first, what stands above and below a table."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile

from integrade.account import Entry
from integrade.errors import EmptyTable, IntegradeError, UsageError, did_you_mean
from integrade.sources import excel
from integrade.sources.grid import Row, Sheet, frame_of, table_head, text_of
from integrade.sources.writers import TEXT_COLUMNS
from integrade.texts import listed, say

if TYPE_CHECKING:
    import polars as pl

_FOOTNOTE = re.compile(r"^[(\[]?(?:注|附注|备注|说明|资料来源|数据来源|来源|a\)|\*|note|source)", re.IGNORECASE)


def book_of(path: Path, encoding: str | None) -> excel.Book | None:
    """The sheets of a file that bears the name of a workbook; None when it is plain text."""
    match excel.container(path):
        case "text":
            return None
        case "html":
            return excel.read_html(path, encoding)
        case "xml":
            return excel.read_xml(path, encoding)
        case _:
            return excel.read_workbook(path)


def first_sheet(file: object) -> str:
    """`` sheet 'name'`` of the first sheet of a workbook, for messages; nothing for any other file."""
    if not isinstance(file, Path) or file.suffix.lower() not in (".xls", ".xlsx", ".xlsm"):
        return ""
    try:
        book = book_of(file, None)
    except IntegradeError:
        return ""
    return f", sheet {book.sheets[0].name!r}" if book and book.sheets else ""


def told_texts(path: Path, names: Sequence[str]) -> tuple[str, ...]:
    """The columns that a workbook which integrade wrote says are text (`writers.TEXT_COLUMNS`)."""
    try:
        with ZipFile(path) as book:
            about = book.read("docProps/core.xml").decode("utf-8", errors="replace")
    except (BadZipFile, KeyError, OSError, ValueError, RuntimeError, EOFError, zlib.error):
        return ()
    told = re.search(rf"{TEXT_COLUMNS}([ \d]*)<", about)
    return tuple(n for i, n in enumerate(names) if str(i) in told[1].split()) if told else ()


def chosen_sheets(path: Path, book: excel.Book, wanted: str | None) -> Sequence[Sheet]:
    """The sheets to read. Raises `EmptyTable` for a book without cells, `UsageError` for a sheet it does not have."""
    if not book.sheets:
        raise EmptyTable(
            f"{path.name} has no cells", where=str(path), remedy="save it with a table in it, headings first"
        )
    if wanted is None:
        return book.sheets
    hits = [s for s in book.sheets if s.name == wanted]
    if not hits:
        names = [s.name for s in book.sheets]
        raise UsageError(f"{path.name} has no sheet {wanted!r}", where=str(path), remedy=did_you_mean(wanted, names))
    return hits


def table_of(path: Path, sheets: Sequence[Sheet]) -> tuple[pl.DataFrame, list[Entry]]:
    """The table of the first sheet, with those of the sheets under the same headings below it.

    A sheet of an old workbook ends at 65,536 rows, so long tables go on in the next. Titles above and footnotes below
    are left out and said; sheets of other headings are named.
    """
    first, notes = table_head(sheets[0]), list[Entry]()
    rows, others, continued = list[Row](), list[str](), list[str]()
    for sheet in sheets:
        head = table_head(sheet)
        if head.names != first.names:
            others.append(sheet.name)
            continue
        body, footnotes = _without_footnotes(sheet.rows[head.body :])
        if head.titles:
            reason = say("sources.above-headings", titles=listed(head.titles[:3], "semicolon"))
            notes.append(Entry("read", path.name, "note", reason, 0))
        if footnotes:
            reason = say("sources.footnotes", sheet=repr(sheet.name))
            notes.append(Entry("read", path.name, "dropped", reason, len(footnotes), footnotes[0][:60]))
        continued += [sheet.name] if rows else []
        rows += body
    if continued:
        more = listed(continued[:5], "comma")
        reason = say("sources.sheets-continue", sheets=more, first=repr(sheets[0].name))
        notes.append(Entry("read", path.name, "note", reason, 0))
    if others:
        left = listed(others[:3], "comma")
        reason = say("sources.sheet-read", read=repr(sheets[0].name), others=left)
        notes.append(Entry("read", path.name, "note", reason, 0))
    return frame_of(first.names, rows), notes


def _without_footnotes(rows: Sequence[Row]) -> tuple[list[Row], list[str]]:
    """The rows without those at the end that say one thing only, beginning like a footnote."""
    kept, left_out = list(rows), list[str]()
    while kept and len(kept[-1]) > 1:
        said = {text_of(c) for c in kept[-1] if c is not None}
        if len(said) > 1 or (said and not _FOOTNOTE.match(next(iter(said)))):
            break
        left_out += sorted(said)
        kept.pop()
    return kept, left_out[::-1]
