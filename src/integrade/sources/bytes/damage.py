"""What parsers of other libraries raise about damaged files, as one coded error that names the file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from integrade.errors import IntegradeError, Unreadable

OURS = (IntegradeError, UnicodeDecodeError, KeyboardInterrupt, SystemExit, GeneratorExit)
"""What passes through: explained already, decided by the caller, or no failure of the file."""


@contextmanager
def parsing(path: Path, what: str, remedy: str) -> Iterator[None]:
    """Turn anything a parser raises about a file into `Unreadable`.

    Parsers written in Rust answer some damaged bytes with a panic, which is no `Exception`; hence the wide net.
    """
    try:
        yield
    except OURS:
        raise
    except BaseException as problem:
        said = (str(problem).strip().splitlines() or [""])[0][:200]
        said = "it is nested too deep" if isinstance(problem, RecursionError) else said
        raise Unreadable(
            f"{path.name} cannot be read{what and ' as '}{what}: {said or type(problem).__name__}",
            where=str(path),
            remedy=remedy,
        ) from None
