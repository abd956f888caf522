"""Rank texts that a dictionary numbers."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray


def ranked(values: pl.Series) -> tuple[NDArray[np.intp], pl.Series]:
    """Ranks (n,) of texts that a dictionary numbers, by code point among those in use; these in their order.

    Missing values are not allowed.
    """
    number, found = values.to_physical(), values.unique()
    texts = found.cast(pl.String)
    order = texts.arg_sort()
    rank = np.zeros(int(number.max() or 0) + 1, dtype=np.intp)  # type: ignore[arg-type]
    rank[found.to_physical().gather(order).to_numpy()] = np.arange(len(found))
    return rank[number.to_numpy()], texts.gather(order)
