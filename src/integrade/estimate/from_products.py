"""Compute a regression from cross-products only. Further regressions on the same rows are then cheap.

Let Z hold the regressors and the outcome, and c = (-b, 1). The sum of squared residuals is c'Z'Zc and the scores of
cluster g are Z_g'Z_g c. So iid errors, CR1, CR3 and the wild bootstrap need only cross-products: of all rows, of each
cluster, and of all rows without a cluster. Where rounding would matter (columns nearly collinear, a nearly perfect fit)
the rows are used instead.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from integrade.estimate.covariances import Inference, Setting
from integrade.estimate.design import Design
from integrade.estimate.first_level import first_level, means_at_first
from integrade.estimate.linear import (
    Fit,
    cluster_names,
    covariance_kind,
    drawing,
    effect_sizes,
    enough_clusters,
    record,
)
from integrade.estimate.results import Effect, FitResult
from integrade.estimate.wild_tests import wild_tests
from integrade.regress import ssc
from integrade.regress.cells import gram_by_group
from integrade.regress.covariance import clustered
from integrade.regress.effects import Factor, Vector
from integrade.regress.jackknife import all_from_moments, deleted_moments
from integrade.regress.ols import Solution
from integrade.regress.partial import group_sums
from integrade.regress.wild import Forms, forms

_INDEPENDENT = 2e-5  # with a smaller eigenvalue, rounding of 1e-15 in cross-products of unit columns exceeds 1e-10 in b
_NOT_PERFECT = 1e-5  # with a smaller share of squares left, residual squares are differences of nearly equal numbers
_MOST = 20_000_000  # largest number of values in one array of cross-products by cluster
_MOST_GROUPS = 2_000  # with more clusters, cross-products by cluster cost more than the scores of each regression


@dataclass(frozen=True)
class Products:
    """The cross-products of all m columns of a design that the covariance needs in addition to ``design.gram``.

    ``within`` (G, m, m) and ``sums`` (G, m) are by cluster, for CR1. ``without`` (G, m, m) leaves out each cluster in
    turn, for CR3. ``known`` has the forms of the wild bootstrap. ``effects``, ``sizes`` and ``notes`` are the results
    of `effect_sizes`.
    """

    kind: str
    clusters: tuple[Factor, ...]
    effects: tuple[Effect, ...]
    sizes: tuple[ssc.Size, ...]
    notes: tuple[str, ...]
    within: Vector | None = None
    sums: Vector | None = None
    without: Vector | None = None
    known: Forms | None = None


def products(design: Design, how: Fit) -> Products | None:
    """Return the cross-products that ``how`` needs. Returns None if ``how`` needs the rows of every regression.

    The rows are needed for HC1 to HC3, for CR2, for several cluster variables, and for very many clusters.
    """
    kind = covariance_kind(how)
    names = cluster_names(how)
    if kind not in ("iid", "CR1", "CR3") or len(names) > 1 or how.df == "satterthwaite":
        return None
    clusters = tuple(enough_clusters(design.cluster(name)) for name in names)
    effects, sizes, notes = effect_sizes(design, clusters, how)
    bare = Products(kind, clusters, effects, tuple(sizes), tuple(notes))
    if not clusters or (kind == "iid" and not how.wild):
        return bare
    cluster, m = clusters[0], len(design.names)
    if cluster.levels > _MOST_GROUPS or cluster.levels * m * max(m, len(design.plan.schur)) > _MOST:
        return None
    weights = design.plan.weights
    bare = replace(bare, known=forms(design.plan, design.matrix, cluster) if how.wild else None)
    if kind == "CR3":
        return replace(bare, without=deleted_moments(design.plan, design.matrix, cluster))
    within = gram_by_group(design.matrix, weights, cluster) if bare.known is None else bare.known.gram
    return replace(bare, within=within, sums=group_sums(cluster.codes, cluster.levels, design.matrix, weights))


def from_products(shared: Products, design: Design, at: list[int], how: Fit) -> FitResult | None:
    """Compute the regression of the last column in ``at`` on the others; the columns must be independent.

    Returns None if the rows are needed.

    ``design`` is the design of this regression without data: its matrix has shape (n, 0).
    """
    n, k = len(design.matrix), len(design.kept)
    solution = _solve(design.gram)
    k_full, k_cluster = (ssc.parameters(how.ssc, k, shared.sizes, clustered=c) for c in (False, True))
    if solution is None or n <= k_full:
        return None
    grouped = shared.kind.startswith("CR")
    setting = Setting(shared.kind, how.ssc, shared.clusters, k_full, k_cluster if grouped else k_full)
    df = ssc.degrees_of_freedom(how.ssc, n, setting.k, shared.clusters[0].levels if grouped else None)
    vcov, error = _covariance(shared, design, at, solution, setting)
    if vcov is None:
        return None
    inference = Inference((vcov + vcov.T) / 2, df, None, error, None, ())
    notes = (*design.notes, *shared.notes)
    result = record(design, solution, inference, setting, how, effects=shared.effects, notes=notes)
    if shared.known is None:
        return result
    known = part_of(shared.known, at)
    tests = wild_tests(design, solution, shared.clusters[0], drawing(how), also=how.wild_joint, known=known)
    return replace(result, wild=tests)


def smallest_eigenvalue(gram: Vector) -> float:
    """Return the smallest eigenvalue of the cross-products after scaling each column to norm one.

    Returns zero if a column is all zeros.

    Every pivot of an elimination is at least as large as this eigenvalue.
    """
    norms = np.sqrt(np.diag(gram))
    if not norms.all():
        return 0.0
    return float(np.linalg.eigvalsh(gram / np.outer(norms, norms))[0])


def _solve(gram: Vector) -> Solution | None:
    """Solve least squares, with the outcome as the last column. The solution has no residuals.

    Returns None if the cross-products are not precise enough.
    """
    xx, xy = gram[:-1, :-1], gram[:-1, -1]
    if smallest_eigenvalue(xx) < _INDEPENDENT:
        return None
    norms = np.sqrt(np.diag(xx))
    inverse = np.linalg.inv(np.linalg.cholesky(xx / np.outer(norms, norms)).T) / norms[:, None]
    bread = inverse @ inverse.T
    b = bread @ xy
    b += bread @ (xy - xx @ b)
    c = np.append(-b, 1.0)
    ssr = float(c @ gram @ c)
    if ssr < _NOT_PERFECT * gram[-1, -1]:
        return None
    return Solution(b, bread, np.zeros(0), ssr)


def _covariance(
    shared: Products, design: Design, at: list[int], solution: Solution, setting: Setting
) -> tuple[Vector | None, float | None]:
    """Return the covariance of the coefficients, and the standard error that Stata's xtreg reports for the constant.

    The standard error is None under other rules and with the jackknife. The covariance is None if a coefficient is not
    identified without some cluster, or if the error of the constant needs the rows (clusters and several effects).
    """
    n, c, bread = len(design.matrix), np.append(-solution.coefficients, 1.0), solution.bread
    stata = setting.rule == "xtreg" and bool(design.plan.effects)
    at_first = first_level(design) if stata else None
    means = means_at_first(design, at_first)[list(design.kept)]
    total = float(n) if design.plan.weights is None else float(design.plan.weights.sum())
    if setting.kind == "iid":
        assert solution.ssr is not None
        variance = solution.ssr / (n - setting.k)
        vcov = bread * variance
        own = 1 / total + (0.0 if at_first is None else at_first.squares)
        return vcov, float(np.sqrt(variance * own + means @ vcov @ means)) if stata else None
    if shared.without is not None:
        estimates, identified = all_from_moments(shared.without[:, at][:, :, at], design.gram)
        if not identified.all():
            return None, None
        distance = estimates - solution.coefficients
        return np.asarray((len(estimates) - 1) / len(estimates) * (distance.T @ distance)), None
    if at_first is not None:
        return None, None
    assert shared.within is not None
    assert shared.sums is not None
    scores = shared.within[:, at[:-1]][:, :, at] @ c
    vcov = clustered(bread, lambda _: scores, clusters=setting.clusters, n=n, k=setting.k).vcov
    if not stata:
        return vcov, None
    influence = (shared.sums[:, at] @ c / total - scores @ (bread @ means))[:, None]
    constant = clustered(np.ones((1, 1)), lambda _: influence, clusters=setting.clusters, n=n, k=setting.k)
    return vcov, float(np.sqrt(constant.vcov[0, 0]))


def part_of(known: Forms, at: list[int]) -> Forms:
    """Return the cluster forms for the columns at the positions ``at``."""

    def spread(part: Vector) -> Vector:
        whole = np.zeros(known.gram.shape[1])
        whole[at] = part
        return whole

    return Forms(known.gram[:, at][:, :, at], lambda p, c: known.cross(spread(p), spread(c)))
