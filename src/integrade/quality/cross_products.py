"""Compute the cross-products of price, quantity, instrument and GDP by product, from which sigma is estimated."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from integrade.quality.arranged import Arranged
from integrade.quality.home_market import Home
from integrade.quality.segments import Groups, Vector, runs, spread, sums


def cross_products(rows: Arranged, identity: str, home: Home | None, no_instrument: str) -> pl.DataFrame:
    """Return, by product h, the sums of products of deviations from the means of destination-years, and counts.

    Variables: ln price p, ln quantity q, the instrument z if there is an ``identity`` (the letter of firm or variety
    whose prices elsewhere are the instrument), ln GDP g if ``home`` has it. Rows that lack one are left out.
    ``share``: the number of destination-years that have rows.
    """

    def block(low: int, high: int) -> pl.DataFrame:
        return _of_block(rows, low, high, identity, home, no_instrument)

    return pl.concat(rows.each(block))


def _of_block(
    rows: Arranged, low: int, high: int, identity: str, home: Home | None, no_instrument: str
) -> pl.DataFrame:
    at = rows.block(low, high)
    product, market = rows.letter("h", at) - np.int32(low), rows.market[at]
    ln_q = np.log(rows.quantity[at])
    ln_p = np.log(rows.value[at]) - ln_q
    variables, lone = {"p": ln_p, "q": ln_q}, np.zeros(len(ln_p), dtype=np.bool_)
    if identity:
        variables["z"], lone = _instrument(rows, at, ln_p, identity, home, no_instrument)
    if home is not None and home.gdp is not None:
        variables["g"] = home.ln_gdp(rows, at)
    used = np.flatnonzero(~np.isnan(sum(variables.values())))
    cells = runs(product[used], market[used])
    n = np.diff(cells)
    apart = {name: x[used] - spread(sums(x[used], cells) / n, cells) for name, x in variables.items()}
    names, size = sorted(apart), high - low

    def by_product(of: NDArray[Any], x: NDArray[Any] | None = None) -> NDArray[Any]:
        return np.bincount(of, x, minlength=size)

    products = product[used]
    pairs = {
        a + b: by_product(products, apart[a] * apart[b]).astype(np.float64)
        for i, a in enumerate(names)
        for b in names[i:]
    }
    counts = {"n_used": by_product(products), "n_rows": by_product(product), "lone": by_product(product[lone])}
    share = by_product(products[cells[:-1]]).astype(np.float64)
    return pl.DataFrame({"h": np.arange(low, high), **pairs, "share": share, **counts})


def _instrument(
    rows: Arranged, at: slice, ln_p: Vector, identity: str, home: Home | None, no_instrument: str
) -> tuple[Vector, NDArray[np.bool_]]:
    """Return the instrument, and which rows have no price elsewhere.

    It is the mean ln price of the same firm, product and year over the rows of other destinations. Where there is none,
    it is chosen by ``no_instrument``.
    """
    who, year, market = (rows.letter(x, at) for x in (identity, "t", "m"))
    product = rows.letter("h", at)
    sizes = [rows.products, rows.sizes[identity], rows.years, rows.sizes["m"]]
    here = Groups.of([product, who, year, market], sizes)
    everywhere = runs(*(code[here.order] for code in (product, who, year)))
    price = ln_p[here.order]
    own, n_own = spread(sums(price, here.starts), here.starts), spread(np.diff(here.starts), here.starts)
    total, n = spread(sums(price, everywhere), everywhere), spread(np.diff(everywhere), everywhere)
    z = here.unsorted(_mean_of_others(total - own, n - n_own))
    lone = np.isnan(z)
    if no_instrument == "ols":
        return np.where(lone, ln_p, z), lone
    if no_instrument == "region" and home is not None:
        region = home.region(rows, at)
        cell = Groups.of(
            [product, rows.market[at], region + 1], [rows.products, sizes[2] * sizes[3], home.n_regions + 1]
        )
        own, n_own = here.unsorted(own), here.unsorted(n_own)
        nearby = _mean_of_others(cell.sums(ln_p) - own, np.where(region >= 0, cell.counts() - n_own, 0))
        return np.where(lone, nearby, z), lone
    return z, lone


def _mean_of_others(total: Vector, n: NDArray[Any]) -> Vector:
    return np.where(n > 0, total / np.maximum(n, 1), np.nan)
