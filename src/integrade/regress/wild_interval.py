"""Compute confidence sets from a wild cluster bootstrap by inverting the test. The sets are exact given the draws.

Measure the hypothesis r by its distance from the estimate b in standard errors s: e = (r - b) / s. The restricted
residuals are linear in e. So a draw's coefficient is linear in e, and its variance is quadratic. The draw reaches the
sample's statistic where

    (n0 + n1 e)^2 >= e^2 (d0 + 2 d1 e + d2 e^2)

which holds between roots of a quartic. The number of draws that reach the statistic is a step function of e, and all
its steps are known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from integrade.regress.effects import Vector

TIE = 1e-9  # a draw this close (relatively) to the statistic counts as reaching it (METHODS 5.2)
_NONE = 1e-20  # a d2 up to this share of the scale counts as zero: the square of 1e-10
Pieces = list[tuple[float, float]]


@dataclass(frozen=True)
class Paths:
    """For every draw (B,) the coefficient ``n0 + n1 e`` and the sum of squared scores ``d0 + 2 d1 e + d2 e^2``."""

    n0: Vector
    n1: Vector
    d0: Vector
    d1: Vector
    d2: Vector


def not_rejected(paths: Paths, need: int, scale: float) -> Pieces:
    """Return the intervals of e, maybe infinite, in which at least ``need`` draws reach the statistic.

    ``scale`` is the size against which rounding in d2 is judged.
    """
    roots = np.sort(_roots(paths, scale), axis=1)
    margin = 1 + np.abs(roots)
    inside = (roots[:, 1:] + roots[:, :-1]) / 2
    points = np.column_stack([roots[:, 0] - margin[:, 0], inside, roots[:, -1] + margin[:, -1]])
    reached = _reached(paths, points, scale).astype(np.int8)
    steps = np.diff(reached, axis=1)
    changes = np.nonzero(steps)
    where, change = roots[changes], steps[changes].astype(np.intp)
    order = np.argsort(where, kind="stable")
    where, change = where[order], change[order]
    last = np.ones(len(where), dtype=np.bool_)  # steps nearer than a tie are one
    last[:-1] = np.diff(where) > TIE * (1 + np.abs(where[:-1]))
    counts = np.concatenate([[0], np.cumsum(change)[last]]) + int(reached[:, 0].sum())
    edges = np.concatenate([[-np.inf], where[last], [np.inf]])
    # join neighbouring gaps in which enough draws reach the statistic; gap i lies between edges i and i + 1
    turns = np.diff(np.concatenate([[0], (counts >= need).astype(np.int8), [0]]))
    starts, ends = np.flatnonzero(turns == 1), np.flatnonzero(turns == -1)
    return [(float(edges[a]), float(edges[b])) for a, b in zip(starts, ends, strict=True)]


def beyond_quantile(statistics: Vector, need: int) -> Pieces:
    """Return the intervals of e that are not rejected, for drawn t^2 (B,) that do not depend on the hypothesis."""
    if need <= 0:
        return [(-np.inf, np.inf)]
    high = float(np.sqrt(np.sort(np.nan_to_num(statistics, posinf=np.inf))[-need]) / (1 - TIE))
    return [(-high, high)]


def _roots(paths: Paths, scale: float) -> Vector:
    """Return four candidates for each draw. Every real root of the quartic is among them."""
    tie = (1 - TIE) ** 2
    candidates = np.zeros((len(paths.n0), 4))
    still = paths.d2 <= _NONE * scale
    with np.errstate(divide="ignore", invalid="ignore"):
        for place, sign in enumerate((-1, 1)):
            ends = paths.n0 / (sign * np.sqrt(tie * paths.d0) - paths.n1)
            candidates[:, place] = np.where(still & np.isfinite(ends), ends, 0.0)
    moving = np.flatnonzero(~still)
    n0, n1, d0, d1, d2 = (v[moving] for v in (paths.n0, paths.n1, paths.d0, paths.d1, paths.d2))
    companion = np.zeros((len(moving), 4, 4))
    companion[:, (1, 2, 3), (0, 1, 2)] = 1.0
    lead = -tie * d2
    for place, coefficient in enumerate((n0**2, 2 * n0 * n1, n1**2 - tie * d0, -2 * tie * d1)):
        companion[:, place, 3] = -coefficient / lead
    if len(moving):
        candidates[moving] = np.linalg.eigvals(companion).real
    return candidates


def _reached(paths: Paths, points: Vector, scale: float) -> np.ndarray:
    """Return whether each draw reaches the statistic at each of its own p points, (B, p)."""
    n0, n1, d0, d1, d2 = (v[:, None] for v in (paths.n0, paths.n1, paths.d0, paths.d1, paths.d2))
    moves = d2 > _NONE * scale
    spread = np.where(moves, d0 + points * (2 * d1 + points * d2), d0)
    return np.asarray((n0 + n1 * points) ** 2 >= (1 - TIE) ** 2 * points**2 * np.maximum(spread, 0.0))
