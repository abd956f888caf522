"""A table whose cells are already text, and how numbers, stars and labels become that text."""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from integrade.errors import UsageError, did_you_mean
from integrade.models.linear.results import Basis, FitResult
from integrade.sources.goods import english_good

RowKind = Literal["coefficient", "statistic", "test", "count", "fixed_effect", "text", "panel"]

LEVELS = ((0.01, "***"), (0.05, "**"), (0.1, "*"))
STARS = "*** p < 0.01, ** p < 0.05, * p < 0.1, computed from the unrounded p-values."


INDEX = ("prices", "integration")
PANEL = (*INDEX, "quality", "panel")


@dataclass(frozen=True)
class Origin:
    """What the numbers of a column, a row or a cell were computed from.

    ``how`` says it in words; ``fit`` is the regression, ``basis`` (and ``formula``) what a result without its fit rests
    on; ``rests`` names the steps of the study (and of its last account) whose rows went into it; ``draws`` how many,
    with which seed.
    """

    how: str = ""
    fit: FitResult | None = None
    basis: Basis | None = None
    formula: str = ""
    rests: tuple[str, ...] = PANEL
    draws: str = ""


@dataclass(frozen=True)
class Row:
    """One row: what it is, and its cells with the row label first. A ``panel`` row has a label alone.

    ``key`` is its part of an address (``market`` in table4.2.market); ``origins`` are those of the cells after the
    label, where they are not the columns'; a single one holds for all.
    """

    kind: RowKind
    cells: tuple[str, ...]
    key: str = ""
    origins: tuple[Origin | None, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True)
class PrintedTable:
    """A finished table: headings, rows of text, notes. ``number`` is "4" or "A1"; ``wide_text`` names prose columns.

    ``origins`` say where the numbers of each column after the first come from; a single one holds for all.
    ``column_keys`` are those columns' parts of an address. ``save`` writes .tex, .docx, .html, .md, .csv or .txt by the
    suffix of the path.
    """

    number: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    wide_text: tuple[int, ...] = ()
    origins: tuple[Origin, ...] = field(default=(), compare=False, repr=False)
    column_keys: tuple[str, ...] = ()
    language: str = "en"

    @property
    def caption(self) -> str:
        """``Table 4. Benchmark regression``; the title alone where there is no number."""
        return caption_of("table", self.number, self.title, self.language)

    def cells(self) -> tuple[tuple[str, ...], ...]:
        """The rows as text, each as long as ``columns``."""
        empty = ("",) * len(self.columns)
        return tuple((*row.cells, *empty)[: len(self.columns)] for row in self.rows)

    def save(self, path: str | Path) -> Path:
        """Write the table in the format of the suffix; the file is complete or absent. Raises `UsageError`."""
        path = Path(path)
        writers: dict[str, Callable[[PrintedTable], bytes]] = {
            ".tex": _latex, ".docx": _word, ".html": _html, ".md": _markdown, ".csv": _csv, ".txt": _text,
        }  # fmt: skip
        if path.suffix.lower() not in writers:
            raise UsageError(
                f"no table format {path.suffix!r}", where=str(path), remedy=did_you_mean(path.suffix, writers)
            )
        return write_bytes(path, writers[path.suffix.lower()](self))

    def _repr_html_(self) -> str:
        """The table in a notebook."""
        return _html(self).decode()

    def __str__(self) -> str:
        """The table in a terminal."""
        return _text(self).decode()


LABELS = {
    ("table", "en"): "Table {}", ("figure", "en"): "Figure {}", ("table", "zh"): "表 {}", ("figure", "zh"): "图 {}",
}  # fmt: skip


def label_of_number(kind: str, number: str, language: str = "en") -> str:
    """``Table 4`` or ``Figure 2``, in the language of the report."""
    return LABELS[kind, language].format(number)


def caption_of(kind: str, number: str, title: str, language: str = "en") -> str:
    """``Table 4. Benchmark regression``; the title alone where there is no number."""
    between = ". " if language == "en" else "  "
    return f"{label_of_number(kind, number, language)}{between}{title}" if number else title


def write_bytes(path: Path, content: bytes) -> Path:
    """Write through a temporary name in the same folder, then rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(part).chmod(0o644)
        os.replace(part, path)
    finally:
        Path(part).unlink(missing_ok=True)
    return path


def stars(p_value: float | None) -> str:
    """``***`` below .01, ``**`` below .05, ``*`` below .1; nothing where the p-value is missing."""
    if p_value is None or math.isnan(p_value):
        return ""
    return next((mark for level, mark in LEVELS if p_value < level), "")


def fixed(value: float | None, digits: int = 3) -> str:
    """A number with ``digits`` decimals; three significant digits where those would all be zero; blank if missing."""
    if value is None or math.isnan(value):
        return ""
    if math.isinf(value):
        return "infinite" if value > 0 else "-infinite"
    if value != 0 and abs(value) < 0.5 * 10**-digits:
        return f"{value:.3g}"
    text = f"{value:,.{digits}f}"
    return text.removeprefix("-") if float(text.replace(",", "")) == 0 else text


def p_text(value: float | None) -> str:
    """A p-value with four decimals, ``<0.0001`` below that; blank if missing."""
    if value is None or math.isnan(value):
        return ""
    return "<0.0001" if value < 0.00005 else f"{value:.4f}"


def p_equals(value: float | None) -> str:
    """``p = 0.0161`` or ``p < 0.0001``, for a sentence."""
    text = p_text(value)
    return f"p < {text.removeprefix('<')}" if text.startswith("<") else f"p = {text}"


def percent(share: float | None, digits: int = 1) -> str:
    """A share as ``62.4 %``; blank if missing."""
    return "" if share is None or math.isnan(share) else f"{100 * share:.{digits}f} %"


def interval(low: float | None, high: float | None, digits: int = 3) -> str:
    """``[low, high]``, blank if either end is missing."""
    ends = fixed(low, digits), fixed(high, digits)
    return f"[{ends[0]}, {ends[1]}]" if all(ends) else ""


def label_of(term: str, labels: Mapping[str, str], square: str = "c.{0}#c.{0}") -> str:
    """What a term is called: its own label, else the label of its variable put into the pattern of squares."""
    if term in labels:
        return labels[term]
    if term.endswith("^2"):
        return square.format(label_of(term.removesuffix("^2"), labels, square))
    return PLAIN.get(term, term)


def good_word(name: str, labels: Mapping[str, str]) -> str:
    """What a good is called: its own label, else its English name in the list of goods, else as the data have it."""
    return labels.get(name, english_good(name))


def capital(name: str) -> str:
    """A name with its first letter large."""
    return name[:1].upper() + name[1:]


PLAIN = {
    "quality": "Quality",
    "market": "Market",
    "scale": "Scale",
    "age": "Age",
    "roa": "ROA",
    "rdebt": "Rdebt",
    "fic": "FIC",
    "invint": "Invint",
    "human_capital": "Human capital",
    "rd": "RD",
    "turning_point": "Turning point",
}
"""What the paper calls the canonical columns; a study's labels win."""


def _latex(table: PrintedTable) -> bytes:
    from integrade.report.latex import to_latex

    return to_latex(table).encode()


def _word(table: PrintedTable) -> bytes:
    from integrade.report.word import to_word

    return to_word([table])


def _html(table: PrintedTable) -> bytes:
    from integrade.report.markup import to_html

    return to_html(table).encode()


def _markdown(table: PrintedTable) -> bytes:
    from integrade.report.markup import to_markdown

    return to_markdown(table).encode()


def _csv(table: PrintedTable) -> bytes:
    from integrade.report.markup import to_csv

    return to_csv(table).encode()


def _text(table: PrintedTable) -> bytes:
    from integrade.report.markup import to_text

    return to_text(table).encode()
