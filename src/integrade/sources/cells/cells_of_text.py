"""Rows of delimited text with Python's own reader, whose longest cell is ours and nobody else's.

``csv.field_size_limit`` holds for a whole process, and so for the program that this package is imported by. The reader
behind ``csv`` keeps that limit for each instance of its module, so this is an instance of its own.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from integrade.sources.bytes.bounds import MOST_FIELD


def _own_reader() -> Any:
    spec = importlib.util.find_spec("_csv")
    assert spec
    assert spec.loader
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    made.field_size_limit(MOST_FIELD)
    return made


_READER: Any = _own_reader()
CellError: type[Exception] = _READER.Error
"""What is raised of a cell beyond `MOST_FIELD` characters, and of quotes that do not fit where ``strict``."""


class Reader(Protocol):
    """The cells of each row; ``line_num``: how many lines were read."""

    @property
    def line_num(self) -> int:
        """How many lines were read."""

    def __iter__(self) -> Iterator[list[str]]: ...

    def __next__(self) -> list[str]: ...


def rows_of_lines(lines: Iterable[str], separator: str, *, strict: bool = False) -> Reader:
    """The cells of each row of some lines. Raises `CellError` as it is read."""
    found: Reader = _READER.reader(lines, delimiter=separator, strict=strict)
    return found
