"""Run the compiled loops on arranged rows: each loop is one pass over the products, which are divided among threads.

The modules `shi`, `demand_residual`, `standardise` and `aggregate` compute the same numbers with expressions of the
engine, for any table and option. Tests compare the two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from integrade.engine.compiling import threads
from integrade.quality import loops
from integrade.quality.arranged import PIECES, Arranged, Vector, shares
from integrade.quality.effects import Cells, Side, two_way
from integrade.quality.scale import Scale

Terms: TypeAlias = Sequence[tuple[str, ...]]
HOW = {
    "none": loops.NONE,
    "minmax_trim": loops.TRIM,
    "minmax": loops.MINMAX,
    "zscore": loops.ZSCORE,
    "rank": loops.RANK,
}
NO_INSTRUMENT = {"drop": loops.DROP, "ols": loops.OWN}
DENSE = 4  # a table of firms x years with more cells than this per row of customs is not built; a convention


class Standardised(NamedTuple):
    """Standardised quality r of every row, whether it was clipped, and counts of rows by product.

    ``clipped`` is empty unless results are by row.
    """

    r: Vector
    clipped: NDArray[np.uint8]
    counted: NDArray[np.float64]  # (H, loops.COUNTED)


def _each(rows: Arranged, task: Callable[[int, int], Any]) -> None:
    """Run ``task(first, last + 1)`` on consecutive parts of the products, in threads."""
    with ThreadPoolExecutor(threads()) as pool:
        list(pool.map(lambda part: task(*part), shares(rows.starts, PIECES)))


def cross_products(rows: Arranged, identity: str, no_instrument: str) -> pl.DataFrame:
    """Return the cross-products from which `shi.estimate` computes sigma, one row per product h.

    ``identity``: the letter of the unit (firm or variety) whose prices elsewhere are the instrument; empty for no
    instrument.
    """
    kind = NO_INSTRUMENT[no_instrument] if identity else loops.OLS
    who = np.ascontiguousarray(rows.letter(identity or "f"))
    out = np.zeros((len(rows.starts) - 1, loops.CROSS))

    def task(low: int, high: int) -> None:
        loops.cross_products(low, high, kind, rows.years, rows.starts, rows.market, who, rows.value, rows.quantity, out)

    _each(rows, task)
    names = ("pp", "pq", "qq", "pz", "qz", "zz") if identity else ("pp", "pq", "qq")
    columns: dict[str, Any] = {name: out[:, i] for i, name in enumerate(names)}
    whole = {"n_used": out[:, 7], "n_rows": np.diff(rows.starts), "lone": out[:, 8]}
    table = pl.DataFrame({"h": np.arange(len(out)), **columns, "share": out[:, 6], **whole})
    return table.with_columns(pl.col(*whole).cast(pl.Int64))


def residuals(rows: Arranged, terms: Terms, sigma: Vector) -> Vector:
    """Return the residual of every row; missing for a row of leverage 1, or of a product without ``sigma`` (H,)."""
    if [set(term) for term in terms] == [{"h", "m", "t"}]:
        out = rows.numbers()
        _each(
            rows,
            lambda low, high: loops.within(low, high, rows.starts, rows.market, rows.value, rows.quantity, sigma, out),
        )
        return out
    cells = cells_of(rows)
    return residuals_beyond(rows, cells, fit_of(cells, rows.sizes, terms, sigma), sigma)


def residuals_beyond(rows: Arranged, cells: CellTable, fit: Vector, sigma: Vector) -> Vector:
    """Return the residual of every row from the fit of its cell; missing if the fit is missing."""
    out = rows.numbers()
    _each(
        rows,
        lambda low, high: loops.beyond(
            low, high, rows.starts, cells.starts, cells.n, fit, rows.value, rows.quantity, sigma, out
        ),
    )
    return out


class CellTable(NamedTuple):
    """Cells (destination-years) of products: the first cell of each product (H + 1), and codes, rows and sums by cell.

    The code of a cell is destination x years + year.
    """

    starts: NDArray[np.int64]
    market: NDArray[np.int32]
    n: NDArray[np.int64]
    ln_v: Vector
    ln_q: Vector

    def sums(self, sigma: Vector) -> Vector:
        """Return the sum of y over each cell, given the sigma of each cell."""
        return sigma * self.ln_v - (sigma - 1) * self.ln_q

    def codes(self, sizes: Mapping[str, int], term: Sequence[str]) -> NDArray[np.int64]:
        """Return the level of a term for each cell as one number.

        The first letter of the term is the most significant digit.
        """
        market, products = self.market.astype(np.int64), np.arange(len(self.starts) - 1)
        code = np.zeros(len(market), dtype=np.int64)
        for letter in term:
            level = np.repeat(products, np.diff(self.starts)) if letter == "h" else market
            level = level // sizes["t"] if letter == "m" else level % sizes["t"] if letter == "t" else level
            code = code * sizes[letter] + level
        return code


def cells_of(rows: Arranged) -> CellTable:
    """Return the destination-years of every product."""
    counts = np.zeros(len(rows.starts) - 1, dtype=np.int64)
    _each(rows, lambda low, high: loops.count_cells(low, high, rows.starts, rows.market, counts))
    starts = np.concatenate([[0], np.cumsum(counts)])
    size = int(starts[-1])
    cells = CellTable(starts, np.empty(size, np.int32), np.empty(size, np.int64), np.empty(size), np.empty(size))
    _each(
        rows,
        lambda low, high: loops.cells(
            low, high, rows.starts, starts, rows.market, rows.value, rows.quantity, *cells[1:]
        ),
    )
    return cells


def fit_of(cells: CellTable, sizes: Mapping[str, int], terms: Terms, sigma: Vector) -> Vector:
    """Return the sum of the effects in each cell, given sigma (H,) of its product; missing if not identified.

    ``sizes``: the number of products h, destinations m and years t.
    """
    y = cells.sums(np.repeat(sigma, np.diff(cells.starts)))
    if len(terms) == 2:
        return _fit_of_two(sizes, cells, terms, y)
    # the mean over the level of each cell; a level with one row does not identify it
    code, known = cells.codes(sizes, terms[0]), ~np.isnan(y)
    n = np.bincount(code[known], cells.n[known], minlength=int(code.max()) + 1)
    total = np.bincount(code[known], y[known], minlength=len(n))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(n > 1, total / n, np.nan)
    return np.asarray(np.where(known, mean[code], np.nan))


def _fit_of_two(sizes: Mapping[str, int], cells: CellTable, terms: Terms, y: Vector) -> Vector:
    """Return the sum of both effects of each cell; missing if they are not in the same component."""
    known = ~np.isnan(y)
    pair = [cells.codes(sizes, term) for term in terms]
    first, second = (code[known] for code in pair)
    n, total = cells.n[known], np.asarray(y[known], dtype=np.float64)
    if not {"h", "m", "t"} <= {letter for term in terms for letter in term}:
        width = int(second.max(initial=0)) + 1
        joined, at = np.unique(first * width + second, return_inverse=True)
        first, second = joined // width, joined % width
        n, total = np.bincount(at, n).astype(np.int64), np.bincount(at, total).astype(np.float64)
    sides = two_way(Cells(first, second, n, total))
    (a, in_a), (b, in_b) = (_dense(side, code) for side, code in zip(sides, pair, strict=True))
    return np.where(known & (in_a == in_b) & (in_a >= 0), a + b, np.nan)


def _dense(side: Side, code: NDArray[np.int64]) -> tuple[Vector, NDArray[np.int64]]:
    """Return the effect and the graph component of each code; the component is -1 for a level without effect."""
    size = int(code.max(initial=0)) + 1
    effect, component = np.full(size, np.nan), np.full(size, -1, dtype=np.int64)
    effect[side.level], component[side.level] = side.effect, side.component
    return effect[code], component[code]


def standardised(rows: Arranged, scale: Scale, sigma: Vector, residual: Vector, *, by_row: bool) -> Standardised:
    """Return r of every row within its pool; r overwrites the residual unless results are ``by_row``."""
    counted = np.zeros((len(rows.starts) - 1, loops.COUNTED))
    r = rows.numbers() if by_row else residual
    clipped = rows.numbers(np.uint8) if by_row else np.zeros(0, dtype=np.uint8)
    clipped[:] = 0
    middle = 0.0 if scale.standardise == "zscore" else 0.5
    alike = middle if scale.alike == "middle" else np.nan
    how, years = HOW[scale.standardise], rows.years if scale.pool == "product_year" else 1
    columns = (rows.starts, rows.market, rows.value, sigma, residual, r, clipped, counted)

    def task(low: int, high: int) -> None:
        loops.standardised(low, high, how, years, alike, *columns)

    _each(rows, task)
    return Standardised(r, clipped, counted)


def is_dense(rows: Arranged) -> bool:
    """Return whether a table of all firms and years is small enough for sums by firm and year."""
    return rows.sizes.get("f", 0) * rows.years <= DENSE * len(rows.value) + (1 << 20)


def firm_years(rows: Arranged, r: Vector, *, by_value: bool) -> pl.DataFrame:
    """Return f, t, quality, n_products, n_rows and value of every firm-year, sorted; rows are added in key order."""
    known = pl.col("weight") > 0
    sums = firm_year_sums(rows, r, by_value=by_value)
    quality = pl.when(known).then(pl.col("weighted") / pl.col("weight")).alias("quality")
    return sums.select("f", "t", quality, "n_products", "n_rows", "value")


def firm_year_sums(rows: Arranged, r: Vector, *, by_value: bool) -> pl.DataFrame:
    """Return sums of every firm-year, sorted.

    Columns: f, t, weighted (weight x r), weight (of rows with r), n_products, n_rows and value.
    """
    if not is_dense(rows):
        return _sums_of_groups(rows, r, by_value=by_value)
    firms, years = rows.sizes["f"], rows.years
    out = np.zeros((firms * years, loops.SUMS))
    parts = threads()
    cuts = [firms * i // parts for i in range(parts + 1)]

    def task(i: int) -> None:
        loops.firm_years(cuts[i], cuts[i + 1], years, by_value, rows.starts, rows.market, rows.firm, rows.value, r, out)

    with ThreadPoolExecutor(parts) as pool:
        list(pool.map(task, range(parts)))
    there = np.flatnonzero(out[:, 3])
    value, weighted, weight, n, products, _ = np.ascontiguousarray(out[there].T)
    return pl.DataFrame(
        {
            "f": there // years,
            "t": there % years,
            "weighted": weighted,
            "weight": weight,
            "n_products": products.astype(np.int64),
            "n_rows": n.astype(np.int64),
            "value": value,
        }
    )


def _sums_of_groups(rows: Arranged, r: Vector, *, by_value: bool) -> pl.DataFrame:
    """Return the sums of `firm_year_sums` by grouping rows, for tables in which most firms have rows in few years."""
    value, there = pl.col("v"), pl.col("r").is_not_null()
    weight = value if by_value else pl.lit(1.0)
    groups = rows.rows(r=r).with_columns(pl.col("r").fill_nan(None)).group_by("f", "t", maintain_order=True)
    sums = groups.agg(
        value=value.sum(),
        weighted=(weight * pl.col("r")).sum(),
        weight=(weight * there).sum(),
        n_rows=pl.len().cast(pl.Int64),
        n_products=pl.col("h").n_unique().cast(pl.Int64),
    )
    return sums.sort("f", "t").select("f", "t", "weighted", "weight", "n_products", "n_rows", "value")


def by_firm(rows: Arranged) -> NDArray[np.int64]:
    """Return the order of rows by firm, then by product, destination, year and further keys."""
    ends = np.cumsum(np.bincount(rows.firm, minlength=rows.sizes["f"]))
    order = rows.numbers(np.int64)
    loops.by_code(rows.firm, np.concatenate([[0], ends[:-1]]), order)
    return order
