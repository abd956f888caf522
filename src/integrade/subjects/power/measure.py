"""Measure the quantities of a design in prices and in a panel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl

from integrade.engine.exact import average_of, total_of
from integrade.errors import NotIdentified, UnknownName, did_you_mean, option
from integrade.estimate.design import Design
from integrade.estimate.formula import parse_formula
from integrade.estimate.linear import Fit, prepare
from integrade.estimate.results import Vector
from integrade.integration.options import RelativePrice
from integrade.regress.effects import Mask
from integrade.regress.ols import least_squares
from integrade.subjects.noise.index_draws import deviations, yearly
from integrade.subjects.power.setting import LEAST, RANGES, Source
from plainwords.texts import say


@dataclass(frozen=True)
class IndexMeasured:
    """Quantities measured from prices: sizes, net noise, persistence, lasting differences and national movement.

    ``left_out`` are regions without an index in some year. ``sd`` is the standard deviation of the true index net of
    region and year effects, in units of the index.
    """

    regions: int
    years: int
    goods: int
    noise: float
    error_correlation: float | None
    persistence: float
    between: float
    movement: float
    sd: float
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class PanelMeasured:
    """What a panel says: sizes, firms by region (N,), and the residual of the outcome.

    ``regions`` names them. ``sd`` is the standard deviation of the residual, in units of the outcome, and ``index_sd``
    that of the index as measured, net of effects and other regressors. ``cells`` (T, M) is the index of the M regions
    that are there in all years, ``held`` (M,) their firms. ``icc`` and ``shock_persistence`` are None where no two
    firms share a region and year, or their residuals are not alike.
    """

    years: int
    weights: Vector
    sd: float
    index_sd: float
    icc: float | None
    shock_persistence: float | None
    regions: tuple[str, ...]
    cells: Vector = field(repr=False)
    held: Vector = field(repr=False)

    @property
    def firms(self) -> float:
        """Firms per region and year."""
        return float(self.weights.mean())

    @property
    def inequality(self) -> float:
        """Standard deviation of firms over regions, divided by the mean."""
        return float(self.weights.std() / self.weights.mean())


def of_prices(prices: Any, index: RelativePrice, firms: Mapping[str, float] | None = None) -> IndexMeasured:
    """Measure the index of the prices (`IndexMeasured`), of the regions that have ``firms`` and weighted by them.

    Formula: noise net of effects = (1 - 1/T) sum of the squared jackknife deviations of all goods, net of the mean of
        their year, over the squares of the index net of region and year effects (METHODS 1.5, 5.16: errors of two years
        are independent). Persistence: the AR(1) whose expected autocovariance at lag one, net of effects, is that of
        the index less what the noise contributes. Where a panel is given, all moments are weighted by its firms,
        because regions with many firms may have a less noisy index than others.
    """
    work = yearly(prices, index)
    values, away = deviations(work)
    wanted = np.array([firms is None or name in firms for name in work.cube.regions])
    whole = np.asarray(np.isfinite(values).all(axis=0)) & wanted
    names = [name for name, there in zip(work.cube.regions, whole.tolist(), strict=True) if there]
    left_out = tuple(sorted({*work.cube.regions, *(firms or ())} - {*names} - {*_others(work.cube.regions, wanted)}))
    weights = np.array([1.0 if firms is None else firms[name] for name in names])
    goods = int(np.median(np.isfinite(work.cube.values).any(axis=1).sum(axis=1)))
    values, away = values[:, whole], away[:, whole]
    variance = described(values, 0.0, goods, weights).sd ** 2
    share = weights / weights.sum()
    national = np.einsum("n,tnk->tk", share, away)[:, None]
    total = float(np.einsum("n,tnk->", share, np.square(away))) / len(values)
    own = float(np.einsum("n,tnk->", share, np.square(away - national))) / len(values)
    correlation = 1 - own / (1 - np.square(share).sum()) / total if total > 0 else 0.0
    measured = described(values, (1 - 1 / len(values)) * own / variance, goods, weights)
    low, high = RANGES["error_correlation"]
    return replace(measured, error_correlation=min(max(correlation, low), high), left_out=left_out)


def _others(regions: Sequence[str], wanted: Mask) -> list[str]:
    """Return the regions of the prices that the panel does not have."""
    return [name for name, there in zip(regions, wanted.tolist(), strict=True) if not there]


def described(values: Vector, noise: float, goods: int, weights: Vector | None = None) -> IndexMeasured:
    """Describe an index (T, N) of which ``noise`` is the share of sampling error net of region and year effects.

    Regions have equal weights, or ``weights`` (N,).
    """
    years, regions = values.shape
    if regions < LEAST["regions"] or years < LEAST["years"]:
        raise NotIdentified(
            say("impossible.power-of-few", regions=str(regions), years=str(years)),
            remedy=f"give {LEAST['regions']} regions and {LEAST['years']} years or more, or leave out what has gaps",
        )
    share_of = np.full(regions, 1 / regions) if weights is None else weights / weights.sum()
    national = values @ share_of
    relative = values - national[:, None]
    net = relative - relative.mean(axis=0)
    variance = float((np.square(net) @ share_of).mean())
    if not variance > 0:
        raise NotIdentified(say("impossible.power-of-a-flat-index"), remedy="give goods whose prices differ")
    share = min(noise, RANGES["noise"][1])
    true = variance * (1 - share)
    # noise of variance s2 in each year has net variance s2 (1 - 1/T), and net autocovariance -s2 / T
    covariance = float(((net[1:] * net[:-1]) @ share_of).mean()) + share * variance / (years - 1)
    persistence = persistence_of(covariance / true, years)
    ratio = _net_moments(persistence, years)[0]
    # what moves, and noise, leave some variance in the means of T years
    lasting = float(np.square(relative.mean(axis=0)) @ share_of)
    lasting -= true / ratio * (1 - ratio) + share * variance / (years - 1)
    between = min((max(lasting, 0.0) / true) ** 0.5, RANGES["between"][1])
    movement = min(float(national.std()) / true**0.5, RANGES["movement"][1])
    return IndexMeasured(regions, years, goods, share, None, persistence, between, movement, true**0.5)


def _net_moments(rho: float, years: int) -> tuple[float, float]:
    """Return the expected variance and first autocovariance of an AR(1) of variance one, net of its mean of T years."""
    gaps = np.abs(np.subtract.outer(np.arange(years), np.arange(years)))
    net = np.eye(years) - 1 / years
    expected = net @ np.float64(rho) ** gaps @ net
    return float(np.diag(expected).mean()), float(np.diag(expected, 1).mean())


def persistence_of(correlation: float, years: int) -> float:
    """Return the persistence of an AR(1) with this first autocorrelation net of means of T years, between 0 and .99.

    The net autocorrelation is below the persistence, and below zero for independent values: -1 / (T - 1).
    """
    low, high = RANGES["persistence"]

    def at(rho: float) -> float:
        variance, covariance = _net_moments(rho, years)
        return covariance / variance

    if correlation <= at(low):
        return low
    if correlation >= at(high):
        return high
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if at(middle) < correlation else (low, middle)
    return low


def of_panel(panel: Any, formula: str, treatment: str, fit: Fit) -> PanelMeasured:
    """Measure the residual of a regression of firms: how large it is, and what firms of a region share.

    Formula: covariance of the residuals of two firms of the same region and year, over the variance of the residual;
        its persistence from pairs of two firms in years that follow each other.
    """
    parsed = parse_formula(formula)
    names = [t.name for t in parsed.regressors]
    if treatment not in names:
        raise UnknownName(
            f"{treatment!r} is not a regressor",
            where=formula,
            remedy=f"{did_you_mean(treatment, names)}; give {option('treatment', ...)}",
        )
    design = prepare(panel, parsed, fit, also=("region", "year", treatment))
    residuals = least_squares(design.matrix[:, list(design.kept)], design.outcome, design.plan.weights).residuals
    rows = pl.DataFrame({"region": design.label("region"), "year": design.label("year"), "u": residuals})
    firm = design.label("firm") if "firm" in design.label_names else pl.Series(rows["region"])
    rows = rows.with_columns(firm=firm)
    years = int(rows["year"].n_unique())
    counted = rows.group_by("region").len().sort("region")
    weights = (counted["len"] / years).to_numpy().astype(np.float64)
    regions = tuple(map(str, counted["region"]))
    variance = float(np.square(residuals).mean())
    icc, persistence = _shared(rows, variance, years)
    return PanelMeasured(
        years,
        weights,
        variance**0.5,
        _net_sd(design, treatment),
        icc,
        persistence,
        regions,
        *_cells(design, treatment, dict(zip(regions, weights.tolist(), strict=True))),
    )


def _net_sd(design: Design, treatment: str) -> float:
    """Return the standard deviation of the treatment net of the effects and of regressors that are not powers of it."""
    position = design.names.index(treatment)
    others = [j for j in design.kept if j != position and treatment not in design.names[j]]
    column = np.asarray(design.matrix[:, position])
    left = least_squares(design.matrix[:, others], column, design.plan.weights).residuals
    return float(np.square(left).mean() ** 0.5)


def _cells(design: Design, treatment: str, firms: Mapping[str, float]) -> tuple[Vector, Vector]:
    """Return the index by year and region (T, M) of regions with rows in all years, and the firms of these (M,)."""
    rows = pl.DataFrame({name: design.label(name) for name in ("region", "year", treatment)})
    by_region = rows.group_by("region", "year").agg(pl.col(treatment).first()).sort("year").group_by("region")
    series = sorted((key[0], part[treatment].to_list()) for key, part in by_region)
    years = rows["year"].n_unique()
    there = [(name, values) for name, values in series if len(values) == years]
    cells = np.array([values for _, values in there], dtype=np.float64).reshape(-1, years).T
    return cells, np.array([firms[str(name)] for name, _ in there])


def _sum(table: pl.DataFrame, values: pl.Expr) -> float:
    """Return the sum of an expression; the order of rows, which groups and joins do not keep, does not change it."""
    return float(table.select(total_of(values)).item())


def _shared(rows: pl.DataFrame, variance: float, years: int) -> tuple[float | None, float | None]:
    """Return the share of variance that firms of a region and year have in common, and its persistence."""
    cells = rows.group_by("region", "year").agg(
        s=total_of(pl.col("u")), q=total_of(pl.col("u") ** 2), n=pl.len().cast(pl.Float64)
    )
    before = pl.col("year").cast(pl.Int64) + 1
    lagged = cells.select("region", year=before, s_1="s", n_1="n")
    same = rows.with_columns(pl.col("year").cast(pl.Int64)).join(
        rows.select("firm", "region", year=before, u_1="u"), on=["firm", "region", "year"]
    )
    products = same.group_by("region", "year").agg(p=total_of(pl.col("u") * pl.col("u_1")), m=pl.len())
    moving = (
        cells.with_columns(pl.col("year").cast(pl.Int64))
        .join(lagged, on=["region", "year"])
        .join(products, on=["region", "year"], how="left")
        .with_columns(pl.col("p", "m").fill_null(0))
    )
    alone = cells["n"].max() == 1
    pairs = _sum(cells, pl.col("n") * (pl.col("n") - 1))
    if alone:  # a panel of regions: all of the residual is of the region
        together = variance
        later = moving.select(average_of(pl.col("s") * pl.col("s_1"))).item()
    else:
        if pairs == 0:
            return None, None
        together = _sum(cells, pl.col("s") ** 2 - pl.col("q")) / pairs
        number = _sum(moving, pl.col("n") * pl.col("n_1") - pl.col("m"))
        later = _sum(moving, pl.col("s") * pl.col("s_1") - pl.col("p")) / number if number else None
    share = min(max(together / variance, 0.0), 1.0)
    if share == 0 or later is None:
        return share, None
    return share, persistence_of(later / together, years)


def merged(index: IndexMeasured | None, panel: PanelMeasured | None) -> dict[str, tuple[float, Source]]:
    """Return name -> value and source; the panel has the sizes of the regression, the prices all about the index.

    With both, the noise is that of the prices over the variation of the index net of the regression's other regressors.
    """
    found: dict[str, tuple[float, Source]] = {}
    if index is not None:
        names = ("regions", "years", "goods", "noise", "error_correlation", "persistence", "between", "movement")
        found |= {name: (float(getattr(index, name)), "prices") for name in names}
    if panel is not None:
        sizes = {"regions": len(panel.weights), "years": panel.years}
        named = {"firms": panel.firms, "inequality": panel.inequality, "icc": panel.icc}
        named |= sizes | {"shock_persistence": panel.shock_persistence}
        found |= {name: (float(value), "panel") for name, value in named.items() if value is not None}
    if index is not None and panel is not None:
        noise = index.noise / (1 - index.noise) * index.sd**2 / panel.index_sd**2
        found["noise"] = (min(noise, RANGES["noise"][1]), "panel")
    return found
