"""Write the report as Typst source with contents and links to tables; wide tables are on landscape pages."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from integrade.report.alignment import marked
from integrade.report.document import Block, Document, Points, Section
from integrade.report.markup import starts_block
from integrade.report.pagination import ROWS_TOGETHER, Chapter, Kind, Piece, Place, Sheet, parts
from integrade.report.paper import (
    LONG_SIDE,
    MARGIN,
    SHORT_SIDE,
    SIZES,
    SMALLEST,
    Reference,
    breakable,
    lies_on_its_side,
    pieces,
    type_size,
    widths,
)
from integrade.report.printed import PrintedTable
from integrade.report.rows import caption_of, label_of_number, minus, shown
from integrade.report.style import Drawing, title_of
from plainwords.escaping import for_typst
from plainwords.texts import say, speaking

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
#show figure: set block(above: 1.4em, below: 1.4em)
#show figure.where(kind: table): set figure.caption(position: top)
#show figure.where(kind: table): set align(left)
#show figure.caption: set text(weight: "bold", size: 10pt)
#show figure.caption: set align(left)
#show figure.caption: it => block(sticky: true, it.body)
#set table(stroke: none, inset: (x: 4pt, y: 1.9pt))
#let below = (x: 4pt, top: 3.6pt, bottom: 1.9pt)
#let above = (x: 4pt, top: 1.9pt, bottom: 3.6pt)
#let between = (x: 4pt, y: 3.6pt)
#let within = (x: 4pt, y: 1.9pt)
#let notes(..each) = align(left, block(above: 0.5em, text(size: 8pt, stack(spacing: 0.55em, ..each.pos()))))
#let pair(one, other) = block(breakable: false, inset: (bottom: 0.2em), stack(spacing: 0.42em, one, other))
#let gap(n) = table.cell(colspan: n, inset: 0pt, v(1.7pt))
#let thick = table.hline(stroke: 1pt)
#let thin = table.hline(stroke: 0.5pt)
"""


CONTINUED = """\
#let edge(inset) = inset + (left: 0pt)
#let number(before, after, widest, longest) = context {
  box(width: measure(widest).width, align(right, before))
  box(width: measure(longest).width, align(left, after))
}
#let again(named, words, n) = table.cell(colspan: n, align: left, inset: 0pt, context {
  let start = query(named)
  if start.len() > 0 and here().page() > start.first().location().page() {
    place(bottom + left, dy: -0.5em, box(width: measure(strong(words)).width, strong(words)))
  }
})
"""
"""Functions of tables: the inset of the first column, whose text starts where the rules start; a number whose decimal
mark is below those of its column, between the widest parts before and after the mark; and a row of zero height that
prints its words above the table on every page but the table's first."""


Plan: TypeAlias = Sequence[Sequence[Place]]
"""The positions of the blocks of every section, in order."""

POINTS = 72 / 2.54  # points in a centimetre
SHEET = Sheet((LONG_SIDE - 2 * MARGIN) * POINTS, (SHORT_SIDE - 2 * MARGIN) * POINTS)
LARGE, SMALL, PARAGRAPH, FIGURE, LIST = 1.6 * 16, 1.5 * 12.5, 0.9 * 10.5, 1.4 * 10.5, 1.1 * 10.5
"""The room above headings of both sizes and around paragraphs, figures and lists with a heading, in points."""
MEASURED, POINTS_OF_TYPE = "measured", "points"
WHOLE = Place(0)
REFERENCES = "9pt"  # type of lists in small type
FIRST_FIGURE = 0.8  # width of the figure of the first page, as a share of the text
FITTING = f"""\
#let fitting(made) = {{
  for size in (8pt, 7.5pt) {{ if measure(made(size)).width <= {SHEET.side:.2f}pt {{ return size }} }}
  {SMALLEST}pt
}}"""
"""A Typst function that returns the table in the largest type in which it is no wider than the page."""


CONTENTS = """\
#layout(room => {
  let list = outline(title: none, depth: 2, indent: 1em)
  let half = measure(width: (room.width - 1.2em.to-absolute()) / 2, list).height / 2 + 1em
  block(breakable: false, height: half, columns(2, gutter: 1.2em, list))
})"""
"""The list of contents in two columns of the same height."""


def to_typst(document: Document, images: Mapping[str, str], fonts: tuple[str, ...], plan: Plan | None = None) -> str:
    """Return the Typst source of the report.

    ``images`` are paths of figures by name, relative to the root of the compilation. Blocks are placed by the ``plan``;
    without a plan, one after the other.
    """
    with speaking(document.language):
        planned = plan or [[Place(i) for i in range(len(s.blocks))] for part in document.parts for s in part.sections]
        return "\n".join([*_opening(document, images, fonts), *_body(document, images, planned)]) + "\n"


def to_measure(document: Document, images: Mapping[str, str], fonts: tuple[str, ...]) -> str:
    """Return a Typst source that measures where the opening ends and how high every heading and block is."""
    known = [t.number for t in document.tables()]
    with speaking(document.language):
        lines = [
            *_opening(document, images, fonts),
            FITTING,
            f"#context [#metadata(here().position().y.pt())<{MEASURED}>]\n#pagebreak()",
        ]
        lines[1:1] = ["#show link: it => it.body"]  # the target of a link is not in this source
        for heading, section in _sections(document):
            blocks = ", ".join(_measure(block, known, images, document.language) for block in section.blocks)
            rise = _rise(heading, wide=False)
            lines.append(f"#context [#metadata((heading: {rise}, blocks: ({blocks},)))<{MEASURED}>]\n{heading}")
    return "\n".join(lines) + "\n"


def measured(document: Document, answer: str) -> tuple[float, list[Chapter]]:
    """Return the height of the opening on its last page in points, and the sections with measured blocks.

    ``answer`` is the JSON that a query of `MEASURED` returned.
    """
    start, *heights = json.loads(answer)
    chapters = []
    for (heading, section), rise in zip(_sections(document), heights, strict=True):
        above = LARGE if heading.startswith("#heading(level: 1") else SMALL
        blocks = zip(section.blocks, rise["blocks"], strict=True)
        chapters.append(Chapter(rise["heading"] + FIGURE, above, tuple(_piece(b, h) for b, h in blocks)))
    return start - MARGIN * POINTS, chapters


def _piece(block: Block, rise: Mapping[str, Any]) -> Piece:
    match block:
        case PrintedTable():
            wide, smaller = lies_on_its_side(block), rise["smaller"]
            piece = Piece(Kind.TABLE, rise["height"], FIGURE, FIGURE, wide, smaller=smaller, type=rise["type"])
            if not rise["rows"]:  # the table must not break
                return piece
            # A row measured by itself wraps less than in the table, so rows are scaled to the height of the body.
            share, units = rise["body"] / sum(rise["rows"]), _units(block)
            panels = (n for n, at in enumerate(units) if block.rows[at].kind == "panel")
            return replace(
                piece,
                top=rise["bare"] - rise["body"],
                rows=tuple(share * row for row in rise["rows"]),
                bottom=rise["height"] - rise["bare"],
                together=frozenset(n + 1 for n in panels),
                blocks=frozenset(n for n, at in enumerate(units) if _has_rule(block, at)),
            )
        case Drawing():
            return Piece(Kind.FIGURE, rise["height"], FIGURE, FIGURE, image=rise["image"])
        case Points():
            return Piece(Kind.TEXT, rise["height"], LIST if block.heading else PARAGRAPH, PARAGRAPH)
        case _:
            return Piece(Kind.TEXT, rise["height"], PARAGRAPH, PARAGRAPH)


def _rise(content: str, *, wide: bool) -> str:
    return f"measure(width: {SHEET.upright if wide else SHEET.side:.2f}pt, [{content}]).height.pt()"


def _measure(block: Block, known: Collection[str], images: Mapping[str, str], language: str) -> str:
    """Return a Typst expression for the heights of a block, and of the parts of a table that may break."""
    if isinstance(block, PrintedTable):
        return _measured_table(block, known)
    height = f"height: {_rise(_block(block, known, images, language), wide=False)}"
    if isinstance(block, Drawing):
        image = _rise(f"#image({for_typst(images[block.name])}, width: 100%)", wide=False)
        return f"({height}, image: {image})"
    return f"({height})"


def _measured_table(table: PrintedTable, known: Collection[str]) -> str:
    """Return a Typst expression for the type and height of a table.

    The expression also gives the height in smaller type and, if the table may break, the heights of its parts. A table
    in the smallest type gets larger type if its numbers then still fit the width of the page. Headings and rows of
    words may wrap.
    """
    wide, columns = _is_wide(table), _columns(table)
    rows = [_row(table, at) for at in _units(table)]
    size, fitting = _size(table, WHOLE), f"{type_size(table):g}pt"
    if type_size(table) == SMALLEST and not wide and not table.wide_text:
        numbers = " ".join(row for row, at in zip(rows, _units(table), strict=True) if _has_numbers(table.cells()[at]))
        narrow = replace(table, columns=tuple(name.replace(" ", "\n") for name in table.columns))
        drawn = f"table(columns: {columns}, {_head(narrow)}, {numbers})"
        size, fitting = POINTS_OF_TYPE, f"fitting(size => {{ {_type('size')}; {drawn} }})"
    fields = {
        "type": f"{POINTS_OF_TYPE}.pt()",
        "height": _rise(_table(table, known, size=size), wide=wide),
        "smaller": "0",
        "rows": "()",
    }
    if type_size(table) == SIZES[0]:
        fields["smaller"] = _rise(_table(table, known, replace(WHOLE, smaller=True)), wide=wide)
    if len(rows) >= 2 * ROWS_TOGETHER:
        start = f"#{{{_type(size)}; table(columns: {columns}, "
        fields["rows"] = "(" + "".join(f"{_rise(f'{start}{row})}}', wide=wide)}, " for row in rows) + ")"
        fields["body"] = _rise(f"{start}{' '.join(rows)})}}", wide=wide)
        fields["bare"] = _rise(_table(replace(table, notes=()), known, size=size), wide=wide)
    return f"{{ let {POINTS_OF_TYPE} = {fitting}; ({', '.join(f'{key}: {value}' for key, value in fields.items())}) }}"


def _has_numbers(cells: Sequence[str]) -> bool:
    return any(sign.isdigit() for cell in cells[1:] for sign in cell)


def _is_wide(block: Block) -> bool:
    return isinstance(block, PrintedTable) and lies_on_its_side(block)


def _sections(document: Document) -> Iterator[tuple[str, Section]]:
    """Yield each section with its heading; before the first section of a part comes the heading of the part."""
    for part in document.parts:
        heading = f"{_heading(1, part.name)}\n"
        for section in part.sections:
            yield heading + _heading(2, section.title), section
            heading = ""


def _opening(document: Document, images: Mapping[str, str], fonts: tuple[str, ...]) -> Iterator[str]:
    """Yield the title, the brief and, in appendices, the list of contents."""
    known = [t.number for t in document.tables()]
    region = "cn" if document.language == "zh" else "us"
    families = "(" + "".join(f"{for_typst(font)}, " for font in fonts) + ")"
    head = PREAMBLE.format(title=for_typst(document.title), fonts=families, lang=document.language, region=region)
    yield head + CONTINUED
    yield f'#align(left, text(size: 16pt, weight: "bold", {for_typst(minus(document.title))}))'
    if document.byline:
        yield f"#text(fill: luma(90)){_content(document.byline, known)}"
    if document.abstract:
        yield f"#block(inset: (x: 1.2em), text(size: 9.5pt, {_content(document.abstract, known)}))"
    for block in document.brief.blocks():
        place = replace(WHOLE, share=FIRST_FIGURE) if isinstance(block, Drawing) else WHOLE
        yield _block(block, known, images, document.language, place)
    if document.contents:
        yield _heading(3, say("page.contents"), outlined=False)
        yield CONTENTS


def _body(document: Document, images: Mapping[str, str], plan: Plan) -> Iterator[str]:
    """Yield the sections, each with its blocks placed as planned."""
    known, side = [t.number for t in document.tables()], False
    for (heading, section), places in zip(_sections(document), plan, strict=True):
        above = [heading]
        for place in places:
            block = section.blocks[place.piece]
            if _is_wide(block) != side:
                side = not side
                yield f"#set page(flipped: {'true' if side else 'false'})"
            elif place.breaks_before:
                yield "#pagebreak(weak: true)"
            yield from above
            yield _block(block, known, images, document.language, place)
            above = []


def _heading(level: int, text: str, *, outlined: bool = True) -> str:
    flag = "" if outlined else ", outlined: false"
    return f"#heading(level: {level}{flag}, {for_typst(minus(text))})"


UNSPLIT = re.compile(r"(?<=\b[pNtF]) (?=[<=>] [\d\u2212-])|(?<=\b[pNtF] [<=>]) (?=[\d\u2212-])|(?<=\d) (?=%)")
"""Spaces at which a line must not break: around the sign in ``p < 0.01``, before the percent sign in ``5%``."""


def _content(text: str, known: Collection[str]) -> str:
    """Return text as Typst content, with links to the tables it names."""
    texts = [
        f"#link(<{_label(p.number)}>, {for_typst(p.text)})"
        if isinstance(p, Reference)
        else f"#{for_typst(UNSPLIT.sub(chr(160), breakable(p, chr(0x200B))))}"
        for p in pieces(minus(text), known)
    ]
    return "[" + "".join(texts) + "]"


def _label(number: str) -> str:
    return f"table-{number}"


def _par(text: str, known: Collection[str]) -> str:
    return f"#par{_content(text, known)}"


def _block(block: Block, known: Collection[str], images: Mapping[str, str], language: str, place: Place = WHOLE) -> str:
    """Return the source of a block; a table breaks only at the rows given in its ``place``."""
    match block:
        case PrintedTable():
            return _table(block, known, place)
        case Drawing():
            return _figure(block, images[block.name], language, place.share)
        case Points():
            items = "".join(f"{_content(item, known)}, " for item in block.items)
            heading = f"{_heading(3, block.heading, outlined=False)}\n" if block.heading else ""
            return f"{heading}#text(size: {REFERENCES}, list({items}))" if block.small else f"{heading}#list({items})"
        case text:
            return _par(text, known)


def _figure(figure: Drawing, path: str, language: str, share: float) -> str:
    title, subtitle = title_of(figure)
    described = for_typst(minus(str(figure.spec.get("description", title))))
    small = f' #linebreak() #text(weight: "regular", size: 8.5pt, {for_typst(minus(subtitle))})' if subtitle else ""
    caption = for_typst(minus(caption_of("figure", figure.label, title, language)))
    return (
        f"#figure(kind: image, supplement: none, image({for_typst(path)}, width: {share:.0%}, alt: {described}),\n"
        f"  caption: [#{caption}{small}])"
    )


def _table(table: PrintedTable, known: Collection[str], place: Place = WHOLE, size: str = "") -> str:
    """Return a Typst figure with the table and its notes; it breaks at the rows given in ``place``, if any."""
    units = _units(table)
    kept = _kept(len(units), place, len(table.columns)) if place.cuts else {}
    lines = [f"    {_row(table, at)}{kept.get(n, '')}" for n, at in enumerate(units)]
    label, again = "", ""
    if table.number:
        label = f" <{_label(table.number)}>"
        # the row above the headings on every page but the first: Table 4 (continued)
        words = say("printed.continued", label=label_of_number("table", table.number, table.language))
        again = f"again(<{_label(table.number)}>, {for_typst(words)}, {len(table.columns)}), "
    columns, narrow = _columns(table), ""
    if kept:
        columns, narrow = columns.removesuffix(")") + "0pt)", "table.cell(inset: 0pt, none), "
        again += narrow if again else ""
    body, heads = "\n".join(lines), f"{_spanners(table, narrow)}{_head(table)}"
    notes = f"notes({''.join(f'{_content(n, known)}, ' for n in table.notes)})" if table.notes else ""
    return f"""\
#show figure.where(kind: table): set block(breakable: {"true" if kept else "false"})
#figure(kind: table, supplement: none, caption: [#{for_typst(minus(table.caption))}], {{
  {_type(size or _size(table, place))}
  table(columns: {columns},
    table.header({again}thick, {heads}, {narrow}thin, gap({len(table.columns)}), {narrow}),
{body}
    thick{kept.get(len(units), "")})
  {notes}
}}){label}"""


def _head(table: PrintedTable) -> str:
    """Return the cells of the header."""
    names = (f"strong({for_typst(_broken(minus(name)))})" for name in table.columns)
    return ", ".join(_cell(table, i, name, BETWEEN) for i, name in enumerate(names))


def _spanners(table: PrintedTable, narrow: str) -> str:
    """Return the cells of the headings over several columns, and the rules below them; ``narrow`` ends their row."""
    cells, rules, at = [], [], 0
    for one in table.spanners:
        cells += ["none"] * (one.first - at)
        text = f"strong({for_typst(minus(one.text))})"
        cells.append(f"table.cell(colspan: {one.last - one.first + 1}, align: center, inset: between, {text})")
        rules.append(f"table.hline(start: {one.first}, end: {one.last + 1}, stroke: 0.5pt)")
        at = one.last + 1
    cells += ["none"] * (len(table.columns) - at)
    return f"{', '.join(cells)}, {narrow}{', '.join(rules)}, " if rules else ""


def _type(size: str) -> str:
    return f"set text(size: {size}); set par(justify: false, leading: 0.5em)"


def _size(table: PrintedTable, place: Place) -> str:
    """Return the type size of a table: 8 points if ``place.smaller``, else the measured size, else by its page."""
    return f"{SIZES[-1] if place.smaller else place.type or type_size(table):g}pt"


def _kept(count: int, place: Place, columns: int) -> dict[int, str]:
    """Return the cells that keep the rows of each part on one page, by the row they follow.

    A last column without width has one cell for each part, which spans the rows of the part. Below the last row is an
    empty row as high as the notes. The notes are set over this row, so that they stay with their table.
    """
    cell = "table.cell(rowspan: {}, breakable: false, inset: 0pt, none),"
    cells = {start: cell.format(end - start + (end == count)) for start, end in parts(count, place.cuts)}
    high = f"{place.notes:.2f}pt"
    return cells | {count: f", table.cell(colspan: {columns}, inset: 0pt, block(height: {high}, none))); v(-{high}"}


def _units(table: PrintedTable) -> list[int]:
    """Return the first row of each unit that no page break splits: one row, or a coefficient with its number below."""
    return [i for i in range(len(table.rows)) if not _is_below(table, i)]


def _broken(text: str) -> str:
    return breakable(text, chr(0x200B))


def _columns(table: PrintedTable) -> str:
    if not table.wide_text:
        return "(" + "".join("auto, " for _ in table.columns) + ")"
    return (
        "(" + "".join(f"{w:.2f}cm, " for w in widths(table, LONG_SIDE if lies_on_its_side(table) else SHORT_SIDE)) + ")"
    )


def _cell(table: PrintedTable, at: int, content: str, inset: str = "") -> str:
    side = "left" if at == 0 or at in table.wide_text else "center"
    inset = inset if at else EDGES[inset]
    return f"table.cell(align: {side}, {inset}{content})"


def _is_below(table: PrintedTable, at: int) -> bool:
    """Return whether a row has the numbers below the coefficients of the row before it, and is set together with it."""
    return at > 0 and (table.rows[at - 1].kind, table.rows[at].kind) == ("coefficient", "statistic")


def _has_rule(table: PrintedTable, at: int) -> bool:
    """Return whether there is a rule above a row other than the first.

    At the end of the table, the rule is below the last row.
    """
    return at == len(table.rows) or (at > 0 and (table.rows[at].kind == "panel" or starts_block(table, at)))


BETWEEN = "inset: between, "


def _text_of(table: PrintedTable, at: int, column: int) -> str:
    """Return the content of a cell; a number has its decimal mark below those of its column."""
    number = marked(table).cells[at][column]
    if number is None:
        return for_typst(_broken(shown(table, column, table.cells()[at][column])))
    return f"number({', '.join(for_typst(part) for part in (*number, *marked(table).widest[column]))})"


EDGES = {"": "inset: edge(within), "} | {
    f"inset: {name}, ": f"inset: edge({name}), " for name in ("between", "below", "above")
}
"""The inset of a cell -> that of a cell in the first column."""
INSETS = {(True, True): BETWEEN, (True, False): "inset: below, ", (False, True): "inset: above, ", (False, False): ""}
"""(whether there is a rule above a row, whether below) -> the inset of the row."""


def _row(table: PrintedTable, at: int) -> str:
    row, cells = table.rows[at], table.cells()[at]
    paired = at + 1 < len(table.rows) and _is_below(table, at + 1)  # no page ends between the two
    rule = "thin, " if _has_rule(table, at) else ""
    inset = INSETS[_has_rule(table, at), _has_rule(table, at + 1 + paired)]
    if row.spans:
        named = f"emph({for_typst(minus(cells[0]))})"
        return f"{rule}table.cell(colspan: {len(cells)}, align: left, {EDGES[inset]}{named}),"
    if row.kind == "panel":
        set_as = [f"emph({for_typst(minus(c))})" for c in cells]
    else:
        set_as = [_text_of(table, at, i) for i in range(len(cells))]
    if paired:
        below = (_text_of(table, at + 1, i) for i in range(len(cells)))
        set_as = [f"pair({one}, {other})" for one, other in zip(set_as, below, strict=True)]
    return f"{rule}{', '.join(_cell(table, i, text, inset) for i, text in enumerate(set_as))},"
