"""Represent printed tables after reading: columns of estimates, descriptive statistics, correlations, rankings.

`tablecheck.layout` builds these records from a grid; every check uses them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tablecheck.digits import Printed
from tablecheck.grid import Grid
from tablecheck.notes import Notes

_RATIO = re.compile(
    r"^(?:[ac]|(?:(?:un)?adj(?:usted|\.)|crude) ?)?(?:or|irr|hr|rr)(?![\w&]| [a-z])"
    r"|\b(?:odds|hazard|risk|rate)[- ]ratios?\b|^exp ?\(|[(\[](?:or|irr|hr|rr)[)\]]$",
    re.IGNORECASE,
)
"""Pattern of headings for exponentiated coefficients, but not for an outcome that is a ratio."""


@dataclass(frozen=True)
class Estimate:
    """One coefficient of a column with the numbers printed for it.

    ``loose`` holds numbers whose kind the table does not state, by their bracket: ``(``, ``[``, or ``1`` for a number
    without brackets in the first row below the coefficient. The checks try every kind that such numbers may be.
    """

    term: str
    label: str
    b: Printed | None = None
    se: Printed | None = None
    t: Printed | None = None
    p: Printed | None = None
    b_std: Printed | None = None
    interval: tuple[Printed, Printed] | None = None
    loose: Mapping[str, Printed] = field(default_factory=dict)
    df: Printed | None = None
    """The degrees of freedom of this estimate, if they are printed in its row."""
    is_below: bool = False
    """True if the estimate is below the statistics of its column, where derived quantities are printed."""

    @property
    def has_company(self) -> bool:
        """True if another number or a star is printed for the coefficient."""
        others = (self.se, self.t, self.p, self.interval)
        return any(n is not None for n in others) or bool(self.loose) or bool(self.marks)

    @property
    def marks(self) -> str:
        """The stars or letters of the estimate, whichever of its numbers they are printed on."""
        every = [self.b, self.b_std, self.se, self.t, self.p, *(self.interval or ()), *self.loose.values()]
        return next((n.marks for n in every if n is not None and n.marks), "")

    @property
    def place(self) -> str:
        """The position of the cell with its first number."""
        every = [self.b, self.b_std, self.se, self.t, self.p, *self.loose.values()]
        return next((n.place for n in every if n is not None), "")


@dataclass(frozen=True)
class Column:
    """One column of a regression table.

    ``sizes`` are the statistics of the column, by the names that `tablecheck.words.statistic` gives them. ``effects``
    gives the answer (yes, no, or neither) in each row of effects or controls, by the row's label. ``heads`` are the
    headings over the column from top to bottom. ``panel`` is the section of the table.
    """

    table: str
    label: str
    outcome: str
    estimates: Mapping[str, Estimate]
    sizes: Mapping[str, Printed] = field(default_factory=dict)
    effects: Mapping[str, bool | None] = field(default_factory=dict)
    heads: tuple[str, ...] = ()
    panel: str = ""
    notes: Notes = field(default_factory=Notes)

    @property
    def ratios(self) -> bool:
        """True if notes, title or headings state that coefficients are exponentiated."""
        return self.notes.ratios or any(map(_RATIO.search, self.heads))

    @property
    def nobs(self) -> Printed | None:
        """The number of observations; None if only a bound is printed (``<2000``)."""
        n = self.sizes.get("n")
        return n if n is not None and math.isfinite(n.half) else None


@dataclass(frozen=True)
class Described:
    """Descriptive statistics of a panel: for each variable, its numbers by the names that `words.describes` returns."""

    rows: Mapping[str, Mapping[str, Printed]]
    panel: str = ""


@dataclass(frozen=True)
class Correlated:
    """A correlation matrix: its variables in order, and the printed cells by row and column, including the diagonal."""

    names: tuple[str, ...]
    cells: Mapping[tuple[int, int], Printed]
    kind: str = ""
    """``pearson``, ``spearman``, ``both`` (one on each side), ``other`` (by title and notes), or empty."""
    pairwise: bool = False
    """True if title or notes state that each correlation has its own rows or likelihood (pairwise, polychoric)."""


@dataclass(frozen=True)
class Ranked:
    """A ranking: for each label of a row, the numbers by column; ``rank...`` follows the column that it ranks."""

    rows: Mapping[str, Mapping[str, Printed]]


@dataclass(frozen=True)
class PublishedTable:
    """A grid and its interpretation; ``roles`` gives the meaning of each cell."""

    grid: Grid
    notes: Notes
    columns: tuple[Column, ...] = ()
    described: tuple[Described, ...] = ()
    correlated: Correlated | None = None
    ranked: Ranked | None = None
    roles: Mapping[tuple[int, int], str] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of the grid."""
        return self.grid.name

    def place(self, i: int, j: int) -> str:
        """Return the position of a cell in the form that its document uses (``B7``, ``line 12``)."""
        return self.grid.rows[i][j].place or f"row {i + 1}, column {j + 1}"

    @property
    def is_understood(self) -> bool:
        """True if the table contains anything that can be checked."""
        return bool(self.columns or self.described or self.correlated or self.ranked)
