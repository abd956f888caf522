"""Hold a table whose cells are text, and turn numbers, stars and labels into that text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from integrade.errors import UsageError, did_you_mean
from integrade.estimate.results import Basis, FitResult
from integrade.report.latex import to_latex
from integrade.report.layouts import LayoutName, alone, for_readers, stacked
from integrade.report.markup import to_csv, to_html, to_markdown, to_text
from integrade.report.rows import Origin, Row, Spanner, caption_of
from integrade.report.whole_file import write_bytes
from integrade.report.word import to_word
from integrade.verdicts.clustering import cautions
from integrade.wording.numerals import capital
from plainwords.texts import Said, ended, language_spoken, listed, say

BY_CLUSTERS = "published_layout.more-by-clusters"
"""Key of the note that verdicts use the clustered standard errors of another table."""
OF_PAPERS = (".tex", ".docx")
"""Formats in which regression tables have the rows that a journal prints by default."""


@dataclass(frozen=True)
class PrintedTable:
    """A finished table: headings, rows of text, notes. ``number`` is "4" or "A1"; ``wide_text`` names prose columns.

    ``origins`` give the origin of the numbers in each column after the first; a single origin holds for all columns.
    ``column_keys`` are the parts of an address for the columns after the first. ``layout`` is set only if the caller
    chose a layout. ``verbatim`` names columns in which hyphens are not replaced. ``place`` is the number of the table
    in a report that has every table (`integrade.report.numbering`). ``spanners`` are headings over several columns.
    ``quantity`` names what all numbers of the table measure, if they can be printed in other units. ``asked`` are the
    keys of rows that an author has named: layout ``"paper"`` keeps them. ``cautioned`` names, for a kind of standard
    errors, the table of the document that prints the caution about it. ``save`` writes .tex, .docx, .html, .md, .csv or
    .txt by the suffix of the path.
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
    layout: Literal["", "paper", "full"] = ""
    verbatim: tuple[int, ...] = ()
    place: str = field(default="", compare=False, repr=False)
    spanners: tuple[Spanner, ...] = ()
    quantity: str = field(default="", compare=False, repr=False)
    asked: tuple[str, ...] = field(default=(), compare=False, repr=False)
    cautioned: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Add to the notes cautions about the standard errors that the table prints (`verdicts.clustering`)."""
        in_full = {sentence(one) for one in cautions(self._results()).values()} if self.cautioned else set()
        notes = [note for note in self.notes if note not in in_full]
        object.__setattr__(self, "notes", tuple(dict.fromkeys((*notes, *self.cautions()))))

    def cautions(self) -> tuple[str, ...]:
        """Return the cautions that must accompany the standard errors of the table.

        A caution that another table of the document prints is replaced by a reference to that table (`cautioned`). It
        is left out if a note already says that the verdicts use other standard errors.
        """
        found = cautions(self._results(), self.cautioned)
        told = any(isinstance(note, Said) and note.key == BY_CLUSTERS for note in self.notes)
        return tuple(sentence(one) for kind, one in found.items() if not (told and kind in self.cautioned))

    def kinds_cautioned(self) -> tuple[str, ...]:
        """Return the kinds of standard errors for which the table needs a caution."""
        return tuple(cautions(self._results()))

    def _results(self) -> list[FitResult | Basis]:
        """Return the regressions that the numbers of the table come from."""
        rests = [o.fit or o.basis for o in (*self.origins, *(o for row in self.rows for o in row.origins if o))]
        return [one for one in rests if one is not None]

    @property
    def caption(self) -> str:
        """Number and title, such as ``Table 4. Benchmark regression``; only the title if the table has no number."""
        return caption_of("table", self.number, self.title, self.language)

    def cells(self) -> tuple[tuple[str, ...], ...]:
        """Return the rows as text, each as long as ``columns``."""
        empty = ("",) * len(self.columns)
        return tuple((*row.cells, *empty)[: len(self.columns)] for row in self.rows)

    def save(self, path: str | Path, layout: LayoutName | None = None) -> Path:
        """Write the table in the format of the suffix; the file is complete or absent.

        ``layout`` is the layout of a regression table: ``"paper"`` (the rows that a journal prints; the default for
        .tex and .docx) or ``"full"`` (every row; the default for other formats). Except in formats that are pasted into
        a manuscript, a note names the rows that ``"paper"`` leaves out. Raises `UsageError` for another format.
        """
        path = Path(path)
        paper = layout == "paper" or (layout is None and path.suffix.lower() in OF_PAPERS)
        table = alone(self) if paper else self
        table = stacked(for_readers(table)) if path.suffix.lower() in OF_PAPERS else table
        writers: dict[str, Callable[[PrintedTable], str]] = {
            ".tex": to_latex,
            ".html": to_html,
            ".md": to_markdown,
            ".csv": to_csv,
            ".txt": to_text,
        }
        kind = path.suffix.lower()
        if kind == ".docx":
            return write_bytes(path, to_word([table]))
        if kind not in writers:
            raise UsageError(
                f"no table format {path.suffix!r}",
                where=str(path),
                remedy=did_you_mean(path.suffix, [*writers, ".docx"]),
            )
        return write_bytes(path, writers[kind](table).encode())

    def _repr_html_(self) -> str:
        """Return the table for a notebook."""
        return to_html(self)

    def __str__(self) -> str:
        """Return the table for a terminal."""
        return to_text(self)


def stars_note() -> Said:
    """Return the note that explains the stars."""
    return say("printed.stars")


def numbered(i: int, name: str) -> Said:
    """Return the heading of a column with its number, such as ``(2) Quality``."""
    return say("printed.numbered", n=str(i), name=name)


def capital_of(text: str) -> Said:
    """Return the text with a capital first letter, in languages that have capitals."""
    return say("printed.capital", text=text)


def sentence(text: str) -> str:
    """Return a note as a sentence; a note that is not from the catalogues of texts is not changed."""
    return say("printed.sentence", text=text) if isinstance(text, Said) else ended(capital(text))


def caption(marks: Sequence[str]) -> Said:
    """Return what the marks of a figure mean, as one short sentence per mark."""
    return listed([sentence(mark) for mark in marks], "sentences")


def drawn(draws: int, seed: int) -> Said:
    """Return a text with the number of draws and their seed."""
    return say("printed.draws", draws=draws, seed=str(seed))


def permuted(draws: int, seed: int) -> Said:
    """Return a text with the number of permutations and their seed."""
    return say("printed.permutations", draws=draws, seed=str(seed))
