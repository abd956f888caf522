"""Split the rows of a sheet or a csv into tables.

A title, or new headings, below an empty row begins a table.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from tablecheck.documents.shaping import Draft, Piece
from tablecheck.documents.wording import MISSING, WORDS, is_caption, is_note, is_number

_MODEL = re.compile(r"^(?:[(\[（]\s*(?:\d{1,2}|[ivxIVX]{1,5}|[a-z])\s*[)\]）]|(?:19|20)\d\d)$")
_PART = re.compile(r"^\W*(?:panel|part|面板|组|組|[A-Z][.)])", re.IGNORECASE)


def drafts_of(rows: Sequence[Sequence[Piece]]) -> list[Draft]:
    """Return the tables among rows; an empty row ends a table if a title or headings follow it.

    An empty row before further numbers does not end a table, because packages put such a row between two variables.
    """
    starts, has_numbers = [0], False
    for i, row in enumerate(rows):
        if has_numbers and i and not _filled(rows[i - 1]) and _filled(row) and _begins(rows, i):
            starts.append(i)
            has_numbers = False
        has_numbers = has_numbers or _is_data(row)
    drafts = []
    for start, end in pairwise([*starts, len(rows)]):
        draft = Draft([list(row) for row in rows[start:end]])
        _take_titles(draft)
        drafts.append(draft)
    return [draft for draft in drafts if any(cell.lines for row in draft.rows for cell in row)]


def _take_titles(draft: Draft) -> None:
    """Move text from the first rows to the title, if it is the only text of its row."""
    while len(draft.rows) > 1:
        filled = [cell for cell in draft.rows[0] if cell.lines]
        is_title = len(filled) == 1 and not is_number(filled[0].text) and max(map(_filled, draft.rows)) > 1
        is_title = is_title and (bool(draft.rows[0][0].lines) or is_caption(filled[0].text))
        if filled and not (is_title and (not draft.title or is_caption(draft.title))):
            return
        if is_title and _PART.match(filled[0].text):
            return
        draft.title = f"{draft.title} {filled[0].shown}".strip() if filled else draft.title
        del draft.rows[0]


def _filled(row: Sequence[Piece]) -> int:
    """Return the number of cells with text."""
    return sum(bool(cell.lines) for cell in row)


def _begins(rows: Sequence[Sequence[Piece]], at: int) -> bool:
    """Return whether a table begins at a row below an empty row.

    The row is then a title, a row of headings, or a text above headings.
    """
    text = " ".join(cell.text for cell in rows[at] if cell.lines)
    if is_caption(text):
        return True
    if _filled(rows[at]) == 1:
        below = next((k for k in range(at + 1, len(rows)) if _filled(rows[k])), None)
        return (
            not is_note(text)
            and not _PART.match(text)
            and below is not None
            and (_is_heading(rows[below]) or is_caption(rows[below][0].text))
        )
    return _is_heading(rows[at]) and any(_is_data(row) for row in rows[at + 1 : at + 6])


def _is_heading(row: Sequence[Piece]) -> bool:
    """Return whether a row holds only names of columns.

    The row has at least two texts, and no numbers except (1) or a year. Its texts are not all words such as "yes".
    """
    others = [cell.text for cell in row[1:] if cell.lines]
    headings = [t for t in others if not _MODEL.match(t)]
    words = {t.lower() for t in headings}
    return (
        bool(others)
        and _filled(row) > 1
        and not any(map(is_number, headings))
        and not (words and words <= WORDS | MISSING)
    )


def _is_data(row: Sequence[Piece]) -> bool:
    """Return whether a row holds a number that is not part of a heading."""
    return any(is_number(cell.text) and not _MODEL.match(cell.text) for cell in row[1:] if cell.lines)
