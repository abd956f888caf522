"""Represent a table as read from a document, before interpretation: cells of text by row and column, title and notes.

The readers of documents (`tablecheck.documents`) return these records and `tablecheck.layout` reads them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class GridCell:
    """One cell: its visible text on one line (single blanks, none at the ends), and its position in the document.

    ``raised`` is the superscript at the end of the text (``***``, ``a``, ``1``), which is then not in ``text``. Other
    superscripts stay in ``text``, letters and digits after the sign `RAISED` (``Market^2``). ``width`` and ``height``
    are the numbers of columns and rows that the cell covers. ``place`` is its position in the form that the document
    uses: ``B7``, ``line 12``, ``row 3, column 2``.
    """

    text: str
    raised: str = ""
    width: int = 1
    height: int = 1
    place: str = ""


RAISED = "^"
"""Sign before a raised part inside the text of a cell: ``Market^2``, ``R^2``, ``10^-5``."""

EMPTY = GridCell("")


@dataclass(frozen=True)
class Grid:
    """A rectangle of cells; a cell that covers several slots is in the first of them, and the others are `EMPTY`.

    ``name`` is unique among the tables read together (``table4``; ``paper.docx, table 2``; ``paper.pdf, page 7, table
    1``). ``title`` is the caption of the table. ``notes`` are the lines of text below the table (or over all columns at
    its foot). ``ruled`` are the rows that have a rule above them, if the document draws rules. ``head`` is the number
    of rows that the document marks as headings (0 if it marks none). ``doubts`` are uncertainties of the reading
    itself, for example columns that only white space separates.
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
    """The content of one file: its tables in their order, and its running text without the tables."""

    file: str
    grids: tuple[Grid, ...]
    text: str = ""
    lost: tuple[str, ...] = ()
    """Parts and included files that were not read, each with the reason."""
    damage: str = ""
    """Why the file could not be read; empty if it was read."""
