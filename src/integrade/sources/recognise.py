"""A file whose columns are not found may be that of a known source: the error says which."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from integrade.errors import IntegradeError, MissingColumn, Problems, option
from integrade.sources.readers import File, read_raw
from integrade.sources.reading import Reading
from integrade.sources.recipe import looks_like


@contextmanager
def recognising(files: Sequence[File], table: str, options: Reading) -> Iterator[None]:
    """Add the sources that a file looks like to the remedy of a missing column, where no source was named."""
    try:
        yield
    except IntegradeError as problem:
        found = problem.problems if isinstance(problem, Problems) else (problem,)
        missing = next((one for one in found if isinstance(one, MissingColumn)), None)
        if missing is not None and options.source is None:
            bare = Reading(encoding=options.encoding, sheet=options.sheet)
            sources = looks_like(table, read_raw(files, engine="polars", options=bare, table="headings").columns)
            if sources:
                seems = f"it looks like a file of {' or '.join(sources)}: {option('source', sources[0])}"
                missing.remedy = f"{seems}; {missing.remedy}"
        raise
