"""Compute the demand residual of large tables with known sigma in compiled loops over products."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from integrade.engine.frames import Data, Frame, engine_of, enter, held_pieces, pieces_on
from integrade.quality import loops
from integrade.quality.arranged import Arranged, Vector
from integrade.quality.by_product import Terms, by_firm, firm_years, is_dense, residuals, standardised
from integrade.quality.measured import Opened, Scored, finish, finish_scaled, handed_back, missing_of
from integrade.quality.options import DemandResidual
from integrade.quality.parts import Plan, fit_across, of_firms, of_rows
from integrade.quality.products import Elasticity
from integrade.quality.scale import goes_by_product
from integrade.quality.shown import columns_of, source_of


def measure_by_product(
    scored: Scored,
    opened: Opened,
    terms: Terms,
    elasticity: Elasticity,
    options: DemandResidual,
    like: Data,
    kept: ExitStack,
) -> Data:
    """Compute residuals, scaling and averages in loops; the engine computes the steps for which there is no loop."""
    rows, scale = opened.coded.arranged, options.scale
    assert rows is not None
    sigma = _sigma(elasticity, len(rows.starts) - 1)
    residual = residuals(rows, terms, sigma)
    if not goes_by_product(scale):
        frame = _frame(rows, opened, kept, elasticity, sigma, residual=residual)
        return finish(dataclasses.replace(scored, rows=frame), opened, options, like)
    firms = scale.level == "firm" and scale.weights != "base_year" and is_dense(rows)
    scaled = standardised(rows, scale, sigma, residual, by_row=not firms)
    if not firms and (scale.level != "row" or "f" not in rows.sizes or "g" in rows.sizes):
        frame = _frame(rows, opened, kept, elasticity, sigma, residual=residual, r=scaled.r, clipped=scaled.clipped)
        return finish_scaled(frame, scored, opened, options, like)
    n_without = scaled.counted.sum(axis=0).tolist()
    missing = missing_of(_counts(len(scaled.r), *n_without), scored, scale)
    if firms:
        means = firm_years(rows, scaled.r, by_value=scale.weights == "value")
        firm = rows.levels["f"]["firm"].gather(means["f"])
        year = pl.col("t") + rows.first_year
        means = means.select(firm.alias("firm"), year.alias("year"), "quality", "n_products", "n_rows", "value")
        return handed_back(enter(means), scored, opened, missing, options, like)
    # rows sorted by firm, product, destination, year and regime; columns are computed only when they are used
    columns = columns_of(rows, _sources(elasticity))
    pieces = _pieces(rows, sigma, by_firm(rows), residual=residual, r=scaled.r)
    if rows.spilled and engine_of(opened.home) == "duckdb":
        wide = pieces_on((table.select(**columns) for table in pieces), opened.home)
    else:
        wide = enter(pl.concat(pieces).lazy().select(**columns))
    sizes = len(scaled.r), int(scaled.counted[:, loops.NO_R].sum())
    return handed_back(wide, scored, opened, missing, options, like, sizes)


def whole_in(terms: Terms) -> bool:
    """Return whether all effects are within products, so that they can be solved from the rows of each product."""
    return len(terms) == 1 and "h" in terms[0]


def measure_in_parts(
    scored: Scored, opened: Opened, terms: Terms, elasticity: Elasticity, options: DemandResidual, like: Data
) -> Data:
    """Compute the result of `measure_by_product` on Spark, in one pass of the workers over files of products.

    Effects that cross products are solved before this pass.
    """
    parts, scale = opened.parts, options.scale
    assert parts is not None
    fit = "" if whole_in(terms) else fit_across(parts, terms, _sigma(elasticity, parts.products.height))
    if elasticity.table is None:
        assert elasticity.number is not None
        sigma: float | pl.DataFrame = elasticity.number
    else:  # by the texts of the product
        columns = elasticity.table.sort("h").select("sigma", "source").get_columns()
        sigma = parts.levels["h"].with_columns(columns)
    plan = Plan(terms, fit, sigma, scale, firms=scale.level == "firm")
    wide, counts, sizes = (of_firms if plan.firms else of_rows)(parts, plan, opened.home)
    missing = missing_of(_counts(*counts), scored, scale)
    return handed_back(wide, scored, opened, missing, options, like, sizes)


def _sigma(elasticity: Elasticity, products: int) -> Vector:
    """Return sigma by product; it is missing for a product whose sigma is refused."""
    if elasticity.table is None:
        return np.full(products, elasticity.number, dtype=np.float64)
    return elasticity.table.sort("h")["sigma"].fill_null(np.nan).to_numpy(writable=True)


def _counts(*numbers: float) -> Mapping[str, Any]:
    """Return the counts that `missing_of` reports; the first reason is a missing sigma, the second is leverage 1."""
    n, no_sigma, alone, no_r, clipped = map(int, numbers[:5])
    counts = {"n": n, "no_x": no_sigma + alone, "k0": no_sigma, "k1": alone, "no_r": no_r, "clipped": clipped}
    return {**counts, "value": numbers[5], "valued": numbers[6]}


def _sources(elasticity: Elasticity) -> pl.Series | None:
    """Return the source of each product's sigma; None if sigma is one number."""
    return None if elasticity.table is None else elasticity.table.sort("h")["source"]


def _pieces(
    rows: Arranged, sigma: Vector, order: NDArray[np.int64] | None = None, **more: Any
) -> Iterator[pl.DataFrame]:
    """Yield rows with sigma and further columns, in ``order`` if given; in pieces if rows are in files."""
    for piece in rows.pieces():
        at = piece if order is None else order[piece]
        table = rows.rows(at, **more)
        yield table.with_columns(sigma=pl.Series(sigma[table["h"].to_numpy()]))


def _frame(
    rows: Arranged, opened: Opened, kept: ExitStack, elasticity: Elasticity, sigma: Vector, **more: Any
) -> Frame:
    """Return the rows for `finish`, with ``more`` columns by row."""
    source = source_of(_sources(elasticity))
    numbers = [name for name in ("sigma", "residual", "r") if name in ("sigma", *more)]
    known = (
        table.with_columns(
            pl.col(numbers).fill_nan(None), *[pl.col(n).cast(pl.Int64) for n in more if n == "clipped"], source=source
        ).with_columns(x=pl.col("residual") / (pl.col("sigma") - 1))
        for table in _pieces(rows, sigma, **more)
    )
    if rows.spilled and engine_of(opened.home) == "duckdb":
        return kept.enter_context(held_pieces(known, opened.home))
    return enter(pl.concat(known))
