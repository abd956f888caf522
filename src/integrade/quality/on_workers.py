"""Measure the demand residual on Spark: workers run the steps of one machine on files of whole products.

A measure is one pass of the workers over the files. Effects that cross products are solved before, on the driver, from
the cells of all files. Results stay on Spark, with the texts of their keys.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import narwhals as nw
import numpy as np
import polars as pl

from integrade.engine.exact import totals
from integrade.engine.frames import Data, bring, collect, materialise
from integrade.quality.aggregate import LEVELS, SUMS, named, sums_by_level
from integrade.quality.arranged import Arranged
from integrade.quality.coding import in_key_order
from integrade.quality.demand import columns_by_row, demand, ln_quality
from integrade.quality.measured import Opened, Scored, counts_of, handed_back, missing_of, shown_by_row, value_of
from integrade.quality.parts import Parts, in_first_row, part_of, texts_of
from integrade.quality.products import Elasticity
from integrade.quality.residuals import CellTable, Terms, cells_of, fit_of, is_within_products, residuals, without_fit
from integrade.quality.scale import Scale, Scaled
from integrade.quality.standardise import standardise
from integrade.records.schema import TABLES
from plainwords.texts import say
from rawcells import doors

COUNTS = ("n", "no_x", "k0", "k1", "no_r", "clipped", "value", "valued")
"""The counts that `missing_of` reports; the first reason is a missing sigma, the second is leverage 1."""


class Plan(NamedTuple):
    """The computation that workers do for each file.

    ``terms``: effects that are within products. ``fit``: the address of a file with the fit of every cell, for effects
    that cross products; else empty. ``sigma``: product (, unit), sigma and source (None if sigma is one number).
    """

    terms: Terms
    fit: str
    sigma: pl.DataFrame
    scale: Scale


def measure_in_parts(
    scored: Scored, opened: Opened, terms: Terms, elasticity: Elasticity, options: Scaled, like: Data
) -> Data:
    """Standardise and aggregate residuals of demand, as `measured.finish` does on one machine."""
    parts, scale = opened.parts, options.scale
    assert parts is not None
    n = parts.products.height
    sources = elasticity.sources
    sigma = parts.levels["h"].with_columns(
        sigma=pl.Series(elasticity.by_product("sigma", n)),
        source=pl.lit(None, dtype=pl.String) if sources is None else sources,
    )
    plan = Plan(terms, "" if is_within_products(terms) else _fit_across(parts, terms, sigma), sigma, scale)
    key, counted = _keys(parts, scale), [f"all_{name}" for name in COUNTS]
    rows = parts.files.mapped(partial(_of_file, plan), _kinds(parts, scale) | dict.fromkeys(counted, float))
    if scale.level == "row":
        rows, wide = materialise(rows, opened.home), _kinds(parts, scale)
        result = rows.select(*wide).sort(*in_key_order((*parts.texts, "year")))
        lost = nw.col("quality").is_null()
    else:
        rows = materialise(rows.group_by(*key).agg(*totals(rows, *SUMS, *counted)), opened.home)
        quality = nw.when(nw.col("weight") > 0).then(nw.col("weighted") / nw.col("weight"))
        integers = [nw.col(name).cast(nw.Int64) for name in ("n_products", "n_rows")]
        result = rows.select(*key, quality.alias("quality"), *integers, "value").sort(*key)
        lost = ~(nw.col("weight") > 0)
    *counts, n, without = collect(
        rows.select(*totals(rows, *counted), nw.len().alias("n"), lost.cast(nw.Int64).sum().alias("lost"))
    ).row(0)
    missing = missing_of(dict(zip(COUNTS, counts, strict=True)), scored, scale)
    return handed_back(result, scored, opened, missing, options, like, (int(n), int(without)))


def _keys(parts: Parts, scale: Scale) -> dict[str, type]:
    """Return the key of a result, with its types."""
    if scale.level == "row":
        names = [name for name in TABLES["customs"].key if name in (*parts.texts, "year")]
        return {name: int if name == "year" else str for name in names}
    return {name: str for letter in LEVELS[scale.level] for name in texts_of(letter, parts.texts)} | {"year": int}


def _kinds(parts: Parts, scale: Scale) -> dict[str, type]:
    if scale.level != "row":
        return _keys(parts, scale) | dict.fromkeys(SUMS, float)
    numbers = ("value", "quantity", "ln_price", "residual", "ln_quality", "quality", "sigma")
    return _keys(parts, scale) | dict.fromkeys(numbers, float) | {"sigma_source": str}


def _fit_across(parts: Parts, terms: Terms, sigma: pl.DataFrame) -> str:
    """Solve effects that cross products from the cells of all files; return the address of a file of fits."""
    keys = texts_of("h", parts.texts)
    numbers = {"file": int, "at": int, "year": int, "n": int, "total": float}
    lazy = parts.files.mapped(partial(_cells, sigma), {**keys, "destination": str, **numbers})
    table = bring(lazy, say("quality.cells-of-effects"), parts.cells)
    products = parts.levels["h"].with_columns(h=pl.int_range(pl.len(), dtype=pl.Int64))
    table = table.join(products, on=list(keys), how="left")
    year = pl.col("year")
    table = table.with_columns(m=pl.col("destination").rank("dense").cast(pl.Int64) - 1, t=year - year.min())
    table = table.sort("h", "m", "t")
    codes = {letter: table[letter].to_numpy() for letter in "hmt"}
    sizes = {letter: int(code.max()) + 1 for letter, code in codes.items()}
    cells = CellTable(np.zeros(0, dtype=np.int64), codes, table["n"].to_numpy(), table["total"].to_numpy())
    fit = pl.Series(fit_of(cells, sizes, terms))
    return parts.files.write_beside(table.select("file", "at").with_columns(fit=fit).sort("file", "at"))


def _cells(sigma: pl.DataFrame, file: int, rows: pl.DataFrame) -> pl.DataFrame:
    part = part_of(rows)
    cells = cells_of(part, demand(part, _sigma(part, sigma)["sigma"].to_numpy()))
    return part.levels["h"][cells.codes["h"]].with_columns(
        destination=part.levels["m"]["destination"].gather(cells.codes["m"]),
        year=pl.Series(cells.codes["t"] + part.first_year),
        file=file,
        at=pl.int_range(pl.len()),
        n=pl.Series(cells.n),
        total=pl.Series(cells.total),
    )


def _sigma(part: Arranged, sigma: pl.DataFrame) -> pl.DataFrame:
    """Return sigma (missing: NaN) and its source for the products of a file."""
    keys = part.levels["h"].columns
    table = part.levels["h"].join(sigma, on=keys, how="left", maintain_order="left")
    return table.with_columns(pl.col("sigma").fill_null(float("nan")))


def _of_file(plan: Plan, file: int, rows: pl.DataFrame) -> pl.DataFrame:
    """Return sums by level, or rows, with the counts of the file in the first row."""
    part = part_of(rows)
    sigmas = _sigma(part, plan.sigma)
    sigma = sigmas["sigma"].to_numpy()
    y = demand(part, sigma)
    if plan.fit:
        fits = pl.scan_parquet(doors.regular(plan.fit), glob=False).filter(pl.col("file") == file).sort("at").collect()
        residual = without_fit(part, y, cells_of(part, y).starts, fits["fit"].to_numpy())
    else:
        residual = residuals(part, y, plan.terms)
    sources = None if sigmas["source"].null_count() else sigmas["source"]
    shown = columns_by_row(residual, sigma, sources)
    shown["ln_quality"] = x = ln_quality(part, residual, sigma, plan.scale)
    scored = Scored(x, {"": part.where(np.isnan(sigma)), "leverage": None}, shown)
    counts = counts_of(part, scored)
    r, clipped = standardise(part, x, plan.scale)
    counts |= {"clipped": clipped, **value_of(part, r)}
    if plan.scale.level == "row":
        columns, more = shown_by_row(part, scored, r)
        table = part.rows(**more).select(**columns)
    else:
        table = pl.concat(named(sums_by_level(part, x if plan.scale.level == "ladder" else r, plan.scale), part))
    return table.with_columns(**{f"all_{name}": in_first_row(float(counts[name])) for name in COUNTS})
