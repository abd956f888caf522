"""Code customs keys as integers, so that every later step groups and joins on one number.

Columns are named by the letters of the paper: f firm, h product (HS code x unit), g variety, m destination, c customs
regime, t year.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from integrade.engine.frames import Frame, collect

if TYPE_CHECKING:
    import polars as pl

TEXT: Mapping[str, tuple[str, ...]] = {
    "f": ("firm",),
    "h": ("product", "unit"),
    "g": ("variety",),
    "m": ("destination",),
    "c": ("regime",),
}
LETTER: Mapping[str, str] = {"product": "h", "destination": "m", "year": "t"}
OPTIONAL = ("unit", "variety", "regime")  # may be missing: missing is a level
ORDER = "fhgmtc"  # letters of the key of a row, in the order by which results are sorted


def in_key_order(names: Collection[str]) -> list[str]:
    """Return the columns that belong to the key of a row, in the order by which results are sorted.

    Example:
        >>> in_key_order(["year", "industry", "product", "firm"])
        ['firm', 'product', 'year']
    """
    order = (name for letter in ORDER for name in (("year",) if letter == "t" else TEXT[letter]))
    return [name for name in order if name in names]


@dataclass(frozen=True)
class Coded:
    """Rows with integer keys: letters, v (value), q (quantity).

    ``levels`` has, by letter, a table with the text of every code; code i is in row i. ``sizes`` counts the levels by
    letter, with the years from ``first_year`` on.
    """

    frame: Frame
    levels: Mapping[str, pl.DataFrame]
    sizes: Mapping[str, int]
    first_year: int

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters of the key of a row."""
        return tuple(self.sizes)


def count_rows(frame: Frame) -> int:
    """Return the number of rows of a frame."""
    return int(collect(frame.select(n=nw.len())).item())


def joint(coded: Coded, letters: Sequence[str]) -> nw.Expr:
    """Return an expression for several codes as one number, in which the first letter is the most significant digit."""
    code = nw.col(letters[0])
    for letter in letters[1:]:
        code = code * coded.sizes[letter] + nw.col(letter)
    return code


def split(coded: Coded, letters: Sequence[str], code: NDArray[np.int64]) -> dict[str, NDArray[np.int64]]:
    """Return, by letter, the codes that `joint` combined into ``code``."""
    parts: dict[str, NDArray[np.int64]] = {}
    for letter in reversed(letters[1:]):
        parts[letter] = code % coded.sizes[letter]
        code = code // coded.sizes[letter]
    return {letters[0]: code} | parts


def with_code(levels: pl.DataFrame, letter: str) -> pl.DataFrame:
    """Number the levels by their row, in the column ``letter``."""
    import polars as pl

    return levels.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias(letter))
