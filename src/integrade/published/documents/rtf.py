r"""Tables of RTF, as esttab, outreg2 and asdoc write them: striprtf takes the text out, marks tell cells apart.

Marks are characters of private use put before ``\cell``, ``\row`` and around what is raised, so that no text is
mistaken for them; which columns a cell covers is read from the edges that each row says (``\cellx``).
"""

from __future__ import annotations

import re
from pathlib import Path

from integrade.engine import doors
from integrade.errors import Unreadable
from integrade.published.documents.flow import Paragraph, document_of
from integrade.published.documents.shaping import Draft, Part, Piece, lines_of
from integrade.published.grid import Document
from integrade.sources.bytes.bounds import beyond
from integrade.sources.bytes.damage import parsing

MOST_RTF = 1 << 24
"""Bytes of an RTF file."""
CELL, ROW, UP, DOWN, BEGIN = "\ue000", "\ue001", "\ue002", "\ue003", "\ue004"
_WORD = re.compile(
    r"\\(trowd|cellx(-?\d{1,9})|clmrg|clvmrg|cell|row|intbl)(?![a-zA-Z\d])\s?|\\super\b ?(?P<up>[^{}\\]{1,60})(?=[}\\])"
)
_MARK = {CELL: r"\u-8192?", ROW: r"\u-8191?", UP: r"\u-8190?", DOWN: r"\u-8189?", BEGIN: r"\u-8188?"}


def read_rtf(path: Path) -> Document:
    """The tables and the text of an RTF file. Raises `Unreadable` for a damaged one and one that is too long."""
    if (size := path.stat().st_size) > MOST_RTF:
        raise beyond(path, f"has {size:,} bytes", f"{MOST_RTF:,}", "save it as .docx")
    source = doors.read_bytes(path).decode("latin-1")
    if re.search(r"(?:\{[^{}\\]*){200}", source):
        raise Unreadable(
            f"{path.name} has braces in each other without bound", where=str(path), remedy="save it as .docx"
        )
    marked, edges = _marked(source)
    from striprtf.striprtf import rtf_to_text

    with parsing(path, "RTF", "open it in a word processor and save it as .docx"):
        text = rtf_to_text(marked, encoding="cp1252", errors="replace")
    return document_of(path, _flow(text, edges))


def _marked(source: str) -> tuple[str, list[list[tuple[int, bool, bool]]]]:
    """The source with marks, and for each row the right edges of its cells, each with whether another covers it."""
    edges: list[list[tuple[int, bool, bool]]] = []
    current: list[tuple[int, bool, bool]] = []
    merged = [False, False]
    made, at = [], 0
    for found in _WORD.finditer(source):
        word = found[1] or ""
        made.append(source[at : found.start()])
        at = found.end()
        if found["up"]:
            made.append(f"\\super {_MARK[UP]}{found['up']}{_MARK[DOWN]}")
            continue
        if word == "trowd":
            current, merged = [], [False, False]
            made.append(f"{_MARK[BEGIN]}\\trowd ")
            continue
        if word.startswith("cellx"):
            current.append((int(found[2]), *merged))  # type: ignore[arg-type]
            merged = [False, False]
        elif word in ("clmrg", "clvmrg"):
            merged[word == "clvmrg"] = True
        elif word == "cell":
            made.append(f"{_MARK[CELL]}")
            continue
        elif word == "row":
            edges.append(current)
            made.append(f"{_MARK[ROW]}")
            continue
        made.append(found[0])
    return "".join([*made, source[at:]]), edges


def _flow(text: str, edges: list[list[tuple[int, bool, bool]]]) -> list[Paragraph | Draft]:
    """Paragraphs and tables in their order; rows that follow each other are one table."""
    flow: list[Paragraph | Draft] = []
    rows: list[tuple[list[str], list[tuple[int, bool, bool]]]] = []

    def close() -> None:
        if rows:
            flow.append(_draft(rows))
            rows.clear()

    *parts, rest = text.split(ROW)
    for part, own in zip(parts, edges, strict=False):
        above, begun, cells = part.partition(BEGIN)
        above, cells = (above, cells) if begun else ("", above)
        if above.strip():
            close()
            flow += _paragraphs(above)
        rows.append((_bare(cells, keep=UP + DOWN + CELL).split(CELL)[:-1], own))
    close()
    return [*flow, *_paragraphs(rest)]


def _paragraphs(text: str) -> list[Paragraph | Draft]:
    return [Paragraph(_bare(line)) for line in text.split("\n") if line.strip()]


def _bare(text: str, keep: str = "") -> str:
    """A text without the marks."""
    return re.sub(f"[{CELL}{ROW}{UP}{DOWN}{BEGIN}]", lambda m: m[0] if m[0] in keep else "", text)


def _draft(rows: list[tuple[list[str], list[tuple[int, bool, bool]]]]) -> Draft:
    places = sorted({edge for _, own in rows for edge, _, _ in own})
    draft = Draft()
    open_cells: dict[int, tuple[int, int]] = {}
    for i, (texts, own) in enumerate(rows):
        made: list[Piece] = []
        left = -(10**9)
        for j, text in enumerate(texts):
            edge, across, down = own[j] if j < len(own) else (left + 1, False, False)
            width = max(1, sum(left < place <= edge for place in places)) if j < len(own) else 1
            start, left = left, edge
            if across and made and text.strip() in ("", texts[j - 1].strip()):
                made[-1] = made[-1]._replace(width=made[-1].width + width)
            elif down and start in open_cells and not text.strip():
                at, k = open_cells[start]
                draft.rows[at][k] = draft.rows[at][k]._replace(height=i - at + 1)
            else:
                open_cells[start] = (i, len(made))
                made.append(Piece(lines_of(_parts(text)), width, 1, f"row {i + 1}, column {j + 1}"))
        draft.add(made)
    return draft


def _parts(text: str) -> list[Part]:
    parts = []
    for k, one in enumerate(re.split(f"{UP}([^{DOWN}]*){DOWN}", text)):
        parts.append(Part(_bare(one), bool(k % 2)))
    return parts
