"""Test both paths and their product by clusters, also if the standard errors of the table are of another kind.

If the treatment varies by region and year, tests with errors that treat rows as independent reject too often. Normal
draws from these errors also reject too often. A verdict on a mediator therefore also depends on these tests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from integrade.errors import EmptyTable, NotIdentified, TooFew
from integrade.estimate.contrasts import combination
from integrade.estimate.linear import Fit, cluster_names
from integrade.estimate.ready import Ready
from integrade.estimate.results import FitResult
from integrade.records.schema import column_word
from integrade.subjects.mediation.decompose import Judge, path_has
from integrade.subjects.mediation.indirect import over_places, sense
from integrade.subjects.mediation.records import ByClusters, CellPath, Indirect
from plainwords.texts import say

NOT_ESTIMATED = (NotIdentified, TooFew, EmptyTable)
"""Exceptions after which a verdict is given without these tests."""
FEWEST, MOST = 2, 2
"""Smallest number of clusters that can be drawn, and largest number of cluster variables.

Each variable needs its own draws.
"""
OF_SEVERAL = ("cgm", "multi0")
"""Small-sample corrections that exist only for several cluster variables."""


def clusters_of_tests(rows: Ready, keys: Sequence[str], how: Fit) -> tuple[str, ...]:
    """Return the cluster variables of the tests, two at most.

    The first is the first key. The second is a cluster variable of the fit whose clusters do not lie within values of
    the first key. If the fit has several such variables, the one with the fewest clusters is used. If the rows lack the
    first key, or have only one value of it, the variables of the fit with the fewest clusters are used instead. If the
    first variable returned cannot be tested, no tests are made.
    """
    names = sorted(cluster_names(how), key=lambda name: _levels(rows, name))
    first = next(iter(keys), None)
    if first not in rows.columns or _levels(rows, first) < FEWEST:
        return tuple(names[:MOST])
    further = [name for name in names if _levels(rows, name, first) > _levels(rows, name)]
    return (first, *(name for name in further if name != first))[:MOST]


def _levels(rows: Ready, *names: str) -> int:
    """Return how many combinations of values the cluster variables have, over the rows in which none is missing."""
    return rows.select([c for name in names for c in name.split("^")]).drop_nulls().n_unique()


def fit_of_tests(how: Fit, cluster: str) -> Fit:
    """Return the options of a fit with the cluster jackknife, without the draws of the table."""
    ssc = "reghdfe" if how.ssc in OF_SEVERAL else how.ssc
    return replace(how, vcov="CR3", cluster=cluster, ssc=ssc, wild=0, wild_ci=False, wild_joint=None)


def is_by(found: FitResult, cluster: str) -> bool:
    """Return whether a fit already has CR3 errors by this cluster variable."""
    return found.kind == "CR3" and list(found.clusters) == [cluster]


def by_clusters(judges: Mapping[str, Judge], j: int, cells: CellPath | None) -> ByClusters:
    """Return the indirect effects of mediator j with the p-values of the tests by clusters.

    Formula: p(x) = max(p_b, Holm over places of max(p_a(x), p_cells(x), p_draws(x))), p_a and p_b by CR3, p_draws by
    whole clusters drawn. Each p-value is the largest over the cluster variables. ``judges`` holds the fits and draws
    for each cluster variable. p_cells is the p of the path to the mediator on one row per cell, by CR3. It is 1 if the
    slope on cells has the opposite sign.
    """
    (cluster, judge), *others = judges.items()
    effects = [judge.effect(j, place, x) for place, x in judge.places]
    for _, other in others:
        effects = [_larger(e, other.effect(j, e.place, e.x)) for e in effects]
    if cells is not None:
        effects = [replace(e, p_a=max(e.p_a, _p_on_cells(judge, e, cells))) for e in effects]
    p_b = max(one.direct[one.mediators[j].outcome].p_value for one in judges.values())
    indirect = over_places(effects, p_b, judge.interval.level)
    drawn = len(judge.draws.b[j])
    further = tuple((name, other.direct.clusters[name]) for name, other in others)
    n_cells = cells.n_cells if cells else None
    return ByClusters(cluster, judge.direct.clusters[cluster], drawn, n_cells, p_b, indirect, further)


def _larger(effect: Indirect, further: Indirect) -> Indirect:
    """Return an effect with the larger p-values of two tests.

    The p-values are 1 if the two tests give the paths different signs.
    """
    if sense(effect.a, effect.b) != sense(further.a, further.b):
        return replace(effect, p_a=1.0, p_draws=1.0)
    return replace(effect, p_a=max(effect.p_a, further.p_a), p_draws=max(effect.p_draws, further.p_draws))


def _p_on_cells(judge: Judge, effect: Indirect, cells: CellPath) -> float:
    """Return the two-sided p of the path to the mediator on cells, at the effect's value of the treatment."""
    terms = [t for t in judge.own if path_has(cells.weighted, t)]
    weights = {t: 1.0 if t == judge.own[0] else 2 * float(effect.x or 0.0) for t in terms}
    slope = combination(cells.weighted, weights, effect.place)
    return slope.p_value if slope.estimate * effect.a > 0 else 1.0


def without_clusters(keys: Sequence[str]) -> str:
    """Return the note, with a remedy, that there are no tests by clusters because the panel has no clusters."""
    return say("models_mediation.no-clusters-to-test", column=next(iter(keys), "region"))


def not_by_clusters(cluster: str, problem: NotIdentified | TooFew | EmptyTable) -> str:
    """Return the note that there are no tests by clusters because a regression cannot be estimated."""
    return say("models_mediation.not-by-clusters", cluster=column_word(cluster), why=problem.what)


def left_out(table: Judge, by: Mapping[str, Judge]) -> list[str]:
    """Return notes, one per cluster variable, on how many rows of the table the tests by clusters leave out."""
    n = table.direct.nobs
    return [
        say("models_mediation.rows-without-cluster", cluster=column_word(c), n=n - judge.direct.nobs, rows=f"{n:,}")
        for c, judge in by.items()
        if judge.direct.nobs < n
    ]
