"""Tables and paragraphs in their order made a `Document`: which paragraphs are titles, which are notes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from integrade.published.documents.continued import Found, continued
from integrade.published.documents.shaping import Draft, grid_of, named
from integrade.published.documents.wording import defines_stars, is_caption, is_note, tidy
from integrade.published.grid import Document

LONGEST_TITLE = 300
"""Characters of a paragraph that may be a title."""


class Paragraph(NamedTuple):
    """A paragraph; ``heading``: the document says that it is one, ``caption``: that it is the title of a table."""

    text: str
    heading: bool = False
    caption: bool = False


Flow = Sequence[Paragraph | Draft]


def document_of(path: Path, flow: Flow, lost: Sequence[str] = ()) -> Document:
    """The document of a file's tables and paragraphs.

    A paragraph above a table that begins ``Table 3`` is its title (with the short one between them), one below that
    begins as notes do is a note. Raises `Unreadable` for tables of very many cells.
    """
    flow = [one for one in flow if isinstance(one, Draft) or tidy(one.text)]
    taken: set[int] = set()
    grids = []
    for i, one in enumerate(flow):
        if not isinstance(one, Draft):
            continue
        if not one.title:
            one.title = _title(flow, i, taken)
        _take_notes(flow, i, one, taken)
        grid = grid_of(one)
        if grid is not None:
            grids.append(Found(0, 0, grid))
    text = "\n".join(tidy(p.text) for i, p in enumerate(flow) if isinstance(p, Paragraph) and i not in taken)
    whole = [one.grid for one in continued(grids)]
    return Document(path.name, named(whole, path.stem, path.name), text, tuple(lost))


def _title(flow: Flow, at: int, taken: set[int]) -> str:
    """The title in the paragraphs above a table, or below it where none of the next table is."""
    above = []
    for k in range(at - 1, max(at - 4, -1), -1):
        one = flow[k]
        if isinstance(one, Draft) or k in taken or len(one.text) > LONGEST_TITLE:
            break
        above.append((k, one))
        if is_caption(tidy(one.text)) or one.caption:
            taken.update(place for place, _ in above)
            return " ".join(tidy(p.text) for _, p in reversed(above))
        if tidy(one.text).endswith((".", "。")):
            break
    if at + 1 < len(flow):
        below = flow[at + 1]
        own = at + 2 >= len(flow) or not isinstance(flow[at + 2], Draft)
        if (
            isinstance(below, Paragraph)
            and own
            and (is_caption(tidy(below.text)) or below.caption)
            and len(below.text) < LONGEST_TITLE
        ):
            taken.add(at + 1)
            return tidy(below.text)
    return tidy(above[0][1].text) if above and above[0][1].heading else ""


def _take_notes(flow: Flow, at: int, draft: Draft, taken: set[int]) -> None:
    """The notes below a table, taken from the paragraphs that follow it."""
    k = at + 1
    while k < len(flow) and k in taken:
        k += 1
    while k < len(flow):
        one = flow[k]
        if isinstance(one, Draft) or one.heading or not (is_note(tidy(one.text)) or defines_stars(one.text)):
            return
        draft.notes.append(tidy(one.text))
        taken.add(k)
        k += 1
