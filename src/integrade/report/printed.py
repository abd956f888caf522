"""A table whose cells are already text, and how numbers, stars and labels become that text."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from integrade.errors import UsageError, did_you_mean
from integrade.judge.naming import label_of
from integrade.models.fit.results import Basis, FitResult
from integrade.numerals import capital
from integrade.texts import Said, ended, in_language, language_spoken, say, with_values

RowKind = Literal["coefficient", "statistic", "test", "count", "fixed_effect", "text", "panel"]

INDEX = ("prices", "integration")
PANEL = (*INDEX, "quality", "panel")


@dataclass(frozen=True)
class Origin:
    """What the numbers of a column, a row or a cell were computed from.

    ``how`` says it in words; ``fit`` is the regression, ``basis`` (and ``formula``) what a result without its fit rests
    on; ``rests`` names the steps of the study (and of its last account) whose rows went into it; ``draws`` how many,
    with which seed; ``kind`` is "difference" where the numbers are differences of two groups.
    """

    how: str = ""
    fit: FitResult | None = None
    basis: Basis | None = None
    formula: str = ""
    rests: tuple[str, ...] = PANEL
    draws: str = ""
    kind: str = ""


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
    language: str = field(default_factory=language_spoken)

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
            ".tex": _latex,
            ".docx": _word,
            ".html": _html,
            ".md": _markdown,
            ".csv": _csv,
            ".txt": _text,
        }
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


def label_of_number(kind: str, number: str, language: str = "en") -> str:
    """``Table 4`` or ``Figure 2``, in the language of the report."""
    return in_language(_number(kind, number), language)


def caption_of(kind: str, number: str, title: str, language: str = "en") -> str:
    """``Table 4. Benchmark regression``; the title alone where there is no number."""
    if not number:
        return title
    return in_language(say("printed.caption", label=_number(kind, number), title=title), language)


def _number(kind: str, number: str) -> Said:
    return say("printed.table" if kind == "table" else "printed.figure", number=number)


def stars_note() -> Said:
    """What the stars mean."""
    return say("printed.stars")


def numbered(i: int, name: str) -> Said:
    """``(2) Quality``: the heading of a column."""
    return say("printed.numbered", n=str(i), name=name)


def capital_of(text: str) -> Said:
    """The text with its first letter large, where the language has large letters."""
    return say("printed.capital", text=text)


def sentence(text: str) -> str:
    """A note as a sentence; one that is not of the catalogues in the words of who wrote it."""
    return say("printed.sentence", text=text) if isinstance(text, Said) else ended(capital(text))


def labelled(text: str, labels: Mapping[str, str]) -> str:
    """A sentence of the catalogues with the columns among its values by their labels; any other text as it is."""
    if not isinstance(text, Said):
        return text
    if text.given:
        return with_values(text, lambda v: labelled(v, labels) if isinstance(v, Said) else label_of(v, labels))
    column = in_language(text, "en")
    found = label_of(column, labels)
    return say(text.key) if in_language(found, "en") == column else found


def drawn(draws: int, seed: int) -> Said:
    """How many draws, with which seed."""
    return say("printed.draws", draws=draws, seed=str(seed))


def permuted(draws: int, seed: int) -> Said:
    """How many permutations, with which seed."""
    return say("printed.permutations", draws=draws, seed=str(seed))


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
