"""The report as Markdown: pipe tables, figures beside it, links to the tables that sentences name."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from integrade.escaping import for_markdown
from integrade.report.document import Block, Document, Points, numbers_table, verdict_blocks, verdict_heading
from integrade.report.markup import to_markdown
from integrade.report.paper import Reference, pieces
from integrade.report.printed import PrintedTable
from integrade.report.rows import caption_of
from integrade.report.style import Drawing, title_of
from integrade.texts import speaking


def to_markdown_document(document: Document, images: Mapping[str, str]) -> str:
    """The report; ``images`` are the paths of the figures by name, as seen from the file."""
    with speaking(document.language):
        return _whole(document, images)


def _whole(document: Document, images: Mapping[str, str]) -> str:
    known = [t.number for t in document.tables()]
    lines = [f"# {for_markdown(document.title)}", _text(document.lead, known)]
    lines += [_block(block, known, images, document.language) for block in document.first]
    for v in document.verdicts:
        first, *others = (_block(block, known, images, document.language) for block in verdict_blocks(v))
        lines += [f"**{for_markdown(verdict_heading(v))}** {first}", *others]
    if document.numbers:
        lines.append(to_markdown(numbers_table(document)).rstrip())
    for part in document.parts:
        lines.append(f"## {for_markdown(part.name)}")
        for section in part.sections:
            lines.append(f"### {for_markdown(section.title)}")
            lines += [_block(block, known, images, document.language) for block in section.blocks]
    return "\n\n".join(lines) + "\n"


def _block(block: Block, known: Collection[str], images: Mapping[str, str], language: str) -> str:
    match block:
        case PrintedTable():
            noted = [_text(note, known) for note in block.notes]
            bare = to_markdown(block).removesuffix("\n")
            for plain, linked in zip(block.notes, noted, strict=True):
                bare = bare.replace(f"\n{for_markdown(plain)}", f"\n{linked}")
            return f'<a id="{_anchor(block.number)}"></a>\n\n{bare}'
        case Drawing():
            title, subtitle = title_of(block)
            caption = for_markdown(caption_of("figure", str(block.number), title, language))
            return f"![{caption}]({images[block.name]})\n\n**{caption}**" + (
                f"  \n{for_markdown(subtitle)}" if subtitle else ""
            )
        case Points():
            heading = [f"#### {for_markdown(block.heading)}\n"] if block.heading else []
            return "\n".join([*heading, *(f"- {_text(item, known)}" for item in block.items)])
        case text:
            return _text(text, known)


def _text(text: str, known: Collection[str]) -> str:
    return "".join(
        f"[{for_markdown(p.text)}](#{_anchor(p.number)})" if isinstance(p, Reference) else for_markdown(p)
        for p in pieces(text, known)
    )


def _anchor(number: str) -> str:
    return f"table-{number.lower()}"
