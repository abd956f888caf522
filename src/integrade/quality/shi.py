"""Estimate sigma by product, by least squares or with the firm's prices elsewhere as instrument (METHODS 3.2b).

ln q = chi_destination,year - sigma ln p (+ phi ln GDP of the firm's region) + eps, separately for each product. The
engine computes deviations from destination-year means and returns one row of cross-products per product.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Literal, TypeAlias

import narwhals as nw

from integrade.engine.exact import average, total, totals
from integrade.engine.frames import Frame, collect, held
from integrade.errors import UsageError, mapped_as, option
from integrade.quality.coding import Coded, joint
from integrade.quality.home_market import Home
from integrade.quality.parts import Parts, cross_products
from integrade.quality.sigma import SMALLEST

if TYPE_CHECKING:
    import polars as pl

How: TypeAlias = Literal["ols", "iv"]
# an estimate with a smaller first-stage F is refused (METHODS 3.3)
LEAST_F = 10.0
FLAT = 1e-9  # log points: prices with a smaller standard deviation do not vary, up to rounding; a convention


def estimate(
    coded: Coded | Parts, how: How, home: Home | None, no_instrument: str, kept: ExitStack | None
) -> tuple[pl.DataFrame, Frame | None]:
    """Return one row per product h: sigma_hat, se, first_stage_f, n_rows, n_used, lone, phi's cross-products, refused.

    ``refused`` is the code of the reason not to use sigma_hat (few-rows, flat-price, weak-first-stage, low-estimate);
    missing if it is usable. ``lone`` counts rows without a price elsewhere. With ``kept`` and without GDP, the second
    result is the rows with dev_p and dev_q, which are deviations from the means of all ``size`` rows of the cell.
    Otherwise it is None.
    """
    if isinstance(coded, Parts) or (home is None and coded.arranged is not None):
        who = _identity(coded) if how == "iv" else ""
        if isinstance(coded, Parts):
            table = cross_products(coded, who, no_instrument)
        else:
            from integrade.quality import by_product

            assert coded.arranged is not None
            table = by_product.cross_products(coded.arranged, who, no_instrument)
        return _solved(table, how, partial=False), None
    partial = home is not None and home.gdp is not None
    names = ["p", "q"] + (["z"] if how == "iv" else []) + (["g"] if partial else [])
    rows = _centred(_variables(coded, how, home, no_instrument), names)
    centred = None
    if kept is not None and not partial:
        extra = ["use_p", "use_q", "use_z"] if how == "iv" else []
        names_kept = coded.frame.collect_schema().names()
        rows = centred = kept.enter_context(
            held(rows.select(*names_kept, "lone", "size", "used", "dev_p", "dev_q", *extra))
        )
    table = collect(_cross_products(rows, names, whole=how == "ols" and not partial)).sort("h")
    return _solved(table, how, partial=partial), centred


def phi(table: pl.DataFrame) -> pl.Series:
    """Return the coefficient of ln GDP given each product's final ``sigma``; 0 if destination-years absorb ln GDP."""
    import polars as pl

    varies = pl.col("gg") > pl.col("n_used") * FLAT**2
    return table.select(
        pl.when(varies).then((pl.col("gq") + pl.col("sigma") * pl.col("gp")) / pl.col("gg")).otherwise(0.0).alias("phi")
    ).to_series()


def _variables(coded: Coded, how: How, home: Home | None, no_instrument: str) -> Frame:
    """Return rows with cell, x_p (ln price), x_q (ln quantity), lone (, x_z (the instrument), x_g (ln GDP)).

    ``lone`` marks rows of a firm that ships the product to no other destination in the year.
    """
    rows = coded.frame if home is None else home.join(coded.frame)
    rows = rows.with_columns(
        x_p=nw.col("v").log() - nw.col("q").log(), x_q=nw.col("q").log(), cell=joint(coded, ("h", "m", "t"))
    )
    if home is not None and home.gdp is not None:
        rows = rows.with_columns(x_g=nw.col("gdp"))
    return _instrumented(rows, coded, home, no_instrument) if how == "iv" else rows.with_columns(lone=nw.lit(0))


def _identity(coded: Coded | Parts) -> str:
    """Return the letter of the unit whose prices elsewhere are the instrument: the firm or, without firms, the variety.

    Raises `UsageError` if customs has neither firms nor varieties.
    """
    identity = next((letter for letter in ("f", "g") if letter in coded.letters), "")
    if not identity:
        raise UsageError(
            "sigma='iv' needs a column 'firm' (or 'variety'), but the customs table has neither",
            remedy=f"map it with {mapped_as('firm')}, or give a number, such as {option('sigma', 5)}",
        )
    return identity


def _instrumented(rows: Frame, coded: Coded, home: Home | None, no_instrument: str) -> Frame:
    """Add x_z, the mean ln price of the same firm, product and year over the rows of other destinations."""
    identity = _identity(coded)
    p = nw.col("x_p")
    rows = rows.with_columns(same=joint(coded, (identity, "h", "t")))
    here = {"own_s": p, "own_n": nw.lit(1)}
    if {identity, "h", "m", "t"} != set(coded.letters):
        rows = rows.with_columns(at=joint(coded, (identity, "h", "m", "t")))
        here = {"own_s": total(rows, p, ("at",)), "own_n": p.count().over("at")}
    rows = rows.with_columns(all_s=total(rows, p, ("same",)), all_n=p.count().over("same"), **here)
    elsewhere = nw.col("all_n") - nw.col("own_n")
    z = nw.when(elsewhere > 0).then((nw.col("all_s") - nw.col("own_s")) / elsewhere)
    rows = rows.with_columns(x_z=z).with_columns(lone=nw.col("x_z").is_null().cast(nw.Int64))
    match no_instrument:
        case "region" if home is not None:
            rows = rows.with_columns(near=nw.col("cell") * home.n_regions + nw.col("region"))
            rows = rows.with_columns(near_s=total(rows, p, ("near",)), near_n=p.count().over("near"))
            others = nw.col("near_n") - nw.col("own_n")
            known = ~nw.col("region").is_null() & (others > 0)
            nearby = nw.when(known).then((nw.col("near_s") - nw.col("own_s")) / others)
            return rows.with_columns(x_z=nw.coalesce(nw.col("x_z"), nearby))
        case "ols":
            return rows.with_columns(x_z=nw.coalesce(nw.col("x_z"), p))
    return rows


def _centred(rows: Frame, names: list[str]) -> Frame:
    """Add deviations from cell means: dev_p and dev_q over all rows of the cell, and ``use_NAME`` for every name.

    ``use_NAME`` is a deviation from the mean over the rows that have all variables.
    """
    partial = [f"x_{name}" for name in names if name in ("z", "g")]
    whole = {f"dev_{n}": nw.col(f"x_{n}") - average(rows, nw.col(f"x_{n}"), ("cell",)) for n in ("p", "q")}
    size = nw.col("x_p").count().over("cell")
    if not partial:
        return rows.with_columns(**whole, size=size, used=size)
    there = ~nw.any_horizontal(*[nw.col(n).is_null() for n in partial], ignore_nulls=False)
    rows = rows.with_columns(*[nw.when(there).then(nw.col(f"x_{n}")).alias(f"in_{n}") for n in names])
    used = nw.when(there).then(nw.col("in_p").count().over("cell"))
    inside = {f"use_{n}": nw.col(f"in_{n}") - average(rows, nw.col(f"in_{n}"), ("cell",)) for n in names}
    return rows.with_columns(**whole, **inside, size=size, used=used)


def _cross_products(rows: Frame, names: list[str], *, whole: bool) -> Frame:
    """Return, by product, the sums of products of deviations.

    ``used``: the number of rows of the cell that have all variables, missing for a row that lacks one.
    """
    at = "dev_" if whole else "use_"
    names = sorted(names)
    pairs = {f"{a}{b}": nw.col(f"{at}{a}") * nw.col(f"{at}{b}") for i, a in enumerate(names) for b in names[i:]}
    share = nw.when(~nw.col("used").is_null()).then(1.0 / nw.col("used")).otherwise(nw.lit(0.0))
    rows = rows.with_columns(**pairs, share=share)
    sums = [*totals(rows, *pairs, "share"), nw.col("lone").sum()]
    return rows.group_by("h").agg(*sums, n_used=nw.col("used").count(), n_rows=nw.len())


def _solved(table: pl.DataFrame, how: How, *, partial: bool) -> pl.DataFrame:
    """Return coefficients and reasons of refusal from the cross-products; ln GDP is partialled out if it varies."""
    import polars as pl

    names = [n for n in table.columns if len(n) == 2]
    table = table.with_columns(pl.col("n_used", "n_rows", "lone").cast(pl.Int64), pl.col(names).fill_null(0.0))
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
