"""Rank texts that a dictionary numbers."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray


def ranked(values: pl.Series) -> tuple[NDArray[np.intp], pl.Series]:
    """Return ranks (n,) of categorical texts by code point among the values in use, and these values in order.

    Missing values are not allowed.
    """
    number, levels = values.to_physical(), values.unique()
    texts = levels.cast(pl.String)
    order = texts.arg_sort()
    rank = np.zeros(int(number.max() or 0) + 1, dtype=np.intp)  # type: ignore[arg-type]
    rank[levels.to_physical().gather(order).to_numpy()] = np.arange(len(levels))
    return rank[number.to_numpy()], texts.gather(order)
