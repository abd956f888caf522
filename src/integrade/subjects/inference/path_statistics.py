"""Compute clustered t and Wald statistics from cross-products, for many assignments of a variable to cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from integrade.regress.cell_forms import Forms
from integrade.regress.effects import Vector
from integrade.subjects.noise.cell_moments import solve_all

_GONE = 1e-12  # a regressor is absorbed if at most this share of its sum of squares is left; a convention


@dataclass(frozen=True)
class Statistics:
    """Statistics of B assignments, up to factors that all assignments share.

    They are infinite if a coefficient is not identified.

    ``t`` (B, p) holds |t| of every power, ``joint`` (B,) the Wald statistic of all powers.
    """

    t: Vector
    joint: Vector


def path_statistics(
    forms: Forms, values: Vector, powers: Sequence[int], *, jackknifed: bool, centred: bool
) -> Statistics:
    """Return the statistics of regressions on ``powers`` of the values by cell (B, C), and on the fixed columns.

    If ``jackknifed`` is true, each of ``forms.each`` leaves out one cluster (CR3); otherwise it holds only one cluster
    (CR1). If ``centred`` is true, a constant may be subtracted from every power first, which loses fewer digits.
    """
    raised = np.stack([values**power for power in powers], axis=1)
    if centred:
        raised -= raised.mean(axis=2, keepdims=True)
    p, total = len(powers), grams(forms.total, raised)
    spread = np.einsum("bpc,c->bp", raised**2, np.diag(forms.total)[: raised.shape[2]])
    b = solve_all(_nan_if_absorbed(total, np.hstack([spread, np.zeros((len(total), total.shape[1] - 1 - p))])))
    if jackknifed:
        full = np.diagonal(total, axis1=1, axis2=2)[:, :-1]
        without = [solve_all(_nan_if_absorbed(grams(form, raised), full))[:, :p] for form in forms.each]
        distance = np.stack(without, axis=1) - b[:, None, :p]
    else:
        distance = _influence(forms, raised, total, b)
    return _studentised(b[:, :p], distance)


def _nan_if_absorbed(gram: Vector, before: Vector) -> Vector:
    """Return the cross-products, set to NaN if a regressor's sum of squares is zero up to rounding.

    They are compared with ``before`` (B, k), the sums of squares before effects or a cluster were removed.
    """
    squares = np.diagonal(gram, axis1=1, axis2=2)[:, :-1]
    gram[(squares <= _GONE * before).any(axis=1)] = np.nan
    return gram


def grams(form: Vector, raised: Vector) -> Vector:
    """Return the cross-products (B, p + m, p + m) of the powers ``raised`` (B, p, C) and the fixed columns."""
    draws, p, c = raised.shape
    through = (raised.reshape(-1, c) @ form[:c]).reshape(draws, p, -1)
    gram = np.empty((draws, p + form.shape[0] - c, p + form.shape[0] - c))
    gram[:, :p, :p] = through[:, :, :c] @ raised.transpose(0, 2, 1)
    gram[:, :p, p:] = through[:, :, c:]
    gram[:, p:, :p] = through[:, :, c:].transpose(0, 2, 1)
    gram[:, p:, p:] = form[c:, c:]
    return gram


def _influence(forms: Forms, raised: Vector, total: Vector, b: Vector) -> Vector:
    """Return each cluster's influence ``e_j' (x'x)^-1 x_g'u_g`` on the coefficients of the powers (B, G, p)."""
    p = raised.shape[1]
    residual = np.concatenate([-b, np.ones((len(b), 1))], axis=1)[:, :, None]
    influence = np.full((len(b), len(forms.each), p), np.nan)
    good = np.isfinite(b).all(axis=1)
    inner = total[good, :-1, :-1]
    scale = np.sqrt(np.diagonal(inner, axis1=1, axis2=2))
    bread = np.linalg.inv(inner / (scale[:, :, None] * scale[:, None, :])) / (scale[:, :, None] * scale[:, None, :])
    for g, form in enumerate(forms.each):
        scores = (grams(form, raised[good])[:, :-1] @ residual[good])[:, :, 0]
        influence[good, g] = (bread[:, :p] @ scores[:, :, None])[:, :, 0]
    return influence


def _studentised(b: Vector, distance: Vector) -> Statistics:
    """Return |t| and Wald with the variance ``sum_g d_g d_g'``, where d are the rows of ``distance``."""
    identified = np.isfinite(b).all(axis=1) & np.isfinite(distance).all(axis=(1, 2))
    t, joint = np.full(b.shape, np.inf), np.full(len(b), np.inf)
    d, estimates = distance[identified], b[identified]
    errors = np.sqrt(np.einsum("bgp,bgp->bp", d, d))
    with np.errstate(divide="ignore", invalid="ignore"):
        t[identified] = np.nan_to_num(np.abs(estimates) / errors, nan=np.inf)
    unit = np.where(errors > 0, errors, 1.0)
    d = d / unit[:, None, :]
    inverse = np.linalg.pinv(d.transpose(0, 2, 1) @ d, rcond=1e-12, hermitian=True)
    joint[identified] = np.einsum("bi,bij,bj->b", estimates / unit, inverse, estimates / unit)
    return Statistics(t, joint)
