"""Measure integration by the location of industries: Herfindahl, Hoover-Balassa and Ellison-Glaeser (METHODS 2.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from integrade.engine.frames import Data, give_back, place
from integrade.errors import MissingColumn, OutOfRange, option
from integrade.integration.industries import (
    Absent,
    Basis,
    Industries,
    as_rows,
    complete,
    give_column,
    read_industries,
    settings,
    shares,
)
from integrade.integration.transforms import Vector
from integrade.records.catalogue import choose, measure
from plainwords.account import Account, Entry
from plainwords.texts import say

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Concentration:
    """Options of `herfindahl` and `hoover_balassa` (METHODS 2.1).

    Parameters
    ----------
    basis
        The measure of production: value of output, or employment.
    level
        industry: the concentration of each industry over regions. region: the concentration of each region over
        industries. nation: the mean over industries, weighted by their size.
    absent
        What to do if an industry has no number in a region: count it as zero there, or leave the industry out of that
        year for all regions.
    """

    basis: Basis = "value"
    level: Literal["industry", "region", "nation"] = "industry"
    absent: Absent = "zero"


@dataclass(frozen=True)
class EllisonGlaeser:
    """Options of `ellison_glaeser` (METHODS 2.1).

    Parameters
    ----------
    basis
        The size of an industry and of its plants: value of output, or employment.
    plants
        squares: the column size_squared, exact. equal: the column plants, as if all plants of a region and industry had
        the same size; this makes their Herfindahl index too small. auto: squares if there is such a column.
    level
        industry: one row per industry. nation: the mean over industries, weighted by their size.
    absent
        What to do if an industry has no number in a region: count it as zero there, or leave the industry out of that
        year for all regions.
    """

    basis: Basis = "employment"
    plants: Literal["auto", "squares", "equal"] = "auto"
    level: Literal["industry", "nation"] = "industry"
    absent: Absent = "zero"


@measure(
    family="integration",
    needs=("output",),
    key=("industry", "year"),
    adds={"integration": "0..1"},
    options=Concentration,
    cite="Hirschman (1964)",
)
def herfindahl(output: Data, options: Concentration | None = None, **changes: Any) -> Data:
    """Compute the Herfindahl index of each industry over regions (or of each region over industries).

    Formula:
        H_k = sum over i of (x_ik / x_.k)^2; by region H_i = sum over k of (x_ik / x_i.)^2. The index is 1/n if
        production is even over n regions, and 1 if it is all in one region.

    Missing values:
        An industry without a number in a region counts as zero there and is counted, or is left out for all regions
        (``absent``). An industry that no region has in a year has no row. A region that produces nothing has a missing
        value, which is counted.

    Args:
        output: any frame with region, industry, year and value (currency) or employment (persons).
        options: a `Concentration`; single options may be given or changed by name.
        **changes: options by name.

    Returns:
        One row per industry, year, sorted: integration (0..1). By ``level``, one row per region and year, or one row
        per year. Same kind of frame as the input.

    Raises:
        TooFew: there is only one region. MissingColumn: the column of ``basis`` is missing. See
        `integrade.records.schema.conform` for others.

    Reference:
        Hirschman (1964, AER); Bai, Du, Tao and Tong (2004, JIE). METHODS 2.1.

    Example:
        >>> import polars as pl
        >>> output = pl.DataFrame({
        ...     "region": list("AABBCC"), "industry": ["01", "02"] * 3, "year": [2004] * 6,
        ...     "value": [30.0, 10, 10, 30, 20, 20],
        ... })
        >>> herfindahl(output)["integration"].round(4).to_list()
        [0.3889, 0.3889]
    """
    return _concentrated(output, "herfindahl", choose(Concentration, options, changes))


@measure(
    family="integration",
    needs=("output",),
    key=("industry", "year"),
    adds={"integration": "0..1"},
    options=Concentration,
    cite="Hoover (1936); Balassa (1965)",
)
def hoover_balassa(output: Data, options: Concentration | None = None, **changes: Any) -> Data:
    """Compute the Hoover-Balassa index: the Gini coefficient of each industry's location quotients over regions.

    Formula:
        With regions sorted by LQ_ik, G_k = 1 - sum over i of x_i (P_i + P_i-1), where x_i is the share of region i in
        all activity and P the cumulative share of industry k. By region, the same formula is used over industries. The
        index is 0 for an industry distributed like all activity, and near 1 if it is in one small region.

    Missing values:
        As in `herfindahl`.

    Args:
        output: any frame with region, industry, year and value (currency) or employment (persons).
        options: a `Concentration`; single options may be given or changed by name.
        **changes: options by name.

    Returns:
        One row per industry, year, sorted: integration (0..1). By ``level``, one row per region and year, or one row
        per year. Same kind of frame as the input.

    Raises:
        TooFew: there is only one region. MissingColumn: the column of ``basis`` is missing. See
        `integrade.records.schema.conform` for others.

    Reference:
        Hoover (1936, REStat); Balassa (1965). METHODS 2.1.

    Example:
        >>> import polars as pl
        >>> output = pl.DataFrame({
        ...     "region": list("AABBCC"), "industry": ["01", "02"] * 3, "year": [2004] * 6,
        ...     "value": [30.0, 10, 10, 30, 20, 20],
        ... })
        >>> hoover_balassa(output)["integration"].round(4).to_list()
        [0.2222, 0.2222]
    """
    return _concentrated(output, "hoover_balassa", choose(Concentration, options, changes))


def _concentrated(output: Data, step: str, options: Concentration) -> Data:
    cube, account, frame = read_industries(output, step)
    values, filled = complete(cube, options.basis, options.absent, step)
    by_region = options.level == "region"
    shares_of = shares(values, axis=2 if by_region else 1)
    everywhere = shares(np.nansum(values, axis=1 if by_region else 2, keepdims=True), axis=2 if by_region else 1)
    if step == "herfindahl":
        index = np.where(
            np.isfinite(shares_of).any(axis=2 if by_region else 1),
            np.nansum(shares_of**2, axis=2 if by_region else 1),
            np.nan,
        )
    else:
        index = gini(np.broadcast_to(everywhere, shares_of.shape), shares_of, axis=2 if by_region else 1)
    rows = _by_level(cube, values, {"integration": index}, options.level)
    account += filled + settings(options, step, rows, say("integration.produces-nothing"))
    return give_back(place(rows, frame), output, name="integration", account=account)


def gini(weights: Vector, portions: Vector, axis: int) -> Vector:
    """Compute the Gini coefficient of ``portions`` over ``weights``; NaN if all are missing.

    ``portions`` and ``weights`` are shares along ``axis``. Cells are sorted by portions / weights; the coefficient is
    one minus twice the area below the Lorenz curve.
    """
    w, p = np.moveaxis(weights, axis, -1), np.moveaxis(portions, axis, -1)
    some = np.isfinite(p) & (w > 0)
    ratio = np.where(some, p, np.nan) / np.where(some, w, np.nan)
    order = np.argsort(ratio, axis=-1, kind="stable")
    w = np.take_along_axis(np.where(some, w, 0.0), order, axis=-1)
    p = np.take_along_axis(np.where(some, p, 0.0), order, axis=-1)
    total = np.cumsum(p, axis=-1)
    index = 1 - (w * (2 * total - p)).sum(axis=-1)
    return np.where(some.any(axis=-1), np.maximum(index, 0.0), np.nan)


def _by_level(cube: Industries, values: Vector, columns: dict[str, Vector], level: str) -> pl.DataFrame:
    """Convert indices of industries (T, K) or of regions (T, N) to rows.

    The nation's index is the mean over industries, weighted by their size.
    """
    size = np.nansum(values, axis=1)
    match level:
        case "region":
            return as_rows({"year": cube.years, "region": cube.regions}, columns, cube.here)
        case "industry":
            return as_rows({"year": cube.years, "industry": cube.industries}, columns, size > 0)
        case _:
            some = np.isfinite(columns["integration"]) & (size > 0)
            weight = np.where(some, size, 0.0)
            total = weight.sum(axis=1)
            means = {
                name: (np.where(some, x, 0.0) * weight).sum(axis=1) / np.where(total > 0, total, np.nan)
                for name, x in columns.items()
            }
            return as_rows({"year": cube.years}, means, cube.here.any(axis=1))


@measure(
    family="integration",
    needs=("output",),
    key=("industry", "year"),
    adds={"integration": "index", "raw_concentration": "0..2", "plant_herfindahl": "0..1", "n_plants": "plants"},
    options=EllisonGlaeser,
    cite="Ellison and Glaeser (1997)",
)
def ellison_glaeser(output: Data, options: EllisonGlaeser | None = None, **changes: Any) -> Data:
    """Compute the Ellison-Glaeser index: industry concentration beyond what a few large plants cause by chance.

    Formula:
        gamma_k = (G_k - (1 - X) H_k) / ((1 - X)(1 - H_k)), X = sum over i of x_i^2, G_k = sum over i of (x_ik / x_.k -
        x_i)^2, where x_i is the share of region i in all activity and H_k the Herfindahl index of the industry's
        plants. It is 0 if the industry is as concentrated as plants located at random, and positive if it is more
        concentrated.

    Missing values:
        An industry without a number in a region counts as zero there and is counted, or is left out for all regions
        (``absent``). An industry with one plant or none has a missing value, which is counted. An industry that no
        region has in a year has no row.

    Args:
        output: any frame with region, industry, year, employment (persons) or value (currency), and plants (their
            number) or size_squared (sizes squared, summed over the plants of the region and industry).
        options: an `EllisonGlaeser`; single options may be given or changed by name.
        **changes: options by name.

    Returns:
        One row per industry, year, sorted: integration (gamma), raw_concentration (G), plant_herfindahl (H), n_plants
        (missing if only squares are given). With level='nation', one row per year. Same kind of frame as the input.

    Raises:
        MissingColumn: neither plants nor size_squared is there. OutOfRange: a sum of squares is larger than the square
        of the total. TooFew: there is only one
        region. See `integrade.records.schema.conform` for others.

    Reference:
        Ellison and Glaeser (1997, JPE), equation 5. METHODS 2.1.

    Example:
        >>> import polars as pl
        >>> output = pl.DataFrame({
        ...     "region": list("AABB"), "industry": ["01", "02"] * 2, "year": [2004] * 4,
        ...     "employment": [40.0, 10, 10, 40], "plants": [4, 1, 1, 4],
        ... })
        >>> ellison_glaeser(output)["integration"].round(4).to_list()
        [0.2, 0.2]
    """
    chosen = choose(EllisonGlaeser, options, changes)
    cube, account, frame = read_industries(output, "ellison_glaeser")
    values, filled = complete(cube, chosen.basis, chosen.absent, "ellison_glaeser")
    plants, noted = _plant_herfindahl(cube, values, chosen)
    everywhere = shares(np.nansum(values, axis=2), axis=1)
    spread = 1 - np.nansum(everywhere**2, axis=1)[:, None]
    raw = np.nansum((shares(values, axis=1) - everywhere[:, :, None]) ** 2, axis=1)
    bottom = spread * (1 - plants)
    # An industry with a single plant has 1 - H = 0; 1e-12 recognises it despite floating-point error.
    gamma = (raw - spread * plants) / np.where(bottom > 1e-12, bottom, np.nan)
    counts = np.nansum(cube.columns["plants"], axis=1) if "plants" in cube.columns else np.full_like(gamma, np.nan)
    columns = {"integration": gamma, "raw_concentration": raw, "plant_herfindahl": plants, "n_plants": counts}
    rows = _by_level(cube, values, columns, chosen.level)
    account += filled + noted + settings(chosen, "ellison_glaeser", rows, say("integration.one-plant"))
    return give_back(place(rows, frame), output, name="integration", account=account)


def _plant_herfindahl(cube: Industries, values: Vector, options: EllisonGlaeser) -> tuple[Vector, Account]:
    """Compute H_k (T, K) from squares of plant sizes, or as if the plants of a region and industry had equal size."""
    total = np.nansum(values, axis=1)
    known = values > 0
    exact = options.plants == "squares" or (options.plants == "auto" and "size_squared" in cube.columns)
    if not exact and "plants" not in cube.columns:
        raise MissingColumn("columns 'plants' and 'size_squared' are missing from output", remedy=give_column("plants"))
    if exact:
        squares = cube["size_squared"]
        # 1e-9 allows for floating-point error in sums of squares; a convention.
        if (squares > values**2 * (1 + 1e-9)).any():
            t, i, k = (int(at[0]) for at in np.nonzero(squares > values**2 * (1 + 1e-9)))
            raise OutOfRange(
                f"size_squared is larger than the square of {options.basis}",
                example=f"region={cube.regions[i]}, industry={cube.industries[k]}, year={cube.years[t]}",
                remedy=f"it is the sum over plants of squared {options.basis}, in the same unit; "
                f"or assume plants of equal size: {option('plants', 'equal')}",
            )
    else:
        squares = values**2 / np.where(cube["plants"] > 0, cube["plants"], np.nan)
    lacking = (known & ~np.isfinite(squares)).any(axis=1)
    index = np.nansum(np.where(known, squares, 0.0), axis=1) / np.where(total > 0, total, np.nan) ** 2
    step = "ellison_glaeser"
    notes = [] if exact else [say("integration.one-size")]
    n = int(lacking.sum())
    notes += [say("integration.output-without-plants", n=n)] if n else []
    return np.where(lacking, np.nan, index), Account(tuple(Entry(step, "output", "note", text, 0) for text in notes))
