"""Find years in which customs records break: new and vanished product codes, and changed units (METHODS 3.3).

R2 by year shows how much of the variance of prices and quantities is between products.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from integrade.engine.exact import total_of
from integrade.engine.frames import Table
from integrade.quality.arranged import Arranged, arranged_rows
from integrade.records import tidied
from integrade.records.schema import conform
from integrade.wording.numerals import percent
from integrade.wording.sheet import Sheet, shown
from plainwords.account import Account, Entry
from plainwords.texts import say

if TYPE_CHECKING:
    import polars as pl

STEP = "breaks"
HS_REVISIONS = (1992, 1996, 2002, 2007, 2012, 2017, 2022)
FLAGGED, TIMES = 0.01, 3.0  # a share of value above 1%, and above three times the median of all years: conventions


@dataclass(frozen=True)
class YearBreak:
    """One year with its shares of value and R2.

    Shares are of the year's value; ``share_gone`` is a share of the previous year's value. In the first year only
    ``share_mixed_units`` is known; the other shares are None.

    ``share_new``: value in product codes never seen before; ``share_gone``: value in codes never seen again;
    ``share_new_unit``: value in codes whose main unit differs from the year before; ``share_mixed_units``: value in
    codes with several units. ``r2_price`` and ``r2_quantity``: share of the variance of ln price and ln quantity
    between products (code x unit).
    """

    year: int
    n_rows: int
    n_products: int
    value: float
    r2_price: float | None
    r2_quantity: float | None
    share_new: float | None
    share_gone: float | None
    share_new_unit: float | None
    share_mixed_units: float
    hs_revision: bool


@shown
@dataclass(frozen=True)
class Breaks:
    """Years in order, their flags, and the account of the rows."""

    years: tuple[YearBreak, ...]
    flags: tuple[tuple[int, str], ...]
    account: Account

    def table(self) -> Table:
        """Return the years as a table, with its account."""
        import polars as pl

        rows = [{f.name: getattr(y, f.name) for f in fields(YearBreak)} for y in self.years]
        return Table("quality_breaks", pl.DataFrame(rows, infer_schema_length=None), self.account)

    def tidy(self) -> pl.DataFrame:
        """Return the estimates or rows of this result with broom's columns (`integrade.records.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Return the summary numbers of this result in one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """Return a printable table with one row per year, and the flags."""
        head = ("year", "rows", "products", "R2 ln p", "R2 ln q", "new", "gone", "new unit", "mixed units", "HS")
        rows = [
            (
                str(y.year),
                f"{y.n_rows:,}",
                f"{y.n_products:,}",
                _number(y.r2_price),
                _number(y.r2_quantity),
                *(_share(s) for s in (y.share_new, y.share_gone, y.share_new_unit, y.share_mixed_units)),
                "revised" if y.hs_revision else "",
            )
            for y in self.years
        ]
        return Sheet("Breaks of customs records", head, tuple(rows), tuple(f"{y}: {text}" for y, text in self.flags))


def _number(x: float | None) -> str:
    return "" if x is None else f"{x:.4f}"


def _share(x: float | None) -> str:
    return "" if x is None else percent(x, 2)


def quality_breaks(customs: Any) -> Breaks:
    """Find years in which codes or units change, so that a trend in quality may be an artefact.

    Formula:
        By year: R2 = 1 - sum_h sum_j (y - ybar_h)^2 / sum_j (y - ybar)^2 of y = ln p and ln q over products h. Also the
        shares of value in four kinds of product codes: codes first seen in the year, codes last seen in the year
        before, codes whose main unit (by value) differs from the year before, and codes with several units. Flagged: a
        year of an HS revision (1992, 1996, 2002, 2007, 2012, 2017, 2022), unless it is the first year. Also flagged:
        one of the first three shares if it is above 1% and above three times its median over the years. With fewer
        than three values there is no median, and only the 1% counts.

    Missing values: see `integrade.records.schema.conform`. Codes that pause for years are neither new nor gone. Without
    a column unit, units do not change. Returns a `Breaks`; ``str()`` prints it as a table, ``table()`` returns the same
    as data. Raises the errors of `conform`.

    Reference:
        METHODS 3.3 (year-break diagnostics); World Customs Organization, years of HS editions.

    Example:
        >>> import polars as pl
        >>> customs = pl.DataFrame({
        ...     "firm": ["a", "a", "a"], "product": ["851712", "851712", "851713"], "destination": ["USA"] * 3,
        ...     "year": [2020, 2021, 2022], "value": [50.0, 80, 40], "quantity": [10.0, 20, 5],
        ... })
        >>> for year, text in quality_breaks(customs).flags[-2:]:
        ...     print(text)
        records in codes that appear for the first time hold 100.00% of value
        records in codes that do not appear again held 100.00% of the previous value
    """
    door = conform(customs, "customs")
    cells = _cells(arranged_rows(door.frame))
    years = _years(cells)
    flags = tuple(_flags(years))
    notes = [
        Entry(STEP, "customs", "note", say("quality.of-year", year=str(year), what=text), 0) for year, text in flags
    ]
    return Breaks(years, flags, door.account + notes)


def _cells(rows: Arranged) -> pl.DataFrame:
    """Return, by product (code x unit) and year, the rows, the value, and the first two moments of ln p and ln q."""
    import polars as pl

    def block(low: int, high: int) -> pl.DataFrame:
        at, years = rows.block(low, high), rows.years
        code = (rows.letter("h", at).astype(np.int64) - low) * years + rows.letter("t", at)
        n = np.bincount(code, minlength=(high - low) * years)
        there = np.flatnonzero(n)
        v, q = rows.value[at], np.log(rows.quantity[at])
        p = np.log(v) - q
        moments = {name: np.bincount(code, x)[there] for name, x in zip(_MOMENTS, (v, p, q, p * p, q * q), strict=True)}
        return pl.DataFrame(
            {"h": there // years + low, "year": there % years + rows.first_year, "n": n[there], **moments}
        )

    cells = pl.concat(rows.each(block))
    products = rows.levels["h"][cells["h"]]
    units = products["unit"] if "unit" in products.columns else pl.repeat("", products.height, eager=True)
    return cells.drop("h").with_columns(products["product"], units.alias("unit"))


_MOMENTS = ("v", "p", "q", "pp", "qq")


def _years(cells: pl.DataFrame) -> tuple[YearBreak, ...]:
    import polars as pl

    codes = cells.group_by("product", "year").agg(
        v=total_of(pl.col("v")), units=pl.len(), main=pl.col("unit").sort_by(-pl.col("v"), "unit").first()
    )
    codes = codes.with_columns(
        first=pl.col("year").min().over("product"), last=pl.col("year").max().over("product")
    ).sort("product", "year")
    breaks = []
    years = cells["year"].unique().sort().to_list()
    for year, before in zip(years, [None, *years[:-1]], strict=True):
        now, here = codes.filter(pl.col("year") == year), cells.filter(pl.col("year") == year)
        total = float(now["v"].sum())
        changes = _changes(codes, now, year, before) if before is not None else {}
        breaks.append(
            YearBreak(
                year=year,
                n_rows=int(here["n"].sum()),
                n_products=now.height,
                value=total,
                r2_price=_r2(here, "p"),
                r2_quantity=_r2(here, "q"),
                share_new=changes.get("new"),
                share_gone=changes.get("gone"),
                share_new_unit=changes.get("unit"),
                share_mixed_units=float(now.filter(pl.col("units") > 1)["v"].sum()) / total,
                hs_revision=year in HS_REVISIONS,
            )
        )
    return tuple(breaks)


def _changes(codes: pl.DataFrame, now: pl.DataFrame, year: int, before: int) -> Mapping[str, float]:
    """Return shares of value in new codes, codes not seen again and codes with another main unit."""
    import polars as pl

    earlier = codes.filter(pl.col("year") == before)
    both = now.join(earlier.select("product", was="main"), on="product").filter(pl.col("main") != pl.col("was"))
    return {
        "new": float(now.filter(pl.col("first") == year)["v"].sum()) / float(now["v"].sum()),
        "gone": float(earlier.filter(pl.col("last") == before)["v"].sum()) / float(earlier["v"].sum()),
        "unit": float(both["v"].sum()) / float(now["v"].sum()),
    }


def _r2(cells: pl.DataFrame, name: str) -> float | None:
    """Return the share of the variance that is between products; None if nothing varies."""
    n, total, squares = (cells[c].to_numpy().astype(np.float64) for c in ("n", name, name * 2))
    mean = total.sum() / n.sum()
    whole = float(squares.sum() - n.sum() * mean * mean)
    within = float((squares - total * total / n).sum())
    # 1e-12 of the sum of squares is rounding of a variance of zero; a convention
    return 1 - within / whole if whole > 1e-12 * float(squares.sum()) else None


def _flags(years: tuple[YearBreak, ...]) -> list[tuple[int, str]]:
    texts = {
        "share_new": "quality.codes-new",
        "share_gone": "quality.codes-gone",
        "share_new_unit": "quality.main-unit-changed",
    }
    limits = {}
    for name in texts:
        shares = [s for y in years if (s := getattr(y, name)) is not None]
        limits[name] = max(FLAGGED, TIMES * float(np.median(shares))) if len(shares) > 2 else FLAGGED
    flags: list[tuple[int, str]] = []
    for y in years:
        if y.hs_revision and y.share_new is not None:
            revised = say("quality.hs-revision", new=_share(y.share_new), gone=_share(y.share_gone))
            flags.append((y.year, revised))
        for name, text in texts.items():
            share = getattr(y, name)
            if share is not None and share > limits[name]:
                flags.append((y.year, say(text, share=_share(share))))
    return flags
