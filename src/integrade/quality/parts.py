"""Customs rows on Spark, in partitions of whole products: the loops of `by_product`, run by workers where the rows are.

Workers have to have this program; what they answer stays on Spark, but for a row of cross-products per product.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import narwhals as nw

from integrade.exact import totals
from integrade.frames import Frame, collect, engine_of, held, in_parts, together, workers_know
from integrade.quality.coding import with_text

if TYPE_CHECKING:
    import polars as pl

    from integrade.quality.arranged import Arranged, Vector
    from integrade.quality.coding import Coded
    from integrade.quality.scale import Scale

MODULE = "integrade.quality.loops"
_MOST = 2**31
_COUNTS = ("n_rows", "no_sigma", "alone", "no_r", "clipped", "value", "valued")
_SUMS = ("weighted", "weight", "n_products", *_COUNTS)


@dataclass(frozen=True)
class Parts:
    """Coded rows, one per key, of which each partition holds all rows of its products; and the rows by product."""

    frame: Frame
    rows: pl.DataFrame
    sizes: Mapping[str, int]


class Plan(NamedTuple):
    """What is asked: effects that a product holds whole (else rows bring their residual), sigma by product, scale.

    ``firms``: sums by firm and year, else every row.
    """

    terms: tuple[tuple[str, ...], ...]
    sigma: Vector
    scale: Scale
    sizes: Mapping[str, int]
    firms: bool


def parts_of(coded: Coded, kept: ExitStack) -> Parts | None:
    """The rows of each product together.

    None on other engines, where workers lack the loops, and for keys that these cannot hold.
    """
    if engine_of(coded.frame) != "spark":
        return None
    sizes = coded.sizes
    rest = sizes.get("g", 1) * sizes.get("c", 1)
    if max(sizes["m"] * sizes["t"], rest, sizes.get("f", 1)) >= _MOST or not workers_know(coded.frame, MODULE):
        return None
    frame = kept.enter_context(together(coded.frame, "h"))
    rows = collect(frame.group_by("h").agg(n_rows=nw.len().cast(nw.Int64))).sort("h")
    return Parts(frame, rows, sizes)


def cross_products(parts: Parts, identity: str, no_instrument: str) -> pl.DataFrame:
    """As `by_product.cross_products`."""
    names = ("pp", "pq", "qq", "pz", "qz", "zz") if identity else ("pp", "pq", "qq")
    kinds = {"h": int} | dict.fromkeys((*names, "share"), float) | dict.fromkeys(("n_used", "n_rows", "lone"), int)
    task = partial(_cross_products, dict(parts.sizes), identity, no_instrument)
    with in_parts(parts.frame, task, kinds) as found:
        return collect(found).sort("h")


def _cross_products(sizes: Mapping[str, int], identity: str, no_instrument: str, rows: pl.DataFrame) -> pl.DataFrame:
    from integrade.quality import by_product

    part, products, _ = _arranged(rows, sizes)
    return by_product.cross_products(part, identity, no_instrument).with_columns(h=products)


def of_firms(frame: Frame, plan: Plan, kept: ExitStack) -> Frame:
    """Sums by firm and year, and what became of their rows: f, t and `_SUMS`."""
    kinds = {"f": int, "t": int} | dict.fromkeys(_SUMS, float)
    found = kept.enter_context(in_parts(frame, partial(_of_part, plan), kinds))
    return kept.enter_context(held(found.group_by("f", "t").agg(*totals(found, *_SUMS))))


def of_rows(frame: Frame, plan: Plan, kept: ExitStack) -> Frame:
    """Every row with sigma, residual, x, r and clipped (0 or 1)."""
    kinds = dict.fromkeys(plan.sizes, int) | dict.fromkeys(("v", "q", "sigma", "residual", "x", "r"), float)
    task = partial(_of_part, plan)
    return kept.enter_context(in_parts(frame, task, kinds | {"clipped": int}))


def counted(sums: Frame) -> tuple[float, ...]:
    """Rows, those without sigma, of leverage 1, without r, and clipped; value, and that of rows with r."""
    return collect(sums.select(*totals(sums, *_COUNTS))).row(0)


def firm_years_named(sums: Frame, coded: Coded) -> Frame:
    """A row per firm and year."""
    found = sums.select(
        "f",
        "t",
        "value",
        quality=nw.when(nw.col("weight") > 0).then(nw.col("weighted") / nw.col("weight")),
        n_products=nw.col("n_products").cast(nw.Int64),
        n_rows=nw.col("n_rows").cast(nw.Int64),
    )
    named = with_text(found, coded, ("f", "t")).sort("f", "t")
    return named.select("firm", "year", "quality", "n_products", "n_rows", "value")


def _of_part(plan: Plan, rows: pl.DataFrame) -> pl.DataFrame:
    import numpy as np
    import polars as pl

    from integrade.quality import by_product

    part, products, rows = _arranged(rows, plan.sizes)
    sigma = plan.sigma[products]
    residual = by_product.residuals(part, plan.terms, sigma) if plan.terms else _given(rows)
    scaled = by_product.standardised(part, plan.scale, sigma, residual, by_row=True)
    by_row = np.repeat(sigma, np.diff(part.starts))
    known = {"sigma": by_row, "residual": residual, "x": residual / (by_row - 1), "r": scaled.r}
    clipped = pl.Series("clipped", scaled.clipped, dtype=pl.Int64)
    rows = rows.select(*plan.sizes, "v", "q").with_columns(**{n: pl.Series(x) for n, x in known.items()})
    rows = rows.with_columns(pl.col(*known).fill_nan(None), clipped)
    return _sums(rows, by_value=plan.scale.weights == "value") if plan.firms else rows


def _given(rows: pl.DataFrame) -> Vector:
    import numpy as np

    return rows["residual"].cast(float).fill_null(np.nan).to_numpy(writable=True)


def _sums(rows: pl.DataFrame, *, by_value: bool) -> pl.DataFrame:
    """Sums by firm and year, exact whatever the order of rows."""
    import polars as pl

    from integrade.exact import total_of

    value, r = pl.col("v"), pl.col("r")
    weight = value if by_value else pl.lit(1.0)
    there = r.is_not_null()
    found = rows.group_by("f", "t", maintain_order=True).agg(
        value=total_of(value),
        weighted=total_of(weight * r),
        weight=total_of(weight * there),
        n_rows=pl.len(),
        n_products=pl.col("h").n_unique(),
        no_sigma=pl.col("sigma").is_null().sum(),
        alone=(pl.col("sigma").is_not_null() & pl.col("x").is_null()).sum(),
        no_r=r.is_null().sum(),
        clipped=pl.col("clipped").sum(),
        valued=total_of(value * there),
    )
    return found.with_columns(pl.col(*_SUMS).cast(pl.Float64))


def _arranged(rows: pl.DataFrame, sizes: Mapping[str, int]) -> tuple[Arranged, Any, pl.DataFrame]:
    """The rows of whole products as loops take them, which products these are, and the rows in that order."""
    import numpy as np
    import polars as pl

    from integrade.quality.arranged import Arranged

    rows = rows.sort(letter for letter in "hmtgcf" if letter in sizes)
    products = rows["h"].unique(maintain_order=True).to_numpy()
    starts = np.append(rows["h"].search_sorted(products), rows.height).astype(np.int64)

    def codes(expression: pl.Expr) -> Any:
        return rows.select(expression.cast(pl.Int32)).to_series().to_numpy(writable=True)

    rest = np.zeros(0, dtype=np.int32)
    further = [letter for letter in "gc" if letter in sizes]
    if further:
        rest = codes(pl.col(further[0]) if len(further) == 1 else pl.col("g") * sizes["c"] + pl.col("c"))
    firm = codes(pl.col("f")) if "f" in sizes else np.zeros(rows.height, dtype=np.int32)
    value, quantity = (rows[name].cast(pl.Float64).to_numpy(writable=True) for name in ("v", "q"))
    market = codes(pl.col("m") * sizes["t"] + pl.col("t"))
    own = {**sizes, "h": len(products)}
    return Arranged(starts, market, rest, firm, value, quantity, {}, own, 0, 0), products, rows
