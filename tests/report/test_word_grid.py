"""Tables of Word against the same tables made cell by cell with python-docx, the slower way that they replace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import docx
import pytest
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, Twips
from lxml import etree

import report_example as example
from integrade.report.alignment import marked, width_of
from integrade.report.markup import starts_block
from integrade.report.paper import LONG_SIDE, SHORT_SIDE, fits_a_page, is_tight, type_size, widths
from integrade.report.printed import PrintedTable
from integrade.report.rows import Row, minus, shown
from integrade.report.word_grid import ABOVE_PROSE, BESIDE, BESIDE_TIGHT, add_grid, element
from integrade.study.printed import all_tables
from plainwords.escaping import for_word

if TYPE_CHECKING:
    from docx.table import _Cell

ODD = PrintedTable(
    "9",
    "Odd",
    ("a ", " b", "c\td"),
    (
        Row("panel", ("one\nline",)),
        Row("text", (" left", "m\rn ", "<&\"'>")),
        Row("panel", ("two",)),
        Row("head", ("", "中")),
    ),
    wide_text=(1,),
)
NARROW = PrintedTable("8", "One column", ("a",), (Row("panel", ("x",)), Row("text", ("y",))))


@pytest.mark.parametrize("page", [SHORT_SIDE, LONG_SIDE])
def test_tables_are_those_of_python_docx(page: float) -> None:
    for table in (*all_tables(example.study()), ODD, NARROW):
        made, expected = docx.Document(), docx.Document()
        add_grid(made, table, page)
        _add_by_docx(expected, table, page)
        written = etree.tostring(expected.element.body).replace(b"<w:r/>", b"")  # python-docx empties a merged cell
        assert etree.tostring(made.element.body) == written, table.number


def _add_by_docx(document: Any, table: PrintedTable, page: float) -> None:
    grid = document.add_table(rows=1 + len(table.rows), cols=len(table.columns))
    grid.alignment, grid.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    margins = element("tblCellMar")
    beside = str(BESIDE_TIGHT if is_tight(table, page) else BESIDE)
    margins.extend([element("left", w=beside, type="dxa"), element("right", w=beside, type="dxa")])
    next(child for child in grid._tbl.tblPr if child.tag.endswith("}tblLayout")).addnext(margins)
    borders = element("tblBorders")
    borders.extend([_border("top", 12), _border("bottom", 12)])
    next(child for child in grid._tbl.tblPr if child.tag.endswith("}tblLayout")).addprevious(borders)
    rows, lines, size = list(grid.rows), table.cells(), type_size(table)
    cells = [tuple(row.cells) for row in rows]
    for i, wide in enumerate(widths(table, page)):
        grid.columns[i].width = Cm(wide)
        for row in cells:
            row[i].width = Cm(wide)
    inner = [round(Cm(wide).twips) - 2 * int(beside) for wide in widths(table, page)]
    _fill(table, -1, cells[0], [minus(c) for c in table.columns], size, "bold", inner)
    if table.rows:
        for cell in cells[0]:
            cell.paragraphs[0].paragraph_format.keep_with_next = True
    rows[0]._tr.get_or_add_trPr().extend([element("cantSplit"), element("tblHeader")])
    _rule(cells[0], "bottom")
    for at, row in enumerate(rows[1:]):
        row._tr.get_or_add_trPr().append(element("cantSplit"))
        panel, own = table.rows[at].kind == "panel", cells[at + 1]
        if panel:
            joined = own[0].merge(own[-1])
            joined.text = ""
            own = (joined,)
        texts = [shown(table, i, c) for i, c in enumerate(lines[at][: len(own)])]
        _fill(table, at, own, texts, size, "italic" if panel else "", inner)
        if starts_block(table, at) or (panel and at):
            _rule(own, "top")
        last = len(table.rows) - 1
        above = table.rows[at].kind in ("panel", "head", "coefficient")
        kept = above or at < 3 or last - 4 < at < last or (at == last and table.notes)
        for cell in own if fits_a_page(table) or kept else ():
            cell.paragraphs[0].paragraph_format.keep_with_next = True
    for row in grid._tbl.iter(qn("w:tr")):  # the first column starts where rules and caption do
        edge = element("tcMar")
        edge.append(element("left", w="0", type="dxa"))
        row[1].tcPr.append(edge)
    full = sum(int(column.get(qn("w:w"))) for column in grid._tbl.tblGrid)
    for one in grid._tbl.iter(qn("w:tblW"), qn("w:tcW")):  # shares of the text's width
        whole = one.tag == qn("w:tblW")
        one.set(qn("w:w"), "5000" if whole else str(round(5000 * int(one.get(qn("w:w"))) / full)))
        one.set(qn("w:type"), "pct")


def _fill(
    table: PrintedTable,
    at: int,
    row: Sequence[_Cell],
    texts: Sequence[str],
    size: float,
    style: str,
    inner: Sequence[int],
) -> None:
    for i, (cell, text) in enumerate(zip(row, texts, strict=True)):
        paragraph = cell.paragraphs[0]
        left = i == 0 or i in table.wide_text
        paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT if left else WD_ALIGN_PARAGRAPH.CENTER
        number = marked(table).cells[at][i] if at >= 0 else None
        if number is not None and not left:
            widest = marked(table).widest[i]
            spare = (inner[i] - 20 * size * width_of("".join(widest))) / 2
            after = 20 * size * (width_of(widest.after) - width_of(number.after))
            least = inner[i] - 1.1 * 20 * size * width_of("".join(number))
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            paragraph.paragraph_format.right_indent = Twips(round(min(max(0, spare) + after, max(0, least))))
        paragraph.paragraph_format.space_before = Twips(ABOVE_PROSE if table.wide_text else 0)
        paragraph.paragraph_format.space_after = Pt(0)
        paragraph.paragraph_format.line_spacing = 1.0
        run = paragraph.add_run(for_word(text))
        if style:
            setattr(run, style, True)
        run.font.size = Pt(size)
        mark = element("rPr")
        mark.append(element("sz", val=f"{2 * size:.0f}"))
        paragraph._p.get_or_add_pPr().append(mark)


def _border(side: str, size: int) -> Any:
    return element(side, val="single", sz=str(size), space="0", color="000000")


def _rule(row: Sequence[_Cell], side: str) -> None:
    for cell in row:
        borders = element("tcBorders")
        borders.append(_border(side, 6))
        cell._tc.get_or_add_tcPr().append(borders)
