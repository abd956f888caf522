"""Run the wild cluster bootstrap (Cameron, Gelbach and Miller 2008) with fixed effects, without refitting.

Notation: X are the regressors with all effects removed, x_g its rows in cluster g. M (n, n) removes the effects, E_g
selects the rows of cluster g, and bread = (X'WX)^-1. u are the residuals under the null, or the residuals of the
estimate itself if the null is not imposed. A draw with weights w gives the change d of the coefficients and the scores
of each cluster h:

    d = bread sum_g w_g x_g'u_g,      x_h'u*_h = sum_g w_g x_h'(M E_g u)_h - x_h'x_h d

so t* needs only the cluster-by-cluster forms ``x_h'(M E_g z)_h``. Forms between different clusters come from the
dummies of the small effects, and from movers: levels of the largest effect that occur in several clusters. Both are
kept. So the draws equal full re-estimation, whether or not the effects are nested in the clusters. The residuals are
linear in the hypothesised value. So one set of draws serves every value, and the confidence set is exact given the
draws (`wild_interval`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np

from integrade.errors import UsageError, option
from integrade.regress.cells import Cells, cluster_cells, gram_by_group, table_rows
from integrade.regress.effects import Factor, Vector
from integrade.regress.partial import Absorber, demean
from integrade.regress.wild_interval import TIE, Paths, beyond_quantile, not_rejected

_BLOCK = 2_000_000  # draws times clusters in a block, which bounds memory (16 MB)
DENSE_GROUPS = 500  # up to this number of clusters the map of a null is one (G, G) matrix
_MOST_REFITS = 200  # with more clusters, several large effects are refused: t statistics are then accurate
_NO_ERROR = 1e-12  # a clustered standard error up to this share of the outcome's own counts as zero
_NO_MOVE = 1e-10  # an influence of a cluster's weight up to this share of the largest counts as zero
# Webb (2023): six points with mean 0 and variance 1
_WEBB = np.array([-np.sqrt(1.5), -1.0, -np.sqrt(0.5), np.sqrt(0.5), 1.0, np.sqrt(1.5)])
# Mammen (1993): two points with mean 0, variance 1 and third moment 1
_MAMMEN = ((1 - 5**0.5) / 2, (1 + 5**0.5) / 2)
_MAMMEN_CUT = np.uint64(int((np.sqrt(5) + 1) / (2 * np.sqrt(5)) * 2**53) << 11)  # words below it take the first value
Weights = Literal["enumerated", "rademacher", "webb", "mammen"]
Choice = Literal["auto", "rademacher", "webb", "mammen"]


@dataclass(frozen=True)
class Drawing:
    """Settings of the draws: number, kind of weights, whether the null is imposed, and alpha for a confidence set."""

    draws: int
    seed: int
    weights: Choice = "auto"
    imposed: bool = True
    alpha: float | None = None


@dataclass(frozen=True)
class Bootstrap:
    """The p-values of one null, the number of draws, the kind of weights, and the smallest p-value that they allow.

    ``smallest_p`` is the share of the draws that always reproduce the statistic of the sample (`Repeats`).
    ``p_equal_tail`` is twice the smaller tail; it is missing for several coefficients. ``accepted`` holds the values
    that are not rejected, as intervals. An end without a bound is infinite. ``accepted`` is empty if no set was
    requested.
    """

    p_value: float
    p_equal_tail: float | None
    draws: int
    weights: Weights
    smallest_p: float
    accepted: tuple[tuple[float, float], ...] = ()


def weights_for(groups: int, draws: int, choice: Choice = "auto") -> Weights:
    """Return the kind of weights that a choice means. ``auto`` is Webb's six points if G < 10, else Rademacher's.

    With Rademacher's weights, all sign vectors are used if 2^G <= draws; otherwise they are drawn. From ten clusters on
    there are at least 512 values of |t*|; METHODS 5.2 gives Webb's points up to twelve clusters, which enumeration of
    at most 4,096 sign vectors makes unnecessary.
    """
    if choice == "webb" or choice == "mammen":
        return choice
    if choice == "auto" and groups < 10:
        return "webb"
    return "enumerated" if groups < 60 and 2**groups <= draws else "rademacher"


def plan_draws(groups: int, how: Drawing) -> tuple[Weights, int, int]:
    """Return the kind of weights, the number of draws B, and ``extra`` in p = (extra + #) / (B + extra).

    ``extra`` is 1, or 0 if the sample itself is among the draws.
    """
    kind = weights_for(groups, how.draws, how.weights)
    total = 2**groups if kind == "enumerated" else how.draws
    return kind, total, 0 if kind == "enumerated" and how.imposed else 1


def draw(kind: Weights, groups: int, numbers: np.ndarray, seed: int) -> Vector:
    """Return the weights (len(numbers), G) of the numbered replicates.

    Each row depends only on its number and the seed.
    """
    if kind == "enumerated":
        return 1.0 - 2.0 * ((numbers[:, None] >> np.arange(groups)) & 1).astype(np.float64)
    words = random_words(numbers, groups, seed)
    if kind == "rademacher":
        return np.where(words >> np.uint64(63), -1.0, 1.0)
    if kind == "mammen":
        first, second = _MAMMEN
        return np.where(words < _MAMMEN_CUT, first, second)
    faces: Vector = _WEBB[((words >> np.uint64(32)) * np.uint64(6) >> np.uint64(32)).astype(np.intp)]
    return faces


def random_words(numbers: np.ndarray, groups: int, seed: int) -> Any:
    """Return 64 random bits per replicate and cluster, by SplitMix64 of a counter (Steele, Lea and Flood 2014)."""
    counter = numbers.astype(np.uint64)[:, None] * np.uint64(groups) + np.arange(1, groups + 1, dtype=np.uint64)
    z = _mix(np.uint64(seed % 2**64) + np.zeros(1, dtype=np.uint64)) + counter * np.uint64(0x9E3779B97F4A7C15)
    return _mix(z)


def _mix(z: Any) -> Any:
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@dataclass(frozen=True)
class Repeats:
    """Condition for a draw to reproduce |t| of the sample: equal weights in all clusters that matter to the null.

    ``matters`` (G,) marks these clusters.

    With the null imposed the statistic of a draw is homogeneous of degree zero in its weights, and w = 1 is the sample
    itself. So ``t*(c 1) = sign(c) t`` for any c. Such draws have the same sign, or the same point of Webb's or Mammen's
    weights, in all clusters. A cluster does not matter if its weight moves neither coefficient nor scores. With
    instruments the first stage is drawn too and is not homogeneous; then only w = 1 is the sample (``equal_to_one``).
    No p-value can be below the share of draws that reproduce the sample. If the null is not imposed, w = 1 gives t* =
    0, and no draw reproduces the sample (``matters`` is None).
    """

    matters: Any
    equal_to_one: bool = False

    def count(self, w: Vector) -> int:
        """Return how many of the draws (B, G) reproduce the sample."""
        if self.matters is None:
            return 0
        w = w[:, self.matters]
        first = np.ones(len(w)) if self.equal_to_one else w[:, 0]
        return int((w == first[:, None]).all(axis=1).sum())


def repeats(maps: Sequence[Callable[[Vector], tuple[Vector, Vector]]], groups: int, *, imposed: bool) -> Repeats:
    """Return the condition for the maps of `draw_map`. With many clusters, all of them are assumed to matter."""
    if not imposed:
        return Repeats(None)
    matters = np.ones(groups, dtype=np.bool_)
    if groups <= DENSE_GROUPS:
        moved = np.zeros(groups)
        for of in maps:
            d, scores = of(np.eye(groups))
            size = np.column_stack([d, scores])
            moved = np.maximum(moved, np.abs(size).max(axis=1) / max(float(np.abs(size).max()), 1e-300))
        matters = moved > _NO_MOVE
    return Repeats(matters if matters.any() else ~matters)


@dataclass(frozen=True)
class Forms:
    """Cluster forms of the columns z = [x, y]: the within-cluster part ``gram`` and the cross-cluster part ``cross``.

    ``gram`` has shape (G, m, m). The form ``p'z_h'(M E_g z)_h c`` is a (G, G) matrix in h and g. It is a diagonal, made
    from ``gram``, minus a remainder. ``cross(p, c)`` returns this remainder as pairs of factors with shapes (G, r) and
    (G, r).
    """

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
    """Return ``D_g'W z_g`` for the dummies D of the small effects net of the largest effect, shape (G, T, m)."""
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
    """Return sums of a combination of columns by cluster and mover level, sparse; with ``half``, divided by weights."""
    from scipy import sparse

    movers = cells.movers
    values = movers.sums @ column
    if half:
        values = values / plan.totals[movers.level]
    return sparse.csr_array((values, (movers.group, movers.level)), shape=(cells.groups, len(plan.totals)))


def _refitted(plan: Absorber, matrix: Vector, cluster: Factor) -> Forms:
    """Return the forms for several large effects, which are removed from the rows of each cluster in turn."""
    groups, m = cluster.levels, matrix.shape[1]
    if groups > _MOST_REFITS:
        raise UsageError(
            f"the wild bootstrap with several large effects would refit {groups:,} times",
            remedy=f"leave {option('wild')} out: with so many clusters analytic t statistics are accurate",
        )
    tensor = np.empty((groups, m, groups, m))
    for g in range(groups):
        net = demean(plan, np.where((cluster.codes == g)[:, None], matrix, 0.0))
        both = gram_by_group(np.hstack([matrix, net]), plan.weights, cluster)
        tensor[:, :, g, :] = both[:, :m, m:]
    gram = gram_by_group(matrix, plan.weights, cluster)
    for g in range(groups):
        tensor[g, :, g, :] -= gram[g]

    def cross(p: Vector, c: Vector) -> list[tuple[Any, Any]]:
        return [(-np.einsum("a,hagc,c->hg", p, tensor, c), np.eye(groups))]

    return Forms(gram, cross)


def wild(known: Forms, bread: Vector, coefficients: Vector, *, null: Sequence[int], how: Drawing) -> Bootstrap:
    """Test that the coefficients in ``null`` (positions) are zero, by CR1: |t| for one coefficient, Wald for several.

    p is (1 + #) / (B + 1), where # counts the draws that reach the statistic. If all sign vectors are used with the
    null imposed, p is # / B, because the sample is among them. The confidence set of one coefficient holds the values
    whose symmetric p exceeds alpha.
    """
    groups = len(known.gram)
    kind, total, extra = plan_draws(groups, how)
    start = restricted(bread, coefficients, null) if how.imposed else coefficients
    maps = [draw_map(known, bread, np.append(-start, 1.0), j) for j in null]
    observed = _observed(known, bread, coefficients, null)
    single = len(null) == 1
    sample = float(np.copysign(np.sqrt(observed), coefficients[null[0]]))
    same, again = repeats(maps, groups, imposed=how.imposed), 0
    count, tails = 0, np.zeros(2, dtype=np.intp)
    for w in blocks(kind, groups, total, how.seed):
        again += same.count(w)
        drawn = [of(w) for of in maps]
        statistic = _quadratic(np.column_stack([d for d, _ in drawn]), [scores for _, scores in drawn])
        count += int((statistic >= observed * (1 - TIE) ** 2).sum())
        if single:
            root, margin = np.copysign(np.sqrt(statistic), drawn[0][0]), TIE * abs(sample)
            tails += ((root <= sample + margin).sum(), (root >= sample - margin).sum())
    share = total + extra
    equal = min(1.0, 2 * float(tails.min() + extra) / share) if single else None
    accepted: tuple[tuple[float, float], ...] = ()
    if how.alpha is not None and single:
        # 1e-9 keeps a whole number whole when alpha times the draws is rounded
        need = int(np.floor(how.alpha * share - extra + 1e-9)) + 1
        accepted = _accepted(known, bread, coefficients, null[0], how=how, kind=kind, total=total, need=need)
    return Bootstrap((extra + count) / share, equal, total, kind, (extra + again) / share, accepted)


def statistics(known: Forms, bread: Vector, coefficients: Vector, j: int, how: Drawing) -> tuple[float, Vector]:
    """Return t of coefficient j (no small-sample factor) and its draws (B,).

    A replicate uses the same weights for every coefficient j.
    """
    groups = len(known.gram)
    kind, total, _ = plan_draws(groups, how)
    start = restricted(bread, coefficients, [j]) if how.imposed else coefficients
    of = draw_map(known, bread, np.append(-start, 1.0), j)
    draws = []
    for w in blocks(kind, groups, total, how.seed):
        d, scores = of(w)
        draws.append(np.copysign(np.sqrt(_quadratic(d[:, None], [scores])), d))
    observed = _observed(known, bread, coefficients, [j])
    return float(np.copysign(np.sqrt(observed), coefficients[j])), np.concatenate(draws)


def blocks(kind: Weights, groups: int, total: int, seed: int) -> Iterator[Vector]:
    """Yield the weights of all replicates, in blocks."""
    step = max(1, _BLOCK // groups)
    for start in range(0, total, step):
        yield _block(kind, groups, start, min(start + step, total), seed)


@lru_cache(maxsize=4)
def _block(kind: Weights, groups: int, start: int, stop: int, seed: int) -> Vector:
    """Return the weights of some replicates, which cannot be changed: most nulls of a study have the same weights."""
    weights = draw(kind, groups, np.arange(start, stop), seed)
    weights.flags.writeable = False
    return weights


def _accepted(
    known: Forms, bread: Vector, coefficients: Vector, j: int, *, how: Drawing, kind: Weights, total: int, need: int
) -> tuple[tuple[float, float], ...]:
    """Return, as intervals, the hypothesised values of coefficient j whose statistic at least ``need`` draws reach."""
    error = float(np.linalg.norm(_sample_scores(known, bread, coefficients, [j])[0]))
    if error <= _NO_ERROR * float(np.linalg.norm(known.gram[:, : len(bread), -1] @ bread[j])):
        return ((-np.inf, np.inf),)  # scores without variance give no error: no value can be excluded
    at_estimate = draw_map(known, bread, np.append(-coefficients, 1.0), j)
    paths: list[Vector] = []
    if not how.imposed:
        for w in blocks(kind, known.gram.shape[0], total, how.seed):
            d, scores = at_estimate(w)
            paths.append(_quadratic(d[:, None], [scores]))
        pieces = beyond_quantile(np.concatenate(paths), need)
    else:
        away = np.append(-bread[:, j] / bread[j, j], 0.0)  # change of the residuals as the hypothesised value rises
        per_unit = draw_map(known, bread, away, j)
        for w in blocks(kind, known.gram.shape[0], total, how.seed):
            (n0, s0), (n1, s1) = at_estimate(w), per_unit(w)
            s0 = s0 / error
            squares = [np.einsum("bg,bg->b", a, b) for a, b in ((s0, s0), (s0, s1), (s1, s1))]
            paths.append(np.stack([n0 / error, n1, *squares]))
        shares = known.gram[:, : len(bread), :] @ away @ bread[j]
        pieces = not_rejected(Paths(*np.hstack(paths)), need, float(shares @ shares))
    return tuple((float(coefficients[j] + error * low), float(coefficients[j] + error * high)) for low, high in pieces)


def restricted(bread: Vector, coefficients: Vector, null: Sequence[int]) -> Vector:
    """Return the coefficients under the restriction that the coefficients in ``null`` are zero."""
    chosen = list(null)
    return coefficients - bread[:, chosen] @ np.linalg.solve(bread[np.ix_(chosen, chosen)], coefficients[chosen])


def draw_map(known: Forms, bread: Vector, u: Vector, j: int) -> Callable[[Vector], tuple[Vector, Vector]]:
    """Return a map from weights ``w (B, G)`` to the drawn coefficient j (B,) and its scores by cluster (B, G).

    The residuals that are drawn are ``z @ u``.

    ``bread`` (k, k) belongs to the first k columns, on which the drawn residuals are regressed.
    """
    k = len(bread)
    scores = known.gram[:, :k, :] @ u
    numerator = scores @ bread[j]
    # the map w -> bread_j' x_h'u*_h: a diagonal minus products of these factors
    q = np.append(bread[j], np.zeros(known.gram.shape[2] - k))
    pairs = [*known.cross(q, u), (known.gram[:, :k, :k] @ bread[j], scores @ bread)]
    if len(numerator) <= DENSE_GROUPS:
        matrix = np.diag(numerator)
        for left, right in pairs:
            product = left @ right.T
            matrix = matrix - (product if isinstance(product, np.ndarray) else product.toarray())
        transposed = matrix.T
        return lambda w: (w @ numerator, np.asarray(np.matmul(w, transposed)))

    def apply(w: Vector) -> tuple[Vector, Vector]:
        by_cluster: Vector = w * numerator
        for left, right in pairs:
            by_cluster -= (left @ (right.T @ w.T)).T
        return w @ numerator, by_cluster

    return apply


def _observed(known: Forms, bread: Vector, coefficients: Vector, null: Sequence[int]) -> float:
    """Return the statistic of the sample itself."""
    parts = _sample_scores(known, bread, coefficients, null)
    return float(_quadratic(coefficients[list(null)][None, :], parts)[0])


def _sample_scores(known: Forms, bread: Vector, coefficients: Vector, null: Sequence[int]) -> list[Vector]:
    """Return ``bread_j' x_h'u_h`` by cluster, each (1, G)."""
    scores = known.gram[:, : len(bread), :] @ np.append(-coefficients, 1.0)
    return [(scores @ bread[j])[None, :] for j in null]


def _quadratic(numerators: Vector, parts: Sequence[Vector]) -> Vector:
    """Return ``d' (sum_h s_h s_h')^-1 d`` for each draw: t^2 for one coefficient, the Wald statistic for several.

    The factor of CR1 is left out because it cancels.
    """
    if len(parts) == 1:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(numerators[:, 0] ** 2 / np.einsum("bg,bg->b", parts[0], parts[0]))
    meat = np.array([[np.einsum("bg,bg->b", a, b) for b in parts] for a in parts])
    solved = (np.linalg.pinv(np.moveaxis(meat, 2, 0), hermitian=True) @ numerators[:, :, None])[:, :, 0]
    return np.asarray(np.einsum("bq,bq->b", numerators, solved))
