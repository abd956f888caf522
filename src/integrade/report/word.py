"""Write editable Word documents with three-line tables, numbered captions and cross-references.

Equal input gives equal bytes.
"""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from integrade.report.paper import LONG_SIDE, MARGIN, SHORT_SIDE, Reference, lies_on_its_side, pieces
from integrade.report.rows import Grid, label_of_number, minus
from integrade.report.word_grid import add_grid, element
from plainwords.escaping import for_word, one_line

if TYPE_CHECKING:
    from docx.document import Document as Word
    from docx.section import Section
    from docx.text.paragraph import Paragraph
    from docx.text.run import Run

LONG_AGO = datetime.datetime(2000, 1, 1)
ZIP_DATE = (1980, 1, 1, 0, 0, 0)
GAP = 6
"""Height in points of the empty line after a table or a picture."""
TITLE = 255
"""Maximum letters of the title in the properties of a document."""
LATIN, CHINESE = "Times New Roman", "SimSun"
SIZES = (("Normal", 10.5), ("Caption", 10.5), ("Title", 18), ("Heading 1", 15), ("Heading 2", 12.5), ("Heading 3", 11))


class State:
    """The state of the writer: page orientation, the tables that references can name, and the last numbers used."""

    def __init__(self, known: Collection[str], language: str) -> None:
        self.known, self.language = known, language
        self.landscape = False
        self.last: dict[str, int] = {}
        self.bookmarks = 0


def to_word(tables: Sequence[Grid], *, title: str = "") -> bytes:
    """Return the tables as the bytes of a .docx; tables too wide for a portrait page are on landscape pages.

    Captions are numbered by SEQ fields, each inside a bookmark. Equal input gives equal bytes.
    """
    import docx

    word, state = docx.Document(), State([t.number for t in tables], tables[0].language if tables else "en")
    set_up(word, title)
    for table in tables:
        _turn_for(word, table, state)
        add_table(word, table, state)
    return saved(word)


def each_to_word(tables: Sequence[Grid]) -> Iterator[bytes]:
    """Yield the result of `to_word` for each table by itself; styles, fonts and the page are set up only once."""
    import docx

    word = docx.Document()
    set_up(word, "")
    members: dict[str, bytes] = {}
    for table in tables:
        for child in list(word.element.body)[:-1]:  # the last element has the page settings
            word.element.body.remove(child)
        _lay(word.sections[0], wide=False)
        state = State([table.number], table.language)
        _turn_for(word, table, state)
        add_table(word, table, state)
        if not members:
            members = _members(word)
        members["word/document.xml"] = word.part.blob
        yield _archive(members)


def refer(paragraph: Paragraph, text: str, state: State, size: float | None = None) -> None:
    """Add text to a paragraph; the name of a table becomes a field that follows its caption."""
    from docx.shared import Pt

    for piece in pieces(minus(text), state.known):
        if isinstance(piece, Reference):
            _field(paragraph, f"REF {_bookmark('table', piece.number)} \\h", piece.text, size)
        else:
            run = paragraph.add_run(for_word(piece))
            if size:
                run.font.size = Pt(size)


def _field(paragraph: Paragraph, code: str, shown: str, size: float | None = None) -> None:
    """Add a field with the text that it shows until it is updated."""
    from docx.shared import Pt

    runs = [_part_of_field(paragraph, "begin"), _instruct(paragraph, code), _part_of_field(paragraph, "separate")]
    runs += [paragraph.add_run(for_word(shown)), _part_of_field(paragraph, "end")]
    if size:
        for run in runs:
            run.font.size = Pt(size)


def _part_of_field(paragraph: Paragraph, kind: str) -> Run:
    run = paragraph.add_run()
    run._r.append(element("fldChar", fldCharType=kind))
    return run


def _instruct(paragraph: Paragraph, code: str) -> Run:
    run, instruction = paragraph.add_run(), element("instrText")
    instruction.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    instruction.text = f" {code} "
    run._r.append(instruction)
    return run


def _bookmark(kind: str, number: str) -> str:
    return f"_Ref_{kind}_{number}"


def set_up(word: Word, title: str) -> None:
    """Set the properties of the document, its styles, the first page, and the title if there is one."""
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    about = word.core_properties
    about.author, about.title, about.comments = "integrade", one_line(title)[:TITLE], ""
    about.created = about.modified = LONG_AGO
    about.last_modified_by, about.revision = "integrade", 1
    for name, size in SIZES:
        style = word.styles[name]
        style.font.name, style.font.size = LATIN, Pt(size)
        style.font.color.rgb = RGBColor(0, 0, 0)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        fonts.set(qn("w:eastAsia"), CHINESE)
    section = word.sections[0]
    _lay(section, wide=False)
    foot = section.footer.paragraphs[0]
    foot.alignment = 1
    _field(foot, "PAGE", "1", 9)
    for line in word.styles["Title"].element.findall(f".//{qn('w:pBdr')}"):
        line.getparent().remove(line)
    if title:
        word.add_heading(for_word(title), level=0)


def _turn_for(word: Word, table: Grid, state: State) -> None:
    wide = lies_on_its_side(table)
    if wide != state.landscape:
        turn(word, wide, state)


def turn(word: Word, wide: bool, state: State) -> None:
    """Start a section with a landscape page if ``wide``, else a portrait page.

    If the first section is still empty, its page is turned instead.
    """
    from docx.enum.section import WD_SECTION

    empty = len(word.element.body) == 1
    _lay(word.sections[0] if empty else word.add_section(WD_SECTION.NEW_PAGE), wide=wide)
    state.landscape = wide


def _lay(section: Section, *, wide: bool) -> None:
    from docx.enum.section import WD_ORIENT
    from docx.shared import Cm

    section.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
    sides = (LONG_SIDE, SHORT_SIDE) if wide else (SHORT_SIDE, LONG_SIDE)
    section.page_width, section.page_height = Cm(sides[0]), Cm(sides[1])
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(MARGIN)


def add_table(word: Word, table: Grid, state: State) -> None:
    """Add a table with its caption above and its notes below, as wide as the current page."""
    caption = add_caption(word, ("table", table.number), table.caption, state)
    caption.paragraph_format.keep_with_next = True
    add_grid(word, table, LONG_SIDE if state.landscape else SHORT_SIDE)
    for note in table.notes:
        add_note(word, note, state).paragraph_format.keep_with_next = note != table.notes[-1]
    add_gap(word)


def add_gap(word: Word) -> None:
    """Add half an empty line, which separates a table or a picture from what follows."""
    from docx.shared import Pt

    gap = word.add_paragraph()
    gap.paragraph_format.space_before = gap.paragraph_format.space_after = Pt(0)
    gap.paragraph_format.line_spacing = Pt(GAP)


def add_caption(word: Word, named: tuple[str, str], text: str, state: State) -> Paragraph:
    """Add a caption whose number is a SEQ field inside a bookmark for cross-references."""
    kind, number = named
    text = minus(text)
    paragraph = word.add_paragraph(style="Caption")
    if not number:
        paragraph.add_run(for_word(text))
        return paragraph
    match = re.fullmatch(r"(\D*)(\d+)(\D*)", number)  # Table A11b: text before the SEQ field, its number, a letter
    assert match is not None
    before, count, letter = label_of_number(kind, "", state.language) + match[1], int(match[2]), match[3]
    state.bookmarks += 1
    start = element("bookmarkStart", id=str(state.bookmarks), name=_bookmark(kind, number))
    paragraph._p.append(start)
    paragraph.add_run(before)
    name = before.strip().replace(" ", "_")
    last = state.last.get(name, 0)
    order = "\\c" if last == count else "" if last + 1 == count else f"\\r {count}"
    _field(paragraph, f"SEQ {name} \\* ARABIC {order}".strip(), str(count))
    state.last[name] = count
    if letter:
        paragraph.add_run(letter)
    paragraph._p.append(element("bookmarkEnd", id=str(state.bookmarks)))
    paragraph.add_run(for_word(text.removeprefix(label_of_number(kind, number, state.language))))
    return paragraph


def add_mark(paragraph: Paragraph, name: str, state: State) -> None:
    """Put a bookmark around the text of a paragraph."""
    state.bookmarks += 1
    paragraph._p.insert(1, element("bookmarkStart", id=str(state.bookmarks), name=name))
    paragraph._p.append(element("bookmarkEnd", id=str(state.bookmarks)))


def add_contents(word: Word, title: str, headings: Sequence[tuple[str, int, str]]) -> None:
    """Add the list of contents: one line per heading (text, level, bookmark), linked to the bookmark.

    It is a field of Word, which rewrites the list with page numbers when it is updated (F9).
    """
    from docx.shared import Cm, Pt

    word.add_heading(for_word(title), level=3)
    for i, (text, level, mark) in enumerate(headings):
        line = word.add_paragraph()
        look = line.paragraph_format
        look.space_before = look.space_after = Pt(0)
        look.left_indent = Cm(0.5 * (level - 1))
        if not i:
            _part_of_field(line, "begin")
            _instruct(line, 'TOC \\o "1-2" \\h \\z')
            _part_of_field(line, "separate")
        run = line.add_run(for_word(minus(text)))
        run.font.size = Pt(9)
        leads = element("hyperlink", anchor=mark)
        leads.append(run._r)
        line._p.append(leads)
        if i == len(headings) - 1:
            _part_of_field(line, "end")


def add_note(word: Word, text: str, state: State) -> Paragraph:
    """Add a small line under a table or a picture."""
    from docx.shared import Pt

    paragraph = word.add_paragraph()
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(0)
    refer(paragraph, text, state, 8)
    return paragraph


def saved(word: Any) -> bytes:
    """Return the document as bytes; each archive member is dated 1980-01-01, so that equal reports give equal bytes."""
    return _archive(_members(word))


def _members(word: Any) -> dict[str, bytes]:
    plain = io.BytesIO()
    word.save(plain)
    with zipfile.ZipFile(plain) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _archive(members: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            member = zipfile.ZipInfo(name, ZIP_DATE)
            member.compress_type, member.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            archive.writestr(member, content)
    return buffer.getvalue()
