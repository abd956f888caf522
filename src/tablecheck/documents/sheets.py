"""Read tables of workbooks, with numbers as their cells display them; headings after an empty row begin a new table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

from plainwords.texts import say
from rawcells.bytes.damage import parsing
from rawcells.cells import excel
from rawcells.cells.calamine import read_cells
from rawcells.cells.extent import check_extent
from rawcells.cells.grid import address, text_of
from tablecheck.documents.blocks import drafts_of
from tablecheck.documents.decoded import decoded
from tablecheck.documents.html import read_html
from tablecheck.documents.old_formats import formats_of_old
from tablecheck.documents.shaping import Draft, Piece, grid_of, named, piece
from tablecheck.documents.shown import formats_of, shown
from tablecheck.grid import Document, Grid

WIDEST = 100_000
"""The cells that a merged range covers are dropped only if the range has at most this many cells (a convention)."""
STORED = 6
"""A number without a format and with more digits may be displayed with fewer digits than are stored."""


def read_sheets(path: Path) -> Document:
    """Read the tables of every visible sheet (of all sheets if none is visible).

    A file with the name of a workbook that is an HTML page or an XML spreadsheet is read as such. Numbers are read as
    their cells display them. If the display is not known (in an .xls from before Excel 97), the stored digits are read
    and a doubt is recorded.
    Raises `Unreadable` for a damaged or locked file and for too many cells.
    """
    match excel.container(path):
        case "html":
            return read_html(path, decoded(path))
        case "xml":
            book = excel.read_xml(path, None)
            return _document(path, [(s.name, *_rows(s.rows, _whole_rows(s.rows), {})) for s in book.sheets])
        case _:
            return _document(path, _workbook(path))


def _whole_rows(rows: Sequence[Sequence[Any]]) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Return the first and the last cell of each row with one text in all cells: a note over the whole table."""
    return [
        ((i, 0), (i, len(row) - 1))
        for i, row in enumerate(rows)
        if len(row) > 2 and isinstance(row[0], str) and row[0] and len(set(row)) == 1
    ]


def _workbook(path: Path) -> list[tuple[str, list[list[Piece]], set[str]]]:
    """Return the rows of each sheet, and the positions of the cells whose stored digits are read."""
    stream, _ = excel.opened(path)
    with parsing(path, "", "open it and save it again as .xlsx"):
        check_extent(path, stream)
        content = stream.read()
        formats = formats_of(content) if content.startswith(b"PK") else formats_of_old(content)
        sheets = read_cells(BytesIO(content))
    visible = [sheet for sheet in sheets if sheet[3]] or sheets
    return [
        (name, *_rows(cells, merged, None if formats is None else formats.get(name, {})))
        for name, cells, merged, _ in visible
    ]


def _rows(
    cells: Sequence[Sequence[Any]], merged: Any, formats: Mapping[tuple[int, int], str] | None
) -> tuple[list[list[Piece]], set[str]]:
    """Return the cells of a sheet with their spans, and the positions of the cells whose stored digits are read."""
    stored: set[str] = set()
    ranges = {tuple(a): (b[0] - a[0] + 1, b[1] - a[1] + 1) for a, b in merged}
    areas = [(a, b) for a, b in merged if (b[0] - a[0] + 1) * (b[1] - a[1] + 1) <= WIDEST]
    covered = {(i, j) for a, b in areas for i in range(a[0], b[0] + 1) for j in range(a[1], b[1] + 1)} - set(ranges)
    whole = Draft()
    for i, row in enumerate(cells):
        pieces = []
        for j, value in enumerate(row):
            if (i, j) in covered:
                continue
            text, exact = _text(value, None if formats is None else formats.get((i, j), "General"))
            if not exact:
                stored.add(address(i, j))
            height, width = ranges.get((i, j), (1, 1))
            pieces.append(
                piece(text, address(i, j))._replace(width=min(width, len(row) - j), height=min(height, len(cells) - i))
            )
        whole.add(pieces)
    return whole.rows, stored


def _text(value: Any, code: str | None) -> tuple[str, bool]:
    """Return the text of a cell, and whether the cell certainly displays this text."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return text_of(value) if value not in ("", None) else "", True
    if code is not None and code.lower() != "general" and (text := shown(float(value), code)) is not None:
        return text, True
    text = shown(float(value), "General") or ""
    short = code is not None and sum(c.isdigit() for c in text.lstrip("-0.")) <= STORED
    return text, short or float(value).is_integer()


def _document(path: Path, sheets: Sequence[tuple[str, list[list[Piece]], set[str]]]) -> Document:
    """Build the document; the only table of a sheet has the sheet's name as title, unless this is a default name."""
    grids: list[Grid] = []
    for name, rows, stored in sheets:
        is_default = name.rstrip("0123456789 ").lower() in ("sheet", "tabelle", "feuil", "工作表", "table", "")
        drafts: list[Draft] = drafts_of(rows)
        for draft in drafts:
            if any(cell.place in stored for row in draft.rows for cell in row):
                draft.doubts.append(say("published_documents.stored"))
            draft.title = draft.title or ("" if is_default or len(drafts) > 1 else name)
            grid = grid_of(draft)
            grids += [replace(grid, name=name)] if grid is not None else []
    return Document(path.name, named(grids, path.stem, path.name))
