"""What a result by customs rows shows of arranged rows."""

from __future__ import annotations

import polars as pl

from integrade.quality.arranged import Arranged
from integrade.quality.coding import OPTIONAL
from integrade.quality.sigma import IMPOSED
from integrade.records.schema import TABLES


def columns_of(rows: Arranged, sources: pl.Series | None) -> dict[str, pl.Expr]:
    """The columns, in their order, of letters, v, q, sigma, residual and r.

    ``sources``: where the sigma of each product comes from (H,); None for a number that was imposed.
    """
    texts = {
        name: pl.lit(levels[name]).gather(pl.col(letter))
        for letter, levels in rows.levels.items()
        for name in levels.columns
    }
    blank = {name: pl.when(texts[name] != "").then(texts[name]) for name in OPTIONAL if name in texts}
    own, by = pl.col("residual"), pl.col("sigma")
    columns = {
        **texts,
        **blank,
        "year": pl.col("t") + rows.first_year,
        "value": pl.col("v"),
        "quantity": pl.col("q"),
        "ln_price": pl.col("v").log() - pl.col("q").log(),
        "residual": own.fill_nan(None),
        "ln_quality": (own / (by - 1)).fill_nan(None),
        "quality": pl.col("r").fill_nan(None),
        "sigma": by.fill_nan(None),
        "sigma_source": source_of(sources),
    }
    names = dict.fromkeys([*(name for name in TABLES["customs"].key if name in columns), *columns])
    return {name: columns[name] for name in names}


def source_of(sources: pl.Series | None) -> pl.Expr:
    """Where the sigma of a row's product h comes from."""
    return pl.lit(IMPOSED) if sources is None else pl.lit(sources).gather(pl.col("h"))
