"""Define the parts of a table: its rows, the origin of their numbers, and the protocol that writers read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

from integrade.estimate.results import Basis, FitResult
from integrade.verdicts.table_looks import Statistic
from plainwords.texts import Said, in_language, say

RowKind = Literal["coefficient", "statistic", "test", "count", "fixed_effect", "text", "panel", "head"]

INDEX = ("prices", "integration")
PANEL = (*INDEX, "quality", "panel")


@dataclass(frozen=True)
class Origin:
    """The origin of the numbers of a column, a row or a cell.

    ``how`` explains the origin in words. ``fit`` is the regression; ``basis`` (and ``formula``) describe the sample and
    standard errors of a result that is stored without its fit. ``rests`` names the steps of the study whose rows were
    used. ``draws`` states the number of draws and their seed. ``kind`` is "difference" if the numbers are differences
    of two groups.
    """

    how: str = ""
    fit: FitResult | None = None
    basis: Basis | None = None
    formula: str = ""
    rests: tuple[str, ...] = PANEL
    draws: str = ""
    kind: str = ""


class Tested(Protocol):
    """A tested estimate: a coefficient, or a combination of coefficients."""

    @property
    def estimate(self) -> float:
        """The estimate."""
        ...

    @property
    def std_error(self) -> float:
        """The standard error of the estimate."""
        ...

    @property
    def statistic(self) -> float:
        """The t statistic of the estimate."""
        ...

    @property
    def p_value(self) -> float:
        """The p-value of t."""
        ...

    @property
    def conf_low(self) -> float:
        """The lower end of the 95% interval."""
        ...

    @property
    def conf_high(self) -> float:
        """The upper end of the 95% interval."""
        ...


class Spanner(NamedTuple):
    """A heading over several columns, from ``first`` to ``last``; the label column is 0."""

    text: str
    first: int
    last: int


@dataclass(frozen=True)
class Row:
    """One row: its kind, and its cells; the first cell is the row label.

    A ``panel`` row has only a label, or a label and headings for the columns of the rows below it. A ``head`` row,
    below the headings of the table, gives the outcome or group of each column.

    ``key`` is the row's part of an address (``market`` in table4.2.market). ``origins`` are the origins of the cells
    after the label, if they differ from the origins of the columns; a single origin holds for all cells. ``below`` is
    for the row under a coefficient: the number (``se``, ``t``, ``p`` or ``interval``) -> the cells that print it.
    ``numbers`` are the unrounded numbers of the cells after the label; a cell without one keeps its text if the digits
    or the scale of the table change.
    """

    kind: RowKind
    cells: tuple[str, ...]
    key: str = ""
    origins: tuple[Origin | None, ...] = field(default=(), compare=False, repr=False)
    below: Mapping[Statistic, tuple[str, ...]] = field(default_factory=dict, compare=False, repr=False)
    numbers: tuple[Tested | float | None, ...] = field(default=(), compare=False, repr=False)

    @property
    def spans(self) -> bool:
        """True if the row is one cell over all columns: a panel without column headings."""
        return self.kind == "panel" and not any(self.cells[1:])


HYPHEN = re.compile(r"(?<![\w)\]-])-(?=\.?\d)|(?<=\(t)-(?=\d)|(?<=\d\))-(?=\(\d)", re.ASCII)
_END = r"(?:(?:1[6-9]|2[01])\d\d|p\d{1,2}(?:\.\d+)?)"
RANGE = re.compile(rf"(?<![\w./-])({_END})-(?={_END}(?![\w/-]|\.\w))", re.ASCII)


def minus(text: str) -> str:
    """Return a text for typesetting, with minus signs before numbers, and dashes between two years or percentiles.

    Hyphens in names (``cpi-2004.csv``, ``2004-2007.csv``) stay.

    Example:
        >>> minus("[-0.25, -.1] in 2004-2007"), minus("Market (t-1)"), minus("p1-p99 of cpi-2004.csv")
        ('[−0.25, −.1] in 2004–2007', 'Market (t−1)', 'p1–p99 of cpi-2004.csv')
    """
    return RANGE.sub("\\1\u2013", HYPHEN.sub("\u2212", text))


def shown(table: Grid, column: int, text: str) -> str:
    """Return a cell as a typesetter prints it; text to be copied (settings, names of files) stays unchanged."""
    return text if column in table.verbatim else minus(text)


def place_of(number: str) -> tuple[str, int, str]:
    """Return the sort key of a table's number.

    The order is ``1``, ``1b``, ``2``, ``10``, and then the appendix: ``A2``, ``A10``.

    Example:
        >>> sorted(["A10", "2", "A2", "10", "1b", "1"], key=place_of)
        ['1', '1b', '2', '10', 'A2', 'A10']
    """
    series, digits, letter = re.split(r"(\d+)", number, maxsplit=1) if re.search(r"\d", number) else (number, "0", "")
    return series, int(digits), letter


class Grid(Protocol):
    """The properties of a table that a writer (LaTeX, Word, HTML, text) reads.

    `integrade.report.printed.PrintedTable` has them.
    """

    @property
    def number(self) -> str:
        """``4`` or ``A1``; empty for a table without number."""
        ...

    @property
    def title(self) -> str:
        """The title without the number."""
        ...

    @property
    def columns(self) -> tuple[str, ...]:
        """The headings."""
        ...

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows in the form in which they were made."""
        ...

    @property
    def spanners(self) -> tuple[Spanner, ...]:
        """The headings over several columns, above the headings, from left to right."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """The lines below the last row."""
        ...

    @property
    def wide_text(self) -> tuple[int, ...]:
        """The columns of prose."""
        ...

    @property
    def verbatim(self) -> tuple[int, ...]:
        """The columns of text that a reader may copy: settings, names of files."""
        ...

    @property
    def language(self) -> str:
        """The language of the table's texts."""
        ...

    @property
    def caption(self) -> str:
        """Number and title."""
        ...

    def cells(self) -> tuple[tuple[str, ...], ...]:
        """Return the rows as text, each as long as ``columns``."""
        ...

    def __hash__(self) -> int:
        """Return a hash; tables are frozen, so that widths are measured once."""
        ...


def label_of_number(kind: str, number: str, language: str = "en") -> str:
    """Return ``Table 4`` or ``Figure 2``, in the language of the report."""
    return in_language(_number(kind, number), language)


def caption_of(kind: str, number: str, title: str, language: str = "en") -> str:
    """Return ``Table 4. Benchmark regression``, or only the title without a number."""
    if not number:
        return title
    return in_language(say("printed.caption", label=_number(kind, number), title=title), language)


def _number(kind: str, number: str) -> Said:
    return say("printed.table" if kind == "table" else "printed.figure", number=number)
