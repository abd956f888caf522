"""Compute the demand of every row, and ln quality from its residual (METHODS 3.2)."""

from __future__ import annotations

import numpy as np
import polars as pl

from integrade.quality.arranged import Arranged
from integrade.quality.products import Elasticity
from integrade.quality.scale import Scale
from integrade.quality.segments import Vector
from integrade.quality.sigma import IMPOSED


def demand(rows: Arranged, sigma: Vector, elasticity: Elasticity | None = None) -> Vector:
    """Return y = ln q + sigma ln p = sigma ln v - (sigma - 1) ln q (n,), less phi ln GDP if home GDP is given.

    ``sigma`` is by product (H,).
    """
    y = rows.numbers()
    home = None if elasticity is None else elasticity.home
    phi = sigma if elasticity is None or home is None else elasticity.by_product("phi", rows.products)

    def block(low: int, high: int) -> None:
        at, n = rows.block(low, high), np.diff(rows.starts[low : high + 1])
        e = np.repeat(sigma[low:high], n)
        y[at] = e * np.log(rows.value[at]) - (e - 1) * np.log(rows.quantity[at])
        if home is not None:
            y[at] -= np.repeat(phi[low:high], n) * home.ln_gdp(rows, at)

    rows.each(block)
    return y


def ln_quality(rows: Arranged, residual: Vector, sigma: Vector, scale: Scale) -> Vector:
    """Return residual / (sigma - 1) of every row; it replaces the residual unless results are by row."""
    x = rows.numbers() if scale.level == "row" else residual

    def block(low: int, high: int) -> None:
        at = rows.block(low, high)
        x[at] = residual[at] / np.repeat(sigma[low:high] - 1, np.diff(rows.starts[low : high + 1]))

    rows.each(block)
    return x


def columns_by_row(residual: Vector, sigma: Vector, sources: pl.Series | None) -> dict[str, Vector | pl.Series | None]:
    """Return the columns of `Scored.shown`, in their order; ln quality is still to be filled in."""
    source = pl.Series([IMPOSED] * len(sigma)) if sources is None else sources
    numbers = pl.Series(sigma).fill_nan(None)
    return {"residual": residual, "ln_quality": residual, "quality": None, "sigma": numbers, "sigma_source": source}
