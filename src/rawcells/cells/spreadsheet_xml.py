"""Read XML spreadsheets of 2003 (SpreadsheetML), which portals and databases save with the suffix .xls."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree

from rawcells.cells.extent import Lost
from rawcells.cells.grid import RAISED, Cell, Ranged, Row, address, squared
from rawcells.errors import Unreadable

_DECLARED = re.compile(r"^\s*<\?xml[^>]*\?>")
FURTHEST = 1 << 20
"""Largest number of rows that a sheet of Excel can have; it has fewer columns."""


def xml_sheets(text: str, *, most: int) -> tuple[list[Ranged], list[Lost]]:
    """Return the sheets with cells of a SpreadsheetML document, and its formulas without a result.

    Positions that ``ss:Index`` skips stay empty.

    Numbers and truth values keep their type; all other values become text. Raises `Unreadable` for more than ``most``
    cells, `ValueError` for two cells or values in one position, and what the XML parser raises.

    Example:
        >>> page = '<Workbook><Worksheet Name="a"><Table><Row><Cell><Data Type="Number">1</Data></Cell></Row></Table>'
        >>> xml_sheets(page + "</Worksheet></Workbook>", most=10)
        ([Ranged(name='a', rows=[[1.0]], ranges=[], hidden=False)], [])
    """
    root = ElementTree.fromstring(_without_type(_DECLARED.sub("", text)))
    sheets, lost = list[Ranged](), list[Lost]()
    for i, part in enumerate(_children(root, "Worksheet"), 1):
        sheet, cells, without = _sheet(part, i, most)
        most -= cells
        sheets += [sheet] if sheet.rows else []
        lost += without
    return sheets, lost


def _without_type(text: str) -> str:
    """Remove the document type, because its entities could grow without limit."""
    match = re.search("<!DOCTYPE", text, re.IGNORECASE)
    if not match:
        return text
    start = match.start()
    end, inner = text.find(">", start), text.find("[", start)
    if 0 <= inner < end:
        end = text.find(">", text.find("]", inner))
    return text[:start] + text[end + 1 :] if end >= 0 else text[:start]


def _sheet(part: ElementTree.Element, number: int, most: int) -> tuple[Ranged, int, list[Lost]]:
    """Return a sheet, the number of cells and rows created for it, and its formulas without a result."""
    rows: list[Row] = []
    merged: list[tuple[tuple[int, int], tuple[int, int]]] = []
    name = _attribute(part, "Name") or f"sheet {number}"
    cells, lost = 0, dict[int, Lost]()
    for row in (row for table in _children(part, "Table") for row in _children(table, "Row")):
        line: Row = []
        rows += [[] for _ in range(_place(row, len(rows)) - len(rows))]
        for cell in _children(row, "Cell"):
            line += [None] * (_place(cell, len(line)) - len(line))
            down, across = _whole(cell, "MergeDown"), _whole(cell, "MergeAcross")
            if down or across:
                merged.append(((len(rows), len(line)), (len(rows) + down, len(line) + across)))
            value = _value(cell, f"sheet {name!r}, cell {address(len(rows), len(line))}")
            if value is None and _attribute(cell, "Formula"):
                known_lost = lost.get(len(line)) or Lost(name, "=", (len(rows), len(line)), 0)
                lost[len(line)] = known_lost._replace(n=known_lost.n + 1)
            line += [value, *[None] * across]
        rows.append(line)
        cells += len(line) + 1
        if cells + len(rows) > most or len(rows) > FURTHEST:
            raise Unreadable(f"sheet {name!r} has too many cells", remedy="save it as csv, or in parts")
    if len(rows) * max(map(len, rows), default=0) > most:
        raise Unreadable(
            f"sheet {name!r} has too many cells", remedy="delete cells far from the table, or save the sheet as csv"
        )
    return Ranged(name, squared(rows), merged, _is_hidden(part)), cells + len(rows), list(lost.values())


def _is_hidden(sheet: ElementTree.Element) -> bool:
    """Return whether a sheet is declared as not shown (SheetHidden, SheetVeryHidden)."""
    states = [v.text or "" for about in _children(sheet, "WorksheetOptions") for v in _children(about, "Visible")]
    return any(state.strip().endswith("Hidden") for state in states)


def _place(part: ElementTree.Element, usual: int) -> int:
    """Return the position of a row or cell counted from 0.

    It is after the one before, or further on if ``ss:Index`` gives its position. Raises `ValueError` for a position
    that is already taken.
    """
    index = _whole(part, "Index")
    if index and index - 1 < usual:
        raise ValueError(f"two are at position {index}")
    return min(max(usual, index - 1), FURTHEST)


def _value(cell: ElementTree.Element, where: str) -> Cell:
    parts = list(_children(cell, "Data"))
    if len(parts) > 1:
        raise ValueError(f"{where} has two values")
    for data in parts:
        text = "".join(_pieces(data)).strip()
        kind = _attribute(data, "Type")
        if kind == "Number" and "_" not in text:
            try:
                return float(text)
            except ValueError:
                return text or None
        if kind == "Boolean" and text in ("0", "1"):
            return text == "1"
        return text[:10] if kind == "DateTime" else text or None
    return None


def _pieces(data: ElementTree.Element) -> Iterator[str]:
    """Yield the text of a cell; raised and lowered digits become raised ones, and struck ones are separated."""
    yield data.text or ""
    for part in data:
        inner = "".join(_pieces(part))
        tag = part.tag.rpartition("}")[2].lower() if isinstance(part.tag, str) else ""
        if tag in ("sup", "sub"):
            yield inner.translate(RAISED)
        else:
            yield f" / {inner} / " if tag == "s" and any(c.isdigit() for c in inner) else inner
        yield part.tail or ""


def _children(part: ElementTree.Element, name: str) -> Iterator[ElementTree.Element]:
    """Return the children with a given local name, in any namespace."""
    return (child for child in part if isinstance(child.tag, str) and child.tag.rpartition("}")[2] == name)


def _attribute(part: ElementTree.Element, name: str) -> str:
    return next((v for key, v in part.attrib.items() if key.rpartition("}")[2] == name), "")


def _whole(part: ElementTree.Element, name: str) -> int:
    text = _attribute(part, name)
    return min(int(text), FURTHEST) if re.fullmatch(r"\d{1,9}", text) else 0
