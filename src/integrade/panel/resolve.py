"""One-to-many conflicts: of the pairs that compete for a record, the one with the best claim, and none on a tie."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

KEPT, BEATEN, TIED = "kept", "discarded in favour of a better match", "tied with another pair"

Whole = npt.NDArray[np.int64]


def resolve(pairs: pl.DataFrame, claim: Sequence[str], *, share_right: bool = False) -> pl.DataFrame:
    """The pairs of records ``left`` and ``right`` (numbers) with a column ``fate``: kept, gave way, or tied.

    ``claim`` are columns in order of weight, larger being better. A pair is kept when it is the only best one of both
    its records; the records it takes are gone, and the rest is settled in the same way until nothing changes. What is
    left then are ties. With ``share_right`` a record on the right may be taken by several on the left.
    """
    left, right = (pairs[side].to_numpy().astype(np.int64) for side in ("left", "right"))
    worth = pairs.select(pl.struct(claim).rank("dense").cast(pl.Int64)).to_series().to_numpy()
    fate = np.full(pairs.height, 1)
    taken = np.zeros(int(left.max(initial=0)) + 1, bool), np.zeros(int(right.max(initial=0)) + 1, bool)
    rest = np.arange(pairs.height)
    while rest.size:
        won = _best(left[rest], worth[rest])
        if not share_right:
            won &= _best(right[rest], worth[rest])
        if not won.any():
            break
        kept = rest[won]
        fate[kept] = 0
        taken[0][left[kept]] = taken[1][right[kept]] = True
        gone = taken[0][left[rest]] if share_right else taken[0][left[rest]] | taken[1][right[rest]]
        rest = rest[~gone]
    fate[rest] = 2
    names = pl.Series([KEPT, BEATEN, TIED])
    return pairs.with_columns(fate=names.gather(fate))


def _best(record: Whole, worth: Whole) -> npt.NDArray[np.bool_]:
    """Pairs with the best claim on their record, and alone with it."""
    top = np.zeros(int(record.max()) + 1, np.int64)
    np.maximum.at(top, record, worth)
    best = worth == top[record]
    return np.asarray(best & (np.bincount(record[best], minlength=len(top))[record] == 1))
