"""Measure quality on Spark: workers run the loops of `by_product` on files with the customs rows of whole products.

The source is read once. The rows of each product are brought together and written where all workers see them
(`integrade.engine.frames.files_by`). Every measure is then one pass of the workers over these files; each file is a
table in memory, made by `arranged`. The driver gets only tables by product or by destination-year of a product.
Firm-years and rows stay on Spark, with the texts of their keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import narwhals as nw

from integrade.engine.exact import total, totals
from integrade.engine.frames import Files, Frame, bring, collect, engine_of, enter, files_by, materialise, workers_know
from integrade.quality.coding import OPTIONAL, TEXT, in_key_order
from integrade.records.schema import TABLES
from plainwords.texts import say
from rawcells import doors

if TYPE_CHECKING:
    import polars as pl

    from integrade.quality.arranged import Arranged, Vector
    from integrade.quality.by_product import Terms
    from integrade.quality.scale import Scale

MODULE = "integrade.quality.loops"
WIDTH = 1 << 20  # approximate rows of a file: a worker needs 100 bytes for each while it sorts them
_COUNTS = ("no_sigma", "alone", "no_r", "clipped", "all_value", "valued")
_SUMS = ("value", "weighted", "weight", "n_rows", "n_products")


@dataclass(frozen=True)
class Parts:
    """Customs rows in files of whole products.

    ``texts``: the text columns of the rows. ``products``: product (, unit) and n_rows, with h as the row number.
    ``merged``: how many rows were summed into others of the same key. ``cells``: the number of destination-years of
    products.
    """

    files: Files
    texts: tuple[str, ...]
    products: pl.DataFrame
    merged: int
    cells: int

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters of the key of a row."""
        return (*(letter for letter, names in TEXT.items() if set(names) & set(self.texts)), "t")

    @property
    def levels(self) -> Mapping[str, pl.DataFrame]:
        """The texts of every product: product h is row h."""
        return {"h": self.products.select(name for name in TEXT["h"] if name in self.texts)}

    @property
    def rows_by_product(self) -> pl.DataFrame:
        """A table with the number of rows ``n_rows`` of each product ``h``."""
        import polars as pl

        return self.products.select(pl.int_range(pl.len(), dtype=pl.Int64).alias("h"), "n_rows")


class Plan(NamedTuple):
    """The computation that workers do for each file.

    ``terms``: effects that are within products. ``fit``: the address of a file with the fit of every cell, for effects
    that cross products; else empty. ``sigma``: one number, or a table of product (, unit), sigma and source. ``firms``:
    whether to return sums by firm and year instead of every row.
    """

    terms: Terms
    fit: str
    sigma: float | pl.DataFrame
    scale: Scale
    firms: bool


def parts_of(frame: Frame, n: int, kept: ExitStack) -> Parts | None:
    """Return customs rows (at most ``n``) in files of whole products; the files last until ``kept`` is closed.

    Return None if the engine is not Spark, if workers share no folder or lack the loops, or if some rows need `conform`
    or have keys that are too long for loops.
    """
    if engine_of(frame) != "spark" or not workers_know(frame, MODULE):
        return None
    names = frame.collect_schema().names()
    texts = tuple(name for here in TEXT.values() for name in here if name in names)
    blank = [nw.col(name).fill_null("") for name in texts if name in OPTIONAL]
    rows = frame.select(*texts, "year", "value", "quantity").with_columns(nw.col("year"), *blank)
    keys = _texts_of("h", texts)
    kinds = keys | dict.fromkeys(("n_rows", "merged", "cells", "refused"), int)
    written = files_by(rows, "product", max(4, -(-n // WIDTH)), _first_look, kinds, kept)
    if written is None:
        return None
    files, by_file = written
    # an engine that splits a product between files would give wrong results
    if by_file["refused"].sum() or by_file.select(*keys).is_duplicated().any():
        return None
    products, merged, cells = (
        by_file.sort(*keys).select(*keys, "n_rows"),
        by_file["merged"].sum(),
        by_file["cells"].sum(),
    )
    return Parts(files, texts, products, int(merged), int(cells))


def _texts_of(letter: str, texts: tuple[str, ...]) -> dict[str, type]:
    return {name: str for name in TEXT[letter] if name in texts}


def _first_look(rows: pl.DataFrame) -> pl.DataFrame:
    import polars as pl

    from integrade.quality.arranged import arranged
    from integrade.quality.by_product import cells_of

    part = arranged(enter(rows), rows.height)
    if part is None:
        blank = {name: [""] for name in TEXT["h"] if name in rows.columns}
        return pl.DataFrame({**blank, "n_rows": [0], "merged": [0], "cells": [0], "refused": [1]})
    products = part.levels["h"].with_columns(n_rows=part.rows_by_product()["n_rows"], refused=0)
    return products.with_columns(merged=_in_first_row(part.merged), cells=_in_first_row(len(cells_of(part).market)))


def _in_first_row(x: float) -> pl.Expr:
    """Return a number of the whole file as a column: the number in the first row, 0 in all other rows."""
    import polars as pl

    return pl.when(pl.int_range(pl.len()) == 0).then(x).otherwise(0 if isinstance(x, int) else 0.0)


def _part(rows: pl.DataFrame) -> Arranged:
    from integrade.quality.arranged import arranged

    part = arranged(enter(rows), rows.height)
    assert part is not None, "the first look at the files refused none"
    return part


def cross_products(parts: Parts, identity: str, no_instrument: str) -> pl.DataFrame:
    """Return the table of `by_product.cross_products`, computed by the workers."""
    import polars as pl

    names = ("pp", "pq", "qq", "pz", "qz", "zz") if identity else ("pp", "pq", "qq")
    keys = _texts_of("h", parts.texts)
    kinds = keys | dict.fromkeys((*names, "share"), float) | dict.fromkeys(("n_used", "n_rows", "lone"), int)
    table = collect(parts.files.mapped(partial(_cross_products, identity, no_instrument), kinds)).sort(list(keys))
    return table.drop(list(keys)).with_columns(h=pl.int_range(pl.len(), dtype=pl.Int64))


def _cross_products(identity: str, no_instrument: str, _: int, rows: pl.DataFrame) -> pl.DataFrame:
    from integrade.quality import by_product

    part = _part(rows)
    table = by_product.cross_products(part, identity, no_instrument)
    return table.with_columns(part.levels["h"].get_columns())


def fit_across(parts: Parts, terms: Terms, sigma: Vector) -> str:
    """Solve effects that cross products from the cells of all files, given sigma (H,).

    Return the address of a file of fits.
    """
    import numpy as np
    import polars as pl

    from integrade.quality.by_product import CellTable, fit_of

    keys = _texts_of("h", parts.texts)
    numbers = {"file": int, "at": int, "year": int, "n": int, "ln_v": float, "ln_q": float}
    lazy = parts.files.mapped(_cells, {**keys, "destination": str, **numbers})
    table = bring(lazy, say("quality.cells-of-effects"), parts.cells)
    products = parts.levels["h"].with_columns(h=pl.int_range(pl.len(), dtype=pl.Int64))
    table = table.join(products, on=list(keys), how="left")
    year = pl.col("year")
    table = table.with_columns(m=pl.col("destination").rank("dense").cast(pl.Int64) - 1, t=year - year.min())
    table = table.sort("h", "m", "t")
    m, t = table.select(pl.col("m", "t").max() + 1).row(0)
    sizes = {"h": products.height, "m": int(m), "t": int(t)}
    starts = np.append(0, np.cumsum(np.bincount(table["h"], minlength=sizes["h"]))).astype(np.int64)
    market = table.select((pl.col("m") * sizes["t"] + pl.col("t")).cast(pl.Int32)).to_series().to_numpy()
    cells = CellTable(starts, market, *(table[name].to_numpy() for name in ("n", "ln_v", "ln_q")))
    fit = fit_of(cells, sizes, terms, sigma)
    return parts.files.write_beside(table.select("file", "at").with_columns(fit=pl.Series(fit)).sort("file", "at"))


def _cells(file: int, rows: pl.DataFrame) -> pl.DataFrame:
    import numpy as np
    import polars as pl

    from integrade.quality.by_product import cells_of

    part = _part(rows)
    cells = cells_of(part)
    h = np.repeat(np.arange(len(cells.starts) - 1), np.diff(cells.starts))
    return pl.DataFrame(
        {
            **{name: column.gather(h) for name, column in part.levels["h"].to_dict().items()},
            "destination": part.levels["m"]["destination"].gather(cells.market // part.years),
            "year": cells.market.astype(np.int64) % part.years + part.first_year,
            "file": np.full(len(h), file),
            "at": np.arange(len(h)),
            "n": cells.n,
            "ln_v": cells.ln_v,
            "ln_q": cells.ln_q,
        }
    )


def of_firms(parts: Parts, plan: Plan, home: Frame) -> tuple[Frame, tuple[float, ...], tuple[int, int]]:
    """Return a frame with a row per firm and year, the counts (n and `_COUNTS`), and two numbers of firm-years.

    The two numbers are all firm-years, and firm-years without quality.
    """
    kinds = {"firm": str, "year": int} | dict.fromkeys(_SUMS, float) | dict.fromkeys(_COUNTS, float)
    by_file = parts.files.mapped(partial(_firms_of_file, plan), kinds)
    sums = materialise(by_file.group_by("firm", "year").agg(*totals(by_file, *_SUMS, *_COUNTS)), home)
    known = nw.col("weight") > 0
    ends = [nw.len().alias("firm_years"), (~known).cast(nw.Int64).sum().alias("lost")]
    n, *counts, firm_years, lost = collect(sums.select(*totals(sums, "n_rows", *_COUNTS), *ends)).row(0)
    result = sums.select(
        "firm",
        "year",
        quality=nw.when(known).then(nw.col("weighted") / nw.col("weight")),
        n_products=nw.col("n_products").cast(nw.Int64),
        n_rows=nw.col("n_rows").cast(nw.Int64),
        value=nw.col("value"),
    )
    return result.sort("firm", "year"), (n, *counts), (int(firm_years), int(lost))


def of_rows(parts: Parts, plan: Plan, home: Frame) -> tuple[Frame, tuple[float, ...], tuple[int, int]]:
    """Return a frame with a row per customs key, the counts, and the numbers of rows in total and without quality."""
    numbers = ("value", "quantity", "ln_price", "residual", "ln_quality", "quality", "sigma")
    keys = {name: int if name == "year" else str for name in TABLES["customs"].key if name in (*parts.texts, "year")}
    kinds = keys | dict.fromkeys(numbers, float) | {"sigma_source": str}
    by_file = parts.files.mapped(partial(_rows_of_file, plan), kinds | {"clipped": int})
    rows = materialise(by_file, home)
    no_sigma, missing, lost = (nw.col(name).is_null() for name in ("sigma", "residual", "quality"))
    tests = [no_sigma, missing & ~no_sigma, lost]
    counts = [test.cast(nw.Int64).sum().alias(f"k{i}") for i, test in enumerate(tests)]
    valued = total(rows, nw.when(~lost).then(nw.col("value"))).alias("valued")
    counts = [nw.len().alias("n"), *counts, *totals(rows, "clipped", "value"), valued]
    found_counts = collect(rows.select(*counts)).row(0)
    result = rows.drop("clipped").sort(*in_key_order((*parts.texts, "year")))
    return result, found_counts, (int(found_counts[0]), int(found_counts[3]))


class _Measured(NamedTuple):
    part: Arranged
    sigma: Vector
    source: pl.Series | None
    residual: Vector
    scaled: Any


def _measured(plan: Plan, file: int, rows: pl.DataFrame) -> _Measured:
    import numpy as np
    import polars as pl

    from integrade.quality import by_product

    part = _part(rows)
    source = None
    if isinstance(plan.sigma, float):
        sigma = np.full(len(part.starts) - 1, plan.sigma)
    else:
        keys = part.levels["h"].columns
        sigmas = part.levels["h"].join(plan.sigma, on=keys, how="left", maintain_order="left")
        sigma, source = sigmas["sigma"].fill_null(np.nan).to_numpy(writable=True), sigmas["source"]
    if plan.fit:
        fits = pl.scan_parquet(doors.regular(plan.fit), glob=False).filter(pl.col("file") == file).sort("at").collect()
        fit = fits["fit"].to_numpy(writable=True)
        residual = by_product.residuals_beyond(part, by_product.cells_of(part), fit, sigma)
    else:
        residual = by_product.residuals(part, plan.terms, sigma)
    scaled = by_product.standardised(part, plan.scale, sigma, residual, by_row=not plan.firms)
    return _Measured(part, sigma, source, residual, scaled)


def _firms_of_file(plan: Plan, file: int, rows: pl.DataFrame) -> pl.DataFrame:
    """Return sums by firm and year over the products of a file."""
    import polars as pl

    from integrade.quality import by_product

    part, _, _, _, scaled = _measured(plan, file, rows)
    sums = by_product.firm_year_sums(part, scaled.r, by_value=plan.scale.weights == "value")
    firm = part.levels["f"]["firm"].gather(sums["f"])
    named = sums.select(firm.alias("firm"), (pl.col("t") + part.first_year).alias("year"), pl.col(*_SUMS).cast(float))
    counts = dict(zip(_COUNTS, scaled.counted.sum(axis=0).tolist(), strict=True))
    return named.with_columns(**{name: _in_first_row(x) for name, x in counts.items()})


def _rows_of_file(plan: Plan, file: int, rows: pl.DataFrame) -> pl.DataFrame:
    import polars as pl

    from integrade.quality.shown import columns_of

    part, sigma, source, residual, scaled = _measured(plan, file, rows)
    table = part.rows(residual=residual, r=scaled.r, clipped=scaled.clipped)
    table = table.with_columns(sigma=pl.Series(sigma[table["h"].to_numpy()]))
    return table.select(**columns_of(part, source), clipped=pl.col("clipped").cast(pl.Int64))
