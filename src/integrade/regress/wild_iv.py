"""Run the wild restricted efficient bootstrap of 2SLS with clusters (Davidson, MacKinnon 2010; Roodman et al. 2019).

Under the null b_r = 0, 2SLS of y on the other regressors gives the residuals u. Each endogenous x is regressed on the
instruments I and on u; v is x minus the instruments' part I pi. A draw has x* = I pi + (w v) and y* = X* b + (w u),
with weights w constant within clusters and effects removed again. Its t* is from 2SLS and CR1. Both x* and y* are fixed
columns plus ``sum_g w_g M E_g r``, where r is v or u. So the draws need only the cluster-by-cluster forms of
`integrade.regress.wild`, and the draws equal re-estimation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from integrade.regress.effects import Vector
from integrade.regress.wild import DENSE_GROUPS, Bootstrap, Drawing, Forms, Repeats, draw, plan_draws
from integrade.regress.wild_interval import TIE

_BLOCK = 4_000_000  # draws times clusters times instruments in a block, which bounds memory (32 MB)


@dataclass(frozen=True)
class _World:
    """The c = p + 1 drawn columns x_1..x_p, y, through their moments with the instruments I = [z, w].

    ``fixed`` (c, I) holds the coefficients of the instruments in the fixed parts of the columns. ``random`` maps w (B,
    G) to the sums of I'(M E w r) by draw (c, B, I), and by draw and cluster (c, B, G, I).
    """

    inside: list[int]
    gram: Vector
    by_cluster: Vector
    fixed: Vector
    exogenous: list[int]
    random: Callable[[Vector], tuple[Vector, Vector]]


def wild_iv(known: Forms, *, endogenous: int, exogenous: int, null: Sequence[int], how: Drawing) -> Bootstrap:
    """Test that the coefficients ``null`` (positions in [x, w]) are zero. ``known`` are the forms of [x, w, z, y].

    The statistic is |t| for one coefficient and Wald for several, from 2SLS and CR1. p is computed as in `wild`.
    """
    p, k, groups = endogenous, endogenous + exogenous, len(known.gram)
    gram = known.gram.sum(axis=0)
    inside = [*range(k, len(gram) - 1), *range(p, k)]
    world = _world(known, gram, inside, list(null) if how.imposed else [], p=p, k=k)
    start = (
        np.zeros(k)
        if how.imposed
        else _two_stage(gram[np.ix_(inside, inside)], gram[np.ix_(inside, range(k))], gram[inside, -1])[0]
    )
    observed, sign = _observed(known, gram, inside, k, null)
    kind, total, extra = plan_draws(groups, how)
    step = max(1, _BLOCK // (groups * len(inside)))
    same = Repeats(np.ones(groups, dtype=np.bool_) if how.imposed else None, equal_to_one=True)
    again, count, tails = 0, 0, np.zeros(2, dtype=np.intp)
    sample = float(np.copysign(np.sqrt(observed), sign))
    for first in range(0, total, step):
        w = draw(kind, groups, np.arange(first, min(first + step, total)), how.seed)
        again += same.count(w)
        statistic, signs = _statistics(world, w, k, null, start)
        count += int((statistic >= observed * (1 - TIE) ** 2).sum())
        if len(null) == 1:
            root, margin = np.copysign(np.sqrt(statistic), signs), TIE * abs(sample)
            tails += ((root <= sample + margin).sum(), (root >= sample - margin).sum())
    share = total + extra
    equal = min(1.0, 2 * float(tails.min() + extra) / share) if len(null) == 1 else None
    return Bootstrap((extra + count) / share, equal, total, kind, (extra + again) / share)


def _two_stage(q: Vector, a: Vector, ay: Vector) -> tuple[Vector, Vector, Vector]:
    """Return b (..., k), bread (..., k, k) and the first stage Q^-1 a (..., I, k), from moments of the instruments."""
    stage = np.linalg.solve(q, a)
    left = np.swapaxes(a, -1, -2) @ stage
    bread = np.linalg.inv(left)
    right = np.swapaxes(stage, -1, -2) @ ay[..., None]
    return np.asarray((bread @ right)[..., 0]), np.asarray(bread), np.asarray(stage)


def _world(known: Forms, gram: Vector, inside: list[int], null: list[int], *, p: int, k: int) -> _World:
    """Return the drawn columns under the null that the coefficients ``null`` are zero."""
    m = len(gram)
    used = [j for j in range(k) if j not in null]
    b = np.zeros(k)
    b[used] = _two_stage(gram[np.ix_(inside, inside)], gram[np.ix_(inside, used)], gram[inside, -1])[0]
    u = np.append(np.append(-b, np.zeros(m - 1 - k)), 1.0)
    columns = np.zeros((len(inside) + 1, m))  # the instruments and u, as combinations of all columns
    columns[range(len(inside)), inside] = 1.0
    columns[-1] = u
    inner = columns @ gram @ columns.T
    fixed, random = np.zeros((p + 1, len(inside))), np.zeros((p + 1, m))
    for j in range(p):
        fixed[j] = np.linalg.lstsq(inner, columns @ gram[:, j])[0][:-1]
        random[j, j] = 1.0
        random[j, inside] -= fixed[j]
    place = {column: i for i, column in enumerate(inside)}
    fixed[p] = b[:p] @ fixed[:p]
    fixed[p, [place[j] for j in range(p, k)]] += b[p:]
    random[p] = b[:p] @ random[:p] + u
    exogenous = [place[j] for j in range(p, k)]
    by_cluster = known.gram[:, inside][:, :, inside]
    return _World(inside, gram[np.ix_(inside, inside)], by_cluster, fixed, exogenous, _random(known, inside, random))


def _random(known: Forms, inside: list[int], random: Vector) -> Callable[[Vector], tuple[Vector, Vector]]:
    """Return the map from weights to moments of ``M E w r``, for the columns r = z @ ``random``."""
    diagonal = np.einsum("gim,cm->cgi", known.gram[:, inside, :], random)  # I_g'r_g
    groups, units = len(known.gram), np.eye(known.gram.shape[2])
    pairs = [[known.cross(units[i], r) for i in inside] for r in random]
    dense = groups <= DENSE_GROUPS
    maps = np.empty((len(random), len(inside), groups, groups)) if dense else np.zeros((0, 0, 0, 0))
    for c, row in enumerate(pairs if dense else []):
        for i, factors in enumerate(row):
            maps[c, i] = np.diag(diagonal[c, :, i])
            for left, right in factors:
                product = right @ left.T
                maps[c, i] -= product if isinstance(product, np.ndarray) else product.toarray()

    def apply(w: Vector) -> tuple[Vector, Vector]:
        total = np.einsum("bg,cgi->cbi", w, diagonal)
        if dense:
            return total, np.moveaxis(np.matmul(w, maps), 1, 3)
        by_cluster = w[None, :, :, None] * diagonal[:, None]
        for c, row in enumerate(pairs):
            for i, factors in enumerate(row):
                for left, right in factors:
                    by_cluster[c, :, :, i] -= (left @ (right.T @ w.T)).T
        return total, by_cluster

    return apply


def _statistics(world: _World, w: Vector, k: int, null: Sequence[int], start: Vector) -> tuple[Vector, Vector]:
    """Return the Wald statistic (B,) of the null, and the sign of the first coefficient.

    With ``start``, the statistic is for the distance of the coefficients from ``start``.
    """
    total, spread = world.random(w)
    moments = world.fixed @ world.gram + np.moveaxis(total, 0, 1)  # (B, c, I)
    p = len(world.fixed) - 1
    a = np.empty((len(w), len(world.gram), k))
    a[:, :, :p] = np.swapaxes(moments[:, :p], 1, 2)
    a[:, :, p:] = world.gram[:, world.exogenous]
    b, bread, stage = _two_stage(world.gram, a, moments[:, p])
    by_cluster = np.einsum("ci,gij->cgj", world.fixed, world.by_cluster)[:, None] + spread  # (c, B, G, I)
    left = by_cluster[p] - np.einsum("bc,cbgi->bgi", b[:, :p], by_cluster[:p])
    left -= np.einsum("bw,gwi->bgi", b[:, p:], world.by_cluster[:, world.exogenous])
    weights = stage @ bread[:, :, list(null)]  # (B, I, r)
    scores = left @ weights  # (B, G, r)
    d = b[:, list(null)] - start[list(null)]
    return _wald(d, scores), d[:, 0]


def _wald(d: Vector, scores: Vector) -> Vector:
    """Return ``d' (sum_g s_g s_g')^-1 d`` for each draw, from scores by cluster (B, G, r)."""
    if d.shape[1] == 1:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(d[:, 0] ** 2 / np.einsum("bg,bg->b", scores[:, :, 0], scores[:, :, 0]))
    meat = np.swapaxes(scores, 1, 2) @ scores
    solved = np.linalg.pinv(meat, hermitian=True) @ d[:, :, None]
    return np.asarray(np.einsum("br,br->b", d, solved[:, :, 0]))


def _observed(known: Forms, gram: Vector, inside: list[int], k: int, null: Sequence[int]) -> tuple[float, float]:
    """Return the statistic of the sample and the sign of its first coefficient."""
    q, a = gram[np.ix_(inside, inside)], gram[np.ix_(inside, range(k))]
    b, bread, stage = _two_stage(q, a, gram[inside, -1])
    u = np.append(np.append(-b, np.zeros(len(gram) - 1 - k)), 1.0)
    left = known.gram[:, inside, :] @ u
    d = b[list(null)][None]
    return float(_wald(d, (left @ stage @ bread[:, list(null)])[None])[0]), float(d[0, 0])
