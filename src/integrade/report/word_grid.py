"""Write a printed table as a Word table with three rules, editable cells, and headings repeated on every page."""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from integrade.report.alignment import marked, width_of
from integrade.report.markup import starts_block
from integrade.report.paper import fits_a_page, is_tight, type_size, widths
from integrade.report.rows import Grid, minus, shown
from plainwords.escaping import for_html, for_word

if TYPE_CHECKING:
    from docx.document import Document

THICK, THIN = 12, 6  # eighths of a point
WHOLE = 5000  # the whole width: Word gives widths in fiftieths of a per cent
BESIDE, BESIDE_TIGHT = 57, 17
"""Room on either side of a cell, in twentieths of a point.

The second value is for columns so narrow that a number or its stars would break in a font wider than Times New Roman.
"""
ABOVE_PROSE = 30  # room above a row that may have several lines, in twentieths of a point
TOGETHER = 4  # rows at either end of a table that no page break separates


def add_grid(document: Document, table: Grid, page: float) -> None:
    """Add the table at the end of the document, as wide as the text of a page, which is ``page`` centimetres wide."""
    document.element.body[-1].addprevious(copy.deepcopy(_grid(table, page)))


@lru_cache(maxsize=128)
def _grid(table: Grid, page: float) -> Any:
    """Return the table as an XML element, built once for the document of all tables and the table's own document."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls
    from docx.shared import Cm

    wide = [round(Cm(one).twips) for one in widths(table, page)]
    columns = "".join(f'<w:gridCol w:w="{one}"/>' for one in wide)
    size, beside = type_size(table), BESIDE_TIGHT if is_tight(table, page) else BESIDE
    above = ABOVE_PROSE if table.wide_text else 0
    look = Look(f'<w:sz w:val="{2 * size:.0f}"/>', "<w:keepNext/>" if fits_a_page(table) else "", size, beside, above)
    rows = _spanners(table, wide, look) + "".join(_row(table, at, wide, look) for at in range(-1, len(table.rows)))
    properties = PROPERTIES.replace("{beside}", str(beside))
    return parse_xml(f"<w:tbl {nsdecls('w')}>{properties}<w:tblGrid>{columns}</w:tblGrid>{rows}</w:tbl>")


def _border(side: str, size: int) -> str:
    return f'<w:{side} w:val="single" w:sz="{size}" w:space="0" w:color="000000"/>'


PROPERTIES = (
    f'<w:tblPr><w:tblW w:type="pct" w:w="{WHOLE}"/><w:jc w:val="center"/>'
    f"<w:tblBorders>{_border('top', THICK)}{_border('bottom', THICK)}</w:tblBorders>"
    '<w:tblLayout w:type="fixed"/>'
    '<w:tblCellMar><w:left w:w="{beside}" w:type="dxa"/><w:right w:w="{beside}" w:type="dxa"/></w:tblCellMar>'
    '<w:tblLook w:firstColumn="1" w:firstRow="1" w:lastColumn="0" w:lastRow="0" '
    'w:noHBand="0" w:noVBand="1" w:val="04A0"/></w:tblPr>'
)
"""The look of a table: a top and a bottom rule, no vertical lines, no lines between rows.

The table is as wide as the text of its document, and column widths are shares of that width, so that the table fits
other page settings.
"""


class Look(NamedTuple):
    """The type size of a table, the setting that keeps its rows on one page, and the room beside and above a cell."""

    size: str
    stays: str
    points: float
    beside: int
    above: int


def _row(table: Grid, at: int, wide: Sequence[int], look: Look) -> str:
    """Return row ``at``, or the headings if ``at`` is -1.

    A panel row without headings is one cell. No row breaks between pages.
    """
    heading, panel = at < 0, at >= 0 and table.rows[at].kind == "panel"
    texts = (
        tuple(map(minus, table.columns)) if heading else [shown(table, i, c) for i, c in enumerate(table.cells()[at])]
    )
    spans, full = panel and table.rows[at].spans, sum(wide)
    if spans:
        texts, wide = texts[:1], [sum(wide)]
    style = "<w:b/>" if heading else "<w:i/>" if panel else ""
    side = "bottom" if heading else "top" if starts_block(table, at) or (panel and at) else ""
    span = f'<w:gridSpan w:val="{len(table.columns)}"/>' if spans and len(table.columns) > 1 else ""
    rule = f"<w:tcBorders>{_border(side, THIN)}</w:tcBorders>" if side else ""
    stays = look.stays or ("<w:keepNext/>" if stays_with_next(table, at) else "")
    cells = "".join(
        _cell(text, one / full, f"{span}{rule}", _sides(table, at, i, one, look), stays, style, look, edge=i == 0)
        for i, (text, one) in enumerate(zip(texts, wide, strict=True))
    )
    return _line(cells, heading=heading)


def _line(cells: str, *, heading: bool) -> str:
    return f"<w:tr><w:trPr><w:cantSplit/>{'<w:tblHeader/>' if heading else ''}</w:trPr>{cells}</w:tr>"


EDGE = '<w:tcMar><w:left w:w="0" w:type="dxa"/></w:tcMar>'
"""The setting of a cell whose text starts where the rules, the caption and the notes of the table start."""


def _cell(
    text: str, share: float, more: str, sides: str, stays: str, style: str, look: Look, *, edge: bool = False
) -> str:
    """Return a cell whose width is a share of the table; ``more`` are its rules and the columns that it spans."""
    return (
        f'<w:tc><w:tcPr><w:tcW w:type="pct" w:w="{round(WHOLE * share)}"/>{more}{EDGE if edge else ""}</w:tcPr>'
        f'<w:p><w:pPr>{stays}<w:spacing w:before="{look.above}" w:after="0" w:line="240" w:lineRule="auto"/>{sides}'
        f"<w:rPr>{look.size}</w:rPr></w:pPr>"  # the paragraph mark: else an empty cell is as high as body text
        f"<w:r><w:rPr>{style}{look.size}</w:rPr>{_text(text)}</w:r></w:p></w:tc>"
    )


def _sides(table: Grid, at: int, column: int, wide: int, look: Look) -> str:
    """Return the alignment of a cell; numbers of a column have their decimal marks below each other.

    A number is right-aligned, and indented by what the longest number of its column has more after the mark. A decimal
    tab would depend on the decimal mark of the reader's Windows, and not every program that opens .docx has such tabs.
    """
    if column == 0 or column in table.wide_text:
        return '<w:jc w:val="left"/>'
    number = marked(table).cells[at][column] if at >= 0 and not table.rows[at].spans else None
    if number is None:
        return '<w:jc w:val="center"/>'
    twips, widest = 20 * look.points, marked(table).widest[column]
    room, block = wide - 2 * look.beside, twips * sum(map(width_of, widest))
    indent = max(0.0, (room - block) / 2) + twips * (width_of(widest.after) - width_of(number.after))
    most = max(0.0, room - SPARE * twips * sum(map(width_of, number)))
    return f'<w:ind w:right="{round(min(indent, most))}"/><w:jc w:val="right"/>'


SPARE = 1.1  # room that a number needs on one line in a font wider than Times New Roman


def _spanners(table: Grid, wide: Sequence[int], look: Look) -> str:
    """Return the row of the headings over several columns, each with a rule below; empty without such headings."""
    cells, at, full = list[str](), 0, sum(wide)
    ends = [(one.text, one.first, one.last) for one in table.spanners]
    for text, first, last in [*ends, ("", len(table.columns), len(table.columns))]:
        for column in range(at, first):
            cells.append(_cell("", wide[column] / full, "", "", "<w:keepNext/>", "", look, edge=column == 0))
        if text:
            span = f'<w:gridSpan w:val="{last - first + 1}"/><w:tcBorders>{_border("bottom", THIN)}</w:tcBorders>'
            share = sum(wide[first : last + 1]) / full
            centre = '<w:jc w:val="center"/>'
            cells.append(_cell(minus(text), share, span, centre, "<w:keepNext/>", "<w:b/>", look))
        at = last + 1
    return _line("".join(cells), heading=True) if table.spanners else ""


def stays_with_next(table: Grid, at: int) -> bool:
    """Return whether, in a table that breaks between pages, a row stays on one page with the next row.

    Headings stay with the first four rows, and the last four rows stay together and with the notes. Coefficients stay
    with the numbers below them, and a panel heading with its first row.
    """
    last = len(table.rows) - 1
    above = at >= 0 and table.rows[at].kind in ("panel", "head", "coefficient")
    return at < TOGETHER - 1 or above or last - TOGETHER < at < last or (at == last and bool(table.notes))


SIGNS = {"\t": "<w:tab/>", "\n": "<w:br/>", "\r": "<w:br/>"}


def _text(text: str) -> str:
    """Return the XML of the text of a run, in the form that python-docx writes; blanks at the ends of lines stay."""
    xml = ""
    for part in filter(None, re.split(r"([\t\n\r])", for_word(text))):
        space = "" if part == part.strip() else ' xml:space="preserve"'
        xml += SIGNS.get(part) or f"<w:t{space}>{for_html(part)}</w:t>"
    return xml


def element(tag: str, /, **attributes: str) -> Any:
    """Return a new element with attributes, all in Word's namespace."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    node = OxmlElement(f"w:{tag}")
    for key, value in attributes.items():
        node.set(qn(f"w:{key}"), value)
    return node
