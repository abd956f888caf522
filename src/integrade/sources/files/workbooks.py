"""Read workbooks as tables: choose sheets, append sheets that continue a table, and separate titles and footnotes."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

from integrade.errors import EmptyTable, IntegradeError, Unreadable, UsageError, did_you_mean
from integrade.records.schema import TABLES
from integrade.sources.cells.delimited import told_alike
from integrade.sources.cells.frames_of_cells import frame_of
from integrade.sources.meaning.decimals import Mark, beside_numbers
from integrade.sources.meaning.stated import money_columns
from integrade.sources.meaning.synonyms import key_of, rename
from integrade.sources.writing.writers import TEXT_COLUMNS
from plainwords.account import Entry
from plainwords.texts import Said, listed, say
from rawcells.bytes import archives, formats
from rawcells.cells import excel
from rawcells.cells.extent import EMPTY, Lost
from rawcells.cells.grid import FOOTNOTE, YEARS, Head, Row, Sheet, address, filled, in_sheet, table_head, text_of

if TYPE_CHECKING:
    import polars as pl

FORMULAS: Mapping[str, Callable[[], Said]] = {
    "=": lambda: say("sources.formula-kind"),
    EMPTY: lambda: say("sources.empty-formula-kind"),
}


def book_of(path: Path, encoding: str | None) -> excel.Book | None:
    """Read the sheets of a file that has the suffix of a workbook; None if the file is plain text."""
    match excel.container(path):
        case "text":
            return None
        case "html":
            return excel.read_html(path, encoding)
        case "xml":
            return excel.read_xml(path, encoding)
        case _:
            return excel.read_workbook(path)


def read_sheet(file: object, wanted: str | None) -> str:
    """Return ``, sheet 'name'`` for the sheet of a workbook that is read (first), for messages; "" for other files."""
    if not isinstance(file, Path):
        return ""
    form = formats.of(file.suffix.lower())
    if form is None or not form.sheets:
        return ""
    try:
        status = file.stat()
        return _read_sheet(file, wanted, status.st_size, status.st_mtime_ns)
    except (IntegradeError, OSError):
        return ""


@lru_cache(64)
def _read_sheet(path: Path, wanted: str | None, _size: int, _changed: int) -> str:
    book = book_of(path, None)
    sheets = chosen_sheets(path, book, wanted) if book else ()
    return f", sheet {sheets[0].name!r}" if sheets else ""


def told_texts(path: Path, names: Sequence[str]) -> tuple[str, ...]:
    """Return the text columns that a workbook written by integrade lists (`writers.TEXT_COLUMNS`)."""
    try:
        with archives.opened(path) as book:
            about = book.read("docProps/core.xml").decode("utf-8", errors="replace")
    except (BadZipFile, KeyError, OSError, ValueError, RuntimeError, EOFError, zlib.error):
        return ()
    keyword = re.search(rf"{TEXT_COLUMNS}([ \d]*)<", about)
    return tuple(n for i, n in enumerate(names) if str(i) in keyword[1].split()) if keyword else ()


def chosen_sheets(path: Path, book: excel.Book, wanted: str | None) -> Sequence[Sheet]:
    """Return the sheets to read.

    Hidden sheets are read only if the user asks for them or if no other sheet has cells. Raises `EmptyTable` for a book
    without cells, and `UsageError` for a sheet that the book does not have.
    """
    if not book.sheets:
        raise EmptyTable(
            f"{path.name} has no cells", where=str(path), remedy="save it with a table whose first row has the headings"
        )
    if wanted is None:
        return [s for s in book.sheets if s.name not in book.hidden] or book.sheets
    hits = [s for s in book.sheets if s.name == wanted]
    if not hits:  # files of one series may write the name of their sheet in several ways: "Zone All", "ZONE all "
        hits = [s for s in book.sheets if key_of(s.name) == key_of(wanted)]
    if len(hits) != 1:
        names = [s.name for s in book.sheets]
        raise UsageError(f"{path.name} has no sheet {wanted!r}", where=str(path), remedy=did_you_mean(wanted, names))
    return hits


def told_book(path: Path, book: excel.Book, sheets: Sequence[Sheet]) -> list[Entry]:
    """Return notes on a book: hidden sheets left out, cells without a value, and merged numbers that count once.

    Cells without a value are errors, and formulas whose result is not stored; they are counted by kind and column.
    Raises `Unreadable` for a column in which no cell has a value.
    """
    names = [s.name for s in sheets]
    hidden = [s.name for s in book.sheets if s.name in book.hidden and s.name not in names]
    reasons = [say("sources.hidden-sheets", sheets=listed(hidden[:5], "comma"))] if hidden else []
    for sheet in sheets:
        head = table_head(sheet)
        lost = [entry for entry in book.lost if entry.sheet == sheet.name]
        for entry in lost:
            column = head.names[entry.first[1]] if entry.first[1] < len(head.names) else address(0, entry.first[1])[:-1]
            if not _SHOWN.get():
                _require_more(path, sheet, head, lost, entry, column)
            kind = FORMULAS[entry.kind]() if entry.kind in FORMULAS else entry.kind
            where = {"sheet": repr(sheet.name), "column": column, "cell": address(*entry.first)}
            reasons.append(say("sources.lost-cells", n=entry.n, kind=kind, **where))
        once = [entry for entry in book.once if entry.sheet == sheet.name]
        if once:
            where = {"sheet": repr(sheet.name), "cell": address(*once[0].first)}
            reasons.append(say("sources.merged-numbers", n=len(once), **where))
    return [Entry("read", path.name, "note", entry, 0) for entry in reasons]


_SHOWN: ContextVar[bool] = ContextVar("errors_shown", default=False)


@contextmanager
def errors_shown() -> Iterator[None]:
    """Read the errors of a workbook as texts (``error #REF!``) within the block, in order to show a file."""
    token = _SHOWN.set(True)
    try:
        yield
    finally:
        _SHOWN.reset(token)


def with_errors(book: excel.Book, sheets: Sequence[Sheet]) -> Sequence[Sheet]:
    """Return the sheets; within `errors_shown`, their errors are texts."""
    if not _SHOWN.get():
        return sheets
    sheets_shown = []
    for sheet in sheets:
        rows, body = [list(row) for row in sheet.rows], table_head(sheet).body
        for lost_cells in (
            lost_cells for lost_cells in book.lost if lost_cells.sheet == sheet.name and lost_cells.kind.startswith("#")
        ):
            for row in lost_cells.rows:
                if (
                    body <= row < len(rows)
                    and lost_cells.first[1] < len(rows[row])
                    and rows[row][lost_cells.first[1]] is None
                ):
                    rows[row][lost_cells.first[1]] = say("sources.error-cell", error=lost_cells.kind)
        sheets_shown.append(Sheet(sheet.name, rows))
    return sheets_shown


def amounts_once(
    path: Path, book: excel.Book, sheets: Sequence[Sheet], table: str, columns: Mapping[str, str]
) -> tuple[Sequence[Sheet], list[Entry]]:
    """Read merged whole numbers by the meaning of their column.

    An amount counts once; a code applies to each of the merged cells. Numbers in an unknown column are read as codes,
    with a note. ``columns``: the names that the user gives to columns.
    """
    sheets_read, notes = list[Sheet](), list[Entry]()
    for sheet in sheets:
        head, rows = table_head(sheet), sheet.rows
        mapping = {old: new for old, new in columns.items() if old in head.names}
        kept = rename(head.names, mapping, table)[0] if head.names else {}
        kinds = [_kind_of(kept.get(name, name), table) for name in head.names]
        below = [code.at for code in book.codes if code.sheet == sheet.name and code.at[0][0] >= head.body]
        over = {at: kinds[at[0][1] : at[1][1] + 1] for at in below}
        amounts = [at for at in below if "amount" in over[at]]
        odd = [at for at in below if at not in amounts and "" in over[at]]
        unclear = [at for at in odd if not _are_years(rows[head.body :], at[0][1], at[1][1])]
        if amounts:
            rows = filled([list(row) for row in rows], (), amounts)
            reason = say("sources.merged-numbers", n=len(amounts), sheet=repr(sheet.name), cell=address(*amounts[0][0]))
            notes.append(Entry("read", path.name, "note", reason, 0))
        if unclear:
            where = {"sheet": repr(sheet.name), "cell": address(*unclear[0][0])}
            notes.append(Entry("read", path.name, "note", say("sources.merged-codes", n=len(unclear), **where), 0))
        sheets_read.append(Sheet(sheet.name, rows))
    return sheets_read, notes


def _are_years(rows: Sequence[Row], first: int, last: int) -> bool:
    """Return whether all cells of the columns from ``first`` to ``last`` are years."""
    texts = (text_of(cell) for row in rows for cell in row[first : last + 1] if cell is not None)
    return all(text.isdecimal() and len(text) == 4 and YEARS[0] <= int(text) <= YEARS[1] for text in texts)


def _kind_of(column: str, table: str) -> str:
    """Return "amount" for a column of amounts, and "label" for one of codes, names, years or months.

    Returns "" for any other column.
    """
    known = {c.name: c.kind for c in TABLES[table].columns} if table in TABLES else {}
    if known.get(column) == "number" or column in (*money_columns(table), "employees"):
        return "amount"
    return "label" if column in known else ""


def _require_more(path: Path, sheet: Sheet, head: Head, lost: Sequence[Lost], one: Lost, column: str) -> None:
    """Raise `Unreadable` if all cells of a column below its heading are without a value."""
    j = one.first[1]
    if (
        one.kind == EMPTY
        or one.first[0] < head.body
        or any(j < len(row) and row[j] is not None for row in sheet.rows[head.body :])
    ):
        return
    kinds = sorted({"a formula without a stored result" if o.kind == "=" else o.kind for o in lost if o.first[1] == j})
    raise Unreadable(
        f"column {column!r} of {path.name} contains only {' and '.join(kinds)}",
        where=f"{path}, {in_sheet(sheet.name)}cell {address(*one.first)}",
        remedy="open it in Excel or LibreOffice, correct the formulas, recalculate and save it; or delete the column",
    )


def texts_beside_numbers(
    sheets: Sequence[Sheet], table: str, columns: Mapping[str, str], decimal: Mark | None
) -> tuple[Sequence[Sheet], Mapping[str, int], Mapping[str, str]]:
    """Read texts as numbers in columns that also hold numbers (`beside_numbers`).

    Returns the sheets, and for each column the number of texts read as numbers. Also returns, for each column, a text
    that may be thousands or decimals. Columns of codes and names stay unchanged.
    """
    sheets_read, read, doubtful = list[Sheet](), dict[str, int](), dict[str, str]()
    for sheet in sheets:
        head = table_head(sheet)
        mapping = {old: new for old, new in columns.items() if old in head.names}
        kept = rename(head.names, mapping, table)[0] if head.names else {}
        amounts = {j: n for j, n in enumerate(head.names) if _kind_of(kept.get(n, n), table) != "label"}
        result = beside_numbers(sheet, amounts, head.body, decimal)
        sheets_read.append(result.sheet)
        read |= {name: read.get(name, 0) + n for name, n in result.read.items()}
        doubtful |= result.doubtful
    return sheets_read, read, doubtful


def table_of(path: Path, sheets: Sequence[Sheet], table: str = "") -> tuple[pl.DataFrame, list[Entry]]:
    """Build the table of the first sheet, and append the other sheets that have the same headings.

    A sheet of an old workbook ends at 65,536 rows, so long tables continue in the next sheet. Titles above and
    footnotes below are left out, with a note. Sheets with other headings are named in a note. A sheet whose keys all
    appear in the sheets before it is a copy: it is not appended, and a note names it. The keys are the key columns of
    ``table``, or all columns if the table's key columns are not found.
    """
    first, notes = table_head(sheets[0]), list[Entry]()
    heading_texts = [text_of(c) for row in sheets[0].rows[: first.body] for c in row]
    notes += told_alike(path, first.names, heading_texts)
    rows, others, continued, copies = list[Row](), list[str](), list[str](), list[str]()
    key = _key_of(first.names, table) if len(sheets) > 1 else []
    known = set[tuple[str, ...]]()
    for sheet in sheets:
        head = table_head(sheet)
        if head.names != first.names:
            others.append(sheet.name)
            continue
        body, footnotes = _without_footnotes(sheet.rows[head.body :])
        keys = {tuple(text_of(row[j]) for j in key) for row in body} if len(sheets) > 1 else set[tuple[str, ...]]()
        if rows and keys <= known:
            copies.append(sheet.name)
            continue
        known |= keys
        if head.titles:
            reason = say("sources.above-headings", titles=listed(head.titles[:3], "semicolon"))
            notes.append(Entry("read", path.name, "note", reason, 0))
        if footnotes:
            reason = say("sources.footnotes", sheet=repr(sheet.name))
            notes.append(Entry("read", path.name, "dropped", reason, len(footnotes), footnotes[0][:60]))
        continued += [sheet.name] if rows else []
        rows += body
    reasons = []
    if continued:
        more = listed(continued[:5], "comma")
        reasons.append(say("sources.sheets-continue", sheets=more, first=repr(sheets[0].name)))
    if copies:
        repeated = listed(copies[:5], "comma")
        reasons.append(say("sources.sheets-repeat", sheets=repeated))
    if others:
        left = listed(others[:3], "comma")
        reasons.append(say("sources.sheet-read", read=repr(sheets[0].name), others=left))
    notes += [Entry("read", path.name, "note", one, 0) for one in reasons]
    return frame_of(first.names, rows), notes


def _key_of(names: Sequence[str], table: str) -> list[int]:
    """Return the positions of a table's key columns among headings; all positions if a key column is missing."""
    whole = list(range(len(names)))
    if table not in TABLES:
        return whole
    schema = TABLES[table]
    named = {new: old for old, new in rename(names, {}, table)[0].items()}
    needed = [c.name for c in schema.columns if c.required and c.name in schema.key]
    there = all(name in named for name in needed)
    return [names.index(named[k]) for k in schema.key if k in named] if there else whole


def _without_footnotes(rows: Sequence[Row]) -> tuple[list[Row], list[str]]:
    """Remove the rows at the end that have only one text and begin like a footnote.

    Return the rows and the footnotes.
    """
    kept, left_out = list(rows), list[str]()
    while kept and len(kept[-1]) > 1:
        texts = {text_of(c) for c in kept[-1] if c is not None}
        if len(texts) > 1 or (texts and not FOOTNOTE.match(next(iter(texts)))):
            break
        left_out += sorted(texts)
        kept.pop()
    return kept, left_out[::-1]
