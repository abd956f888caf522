"""Write the whole report as an editable Word document: headings, text, tables, pictures and cross-references."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from itertools import count
from typing import TYPE_CHECKING

from integrade.report.document import Block, Document, Points, arranged
from integrade.report.paper import MARGIN, SHORT_SIDE
from integrade.report.printed import PrintedTable
from integrade.report.rows import caption_of, minus
from integrade.report.style import Drawing, title_of
from integrade.report.word import (
    State,
    add_caption,
    add_contents,
    add_gap,
    add_mark,
    add_note,
    add_table,
    refer,
    saved,
    set_up,
    turn,
)
from plainwords.escaping import for_word
from plainwords.texts import say, speaking

if TYPE_CHECKING:
    from docx.document import Document as Word


PICTURE = 0.88
"""The width of a figure as a share of the width of the text, so that two figures fit on most pages.

Word does not shrink pictures to make them fit.
"""
PICTURE_OF_BRIEF = 0.75
"""The same for the figure of the first page, which has the verdicts on it too."""


def document_to_word(document: Document, pictures: Mapping[str, bytes]) -> bytes:
    """Return the whole report as the bytes of a .docx; ``pictures`` are the figures as .png, by name.

    Tables named in sentences and notes become cross-references (REF fields). Equal input gives equal bytes.
    """
    with speaking(document.language):
        return _whole(document, pictures)


def _whole(document: Document, pictures: Mapping[str, bytes]) -> bytes:
    import docx

    word, state = docx.Document(), State([t.number for t in document.tables()], document.language)
    set_up(word, document.title)
    for text in (document.byline, document.abstract):
        if text:
            _add_text(word, text, state)
    for block in document.brief.blocks():
        _add(word, block, pictures, state, PICTURE_OF_BRIEF)
    if document.contents:
        add_contents(word, say("page.contents"), [(*one, f"_Toc_{i}") for i, one in enumerate(_headings(document))])
    marks = count()
    for part in document.parts:
        headings = [(part.name, 1)]
        for section in part.sections:
            headings.append((section.title, 2))
            for block, wide in arranged(section.blocks):
                if wide != state.landscape:
                    turn(word, wide, state)
                for text, level in headings:
                    add_mark(word.add_heading(for_word(minus(text)), level=level), f"_Toc_{next(marks)}", state)
                headings = []
                _add(word, block, pictures, state)
    return saved(word)


def _headings(document: Document) -> Iterator[tuple[str, int]]:
    """Yield the headings of parts and sections in their order, with their levels."""
    for part in document.parts:
        yield part.name, 1
        yield from ((section.title, 2) for section in part.sections)


def _add(word: Word, block: Block, pictures: Mapping[str, bytes], state: State, share: float = PICTURE) -> None:
    match block:
        case PrintedTable():
            add_table(word, block, state)
        case Drawing():
            _add_picture(word, block, pictures[block.name], state, share)
        case Points():
            if block.heading:
                word.add_heading(for_word(block.heading), level=3)
            for item in block.items:
                refer(word.add_paragraph(style="List Bullet"), item, state)
        case text:
            _add_text(word, text, state)


def _add_text(word: Word, text: str, state: State) -> None:
    refer(word.add_paragraph(), text, state)


def _add_picture(word: Word, figure: Drawing, png: bytes, state: State, share: float) -> None:
    from docx.shared import Cm

    word.add_picture(io.BytesIO(png), width=Cm(share * (SHORT_SIDE - 2 * MARGIN)))
    picture = word.paragraphs[-1]
    picture.paragraph_format.keep_with_next = True
    described = picture._p.xpath(".//wp:docPr")[0]
    described.set("descr", for_word(str(figure.spec.get("description", ""))))
    title, subtitle = title_of(figure)
    caption = caption_of("figure", figure.label, title, state.language)
    named = add_caption(word, ("figure", figure.label), caption, state)
    named.paragraph_format.keep_with_next = bool(subtitle)
    if subtitle:
        add_note(word, subtitle, state)
        add_gap(word)
