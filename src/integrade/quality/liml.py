"""Estimate the Feenstra system with limited information (METHODS 3.6): Soderbery's hybrid and HLIML.

The instruments are dummies of the varieties. Projections are therefore means by variety, and every matrix is a sum over
varieties.
"""

from __future__ import annotations

import numpy as np

from integrade.quality.feenstra import FRACTIONS, Array, Estimate, Moments, forward, invert, quadratic, search, solve
from integrade.quality.feenstra import squared_residual as squared

# alpha of Fuller's correction, as in METHODS 3.6
FULLER = 1.0


def soderbery(of: Moments, counts: Array) -> Estimate:
    """Estimate by Soderbery (2015): LIML with Fuller's correction, weighted in a second step by 1 / mean u^2.

    The mean of u^2 is taken by variety. If the result is not admissible, the estimate is the point with the smallest
    LIML ratio over sigma > 1 and 0 <= rho < (sigma - 1) / sigma.
    """
    theta = _fuller(of, counts)
    weights = counts / squared(of, theta)
    theta = _fuller(of, weights)
    sigma, rho = invert(theta[:, 1], theta[:, 2])
    lost = np.isnan(sigma)
    if lost.any():
        total, between, _ = _products(of, weights[lost])
        sigma[lost], rho[lost] = _constrained(total, total - between)
    return Estimate(sigma, rho, lost)


def hliml(of: Moments, counts: Array) -> Estimate:
    """Estimate by LIML that allows for heteroskedasticity (Hausman et al. 2012).

    Products of an observation with itself are left out of the projection. The estimate minimises A'(P - D)A / A'A with
    A = Y - X theta. P is the projection on the variety dummies, D its diagonal. The minimiser is the eigenvector of the
    smallest eigenvalue.
    """
    weights = counts * of.n
    ones = np.ones((len(of.n), 1))
    mean = np.concatenate([ones, of.mean], axis=1)
    second = np.concatenate([mean[:, :, None], np.concatenate([of.mean[:, None, :], of.second], axis=1)], axis=2)
    total = np.einsum("bv,vij->bij", weights, second, optimize=True)
    others = np.einsum("bv,vij->bij", counts, of.n[:, None, None] * mean[:, :, None] * mean[:, None, :] - second)
    scale = np.sqrt(np.einsum("bii->bi", total))
    total = total / scale[:, :, None] / scale[:, None, :]
    others = others / scale[:, :, None] / scale[:, None, :]
    values, vectors = np.linalg.eig(np.linalg.solve(total, others))
    smallest = np.argmin(values.real, axis=1)
    vector = np.take_along_axis(vectors.real, smallest[:, None, None], axis=2)[:, :, 0] / scale
    theta = -vector / vector[:, 1:2]
    sigma, rho = invert(theta[:, 2], theta[:, 3])
    return Estimate(sigma, rho, np.zeros(len(sigma), dtype=np.bool_))


def _products(of: Moments, weights: Array) -> tuple[Array, Array, Array]:
    """Return weighted cross-products of (Y, X1, X2): about their mean, and between varieties; also return the mean."""
    mass = weights * of.n
    size = mass.sum(axis=1)[:, None]
    mean = mass @ of.mean / size
    about = size[:, :, None] * mean[:, :, None] * mean[:, None, :]
    total = np.einsum("bv,vij->bij", mass, of.second, optimize=True) - about
    between = np.einsum("bv,vi,vj->bij", mass, of.mean, of.mean, optimize=True) - about
    return total, between, mean


def _fuller(of: Moments, weights: Array) -> Array:
    """Return theta (B, 3) of the k-class estimator; k is the k of LIML less FULLER / (differences - instruments)."""
    total, between, mean = _products(of, weights)
    scale = np.sqrt(np.einsum("bii->bi", total))
    total = total / scale[:, :, None] / scale[:, None, :]
    within = total - between / scale[:, :, None] / scale[:, None, :]
    here = np.sign(weights)
    spare = np.maximum(here @ of.n - here.sum(axis=1), 1.0)
    k = _least_root(within, total) - FULLER / spare
    inner = total - k[:, None, None] * within
    slopes = solve(inner[:, 1:, 1:], inner[:, 1:, 0]) * scale[:, :1] / scale[:, 1:]
    constant = mean[:, :1] - (slopes * mean[:, 1:]).sum(axis=1, keepdims=True)
    return np.concatenate([constant, slopes], axis=1)


def _least_root(within: Array, total: Array) -> Array:
    """Return the least eigenvalue of within^-1 total by set of weights (B,); missing if ``within`` is singular."""
    try:
        return np.asarray(np.linalg.eigvals(np.linalg.solve(within, total)).real.min(axis=1))
    except np.linalg.LinAlgError:
        if len(within) == 1:
            return np.array([np.nan])
        return np.concatenate([_least_root(a[None], b[None]) for a, b in zip(within, total, strict=True)])


def _constrained(total: Array, within: Array) -> tuple[Array, Array]:
    """Return the best point of the grid, refined by a local search if there is only one set of weights."""
    sigma, rho = search(lambda t1, t2: quadratic(total, t1, t2) / quadratic(within, t1, t2))
    if len(sigma) > 1:
        return sigma, rho
    from scipy.optimize import minimize

    def ratio(at: Array) -> float:
        s, r = _inside(at)
        theta = forward(s, r)
        return float((quadratic(total, *theta) / quadratic(within, *theta))[0, 0])

    start = np.array([np.log(sigma[0] - 1), rho[0] * sigma[0] / (sigma[0] - 1)])
    # sigma between 1.001 and 131.5, the upper end of the grid
    bounds = ((np.log(1e-3), np.log(130.5)), (0.0, float(FRACTIONS[-1])))
    optimum = minimize(ratio, start, method="L-BFGS-B", bounds=bounds)
    return _inside(optimum.x if optimum.fun < ratio(start) else start)


def _inside(at: Array) -> tuple[Array, Array]:
    """Return sigma and rho from ln(sigma - 1) and rho as a fraction of its bound."""
    sigma = 1 + np.exp(at[:1])
    return sigma, at[1:] * (sigma - 1) / sigma
