"""The report as Typst source: three-line tables, wide ones on landscape pages, contents, links to tables."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from integrade.escaping import for_typst
from integrade.report.document import Block, Document, Points, arranged, numbers_table, verdict_blocks, verdict_heading
from integrade.report.markup import starts_block
from integrade.report.paper import (
    LONG_SIDE,
    SHORT_SIDE,
    Reference,
    breakable,
    lies_on_its_side,
    pieces,
    stays_whole,
    type_size,
    widths,
)
from integrade.report.printed import PrintedTable
from integrade.report.rows import caption_of, label_of_number, minus, shown
from integrade.report.style import Drawing, title_of
from integrade.texts import say, speaking

PREAMBLE = """\
#set document(title: {title}, author: "integrade", date: none)
#set page(paper: "a4", margin: 2.2cm, numbering: "1 / 1")
#set text(font: {fonts}, size: 10.5pt, lang: "{lang}", region: "{region}", fallback: true)
#set par(justify: true, leading: 0.68em, spacing: 0.9em)
#set list(indent: 0.4em)
#set heading(numbering: none)
#show heading.where(level: 1): set text(size: 16pt)
#show heading.where(level: 1): set block(above: 1.6em, below: 0.9em)
#show heading.where(level: 2): set text(size: 12.5pt)
#show heading.where(level: 2): set block(above: 1.5em, below: 0.8em)
#show heading.where(level: 3): set text(size: 10.5pt)
#show heading.where(level: 3): set block(above: 1.1em, below: 0.6em)
#show link: set text(fill: rgb("#0b5cad"))
#set figure(gap: 0.7em)
#set place(clearance: 2.2em)
#show figure: set block(above: 1.4em, below: 1.4em)
#show figure.where(kind: table): set figure.caption(position: top)
#show figure.caption: set text(weight: "bold", size: 10pt)
#show figure.caption: set align(left)
#show figure.caption: it => block(sticky: true, it.body)
#set table(stroke: none, inset: (x: 4pt, y: 1.9pt))
#let notes(..each) = align(left, block(above: 0.5em, text(size: 8pt, stack(spacing: 0.55em, ..each.pos()))))
#let pair(one, other) = block(breakable: false, stack(spacing: 0.62em, one, other))
#let thick = table.hline(stroke: 1pt)
#let thin = table.hline(stroke: 0.5pt)
"""


CONTINUED = """\
#let again(named, words, n) = table.cell(colspan: n, align: left, inset: 0pt, context {
  let start = query(named)
  if start.len() > 0 and here().page() > start.first().location().page() {
    place(bottom + left, dy: -0.5em, box(width: measure(strong(words)).width, strong(words)))
  }
})
"""
"""A row without height: its words stand above the table on every page but its first."""


def to_typst(document: Document, images: Mapping[str, str], fonts: tuple[str, ...]) -> str:
    """The source; ``images`` are paths of figures by name, as seen from the root of the compilation."""
    with speaking(document.language):
        return _whole(document, images, fonts)


def _whole(document: Document, images: Mapping[str, str], fonts: tuple[str, ...]) -> str:
    known = [t.number for t in document.tables()]
    region = "cn" if document.language == "zh" else "us"
    head = PREAMBLE.format(title=for_typst(document.title), fonts=_tuple(fonts), lang=document.language, region=region)
    lines = [
        head + CONTINUED,
        f'#align(left, text(size: 20pt, weight: "bold", {for_typst(minus(document.title))}))',
        _par(document.lead, known),
        *(_block(block, known, images, document.language) for block in document.first),
    ]
    for v in document.verdicts:
        blocks = (_block(block, known, images, document.language) for block in verdict_blocks(v))
        lines += [_heading(3, verdict_heading(v), outlined=False), *blocks]
    if document.numbers:
        lines.append(_table(numbers_table(document), known, wide=False))
    lines.append("#outline(title: none, depth: 2, indent: 1em)")
    side = False
    for part in document.parts:
        heading = [_heading(1, part.name)]
        for section in part.sections:
            heading.append(_heading(2, section.title))
            for block, wide in arranged(section.blocks):
                side = _turn(lines, side, wide)
                floats = not heading and not wide  # what stands right below a heading stays there
                lines += [*heading, _block(block, known, images, document.language, floats=floats)]
                heading = []
            lines.append("#place.flush()")  # no figure leaves its section
    return "\n".join(lines) + "\n"


def _turn(lines: list[str], side: bool, wide: bool) -> bool:
    if side != wide:
        lines.append(f"#set page(flipped: {'true' if wide else 'false'})")
    return wide


def _tuple(items: tuple[str, ...]) -> str:
    return "(" + "".join(f"{for_typst(item)}, " for item in items) + ")"


def _heading(level: int, text: str, *, outlined: bool = True) -> str:
    flag = "" if outlined else ", outlined: false"
    return f"#heading(level: {level}{flag}, {for_typst(minus(text))})"


UNSPLIT = re.compile(r"(?<=\b[pNtF]) (?=[<=>] [\d\u2212-])|(?<=\b[pNtF] [<=>]) (?=[\d\u2212-])|(?<=\d) (?=%)")
"""Spaces at which no line breaks: around the sign of ``p < 0.01``, before that of ``5 %``."""


def _content(text: str, known: Collection[str]) -> str:
    """Text as content, with links to the tables it names."""
    made = [
        f"#link(<{_label(p.number)}>, {for_typst(p.text)})"
        if isinstance(p, Reference)
        else f"#{for_typst(UNSPLIT.sub(chr(160), breakable(p, chr(0x200B))))}"
        for p in pieces(minus(text), known)
    ]
    return "[" + "".join(made) + "]"


def _label(number: str) -> str:
    return f"table-{number}"


def _par(text: str, known: Collection[str]) -> str:
    return f"#par{_content(text, known)}"


def _block(
    block: Block, known: Collection[str], images: Mapping[str, str], language: str, *, floats: bool = False
) -> str:
    """A block; a figure that floats moves to the top of a page, and what follows it fills the room."""
    match block:
        case PrintedTable():
            return _table(block, known, wide=lies_on_its_side(block))
        case Drawing():
            return _figure(block, images[block.name], language, floats=floats)
        case Points():
            items = "".join(f"{_content(item, known)}, " for item in block.items)
            heading = f"{_heading(3, block.heading, outlined=False)}\n" if block.heading else ""
            return f"{heading}#list({items})"
        case text:
            return _par(text, known)


def _figure(figure: Drawing, path: str, language: str, *, floats: bool) -> str:
    title, subtitle = title_of(figure)
    described = for_typst(minus(str(figure.spec.get("description", title))))
    small = f' #linebreak() #text(weight: "regular", size: 8.5pt, {for_typst(minus(subtitle))})' if subtitle else ""
    caption = for_typst(minus(caption_of("figure", str(figure.number), title, language)))
    placed = "placement: top, " if floats else ""
    return (
        f"#figure(kind: image, supplement: none, {placed}image({for_typst(path)}, width: 100%, alt: {described}),\n"
        f"  caption: [#{caption}{small}])"
    )


def _table(table: PrintedTable, known: Collection[str], *, wide: bool) -> str:
    """A figure whose body is the table and its notes; a short one stays on one page."""
    rows = "\n".join(f"    {_row(table, i)}" for i in range(len(table.rows)) if not _is_below(table, i))
    head = ", ".join(_cell(table, i, f"strong({for_typst(_broken(minus(c)))})") for i, c in enumerate(table.columns))
    notes = "".join(f"{_content(n, known)}, " for n in table.notes)
    label = f" <{_label(table.number)}>" if table.number else ""
    again = f"{_again(table)}, " if table.number else ""
    breaks = "false" if stays_whole(table) else "true"
    return f"""\
#show figure.where(kind: table): set block(breakable: {breaks})
#figure(kind: table, supplement: none, caption: [#{for_typst(minus(table.caption))}], {{
  set text(size: {type_size(table):g}pt)
  set par(justify: false, leading: 0.5em)
  table(columns: {_columns(table, wide)},
    table.header({again}thick, {head}, thin),
{rows}
    thick)
  {f"notes({notes})" if notes else ""}
}}){label}"""


def _again(table: PrintedTable) -> str:
    """The row above the headings on every page but the first: ``Table 4 (continued)``."""
    words = say("printed.continued", label=label_of_number("table", table.number, table.language))
    return f"again(<{_label(table.number)}>, {for_typst(words)}, {len(table.columns)})"


def _broken(text: str) -> str:
    return breakable(text, chr(0x200B))


def _columns(table: PrintedTable, wide: bool) -> str:
    if not table.wide_text:
        return "(" + "".join("auto, " for _ in table.columns) + ")"
    return "(" + "".join(f"{w:.2f}cm, " for w in widths(table, LONG_SIDE if wide else SHORT_SIDE)) + ")"


def _cell(table: PrintedTable, at: int, content: str) -> str:
    side = "left" if at == 0 or at in table.wide_text else "center"
    return f"table.cell(align: {side}, {content})"


def _is_below(table: PrintedTable, at: int) -> bool:
    """Whether the row is what stands below the coefficients before it, and is set in the same row."""
    return at > 0 and (table.rows[at - 1].kind, table.rows[at].kind) == ("coefficient", "statistic")


def _stays_with_next(cells: str) -> str:
    """The row of a panel, with which no page ends."""
    return f"table.header(level: 2, repeat: false, {cells}),"


def _row(table: PrintedTable, at: int) -> str:
    row, cells = table.rows[at], table.cells()[at]
    rule = "thin, " if at else ""
    if row.spans:
        named = f"emph({for_typst(minus(cells[0]))})"
        return rule + _stays_with_next(f"table.cell(colspan: {len(cells)}, align: left, {named})")
    if row.kind == "panel":
        heads = (_cell(table, i, f"emph({for_typst(minus(c))})") for i, c in enumerate(cells))
        return rule + _stays_with_next(", ".join(heads))
    above = "thin, " if starts_block(table, at) else ""
    set_as = [for_typst(_broken(shown(table, i, c))) for i, c in enumerate(cells)]
    if at + 1 < len(table.rows) and _is_below(table, at + 1):  # no page ends between the two
        below = (for_typst(_broken(shown(table, i, c))) for i, c in enumerate(table.cells()[at + 1]))
        set_as = [f"pair({one}, {other})" for one, other in zip(set_as, below, strict=True)]
    return f"{above}{', '.join(_cell(table, i, text) for i, text in enumerate(set_as))},"
