"""Printed tables as an editable Word document: three-line tables, captions, notes; the same bytes every time."""

from __future__ import annotations

import copy
import datetime
import io
import zipfile
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from integrade.report.markup import starts_block
from integrade.report.printed import PrintedTable
from integrade.sheet import width

if TYPE_CHECKING:
    from docx.document import Document
    from docx.section import Section
    from docx.table import _Cell, _Row

LONG_AGO = datetime.datetime(2000, 1, 1)
ZIP_DATE = (1980, 1, 1, 0, 0, 0)
THICK, THIN = 12, 6  # eighths of a point
MANY_COLUMNS = 7
LATIN, CHINESE = "Times New Roman", "SimSun"
SHORT_SIDE, LONG_SIDE, MARGIN = 21.0, 29.7, 2.2  # centimetres, A4
CHARACTER, PADDING = 0.2, 0.55  # centimetres, 9 points
BOLD = 1.2
PROSE, LONG_WORD = 4.0, 22  # characters: prose asks for a multiple of the root of its length, a long word breaks
CROWDED = 1.15  # of the page that a table may ask for before it lies on its side
SMALL = 30  # rows of a table that stays on one page


class Picture(NamedTuple):
    """A figure as the bytes of a .png, and its caption."""

    png: bytes
    caption: str


def to_word(tables: Sequence[PrintedTable], *, title: str = "", pictures: Sequence[Picture] = ()) -> bytes:
    """The tables, then the figures, as the bytes of a .docx.

    Tables that a portrait page has no room for stand on landscape pages. Equal input gives equal bytes.
    """
    import docx

    document = docx.Document()
    _set_up(document, title)
    landscape = False
    for at, table in enumerate(tables):
        wide = _lies_on_its_side(table)
        if wide != landscape:
            landscape = _turn(document, wide, first=at == 0 and not title)
        _add_table(document, table, LONG_SIDE if wide else SHORT_SIDE)
    if pictures and landscape:
        _turn(document, False, first=False)
    for picture in pictures:
        _add_picture(document, picture)
    buffer = io.BytesIO()
    document.save(buffer)
    return _with_fixed_dates(buffer.getvalue())


def _set_up(document: Document, title: str) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    about = document.core_properties
    about.author, about.title, about.comments = "integrade", title, ""
    about.created = about.modified = LONG_AGO
    about.last_modified_by, about.revision = "integrade", 1
    for name, size in (("Normal", 10.5), ("Caption", 10.5), ("Title", 18)):
        style = document.styles[name]
        style.font.name, style.font.size = LATIN, Pt(size)
        style.font.color.rgb = RGBColor(0, 0, 0)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        fonts.set(qn("w:eastAsia"), CHINESE)
    _lay(document.sections[0], wide=False)
    for line in document.styles["Title"].element.findall(f".//{qn('w:pBdr')}"):
        line.getparent().remove(line)
    if title:
        document.add_heading(title, level=0)


def _turn(document: Document, wide: bool, *, first: bool) -> bool:
    """A new section of the right orientation. Returns whether it lies on its side."""
    from docx.enum.section import WD_SECTION

    _lay(document.sections[0] if first else document.add_section(WD_SECTION.NEW_PAGE), wide=wide)
    return wide


def _lay(section: Section, *, wide: bool) -> None:
    from docx.enum.section import WD_ORIENT
    from docx.shared import Cm

    section.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
    sides = (LONG_SIDE, SHORT_SIDE) if wide else (SHORT_SIDE, LONG_SIDE)
    section.page_width, section.page_height = Cm(sides[0]), Cm(sides[1])
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(MARGIN)


def _add_picture(document: Document, picture: Picture) -> None:
    from docx.shared import Cm

    document.add_picture(io.BytesIO(picture.png), width=Cm(SHORT_SIDE - 2 * MARGIN))
    document.paragraphs[-1].paragraph_format.keep_with_next = True
    document.add_paragraph(picture.caption, style="Caption")


def _asked(table: PrintedTable) -> list[float]:
    """Column widths in centimetres as the text asks: a heading may wrap, prose asks for a few words."""
    lines = [c for c, r in zip(table.cells(), table.rows, strict=True) if r.kind != "panel"]
    asked = []
    for i, name in enumerate(table.columns):
        head = BOLD * max(width(word) for word in name.split(" "))
        longest = max([head, *(width(line[i]) for line in lines)])
        if i in table.wide_text:
            words = max([head, *(width(word) for line in lines for word in line[i].split(" "))])
            longest = min(max(longest**0.5 * PROSE, min(words, LONG_WORD)), longest)
        asked.append(PADDING + CHARACTER * longest)
    return asked


def _widths(table: PrintedTable, page: float) -> list[float]:
    """Column widths that fill the page: prose takes what is left, unless that is too little."""
    asked, room = _asked(table), page - 2 * MARGIN
    plain = sum(w for i, w in enumerate(asked) if i not in table.wide_text)
    prose = sum(w for i, w in enumerate(asked) if i in table.wide_text)
    if not prose or plain > 0.75 * room:
        return [w * room / (plain + prose) for w in asked]
    return [w * (room - plain) / prose if i in table.wide_text else w for i, w in enumerate(asked)]


def _lies_on_its_side(table: PrintedTable) -> bool:
    """Whether the table needs a landscape page: many columns, or more text than a portrait page has room for."""
    return len(table.columns) > MANY_COLUMNS or sum(_asked(table)) > CROWDED * (SHORT_SIDE - 2 * MARGIN)


def _add_table(document: Document, table: PrintedTable, page: float) -> None:
    end = document.element.body[-1]
    for block in _blocks(table, page):
        end.addprevious(copy.deepcopy(block))


@lru_cache(maxsize=128)
def _blocks(table: PrintedTable, page: float) -> tuple[Any, ...]:
    """Caption, table and notes as elements, made once for the document of all tables and for that of its own."""
    import docx

    document = docx.Document()
    _set_up(document, "")
    caption = document.add_paragraph(table.caption, style="Caption")
    caption.paragraph_format.keep_with_next = True
    _add_grid(document, table, page)
    for note in table.notes:
        _note(document, note)
    document.add_paragraph()
    return tuple(document.element.body[:-1])  # without the section's properties


def _add_grid(document: Document, table: PrintedTable, page: float) -> None:
    from docx.enum.table import WD_TABLE_ALIGNMENT
    from docx.shared import Cm

    grid = document.add_table(rows=1 + len(table.rows), cols=len(table.columns))
    grid.alignment = WD_TABLE_ALIGNMENT.CENTER
    grid.autofit = False
    _outer_rules(grid)
    rows, lines = list(grid.rows), table.cells()
    cells = [tuple(row.cells) for row in rows]
    for i, wide in enumerate(_widths(table, page)):
        grid.columns[i].width = Cm(wide)
        for row in cells:
            row[i].width = Cm(wide)
    _fill(table, cells[0], table.columns, bold=True)
    _repeat_heading(rows[0])
    _rule(cells[0], "bottom")
    for at, row in enumerate(rows[1:]):
        _keep_whole(row)
        kind, own = table.rows[at].kind, cells[at + 1]
        if kind == "panel":
            joined = own[0].merge(own[-1])
            joined.text = ""
            own = (joined,)
        _fill(table, own, lines[at][: len(own)], bold=False, italic=kind == "panel")
        if starts_block(table, at) or (kind == "panel" and at):
            _rule(own, "top")
        if len(table.rows) <= SMALL:
            for cell in own:
                cell.paragraphs[0].paragraph_format.keep_with_next = True


def _fill(
    table: PrintedTable, row: Sequence[_Cell], cells: Sequence[str], *, bold: bool, italic: bool = False
) -> None:  # fmt: skip
    for i, (cell, text) in enumerate(zip(row, cells, strict=True)):
        _write(cell, text, left=i == 0 or i in table.wide_text, bold=bold, italic=italic)


def _write(cell: _Cell, text: str, *, left: bool, bold: bool = False, italic: bool = False) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    paragraph = cell.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT if left else WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(0)
    run = paragraph.add_run(text)
    if bold:
        run.bold = True
    if italic:
        run.italic = True
    run.font.size = Pt(9)


def _note(document: Document, text: str) -> None:
    from docx.shared import Pt

    paragraph = document.add_paragraph()
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(0)
    paragraph.add_run(text).font.size = Pt(8)


def _element(name: str, **attributes: str) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    element = OxmlElement(f"w:{name}")
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), value)
    return element


def _border(side: str, size: int) -> Any:
    return _element(side, val="single", sz=str(size), space="0", color="000000")


def _outer_rules(grid: Any) -> None:
    """Only the top and the bottom rule; no vertical line, no line between rows."""
    properties = grid._tbl.tblPr
    borders = _element("tblBorders")
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
        borders = _element("tcBorders")
        borders.append(_border(side, THIN))
        properties.append(borders)


def _repeat_heading(row: _Row) -> None:
    properties = row._tr.get_or_add_trPr()
    properties.append(_element("cantSplit"))
    properties.append(_element("tblHeader"))


def _keep_whole(row: _Row) -> None:
    row._tr.get_or_add_trPr().append(_element("cantSplit"))


def _with_fixed_dates(content: bytes) -> bytes:
    """The same archive with every member dated 1980-01-01, so that equal tables give equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            member = zipfile.ZipInfo(name, ZIP_DATE)
            member.compress_type, member.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            new.writestr(member, old.read(name))
    return buffer.getvalue()
