"""Code customs keys as integers, so that every later step groups and joins on one number.

Columns are named by the letters of the paper: f firm, h product (HS code x unit), g variety, m destination, c customs
regime, t year.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import narwhals as nw

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


def count_rows(frame: Frame) -> int:
    """Return the number of rows of a frame."""
    return int(collect(frame.select(n=nw.len())).item())


def with_code(levels: pl.DataFrame, letter: str) -> pl.DataFrame:
    """Number the levels by their row, in the column ``letter``."""
    import polars as pl

    return levels.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias(letter))
