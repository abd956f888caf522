"""Estimate border effects of each importing region from log odds of flows: Head and Mayer (2000), Poncet (2003)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
import polars as pl

from integrade.engine.frames import Data, give_back, place
from integrade.errors import MissingColumn, TooFew, counted, mapped_as, option
from integrade.geography import is_country
from integrade.integration.bilateral import Absent, Flows, need_distances, read_bilateral
from integrade.integration.log_flows import (
    ADDS,
    TABLE,
    Border,
    Rows,
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
from integrade.regress.covariance import cluster_scores
from integrade.regress.effects import Factor, combine, factorise
from integrade.regress.partial import absorber, demean, group_sums
from integrade.regress.ssc import cluster_factor

STEP = "log_odds"


@dataclass(frozen=True)
class LogOdds:
    """Options of `log_odds` (METHODS 2.2).

    Parameters
    ----------
    level
        region: one border coefficient for each importing region and year. nation: one border coefficient for each year.
    supply
        v, the size of a supplier: flows (everything that it sells) or gdp (real GDP; needs the table gdp).
    elasticity
        Whether the elasticity of supply is imposed at 1, as in the model, or estimated.
    price
        Whether ln(p_i / p_j) is a regressor; p is the column price of the table gdp (price level or wage).
    slopes
        Whether the coefficients of distance, price and supply are pooled over years or separate for each year.
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

    level: Literal["region", "nation"] = "region"
    supply: Literal["flows", "gdp"] = "flows"
    elasticity: Literal["imposed", "estimated"] = "imposed"
    price: bool = False
    slopes: Literal["pooled", "year"] = "pooled"
    thin: Thin = "leave_out"
    distance: Literal["log", "none"] = "log"
    sigma: float = 8.0
    absent: Absent = "missing"
    geography: Annotated[Any, File(like=is_country)] = None


@measure(
    family="integration",
    needs=("flows", "gdp"),
    key=("region", "year"),
    adds=ADDS,
    options=LogOdds,
    cite="Head and Mayer (2000); Poncet (2003)",
)
def log_odds(flows: Data, gdp: Any = None, options: LogOdds | None = None, **changes: Any) -> Data:
    """Estimate border effects of each importing region, from its purchases from others relative to those from itself.

    Formula:
        ln(X_ij / X_jj) = ln(v_i / v_j) - th ln(d_ij / d_jj) - sigma ln(p_i / p_j) + beta_jt + e for i not j;
        integration = beta (0 without a border); border effect = exp(-beta), how many times more a region buys from
        itself, all else equal; tariff equivalent = exp(-beta / (sigma - 1)) - 1. Errors are clustered by pair (CR1).

    Missing values:
        Flows of zero have no log; they are left out and counted. Flows into a region without an internal flow, and
        flows without a distance, supply or price, are also left out and counted. A region and year without a usable
        flow has no row. With separate slopes for each year, a year that does not have more flows than coefficients is
        left out, with a warning (``thin``).

    Args:
        flows: any frame with origin, destination, year, value and distance (km, including distances within regions).
        gdp: optional frame with region, year, real_gdp, and price or area (square km) if an option needs them.
        options: a `LogOdds`; single options may be given or changed by name.
        **changes: options by name.

    Returns:
        One row per region (that buys), year (with level='nation', one row per year), sorted: integration (beta, log
        points), se_integration, border_effect, tariff_equivalent, n_flows (flows that enter). Same kind of frame as the
        input.

    Raises:
        MissingColumn: there are no distances or prices. UsageError: supply='gdp' or price=True is given without the
        table gdp.
        OutOfRange: sigma is not above 1. TooFew, NotIdentified: there are too few flows. See
        `integrade.records.schema.conform` for others.

    Reference:
        Head and Mayer (2000, Weltwirtschaftliches Archiv); Poncet (2003, China Economic Review). METHODS 2.2.

    Example:
        >>> import polars as pl
        >>> flows = pl.DataFrame({
        ...     "origin": list("AAABBBCCC"), "destination": list("ABCABCABC"), "year": [2007] * 9,
        ...     "value": [40.0, 9, 5, 10, 90, 30, 6, 28, 60],
        ... })
        >>> log_odds(flows, distance="none")["border_effect"].round(3).to_list()
        [10.571, 3.107, 4.367]
    """
    chosen = choose(LogOdds, options, changes)
    check_sigma(chosen.sigma)
    need_gdp(gdp, chosen.supply == "gdp", option("supply", "gdp"))
    need_gdp(gdp, chosen.price, option("price", True))
    cube, account, frame = read_bilateral(flows, gdp, chosen.absent, STEP, chosen.geography)
    if chosen.distance == "log":
        need_distances(cube, give_distance())
    y, columns = _odds(cube, chosen)
    usable = np.isfinite(y) & np.isfinite(columns).all(axis=0) & ~np.eye(len(cube.regions), dtype=np.bool_)
    account += left_out(cube.value, usable, STEP, inside=False)
    years = blocks(usable, pooled=chosen.slopes == "pooled")
    borders, thin = estimated(
        cube,
        years,
        lambda at: _estimate(cube, (y, columns), enter(usable, at), chosen),
        usable,
        thin=chosen.thin,
        step=STEP,
    )
    account += thin
    rows = border_rows(cube, borders, chosen.level, chosen.sigma)
    return give_back(place(rows, frame), flows, name=TABLE, account=account + settings(chosen, STEP, rows))


def _odds(flows: Flows, options: LogOdds) -> tuple[Vector, Vector]:
    """Compute the left side of the equation (T, N, N) and its regressors (k, T, N, N).

    The left side includes supply if the elasticity of supply is imposed.
    """
    n = np.arange(len(flows.regions))
    supply = flows.about["real_gdp"] if options.supply == "gdp" else np.nansum(flows.value, axis=2)
    [relative_supply] = logs_of([supply[:, :, None] / np.where(supply > 0, supply, np.nan)[:, None, :]])
    [y] = logs_of([flows.value / flows.internal[:, None, :]])
    ratios = [flows.distance / flows.distance[:, n, n][:, None, :]] if options.distance == "log" else []
    if options.price:
        if "price" not in flows.about:
            raise MissingColumn(
                "column 'price' is missing from gdp", remedy=f"map it with {mapped_as('price', of='gdp')}"
            )
        ratios.append(flows.about["price"][:, :, None] / flows.about["price"][:, None, :])
    if options.elasticity == "imposed":
        y = y - relative_supply
    columns = list(logs_of(ratios)) if ratios else []
    columns += [relative_supply] if options.elasticity == "estimated" else []
    return y, np.array(columns).reshape(len(columns), *y.shape)


def _estimate(flows: Flows, data: tuple[Vector, Vector], rows: Rows, options: LogOdds) -> Iterator[Border]:
    """Estimate the means of groups (importers or years) after removing the effect of the slopes.

    The standard errors include the uncertainty of the slopes.
    """
    y, x = data[0][rows], np.ascontiguousarray(data[1][:, rows.year, rows.origin, rows.destination].T)
    by_region, where = options.level == "region", f"in {flows.years[rows.year[0]]}"
    width = len(flows.regions) if by_region else 1
    region = rows.destination if by_region else np.zeros_like(rows.year)
    group = factorise("border", pl.Series(rows.year * width + region))
    slopes, influence, k = _slopes(y, x, group, rows, where=where)
    if len(y) <= k + group.levels or pairs_of(rows).levels < 2:
        raise TooFew(f"{counted(len(y), 'flow')} for {k + group.levels} coefficients {where}")
    counts = np.bincount(group.codes, minlength=group.levels)
    means = group_sums(group.codes, group.levels, np.column_stack([y, x])) / counts[:, None]
    beta = means[:, 0] - means[:, 1:] @ slopes
    u = y - x @ slopes - beta[group.codes]
    variance = _variances(u, group, pairs_of(rows), influence, means[:, 1:])
    variance *= cluster_factor(len(y), k + group.levels, pairs_of(rows).levels)
    codes, first = np.unique(group.codes, return_index=True)
    for g, at in zip(codes, first, strict=True):
        of = int(rows.destination[at]) if by_region else -1
        yield Border(int(rows.year[at]), of, float(beta[g]), float(np.sqrt(variance[g])), int(counts[g]))


def _slopes(y: Vector, x: Vector, group: Factor, rows: Rows, *, where: str) -> tuple[Vector, Vector, int]:
    """Estimate the slopes (k,).

    Also return the contribution of each pair to the error of the slopes (pairs, k), and the number of slopes that are
    not collinear. Slopes of collinear regressors are zero.
    """
    pair = pairs_of(rows)
    coefficients, influence = np.zeros(x.shape[1]), np.zeros((pair.levels, x.shape[1]))
    if not x.shape[1]:
        return coefficients, influence, 0
    net = demean(absorber([group]), np.column_stack([y, x]))
    # Below 1e-9 of its norm a regressor does not vary within groups; the value guards against rounding, a convention.
    spread = np.sqrt((net[:, 1:] ** 2).sum(axis=0)) > 1e-9 * np.sqrt((x**2).sum(axis=0))
    varies = [int(c) for c in np.flatnonzero(spread)]
    fit, kept = solve(net[:, 1:][:, varies], net[:, 0], where=where)
    kept = [varies[c] for c in kept]
    coefficients[kept] = fit.coefficients
    scores = cluster_scores(np.ascontiguousarray(net[:, 1:][:, kept]), fit.residuals, pair)
    influence[:, kept] = scores @ fit.bread
    return coefficients, influence, len(kept)


def _variances(u: Vector, group: Factor, pair: Factor, influence: Vector, means: Vector) -> Vector:
    """Compute clustered variances of the means of groups (groups,).

    Each is the sum over pairs of (sum of u / n_g - mean x' influence)^2.
    """
    counts = np.bincount(group.codes, minlength=group.levels)
    cell = combine("cell", [group, pair])
    sums = np.bincount(cell.codes, u, minlength=cell.levels)
    first = np.unique(cell.codes, return_index=True)[1]
    g, p = group.codes[first], pair.codes[first]
    squares = np.bincount(g, sums**2, minlength=group.levels) / counts**2
    cross = group_sums(g, group.levels, np.ascontiguousarray(influence[p] * sums[:, None])) / counts[:, None]
    meat = influence.T @ influence
    return np.asarray(squares - 2 * (means * cross).sum(axis=1) + np.einsum("gi,ij,gj->g", means, meat, means))
