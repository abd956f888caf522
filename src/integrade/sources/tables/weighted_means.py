"""Test whether a series is a weighted mean of others, by constrained least squares on levels and changes.

Observations are divided by the mean of all series, so that high and low observations have equal weight. For a series
d_j (differences from that mean), the weights w minimise |d_j - D w|^2 over w >= 0 with sum(w) = 1. The columns of D are
the other series (Lawson and Hanson 1974, applied to the root of the Gram matrix). The weights are computed separately
in each group (``each``), or for all observations together. A group is used if its observations, and its changes, each
outnumber the series by at least `SPARE`. A series is a mean if two conditions hold for the residual in the median
group. First, the ratio of its root mean square to that of d_j is at most `LEVELS`. Second, the same ratio for changes
between periods, with the same weights, is at most `CHANGES`. In nine of ten groups both ratios must be within twice
these limits. At least two weights must be above `SMALL`, and none may reach `ONE`. Rounding noise is subtracted first.
If the residual is only rounding, the spread of the other series is used instead of the series' own spread, which may be
small for a mean of many series.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

LEVELS, CHANGES = 0.1, 0.15
"""A mean has at most these ratios of residual to spread, in levels and in changes (see `benchmarks/aggregates.py`)."""
SPREAD = 2.0
"""A series whose spread is at most this many units of rounding gives no information (a convention)."""
SPARE = 5
"""A group needs this many more observations than series (a convention)."""
ONE = 0.9
"""A series with a weight of at least this is a copy of another series and not a mean (a convention)."""
EXACT = 1.5
"""A residual of at most this multiple of the variance of rounding is only rounding (a convention)."""
SMALL = 0.01
"""Weights up to this value count as zero (a convention)."""
MOST_GROUPS = 24
"""Of more groups than this, so many are tested, evenly spaced, to limit the time (a convention)."""
ALIKE = 5.0
"""Series are not tested if the mean of one is more than this many times the mean of another (a convention).

Such series are prices in different units.
"""


@dataclass(frozen=True)
class Mean:
    """Series that is a weighted mean: its position, the positions and mean weights of its parts, and the two ratios."""

    at: int
    parts: tuple[int, ...]
    weights: tuple[float, ...]
    levels: float
    changes: float


@dataclass(frozen=True)
class Judged:
    """Series that are weighted means of other series; ``told``: whether there were enough observations for the test."""

    means: tuple[Mean, ...]
    told: bool
    observations: int


class _Block(NamedTuple):
    """Observations that share their weights.

    ``root``: root of their Gram matrix (k, k), for k series. ``changes``: Gram matrix of changes (k, k). ``rounding``:
    variance of rounding. ``effective``: number of observations.
    """

    root: NDArray[np.float64]
    changes: NDArray[np.float64]
    rounding: float
    effective: int


def weighted_means(values: NDArray[np.float64], groups: NDArray[np.int64], *, each: bool) -> Judged:
    """Return the columns of ``values`` that are weighted means of other columns.

    ``values``: observations x series, in time order within a group.

    ``groups``: the region (or good) of each observation; observations of a group are adjacent. ``each``: whether every
    group has its own weights. Missing values: an observation with a missing value is not used. Nothing is decided with
    fewer than four series, or with series of different scales (`ALIKE`). With ``each``, nothing is decided either if
    fewer than half of the groups can be used. Without ``each``, all observations together count as one group.
    """
    unit = rounding_unit(values[np.isfinite(values)])
    kept: NDArray[np.bool_] = np.asarray(np.isfinite(values).all(axis=1))
    n, k = int(kept.sum()), values.shape[1]
    if k < 4 or n < k + SPARE or _differ(values[kept]):
        return Judged((), told=False, observations=n)
    distinct = np.unique(groups)
    distinct = distinct[np.linspace(0, len(distinct) - 1, min(MOST_GROUPS, len(distinct))).astype(int)]
    sets = [groups == g for g in distinct] if each else [np.ones(len(groups), dtype=bool)]
    blocks = [b for one in sets if (b := _block(values[one], groups[one], kept[one], unit)) is not None]
    if not blocks or 2 * len(blocks) < len(sets):
        return Judged((), told=False, observations=n)
    judged = [_judge(j, blocks) for j in range(k)]
    return Judged(tuple(m for m in judged if m is not None), told=True, observations=n)


def rounding_unit(values: NDArray[np.float64]) -> float:
    """Return the unit to which numbers are rounded: 1, 0.1, 0.01 or 0.001; 0 for numbers with more digits.

    The tolerance of 1e-6 allows for floating-point error; it is a convention.
    """
    for digits in range(4):
        scaled = values * 10.0**digits
        if np.all(np.abs(scaled - np.round(scaled)) < 1e-6 * np.maximum(1.0, np.abs(scaled))):
            return float(10.0**-digits)
    return 0.0


def _differ(values: NDArray[np.float64]) -> bool:
    means = values.mean(axis=0)
    return bool(means.min() <= 0 or means.max() > ALIKE * means.min())


def _block(
    values: NDArray[np.float64], groups: NDArray[np.int64], kept: NDArray[np.bool_], unit: float
) -> _Block | None:
    scale = values.mean(axis=1, keepdims=True)
    follows = (groups[1:] == groups[:-1]) & kept[1:] & kept[:-1]
    levels, changes = (values / scale)[kept], ((values[1:] - values[:-1]) / scale[:-1])[follows]
    n, k = levels.shape
    if min(n, len(changes)) < k + SPARE:
        return None
    d = levels - levels.mean(axis=1, keepdims=True)
    dd = changes - changes.mean(axis=1, keepdims=True)
    rounding = unit**2 / 12.0 * float(np.mean(1.0 / scale[kept] ** 2))
    return _Block(_root(d.T @ d / n), dd.T @ dd / len(dd), rounding, n)


def _root(gram: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a matrix R with R'R equal to ``gram``."""
    size, vectors = np.linalg.eigh(gram)
    root: NDArray[np.float64] = np.sqrt(np.clip(size, 0.0, None))[:, None] * vectors.T
    return root


def _judge(j: int, blocks: Sequence[_Block]) -> Mean | None:
    fits = [fit for block in blocks if (fit := _fit(j, block)) is not None]
    if 2 * len(fits) <= len(blocks):
        return None
    levels, changes = (np.array([fit[i] for fit in fits]) for i in (0, 1))
    middle, high = ([float(np.quantile(r, q)) for r in (levels, changes)] for q in (0.5, 0.9))
    if any(m > most or h > 2 * most for m, h, most in zip(middle, high, (LEVELS, CHANGES), strict=True)):
        return None
    w = np.mean([fit[2] for fit in fits], axis=0)
    if w.max() >= ONE or (w > SMALL).sum() < 2:
        return None
    parts = [int(i) for i in np.argsort(-w, kind="stable") if w[i] > SMALL]
    return Mean(j, tuple(parts), tuple(float(w[i]) for i in parts), middle[0], middle[1])


def _fit(j: int, block: _Block) -> tuple[float, float, NDArray[np.float64]] | None:
    """Return the two ratios and the weights of one block; None if series j varies only by rounding.

    The sum of weights is imposed by a heavily weighted row of the system (1e4 times the largest spread). The constant
    1e-12 only avoids a division by zero. Both values are conventions.
    """
    from scipy.optimize import nnls

    root, steps, unit = block.root, block.changes, (12.0 * block.rounding) ** 0.5
    others = [i for i in range(root.shape[1]) if i != j]
    spreads, moves = np.sqrt(np.sum(root**2, axis=0)), np.sqrt(np.diag(steps))
    heavy = 1e4 * max(float(spreads.max()), 1e-12)
    system = np.vstack([root[:, others], np.full(len(others), heavy)])
    weights, _ = nnls(system, np.append(root[:, j], heavy), maxiter=50 * len(others))
    w = np.zeros(root.shape[1])
    w[others] = weights
    c = -w
    c[j] = 1.0
    used = int((w > SMALL).sum())
    spare, noise = block.effective / max(block.effective - used, 1), block.rounding * float(c @ c)
    level, change = float(np.sum((root @ c) ** 2)) * spare, float(c @ steps @ c) * spare
    beside = float(np.median(spreads[others])), float(np.median(moves[others]))
    exact = level <= EXACT * noise and change <= 2.0 * EXACT * noise and beside[0] > 10.0 * unit
    spread_used = beside if exact else (float(spreads[j]), float(moves[j]))
    if min(spread_used) <= SPREAD * unit or min(spread_used) == 0:
        return None
    return max(level - noise, 0.0) ** 0.5 / spread_used[0], max(change - 2.0 * noise, 0.0) ** 0.5 / spread_used[1], w
