"""Report how reliable inference with these clusters is: effective number, leverage, and the most influential cluster.

The effective number G* is by Carter, Schnepel and Steigerwald (2017), leverage and influence are by MacKinnon, Nielsen
and Webb (2023). All are computed with the fixed effects removed (METHODS 5.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from integrade.errors import TooFew, UsageError, option
from integrade.estimate.design import Design
from integrade.estimate.linear import Fit, prepare
from integrade.estimate.results import Vector
from integrade.records import tidied
from integrade.records.catalogue import choose, keywords
from integrade.records.schema import column_word
from integrade.regress.cells import gram_by_group
from integrade.regress.covariance import cluster_scores
from integrade.regress.effects import Factor, first_rows, movers
from integrade.regress.jackknife import least_squares_without
from integrade.regress.ols import least_squares
from integrade.wording.sheet import Sheet, of_text, shown
from plainwords.texts import say

if TYPE_CHECKING:
    import polars as pl

__all__ = ["ClusterLeverage", "ClusterReport", "ClusterTerm", "cluster_report", "effective_clusters"]

_GONE = 1e-10  # sums of a regressor over clusters that are smaller, relative to their bound, are rounding; a convention
_TOP = 5  # number of clusters in the report, those with the largest leverage; a convention


@dataclass(frozen=True)
class ClusterTerm:
    """One coefficient: its effective number of clusters and the influence of single clusters on it.

    ``g_star`` is for independent errors, ``g_star_correlated`` for errors that are equal within a cluster.
    ``g_star_correlated`` is missing if the effects remove everything common to a cluster. ``partial_leverage`` is the
    largest share of one cluster, ``heaviest``, in the variation that identifies the coefficient. ``most_moving`` is the
    cluster whose deletion moves the coefficient most. The coefficient then is ``without``, which is ``moved`` CR3
    standard errors away.
    """

    term: str
    estimate: float
    g_star: float
    g_star_correlated: float | None
    partial_leverage: float
    heaviest: str
    most_moving: str
    without: float
    moved: float


@dataclass(frozen=True)
class ClusterLeverage:
    """One cluster: its number of rows, its leverage (all leverages sum to k) and its partial leverage for each term."""

    level: str
    rows: int
    leverage: float
    partial: tuple[float, ...]


@shown
@dataclass(frozen=True)
class ClusterReport:
    """The information in the clusters of a regression.

    ``top`` holds the clusters with the largest leverage, in descending order; the mean leverage is ``k / g``.
    ``without`` (g, k) holds the coefficients without each of the ``levels``, missing if one is not identified.
    ``partial`` (g, k) holds the partial leverage of each of the ``levels``; a report stored before has none.
    """

    formula: str
    cluster: str
    g: int
    nobs: int
    rows_min: int
    rows_median: float
    rows_max: int
    terms: tuple[ClusterTerm, ...]
    top: tuple[ClusterLeverage, ...]
    levels: tuple[str, ...]
    without: Vector
    notes: tuple[str, ...] = ()
    partial: Vector | None = None

    def tidy(self) -> pl.DataFrame:
        """Return one row per estimate (or row of the result), with broom's columns (`integrade.records.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Return the numbers of the result as a table of one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """Return the report as text."""
        heading = ("", "G*", "G* (rho = 1)", "largest partial leverage", "most moving", "without it", "in CR3 s.e.")
        rows = [heading] + [
            (
                t.term,
                f"{t.g_star:.1f}",
                "." if t.g_star_correlated is None else f"{t.g_star_correlated:.1f}",
                f"{t.partial_leverage:.3f} ({t.heaviest})",
                t.most_moving,
                f"{t.estimate:.6g} -> {t.without:.6g}",
                f"{t.moved:+.2f}",
            )
            for t in self.terms
        ]
        widths = [max(len(r[i]) for r in rows) for i in range(len(heading))]
        table = ["  ".join(c.ljust(w) for c, w in zip(r, widths, strict=True)).rstrip() for r in rows]
        mean = len(self.terms) / self.g
        heavy = ", ".join(f"{c.level} {c.leverage:.3f} ({c.rows:,} rows)" for c in self.top)
        return of_text(
            "\n".join(
                [
                    f"{self.formula}: {self.g:,} clusters ({self.cluster}), {self.nobs:,} rows",
                    f"rows by cluster: {self.rows_min:,} to {self.rows_max:,}, median {self.rows_median:,.0f}",
                    *table,
                    f"leverage, mean {mean:.3f}: {heavy}",
                    *self.notes,
                ]
            )
        )


@keywords(Fit)
def cluster_report(
    panel: Any, formula: str, cluster: str = "region", options: Fit | None = None, **changes: Any
) -> ClusterReport:
    """Compute the effective number of clusters, leverage by cluster, and each coefficient's most influential cluster.

    Formula: with x the regressors, effects removed, and B = (x'x)^-1,
        ``G* = G / (1 + mean (gamma_g / mean gamma - 1)^2)`` with ``gamma_g = e_j'B x_g'x_g B e_j`` for independent
        errors and ``(e_j'B x_g'1)^2`` for errors equal within a cluster; leverage ``tr(B x_g'x_g)``; partial leverage
        ``gamma_g / B_jj``. With weights w errors have variance 1/w (``x_g'W x_g``) or are equal (``x_g'w``). The
        effects' own leverage is left out.
    Missing values: as in `fit`.

    Args:
        panel: any table. formula: as for `fit`, without instruments.
        cluster: the cluster variable.
        options: a `Fit`, or single options by name; only ``singletons`` and ``weights`` matter.

    Raises:
        UsageError: instruments, or several cluster variables. TooFew: there is only one cluster.

    Reference: Carter, Schnepel and Steigerwald (2017), REStat 99, 698-709; MacKinnon, Nielsen and Webb (2023),
        J. Econometrics 232, 272-299.

    Example:
        >>> print(cluster_report(panel, "quality ~ market + market^2 | firm + year"))  # doctest: +SKIP
    """
    chosen = choose(Fit, options, {**changes, "cluster": cluster})
    cluster = str(chosen.cluster)
    if "+" in cluster or chosen.cluster is None:
        raise UsageError("one cluster variable is needed here", remedy=f"give {option('cluster', 'region')}")
    design = prepare(panel, formula, chosen)
    if design.endogenous:
        raise UsageError("the report on clusters is for least squares", remedy="leave the instruments out")
    factor = design.cluster(cluster)
    if factor.levels < 2:
        raise TooFew(
            say("impossible.one-level", column=repr(cluster), levels=factor.levels),
            remedy="cluster by a column that has at least two values in the rows of the regression",
        )
    x = design.matrix[:, list(design.kept)]
    shares = gram_by_group(x, design.plan.weights, factor)
    sums = cluster_scores(x, np.ones(len(x)), factor, design.plan.weights)
    bread, levels = np.linalg.inv(shares.sum(axis=0)), _levels(design, factor)
    gammas = np.einsum("aj,gab,bj->gj", bread, shares, bread)
    partial = gammas / np.diag(bread)
    rows = np.bincount(factor.codes, minlength=factor.levels)
    # (e_j'B x_g'1)^2, missing for a column whose sums are zero up to rounding
    common = (sums @ bread) ** 2
    bound = (gammas * rows[:, None]).sum(axis=0)  # Cauchy-Schwarz; reached if all rows of x_g are equal
    common = np.where(common.sum(axis=0) <= _GONE**2 * bound, np.nan, common)
    coefficients, without = _deleted(design, factor)
    terms: list[ClusterTerm] = []
    for j, b in enumerate(coefficients.tolist()):
        heaviest = int(np.argmax(partial[:, j]))
        correlated = None if np.isnan(common[:, j]).any() else effective_clusters(common[:, j])
        distance = np.abs(without[:, j] - b)
        identified = np.isfinite(distance)
        place, moved = 0, float("nan")
        if identified.any():
            place = int(np.nanargmax(distance))
            error = float(np.sqrt((factor.levels - 1) / factor.levels * np.sum(distance[identified] ** 2)))
            moved = float(without[place, j] - b) / error if error > 0 else 0.0
        terms.append(
            ClusterTerm(
                design.regressors[j],
                b,
                effective_clusters(gammas[:, j]),
                correlated,
                float(partial[heaviest, j]),
                levels[heaviest],
                levels[place] if identified.any() else "",
                float(without[place, j]),
                moved,
            )
        )
    leverage = np.einsum("ab,gba->g", bread, shares)
    top = [
        ClusterLeverage(levels[g], int(rows[g]), float(leverage[g]), tuple(partial[g].tolist()))
        for g in np.argsort(-leverage, kind="stable")[:_TOP]
    ]
    return ClusterReport(
        design.formula.text,
        cluster,
        factor.levels,
        len(x),
        int(rows.min()),
        float(np.median(rows)),
        int(rows.max()),
        tuple(terms),
        tuple(top),
        levels,
        without,
        _notes(terms, factor, design.plan.effects),
        partial,
    )


def effective_clusters(gammas: Vector) -> float:
    """Return ``G / (1 + Gamma)``; Gamma is the squared coefficient of variation of the ``gammas`` (G,)."""
    relative = gammas / gammas.mean()
    return float(len(gammas) / (1 + np.mean((relative - 1) ** 2)))


def _levels(design: Design, factor: Factor) -> tuple[str, ...]:
    named = design.labels[first_rows(factor)].select(p.strip() for p in factor.name.split("^"))
    return tuple("^".join(str(v) for v in row) for row in named.iter_rows())


def _deleted(design: Design, factor: Factor) -> tuple[Vector, Vector]:
    """Return the coefficients, and the coefficients without each cluster (G, k), with effects removed again."""
    x = design.matrix[:, list(design.kept)]
    coefficients = least_squares(x, design.outcome, design.plan.weights).coefficients
    matrix = np.column_stack([x, design.outcome])
    without, identified = least_squares_without(design.plan, matrix, factor, coefficients)
    without[~identified] = np.nan
    return coefficients, without


def _notes(terms: Sequence[ClusterTerm], factor: Factor, effects: Sequence[Factor]) -> tuple[str, ...]:
    cluster, levels = column_word(factor.name), str(factor.levels)
    few = {t.term: f"{t.g_star:.1f}" for t in terms if t.g_star < factor.levels / 2}
    notes = [
        say("models_inference.few-clusters-count", term=column_word(term), effective=g, clusters=levels)
        for term, g in few.items()
    ]
    if any(t.g_star_correlated is None for t in terms):
        notes.append(say("models_inference.no-correlated-count", cluster=cluster))
        return tuple(notes)
    for effect in effects:
        moving = movers(effect, factor)
        if moving < effect.levels / 2:
            name = column_word(effect.name)
            notes.append(say("models_inference.count-on-movers", effect=name, cluster=cluster, movers=moving))
    return tuple(notes)
