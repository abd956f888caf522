"""Compute both stages of a control function without each cluster, from one pass over the rows.

Notation: ~ removes the largest effect, D are the dummies of the small effects, R = [x, instruments, other regressors],
and c is the mean of x. The first stage without a cluster has the residual v = R~ a + D~ l, with coefficients a and l.
Likewise (x - c) v is a linear combination, with weights a and l, of columns that do not depend on the cluster. So every
stage without a cluster follows from the cross-products of

    A = [D~, R~, ((x - c)^2)~, y~, ((x - c) D~)~, ((x - c) R~)~]

by cluster. If a level of the largest effect is in several clusters, its means change when one of them is deleted. So
all rows of the level are subtracted, and its remaining rows are added back with their new means.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from integrade.regress.cells import gram_by_group
from integrade.regress.effects import Codes, Factor, Vector, compact, moving_levels
from integrade.regress.ols import cross_products
from integrade.regress.partial import Absorber, absorber, demean, generalised_inverse

_MOST = 50_000_000  # largest number of numbers in A, which bounds memory
_CLEAR = 1e-5  # with a smaller eigenvalue of unit columns, only the rows can decide identification
_LEFT = 1e-8  # with a smaller share of a column's squares left, only the rows can decide identification


@dataclass(frozen=True)
class Stages:
    """Columns of n rows whose effects are not removed.

    ``first`` holds x, the instruments and ``exogenous`` other regressors; ``y`` is the outcome.
    """

    first: Vector
    outcome: Vector
    exogenous: int

    @property
    def instruments(self) -> int:
        """Number of columns that are instruments."""
        return int(self.first.shape[1]) - 1 - self.exogenous


def sums_would_fit(plan: Absorber, stages: Stages) -> bool:
    """Return whether the effects can be removed exactly and the columns of the cross-products fit in memory."""
    width = 2 * (len(plan.schur) + stages.first.shape[1]) + 2
    return plan.exact and plan.large is not None and len(stages.first) * width <= _MOST


@dataclass(frozen=True)
class _Sums:
    """Cross-products of A over all rows (d, d) and without each cluster (G, d, d).

    ``centre`` is the mean c of x, ``width`` the number of columns of D.
    """

    total: Vector
    left: Vector
    centre: float
    width: int


def without_each(plan: Absorber, stages: Stages, cluster: Factor) -> Iterator[Vector | None]:
    """Yield the second-stage coefficients of (x, x^2, others, v, x v) without each cluster in turn.

    An entry is None if identification can be decided only from the rows. The effects must satisfy `sums_would_fit`.
    """
    sums = _sums(plan, stages, cluster)
    whole = _second_stage(sums.total, sums.width, stages)
    sizes = np.bincount(cluster.codes, minlength=cluster.levels)
    parameters = sum(f.levels for f in plan.effects) + stages.first.shape[1] + 3
    for size, left in zip(sizes.tolist(), sums.left, strict=True):
        if whole is None or len(cluster.codes) - size <= parameters:
            yield None
        else:
            yield _coefficients(_second_stage(left, sums.width, stages), whole, sums.centre)


def _sums(plan: Absorber, stages: Stages, cluster: Factor) -> _Sums:
    assert plan.large is not None
    width, centre = len(plan.schur), float(stages.first[:, 0].mean())
    everything = np.arange(len(stages.first))
    wide = _wide(plan, stages, centre, everything)
    by_cluster = gram_by_group(wide, plan.weights, cluster)
    total = by_cluster.sum(axis=0)
    without = total - by_cluster
    codes = plan.large.codes
    mobile = np.flatnonzero(moving_levels(plan.large, cluster)[codes])
    home: Codes = cluster.codes[mobile]
    for g in np.unique(home).tolist():
        own_rows = home == g
        touched = np.zeros(plan.large.levels, dtype=np.bool_)
        touched[codes[mobile[own_rows]]] = True
        rows = mobile[~own_rows & touched[codes[mobile]]]
        weights = None if plan.weights is None else plan.weights[rows]
        without[g] -= cross_products(wide[rows], weights)
        without[g] += cross_products(_wide(plan, stages, centre, rows), weights)
    return _Sums(total, without, centre, width)


def _wide(plan: Absorber, stages: Stages, centre: float, rows: Codes) -> Vector:
    """Return A (n, d) on some rows, net of the means of the largest effect over these rows."""
    assert plan.large is not None
    width, columns = len(plan.schur), stages.first.shape[1]
    level = compact(plan.large.name, plan.large.codes[rows], plan.large.levels)
    weights = None if plan.weights is None else plan.weights[rows]
    net = absorber([level], weights)
    wide = np.zeros((len(rows), 2 * (width + columns) + 2))
    inner, outer = wide[:, : width + columns], wide[:, width + columns :]
    for column in plan.small[rows].T:
        inner[np.arange(len(rows)), column] = 1.0
    inner[:, width:] = stages.first[rows]
    inner[:] = demean(net, inner.copy())
    distance = stages.first[rows, 0] - centre
    outer[:, 0], outer[:, 1] = distance * distance, stages.outcome[rows]
    outer[:, 2:] = distance[:, None] * inner
    outer[:] = demean(net, outer.copy())
    return wide


def _second_stage(gram: Vector, width: int, stages: Stages) -> Vector | None:
    """Return the cross-products of (x, (x - c)^2, others, v, (x - c) v, y), with effects removed.

    Returns None if v is nearly zero.
    """
    first_columns = stages.first.shape[1]
    small = gram[:width]
    inverse = generalised_inverse(gram[:width, :width])
    slopes = inverse @ small
    slopes += inverse @ (small - gram[:width, :width] @ slopes)
    net = gram - small.T @ slopes
    first = net[width : width + first_columns, width : width + first_columns]
    fitted = _solved(first[1:, 1:], first[1:, 0])
    if fitted is None:
        return None
    a = np.append(1.0, -fitted)
    if a @ first @ a <= _LEFT * first[0, 0]:
        return None
    columns = np.zeros((len(gram), 5 + stages.exogenous))
    after = width + first_columns
    columns[width, 0] = columns[after, 1] = columns[after + 1, -1] = 1.0
    columns[width + 1 + stages.instruments : after, 2:-3] = np.eye(stages.exogenous)
    columns[width:after, -3] = a
    columns[after + 2 :, -2] = np.append(-slopes[:, width:after] @ a, a)
    return np.asarray(columns.T @ net @ columns)


def _coefficients(gram: Vector | None, whole: Vector, centre: float) -> Vector | None:
    """Return the coefficients of (x, x^2, others, v, x v), from the cross-products of the centred columns."""
    if gram is None or (np.diag(gram) <= _LEFT * np.diag(whole)).any():
        return None
    b = _solved(gram[:-1, :-1], gram[:-1, -1])
    if b is None:
        return None
    b[0] -= 2 * centre * b[1]
    b[-2] -= centre * b[-1]
    return b


def _solved(gram: Vector, right: Vector) -> Vector | None:
    """Solve least squares and refine once. Returns None if the columns are nearly collinear."""
    norms = np.sqrt(np.maximum(np.diag(gram), 0.0))
    if not norms.all():
        return None
    unit, scaled = gram / np.outer(norms, norms), right / norms
    if len(unit) and np.linalg.eigvalsh(unit)[0] < _CLEAR:
        return None
    b = np.linalg.solve(unit, scaled)
    b += np.linalg.solve(unit, scaled - unit @ b)
    return np.asarray(b / norms)
