"""Represent a table as read from a document: cells of text by row and column, title and notes, not yet interpreted.

The readers of documents (`published.documents`) return these records and `published.layout` reads them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class GridCell:
    """One cell: its visible text on one line (blanks single, ends stripped), and its place in the document.

    ``raised`` is the superscript at the end of the text (``***``, ``a``, ``1``), which is then not in ``text``.
    Superscripts elsewhere remain in ``text`` (``R2``, ``Market2`` with `RAISED` before the raised part, so that a
    square differs from a 2). ``width`` and ``height`` are the columns and rows that it covers, itself included.
    ``place`` is in the document's own terms: ``B7``, ``line 12``, ``row 3, column 2``.
    """

    text: str
    raised: str = ""
    width: int = 1
    height: int = 1
    place: str = ""


RAISED = "^"
"""Precedes a raised part inside a cell's text: ``Market^2``, ``R^2``, ``10^-5``."""

EMPTY = GridCell("")


@dataclass(frozen=True)
class Grid:
    """A rectangle of cells; a cell that covers several is in the first place, the others are `EMPTY`.

    ``name`` is unique among the tables read together (``table4``; ``paper.docx, table 2``; ``paper.pdf, page 7, table
    1``). ``title`` is the caption. ``notes`` are the lines of text below the table (or over all columns at its foot).
    ``ruled`` are the rows with a rule above them, if the document draws rules. ``head`` counts the rows that the
    document marks as headings (0: none marked). ``doubts`` are uncertainties of the reading itself, such as columns of
    a page separated only by white space.
    """

    name: str
    rows: tuple[tuple[GridCell, ...], ...]
    title: str = ""
    notes: tuple[str, ...] = ()
    ruled: frozenset[int] = frozenset()
    head: int = 0
    doubts: tuple[str, ...] = ()
    file: str = ""

    @property
    def columns(self) -> int:
        """The number of columns."""
        return len(self.rows[0]) if self.rows else 0


@dataclass(frozen=True)
class Document:
    """The content of one file: its tables in their order, and its running text without them, which may hold claims."""

    file: str
    grids: tuple[Grid, ...]
    text: str = ""
    lost: tuple[str, ...] = ()
    """Tables that could not be read, each with the reason."""
