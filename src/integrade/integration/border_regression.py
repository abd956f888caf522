"""Estimate border effects by regressing log flows on sizes and distance: McCallum (1995), Wei (1996)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np

from integrade.engine.frames import Data, give_back, place
from integrade.errors import option
from integrade.geography import is_country
from integrade.integration.bilateral import Absent, Flows, Mask, both_kinds, need_distances, read_bilateral
from integrade.integration.log_flows import (
    ADDS,
    TABLE,
    Border,
    Thin,
    blocks,
    border_rows,
    check_sigma,
    enter,
    estimated,
    give_distance,
    left_out,
    logs_of,
    need_gdp,
    pairs_of,
    settings,
    solve,
)
from integrade.integration.transforms import Vector
from integrade.records.catalogue import choose, measure
from integrade.records.needs import File
from integrade.regress.covariance import cluster_scores, clustered

STEP = "border_regression"


@dataclass(frozen=True)
class BorderRegression:
    """Options of `border_regression` (METHODS 2.2).

    Parameters
    ----------
    level
        nation: one home coefficient for each year. region: one for each region and year, which compares its internal
        flow with the prediction from flows between regions.
    mass
        The sizes Y_i and Y_j: flows (everything that i sells and everything that j buys) or gdp (real GDP; needs the
        table gdp).
    slopes
        Whether the coefficients of sizes and distance are separate for each year, or pooled over years with year
        effects.
    thin
        What to do with a year that has too few flows for its coefficients: leave it out, with a warning that names it,
        or refuse.
    distance
        Whether logs of the column distance are a regressor.
    sigma
        Elasticity of substitution, above 1, for the tariff equivalent.
    absent
        The meaning of a flow between regions that the table does not list: missing, or zero.
    geography
        The regions: a country (MY), a file or a `Geography`. Missing distances between regions are then computed
        between the middles of the regions.
    """

    level: Literal["nation", "region"] = "nation"
    mass: Literal["flows", "gdp"] = "flows"
    slopes: Literal["year", "pooled"] = "year"
    thin: Thin = "leave_out"
    distance: Literal["log", "none"] = "log"
    sigma: float = 8.0
    absent: Absent = "missing"
    geography: Annotated[Any, File(like=is_country)] = None


@measure(
    family="integration",
    needs=("flows", "gdp"),
    key=("year",),
    adds=ADDS,
    options=BorderRegression,
    cite="McCallum (1995); Wei (1996)",
)
def border_regression(flows: Data, gdp: Any = None, options: BorderRegression | None = None, **changes: Any) -> Data:
    """Estimate border effects of each year by least squares on log flows within and between regions.

    Formula:
        ln X_ij = b0 + b1 ln Y_i + b2 ln Y_j - th ln d_ij + g Home_ij + e, Home_ij = 1 when i = j; integration = -g;
        border effect = exp(g), how many times more a region trades with itself, all else equal; tariff equivalent =
        exp(g / (sigma - 1)) - 1. Errors are clustered by pair of regions (CR1). By region, g_i = ln X_ii less its
        prediction from the flows between regions, with classical errors.

    Missing values:
        Flows of zero have no log; they are left out and counted (`gravity` keeps them). Flows without a distance
        or a size are left out and counted too. A year has a row only if it has flows within and between regions. A
        region without an internal flow has no row. A year that does not have more flows than coefficients is left out,
        with a warning (``thin``).

    Args:
        flows: any frame with origin, destination, year, value and distance (km, including distances within regions).
        gdp: optional frame with region, year, real_gdp, and area (square km), which is used where internal distances
        are missing.
        options: a `BorderRegression`; single options may be given or changed by name.
        **changes: options by name.

    Returns:
        One row per year (with level='region', one row per region and year), sorted: integration (-g, log points),
        se_integration, border_effect, tariff_equivalent, n_flows (rows of the regression). Same kind of frame as the
        input.

    Raises:
        MissingColumn: there are no distances. UsageError: mass='gdp' is given without the table gdp. OutOfRange: sigma
        is not above 1.
        TooFew, NotIdentified: there are too few flows, or none within regions. See `integrade.records.schema.conform`
        for others.

    Reference:
        McCallum (1995, AER); Wei (1996, NBER 5531). METHODS 2.2.

    Example:
        >>> import polars as pl
        >>> size, places = {"A": 2.0, "B": 5.0, "C": 3.0, "D": 4.0}, {"A": 0, "B": 3, "C": 5, "D": 9}
        >>> rows = [(i, j, 1 + abs(places[i] - places[j])) for i in size for j in size]
        >>> flows = pl.DataFrame([
        ...     {"origin": i, "destination": j, "year": 2007, "distance": float(d),
        ...      "value": size[i] * size[j] / d * (6 if i == j else 1)} for i, j, d in rows
        ... ])
        >>> gdp = pl.DataFrame({"region": list(size), "year": [2007] * 4, "real_gdp": list(size.values())})
        >>> border_regression(flows, gdp, mass="gdp")["border_effect"].round(6).to_list()
        [6.0]
    """
    chosen = choose(BorderRegression, options, changes)
    check_sigma(chosen.sigma)
    need_gdp(gdp, chosen.mass == "gdp", option("mass", "gdp"))
    cube, account, frame = read_bilateral(flows, gdp, chosen.absent, STEP, chosen.geography)
    if chosen.distance == "log":
        need_distances(cube, give_distance())
    if chosen.mass == "gdp":
        exporters = importers = cube.about["real_gdp"]
    else:
        exporters, importers = np.nansum(cube.value, axis=2), np.nansum(cube.value, axis=1)
    sizes = [exporters[:, :, None], importers[:, None, :]]
    columns = logs_of([*sizes, *([cube.distance] if chosen.distance == "log" else [])])
    usable = (cube.value > 0) & np.isfinite(columns).all(axis=0)
    account += left_out(cube.value, usable, STEP, inside=True)
    usable, lost = both_kinds(usable, STEP)
    account += lost
    estimate = _by_region if chosen.level == "region" else _by_year
    years = blocks(usable, pooled=chosen.slopes == "pooled")
    borders, thin = estimated(
        cube, years, lambda at: estimate(cube, columns, usable, at), usable, thin=chosen.thin, step=STEP
    )
    account += thin
    rows = border_rows(cube, borders, chosen.level, chosen.sigma)
    return give_back(place(rows, frame), flows, name=TABLE, account=account + settings(chosen, STEP, rows))


def _design(columns: Vector, at: tuple[Any, ...], years: list[int]) -> Vector:
    """Build the regressors (n, T + k): year effects and slopes."""
    return np.column_stack([at[0][:, None] == np.array(years), columns[:, at[0], at[1], at[2]].T]).astype(np.float64)


def _by_year(flows: Flows, columns: Vector, usable: Mask, years: list[int]) -> Iterator[Border]:
    """Yield minus the home coefficient of each year."""
    rows = enter(usable, years)
    home = (rows.origin == rows.destination)[:, None] & (rows.year[:, None] == np.array(years))
    x = np.column_stack([home.astype(np.float64), _design(columns, rows, years)])
    y = np.log(flows.value[rows])
    fit, kept = solve(x, y, where=_in(flows, years))
    x, pair = np.ascontiguousarray(x[:, kept]), pairs_of(rows)
    vcov = clustered(
        fit.bread, lambda c: cluster_scores(x, fit.residuals, c), clusters=[pair], n=len(y), k=x.shape[1]
    ).vcov
    for place_, t in enumerate(years):
        error = math.sqrt(vcov[place_, place_])
        yield Border(t, -1, -float(fit.coefficients[place_]), error, int((rows.year == t).sum()))


def _by_region(flows: Flows, columns: Vector, usable: Mask, years: list[int]) -> Iterator[Border]:
    """Yield the log of each internal flow, as predicted from the flows between regions, less its actual log.

    The difference equals minus the coefficient of a dummy for this internal flow.
    """
    inside = np.eye(len(flows.regions), dtype=np.bool_)
    between, within = enter(usable & ~inside, years), enter(usable & inside, years)
    x, y = _design(columns, between, years), np.log(flows.value[between])
    fit, kept = solve(x, y, where=_in(flows, years))
    new = _design(columns, within, years)[:, kept]
    home = np.log(flows.value[within]) - new @ fit.coefficients
    variance = float(fit.residuals @ fit.residuals) / (len(y) - len(kept))
    errors = np.sqrt(variance * (1 + np.einsum("ij,jk,ik->i", new, fit.bread, new)))
    for t, i, g, error in zip(within.year, within.origin, home, errors, strict=True):
        yield Border(int(t), int(i), -float(g), float(error), int((between.year == t).sum()) + 1)


def _in(flows: Flows, years: list[int]) -> str:
    """Name the years of a block for messages."""
    return f"in {flows.years[years[0]]}" if len(years) == 1 else f"in {flows.years[years[0]]}-{flows.years[years[-1]]}"
