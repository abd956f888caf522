"""The demand residual of large tables: `demand_residual` after its sigma is known, in compiled loops over products."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from integrade.frames import Data, Frame, enter
from integrade.quality import loops
from integrade.quality.arranged import Arranged, Vector
from integrade.quality.by_product import (
    HOW,
    Standardised,
    Terms,
    by_firm,
    firm_years,
    is_dense,
    residuals,
    standardised,
)
from integrade.quality.coding import OPTIONAL
from integrade.quality.measured import Opened, Scored, finish, finish_scaled, handed_back, missing_of
from integrade.quality.options import DemandResidual
from integrade.quality.products import IMPOSED, Elasticity
from integrade.quality.scale import Scale
from integrade.schema import TABLES


def measure_by_product(
    scored: Scored, opened: Opened, terms: Terms, elasticity: Elasticity, options: DemandResidual, like: Data
) -> Data:
    """Residuals, scale and averages in loops; what loops do not know is left to the engine, from the residuals on."""
    rows, scale = opened.coded.arranged, options.scale
    assert rows is not None
    sigma = _sigma(elasticity, rows)
    residual = residuals(rows, terms, sigma)
    if scale.standardise not in HOW or scale.pool != "product":
        frame = _frame(rows, elasticity, sigma, residual)
        return finish(dataclasses.replace(scored, rows=frame), opened, options, like)
    firms = scale.level == "firm" and scale.weights != "base_year" and is_dense(rows)
    scaled = standardised(rows, scale, sigma, residual, by_row=not firms)
    if not firms and (scale.level != "row" or "f" not in rows.sizes or "g" in rows.sizes):
        r = pl.Series(scaled.r).fill_nan(None)
        frame = _frame(rows, elasticity, sigma, residual, r=r, clipped=pl.Series(scaled.clipped, dtype=pl.Int64))
        return finish_scaled(frame, scored, opened, options, like)
    missing = missing_of(_counted(scaled), scored, scale)
    if firms:
        return handed_back(enter(_of_firms(rows, scaled, scale)), scored, opened, missing, options, like)
    wide = enter(_of_rows(rows, elasticity, sigma, residual, scaled))
    found = len(scaled.r), int(scaled.counted[:, loops.NO_R].sum())
    return handed_back(wide, scored, opened, missing, options, like, found)


def _sigma(elasticity: Elasticity, rows: Arranged) -> Vector:
    """Sigma by product, missing where it is refused."""
    if elasticity.table is None:
        return np.full(len(rows.starts) - 1, elasticity.number, dtype=np.float64)
    return elasticity.table.sort("h")["sigma"].fill_null(np.nan).to_numpy(writable=True)


def _counted(scaled: Standardised) -> Mapping[str, Any]:
    """What `missing_of` says: no sigma comes first, then leverage 1."""
    no_sigma, alone, no_r, clipped, value, valued = scaled.counted.sum(axis=0).tolist()
    n = {"n": len(scaled.r), "no_x": no_sigma + alone, "k0": no_sigma, "k1": alone, "no_r": no_r, "clipped": clipped}
    return {**{name: int(count) for name, count in n.items()}, "value": value, "valued": valued}


def _by_row(rows: Arranged, by_product: Any) -> Any:
    return np.repeat(by_product, np.diff(rows.starts))


def _sources(table: pl.DataFrame) -> pl.Expr:
    """Where the sigma of each product comes from, by h."""
    return pl.lit(table.sort("h")["source"]).gather(pl.col("h"))


def _frame(rows: Arranged, elasticity: Elasticity, sigma: Vector, residual: Vector, **more: pl.Series) -> Frame:
    """The rows as `finish` takes them."""
    table = rows.rows(sigma=_by_row(rows, sigma), residual=residual, **more)
    source = pl.lit(IMPOSED) if elasticity.table is None else _sources(elasticity.table)
    known = table.with_columns(pl.col("sigma", "residual").fill_nan(None), source=source)
    return enter(known.with_columns(x=pl.col("residual") / (pl.col("sigma") - 1)))


def _of_firms(rows: Arranged, scaled: Standardised, scale: Scale) -> pl.DataFrame:
    """A row per firm and year."""
    found = firm_years(rows, scaled.r, by_value=scale.weights == "value")
    firm = rows.levels["f"]["firm"].gather(found["f"])
    year = pl.col("t") + rows.first_year
    return found.select(firm.alias("firm"), year.alias("year"), "quality", "n_products", "n_rows", "value")


def _of_rows(
    rows: Arranged, elasticity: Elasticity, sigma: Vector, residual: Vector, scaled: Standardised
) -> pl.LazyFrame:
    """A row per customs key, by firm, product, destination, year and regime; columns are made when asked for."""
    order = pl.lit(pl.Series(by_firm(rows)))
    table = rows.rows(sigma=_by_row(rows, sigma), residual=residual, r=scaled.r).lazy().select(pl.all().gather(order))
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
        "sigma_source": pl.lit(IMPOSED) if elasticity.table is None else _sources(elasticity.table),
    }
    names = dict.fromkeys([*(name for name in TABLES["customs"].key if name in columns), *columns])
    return table.select(**{name: columns[name] for name in names})
