"""A printed table as a grid of Word: three lines, cells that can be edited, headings repeated on every page."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from integrade.escaping import for_word
from integrade.report.markup import starts_block
from integrade.report.paper import stays_whole, type_size, widths
from integrade.report.rows import Grid

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import _Cell, _Row

THICK, THIN = 12, 6  # eighths of a point


def add_grid(document: Document, table: Grid, page: float) -> None:
    """The grid at the end of the document, as wide as a page of ``page`` centimetres has room for."""
    document.element.body[-1].addprevious(copy.deepcopy(_grid(table, page)))


@lru_cache(maxsize=128)
def _grid(table: Grid, page: float) -> Any:
    """The table as an element, made once for the document of all tables and for that of its own."""
    import docx

    document = docx.Document()
    _add_grid(document, table, page)
    return document.element.body[-2]


def _add_grid(document: Document, table: Grid, page: float) -> None:
    from docx.enum.table import WD_TABLE_ALIGNMENT
    from docx.shared import Cm

    grid = document.add_table(rows=1 + len(table.rows), cols=len(table.columns))
    grid.alignment = WD_TABLE_ALIGNMENT.CENTER
    grid.autofit = False
    _outer_rules(grid)
    rows, lines = list(grid.rows), table.cells()
    cells = [tuple(row.cells) for row in rows]
    for i, wide in enumerate(widths(table, page)):
        grid.columns[i].width = Cm(wide)
        for row in cells:
            row[i].width = Cm(wide)
    size = type_size(table)
    _fill(table, cells[0], table.columns, size, bold=True)
    _repeat_heading(rows[0])
    _rule(cells[0], "bottom")
    for at, row in enumerate(rows[1:]):
        _keep_whole(row)
        kind, own = table.rows[at].kind, cells[at + 1]
        if kind == "panel":
            joined = own[0].merge(own[-1])
            joined.text = ""
            own = (joined,)
        _fill(table, own, lines[at][: len(own)], size, italic=kind == "panel")
        if starts_block(table, at) or (kind == "panel" and at):
            _rule(own, "top")
        if stays_whole(table):
            for cell in own:
                cell.paragraphs[0].paragraph_format.keep_with_next = True


def _fill(
    table: Grid, row: Sequence[_Cell], cells: Sequence[str], size: float, *, bold: bool = False, italic: bool = False
) -> None:
    for i, (cell, text) in enumerate(zip(row, cells, strict=True)):
        _write(cell, text, left=i == 0 or i in table.wide_text, size=size, bold=bold, italic=italic)


def _write(cell: _Cell, text: str, *, left: bool, size: float, bold: bool = False, italic: bool = False) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    paragraph = cell.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT if left else WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(0)
    run = paragraph.add_run(for_word(text))
    if bold:
        run.bold = True
    if italic:
        run.italic = True
    run.font.size = Pt(size)
    mark = element("rPr")  # the paragraph's own mark: without it an empty cell is as high as body text
    mark.append(element("sz", val=f"{2 * size:.0f}"))
    paragraph._p.get_or_add_pPr().append(mark)


def element(tag: str, /, **attributes: str) -> Any:
    """A new element of Word's namespace with attributes of the same."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    made = OxmlElement(f"w:{tag}")
    for key, value in attributes.items():
        made.set(qn(f"w:{key}"), value)
    return made


def _border(side: str, size: int) -> Any:
    return element(side, val="single", sz=str(size), space="0", color="000000")


def _outer_rules(grid: Any) -> None:
    """Only the top and the bottom rule; no vertical line, no line between rows."""
    properties = grid._tbl.tblPr
    borders = element("tblBorders")
    borders.append(_border("top", THICK))
    borders.append(_border("bottom", THICK))
    after = [child for child in properties if child.tag.endswith(("}tblLayout", "}tblCellMar", "}tblLook"))]
    if after:
        after[0].addprevious(borders)
    else:
        properties.append(borders)


def _rule(row: Sequence[_Cell], side: str) -> None:
    for cell in row:
        properties = cell._tc.get_or_add_tcPr()
        borders = element("tcBorders")
        borders.append(_border(side, THIN))
        properties.append(borders)


def _repeat_heading(row: _Row) -> None:
    properties = row._tr.get_or_add_trPr()
    properties.append(element("cantSplit"))
    properties.append(element("tblHeader"))


def _keep_whole(row: _Row) -> None:
    row._tr.get_or_add_trPr().append(element("cantSplit"))
