"""Estimate by quasi-maximum likelihood with fixed effects: Poisson (log link) and fractional logit, by Fisher scoring.

Each step is a weighted least-squares regression with effects, so the effects are removed exactly as in a linear fit.
With mu the mean, v the derivative of mu in the index, X net of the effects with weights v, and M = diag v::

    sum X (y - mu) = 0,    b - beta = (X'MX)^-1 sum X (y - mu),    d index / d b = X
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from integrade.errors import NoConvergence
from integrade.regress.effects import Factor, Mask, Vector
from integrade.regress.partial import Absorber, absorber, demean
from plainwords.texts import say

Family = Literal["poisson", "logit"]
_STEPS, _LEAST = 100, 1e-6  # most Fisher steps, and smallest share of a step that halving tries; conventions
_SETTLED, _ENOUGH = 1e-12, 1e-7  # steps end at a change of the index up to the first, or below the second if it grows
_LARGEST = 30.0  # a logit with a larger |index| fits an outcome exactly


@dataclass(frozen=True)
class Quasi:
    """Coefficients (k,), fitted means and index (n,), weights v (n,), and ``bread`` = (X'MX)^-1.

    ``net`` (n, k) holds the regressors net of the effects.

    ``plan`` removes the effects with weights v.
    """

    coefficients: Vector
    means: Vector
    index: Vector
    weights: Vector
    net: Vector
    bread: Vector
    plan: Absorber


def quasi(family: Family, y: Vector, x: Vector, effects: Sequence[Factor], prior: Vector | None = None) -> Quasi:
    """Estimate E(y) = g(x'b + effects); ``prior`` (n,) are weights of the rows.

    Every level of every effect must have an outcome that is not at the edge (`informative`). Raises `NoConvergence` if
    a step no longer lowers the deviance although the index still moves. The reason is then that a regressor, with the
    effects, explains some outcomes at the edge exactly.
    """
    scale = x.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    unit = np.ascontiguousarray((x - x.mean(axis=0) if effects else x) / scale)
    ones = np.ones(len(y)) if prior is None else prior
    mean = float(np.average(y, weights=ones))
    middle = (y + mean) / 2
    index = np.asarray(np.log(middle) if family == "poisson" else np.log(middle / (1 - middle)))
    b, moved = np.zeros(x.shape[1]), np.inf
    deviance = np.inf
    for turn in range(_STEPS):
        mu, v = _mean(family, index)
        surprise = (y - mu) / v
        target = surprise if turn else index + surprise  # the initial index is not a function of x and effects
        net = demean(absorber(effects, v * ones), np.column_stack([target, unit]))
        weighted = net[:, 1:] * (v * ones)[:, None]
        change = np.linalg.solve(weighted.T @ net[:, 1:], weighted.T @ net[:, 0])
        fitted = target - (net[:, 0] - net[:, 1:] @ change)
        step = fitted if turn else fitted - index
        before, moved = moved, float(np.max(np.abs(step)))
        share, trial = 1.0, index + step
        reached = _deviance(family, y, trial, ones)
        # 1e-12: a rise of the deviance within rounding is no rise
        while turn and share > _LEAST and reached > deviance * (1 + 1e-12) + 1e-12:
            share, trial = share / 2, (index + trial) / 2
            reached = _deviance(family, y, trial, ones)
        index, deviance, b = trial, reached, b + share * change
        if moved <= _SETTLED * (1 + float(np.max(np.abs(index)))) or before <= moved < _ENOUGH:
            break
        if family == "logit" and float(np.max(np.abs(index))) > _LARGEST:
            moved = np.inf
            break
    if not moved < _ENOUGH:
        raise NoConvergence(
            say("impossible.not-settled", family=family),
            example=f"the index still moves by {moved:.1e}",
            remedy="leave out rows that one regressor predicts perfectly, or use fewer effects",
        )
    mu, v = _mean(family, index)
    plan = absorber(effects, v * ones)
    net = demean(plan, unit)
    bread = np.asarray(np.linalg.inv(net.T @ (net * (v * ones)[:, None])), dtype=np.float64)
    return Quasi(b / scale, mu, index, v * ones, net * scale, bread / np.outer(scale, scale), plan)


def informative(family: Family, y: Vector, effects: Sequence[Factor]) -> Mask:
    """Return a mask of the rows (n,) that remain after repeatedly dropping levels with all outcomes at an edge.

    Zero is an edge; for a logit, one is also an edge. The effect of such a level is infinite, and its rows carry no
    information on b.
    """
    keep = np.ones(len(y), dtype=np.bool_)
    while True:
        some = keep.copy()
        for factor in effects:
            low = np.bincount(factor.codes[keep], y[keep], minlength=factor.levels) > 0
            some &= low[factor.codes]
            if family == "logit":
                high = np.bincount(factor.codes[keep], 1 - y[keep], minlength=factor.levels) > 0
                some &= high[factor.codes]
        if (some == keep).all():
            return keep
        keep = some


def curvature(family: Family, means: Vector) -> tuple[Vector, Vector]:
    """Return the first and second derivative of the mean in the index, (n,) each."""
    if family == "poisson":
        return means, means
    first = means * (1 - means)
    return first, first * (1 - 2 * means)


def mean_of(family: Family, index: Vector) -> Vector:
    """Return the mean at an index, (n,)."""
    from scipy.special import expit

    return np.asarray(np.exp(index) if family == "poisson" else expit(index))


def _mean(family: Family, index: Vector) -> tuple[Vector, Vector]:
    """Return the mean and its derivative in the index, which is kept above zero."""
    mu = mean_of(family, index)
    return mu, np.maximum(curvature(family, mu)[0], 1e-300)


def _deviance(family: Family, y: Vector, index: Vector, weights: Vector) -> float:
    """Return the deviance at an index."""
    from scipy.special import xlogy

    if family == "poisson":
        return 2 * float(weights @ (np.exp(np.minimum(index, 700.0)) - y * index + xlogy(y, y) - y))
    return 2 * float(weights @ (np.logaddexp(0.0, index) - y * index + xlogy(y, y) + xlogy(1 - y, 1 - y)))
