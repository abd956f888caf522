"""Correct a regression for error in its index by simulation-extrapolation: add error, then extrapolate to no error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np

from integrade.engine.frames import collect, enter
from integrade.errors import NotIdentified, UsageError, option
from integrade.estimate.linear import Fit, estimate
from integrade.estimate.results import Basis, FitResult, Vector
from integrade.integration.options import RelativePrice
from integrade.records import tidied
from integrade.records.catalogue import keywords, request
from integrade.records.needs import DRAWS
from integrade.regress.effects import Factor
from integrade.subjects.noise.cell_moments import CellMoments, on_rows, solve_cells
from integrade.subjects.noise.corrected import as_fit
from integrade.subjects.noise.counted_clusters import cluster_sums, counted
from integrade.subjects.noise.index_draws import cells_of, deviations, stream, yearly
from integrade.subjects.noise.treatment import Treated, at_cells, treated
from integrade.wording.sheet import Sheet, of_text, shown
from plainwords.texts import say

if TYPE_CHECKING:
    import polars as pl

SEED = 20240101
ROUNDING = 1e-9  # an eigenvalue above minus this is rounding (the diagonal is near one); a convention
BY = {"goods": "models_error.by-simex-of-goods", "independent": "models_error.by-simex"}
Known = Mapping[tuple[str, int], float]


@dataclass(frozen=True)
class SimexOptions:
    """Options of `simex`.

    Parameters
    ----------
    treatment
        Column of the panel that holds the index.
    levels
        Variances of the added error, as multiples of the variance of the index's own error.
    extrapolant
        Polynomial in the added variance.
    errors
        goods: goods are drawn, so the errors of the regions of a year move together as their goods do (needs prices). A
            good is drawn again in each year where prices are links (previous period = 100), and once for all years
            where they are levels or have a fixed base. independent: each region and year is drawn separately, from the
            standard errors only. auto: goods where prices are given, else independent; the result notes which.
    se
        jackknife: the whole procedure without each cluster in turn; for goods the variance of their draws is added.
    draws
        Number of errors drawn, each used at every level; every second draw is the previous one with its sign reversed.
    seed
        Draw number d uses the stream (seed, d).
    index
        Options with which the panel's index was computed; used only where prices are given.
    fit
        The regression: clusters, weights, singletons.
    """

    treatment: str = "market"
    levels: tuple[float, ...] = (0.5, 1.0, 1.5)
    extrapolant: Literal["quadratic", "linear"] = "quadratic"
    errors: Literal["auto", "goods", "independent"] = "auto"
    se: Literal["jackknife", "none"] = "jackknife"
    draws: Annotated[int, DRAWS] = 200
    seed: int = SEED
    index: RelativePrice = field(default_factory=RelativePrice)
    fit: Fit = field(default_factory=lambda: Fit(cluster="region"))


FOR_STUDIES = {"errors": "goods", "draws": 100}
"""Defaults of a study: errors are drawn by good, which needs prices, and fewer draws than in a call. Conventions."""


@dataclass(frozen=True)
class SimexPoint:
    """Average coefficients, in the order of the fit, after adding error.

    The added error has ``level`` times the variance of the index's own error.
    """

    level: float
    coefficients: tuple[float, ...]


@shown
@dataclass(frozen=True)
class Simex:
    """The naive and the corrected regression. ``corrected`` is a `FitResult`, so `u_test` and tables accept it.

    ``error_sd`` is the root mean square over rows of the index's standard error. ``errors`` is goods or independent.
    ``across_years`` is true if a good has one draw for all years. ``noise`` is the part of each coefficient's standard
    error that comes from the drawn goods. It is missing for independent errors, because the jackknife over clusters
    already covers them. Standard errors take the size of the error as known. Shares of rows past the turning point
    still use the noisy index. ``noise_share`` is the share of error in the index's variation over the rows, net of the
    formula's effects. It is the mean over draws of u'Su divided by x'Sx. S (C, C) holds the cross-products of the
    dummies of the C region-years, with the effects (not the controls) removed. A slope on the index as the only
    regressor is too small by that share, if the error is independent of all else.
    """

    treatment: str
    naive: FitResult
    corrected: FitResult
    path: tuple[SimexPoint, ...]
    error_sd: float
    errors: str
    extrapolant: str
    draws: int
    seed: int
    across_years: bool = False
    noise: tuple[float, ...] = ()
    noise_share: float | None = None

    @property
    def basis(self) -> Basis:
        """Rows, effects, kind of errors and clusters of the naive regression."""
        return self.naive.basis

    def tidy(self) -> pl.DataFrame:
        """Return one row per estimate (or row of the result), with broom's columns (`integrade.records.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Return the numbers of the result as a table of one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """Return both regressions in words."""
        lines = [
            f"SIMEX, {self.extrapolant} in the added variance, {self.draws:,} draws, {self.errors} errors of s.d. "
            f"{self.error_sd:.4g}, seed {self.seed}; n = {self.naive.nobs:,}"
        ]
        lines += [
            f"  {c.term:<20} {self.naive[c.term].estimate:>11.6g} ({self.naive[c.term].std_error:.4g}) -> "
            f"{c.estimate:>11.6g} ({c.std_error:.4g})"
            for c in self.corrected.coefficients
        ]
        lines += [str(n) for n in self.corrected.notes[len(self.naive.notes) :]]
        return of_text("\n".join([*lines, "a quadratic extrapolant corrects part of the bias when the error is large"]))


@keywords(SimexOptions, within="fit")
def simex(prices: Any, panel: Any, formula: str, options: SimexOptions | None = None, **changes: Any) -> Simex:
    """Correct for error in the index: add error, observe the change of the regression, extrapolate to no error.

    Formula: b(l) = mean over draws of the coefficients with index + sqrt(l) u in place of the index (in all powers),
        u = sum over goods k of a_k z_k, a_k the jackknife deviations of the index without good k (by region and year)
        and z_k standard normal, the same in all regions: u has the jackknife's variances and its correlation between
        regions. Without goods u is normal with the jackknife variance of each region and year. Corrected b = a
        polynomial through b(0), b(l_1), ... at l = -1.
    Variance: (G - 1) / G sum over clusters of (b without g - b)^2, same draws; for goods plus W. W is minus the value
        at -1 of the same polynomial through S(0) = 0, S(l_1), ..., the covariances over draws of the coefficients at
        each level (Stefanski and Cook). It is S(l_1) / l_1 where that is not positive semi-definite. The noise of a
        cluster's own cells is in both parts and is not subtracted: this gives simulated coverage nearest to 95%
        (docs/certification.md).

    Missing values: as in `fit`.

    Args:
        prices: the prices behind the index, or the result of `relative_price` with ``se="jackknife"`` (region, year,
            integration, se_integration).
        panel: the estimation panel; its ``treatment`` must be that index.
        formula: as in `fit`; the treatment may enter in powers only.
        options: a `SimexOptions`; single options, also those of `Fit`, by name.

    Raises:
        UsageError: the treatment is not the index of ``prices``, enters in products, or there are instruments.
        Coverage: a region-year of the panel has no index or no standard error.
        NotIdentified: a coefficient is not identified, or not without one of the clusters.

    Reference: Cook and Stefanski (1994); Stefanski and Cook (1995); Carroll, Ruppert, Stefanski and Crainiceanu (2006),
        chapter 5. METHODS 1.5.

    Example:
        >>> simex(prices, panel, "y ~ market + market^2 | firm + year").corrected  # doctest: +SKIP
    """
    chosen = request(SimexOptions, options, changes)
    if min(chosen.levels, default=0) <= 0 or len(set(chosen.levels)) < 2 or chosen.draws < 2:
        raise UsageError(
            f"levels={chosen.levels}, draws={chosen.draws}: at least two positive levels and two draws",
            remedy="give levels=(0.5, 1, 1.5), draws=200",
        )
    sample = treated(panel, formula, chosen.treatment, chosen.fit)
    cluster = sample.cluster(chosen.fit.cluster)
    errors, kind, across = drawn_errors(prices, sample, chosen)
    naive = estimate(sample.design, chosen.fit)
    with_clusters = _with_clusters(sample, cluster)
    moments = with_clusters(np.ones(cluster.levels))
    drawn = _drawn(moments, sample, errors, chosen)
    path = _path(moments, sample, drawn)
    if not np.isfinite(path).all():
        raise NotIdentified(say("impossible.not-with-error"), where=formula, remedy="use fewer regressors or effects")
    weights = _extrapolation(chosen)
    b = weights @ path
    vcov = np.full((len(b), len(b)), np.nan)
    noise = _noise(drawn, weights, chosen.levels) if kind == "goods" else vcov
    if chosen.se == "jackknife":
        deletions = map(with_clusters, 1.0 - np.eye(cluster.levels))
        without = np.array([weights @ _path(m, sample, _drawn(m, sample, errors, chosen)) for m in deletions])
        _require_identified(without, sample, cluster)
        away = without - b
        vcov = (cluster.levels - 1) / cluster.levels * (away.T @ away)
        vcov = vcov + noise if kind == "goods" else vcov
    spread = float(np.sqrt(np.mean((errors**2).mean(axis=1)[sample.cells.codes])))
    # u'Su and x'Sx: sums of squares of the errors (mean over draws) and of the index, with the effects removed
    of_errors = (errors * (moments.cells @ errors)).sum() / errors.shape[1]
    of_index = (sample.values * (moments.cells @ sample.values)).sum()
    levels = (0.0, *chosen.levels)
    points = tuple(SimexPoint(level, tuple(row)) for level, row in zip(levels, path.tolist(), strict=True))
    notes = [say(BY[kind])] if _has_goods(prices) else [say(BY[kind]), say("models_error.no-goods")]
    return Simex(
        chosen.treatment,
        naive,
        as_fit(naive, b, vcov, cluster.levels - 1, kind="SIMEX", notes=notes),
        points,
        spread,
        kind,
        chosen.extrapolant,
        chosen.draws,
        chosen.seed,
        across,
        tuple(np.sqrt(np.diag(noise)).tolist()),
        float(of_errors / of_index),
    )


def _drawn(moments: CellMoments, sample: Treated, errors: Vector, chosen: SimexOptions) -> Vector:
    """Return the coefficients at each level with each draw (L, B, k), in the order of the design."""
    noisy = (sample.values[:, None] + np.sqrt(level) * errors for level in chosen.levels)
    return np.array([solve_cells(moments, values, sample.powers)[:, list(sample.order)] for values in noisy])


def _path(moments: CellMoments, sample: Treated, drawn: Vector) -> Vector:
    """Return the average coefficients at level 0 and at each level, shape (1 + L, k)."""
    naive = solve_cells(moments, sample.values[:, None], sample.powers)[:, list(sample.order)]
    return np.concatenate([naive, drawn.mean(axis=1)])


def _noise(drawn: Vector, weights: Vector, levels: tuple[float, ...]) -> Vector:
    """Return the variance (k, k) of the corrected coefficients that comes from the drawn errors, made semi-definite."""
    away = drawn - drawn.mean(axis=1, keepdims=True)
    spread = away.transpose(0, 2, 1) @ away / (drawn.shape[1] - 1)
    noise = -np.tensordot(weights[1:], spread, axes=1)
    scale = np.sqrt(np.diag(spread[0]))
    unit = np.where(scale > 0, scale, 1.0)
    if np.linalg.eigvalsh(noise / np.outer(unit, unit))[0] < -ROUNDING:
        lowest = int(np.argmin(levels))
        noise = spread[lowest] / levels[lowest]
    return np.asarray(noise)


def _extrapolation(chosen: SimexOptions) -> Vector:
    """Return the weights (1 + L,) that give the value of the least-squares polynomial at -1."""
    degree = 2 if chosen.extrapolant == "quadratic" else 1
    powers = np.vander(np.array([0.0, *chosen.levels]), degree + 1)
    return np.asarray((np.vander([-1.0], degree + 1) @ np.linalg.pinv(powers))[0])


def _with_clusters(sample: Treated, cluster: Factor) -> Callable[[Vector], CellMoments]:
    """Return a function that computes the moments of some clusters, with effects removed again.

    The function takes one number per cluster: 1 to use the cluster, 0 to leave it out.
    """
    plan = sample.design.plan
    if plan.exact:
        return partial(counted, cluster_sums(plan, sample.cells, sample.fixed, cluster))
    return lambda kept: on_rows(plan, sample.cells, sample.fixed, np.flatnonzero(kept[cluster.codes]))


def _require_identified(without: Vector, sample: Treated, cluster: Factor) -> None:
    """Raise `NotIdentified` if a coefficient is missing when one of the clusters is left out, and name the cluster."""
    lost = np.flatnonzero(~np.isfinite(without).all(axis=1))
    if len(lost):
        row = int(np.argmax(cluster.codes == lost[0]))
        name = sample.design.labels.row(row, named=True).get(cluster.name, lost[0])
        raise NotIdentified(
            say("impossible.not-without", cluster=cluster.name, name=str(name)),
            remedy=f"give {option('se', 'none')}, or fewer regressors",
        )


def drawn_errors(index: Any, sample: Treated, chosen: SimexOptions) -> tuple[Vector, str, bool]:
    """Return the drawn errors by cell and draw (C, B), their kind, and whether a good has one draw for all years."""
    if not _has_goods(index):
        return *_independent(*_index_table(index), sample, chosen), False
    work = yearly(index, chosen.index)
    values, away = deviations(work)
    keys = cells_of(work)
    known = dict(zip(keys, values.ravel().tolist(), strict=True))
    if chosen.errors == "independent":
        se = np.sqrt((away**2).sum(axis=2)).ravel().tolist()
        return *_independent(known, dict(zip(keys, se, strict=True)), sample, chosen), False
    at_cells(sample, known, chosen.treatment, "prices")
    place = {key: at for at, key in enumerate(keys)}
    rows = [place[key] for key in sample.keys]
    t, _, k = away.shape
    across = work.options.basis in ("fixed", "level")  # an error in a level or in a base stays with its good
    z = np.broadcast_to(_in_pairs(chosen, (1 if across else t, k)), (chosen.draws, t, k))
    drawn = np.einsum("tnk,btk->tnb", away, z).reshape(len(keys), -1)[rows]
    if not np.isfinite(drawn).all():
        raise NotIdentified(say("impossible.no-jackknife"), remedy="give more goods")
    return drawn, "goods", across


def _has_goods(index: Any) -> bool:
    return "commodity" in enter(index).collect_schema().names()


def _in_pairs(chosen: SimexOptions, shape: tuple[int, ...]) -> Vector:
    """Return standard normal draws (B, *shape). Every second draw is the previous one with its sign reversed."""
    pairs = range((chosen.draws + 1) // 2)
    draws = [sign * z for z in (stream(chosen.seed, d, 2).normal(size=shape) for d in pairs) for sign in (1.0, -1.0)]
    return np.array(draws[: chosen.draws])


def _independent(known: Known, se: Known, sample: Treated, chosen: SimexOptions) -> tuple[Vector, str]:
    """Return independent errors by cell and draw (C, B) from the index's standard errors, and their kind."""
    if chosen.errors == "goods":
        raise UsageError("errors='goods' needs the prices", remedy="give the prices in place of the index")
    at_cells(sample, known, chosen.treatment, "index")
    at_cells(
        sample,
        {key: known[key] if np.isfinite(se.get(key, np.nan)) else np.nan for key in known},
        chosen.treatment,
        "index with a standard error",
    )
    sd = np.array([se[key] for key in sample.keys])
    keys = sorted(known)  # draws are made for the whole table, so that they do not depend on the cells of the sample
    place = {key: at for at, key in enumerate(keys)}
    z = _in_pairs(chosen, (len(keys),))
    drawn = sd[:, None] * z[:, [place[key] for key in sample.keys]].T
    return drawn, "independent"


def _index_table(index: Any) -> tuple[Known, Known]:
    """Return the index and its standard error, both by region and year."""
    rows = collect(enter(index))
    for name in ("region", "year", "integration", "se_integration"):
        if name not in rows.columns:
            raise UsageError(f"the index has no column {name!r}", remedy="give relative_price(prices, se='jackknife')")
    keys = [(str(r), int(y)) for r, y in rows.select("region", "year").iter_rows()]
    if len(set(keys)) < len(keys):
        raise UsageError("the index has two rows for a region and year", remedy="give one row per region and year")
    value, se = (rows[c].cast(float).fill_null(float("nan")).to_list() for c in ("integration", "se_integration"))
    return dict(zip(keys, value, strict=True)), dict(zip(keys, se, strict=True))
