"""Every problem of many files at once: when reading them together fails, each is read by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from integrade.errors import IntegradeError, MissingColumn, NothingKept, Problems, UnknownColumn, option
from integrade.records.schema import TABLES
from integrade.sources.bytes.addresses import Address
from integrade.wording.account import carrying_nothing

File = Path | Address
Result = TypeVar("Result")


def every_problem(files: Sequence[File], read: Callable[[list[File]], Result]) -> Result:
    """What ``read`` makes of the files together.

    When that fails, every file is read by itself, and so are together those without a problem of their own, so that
    one error tells all. Raises what ``read`` raises; several problems as `Problems`.
    """
    try:
        return read(list(files))
    except IntegradeError as together:
        if len(files) < 2 or (together.exit_code == 2 and not _of_a_file(together)):
            raise
        found, good = [], list[File]()
        for file in files:
            own = _problems(lambda file=file: read([file]))  # type: ignore[misc]
            found += own
            good += [] if own else [file]
        if found and len(good) > 1:
            found += _problems(lambda: read(good))
        if not found:
            raise
        raise found[0] if len(found) == 1 else Problems(found) from None


def _of_a_file(problem: IntegradeError) -> bool:
    """Whether a problem of usage may be that of one file alone: a kind that is not known."""
    return bool(problem.file)


def _problems(read: Callable[[], object]) -> list[IntegradeError]:
    """What reading raises; columns and rows that only other files have are no problem of a single one."""
    try:
        with carrying_nothing():
            read()
    except (Problems, IntegradeError) as raised:
        listed = raised.problems if isinstance(raised, Problems) else (raised,)
        return [p for p in listed if not _only_elsewhere(p)]
    return []


def _only_elsewhere(problem: IntegradeError) -> bool:
    return isinstance(problem, UnknownColumn | NothingKept)


def require_everywhere(sources: Sequence[str], columns: Sequence[Sequence[str]], table: str) -> None:
    """Refuse a file without a column that the table must have and another file has: its rows would vanish."""
    required = [c.name for c in TABLES[table].columns if c.required] if table in TABLES else []
    lack = [
        (source, c)
        for source, own in zip(sources, columns, strict=True)
        for c in required
        if c not in own and any(c in other for other in columns)
    ]
    if lack:
        listed = "; ".join(f"{source}: {column}" for source, column in lack[:5])
        raise MissingColumn(
            f"{len(lack)} columns of {table} are in some files only",
            example=listed,
            remedy=f"map the column of each with {option('column')}, or leave them out",
        )
