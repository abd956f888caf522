"""A table as it stands in a document: cells of text by row and column, its title and notes; nothing is understood yet.

What readers of documents (`published.documents`) give and what `published.layout` reads.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class GridCell:
    """One cell: its visible text on one line (blanks single, ends stripped), and where a reader would look for it.

    ``raised`` is what stood as superscript at the end of the text (``***``, ``a``, ``1``), which then is not in
    ``text``; superscripts elsewhere stay in ``text`` (``R2``, ``Market2`` with `RAISED` before the raised part, so that
    a square is told from a 2). ``width`` and ``height`` are the columns and rows that it covers, itself included.
    ``place`` is in the document's own words: ``B7``, ``line 12``, ``row 3, column 2``.
    """

    text: str
    raised: str = ""
    width: int = 1
    height: int = 1
    place: str = ""


RAISED = "^"
"""Stands in a cell's text before a part that was raised inside it: ``Market^2``, ``R^2``, ``10^-5``."""

EMPTY = GridCell("")


@dataclass(frozen=True)
class Grid:
    """A rectangle of cells; a cell that covers several stands in the first, the others are `EMPTY`.

    ``name`` is unique among the tables read together (``table4``; ``paper.docx, table 2``; ``paper.pdf, page 7, table
    1``); ``title`` the caption, ``notes`` the lines of text below (or set across all columns at the foot of) the table,
    ``ruled`` the rows that have a rule above them where the document draws rules, ``head`` how many rows the document
    itself calls headings (0: it does not say), ``doubts`` what was uncertain already in taking the cells apart (columns
    of a page told by white space alone, say).
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
    """What one file holds: its tables in their order, and its running text without them, where claims stand."""

    file: str
    grids: tuple[Grid, ...]
    text: str = ""
    lost: tuple[str, ...] = ()
    """Tables that could not be taken apart, each with the reason."""
