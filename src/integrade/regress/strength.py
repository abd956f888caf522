"""Measure the strength of instruments (first-stage and effective F, rank tests), and test overidentification.

The rank tests are those of Cragg and Donald and of Kleibergen and Paap.

The notation is that of `integrade.regress.iv`. The statistics follow Stata's ivreg2 (METHODS 5.8).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from integrade.regress.effects import Vector
from integrade.regress.iv import Errors, added, meat, rest_df, small_sample, two_stage, two_step
from integrade.regress.ols import cross_products, least_squares
from integrade.regress.students import chi2_upper, f_upper

# shares of the worst-case bias allowed by critical values of the effective F (METHODS 5.8)
BIASES = (0.05, 0.10, 0.20, 0.30)
_SINGULAR = 1e12  # condition number above which a covariance counts as singular, as in `integrade.regress.iv`
_EXACT = 1e-24  # share of a regressor's variation that counts as rounding; a fit without error leaves about 1e-30


@dataclass(frozen=True)
class Diagnostics:
    """First-stage statistics and statistics robust to weak instruments. A missing statistic is None.

    ``first_stage_f`` holds Sanderson and Windmeijer's F statistics. ``critical`` holds the critical values of the
    effective F at 5%, for each tolerated bias. ``underid`` is Kleibergen and Paap's LM statistic of no identification
    (Anderson's under iid errors). It is chi-squared with ``underid_df`` degrees of freedom. The statistics of the first
    stage are NaN (``effective_f`` is None) if the instruments explain a combination of the regressors exactly. An F is
    also NaN if the covariance of its coefficients is singular where they are not zero.
    """

    first_stage_f: tuple[float, ...]
    effective_f: float | None
    critical: Mapping[str, float] | None
    kp_f: float
    cragg_donald: float
    underid: float
    underid_p: float
    underid_df: int
    overid: float | None
    overid_p: float | None
    overid_df: int
    ar_f: float
    ar_p: float


def diagnose(x: Vector, w: Vector, z: Vector, y: Vector, *, residuals: Vector, errors: Errors) -> Diagnostics:
    """Compute all diagnostics of two-stage least squares. ``residuals`` are the residuals of its second stage.

    The test of overidentification is Sargan's under iid errors, else Hansen's J at the two-step GMM estimate.
    """
    partial = [
        np.column_stack([least_squares(w, c, errors.weights).residuals for c in m.T]) for m in (x, z, y[:, None])
    ]
    xt, zt, yt = partial[0], partial[1], partial[2][:, 0]
    p, many = xt.shape[1], zt.shape[1]
    ar_f = _wald_f(zt, yt, errors, many, added)
    ar_df = min(c.levels for c in errors.clusters) - 1 if errors.clusters else rest_df(len(y), errors, many)
    steps = two_step(x, w, z, y, first=residuals, errors=errors) if many > p else None
    overid = None if steps is None else steps.j
    each, effective, critical = (math.nan,) * p, None, None
    cragg_donald = kp_f = underid = math.nan
    if not _explained(xt, zt, errors.weights):
        each = tuple(_wald_f(zt, _net_of_others(xt, zt, j, errors.weights), errors, many - p + 1) for j in range(p))
        effective, critical = _effective(zt, xt[:, 0], errors) if p == 1 else (None, None)
        cragg_donald = _cragg_donald(xt, zt, errors)
        kp_f = each[0] if p == 1 else cragg_donald if errors.kind == "iid" else _rank_f(xt, zt, errors)
        underid = _underidentification(xt, zt, errors, errors.exogenous - w.shape[1])
    return Diagnostics(
        first_stage_f=each,
        effective_f=effective,
        critical=critical,
        kp_f=kp_f,
        cragg_donald=cragg_donald,
        underid=underid,
        underid_p=chi2_upper(underid, many - p + 1),
        underid_df=many - p + 1,
        overid=overid,
        overid_p=None if overid is None else chi2_upper(overid, many - p),
        overid_df=many - p,
        ar_f=ar_f,
        ar_p=f_upper(ar_f, many, ar_df),
    )


def _wald_f(z: Vector, outcome: Vector, errors: Errors, df: int, inner: Callable[..., Vector] = meat) -> float:
    """Return the F statistic of all instruments in the regression of one column on them; NaN if it is not defined.

    In a regression of groups, a group's instruments and errors are zero in the rows of other groups. So the other
    instruments have coefficients of zero without error, and the statistic is that of the group's own instruments.
    """
    fit = least_squares(z, outcome, errors.weights)
    vcov = fit.bread @ inner(z, fit.residuals, errors) @ fit.bread
    root = np.linalg.cholesky(cross_products(z, errors.weights))
    values, vectors = np.linalg.eigh(root.T @ vcov @ root)  # of the coefficients on orthonormal instruments
    b = vectors.T @ root.T @ fit.coefficients
    certain = np.abs(values) <= np.abs(values).max() / _SINGULAR
    if not certain.any():
        wald = float(fit.coefficients @ np.linalg.solve(vcov, fit.coefficients))
    elif certain.all() or np.any(b[certain] ** 2 > (b @ b) / _SINGULAR):
        wald = math.nan
    else:
        wald = float(np.sum(b[~certain] ** 2 / values[~certain]))
    return wald / df * small_sample(len(z), errors, z.shape[1])


def _explained(x: Vector, z: Vector, weights: Vector | None) -> bool:
    """Return whether the instruments explain some combination of the endogenous regressors exactly."""
    v = np.column_stack([least_squares(z, c, weights).residuals for c in x.T])
    sizes = np.sqrt(np.diag(cross_products(x, weights)))
    return bool(np.linalg.eigvalsh(cross_products(v / sizes, weights))[0] <= _EXACT)


def _net_of_others(x: Vector, z: Vector, j: int, weights: Vector | None) -> Vector:
    """Return the j-th endogenous regressor minus its 2SLS fit on the others (Sanderson and Windmeijer 2016)."""
    others = np.delete(x, j, axis=1)
    if not others.shape[1]:
        return np.asarray(x[:, j])
    return two_stage(others, np.zeros((len(x), 0)), z, x[:, j], weights).solution.residuals


def _effective(z: Vector, x: Vector, errors: Errors) -> tuple[float, dict[str, float]]:
    """Return the effective F and its critical values (Montiel Olea and Pflueger 2013).

    Formula: ``pi'Qpi / tr(Sigma Q)``, Q = z'Wz, with the small-sample factor of the fit.
    """
    fit = least_squares(z, x, errors.weights)
    gram = cross_products(z, errors.weights)
    sigma = fit.bread @ meat(z, fit.residuals, errors) @ fit.bread
    ratio = float(fit.coefficients @ gram @ fit.coefficients) / float(np.sum(sigma * gram))
    root = np.linalg.cholesky(gram)
    spread = np.linalg.eigvalsh(root.T @ sigma @ root)
    critical = {f"{100 * b:g}%": effective_critical(spread, b) for b in BIASES}
    return ratio * small_sample(len(z), errors, z.shape[1]), critical


def effective_critical(spread: Vector, bias: float) -> float:
    """Return the 5% critical value of the effective F; ``bias`` is the tolerated bias as a share of the worst case.

    Formula: with e the eigenvalues ``spread`` (L,) of the covariance of the first stage on orthonormal instruments and
    x = 1 / bias, ``K = (sum e)^2 (1 + 2x) / (sum e^2 + 2 x sum e max e)`` effective degrees of freedom; the 95%
    quantile of the noncentral chi-squared (K, x K), over K. This is the simplified procedure, whose bound on the bias
    is one whatever the errors of the second stage.

    Reference: Montiel Olea and Pflueger (2013), JBES 31, 358-369, section 3.

    Example:
        >>> [round(effective_critical(np.ones(1), b), 2) for b in BIASES]
        [37.42, 23.11, 15.06, 12.05]
    """
    from scipy.special import chndtrix

    total, x = float(spread.sum()), 1 / bias
    k = total**2 * (1 + 2 * x) / (float(np.sum(spread**2)) + 2 * x * total * float(spread.max()))
    return float(chndtrix(0.95, k, x * k)) / k


def _roots(x: Vector, z: Vector, weights: Vector | None, *, fitted: bool) -> tuple[Vector, Vector, Vector, Vector]:
    """Return theta, F, G and v, with ``theta = F Pi G^-1``, F'F = z'z and G'G = v'v.

    Pi are the first-stage coefficients. v are the first-stage residuals of x, or x itself if ``fitted`` is true.
    """
    fits = [least_squares(z, c, weights) for c in x.T]
    pi = np.column_stack([f.coefficients for f in fits])
    v = x if fitted else np.column_stack([f.residuals for f in fits])
    f_root = np.linalg.cholesky(cross_products(z, weights)).T
    g_root = np.linalg.cholesky(cross_products(v, weights)).T
    theta = f_root @ np.linalg.solve(g_root.T, pi.T).T
    return np.asarray(theta), np.asarray(f_root), np.asarray(g_root), v


def _cragg_donald(x: Vector, z: Vector, errors: Errors) -> float:
    """Return the smallest eigenvalue of the first stage as an F (Cragg and Donald 1993)."""
    theta = _roots(x, z, errors.weights, fitted=False)[0]
    least = float(np.linalg.svd(theta, compute_uv=False)[-1])
    return float(least * least * rest_df(len(x), errors, z.shape[1]) / z.shape[1])


def _rank_f(x: Vector, z: Vector, errors: Errors) -> float:
    """Return the rank Wald F of Kleibergen and Paap (2006) for several endogenous regressors.

    It tests whether theta is zero in the direction of its smallest singular value.
    """
    many = z.shape[1]
    wald = _rank_statistic(z, *_roots(x, z, errors.weights, fitted=False), errors=errors)
    return float(wald / many * small_sample(len(x), errors, many))


def _underidentification(x: Vector, z: Vector, errors: Errors, absorbed: int) -> float:
    """Return Kleibergen and Paap's rank LM statistic. Its covariance uses the errors under the null: x itself.

    Without clusters it is multiplied by (n - absorbed) / n, as in ivreg2 and ivreghdfe. Under iid errors this is n
    times the smallest squared canonical correlation (Anderson 1951).
    """
    n = len(x)
    parts = _roots(x, z, errors.weights, fitted=True)
    if errors.kind == "cluster":
        return _rank_statistic(z, *parts, errors=errors)
    share = (n - absorbed) / n
    if errors.kind == "iid":
        return float(np.linalg.svd(parts[0], compute_uv=False)[-1]) ** 2 * n * share
    return _rank_statistic(z, *parts, errors=errors) * share


def _rank_statistic(z: Vector, theta: Vector, f_root: Vector, g_root: Vector, v: Vector, *, errors: Errors) -> float:
    """Return ``l' (L' V L)^-1 l``, where l is theta (L, p) in the direction of its smallest singular value.

    V is the covariance of the scores z v.
    """
    p = theta.shape[1]
    left, _, right = np.linalg.svd(theta, full_matrices=True)
    select = np.kron(right[p - 1 :, :], left[:, p - 1 :].T)
    value = select @ theta.T.reshape(-1)
    scores = np.hstack([z * v[:, [j]] for j in range(p)])
    root = np.kron(g_root, f_root).T
    inner = meat(scores, np.ones(len(z)), errors)
    vcov = np.linalg.solve(root, np.linalg.solve(root, inner).T)
    return float(value @ np.linalg.solve(select @ vcov @ select.T, value))
