"""Restricted wild cluster bootstrap (Cameron, Gelbach and Miller 2008) with fixed effects, without refitting.

With X the regressors with all effects removed, M the matrix that removes them, E_g the rows of cluster g and u the
residuals under the null, a draw w gives

    d = bread sum_g w_g x_g'u_g,      x_h'u*_h = sum_g w_g x_h'(M E_g u)_h - x_h'x_h d

so t* needs only the cluster-by-cluster forms ``x_h'(M E_g z)_h``. Between different clusters these come from the small
dummies and from levels of the largest effect that are seen in several clusters (movers); both are kept, so the draws
are those of full re-estimation whether or not the effects are nested in the clusters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np

from integrade.errors import UsageError
from integrade.regress.cells import Cells, cluster_cells, gram_by_group, table_rows
from integrade.regress.effects import Factor, Vector
from integrade.regress.partial import Absorber, demean

_TIE = 1e-9
_BLOCK = 2_000_000  # draws times clusters at a time
DENSE_GROUPS = 500  # up to here the cluster-by-cluster map of a null is one matrix
_MOST_REFITS = 200
_WEBB = np.array([-np.sqrt(1.5), -1.0, -np.sqrt(0.5), np.sqrt(0.5), 1.0, np.sqrt(1.5)])
Weights = Literal["enumerated", "rademacher", "webb"]


@dataclass(frozen=True)
class Bootstrap:
    """p-value of one null, number of draws, the kind of weights and the smallest p-value they allow."""

    p_value: float
    draws: int
    weights: Weights
    smallest_p: float


def weights_for(groups: int, draws: int) -> Weights:
    """All sign vectors when G >= 10 and 2^G <= draws; Webb's six points when G < 10; otherwise Rademacher draws."""
    if groups < 10:
        return "webb"
    return "enumerated" if groups < 60 and 2**groups <= draws else "rademacher"


def draw(kind: Weights, groups: int, numbers: np.ndarray, seed: int) -> Vector:
    """Weights (len(numbers), G) of the replicates with these numbers; each depends on its number and the seed only."""
    if kind == "enumerated":
        return 1.0 - 2.0 * ((numbers[:, None] >> np.arange(groups)) & 1).astype(np.float64)
    words = random_words(numbers, groups, seed)
    if kind == "rademacher":
        return np.where(words >> np.uint64(63), -1.0, 1.0)
    faces: Vector = _WEBB[((words >> np.uint64(32)) * np.uint64(6) >> np.uint64(32)).astype(np.intp)]
    return faces


def random_words(numbers: np.ndarray, groups: int, seed: int) -> Any:
    """64 random bits per replicate and cluster: SplitMix64 of a counter (Steele, Lea and Flood 2014)."""
    counter = numbers.astype(np.uint64)[:, None] * np.uint64(groups) + np.arange(1, groups + 1, dtype=np.uint64)
    z = _mix(np.uint64(seed % 2**64) + np.zeros(1, dtype=np.uint64)) + counter * np.uint64(0x9E3779B97F4A7C15)
    return _mix(z)


def _mix(z: Any) -> Any:
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@dataclass(frozen=True)
class Forms:
    """Cluster forms of the columns z = [x, y]: ``gram`` (G, m, m), and ``cross(p, c)`` giving minus the part of
    ``p'z_h'(M E_g z)_h c`` that is not on the diagonal gram, as pairs of factors (G, r), (G, r)."""

    gram: Vector
    cross: Callable[[Vector, Vector], Sequence[tuple[Any, Any]]]


def forms(plan: Absorber, matrix: Vector, cluster: Factor) -> Forms:
    """Prepare the cluster forms of columns (n, m) whose effects are removed."""
    if not plan.exact:
        return _refitted(plan, matrix, cluster)
    cells = cluster_cells(plan, matrix, cluster)
    dummies = _partialled_dummies(plan, cells)

    def cross(p: Vector, c: Vector) -> list[tuple[Any, Any]]:
        pairs: list[tuple[Any, Any]] = []
        if dummies.shape[1]:
            pairs.append((dummies @ p, (dummies @ c) @ plan.inverse))
        if len(cells.movers.level):
            pairs.append((_mover_table(plan, cells, p, half=False), _mover_table(plan, cells, c, half=True)))
        return pairs

    return Forms(cells.gram, cross)


def _partialled_dummies(plan: Absorber, cells: Cells) -> Vector:
    """``D_g'W z_g`` with the dummies D partialled by the largest effect, shape (G, T, m)."""
    movers = cells.movers
    if not plan.schur.shape[0] or not len(movers.level):
        return cells.dummies
    left = np.array(cells.dummies)
    centre = table_rows(plan, movers.level) / plan.totals[movers.level, None]
    edges = np.searchsorted(movers.group, np.arange(cells.groups + 1))
    for g in range(cells.groups):
        rows = slice(edges[g], edges[g + 1])
        left[g] -= centre[rows].T @ movers.sums[rows]
    return left


def _mover_table(plan: Absorber, cells: Cells, column: Vector, *, half: bool) -> Any:
    from scipy import sparse

    movers = cells.movers
    values = movers.sums @ column
    if half:
        values = values / plan.totals[movers.level]
    return sparse.csr_array((values, (movers.group, movers.level)), shape=(cells.groups, len(plan.totals)))


def _refitted(plan: Absorber, matrix: Vector, cluster: Factor) -> Forms:
    """With several large effects: remove the effects from each cluster's rows alone, G times."""
    groups, m = cluster.levels, matrix.shape[1]
    if groups > _MOST_REFITS:
        raise UsageError(
            f"the wild bootstrap with several large effects would refit {groups:,} times",
            remedy="with so many clusters analytic t statistics are accurate: leave --wild out",
        )
    tensor = np.empty((groups, m, groups, m))
    for g in range(groups):
        alone = demean(plan, np.where((cluster.codes == g)[:, None], matrix, 0.0))
        both = gram_by_group(np.hstack([matrix, alone]), plan.weights, cluster)
        tensor[:, :, g, :] = both[:, :m, m:]
    gram = gram_by_group(matrix, plan.weights, cluster)
    for g in range(groups):
        tensor[g, :, g, :] -= gram[g]

    def cross(p: Vector, c: Vector) -> list[tuple[Any, Any]]:
        return [(-np.einsum("a,hagc,c->hg", p, tensor, c), np.eye(groups))]

    return Forms(gram, cross)


def wild(
    known: Forms, bread: Vector, coefficients: Vector, *, null: Sequence[int], draws: int, seed: int
) -> Bootstrap:  # fmt: skip
    """Test that the coefficients in ``null`` (positions) are zero: |t| of one, Wald of several, both from CR1."""
    groups, k = len(known.gram), len(bread)
    kind = weights_for(groups, draws)
    total = 2**groups if kind == "enumerated" else draws
    restricted = _restricted(bread, coefficients, null)
    u = np.append(-restricted, 1.0)  # residuals under the null are z @ u
    scores = known.gram[:, :k, :] @ u
    tests = [_score_map(known, bread, u, scores, j) for j in null]
    numerators = scores @ bread[:, list(null)]  # (G, q)
    observed = _observed(known, bread, coefficients, null)
    limit = observed * (1 - _TIE) ** 2
    count = 0
    step = max(1, _BLOCK // groups)
    for start in range(0, total, step):
        w = draw(kind, groups, np.arange(start, min(start + step, total)), seed)
        statistic = _quadratic(w @ numerators, [test(w) for test in tests])
        count += int((statistic >= limit).sum())
    if kind == "enumerated":
        return Bootstrap(count / total, total, kind, 2 / total)
    return Bootstrap((1 + count) / (total + 1), total, kind, 1 / (total + 1))


def _restricted(bread: Vector, coefficients: Vector, null: Sequence[int]) -> Vector:
    """Coefficients with those in ``null`` held at zero."""
    chosen = list(null)
    return coefficients - bread[:, chosen] @ np.linalg.solve(bread[np.ix_(chosen, chosen)], coefficients[chosen])


def _score_map(known: Forms, bread: Vector, u: Vector, scores: Vector, j: int) -> Callable[[Vector], Vector]:
    """``w (B, G) -> bread_j' x_h'u*_h``, shape (B, G)."""
    k = len(bread)
    q = np.append(bread[j], 0.0)
    diagonal = scores @ bread[j]
    pairs = [*known.cross(q, u), (known.gram[:, :k, :k] @ bread[j], scores @ bread)]
    groups = len(diagonal)
    if groups <= DENSE_GROUPS:
        matrix = np.diag(diagonal)
        for left, right in pairs:
            product = left @ right.T
            matrix = matrix - (product if isinstance(product, np.ndarray) else product.toarray())
        return partial(_times, matrix.T)

    def apply(w: Vector) -> Vector:
        found: Vector = w * diagonal
        for left, right in pairs:
            found -= (left @ (right.T @ w.T)).T
        return found

    return apply


def _times(matrix: Vector, w: Vector) -> Vector:
    return np.asarray(np.matmul(w, matrix))


def _observed(known: Forms, bread: Vector, coefficients: Vector, null: Sequence[int]) -> float:
    """The statistic of the sample itself."""
    k = len(bread)
    scores = known.gram[:, :k, :] @ np.append(-coefficients, 1.0)
    parts = [(scores @ bread[j])[None, :] for j in null]
    return float(_quadratic(coefficients[list(null)][None, :], parts)[0])


def _quadratic(numerators: Vector, parts: Sequence[Vector]) -> Vector:
    """``d' (sum_h s_h s_h')^-1 d`` for every draw: t^2 for one null, Wald for several (the CR1 factor cancels)."""
    if len(parts) == 1:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(numerators[:, 0] ** 2 / np.einsum("bg,bg->b", parts[0], parts[0]))
    meat = np.array([[np.einsum("bg,bg->b", a, b) for b in parts] for a in parts])
    solved = (np.linalg.pinv(np.moveaxis(meat, 2, 0), hermitian=True) @ numerators[:, :, None])[:, :, 0]
    return np.asarray(np.einsum("bq,bq->b", numerators, solved))
