"""Resolve one-to-many conflicts: among pairs that compete for a record, keep the best pair; on a tie, keep none."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

KEPT, BEATEN, TIED = "kept", "discarded in favour of a better match", "tied with another pair"

Whole = npt.NDArray[np.int64]


def resolve(pairs: pl.DataFrame, claim: Sequence[str], *, share_right: bool = False) -> pl.DataFrame:
    """Add the column ``fate`` to pairs of records ``left`` and ``right`` (numbers): kept, gave way, or tied.

    ``claim`` are columns in order of importance; larger values are better. A pair is kept if it is the only best pair
    of both its records. Then all pairs with these records are removed, and the other pairs are settled in the same way
    until nothing changes. Pairs that remain are ties. With ``share_right`` several records on the left may share one on
    the right.
    """
    left, right = (pairs[side].to_numpy().astype(np.int64) for side in ("left", "right"))
    worth = pairs.select(pl.struct(claim).rank("dense").cast(pl.Int64)).to_series().to_numpy()
    fate = np.full(pairs.height, 1)
    taken = np.zeros(int(left.max(initial=0)) + 1, bool), np.zeros(int(right.max(initial=0)) + 1, bool)
    remaining = np.arange(pairs.height)
    while remaining.size:
        won = _best(left[remaining], worth[remaining])
        if not share_right:
            won &= _best(right[remaining], worth[remaining])
        if not won.any():
            break
        kept = remaining[won]
        fate[kept] = 0
        taken[0][left[kept]] = taken[1][right[kept]] = True
        gone = taken[0][left[remaining]] if share_right else taken[0][left[remaining]] | taken[1][right[remaining]]
        remaining = remaining[~gone]
    fate[remaining] = 2
    names = pl.Series([KEPT, BEATEN, TIED])
    return pairs.with_columns(fate=names.gather(fate))


def _best(record: Whole, worth: Whole) -> npt.NDArray[np.bool_]:
    """Mark pairs that are the only best pair of their record."""
    top = np.zeros(int(record.max()) + 1, np.int64)
    np.maximum.at(top, record, worth)
    best = worth == top[record]
    return np.asarray(best & (np.bincount(record[best], minlength=len(top))[record] == 1))
