"""Define the columns of a result by customs row, computed from arranged rows."""

from __future__ import annotations

import polars as pl

from integrade.quality.arranged import Arranged
from integrade.quality.coding import OPTIONAL
from integrade.quality.sigma import IMPOSED
from integrade.records.schema import TABLES


def columns_of(rows: Arranged, sources: pl.Series | None) -> dict[str, pl.Expr]:
    """Return column -> expression in the order of the result, computed from letters, v, q, sigma, residual and r.

    ``sources``: the source of each product's sigma (H,); None if sigma is one imposed number.
    """
    texts = {
        name: pl.lit(levels[name]).gather(pl.col(letter))
        for letter, levels in rows.levels.items()
        for name in levels.columns
    }
    blank = {name: pl.when(texts[name] != "").then(texts[name]) for name in OPTIONAL if name in texts}
    residual, sigma = pl.col("residual"), pl.col("sigma")
    columns = {
        **texts,
        **blank,
        "year": pl.col("t") + rows.first_year,
        "value": pl.col("v"),
        "quantity": pl.col("q"),
        "ln_price": pl.col("v").log() - pl.col("q").log(),
        "residual": residual.fill_nan(None),
        "ln_quality": (residual / (sigma - 1)).fill_nan(None),
        "quality": pl.col("r").fill_nan(None),
        "sigma": sigma.fill_nan(None),
        "sigma_source": source_of(sources),
    }
    names = dict.fromkeys([*(name for name in TABLES["customs"].key if name in columns), *columns])
    return {name: columns[name] for name in names}


def source_of(sources: pl.Series | None) -> pl.Expr:
    """Return an expression for the source of the sigma of a row's product h."""
    return pl.lit(IMPOSED) if sources is None else pl.lit(sources).gather(pl.col("h"))
