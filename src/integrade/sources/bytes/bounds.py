"""Bound what a file may expand to by its size: a small file that would need much memory is refused in advance.

Every reader uses these bounds. No table written by a statistics office or accounting software exceeds them. The values
are conventions unless a reason is given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from integrade.errors import Unreadable

MOST_CELLS = 40_000_000
"""Most cells of a sheet."""
FREE_CELLS = 1_000_000
"""Cells that any sheet may have, however small its file."""
MOST_COLUMNS = 16_384
"""Most columns of a table, as in Excel."""
FREE_BYTES = 1 << 28
"""Bytes that any file may unpack to."""
LONGEST_NAME = 32_767
"""Most characters of a heading, as in a cell of Excel."""
MOST_RATIO = 100
"""Largest ratio of unpacked to packed size of larger files; tables of statistics reach 20."""
MOST_LINE = 1 << 26
"""Most bytes of a line, and of the lines between a quote and the next."""
MOST_FIELD = 1 << 24
"""Most characters of a text cell."""
MOST_DIGITS = 38
"""Most digits of a decimal, as in 128 bits."""
CELLS_OF_BYTE = 10_000
"""Most cells for each byte of a Parquet file: columns of one value take almost no space."""


def most_cells(size: int) -> int:
    """Return the most cells for a sheet of a file of ``size`` unpacked bytes: each cell takes at least one byte.

    Example:
        >>> most_cells(1000), most_cells(10**9)
        (1001000, 40000000)
    """
    return min(MOST_CELLS, FREE_CELLS + size)


def beyond(path: Path, what: str, bound: str, remedy: str) -> Unreadable:
    """Build the error with what a file needs, the bound, and what to do."""
    return Unreadable(f"{path.name} {what}; {bound} are the most that is read", where=str(path), remedy=remedy)


@dataclass
class Work:
    """Amount of work that a file may take (characters, tokens), counted as it is done."""

    path: Path
    most: int
    taken: int = 0

    def allow(self, more: int) -> None:
        """Allow more, for a part of the file that is about to be read."""
        self.most += more

    def take(self, many: int, what: str, remedy: str) -> None:
        """Count work requested by ``what``. Raises `Unreadable` if it exceeds what the size of the file allows."""
        self.taken += many
        if self.taken > self.most:
            raise beyond(
                self.path, f"expands to far more text than it has: {what}", f"{self.most:,} characters", remedy
            )


def check_columns(path: Path, names: Sequence[object]) -> None:
    """Refuse a table with too many columns, or with a heading that is too long. Raises `Unreadable`."""
    longest = max((len(name) for name in names if isinstance(name, str)), default=0)
    if longest > LONGEST_NAME:
        what = f"has a heading of {longest:,} characters"
        raise beyond(path, what, f"{LONGEST_NAME:,}", "write a name of its column there")
    if len(names) > MOST_COLUMNS:
        raise beyond(path, f"has {len(names):,} columns", f"{MOST_COLUMNS:,}", "write it with a row for each value")


def check_digits(path: Path, digits: Mapping[str, int]) -> None:
    """Refuse decimals, given by column, with more digits than the engines can compute with. Raises `Unreadable`."""
    for name, many in digits.items():
        if many > MOST_DIGITS:
            remedy = "write that column as float64, or as a decimal of fewer digits"
            raise beyond(path, f"has decimals of {many} digits in {name!r}", f"{MOST_DIGITS}", remedy)


def check_unpacked(path: Path, packed: int, unpacked: int) -> None:
    """Refuse a packed file that unpacks to far more than its size. Raises `Unreadable`."""
    most = max(FREE_BYTES, MOST_RATIO * packed)
    if unpacked > most:
        bound = f"{most:,} bytes for its {packed:,}"
        raise beyond(path, f"unpacks to {unpacked:,} bytes or more", bound, "unpack it and read what is in it")


def check_cells(path: Path, rows: int, columns: int, most: int) -> None:
    """Refuse a typed file that declares more cells than its bytes can hold. Raises `Unreadable`."""
    if rows * columns > most:
        what = f"says it has {rows:,} rows of {columns:,} columns"
        raise beyond(path, what, f"{most:,} cells for its {path.stat().st_size:,} bytes", "fetch or write it again")
