"""Estimate the border effect of each year in structural gravity, by Poisson pseudo-maximum likelihood."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np

from integrade.engine.frames import Data, give_back, place
from integrade.errors import NotIdentified, TooFew, UsageError, counted, option
from integrade.geography import is_country
from integrade.integration.bilateral import Absent, Flows, Mask, both_kinds, need_distances, read_bilateral
from integrade.integration.log_flows import (
    ADDS,
    TABLE,
    Border,
    Rows,
    Thin,
    border_rows,
    check_sigma,
    enter,
    give_distance,
    leaving_out,
    logs_of,
    pairs_of,
    settings,
    without_years,
)
from integrade.integration.transforms import Vector
from integrade.records.catalogue import choose, measure
from integrade.records.needs import File
from integrade.records.schema import column_word
from integrade.regress.effects import Factor, factorise, without_singletons
from integrade.regress.ols import cross_products, independent
from integrade.regress.partial import absorber, demean
from integrade.regress.poisson import on_rows, poisson
from integrade.regress.quasi import informative
from plainwords.account import Account, Entry
from plainwords.texts import say

STEP = "gravity"
GONE = 1e-9  # a regressor is absorbed if the effects leave less than this share of its norm; a convention


@dataclass(frozen=True)
class Gravity:
    """Options of `gravity` (METHODS 2.2).

    Parameters
    ----------
    effects
        two_way: exporter-year and importer-year effects. three_way: in addition an effect of each pair and direction,
        which absorbs distance; borders are then relative to the first year.
    distance
        Whether logs of the column distance are a regressor. Under three_way they never are.
    thin
        What to do with a year whose border the effects absorb because it has few flows: leave it out, with a warning
        that names it, or refuse.
    cluster
        Whether errors are clustered by pair (both directions together) or by direction.
    sigma
        Elasticity of substitution, above 1, for the tariff equivalent.
    absent
        The meaning of a flow between regions that the table does not list: missing, or zero.
    geography
        The regions: a country (MY), a file or a `Geography`. Missing distances between regions are then computed
        between the middles of the regions.
    """

    effects: Literal["two_way", "three_way"] = "two_way"
    distance: Literal["log", "none"] = "log"
    thin: Thin = "leave_out"
    cluster: Literal["pair", "direction"] = "pair"
    sigma: float = 8.0
    absent: Absent = "missing"
    geography: Annotated[Any, File(like=is_country)] = None


class Sample(NamedTuple):
    """Rows of the regression: outcome (n,), regressors (n, k), effects and cluster.

    The first regressors are the borders of ``years``.
    """

    rows: Rows
    y: Vector
    x: Vector
    effects: list[Factor]
    cluster: Factor
    years: list[int]


@measure(
    family="integration",
    needs=("flows", "gdp"),
    key=("year",),
    adds=ADDS,
    options=Gravity,
    cite="Anderson and van Wincoop (2003); Santos Silva and Tenreyro (2006)",
)
def gravity(flows: Data, gdp: Any = None, options: Gravity | None = None, **changes: Any) -> Data:
    """Estimate border effects of each year in structural gravity with exporter-year and importer-year effects.

    Flows of zero are included.

    Formula:
        E(X_ijt) = exp(a_it + g_jt - th ln d_ij + b_t 1[i != j]), Poisson pseudo-maximum likelihood; integration = b_t;
        border effect = exp(-b_t), how many times more a region trades with itself, all else equal; tariff equivalent =
        exp(-b_t / (sigma - 1)) - 1. Errors are clustered by pair: G/(G-1) times the sandwich of the scores, for G
        clusters.

    Missing values:
        Flows of zero are kept. Three kinds of rows are left out and counted. The first are flows without a distance.
        The second are flows of regions that sell (or buy) nothing in a year, because the effect of such a region is
        minus infinity. The third are zeros that the effects explain completely (separation). Years are also left out
        and counted if they lack positive flows either within or between regions.

    Args:
        flows: any frame with origin, destination, year, value and distance (km, including distances within regions).
        gdp: optional frame with region, year, real_gdp and area (square km), used where internal distances are missing.
        options: a `Gravity`; single options may be given or changed by name.
        **changes: options by name.

    Returns:
        One row per year, sorted: integration (b_t, log points), se_integration, border_effect, tariff_equivalent,
        n_flows. Under three_way the first year is zero by definition and has no standard error. Same kind of frame as
        the input.

    Raises:
        UsageError: three_way with only one year. MissingColumn: there are no distances. OutOfRange:
        sigma not above 1. NotIdentified: there are no internal flows, or the effects absorb the border. TooFew,
        NoConvergence.

    Reference:
        Anderson and van Wincoop (2003, AER); Santos Silva and Tenreyro (2006, REStat); Heid, Larch and Yotov (2021).
        METHODS 2.2.

    Example:
        >>> import polars as pl
        >>> size = {"A": 2.0, "B": 5.0, "C": 3.0, "D": 4.0}
        >>> flows = pl.DataFrame([
        ...     {"origin": i, "destination": j, "year": 2007, "value": size[i] * size[j] * (6 if i == j else 1)}
        ...     for i in size for j in size
        ... ])
        >>> gravity(flows, distance="none")["border_effect"].round(6).to_list()
        [6.0]
    """
    chosen = choose(Gravity, options, changes)
    check_sigma(chosen.sigma)
    cube, account, frame = read_bilateral(flows, gdp, chosen.absent, STEP, chosen.geography)
    with_distance = chosen.distance == "log" and chosen.effects == "two_way"
    if with_distance:
        need_distances(cube, give_distance(pair_effects=True))
    has_value = np.isfinite(cube.value)
    usable = has_value & np.isfinite(cube.distance) if with_distance else has_value
    n = int((has_value & ~usable).sum())
    reason = say("account.missing", column=column_word("distance"))
    account += [Entry(STEP, "flows", "dropped", reason, n)] if n else []
    both, lost = both_kinds(usable & (cube.value > 0), STEP)
    years = np.asarray(both.any(axis=(1, 2)))
    usable = usable & years[:, None, None]
    sample, dropped, thin = _identified(cube, usable, chosen, with_distance=with_distance)
    borders, separated = _borders(cube, sample, chosen)
    rows = border_rows(cube, borders, "nation", chosen.sigma)
    account += lost + thin + dropped + separated + settings(chosen, STEP, rows)
    return give_back(place(rows, frame), flows, name=TABLE, account=account)


def _sample(flows: Flows, usable: Mask, options: Gravity, *, with_distance: bool) -> tuple[Sample, Account]:
    """Build the rows that contribute to the slopes, with their effects; rows left out are counted."""
    years = [int(t) for t in np.flatnonzero(usable.any(axis=(1, 2)))]
    _relative(options, years)
    rows = enter(usable, years)
    n = len(flows.regions)
    effects = [
        _factor("exporter-year", rows.year * n + rows.origin),
        _factor("importer-year", rows.year * n + rows.destination),
    ]
    effects += [_direction(rows, n)] if options.effects == "three_way" else []
    y = flows.value[rows]
    keep = _informative(y, effects)
    lost = int((~keep).sum())
    reason = say("integration.sells-or-buys-nothing")
    account = Account((Entry(STEP, "flows", "dropped", reason, lost),) if lost else ())
    if not keep.any():
        raise _too_few(0)
    rows, y, effects = Rows(*(codes[keep] for codes in rows)), y[keep], on_rows(effects, keep)
    years = sorted(set(rows.year.tolist()))
    with_border = years[1:] if _relative(options, years) else years
    crosses = (rows.origin != rows.destination)[:, None] & (rows.year[:, None] == np.array(with_border))
    columns = [crosses.astype(np.float64)]
    if with_distance:
        columns.append(logs_of([flows.distance])[0][rows][:, None])
    cluster = pairs_of(rows) if options.cluster == "pair" else _direction(rows, n)
    return Sample(rows, y, np.ascontiguousarray(np.hstack(columns)), effects, cluster, with_border), account


def _relative(options: Gravity, years: list[int]) -> bool:
    """Return whether borders are relative to the first year, as under three_way.

    Raises `UsageError` under three_way if there is only one year.
    """
    if options.effects == "three_way" and len(years) < 2:
        raise UsageError(
            "pair effects absorb the border effect of a single year", remedy=f"use {option('effects', 'two_way')}"
        )
    return options.effects == "three_way"


def _informative(y: Vector, effects: list[Factor]) -> Mask:
    """Return which rows (n,) are left after levels of effects with no positive outcome or only one row are dropped.

    Dropping is repeated until no such level is left.
    """
    keep = np.ones(len(y), dtype=np.bool_)
    while True:
        some = keep.copy()
        some[keep] = informative("poisson", y[keep], on_rows(effects, keep))
        some[some] = without_singletons(on_rows(effects, some), int(some.sum()))
        if (some == keep).all():
            return keep
        keep = some


def _factor(name: str, codes: Any) -> Factor:
    import polars as pl

    return factorise(name, pl.Series(codes))


def _direction(rows: Rows, n: int) -> Factor:
    return _factor("direction", rows.origin * n + rows.destination)


def _identified(
    flows: Flows, usable: Mask, options: Gravity, *, with_distance: bool
) -> tuple[Sample, Account, Account]:
    """Build the sample without years whose border the effects absorb.

    These years are named, and everything left out is counted. Raises `NotIdentified` if no year is left. With
    ``thin='refuse'``, raises it for the first year whose border the effects absorb.
    """
    thin: list[int] = []
    while True:
        left = usable.copy()
        left[thin] = False
        sample, dropped = _sample(flows, left, options, with_distance=with_distance)
        if len(sample.y) <= sample.x.shape[1] or sample.cluster.levels < 2:
            raise _too_few(len(sample.y))
        lost = [sample.years[j] for j in sorted(_independent(sample)[1]) if j < len(sample.years)]
        if not lost:
            return sample, dropped, without_years(flows, usable, thin, STEP)
        all_of_them = len(lost) == len(sample.years)
        if all_of_them or options.thin == "refuse":
            raise NotIdentified(
                f"the effects absorb the border effect of {flows.years[lost[0]]}",
                remedy="give flows of more regions, within them too (origin = destination)"
                if all_of_them
                else leaving_out(),
            )
        thin = sorted([*thin, *lost])


def _too_few(n: int) -> TooFew:
    return TooFew(
        f"{counted(n, 'flow')} remain for the regression, which requires more",
        remedy="give flows of more regions, within them too (origin = destination)",
    )


def _independent(sample: Sample) -> tuple[list[int], Mapping[int, Any]]:
    """Return the regressors that are independent after removing the effects, and the reason for each dropped one."""
    net = demean(absorber(sample.effects), sample.x.copy())
    floors = GONE * np.sqrt((sample.x**2).sum(axis=0))
    return independent(net, cross_products(net), floors=floors)


def _borders(flows: Flows, sample: Sample, options: Gravity) -> tuple[list[Border], Account]:
    """Estimate the border coefficients; rows lost to separation are counted."""
    kept, _ = _independent(sample)
    fit = poisson(sample.y, np.ascontiguousarray(sample.x[:, kept]), sample.effects, sample.cluster)
    there = fit.means > 0
    counts = np.bincount(sample.rows.year[there], minlength=len(flows.years))
    n = int((~there).sum())
    account = Account((Entry(STEP, "flows", "dropped", say("integration.explained-alone"), n),) if n else ())
    borders = [
        Border(t, -1, float(fit.coefficients[j]), math.sqrt(fit.vcov[j, j]), int(counts[t]))
        for j, t in enumerate(sample.years)
    ]
    if options.effects == "three_way":
        first = int(sample.rows.year.min())
        borders.insert(0, Border(first, -1, 0.0, math.nan, int(counts[first])))
    return borders, account
