r"""Read tables of RTF as esttab, outreg2 and asdoc write them.

striprtf extracts the text, in which marks separate cells. Marks are private-use characters that replace ``\cell`` and
``\row`` and are inserted before ``\trowd`` and around raised text, so that no text is mistaken for them. The edges that
each row gives (``\cellx``) determine which columns a cell covers.
"""

from __future__ import annotations

import re
from pathlib import Path

from rawcells import doors
from rawcells.bytes.bounds import beyond
from rawcells.bytes.damage import parsing
from rawcells.errors import Unreadable
from tablecheck.documents.flow import Paragraph, document_of
from tablecheck.documents.shaping import Draft, Part, Piece, lines_of
from tablecheck.grid import Document

MOST_RTF = 1 << 24
"""Largest number of bytes of an RTF file (16 MiB); a convention."""
CELL, ROW, UP, DOWN, BEGIN = "\ue000", "\ue001", "\ue002", "\ue003", "\ue004"
_WORD = re.compile(
    r"\\(trowd|cellx(-?\d{1,9})|clmrg|clvmrg|cell|row|intbl)(?![a-zA-Z\d])\s?|\\super\b ?(?P<up>[^{}\\]{1,60})(?=[}\\])"
)
_MARK = {CELL: r"\u-8192?", ROW: r"\u-8191?", UP: r"\u-8190?", DOWN: r"\u-8189?", BEGIN: r"\u-8188?"}


def read_rtf(path: Path) -> Document:
    """Read the tables and the text of an RTF file. Raises `Unreadable` for a file that is damaged or too long."""
    if (size := path.stat().st_size) > MOST_RTF:
        raise beyond(path, f"has {size:,} bytes", f"{MOST_RTF:,}", "save it as .docx")
    source = doors.read_bytes(path).decode("latin-1")
    if re.search(r"(?:\{[^{}\\]*){200}", source):
        raise Unreadable(f"{path.name} has braces nested too deeply", where=str(path), remedy="save it as .docx")
    marked, edges = _marked(source)
    from striprtf.striprtf import rtf_to_text

    with parsing(path, "RTF", "open it in a word processor and save it as .docx"):
        text = rtf_to_text(marked, encoding="cp1252", errors="replace")
    return document_of(path, _flow(text, edges))


def _marked(source: str) -> tuple[str, list[list[tuple[int, bool, bool]]]]:
    """Return the source with marks, and for each row the right edges of its cells and their merge flags."""
    edges: list[list[tuple[int, bool, bool]]] = []
    current: list[tuple[int, bool, bool]] = []
    merged = [False, False]
    pieces, at = [], 0
    for match in _WORD.finditer(source):
        word = match[1] or ""
        pieces.append(source[at : match.start()])
        at = match.end()
        if match["up"]:
            pieces.append(f"\\super {_MARK[UP]}{match['up']}{_MARK[DOWN]}")
            continue
        if word == "trowd":
            current, merged = [], [False, False]
            pieces.append(f"{_MARK[BEGIN]}\\trowd ")
            continue
        if word.startswith("cellx"):
            current.append((int(match[2]), *merged))  # type: ignore[arg-type]
            merged = [False, False]
        elif word in ("clmrg", "clvmrg"):
            merged[word == "clvmrg"] = True
        elif word == "cell":
            pieces.append(f"{_MARK[CELL]}")
            continue
        elif word == "row":
            edges.append(current)
            pieces.append(f"{_MARK[ROW]}")
            continue
        pieces.append(match[0])
    return "".join([*pieces, source[at:]]), edges


def _flow(text: str, edges: list[list[tuple[int, bool, bool]]]) -> list[Paragraph | Draft]:
    """Return paragraphs and tables in their order; consecutive rows are one table."""
    flow: list[Paragraph | Draft] = []
    rows: list[tuple[list[str], list[tuple[int, bool, bool]]]] = []

    def close() -> None:
        if rows:
            flow.append(_draft(rows))
            rows.clear()

    *parts, last = text.split(ROW)
    for part, row_edges in zip(parts, edges, strict=False):
        above, begun, cells = part.partition(BEGIN)
        above, cells = (above, cells) if begun else ("", above)
        if above.strip():
            close()
            flow += _paragraphs(above)
        rows.append((_bare(cells, keep=UP + DOWN + CELL).split(CELL)[:-1], row_edges))
    close()
    return [*flow, *_paragraphs(last)]


def _paragraphs(text: str) -> list[Paragraph | Draft]:
    return [Paragraph(_bare(line)) for line in text.split("\n") if line.strip()]


def _bare(text: str, keep: str = "") -> str:
    """Return a text without the marks."""
    return re.sub(f"[{CELL}{ROW}{UP}{DOWN}{BEGIN}]", lambda m: m[0] if m[0] in keep else "", text)


def _draft(rows: list[tuple[list[str], list[tuple[int, bool, bool]]]]) -> Draft:
    """Read rows as a table: the edges give the columns that a cell spans, the merge flags the rows."""
    places = sorted({edge for _, edges in rows for edge, _, _ in edges})
    draft = Draft()
    open_cells: dict[int, tuple[int, int]] = {}
    for i, (texts, edges) in enumerate(rows):
        pieces: list[Piece] = []
        left = -(10**9)
        for j, text in enumerate(texts):
            edge, across, down = edges[j] if j < len(edges) else (left + 1, False, False)
            width = max(1, sum(left < place <= edge for place in places)) if j < len(edges) else 1
            start, left = left, edge
            if across and pieces and text.strip() in ("", texts[j - 1].strip()):
                pieces[-1] = pieces[-1]._replace(width=pieces[-1].width + width)
            elif down and start in open_cells and not text.strip():
                at, k = open_cells[start]
                draft.rows[at][k] = draft.rows[at][k]._replace(height=i - at + 1)
            else:
                open_cells[start] = (i, len(pieces))
                # Every second part is the text between two marks, which is raised.
                parts = re.split(f"{UP}([^{DOWN}]*){DOWN}", text)
                lines = lines_of(Part(_bare(part), bool(n % 2)) for n, part in enumerate(parts))
                pieces.append(Piece(lines, width, 1, f"row {i + 1}, column {j + 1}"))
        draft.add(pieces)
    return draft
