"""Turn rows of cells into a table with typed columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import polars as pl

from rawcells.cells.grid import WHOLE, Cell, Row, text_of


def frame_of(names: Sequence[str], rows: Iterable[Row]) -> pl.DataFrame:
    """Build a table from rows and column names, without blank rows.

    Columns with neither a name nor a filled cell are left out too. A column of numbers stays numeric; any other column
    becomes text. Whole numbers become integers if all whole numbers of the column are exact. Otherwise the column stays
    real, so that it cannot be used as codes.
    """
    body = [row for row in rows if any(c is not None for c in row)]
    keep = [
        j
        for j, name in enumerate(names)
        if not re.fullmatch(r"column_\d+", name) or any(row[j] is not None for row in body)
    ]
    return pl.DataFrame([_series(names[j], [row[j] for row in body]) for j in keep])


def _series(name: str, cells: list[Cell]) -> pl.Series:
    there = [c for c in cells if c is not None]
    if there and all(isinstance(c, int | float) and not isinstance(c, bool) for c in there):
        whole = all(float(c).is_integer() and abs(c) < WHOLE for c in there if isinstance(c, int | float))
        numbers = [float(c) if isinstance(c, int | float) else None for c in cells]
        return pl.Series(name, numbers, dtype=pl.Float64).cast(pl.Int64 if whole else pl.Float64)
    if there and all(isinstance(c, bool) for c in there):
        return pl.Series(name, cells, dtype=pl.Boolean)
    texts = [None if c is None else str(c).strip() if isinstance(c, str) else text_of(c) for c in cells]
    return pl.Series(name, texts, dtype=pl.String)
