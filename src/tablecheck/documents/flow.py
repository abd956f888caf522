"""Combine tables and paragraphs in their order into a `Document`, and find the paragraphs that are titles or notes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tablecheck.documents.continued import Found, continued
from tablecheck.documents.shaping import Draft, grid_of, named
from tablecheck.documents.wording import defines_stars, is_caption, is_note, tidy
from tablecheck.grid import Document

LONGEST_TITLE = 300
"""Largest number of characters of a paragraph that may be a title."""


class Paragraph(NamedTuple):
    """A paragraph, and whether the document marks it as a heading or as the caption (title) of a table."""

    text: str
    heading: bool = False
    caption: bool = False


Flow = Sequence[Paragraph | Draft]


def document_of(path: Path, flow: Flow, lost: Sequence[str] = ()) -> Document:
    """Build the document from a file's tables and paragraphs.

    A paragraph above a table is its title if it begins like ``Table 3``; a short paragraph may be between the two. A
    paragraph below a table is a note if it begins like one or defines stars. Raises `OverflowError` for tables with too
    many cells.
    """
    flow = [item for item in flow if isinstance(item, Draft) or tidy(item.text)]
    taken: set[int] = set()
    grids = []
    for i, item in enumerate(flow):
        if not isinstance(item, Draft):
            continue
        if not item.title:
            item.title = _title(flow, i, taken)
        _take_notes(flow, i, item, taken)
        grid = grid_of(item)
        if grid is not None:
            grids.append(Found(0, 0, grid))
    text = "\n".join(tidy(p.text) for i, p in enumerate(flow) if isinstance(p, Paragraph) and i not in taken)
    whole = [table.grid for table in continued(grids)]
    return Document(path.name, named(whole, path.stem, path.name), text, tuple(lost))


def _title(flow: Flow, at: int, taken: set[int]) -> str:
    """Return the title of a table from the paragraphs around it; empty if there is none.

    The title is a caption above the table, or else a caption below it that cannot belong to the next table. Without a
    caption, it is a heading directly above the table.
    """
    above = []
    for k in range(at - 1, max(at - 4, -1), -1):
        item = flow[k]
        if isinstance(item, Draft) or k in taken or len(item.text) > LONGEST_TITLE:
            break
        above.append((k, item))
        if is_caption(tidy(item.text)) or item.caption:
            taken.update(place for place, _ in above)
            return " ".join(tidy(p.text) for _, p in reversed(above))
        if tidy(item.text).endswith((".", "。")):
            break
    if at + 1 < len(flow):
        below = flow[at + 1]
        is_last = at + 2 >= len(flow) or not isinstance(flow[at + 2], Draft)
        if (
            isinstance(below, Paragraph)
            and is_last
            and (is_caption(tidy(below.text)) or below.caption)
            and len(below.text) < LONGEST_TITLE
        ):
            taken.add(at + 1)
            return tidy(below.text)
    return tidy(above[0][1].text) if above and above[0][1].heading else ""


def _take_notes(flow: Flow, at: int, draft: Draft, taken: set[int]) -> None:
    """Move the notes below a table from the paragraphs after it into the table."""
    k = at + 1
    while k < len(flow) and k in taken:
        k += 1
    while k < len(flow):
        item = flow[k]
        if isinstance(item, Draft) or item.heading or not (is_note(tidy(item.text)) or defines_stars(item.text)):
            return
        draft.notes.append(tidy(item.text))
        taken.add(k)
        k += 1
