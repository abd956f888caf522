"""Estimate sigma by product, by least squares or with the firm's prices elsewhere as instrument (METHODS 3.2b).

ln q = chi_destination,year - sigma ln p (+ phi ln GDP of the firm's region) + eps, separately for each product, from
cross-products of deviations from the means of destination-years.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from integrade.errors import UsageError, mapped_as, option
from integrade.quality.arranged import Arranged
from integrade.quality.cross_products import cross_products
from integrade.quality.home_market import Home
from integrade.quality.parts import Parts, cross_products_of_files
from integrade.quality.sigma import SMALLEST

if TYPE_CHECKING:
    import polars as pl

How: TypeAlias = Literal["ols", "iv"]
# an estimate with a smaller first-stage F is refused (METHODS 3.3)
LEAST_F = 10.0
FLAT = 1e-9  # log points: prices with a smaller standard deviation do not vary, up to rounding; a convention


def estimate(rows: Arranged | Parts, how: How, home: Home | None, no_instrument: str) -> pl.DataFrame:
    """Return one row per product h: sigma_hat, se, first_stage_f, n_rows, n_used, lone, phi's cross-products, refused.

    ``refused`` is the code of the reason not to use sigma_hat (few-rows, flat-price, weak-first-stage, low-estimate);
    missing if it is usable. ``lone`` counts rows without a price elsewhere.
    """
    identity = _identity(rows) if how == "iv" else ""
    if isinstance(rows, Parts):
        return _solved(cross_products_of_files(rows, identity, no_instrument), how, partial=False)
    table = cross_products(rows, identity, home, no_instrument)
    return _solved(table, how, partial=home is not None and home.gdp is not None)


def phi(table: pl.DataFrame) -> pl.Series:
    """Return the coefficient of ln GDP given each product's final ``sigma``; 0 if destination-years absorb ln GDP."""
    import polars as pl

    varies = pl.col("gg") > pl.col("n_used") * FLAT**2
    return table.select(
        pl.when(varies).then((pl.col("gq") + pl.col("sigma") * pl.col("gp")) / pl.col("gg")).otherwise(0.0).alias("phi")
    ).to_series()


def _identity(rows: Arranged | Parts) -> str:
    """Return the letter of the unit whose prices elsewhere are the instrument: the firm or, without firms, the variety.

    Raises `UsageError` if customs has neither firms nor varieties.
    """
    identity = next((letter for letter in ("f", "g") if letter in rows.letters), "")
    if not identity:
        raise UsageError(
            "sigma='iv' needs a column 'firm' (or 'variety'), but the customs table has neither",
            remedy=f"map it with {mapped_as('firm')}, or give a number, such as {option('sigma', 5)}",
        )
    return identity


def _solved(table: pl.DataFrame, how: How, *, partial: bool) -> pl.DataFrame:
    """Return coefficients and reasons of refusal from the cross-products; ln GDP is partialled out if it varies."""
    import polars as pl

    names = [n for n in table.columns if len(n) == 2]
    table = table.with_columns(pl.col("n_used", "n_rows", "lone").cast(pl.Int64))
    flat = pl.col("n_used") * FLAT**2
    products = {n: pl.col(n) for n in names if "g" not in n}
    if partial:
        varies = pl.col("gg") > flat
        products = {
            n: pl.when(varies)
            .then(pl.col(n) - pl.col("g" + n[0]) * pl.col("g" + n[1]) / pl.col("gg"))
            .otherwise(pl.col(n))
            for n in products
        }
    ready = table.with_columns(**{f"{n}_": e for n, e in products.items()}).with_columns(
        df=pl.col("n_used") - pl.col("share").round(0).cast(pl.Int64) - 1 - (varies.cast(pl.Int64) if partial else 0)
    )
    pp, pq, qq = pl.col("pp_"), pl.col("pq_"), pl.col("qq_")
    usable = (pl.col("df") > 0) & (pp > flat)
    if how == "ols":
        solved = ready.with_columns(b=pl.when(usable).then(pq / pp), f=pl.lit(None, dtype=pl.Float64), bread=1 / pp)
    else:
        pz, qz, zz = pl.col("pz_"), pl.col("qz_"), pl.col("zz_")
        usable = usable & (zz > flat)
        left = pl.max_horizontal(pp - pz**2 / zz, FLAT**2 * pp)
        solved = ready.with_columns(
            b=pl.when(usable).then(qz / pz),
            f=pl.when(usable).then(pz**2 / zz / (left / pl.col("df"))),
            bread=zz / pz**2,
        )
    b = pl.col("b")
    weak = pl.lit(how == "iv") & ~(pl.col("f") >= LEAST_F).fill_null(False)
    refused = (
        pl.when(pl.col("df") <= 0)
        .then(pl.lit("few-rows"))
        .when(pp <= flat)
        .then(pl.lit("flat-price"))
        .when(weak)
        .then(pl.lit("weak-first-stage"))
        .when(~(-b > SMALLEST).fill_null(False))
        .then(pl.lit("low-estimate"))
    )
    rss = pl.max_horizontal(qq - 2 * b * pq + b**2 * pp, 0.0)
    return solved.select(
        "h",
        "n_rows",
        "n_used",
        "lone",
        *([n for n in ("gg", "gp", "gq") if partial]),
        sigma_hat=-b,
        se=pl.when(b.is_not_null()).then((rss / pl.col("df") * pl.col("bread")).sqrt()),
        first_stage_f="f",
        refused=refused,
    )
