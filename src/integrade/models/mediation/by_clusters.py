"""The tests of both paths and of their product by clusters, whatever the standard errors of the table.

Errors that take rows as independent reject too often where the treatment varies by region and year, and so do normal
draws from them. What a verdict says of a mediator therefore rests on these tests as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from integrade.errors import EmptyTable, NotIdentified, TooFew
from integrade.models.fit.contrasts import combination
from integrade.models.fit.linear import Fit
from integrade.models.fit.ready import Ready
from integrade.models.fit.results import FitResult
from integrade.models.mediation.collapsed import varies_within
from integrade.models.mediation.decompose import Judge, path_has
from integrade.models.mediation.indirect import over_places
from integrade.models.mediation.records import ByClusters, CellPath, Indirect
from integrade.schema import column_word
from integrade.texts import say

NOT_ESTIMATED = (NotIdentified, TooFew, EmptyTable)
"""Errors that leave a verdict without these tests."""
OF_SEVERAL = ("cgm", "multi0")
"""Small-sample corrections of several cluster variables."""


def cluster_of_tests(rows: Ready, treatment: str, keys: Sequence[str], how: Fit) -> str | None:
    """What is drawn: the first of the keys where the treatment varies by them alone, else the cluster of the fit.

    Where the fit has none, or several, it is the first key all the same; None where the panel lacks that.
    """
    own = how.cluster if how.cluster and "+" not in how.cluster else None
    first = next(iter(keys), None)
    if first not in rows.columns:
        return own
    on_cells = all(k in rows.columns for k in keys) and not varies_within(rows, treatment, keys)
    return first if on_cells else own or first


def fit_of_tests(how: Fit, cluster: str) -> Fit:
    """The fit with the cluster jackknife, without the draws of the table."""
    ssc = "reghdfe" if how.ssc in OF_SEVERAL else how.ssc
    return replace(how, vcov="CR3", cluster=cluster, ssc=ssc, wild=0, wild_ci=False, wild_joint=None)


def is_by(found: FitResult, cluster: str) -> bool:
    """Whether a fit has these errors already."""
    return found.kind == "CR3" and list(found.clusters) == [cluster]


def by_clusters(judge: Judge, j: int, cells: CellPath | None, cluster: str) -> ByClusters:
    """The indirect effects of mediator j as the tests by clusters find them.

    Formula: p(x) = max(p_b, Holm over places of max(p_a(x), p_cells(x), p_draws(x))), p_a and p_b by CR3, p_draws by
    whole clusters drawn. ``judge`` has fits and draws by clusters. p_cells is that of the path to the mediator on one
    row per cell, CR3; it is 1 where that slope has the other sign.
    """
    effects = [judge.effect(j, place, x) for place, x in judge.places]
    if cells is not None:
        effects = [replace(e, p_a=max(e.p_a, _p_on_cells(judge, e, cells))) for e in effects]
    b = judge.direct[judge.mediators[j].outcome]
    indirect = over_places(effects, b.p_value, judge.interval.level)
    drawn = len(judge.draws.b[j])
    return ByClusters(
        cluster, judge.direct.clusters[cluster], drawn, cells.n_cells if cells else None, b.p_value, indirect
    )


def _p_on_cells(judge: Judge, effect: Indirect, cells: CellPath) -> float:
    """Two-sided p of the slope of the path to the mediator on cells, at the place of the effect."""
    terms = [t for t in judge.own if path_has(cells.weighted, t)]
    weights = {t: 1.0 if t == judge.own[0] else 2 * float(effect.x or 0.0) for t in terms}
    slope = combination(cells.weighted, weights, effect.place)
    return slope.p_value if slope.estimate * effect.a > 0 else 1.0


def without_clusters() -> str:
    """Why there are no tests by clusters where the panel has nothing to draw."""
    return say("models_mediation.no-clusters-to-test")


def not_by_clusters(cluster: str, problem: NotIdentified | TooFew | EmptyTable) -> str:
    """Why there are no tests by clusters where a regression is not estimated."""
    return say("models_mediation.not-by-clusters", cluster=column_word(cluster), why=problem.what)
