"""List the tables that a document names in captions and that were not read."""

from __future__ import annotations

import re
from collections.abc import Sequence

from plainwords.texts import listed, say
from tablecheck.documents.wording import is_number
from tablecheck.grid import Document
from tablecheck.printed import PublishedTable

LISTED = 12
"""Largest number of captioned tables that are named."""
LEAST_NUMBERS = 3
"""A captioned table with fewer cells of numbers than this holds words, and nothing in it can be checked."""
_CAPTION = re.compile(
    r"^\W{0,3}(?P<name>(?:(?:online |web |supplementary )?appendix )?(?:table|tab\.)\s*"
    r"(?P<number>[A-Z]{0,2}[-.]?\d+(?:[-.]\d+)*[a-z]?|[IVXL]{1,6})|表\s*(?P<chinese>\d+(?:[-.]\d+)*))\s*(?P<after>[.:：—–|]|$)",
    re.IGNORECASE,
)


def missed_tables(document: Document, tables: Sequence[PublishedTable]) -> str:
    """Return a sentence with the number of captioned tables of a document that were not read; empty if all were.

    A table counts as captioned if a line of the text is its caption (``Table 3. Prices``, ``TABLE III``), or if a table
    that cannot be checked has such a title and holds numbers. It counts as read if a table that can be checked, or a
    table of words, has its number. Tables without a title may be those that the captions name.
    """
    names: dict[str, str] = {}
    done: set[str] = set()
    for table in tables:
        name, number = _captioned(table.grid.title)
        if number:
            names.setdefault(number, name)
            done |= {number} if table.is_understood or _is_of_words(table) else set()
    for line in document.text.splitlines():
        name, number = _captioned(line)
        if number:
            names.setdefault(number, name)
    untitled = sum(table.is_understood and not table.grid.title for table in tables)
    left = [name for number, name in names.items() if number not in done]
    shown = [*left[:LISTED], *(["..."] if len(left) > LISTED else [])]
    if len(left) <= untitled:
        return ""
    return say("published_documents.missed", n=len(left), all=len(names), tables=listed(shown, "comma"))


def _captioned(line: str) -> tuple[str, str]:
    """Return the name of the table that a caption names and its number; empty texts for a line of another kind."""
    match = _CAPTION.match(line)
    if match is None:
        return "", ""
    name = " ".join(match["name"].split())
    prefix = "appendix " if "appendix" in name.lower() else ""
    return name, prefix + (match["number"] or match["chinese"]).upper()


def _is_of_words(table: PublishedTable) -> bool:
    """Return whether a table holds words, such as definitions of variables."""
    return sum(is_number(cell.text) for row in table.grid.rows for cell in row) < LEAST_NUMBERS
