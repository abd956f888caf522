"""Two-stage least squares and its diagnostics, on columns whose effects are removed.

Notation: p endogenous x, q exogenous w (the constant among them when there are no effects), L excluded instruments z.
A tilde marks columns with w partialled out. Statistics follow Stata's ivreg2 (METHODS 5.8).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np

from integrade.regress.covariance import cluster_scores
from integrade.regress.effects import Factor, Vector, combine
from integrade.regress.ols import Solution, cross_products, least_squares
from integrade.regress.students import chi2_upper, f_upper

Kind = Literal["iid", "robust", "cluster"]


@dataclass(frozen=True)
class Errors:
    """What is assumed of the errors in first stages and tests: the kind, clusters, weights and K without endogenous."""

    kind: Kind
    clusters: tuple[Factor, ...]
    weights: Vector | None
    exogenous: int  # parameters other than the endogenous slopes, absorbed effects counted as in the fit


@dataclass(frozen=True)
class Diagnostics:
    """First-stage and weak-instrument-robust statistics; missing ones are None."""

    first_stage_f: tuple[float, ...]
    effective_f: float | None
    kp_f: float
    overid: float | None
    overid_p: float | None
    overid_df: int
    ar_f: float
    ar_p: float


@dataclass(frozen=True)
class TwoStage:
    """The fit, with ``fitted`` (n, p + q) the regressors projected on the instruments (endogenous first)."""

    solution: Solution
    fitted: Vector


def two_stage(x: Vector, w: Vector, z: Vector, y: Vector, weights: Vector | None = None) -> TwoStage:
    """2SLS of y on [x, w] with instruments [z, w]; residuals use the actual x."""
    instruments = np.hstack([z, w])
    columns = [x[:, j] - least_squares(instruments, x[:, j], weights).residuals for j in range(x.shape[1])]
    fitted = np.column_stack([*columns, w]) if columns else w
    second = least_squares(fitted, y, weights)
    residuals = y - np.hstack([x, w]) @ second.coefficients
    return TwoStage(Solution(second.coefficients, second.bread, residuals), fitted)


def from_moments(gram: Vector, endogenous: int, exogenous: int) -> tuple[Vector, bool]:
    """2SLS from the cross-products of [x, w, z, y] and whether it is identified."""
    p, k = endogenous, endogenous + exogenous
    regressors, instruments = np.arange(k), np.r_[np.arange(p, k), np.arange(k, len(gram) - 1)]
    scale = np.sqrt(np.maximum(np.diag(gram), 1e-300))
    scaled = gram / np.outer(scale, scale)
    first = np.linalg.lstsq(scaled[np.ix_(instruments, instruments)], scaled[np.ix_(instruments, [*regressors, -1])])[0]
    projected = scaled[np.ix_(regressors, instruments)] @ first
    values = np.linalg.eigvalsh(projected[:, :k])
    b = np.linalg.lstsq(projected[:, :k], projected[:, k])[0]
    return b * scale[-1] / scale[:k], bool(values[0] > 1e-12 * values[-1])


def diagnose(x: Vector, w: Vector, z: Vector, y: Vector, *, residuals: Vector, errors: Errors) -> Diagnostics:
    """All diagnostics of `two_stage`; ``residuals`` are those of the second stage."""
    partial = [
        np.column_stack([least_squares(w, c, errors.weights).residuals for c in m.T]) for m in (x, z, y[:, None])
    ]
    xt, zt, yt = partial[0], partial[1], partial[2][:, 0]
    p, many = xt.shape[1], zt.shape[1]
    each = tuple(_wald_f(zt, _net_of_others(xt, zt, j, errors.weights), errors, many - p + 1) for j in range(p))
    ar_f = _wald_f(zt, yt, errors, many)
    ar_df = min(c.levels for c in errors.clusters) - 1 if errors.clusters else rest_df(len(y), errors, many)
    overid = _overid(x, w, z, y, residuals, errors) if many > p else None
    return Diagnostics(
        first_stage_f=each,
        effective_f=_effective(zt, xt[:, 0], errors) if p == 1 else None,
        kp_f=each[0] if p == 1 else _rank_f(xt, zt, errors),
        overid=overid,
        overid_p=None if overid is None else chi2_upper(overid, many - p),
        overid_df=many - p,
        ar_f=ar_f,
        ar_p=f_upper(ar_f, many, ar_df),
    )


def rest_df(n: int, errors: Errors, many: int) -> int:
    """n - K - L: rows left after exogenous parameters and instruments."""
    return n - errors.exogenous - many


def small_sample(n: int, errors: Errors, many: int) -> float:
    """ivreg2's factor on a Wald statistic that was made without small-sample correction."""
    rest = rest_df(n, errors, many)
    if errors.kind != "cluster":
        return rest / n
    groups = min(c.levels for c in errors.clusters)
    return rest / (n - 1) * (groups - 1) / groups


def meat(z: Vector, u: Vector, errors: Errors) -> Vector:
    """Covariance of ``z'Wu`` without small-sample correction."""
    weighted = u if errors.weights is None else u * errors.weights
    if errors.kind == "iid":
        return cross_products(z, errors.weights) * float(u @ weighted) / len(u)
    if errors.kind == "robust":
        scores = z * weighted[:, None]
        return np.asarray(scores.T @ scores)
    total = np.zeros((z.shape[1], z.shape[1]))
    for size in range(1, len(errors.clusters) + 1):
        for chosen in combinations(errors.clusters, size):
            s = cluster_scores(z, u, chosen[0] if size == 1 else combine("", chosen), errors.weights)
            total += (-1) ** (size + 1) * (s.T @ s)
    return total


def _wald_f(z: Vector, outcome: Vector, errors: Errors, df: int) -> float:
    """F of all instruments in a regression of one column on them."""
    fit = least_squares(z, outcome, errors.weights)
    vcov = fit.bread @ meat(z, fit.residuals, errors) @ fit.bread
    wald = float(fit.coefficients @ np.linalg.solve(vcov, fit.coefficients))
    return wald / df * small_sample(len(z), errors, z.shape[1])


def _net_of_others(x: Vector, z: Vector, j: int, weights: Vector | None) -> Vector:
    """Sanderson and Windmeijer (2016): the j-th endogenous net of the others, instrumented."""
    others = np.delete(x, j, axis=1)
    if not others.shape[1]:
        return np.asarray(x[:, j])
    return two_stage(others, np.zeros((len(x), 0)), z, x[:, j], weights).solution.residuals


def _effective(z: Vector, x: Vector, errors: Errors) -> float:
    """Montiel Olea and Pflueger (2013): ``pi'Qpi / tr(Sigma Q)``, Q = z'Wz, with the small-sample factor of the fit."""
    fit = least_squares(z, x, errors.weights)
    gram = cross_products(z, errors.weights)
    sigma = fit.bread @ meat(z, fit.residuals, errors) @ fit.bread
    ratio = float(fit.coefficients @ gram @ fit.coefficients) / float(np.sum(sigma * gram))
    return ratio * small_sample(len(z), errors, z.shape[1])


def _rank_f(x: Vector, z: Vector, errors: Errors) -> float:
    """Kleibergen and Paap (2006) rank Wald F for several endogenous; Cragg and Donald's under iid errors.

    ``theta = F Pi G^-1`` with F'F = z'z and G'G = v'v (v: first-stage residuals); its smallest direction is tested.
    """
    n, p, many = len(x), x.shape[1], z.shape[1]
    fits = [least_squares(z, c, errors.weights) for c in x.T]
    pi = np.column_stack([f.coefficients for f in fits])
    v = np.column_stack([f.residuals for f in fits])
    f_root = np.linalg.cholesky(cross_products(z, errors.weights)).T
    g_root = np.linalg.cholesky(cross_products(v, errors.weights)).T
    theta = f_root @ np.linalg.solve(g_root.T, pi.T).T
    left, singular, right = np.linalg.svd(theta, full_matrices=True)
    if errors.kind == "iid":
        return float(singular[-1] * singular[-1] * rest_df(n, errors, many) / many)
    select = np.kron(right[p - 1 :, :], left[:, p - 1 :].T)
    value = select @ theta.T.reshape(-1)
    scores = np.hstack([z * v[:, [j]] for j in range(p)])
    inner = meat(scores, np.ones(n), errors)
    root = np.kron(g_root, f_root).T
    vcov = np.linalg.solve(root, np.linalg.solve(root, inner).T)
    wald: float = float(value @ np.linalg.solve(select @ vcov @ select.T, value))
    return float(wald / many * small_sample(n, errors, many))


def _overid(x: Vector, w: Vector, z: Vector, y: Vector, residuals: Vector, errors: Errors) -> float | None:
    """Sargan under iid errors, else Hansen's J at the two-step GMM estimate; None when its weight is singular."""
    instruments, regressors = np.hstack([z, w]), np.hstack([x, w])
    inner = meat(instruments, residuals, errors)
    scale = np.sqrt(np.diag(inner))
    scaled = inner / np.outer(scale, scale)
    if np.linalg.cond(scaled) > 1e12:
        return None
    weighted = instruments if errors.weights is None else instruments * errors.weights[:, None]
    a_x, a_y = weighted.T @ regressors / scale[:, None], weighted.T @ y / scale
    inverse = np.linalg.inv(scaled)
    b = np.linalg.solve(a_x.T @ inverse @ a_x, a_x.T @ inverse @ a_y)
    g = a_y - a_x @ b
    return float(g @ inverse @ g)
