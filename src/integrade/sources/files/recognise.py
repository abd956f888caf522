"""Recognise files that need the recipe of a known source, and name that source in the error."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from integrade.errors import IntegradeError, MissingColumn, Problems, option
from integrade.sources.files.readers import read_raw
from integrade.sources.files.reading import Reading
from integrade.sources.files.selection import File
from integrade.sources.meaning.recipe import looks_like


@contextmanager
def recognising(
    files: Sequence[File], table: str, options: Reading, with_source: Callable[[str], object]
) -> Iterator[None]:
    """Add to the remedy of the first problem the source that a file looks like, if the user named no source.

    If the problem is missing columns, matching headings are enough. For other problems, ``with_source`` must be able to
    read the file too.
    """
    try:
        yield
    except IntegradeError as problem:
        problems = problem.problems if isinstance(problem, Problems) else (problem,)
        missing = next((one for one in problems if isinstance(one, MissingColumn)), None)
        if options.source is None:
            sources = _alike(files, table, options)
            if missing is None:
                sources = [one for one in sources[:1] if _reads(with_source, one)]
            if sources:
                first = missing or problems[0]
                seems = f"it looks like a file of {' or '.join(sources)}: {option('source', sources[0])}"
                first.remedy = f"{seems}; {first.remedy}" if first.remedy else seems
        raise


def _alike(files: Sequence[File], table: str, options: Reading) -> list[str]:
    bare = Reading(encoding=options.encoding, sheet=options.sheet)
    try:
        return looks_like(table, read_raw(files, engine="polars", options=bare, table="headings").columns)
    except IntegradeError:
        return []


def _reads(with_source: Callable[[str], object], source: str) -> bool:
    try:
        with_source(source)
    except IntegradeError:
        return False
    return True
