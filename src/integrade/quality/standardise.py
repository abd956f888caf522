"""Put quality on a common scale within its pool, for every measure of quality."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import narwhals as nw

from integrade.engine.exact import average, total
from integrade.engine.frames import Frame, collect, place, quantiles
from integrade.quality.scale import Scale

if TYPE_CHECKING:
    import polars as pl

POOLS = {"product": ("h",), "product_year": ("h", "t"), "all": ("everything",)}
LOW, HIGH = 0.01, 0.99  # of minmax_trim (METHODS 3.3); interpolated linearly, the same on every engine
EQUAL = 1e-9  # log points: qualities that differ by less count as equal, up to rounding; a convention


def standardise(rows: Frame, scale: Scale) -> Frame:
    """Add ``r``, the standardised ``x`` (ln quality), and ``clipped`` (0 or 1). Where x is missing, r is missing.

    r = (x - a) / b with a and b from the non-missing x of the pool. If all x of the pool are equal, r is missing or the
    middle of the scale (option ``alike``).
    """
    if scale.standardise == "none":
        return rows.with_columns(r=nw.col("x"), clipped=nw.lit(0))
    pool = POOLS[scale.pool]
    rows = rows.with_columns(everything=nw.lit(0)) if scale.pool == "all" else rows
    if scale.standardise == "rank":
        # rounded to the order of EQUAL, so that qualities that differ by rounding are tied
        here = nw.col("x").round(9).rank("average").over(*pool)
        rows = rows.with_columns(y=nw.when(~nw.col("x").is_null()).then(here))
    else:
        rows = rows.with_columns(y=nw.col("x"))
    if scale.standardise == "zscore":
        rows = rows.with_columns(centre=average(rows, nw.col("x"), pool))
    rows = rows.join(place(_ends(rows, scale, pool), rows), on=list(pool), how="left").with_columns(
        r=(nw.col("y") - nw.col("a")) / nw.col("b")
    )
    if scale.alike == "middle":
        middle = nw.lit(0.0 if scale.standardise == "zscore" else 0.5)
        equal = ~nw.col("x").is_null() & nw.col("r").is_null()
        rows = rows.with_columns(r=nw.when(equal).then(middle).otherwise(nw.col("r")))
    outside = nw.lit(0)
    if scale.standardise == "minmax_trim":
        beyond = (nw.col("x") < nw.col("a") - EQUAL) | (nw.col("x") > nw.col("a") + nw.col("b") + EQUAL)
        outside = nw.when(beyond).then(nw.lit(1)).otherwise(nw.lit(0))
    rows = rows.with_columns(clipped=outside)
    if scale.standardise.startswith("minmax"):
        r = nw.col("r")
        between = nw.when(r < 0).then(nw.lit(0.0)).otherwise(nw.when(r > 1).then(nw.lit(1.0)).otherwise(r))
        rows = rows.with_columns(r=between)
    return rows


def _ends(rows: Frame, scale: Scale, pool: Sequence[str]) -> pl.DataFrame:
    """Return a and b of every pool; b is missing if all x of the pool are equal."""
    import polars as pl

    x = nw.col("x")
    moments = [x.min().alias("low"), x.max().alias("high"), x.count().alias("n")]
    if scale.standardise == "zscore":
        apart = x - nw.col("centre")
        df = nw.when(x.count() > 1).then(x.count() - 1)
        moments += [nw.col("centre").max().alias("p"), (total(rows, apart * apart) / df).sqrt().alias("q")]
    ends = collect(rows.group_by(*pool).agg(*moments))
    if scale.standardise == "minmax_trim":
        by = [] if scale.pool == "all" else list(pool)
        percentiles = quantiles(rows, "x", by, (LOW, HIGH)).rename({"q0": "p", "q1": "q"})
        ends = ends.join(percentiles, on=by, how="left") if by else ends.with_columns(percentiles.get_columns())
    low, high, p, q = (pl.col(n) for n in ("low", "high", "p", "q"))
    match scale.standardise:
        case "minmax_trim":
            ends = ends.with_columns(a=p, b=q - p)
        case "minmax":
            ends = ends.with_columns(a=low, b=high - low)
        case "zscore":
            ends = ends.with_columns(a=p, b=q)
        case _:  # rank
            ends = ends.with_columns(a=pl.lit(1.0), b=pl.col("n") - 1.0)
    differ = (high - low > EQUAL) & (pl.col("b") > EQUAL)
    return ends.select(*pool, "a", b=pl.when(differ).then(pl.col("b")))
