"""One-to-many conflicts: of the pairs that compete for a record, the one with the best claim, and none on a tie."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

KEPT, BEATEN, TIED = "kept", "gave way to a pair that agrees in more", "tied with another pair"


def resolve(pairs: pl.DataFrame, claim: Sequence[str], *, share_right: bool = False) -> pl.DataFrame:
    """The pairs of records ``left`` and ``right`` (numbers) with a column ``fate``: kept, gave way, or tied.

    ``claim`` are columns in order of weight, larger being better. A pair is kept when it is the only best one of both
    its records; the records it takes are gone, and the rest is settled in the same way until nothing changes. What is
    left then are ties. With ``share_right`` a record on the right may be taken by several on the left.
    """
    rest = pairs.select("left", "right", _claim=pl.struct(claim).rank("dense")).with_row_index("_pair")
    best = _best("left") if share_right else _best("left") & _best("right")
    fate = np.full(pairs.height, BEATEN, dtype=object)
    while rest.height:
        won = rest.filter(best)
        if not won.height:
            break
        fate[won["_pair"].to_numpy()] = KEPT
        rest = rest.join(won, on="left", how="anti")
        rest = rest if share_right else rest.join(won, on="right", how="anti")
    fate[rest["_pair"].to_numpy()] = TIED
    return pairs.with_columns(fate=pl.Series(fate.tolist(), dtype=pl.String))


def _best(side: str) -> pl.Expr:
    """Pairs with the best claim on their record, and alone with it."""
    top = pl.col("_claim") == pl.col("_claim").max().over(side)
    return top & (top.cast(pl.Int64).sum().over(side) == 1)
