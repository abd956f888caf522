"""Compute Anderson-Rubin sets for few clusters, by the cluster jackknife and by the null-imposed wild bootstrap.

Under a hypothesis on b the instruments do not explain e = y - x b: the coefficients of z in the regression of e on [z,
w] are zero. These coefficients are linear in the direction c = (1, -b), and so are the restricted residuals from which
a wild bootstrap draws. So the jackknife covariance, and in every draw the coefficients and their scores by cluster, are
computed once for all b (Davidson and MacKinnon 2014; MacKinnon, Nielsen and Webb 2023).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from integrade.regress.effects import Factor, Vector
from integrade.regress.jackknife import deleted_moments
from integrade.regress.partial import Absorber
from integrade.regress.weak import AndersonRubin, ConfidenceSet, as_set
from integrade.regress.wild import Drawing, blocks, draw_map, forms, plan_draws
from integrade.regress.wild_interval import TIE

_ANGLES = 512  # directions on the circle between which ends of the set are sought; a convention
_HALVINGS = 45  # bisections of an end: 2^-45 of a step is rounding


def jackknifed(plan: Absorber, matrix: Vector, cluster: Factor, *, endogenous: int, exogenous: int) -> AndersonRubin:
    """Return the Anderson-Rubin statistic with the cluster jackknife (CR3) of the coefficients of z, as F(L, G - 1).

    ``matrix`` (n, m) holds [x, w, z, y] with the effects removed.
    """
    p, k = endogenous, endogenous + exogenous
    inside, outcomes = [*range(k, matrix.shape[1] - 1), *range(p, k)], [matrix.shape[1] - 1, *range(p)]
    many = len(inside) - exogenous
    weighted = matrix if plan.weights is None else matrix * plan.weights[:, None]
    full = _coefficients(matrix.T @ weighted, inside, outcomes)[:many]
    left = np.array([_coefficients(g, inside, outcomes)[:many] for g in deleted_moments(plan, matrix, cluster)])
    away, groups = left - full, cluster.levels
    t = (groups - 1) / groups * np.einsum("gli,gmj->ijlm", away, away)
    return AndersonRubin(full.T, np.asarray(t), 1 / many, groups - 1)


def _coefficients(gram: Vector, inside: list[int], outcomes: list[int]) -> Vector:
    """Return the coefficients of regressions of the columns ``outcomes`` on the columns ``inside``."""
    scale = np.sqrt(np.maximum(np.diag(gram)[inside], 1e-300))
    unit = gram[np.ix_(inside, inside)] / np.outer(scale, scale)
    return np.asarray(np.linalg.lstsq(unit, gram[np.ix_(inside, outcomes)] / scale[:, None])[0] / scale[:, None])


@dataclass(frozen=True)
class WildAndersonRubin:
    """The statistics of the sample and of the draws, as functions of the direction c.

    ``g`` (B, 1 + p, L) holds the coefficients of z, ``t`` (B, 1 + p, 1 + p, L, L) the covariances of their scores.
    ``sample`` holds the statistic of the sample. p is (extra + #) / (B + extra), where # counts the draws that reach
    the sample's statistic.
    """

    sample: AndersonRubin
    g: Vector
    t: Vector
    extra: int

    def p_value(self, direction: Vector) -> float:
        """Return the share of draws whose statistic reaches the statistic of the sample, for one direction (1 + p,)."""
        observed = float(self.sample.f(direction))
        draws, many = len(self.g), self.g.shape[2]
        g = direction @ self.g
        pairs = np.outer(direction, direction).ravel()
        s = (pairs @ self.t.reshape(draws, len(pairs), many * many)).reshape(draws, many, many)
        reached = int((_quadratic(g, s) >= observed * (1 - TIE) ** 2).sum())
        return (self.extra + reached) / (len(self.g) + self.extra)


def wild_anderson_rubin(
    plan: Absorber, matrix: Vector, cluster: Factor, how: Drawing, *, endogenous: int, exogenous: int
) -> WildAndersonRubin:
    """Draw with the null imposed, from the residuals of [y, x] on w only. ``matrix`` (n, m) holds [x, w, z, y]."""
    p, k = endogenous, endogenous + exogenous
    m = matrix.shape[1]
    order = [*range(p, k), *range(k, m - 1), m - 1, *range(p)]  # w, z, then the outcomes y, x
    known = forms(plan, np.ascontiguousarray(matrix[:, order]), cluster)
    gram, inside, q = known.gram.sum(axis=0), m - 1 - p, exogenous
    bread = np.linalg.inv(gram[:inside, :inside])
    free, restricted = np.zeros((1 + p, m)), np.zeros((1 + p, m))
    for i in range(1 + p):
        free[i, inside + i] = restricted[i, inside + i] = 1.0
        free[i, :inside] = -bread @ gram[:inside, inside + i]
        restricted[i, :q] = -np.linalg.solve(gram[:q, :q], gram[:q, inside + i])
    instruments = range(q, inside)
    scores = np.array([[known.gram[:, :inside, :] @ free[i] @ bread[j] for j in instruments] for i in range(1 + p)])
    sample = AndersonRubin(-free[:, q:inside], np.einsum("ilh,jmh->ijlm", scores, scores), 1.0, cluster.levels - 1)
    maps = [[draw_map(known, bread, restricted[i], j) for j in instruments] for i in range(1 + p)]
    kind, total, extra = plan_draws(cluster.levels, how)
    all_g, all_t = [], []
    for w in blocks(kind, cluster.levels, total, how.seed):
        drawn = [[of(w) for of in row] for row in maps]
        all_g.append(np.stack([np.stack([d for d, _ in row], axis=-1) for row in drawn], axis=1))
        s = np.stack([np.stack([e for _, e in row], axis=1) for row in drawn], axis=1)  # (B, 1 + p, L, G)
        all_t.append(np.einsum("bilh,bjmh->bijlm", s, s))
    return WildAndersonRubin(sample, np.concatenate(all_g), np.concatenate(all_t), extra)


def _quadratic(g: Vector, s: Vector) -> Vector:
    """Return ``g'S^-1 g`` for every draw, by elimination on few instruments (B, L)."""
    g, s = g.copy(), s.copy()
    total = np.zeros(len(g))
    with np.errstate(divide="ignore", invalid="ignore"):
        for a in range(g.shape[1]):
            total += g[:, a] ** 2 / s[:, a, a]
            for b in range(a + 1, g.shape[1]):
                ratio = s[:, b, a] / s[:, a, a]
                g[:, b] -= ratio * g[:, a]
                s[:, b, a + 1 :] -= ratio[:, None] * s[:, a, a + 1 :]
    return np.nan_to_num(total, nan=np.inf, posinf=np.inf)


def wild_set(ar: WildAndersonRubin, *, level: float, centre: float, spread: float) -> ConfidenceSet:
    """Return the values of the only coefficient whose p exceeds 1 - level.

    The ends of the set are found by bisection between neighbouring angles.

    The line is mapped to a circle as in `confidence_set`. Gaps and pieces narrower than 1/512 of the circle may be
    missed. A tolerance of 1e-12 keeps a value out of the set if its p equals 1 - level up to rounding.
    """

    def kept(angle: float) -> bool:
        along = np.cos(angle)
        return ar.p_value(np.array([along, -(centre * along + spread * np.sin(angle))])) > 1 - level + 1e-12

    angles = np.linspace(-np.pi / 2, np.pi / 2, _ANGLES + 1)
    at = [kept(float(a)) for a in angles[:-1]]
    at.append(at[0])  # the circle closes at infinity
    ends = []
    for i in range(_ANGLES):
        if at[i] == at[i + 1]:
            continue
        low, high = float(angles[i]), float(angles[i + 1])
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if kept(middle) == at[i] else (low, middle)
        ends.append(centre + spread * float(np.tan((low + high) / 2)))
    return as_set(ends, inside=at[0])
