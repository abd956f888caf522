"""Read tables and running text of Word documents: merged cells, lines in a cell, superscripts, captions, notes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rawcells import doors
from rawcells.bytes import archives
from rawcells.bytes.damage import parsing
from tablecheck.documents.flow import Paragraph, document_of
from tablecheck.documents.shaping import Draft, Part, Piece, lines_of
from tablecheck.grid import Document

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_SKIPPED = frozenset(
    (f"{_W}del", f"{_W}moveFrom", f"{_W}instrText", f"{_W}delText", f"{_W}pPr", f"{_W}rPr", f"{_M}ctrlPr")
)
_CHOICE, _FALLBACK = (
    f"{{http://schemas.openxmlformats.org/markup-compatibility/2006}}{x}" for x in ("Choice", "Fallback")
)
_CAPTION = re.compile(r"caption|题注|題註|表题|表标题|table ?title", re.IGNORECASE)
_HEADING = re.compile(r"^(?:heading|title|标题|標題)", re.IGNORECASE)
WIDEST = 1000
"""Largest number of columns that a cell may span; a convention."""


def read_word(path: Path) -> Document:
    """Read the tables and the text of a Word document, without deleted or hidden text.

    Raises `Unreadable` for a document that is damaged or that unpacks to far more than its size.
    """
    import docx

    with parsing(path, "a Word document", "open it in Word or LibreOffice and save it as .docx"):
        with archives.opened(path) as parts:
            archives.check_parts(path, parts, path.stat().st_size)
        opened = docx.Document(doors.regular(str(path)))
        body = opened.element.body
        styles = {str(style.style_id): str(style.name) for style in opened.styles}
    flow: list[Paragraph | Draft] = []
    _blocks(body, styles, flow)
    return document_of(path, flow)


def _blocks(body: Any, styles: dict[str, str], flow: list[Paragraph | Draft]) -> None:
    """Add the paragraphs and tables of a body in their order, including those in content controls and text boxes."""
    waiting = [body]
    while waiting:
        element = waiting.pop()
        if element.tag == f"{_W}p":
            text = " ".join(line.text + line.raised for line in lines_of(_runs(element)))
            name = styles.get(_value(element, "pPr", "pStyle"), _value(element, "pPr", "pStyle"))
            if text:
                flow.append(Paragraph(text, bool(_HEADING.match(name)), bool(_CAPTION.search(name))))
            waiting += reversed([box for box in element.iter(f"{_W}txbxContent") if not _is_fallback(box, element)])
        elif element.tag == f"{_W}tbl":
            if element.find(f".//{_W}tbl") is None:
                flow.append(_draft(element))
            else:
                waiting += reversed(
                    [cell for row in element.iter(f"{_W}tr") if _owner(row) is element for cell in _cells(row)]
                )
        elif element.tag not in _SKIPPED:
            waiting += reversed(list(element))


def _is_fallback(box: Any, end: Any) -> bool:
    """Return whether a text box is the version for older programs, or is inside another text box."""
    above = box.getparent()
    while above is not None and above is not end:
        if above.tag in (_FALLBACK, f"{_W}txbxContent"):
            return True
        above = above.getparent()
    return False


def _owner(row: Any) -> Any:
    """Return the table to which a row belongs."""
    above = row.getparent()
    while above is not None and above.tag != f"{_W}tbl":
        above = above.getparent()
    return above


def _cells(row: Any) -> Iterator[Any]:
    """Yield the cells of a row, including cells in content controls."""
    for cell in row.iter(f"{_W}tc"):
        above = cell.getparent()
        while above is not row and above.tag != f"{_W}tc":
            above = above.getparent()
        if above is row:
            yield cell


def _value(one: Any, *names: str) -> str:
    """Return the value of a property; empty if it is not set."""
    element = one.find("/".join(f"{_W}{name}" for name in names))
    return str(element.get(f"{_W}val") or "") if element is not None else ""


def _is_on(one: Any, *names: str) -> bool:
    """Return whether a property is set and not switched off."""
    element = one.find("/".join(f"{_W}{name}" for name in names))
    return element is not None and element.get(f"{_W}val") not in ("0", "false", "off", "none")


def _draft(table: Any) -> Draft:
    """Read the rows of a table, without deleted rows; vertically merged cells become one."""
    draft = Draft()
    open_cells: dict[int, tuple[int, int]] = {}
    heading = True
    for row in table.iter(f"{_W}tr"):
        if _is_on(row, "trPr", "del"):
            continue
        i = len(draft.rows)
        heading = heading and _is_on(row, "trPr", "tblHeader")
        draft.head += heading
        pieces: list[Piece] = [Piece()] * _whole(_value(row, "trPr", "gridBefore"), 0)
        column = len(pieces)
        bordered = 0
        for j, cell in enumerate(_cells(row), start=1):
            width = _whole(_value(cell, "tcPr", "gridSpan"), 1)
            merge = cell.find(f"{_W}tcPr/{_W}vMerge")
            bordered += _value(cell, "tcPr", "tcBorders", "top") not in ("", "nil", "none")
            if merge is not None and merge.get(f"{_W}val") != "restart" and column in open_cells:
                at, k = open_cells[column]
                above = draft.rows[at][k]
                draft.rows[at][k] = above._replace(height=i - at + 1)
            else:
                if merge is not None:
                    open_cells[column] = (i, len(pieces))
                else:
                    open_cells.pop(column, None)
                pieces.append(Piece(lines_of(_lines(cell)), width, 1, f"row {i + 1}, column {j}"))
            column += width
        if bordered > 1 and 2 * bordered >= len(list(_cells(row))):
            draft.ruled.add(i)
        draft.add(pieces)
    return draft


def _whole(text: str, least: int) -> int:
    """Return a whole number from ``least`` to `WIDEST`; ``least`` if the text is none."""
    return min(max(int(text), least), WIDEST) if text.isdecimal() and len(text) < 9 else least


def _lines(cell: Any) -> list[Part]:
    """Return the text of a cell, with a line end between its paragraphs."""
    parts: list[Part] = []
    for k, paragraph in enumerate(cell.iter(f"{_W}p")):
        parts += [Part("\n")] if k else []
        parts += _runs(paragraph)
    return parts


def _runs(paragraph: Any) -> list[Part]:
    """Return the pieces of a paragraph, each marked as raised or not, without deleted or hidden text."""
    parts: list[Part] = []
    waiting: list[tuple[Any, bool]] = [(element, False) for element in reversed(paragraph)]
    while waiting:
        element, raised = waiting.pop()
        tag = element.tag
        if not isinstance(tag, str) or tag in _SKIPPED or tag in (_FALLBACK, f"{_W}txbxContent"):
            continue
        if tag in (f"{_W}t", f"{_M}t"):
            parts.append(Part(element.text or "", raised))
        elif tag in (f"{_W}br", f"{_W}cr"):
            parts.append(Part("\n"))
        elif tag in (f"{_W}tab", f"{_W}ptab"):
            parts.append(Part(" "))
        elif tag in (f"{_W}noBreakHyphen", f"{_W}softHyphen"):
            parts.append(Part("-" if tag.endswith("noBreakHyphen") else ""))
        elif tag == f"{_W}sym":
            parts.append(Part(_SYMBOLS.get((element.get(f"{_W}char") or "")[-2:].upper(), ""), raised))
        elif tag == f"{_W}r":
            if not _is_on(element, "rPr", "vanish"):
                lifted = _value(element, "rPr", "position")  # in half points; up to 2 is no superscript, a convention
                is_lifted = lifted.isdecimal() and int(lifted) > 2
                up = raised or _value(element, "rPr", "vertAlign") == "superscript" or is_lifted
                waiting += [(inner, up) for inner in reversed(element)]
        else:
            waiting += [(inner, raised or tag == f"{_M}sup") for inner in reversed(element)]
    return parts


_SYMBOLS = {"2D": "-", "B1": "±", "B4": "×", "62": "β", "61": "α", "A3": "≤", "B3": "≥", "2A": "*", "FC": "✓"}
"""Signs of the font Symbol (and the tick of Wingdings) that tables use."""
