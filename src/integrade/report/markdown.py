"""Write the report as Markdown: pipe tables, links to figures and to the tables named in sentences."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from integrade.report.document import Block, Document, Points
from integrade.report.markup import to_markdown
from integrade.report.paper import Reference, pieces
from integrade.report.printed import PrintedTable
from integrade.report.rows import caption_of, minus
from integrade.report.style import Drawing, title_of
from plainwords.escaping import for_markdown
from plainwords.texts import speaking


def to_markdown_document(document: Document, images: Mapping[str, str]) -> str:
    """Return the report; ``images`` are the paths of the figures by name, relative to the file."""
    known = [t.number for t in document.tables()]
    with speaking(document.language):
        lines = [f"# {_set(document.title)}"]
        lines += [_text(text, known) for text in (document.byline, document.abstract) if text]
        lines += [_block(block, known, images, document.language) for block in document.brief.blocks()]
        for part in document.parts:
            lines.append(f"## {_set(part.name)}")
            for section in part.sections:
                lines.append(f"### {_set(section.title)}")
                lines += [_block(block, known, images, document.language) for block in section.blocks]
    return "\n\n".join(lines) + "\n"


def _block(block: Block, known: Collection[str], images: Mapping[str, str], language: str) -> str:
    match block:
        case PrintedTable():
            table = to_markdown(block).removesuffix("\n")
            for note in block.notes:
                table = table.replace(f"\n{_set(note)}", f"\n{_text(note, known)}")  # with links to other tables
            return f'<a id="{_anchor(block.number)}"></a>\n\n{table}' if block.number else table.rstrip()
        case Drawing():
            title, subtitle = title_of(block)
            caption = _set(caption_of("figure", block.label, title, language))
            return f"![{caption}]({images[block.name]})\n\n**{caption}**" + (
                f"  \n{_set(subtitle)}" if subtitle else ""
            )
        case Points():
            heading = [f"#### {_set(block.heading)}\n"] if block.heading else []
            return "\n".join([*heading, *(f"- {_text(item, known)}" for item in block.items)])
        case text:
            return _text(text, known)


def _text(text: str, known: Collection[str]) -> str:
    return "".join(
        f"[{_set(p.text)}](#{_anchor(p.number)})" if isinstance(p, Reference) else _set(p) for p in pieces(text, known)
    )


def _set(text: str) -> str:
    return for_markdown(minus(text))


def _anchor(number: str) -> str:
    return f"table-{number.lower()}"
