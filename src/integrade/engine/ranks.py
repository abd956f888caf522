"""Rank texts that are stored as codes of a dictionary."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray


def ranked(values: pl.Series) -> tuple[NDArray[np.intp], pl.Series]:
    """Return the ranks (n,) of categorical texts, and the sorted texts (by code point) to which the ranks refer.

    Missing values are not allowed.
    """
    number, levels = values.to_physical(), values.unique()
    texts = levels.cast(pl.String)
    order = texts.arg_sort()
    rank = np.zeros(int(number.max() or 0) + 1, dtype=np.intp)  # type: ignore[arg-type]
    rank[levels.to_physical().gather(order).to_numpy()] = np.arange(len(levels))
    return rank[number.to_numpy()], texts.gather(order)
