"""Split delimited text into rows with Python's own reader and integrade's limit for the longest cell.

``csv.field_size_limit`` applies to the whole process, and so also to the program that imports this package. The C
module behind ``csv`` keeps that limit separately in each instance of the module. So this file loads an instance of its
own.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from rawcells.bytes.bounds import MOST_FIELD


def _own_reader() -> Any:
    spec = importlib.util.find_spec("_csv")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.field_size_limit(MOST_FIELD)
    return module


_READER: Any = _own_reader()
CellError: type[Exception] = _READER.Error
"""Error for a cell with more than `MOST_FIELD` characters, and, with ``strict``, for unmatched quotes."""


class Reader(Protocol):
    """Iterator over the cells of each row; ``line_num``: number of lines read."""

    @property
    def line_num(self) -> int:
        """Return the number of lines read."""

    def __iter__(self) -> Iterator[list[str]]: ...

    def __next__(self) -> list[str]: ...


def rows_of_lines(lines: Iterable[str], separator: str, *, strict: bool = False) -> Reader:
    """Return the cells of each row of some lines. Raises `CellError` while it is iterated."""
    reader: Reader = _READER.reader(lines, delimiter=separator, strict=strict)
    return reader
