"""Collect the problems of many files: if reading them together fails, each file is read separately."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TypeVar

from integrade.errors import (
    IntegradeError,
    MissingColumn,
    NoCluster,
    NothingKept,
    Problems,
    SessionLost,
    UnknownColumn,
    laid_as,
    mapped_as,
    option,
)
from integrade.records.schema import TABLES
from integrade.sources.meaning.periods import period_in_name
from integrade.sources.meaning.recipe import plain
from integrade.sources.origins.addresses import Address
from plainwords.account import Entry, carrying_nothing
from plainwords.texts import listed, say

File = Path | Address
Result = TypeVar("Result")
MOST_NAMED = 6
"""Largest number of columns, files or headings that a warning names. A convention."""


def every_problem(files: Sequence[File], read: Callable[[list[File]], Result]) -> Result:
    """Return the result of ``read`` for all files together.

    If that fails, every file is read separately, and then all files without a problem of their own are read together.
    One error thus reports all problems. If no column has the year and the name of each file does, the remedy says how
    to take it from there. Raises what ``read`` raises; several problems are raised as `Problems`.
    """
    try:
        return _each_problem(files, read)
    except IntegradeError as raised:
        if _named_after_years(files):
            for problem in raised.problems if isinstance(raised, Problems) else (raised,):
                if isinstance(problem, MissingColumn) and problem.column == "year":
                    taken = laid_as({"files": "year"})
                    problem.remedy = f"{taken} takes the year from the names of the files; or {problem.remedy}"
        raise


def _named_after_years(files: Sequence[File]) -> bool:
    """Return whether the name of each file contains one year or month, as the layout ``files = "year"`` requires."""
    return all(isinstance(file, Path) and bool(period_in_name(file.name.split(".")[0])) for file in files)


def _each_problem(files: Sequence[File], read: Callable[[list[File]], Result]) -> Result:
    try:
        return read(list(files))
    except IntegradeError as together:
        # A problem of usage (exit code 2) concerns all files, unless it names one (an unknown kind of file).
        # A lost or refusing cluster concerns all files too, and each question to it takes seconds.
        of_all = isinstance(together, NoCluster | SessionLost) or (together.exit_code == 2 and not together.file)
        if len(files) < 2 or of_all:
            raise
        problems, good = [], list[File]()
        for file in files:
            own = _problems(lambda file=file: read([file]))  # type: ignore[misc]
            if lost := next((problem for problem in own if isinstance(problem, NoCluster | SessionLost)), None):
                raise lost from None
            problems += own
            good += [] if own else [file]
        if problems and len(good) > 1:
            problems += _problems(lambda: read(good))
        if not problems:
            raise
        raise problems[0] if len(problems) == 1 else Problems(problems) from None


def _problems(read: Callable[[], object]) -> list[IntegradeError]:
    """Return the problems of reading one file, except for columns and rows that may be in other files."""
    try:
        with carrying_nothing():
            read()
    except (Problems, IntegradeError) as raised:
        listed = raised.problems if isinstance(raised, Problems) else (raised,)
        return [p for p in listed if not isinstance(p, UnknownColumn | NothingKept)]
    return []


def require_everywhere(sources: Sequence[str], columns: Sequence[Sequence[str]], table: str) -> None:
    """Refuse a file that lacks a required column which another file has, because the rows would be lost."""
    required = [c.name for c in TABLES[table].columns if c.required] if table in TABLES else []
    lack = [
        (source, c)
        for source, names in zip(sources, columns, strict=True)
        for c in required
        if c not in names and any(c in names_of_file for names_of_file in columns)
    ]
    if lack:
        listed = "; ".join(f"{source}: {column}" for source, column in lack[:5])
        raise MissingColumn(
            f"{len(lack)} columns of {table} are in some files only",
            example=listed,
            remedy=f"map the column of each with {option('column')}, or leave them out",
        )


def partly_missing(
    sources: Sequence[str], columns: Sequence[Sequence[str]], table: str, wanted: Collection[str]
) -> list[Entry]:
    """Warn about columns that only some of the files have: in the rows of the others they are empty.

    ``wanted``: the columns that are looked for. Columns that the same files lack are one warning. It names headings
    that only these files have, apart from a unit in brackets: one of them may be the column under another name.
    """
    lacking: dict[tuple[str, ...], list[str]] = {}
    for column in dict.fromkeys(name for names in columns for name in names if name in wanted):
        lack = tuple(source for source, names in zip(sources, columns, strict=True) if column not in names)
        if lack:
            lacking.setdefault(lack, []).append(column)
    return [_partly(lack, missing, sources, columns, table, wanted) for lack, missing in lacking.items()]


def _partly(
    lack: Sequence[str],
    missing: Sequence[str],
    sources: Sequence[str],
    columns: Sequence[Sequence[str]],
    table: str,
    wanted: Collection[str],
) -> Entry:
    of_files = list(zip(sources, columns, strict=True))
    elsewhere = {plain(name) for source, names in of_files if source not in lack for name in names}
    alone = [name for source, names in of_files if source in lack for name in names]
    headings = [name for name in dict.fromkeys(alone) if plain(name) not in elsewhere and name not in wanted]
    given: dict[str, str | int] = {
        "columns": listed([repr(name) for name in missing[:MOST_NAMED]], "comma"),
        "n": len(lack),
        "all": len(sources),
        "files": listed([*lack[:MOST_NAMED], *(["..."] if len(lack) > MOST_NAMED else [])], "comma"),
    }
    if not headings:
        return Entry("read", table, "warning", say("sources.partly-missing", **given), 0)
    only = listed([repr(name) for name in headings[:MOST_NAMED]], "comma")
    reason = say("sources.partly-missing-perhaps", **given, headings=only, option=mapped_as(missing[0], headings[0]))
    return Entry("read", table, "warning", reason, 0)
