"""Find the sheet of a workbook that holds a table, if its first sheet holds none.

Workbooks of statistical offices often begin with a title page, a list of contents or a summary.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

from integrade.errors import IntegradeError
from integrade.sources.files.workbooks import book_of
from integrade.sources.meaning.statistical_words import is_number
from integrade.sources.meaning.synonyms import key_of
from integrade.study.proposal.files import Guess
from integrade.study.proposal.heads import write_sheets
from rawcells.bytes import formats
from rawcells.cells.grid import Sheet
from rawcells.scratch import scratch_folder

WANTED = ("prices", "customs", "firms", "output", "flows", "gdp", "covariates")
"""Tables for which further sheets are tried, the likelier main table of a study first."""
MOST_SHEETS = 10
"""At most so many sheets of a workbook are tried, those with the most numbers first (a convention)."""
MOST_ROWS = 5_000
"""A sheet with more rows is not tried, so that a proposal takes seconds (a convention)."""
LEAST_NUMBERS = 12
"""A sheet with fewer cells of numbers is no table (a convention)."""


def with_best_sheet(first: Guess, files: Sequence[Path], out: Path, guess: Callable[..., Guess]) -> Guess:
    """Return the guess of the sheet that is a table, if the first sheet of a workbook is none; else ``first``.

    ``guess`` is called with the first file reduced to one sheet. Among several sheets the one of the likelier table
    (`WANTED`) is taken, then one that is read without a question, then the one with the most goods or rows. Every file
    of the group must have a sheet of that name.
    """
    if first.table not in ("", "covariates") or files[0].suffix.lower() not in formats.WORKBOOK.suffixes:
        return first
    try:
        sheets = _tables_of(files[0])
        names = [_names_of(path) for path in files[1:]] if sheets else []
    except (IntegradeError, OSError):
        return first
    shared = [sheet for sheet in sheets if all(key_of(sheet.name) in of_file for of_file in names)]
    found = [(sheet.name, guess([_copy(files[0], sheet)], out)) for sheet in shared]
    usable = sorted((pair for pair in found if pair[1].table in WANTED), key=lambda pair: _rank(pair[1]))
    if not usable or _rank(usable[0][1])[0] >= _rank(first)[0]:
        return first
    name, best = usable[0]
    others = tuple(other for other, guessed in usable[1:] if guessed.table == best.table)
    return replace(best, files=first.files, sheet=name, sheets=others)


def _rank(guess: Guess) -> tuple[int, bool, int]:
    place = WANTED.index(guess.table) if guess.table in WANTED else len(WANTED)
    return place, bool(guess.problems), -(guess.goods or 1) * max(1, guess.rows)


def _tables_of(path: Path) -> list[Sheet]:
    """Return the further visible sheets of a workbook that have numbers, those with the most numbers first."""
    book = book_of(path, None)
    visible = [sheet for sheet in book.sheets if sheet.name not in book.hidden] if book else []
    small = [sheet for sheet in visible[1:] if len(sheet.rows) <= MOST_ROWS]
    numbers = {sheet.name: sum(is_number(cell) for row in sheet.rows for cell in row) for sheet in small}
    tables = [sheet for sheet in small if numbers[sheet.name] >= LEAST_NUMBERS]
    return sorted(tables, key=lambda sheet: -numbers[sheet.name])[:MOST_SHEETS]


def _names_of(path: Path) -> set[str]:
    book = book_of(path, None)
    return {key_of(sheet.name) for sheet in book.sheets} if book else set()


def _copy(path: Path, sheet: Sheet) -> Path:
    """Write one sheet to a workbook of the same name in a folder of its own."""
    copy = Path(mkdtemp(dir=scratch_folder())) / f"{path.stem}.xlsx"
    return write_sheets({sheet.name[:31]: sheet.rows}, copy)
