"""Bootstrap goods and clusters through the index and the regression together (METHODS 5.2 and 5.9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np

from integrade.errors import TooFew
from integrade.estimate.inverted_u import u_test
from integrade.estimate.linear import Fit, estimate
from integrade.estimate.results import Basis, FitResult, Vector
from integrade.integration.options import RelativePrice
from integrade.records import tidied
from integrade.records.catalogue import keywords, request
from integrade.records.confidence import Level
from integrade.records.needs import DRAWS
from integrade.regress.effects import Factor
from integrade.regress.students import t_quantile
from integrade.subjects.noise.cell_moments import cell_moments, reweighted_moments, solve_all, solve_cells
from integrade.subjects.noise.counted_clusters import cluster_sums, counted
from integrade.subjects.noise.index_draws import cells_of, measured, reweighted, stream, yearly
from integrade.subjects.noise.treatment import Treated, at_cells, treated
from integrade.wording.sheet import Sheet, of_text, shown
from plainwords.texts import say

if TYPE_CHECKING:
    import polars as pl

SEED = 20240101


@dataclass(frozen=True)
class PipelineOptions:
    """Options of `pipeline_bootstrap`.

    Parameters
    ----------
    treatment
        Column of the panel that holds the index.
    resample
        The units that are drawn: goods and clusters (both), or one of them.
    draws
        Number of draws.
    level
        The confidence of the intervals.
    seed
        Draw number d uses the stream (seed, d).
    index
        Options with which the panel's index was computed.
    fit
        The regression: clusters, weights, singletons.
    """

    treatment: str = "market"
    resample: Literal["both", "goods", "clusters"] = "both"
    draws: Annotated[int, DRAWS] = 499
    level: Level = 0.95
    seed: int = SEED
    index: RelativePrice = field(default_factory=RelativePrice)
    fit: Fit = field(default_factory=lambda: Fit(cluster="region"))


FOR_STUDIES = {"draws": 199}
"""Defaults of a study: fewer draws than a call (a convention)."""


@dataclass(frozen=True)
class Replicated:
    """One quantity over the draws.

    ``conf_*`` are the ends of estimate +/- t(G - 1) x std_error. ``percentile_*`` are percentiles of the draws. Turning
    points have no mean: for them ``mean`` is the median, and only percentiles are given.
    """

    name: str
    estimate: float
    mean: float
    std_error: float
    conf_low: float
    conf_high: float
    percentile_low: float
    percentile_high: float


@shown
@dataclass(frozen=True)
class PipelineBootstrap:
    """A bootstrap of index and regression together. ``target`` describes the quantity that the intervals are for.

    ``share_inverted`` is the share of draws with a negative coefficient of the square. ``failed`` is the number of
    draws without an estimate, which are left out.
    """

    quantities: tuple[Replicated, ...]
    target: str
    resample: str
    share_inverted: float | None
    draws: int
    failed: int
    level: float
    seed: int
    n_goods: int
    clusters: Mapping[str, int]
    nobs: int
    basis: Basis | None = None

    def tidy(self) -> pl.DataFrame:
        """Return one row per estimate (or row of the result), with broom's columns (`integrade.records.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Return the numbers of the result as a table of one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """Return the draws in words."""
        lines = [f"{self.draws:,} draws of {self.resample} ({self.failed} failed), seed {self.seed}; n = {self.nobs:,}"]
        lines += [
            f"  {q.name:<20} {q.estimate:>11.6g}  se {q.std_error:>9.4g}  [{q.conf_low:.6g}, {q.conf_high:.6g}]  "
            f"draws: mean {q.mean:.6g}, [{q.percentile_low:.6g}, {q.percentile_high:.6g}]"
            for q in self.quantities
        ]
        return of_text("\n".join([*lines, self.target]))

    def __getitem__(self, name: str) -> Replicated:
        """Return the record of a coefficient, a slope or the turning point."""
        return next(q for q in self.quantities if q.name == name)


@keywords(PipelineOptions, within="fit")
def pipeline_bootstrap(
    prices: Any, panel: Any, formula: str, options: PipelineOptions | None = None, **changes: Any
) -> PipelineBootstrap:
    """Bootstrap goods and clusters through the index and the regression together.

    Formula: in each draw good k has weight w_k = e_k / mean(e), e exponential, the index is recomputed with these
        weights (variances with the divisor 1 - sum of squared shares, so that its level does not fall as it does when
        goods are repeated), and clusters are drawn with replacement. Clusters enter as weights, and effects are removed
        again.

    The target is the slope on the index *as measured with these goods*. Drawing goods adds to the index an error as
    large as the error that it has already. So the draws are attenuated twice, and their percentiles lie off the
    estimate. Neither interval covers the slope on an index without error. Quality is taken as given.

    Missing values: as in `fit`.

    Args:
        prices: the prices from which the panel's index was computed.
        panel: the estimation panel; its ``treatment`` must be that index.
        formula: as in `fit`; the treatment may enter in powers only.
        options: a `PipelineOptions`; single options, also those of `Fit`, by name.

    Raises:
        UsageError: the treatment is not the index of the prices, enters in products, or there are instruments.
        Coverage: a region-year has no prices. TooFew: fewer than two draws succeeded.

    Reference: METHODS 5.2 and 5.9; Rubin (1981) for the weights.

    Example:
        >>> print(pipeline_bootstrap(prices, panel, "y ~ market + market^2 | firm + year"))  # doctest: +SKIP
    """
    chosen = request(PipelineOptions, options, changes)
    work = yearly(prices, chosen.index)
    sample = treated(panel, formula, chosen.treatment, chosen.fit)
    cluster = sample.cluster(chosen.fit.cluster)
    place = {key: at for at, key in enumerate(cells_of(work))}
    base = dict(zip(place, measured(work).ravel().tolist(), strict=True))
    at_cells(sample, base, chosen.treatment, "prices")
    rows = [place[key] for key in sample.keys]
    k = len(work.cube.goods)
    if chosen.resample == "clusters":
        values = np.repeat(sample.values[:, None], chosen.draws, axis=1)
    else:
        weights = np.array([stream(chosen.seed, d, 0).exponential(size=k) for d in range(chosen.draws)]).T
        values = reweighted(work, weights).reshape(len(place), -1)[rows]
    drawn = _drawn(sample, cluster, values, chosen)
    drawn = drawn[:, list(sample.order)]
    good = np.isfinite(drawn).all(axis=1)
    if good.sum() < 2:
        raise TooFew(say("impossible.few-draws"), remedy="use fewer effects or more clusters")
    fit = estimate(sample.design, chosen.fit)
    drawn_again = chosen.resample != "clusters"
    target = say("models_error.target-drawn" if drawn_again else "models_error.target-held", goods=str(k))
    square = f"{chosen.treatment}^2"
    names = [c.term for c in fit.coefficients]
    return PipelineBootstrap(
        _quantities(fit, drawn[good], chosen, cluster.levels - 1),
        target,
        chosen.resample,
        float(np.mean(drawn[good][:, names.index(square)] < 0)) if square in names else None,
        chosen.draws,
        int((~good).sum()),
        chosen.level,
        chosen.seed,
        k,
        {cluster.name: cluster.levels},
        fit.nobs,
        fit.basis,
    )


def _drawn(sample: Treated, cluster: Factor, values: Vector, chosen: PipelineOptions) -> Vector:
    """Return the coefficients (B, k) in the order of (powers, fixed). Column d of ``values`` (C, B) is draw d's index.

    With one large effect, sums by cluster are taken over the rows once. With several large effects the rows of every
    draw are used.
    """
    plan = sample.design.plan
    sums = cluster_sums(plan, sample.cells, sample.fixed, cluster) if plan.exact else None
    if chosen.resample == "goods":
        every = np.ones(cluster.levels)
        moments = counted(sums, every) if sums else cell_moments(plan, sample.cells, sample.fixed)
        return solve_cells(moments, values, sample.powers)
    estimates = []
    chances = np.full(cluster.levels, 1 / cluster.levels)
    for d, index in enumerate(values.T):
        counts = stream(chosen.seed, d, 1).multinomial(cluster.levels, chances).astype(np.float64)
        if sums is not None:
            estimates.append(solve_cells(counted(sums, counts), index[:, None], sample.powers)[0])
            continue
        powers = np.column_stack([index**p for p in sample.powers])[sample.cells.codes]
        if not np.isfinite(powers).all():
            estimates.append(np.full(len(sample.order), np.nan))
            continue
        moments_of_draw = reweighted_moments(plan, np.hstack([powers, sample.fixed]), counts[cluster.codes])
        estimates.append(solve_all(moments_of_draw[None])[0])
    return np.array(estimates)


def _quantities(fit: FitResult, drawn: Vector, chosen: PipelineOptions, df: int) -> tuple[Replicated, ...]:
    """Return the coefficients over the draws; for a parabola also the slopes and the turning point of the U-test."""
    names, x = [c.term for c in fit.coefficients], chosen.treatment
    quantities = [_replicated(name, fit[name].estimate, drawn[:, j], chosen.level, df) for j, name in enumerate(names)]
    if not {x, f"{x}^2"} <= set(names) or f"{x}^3" in names:
        return tuple(quantities)
    b1, b2 = (drawn[:, names.index(term)] for term in (x, f"{x}^2"))
    test = u_test(fit, x)
    for where, value, slope, _ in test.slopes:
        quantities.append(
            _replicated(say("models_fit.slope-at", place=where), slope, b1 + 2 * value * b2, chosen.level, df)
        )
    turns = -b1 / (2 * b2)
    low, high = np.quantile(turns, [(1 - chosen.level) / 2, (1 + chosen.level) / 2]).tolist()
    missing = float("nan")
    turn = Replicated(
        say("models_fit.turning-point"),
        test.turning_point,
        float(np.median(turns)),
        missing,
        missing,
        missing,
        low,
        high,
    )
    return (*quantities, turn)


def _replicated(name: str, value: float, drawn: Vector, level: float, df: int) -> Replicated:
    error = float(drawn.std(ddof=1))
    width = t_quantile((1 + level) / 2, df) * error
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2]).tolist()
    return Replicated(name, value, float(drawn.mean()), error, value - width, value + width, low, high)
