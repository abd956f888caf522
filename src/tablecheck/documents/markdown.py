"""Read tables of Markdown: pipe tables, HTML tables, and the plain-text tables of pandoc (grid, simple)."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

from markdown_it import MarkdownIt

from rawcells.bytes.bounds import beyond
from tablecheck.documents.fixed import cut, flow_of_text
from tablecheck.documents.flow import Paragraph, document_of
from tablecheck.documents.html import flow_of_html
from tablecheck.documents.shaping import Draft, Part, Piece, lines_of
from tablecheck.documents.wording import tidy
from tablecheck.grid import Document

MOST_MARKDOWN = 1 << 21
"""Largest number of characters of a Markdown file; a convention."""
_MARKS = re.compile(
    r"(?P<sup><sup>(?P<s>[^<>]{0,99})</sup>|\^(?P<p>[^\s^|]{1,12})\^|\^\{(?P<m>[^{}]{1,24})\}|\^(?P<d>[\d*]))"
    r"|(?P<br><br\s*/?>)|(?P<tag></?[a-zA-Z][^<>]{0,999}>)|\\(?P<esc>[!-/:-@\[-`{-~])",
    re.IGNORECASE | re.DOTALL,
)
_EMPHASIS = re.compile(r"(?<![\w*\\])(\*\*|__|\*|_)(?=[^\W\d])([^*_|]*[^*_|\s])\1(?![\w*])")
_MATH = re.compile(r"\$([^$]+)\$")
_CAPTION = re.compile(r"^(?:Table)?\s?:\s+(?:\\?\(\\?#tab:[^)]*\)\s*)?")


def read_markdown(path: Path, text: str) -> Document:
    """Read the tables and the text of a Markdown file.

    Raises `Unreadable` for a file with too many characters, and `OverflowError` for tables with too many cells.
    """
    if len(text) > MOST_MARKDOWN:
        raise beyond(path, f"has {len(text):,} characters", f"{MOST_MARKDOWN:,}", "give the part with the tables")
    lines = text.splitlines()
    flow: list[Paragraph | Draft] = []
    at = 0
    for start, end, kind in _tables(text):
        flow += _between(lines[at:start], at + 1)
        flow += (
            flow_of_html(path, "\n".join(lines[start:end])) if kind == "html" else [_pipes(lines[start:end], start + 1)]
        )
        at = end
    flow += _between(lines[at:], at + 1)
    return document_of(path, flow)


def _tables(text: str) -> list[tuple[int, int, str]]:
    """Return the first line, the line after the end, and the kind of each pipe table and HTML block with a table."""
    spans = []
    for token in MarkdownIt("commonmark", {"maxNesting": 20}).enable("table").parse(text):
        if token.map and token.level == 0 and token.type == "table_open":
            spans.append((token.map[0], token.map[1], "pipes"))
        elif token.map and token.type == "html_block" and "<table" in token.content.lower():
            start, end = token.map
            lines = text.splitlines()
            while end < len(lines) and "</table" not in "\n".join(lines[start:end]).lower():
                end += 1
            if not spans or start >= spans[-1][1]:
                spans.append((start, end, "html"))
    return spans


def _between(lines: list[str], first: int) -> list[Paragraph | Draft]:
    """Read the lines between tables, which are paragraphs and plain-text tables."""
    flow: list[Paragraph | Draft] = []
    fresh = True
    for item in flow_of_text("\n".join(_without_fences(lines)), first):
        if isinstance(item, Draft):
            item.rows = [[_marked(cell) for cell in row] for row in item.rows]
            item.title = _shown(item.title)
            item.notes = [_shown(note) for note in item.notes]
            flow.append(item)
            fresh = True
            continue
        text = _shown(item)
        if not text:
            fresh = True
        elif item.startswith("#") or _CAPTION.match(item):
            flow.append(Paragraph(text.lstrip("# "), item.startswith("#"), not item.startswith("#")))
            fresh = True
        elif fresh or not isinstance(flow[-1], Paragraph):
            flow.append(Paragraph(text))
            fresh = False
        else:
            before = flow[-1]
            flow[-1] = before._replace(text=f"{before.text} {text}")
    return flow


_FENCE = re.compile(r"^\s*(?:```|~~~)")
_WHOLE_RULE = re.compile(r"^\s*[-=─═]{20,}\s*$")


def _without_fences(lines: list[str]) -> list[str]:
    """Return the lines with empty ones for the fences of code, and for code above the output that it prints.

    Lines above the first rule of a block are code if none of them has numbers in columns, bars or a rule. They are no
    headings of the table that the rule begins.
    """
    bare = ["" if _FENCE.match(line) else line for line in lines]
    begun: int | None = None
    inside = False
    for i, line in enumerate(lines):
        if _FENCE.match(line):
            inside = not inside
            begun = i + 1 if inside else None
        elif begun is not None and _WHOLE_RULE.match(line):
            if not any(cut(above).kind in ("data", "bars", "corners", "rule") for above in lines[begun:i]):
                bare[begun:i] = [""] * (i - begun)
            begun = None
    return bare


def _marked(one: Piece) -> Piece:
    """Remove Markdown marks from a cell of a plain-text table."""
    text = "\n".join(line.text + line.raised for line in one.lines)
    return (
        one._replace(lines=lines_of(_parts(text)))
        if _MARKS.search(text) or _EMPHASIS.search(text) or "$" in text
        else one
    )


def _shown(line: str) -> str:
    """Return a line as a reader sees it."""
    bare = re.sub(r"^\s*(?:>\s+|[-+]\s+)?", "", _CAPTION.sub("", line))
    return tidy(" ".join(shown_line.text + shown_line.raised for shown_line in lines_of(_parts(bare))))


def _pipes(lines: list[str], first: int) -> Draft:
    """Read a pipe table; its first row is the heading."""
    draft = Draft()
    for i, line in enumerate(lines):
        if re.fullmatch(r"[\s|:\-=+]+", line) and "-" in line:
            if i == 1:
                draft.head = len(draft.rows)
            draft.ruled.add(len(draft.rows))
            continue
        cells = re.split(r"(?<!\\)\|", line.strip())
        cells = cells[1:] if cells and not cells[0].strip() and line.strip().startswith("|") else cells
        cells = cells[:-1] if cells and not cells[-1].strip() and line.strip().endswith("|") else cells
        draft.add(
            [
                Piece(lines_of(_parts(cell)), place=f"line {first + i}, column {j}")
                for j, cell in enumerate(cells, start=1)
            ]
        )
    return draft


def _parts(text: str) -> list[Part]:
    """Split a text into pieces, each marked as raised or not, without Markdown marks; stars after a number are kept."""
    text = _EMPHASIS.sub(lambda m: m[2], _MATH.sub(lambda m: m[1], text))
    parts: list[Part] = []
    at = 0
    for mark in _MARKS.finditer(text):
        parts.append(Part(unescape(text[at : mark.start()])))
        at = mark.end()
        if mark["sup"]:
            raised = next(g for g in (mark["s"], mark["p"], mark["m"], mark["d"]) if g is not None)
            parts.append(Part(unescape(re.sub(r"<[^<>]*>|\\", "", raised)), True))
        elif mark["br"]:
            parts.append(Part("\n"))
        elif mark["esc"]:
            parts.append(Part(mark["esc"]))
    return [*parts, Part(unescape(text[at:]))]
