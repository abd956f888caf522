"""Turn errors that other libraries' parsers raise about damaged files into one coded error that names the file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from plainwords.errors import ExplainedError
from rawcells.errors import Unreadable

OURS = (ExplainedError, UnicodeDecodeError, KeyboardInterrupt, SystemExit, GeneratorExit)
"""Exceptions that are not changed: they are explained already, come from the caller, or are no failure of the file."""


@contextmanager
def parsing(path: Path, what: str, remedy: str) -> Iterator[None]:
    """Turn anything that a parser raises about a file into `Unreadable`.

    `BaseException` is caught, because parsers written in Rust answer some damaged bytes with a panic, which is not an
    `Exception`.
    """
    try:
        yield
    except OURS:
        raise
    except BaseException as problem:
        message = (str(problem).strip().splitlines() or [""])[0][:200]
        message = "it is nested too deep" if isinstance(problem, RecursionError) else message
        raise Unreadable(
            f"{path.name} cannot be read{what and ' as '}{what}: {message or type(problem).__name__}",
            where=str(path),
            remedy=remedy,
        ) from None
