"""Limit what a file may expand to by its size, so that a small file that would need much memory is refused in advance.

Every reader uses these bounds. Tables written by statistics offices or accounting software stay below them. The values
are conventions, unless a reason is given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rawcells.errors import Unreadable

MOST_CELLS = 40_000_000
"""Largest number of cells of a sheet."""
FREE_CELLS = 1_000_000
"""Number of cells that any sheet may have, however small its file is."""
MOST_ROWS = 1 << 20
"""Largest number of rows of an .xlsx whose rows state no number, and so are counted: the limit of Excel."""
MOST_COLUMNS = 16_384
"""Largest number of columns of a table: the limit of Excel."""
FREE_BYTES = 1 << 28
"""Number of bytes to which any file may unpack."""
FREE_BOOK = 1 << 26
"""Number of bytes to which any .xlsx may unpack.

It is smaller, because a cell of few bytes takes far more memory once it is read.
"""
LONGEST_NAME = 32_767
"""Largest number of characters of a heading: the limit of Excel for a cell."""
MOST_RATIO = 100
"""A file that unpacks to more than `FREE_BYTES` (an .xlsx: `FREE_BOOK`) may have at most this ratio of sizes.

Tables of statistics reach 20. A sheet whose cells state their addresses reaches 10 with equal numbers, and 90 with
equal long texts.
"""
MOST_LINE = 1 << 26
"""Largest number of bytes of a line, and of the lines between two quotes."""
MOST_FIELD = 1 << 24
"""Largest number of characters of a cell of text."""
MOST_DIGITS = 38
"""Largest number of digits of a decimal, which fits into 128 bits."""
CELLS_OF_BYTE = 10_000
"""Largest number of cells for each byte of a Parquet file; large because columns of one value take almost no space."""


def most_cells(size: int) -> int:
    """Return the largest number of cells of a sheet in a file of ``size`` unpacked bytes; a cell takes at least a byte.

    Example:
        >>> most_cells(1000), most_cells(10**9)
        (1001000, 40000000)
    """
    return min(MOST_CELLS, FREE_CELLS + size)


def beyond(path: Path, what: str, bound: str, remedy: str) -> Unreadable:
    """Build the error with what a file would need, the limit, and what the user can do."""
    return Unreadable(f"{path.name} {what}; at most {bound} are read", where=str(path), remedy=remedy)


@dataclass
class Work:
    """Work (characters, tokens) that the reading of a file may take, counted while the file is read."""

    path: Path
    most: int
    taken: int = 0

    def allow(self, more: int) -> None:
        """Allow more work, for a part of the file that will be read next."""
        self.most += more

    def take(self, many: int, what: str, remedy: str) -> None:
        """Count work that ``what`` needs. Raises `Unreadable` if it exceeds what the size of the file allows."""
        self.taken += many
        if self.taken > self.most:
            raise beyond(
                self.path, f"expands to far more text than it contains: {what}", f"{self.most:,} characters", remedy
            )


def check_columns(path: Path, names: Sequence[object]) -> None:
    """Refuse a table with too many columns, or with a heading that is too long. Raises `Unreadable`."""
    longest = max((len(name) for name in names if isinstance(name, str)), default=0)
    if longest > LONGEST_NAME:
        what = f"has a heading of {longest:,} characters"
        raise beyond(path, what, f"{LONGEST_NAME:,}", "write a column name there")
    if len(names) > MOST_COLUMNS:
        raise beyond(path, f"has {len(names):,} columns", f"{MOST_COLUMNS:,}", "write it with a row for each value")


def check_digits(path: Path, digits: Mapping[str, int]) -> None:
    """Refuse decimal columns with more digits than the engines can compute with.

    ``digits`` gives the number of digits by column. Raises `Unreadable`.
    """
    for name, many in digits.items():
        if many > MOST_DIGITS:
            remedy = "write that column as float64, or as a decimal of fewer digits"
            raise beyond(path, f"has decimals of {many} digits in {name!r}", f"{MOST_DIGITS}", remedy)


def check_unpacked(path: Path, packed: int, unpacked: int, free: int | None = None) -> None:
    """Refuse a packed file that unpacks to far more than its size. Raises `Unreadable`.

    ``free``: the number of bytes to which it may unpack however small it is; `FREE_BYTES` if it is None.
    """
    most = max(FREE_BYTES if free is None else free, MOST_RATIO * packed)
    if unpacked > most:
        bound = f"{most:,} bytes for its {packed:,}"
        raise beyond(path, f"unpacks to {unpacked:,} bytes or more", bound, "unpack it and read its files")


def check_cells(path: Path, rows: int, columns: int, most: int) -> None:
    """Refuse a typed file that declares more cells than its bytes can hold. Raises `Unreadable`."""
    if rows * columns > most:
        what = f"declares {rows:,} rows of {columns:,} columns"
        raise beyond(path, what, f"{most:,} cells for its {path.stat().st_size:,} bytes", "fetch or write it again")
