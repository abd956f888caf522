"""Read tables of HTML pages, with spans, superscripts, lines in a cell, captions and notes below.

Hidden parts are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from lxml import etree
from lxml import html as lxml_html

from rawcells.errors import Unreadable
from tablecheck.documents.flow import Paragraph, document_of
from tablecheck.documents.shaping import MOST_CELLS, Draft, Part, Piece, lines_of
from tablecheck.grid import Document

MOST = {"row": 65534, "col": 1000}
"""Largest number of rows and columns that a cell may span, as in the HTML standard."""
_UNSEEN = frozenset(("script", "style", "template", "noscript", "title", "head", "select", "svg", "math", "button"))
_BLOCKS = frozenset({
    "p", "div", "li", "ul", "ol", "dl", "dt", "dd", "section", "article", "header", "footer", "main", "aside",
    "nav", "figure", "figcaption", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "table", "form",
    "fieldset", "address", "hr", "center", "body", "html",
})  # fmt: skip
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_RAISED = re.compile(r"vertical-align\s*:\s*(?:super|top\s*;\s*font-size\s*:\s*[0-9.]+(?:em|%))", re.IGNORECASE)
_BORDER = re.compile(r"border(?:-top|-bottom)?\s*:\s*(?!\s*(?:none|0))[^;]*(?:solid|double|\d)", re.IGNORECASE)


def read_html(path: Path, text: str) -> Document:
    """Read the tables and the text of a page.

    Raises `Unreadable` for a page whose parts are nested too deeply, and `OverflowError` for tables with too many
    cells.
    """
    return document_of(path, flow_of_html(path, text))


def flow_of_html(path: Path, text: str) -> list[Paragraph | Draft]:
    """Return the tables and paragraphs of a page in their order."""
    if not text.strip():
        return []
    parser = lxml_html.HTMLParser(encoding="utf-8")
    try:
        root = lxml_html.document_fromstring(text.encode("utf-8"), parser=parser)
    except etree.ParserError:  # a page of only comments
        return []
    for error in parser.error_log:
        if "xcessive" in error.message or "huge" in error.message.lower():
            raise Unreadable(
                f"{path.name} has parts nested too deeply",
                where=f"{path}, line {error.line}",
                remedy="open it in a browser and save its tables as csv",
            )
    flow: list[Paragraph | Draft] = []
    _walk(root, flow)
    return flow


def _walk(root: etree._Element, flow: list[Paragraph | Draft]) -> None:
    """Add the content of an element to the flow, in the order of the page."""
    words: list[str] = []
    cells = 0

    def close(*, heading: bool = False, caption: bool = False) -> None:
        joined = " ".join("".join(words).split())
        if joined:
            flow.append(Paragraph(joined, heading, caption))
        words.clear()

    stack: list[tuple[etree._Element, bool]] = [(root, False)]
    while stack:
        element, done = stack.pop()
        tag = _tag(element)
        if done:
            if tag in _BLOCKS or tag in ("td", "th", "caption"):
                close(heading=tag in _HEADINGS, caption=tag == "figcaption")
            words.append(element.tail or "")
            continue
        if tag in _UNSEEN or not tag or _is_hidden(element):
            words.append(element.tail or "")
            continue
        if tag in _BLOCKS or tag in ("td", "th", "br", "caption"):
            close()
        if tag == "table" and element.find(".//table") is None:
            flow.append(_draft(element))
            cells += sum(map(len, flow[-1].rows)) if isinstance(flow[-1], Draft) else 0
            if cells > MOST_CELLS:
                raise OverflowError
            words.append(element.tail or "")
            continue
        words.append(element.text or "")
        stack.append((element, True))
        stack += [(child, False) for child in reversed(element)]
    close()


def _tag(one: etree._Element) -> str:
    return one.tag.lower() if isinstance(one.tag, str) else ""


def _is_hidden(one: etree._Element) -> bool:
    """Return whether a browser does not show an element."""
    classes = one.get("class") or ""
    return one.get("hidden") is not None or bool(_HIDDEN.search(one.get("style") or "")) or "katex-mathml" in classes


def _draft(table: etree._Element) -> Draft:
    """Read the rows of a table, without its hidden rows and cells."""
    draft = Draft()
    headings = True
    caption = next(table.iter("caption"), None)
    if caption is not None:
        draft.title = " ".join("".join(part.text for part in _parts(caption)).split())
    for row, part in _rows(table):
        if _is_hidden(row):
            continue
        cells = [cell for cell in row if _tag(cell) in ("td", "th") and not _is_hidden(cell)]
        place = len(draft.rows) + 1
        pieces = [
            Piece(
                lines_of(_parts(cell)),
                _span(cell, "col"),
                _span(cell, "row"),
                f"row {place}, column {j}",
                _tag(cell) == "th",
            )
            for j, cell in enumerate(cells, start=1)
        ]
        if not any(piece.lines for piece in pieces):
            if any(_BORDER.search(cell.get("style") or "") for cell in (row, *cells)):
                draft.ruled.add(len(draft.rows))
            if not any(_span(cell, "row") > 1 for cell in cells):
                continue
        headings = headings and part != "tbody" and (part == "thead" or all(_tag(c) == "th" for c in cells))
        draft.head += headings
        draft.add(pieces)
    if draft.head:
        draft.ruled.add(draft.head)
    return draft


def _rows(table: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    """Yield the rows of a table, each with the name of its part (head, body, foot); rows of the foot come last."""
    foot = []
    for row in table.iter("tr"):
        parent = row.getparent()
        part = _tag(parent) if parent is not None else ""
        if parent is not None and parent is not table and _is_hidden(parent):
            continue
        if part == "tfoot":
            foot.append((row, part))
        else:
            yield row, part
    yield from foot


def _span(cell: etree._Element, kind: str) -> int:
    """Return the number of rows (``row``) or columns (``col``) that a cell spans."""
    match = re.match(r"\s*(\d{1,9})", cell.get(f"{kind}span") or "")
    return min(max(1, int(match[1])), MOST[kind]) if match else 1


def _parts(cell: etree._Element) -> list[Part]:
    """Return the text of a cell in pieces, each marked as raised or not; breaks and paragraphs give a line end."""
    parts: list[Part] = []
    stack: list[tuple[etree._Element, bool, bool]] = [(cell, False, False)]
    while stack:
        element, raised, done = stack.pop()
        tag = _tag(element)
        before = raised
        if not done:
            if tag in _UNSEEN or not tag or (element is not cell and _is_hidden(element)):
                parts.append(Part(_flat(element.tail), raised))
                continue
            inside = raised or tag == "sup" or bool(_RAISED.search(element.get("style") or "") and element is not cell)
            if tag == "br" or (tag in _BLOCKS and any(p.text.strip() for p in parts) and not _at_line_end(parts)):
                parts.append(Part("\n"))
            parts.append(Part(_flat(element.text), inside))
            stack.append((element, before, True))
            stack += [(child, inside, False) for child in reversed(element)]
            continue
        if element is cell:
            continue
        if tag in _BLOCKS and (element.getnext() is not None or (element.tail or "").strip()):
            parts.append(Part("\n"))
        parts.append(Part(_flat(element.tail), raised))
    return parts


def _at_line_end(parts: list[Part]) -> bool:
    """Return whether the text so far ends with a line end; blanks after it do not count."""
    return next((p.text.rstrip(" ").endswith("\n") for p in reversed(parts) if p.text.strip(" ")), True)


def _flat(text: str | None) -> str:
    return re.sub(r"[ \t\r\n\f]+", " ", text or "")
