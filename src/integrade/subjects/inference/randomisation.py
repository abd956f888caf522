"""Run randomisation inference at the level of the treatment by permuting whole paths of regions (METHODS 5.11).

Each region keeps its rows, outcome and controls, and gets the treatment's path (all years) of another region. This
keeps the serial correlation of the treatment. No regression is run for a permutation: see
`integrade.regress.cell_forms`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import permutations, product
from typing import Annotated, Any

import numpy as np
import polars as pl

from integrade.errors import NotIdentified, TooFew, UsageError, option
from integrade.estimate.contrasts import JointTest, joint_test
from integrade.estimate.design import CONSTANT
from integrade.estimate.fit import collected
from integrade.estimate.formula import parse_formula
from integrade.estimate.linear import Fit, estimate
from integrade.estimate.results import Basis, Vector
from integrade.records import tidied
from integrade.records.catalogue import keywords, request
from integrade.records.needs import DRAWS
from integrade.records.schema import column_word
from integrade.regress.cell_forms import deleted, within
from integrade.regress.effects import Codes
from integrade.subjects.inference.clusters import ClusterReport
from integrade.subjects.inference.path_statistics import Statistics, path_statistics
from integrade.subjects.noise.treatment import SAME, Treated, treated
from integrade.wording.sheet import Sheet, of_text, shown
from plainwords.texts import say

__all__ = ["Randomisation", "Randomise", "RandomisedTerm", "randomisation"]

_TIE = 1e-9  # a permutation this close (relatively) to the statistic counts as reaching it (METHODS 5.2)
_BLOCK = 250  # number of permutations in a block, which bounds memory


@dataclass(frozen=True)
class Randomise:
    """Options of `randomisation`: the permutation of treatment histories.

    Parameters
    ----------
    permutations
        Number of random permutations; if there are not more in total, all are enumerated.
    seed
        Seed of the permutations.
    fit
        How the regression is estimated; the covariance that studentises is CR3 or CR1 with one cluster variable.
    """

    permutations: Annotated[int, DRAWS] = 999
    seed: int = 20240101
    fit: Fit = field(default_factory=lambda: Fit(cluster="region"))


@dataclass(frozen=True)
class RandomisedTerm:
    """One power of the treatment: its t, the share of permutations with a |t| at least as large, and the p from t.

    ``critical`` is the 95th percentile of |t| over the permutations.
    """

    term: str
    estimate: float
    statistic: float
    p_value: float
    p_analytic: float
    critical: float


@shown
@dataclass(frozen=True)
class Randomisation:
    """The permutation test of the regions' paths.

    ``joint`` is the F test of all powers of the treatment and ``p_joint`` its permutation p-value. ``regions`` is the
    number of regions with a path. ``exchanged`` is the number of regions that have the same years as another region and
    can therefore exchange paths. ``enumerated`` is true if all permutations were used; p is then a share of them, and
    the data are one of them. Otherwise p = (1 + #) / (permutations + 1).
    """

    formula: str
    treatment: str
    kind: str
    terms: tuple[RandomisedTerm, ...]
    joint: JointTest
    p_joint: float
    permutations: int
    enumerated: bool
    smallest_p: float
    seed: int
    regions: int
    exchanged: int
    nobs: int
    unidentified: int
    note: str
    basis: Basis | None = None

    def tidy(self) -> pl.DataFrame:
        """Return one row per estimate (or row of the result), with broom's columns (`integrade.records.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Return the numbers of the result as a table of one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """Return the test as text."""
        how = "all" if self.enumerated else "random"
        lines = [
            self.formula,
            f"{self.permutations:,} {how} permutations of the paths of {self.exchanged} regions, {self.kind}, "
            f"{self.nobs:,} rows, smallest p {self.smallest_p:.2g}, seed {self.seed}",
        ]
        lines += [
            f"{t.term}: {t.estimate:.6g}, t = {t.statistic:.3f}, p = {t.p_value:.4f} "
            f"(t distribution {t.p_analytic:.4f}; 95% of permutations below |t| = {t.critical:.3f})"
            for t in self.terms
        ]
        if self.joint.df1 > 1:
            lines.append(
                f"{' and '.join(self.joint.terms)}: F = {self.joint.statistic:.3f}, p = {self.p_joint:.4f} "
                f"(F distribution {self.joint.p_value:.4f})"
            )
        if self.unidentified:
            lines.append(f"{self.unidentified:,} permutations do not identify a coefficient and count against it")
        return of_text("\n".join([*lines, self.note]))


@dataclass(frozen=True)
class InferenceStudy:
    """The report on the clusters, and the permutation of the regions' paths."""

    randomisation: Randomisation | None = None
    clusters: ClusterReport | None = None


@keywords(Randomise, within="fit")
def randomisation(
    panel: Any, formula: str, treatment: str = "market", options: Randomise | None = None, **changes: Any
) -> Randomisation:
    """Test the effect of the treatment by permuting treatment histories across regions.

    Formula: for a permutation s of the regions, ``x_it = x(s(region), year)`` for every row, with its powers; p is the
        share of permutations whose |t| (or F, for all powers together) reaches that of the data. Regions exchange paths
        only within groups that have the treatment in the same years. A row's value is looked up by its own region and
        year, so firms that move are followed. A permutation that does not identify a coefficient counts as reaching the
        statistic.
    Null: the treatment has no effect on any row (sharp), and the paths of the regions could have been distributed
        otherwise with the same probability (exchangeable). Paths are not exchangeable if they depend on other
        differences between regions, such as being on a coast.
    Missing values: as in `fit`. The treatment of a region and year is taken from any row of the panel that has it.

    Args:
        panel: any table with region and year.
        formula: as for `fit`, the treatment among the regressors (with its powers, not in products).
        treatment: a column that is constant within a region and year.
        options: a `Randomise`; or single options by name, those of `Fit` included. The covariance is CR3 by region
            unless given.

    Returns:
        One `Randomisation`.

    Raises:
        UsageError: the treatment varies within a region and year; a covariance other than CR1 or CR3; a number of
            permutations below 1. TooFew: no two regions have the same years. NotIdentified: a coefficient does not
            exist without some cluster (CR3).

    Reference: Fisher (1935); Young (2019), QJE 134, 557-598; MacKinnon and Webb (2020), J. Econometrics 218, 435-450
        (the studentised form).

    Example:
        >>> print(randomisation(panel, "quality ~ market + market^2 | firm + year"))  # doctest: +SKIP
    """
    chosen = request(Randomise, options, changes)
    if chosen.fit.vcov not in ("CR1", "CR3"):
        raise UsageError(
            f"vcov={chosen.fit.vcov!r} cannot be permuted",
            remedy=f"use {option('vcov', 'CR3')}, or {option('vcov', 'CR1')}",
        )
    if chosen.permutations < 1:
        raise UsageError(
            f"{chosen.permutations} permutations are too few", remedy=f"give {option('permutations', 999)}"
        )
    rows = collected(panel, parse_formula(formula), chosen.fit)
    sample = treated(rows, formula, treatment, chosen.fit)
    result = estimate(sample.design, chosen.fit, wild=0)
    paths, place = _paths(rows.table, sample, treatment)
    groups = alike(paths)
    exchanged = sum(len(g) for g in groups if len(g) > 1)
    if not exchanged:
        raise TooFew(
            say("impossible.no-exchange", treatment=repr(treatment)),
            remedy="give years in which several regions have it",
        )
    possible = math.prod(math.factorial(len(g)) for g in groups)
    enumerated = possible <= chosen.permutations
    orders = (
        _every(groups, len(paths))
        if enumerated
        else random_orders(groups, len(paths), chosen.permutations, chosen.seed)
    )
    observed, drawn = _statistics(sample, chosen, paths, place, orders)
    # if all permutations were used, the data are one of them; otherwise the data count as one more
    total, extra = len(drawn.joint), 0 if enumerated else 1
    names = [sample.design.regressors[sample.order.index(i)] for i in range(len(sample.powers))]
    p = ((drawn.t >= observed.t * (1 - _TIE)).sum(axis=0) + extra) / (total + extra)
    terms = tuple(
        RandomisedTerm(
            name,
            result[name].estimate,
            result[name].statistic,
            float(p[i]),
            result[name].p_value,
            float(np.quantile(drawn.t[:, i], 0.95, method="higher") * abs(result[name].statistic) / observed.t[0, i]),
        )
        for i, name in enumerate(names)
    )
    reached = int((drawn.joint >= observed.joint * (1 - _TIE)).sum())
    if fixed := len(paths) - exchanged:
        note = say("models_inference.null-with-fixed", treatment=column_word(treatment), fixed=fixed)
    else:
        note = say("models_inference.null", treatment=column_word(treatment))
    return Randomisation(
        result.formula,
        treatment,
        result.kind,
        terms,
        joint_test(result, names),
        (reached + extra) / (total + extra),
        total,
        enumerated,
        1 / (total + extra),
        chosen.seed,
        len(paths),
        exchanged,
        result.nobs,
        int(np.isinf(drawn.joint).sum()),
        note,
        result.basis,
    )


def _paths(rows: pl.DataFrame, sample: Treated, treatment: str) -> tuple[Vector, tuple[Codes, Codes]]:
    """Return the paths of the sample's regions (R, years), NaN if missing, and each cell's row and column in them."""
    regions = sorted({r for r, _ in sample.keys})
    years = sorted({y for _, y in sample.keys})
    at = {r: i for i, r in enumerate(regions)}, {y: i for i, y in enumerate(years)}
    place = (np.array([at[0][r] for r, _ in sample.keys]), np.array([at[1][y] for _, y in sample.keys]))
    by_cell = (
        rows.select(pl.col("region").cast(pl.String), pl.col("year").cast(pl.Int64), pl.col(treatment).cast(pl.Float64))
        .filter(pl.col(treatment).is_finite() & pl.col("region").is_in(regions) & pl.col("year").is_in(years))
        .group_by("region", "year")
        .agg(pl.col(treatment).min().alias("low"), pl.col(treatment).max().alias("high"))
        .sort("region", "year")
    )
    uneven = by_cell.filter(pl.col("high") - pl.col("low") > SAME * pl.col("high").abs())
    if uneven.height:
        region, year, low, high = uneven.row(0)
        raise UsageError(
            f"{treatment!r} varies within a region and year",
            example=f"region={region}, year={year}: {low:.6g} to {high:.6g}",
            remedy="name a treatment by region and year",
        )
    paths = np.full((len(regions), len(years)), np.nan)
    for region, year, value, _ in by_cell.iter_rows():
        paths[at[0][region], at[1][year]] = value
    paths[place] = sample.values
    return paths, place


def alike(paths: Vector) -> list[Codes]:
    """Return groups of regions that have the same years, in order."""
    _, kind = np.unique(np.isfinite(paths), axis=0, return_inverse=True)
    return [np.flatnonzero(kind.ravel() == k) for k in range(int(kind.max()) + 1)]


def _every(groups: Sequence[Codes], regions: int) -> Codes:
    """Return all permutations within groups (B, R). The first one is the identity."""
    orders = []
    for chosen in product(*(permutations(g.tolist()) for g in groups)):
        order = np.arange(regions)
        for group, donors in zip(groups, chosen, strict=True):
            order[group] = donors
        orders.append(order)
    return np.array(orders)


def random_orders(groups: Sequence[Codes], regions: int, draws: int, seed: int) -> Codes:
    """Return random permutations within groups (B, R). Each depends only on its number and the seed."""
    orders = np.tile(np.arange(regions), (draws, 1))
    for b in range(draws):
        stream = np.random.default_rng([seed, b])
        for group in groups:
            orders[b, group] = stream.permutation(group)
    return orders


def _statistics(
    sample: Treated, chosen: Randomise, paths: Vector, place: tuple[Codes, Codes], orders: Codes
) -> tuple[Statistics, Statistics]:
    """Return the statistics of the data and of every permutation."""
    plan, cluster = sample.design.plan, sample.cluster(chosen.fit.cluster)
    jackknifed = chosen.fit.vcov == "CR3"
    forms = (deleted if jackknifed else within)(plan, sample.cells, sample.fixed, cluster)
    centred = plan.large is not None or CONSTANT in sample.design.names  # a constant is removed or has its own term

    def under(order: Codes) -> Statistics:
        return path_statistics(
            forms, paths[order][:, place[0], place[1]], sample.powers, jackknifed=jackknifed, centred=centred
        )

    observed = under(np.arange(len(paths))[None, :])
    if not np.isfinite(observed.joint).all():
        raise NotIdentified(
            say("impossible.not-without-some"), where=sample.design.formula.text, remedy=f"use {option('vcov', 'CR1')}"
        )
    blocks = [under(orders[start : start + _BLOCK]) for start in range(0, len(orders), _BLOCK)]
    return observed, Statistics(np.concatenate([b.t for b in blocks]), np.concatenate([b.joint for b in blocks]))
