"""Compute elasticities of substitution from given second moments of prices and shares (METHODS 3.6).

Assume demand with slope -(sigma - 1), supply with slope omega/(1 + omega) and independent shocks. In differences over
time and to a reference variety, Y = theta0 + theta1 X1 + theta2 X2 + u with Y = (dln p)^2, X1 = (dln s)^2, X2 = dln p
dln s, and the mean of u zero for every variety. All functions use only the moments of each variety, so a bootstrap draw
of varieties is a set of weights. B is the number of sets of weights, V the number of varieties.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
Mask: TypeAlias = NDArray[np.bool_]
Criterion: TypeAlias = Callable[[Array, Array], Array]  # theta1 (G,), theta2 (G,) -> (B, G)

_LOW, _HIGH, _RATIO = 1.05, 131.5, 1.05  # the grid of sigma of Broda and Weinstein (2006), in steps of 5%
SIGMAS: Array = _LOW * _RATIO ** np.arange(np.floor(np.log(_HIGH / _LOW) / np.log(_RATIO)) + 1)
FRACTIONS: Array = np.arange(100) / 100  # rho as a fraction of its bound (sigma - 1) / sigma
# the smallest mean square of Y, so that a variety whose price never changes does not divide by zero
_TINY = 1e-300


@dataclass(frozen=True)
class Moments:
    """Moments of each variety of one good.

    The moments are the number of differences, the means of (Y, X1, X2), the means of their products, and the mean noise
    of unit values.
    """

    n: Array  # (V,)
    mean: Array  # (V, 3)
    second: Array  # (V, 3, 3)
    noise: Array  # (V,) mean of 1/q_t + 1/q_t-1


@dataclass(frozen=True)
class Estimate:
    """Sigma and rho for every set of weights.

    ``searched`` is true if sigma and rho come from a search, because the closed form was not admissible.
    """

    sigma: Array  # (B,), missing where nothing is admissible
    rho: Array  # (B,)
    searched: Mask  # (B,)


def forward(sigma: Array, rho: Array) -> tuple[Array, Array]:
    """Return theta1 = rho / ((sigma - 1)^2 (1 - rho)) and theta2 = (2 rho - 1) / ((sigma - 1)(1 - rho))."""
    return rho / ((sigma - 1) ** 2 * (1 - rho)), (2 * rho - 1) / ((sigma - 1) * (1 - rho))


def invert(theta1: Array, theta2: Array) -> tuple[Array, Array]:
    """Return sigma and rho for given theta; missing unless theta1 > 0, sigma > 1 and 0 <= rho < (sigma - 1) / sigma."""
    theta1, theta2 = np.asarray(theta1, dtype=np.float64), np.asarray(theta2, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.sqrt(np.maximum(0.25 - 1 / (4 + theta2**2 / theta1), 0))
        rho = 0.5 + np.sign(theta2) * root
        # at rho = 1/2 the formula is 0/0; its limit is 1 + theta1^(-1/2)
        sigma = np.where(root > 0, 1 + (2 * rho - 1) / ((1 - rho) * theta2), 1 + 1 / np.sqrt(theta1))
        good = (theta1 > 0) & (sigma > 1) & (rho >= 0) & (rho < (sigma - 1) / sigma)
    return np.where(good, sigma, np.nan), np.where(good, rho, np.nan)


def supply(sigma: Array, rho: Array) -> Array:
    """Return omega = rho / (sigma - 1 - sigma rho), the inverse elasticity of supply."""
    return np.asarray(rho / (sigma - 1 - sigma * rho))


def feenstra(of: Moments, counts: Array) -> Estimate:
    """Estimate by Feenstra (1994): least squares on means of varieties, then weighted by the inverse mean of u^2.

    Means are weighted by the number of differences (times ``counts``, (B, V)). This is two-stage least squares with
    variety dummies as instruments.
    """
    weights = counts * of.n
    theta = _means_regression(of, weights)
    theta = _means_regression(of, weights / squared_residual(of, theta))
    sigma, rho = invert(theta[:, 1], theta[:, 2])
    return Estimate(sigma, rho, np.zeros(len(sigma), dtype=np.bool_))


def broda_weinstein(of: Moments, counts: Array) -> Estimate:
    """Estimate by Broda and Weinstein (2006): weights T^(3/2) (1/q_t + 1/q_t-1)^(-1/2), noise as a regressor.

    If the result is not admissible, the best point of a grid is returned, with sigma in [1.05, 131.5] and rho below its
    bound.
    """
    weights = counts * of.n**1.5 / np.sqrt(of.noise)
    theta = _means_regression(of, weights, of.noise)
    sigma, rho = invert(theta[:, 1], theta[:, 2])
    lost = np.isnan(sigma)
    if lost.any():
        cross = _partialled(of, weights[lost], of.noise)
        sigma[lost], rho[lost] = search(lambda t1, t2: quadratic(cross, t1, t2))
    return Estimate(sigma, rho, lost)


def _means_regression(of: Moments, weights: Array, extra: Array | None = None) -> Array:
    """Return coefficients (B, 3 or 4) of a regression of the means of Y on 1, X1, X2 (, extra).

    Coefficients are missing if the regression is singular.
    """
    columns = [np.ones(len(of.n)), of.mean[:, 1], of.mean[:, 2]] + ([] if extra is None else [extra])
    scale = np.array([np.sqrt((c**2).mean()) or 1.0 for c in columns])
    X = np.stack(columns, axis=1) / scale
    gram = np.einsum("bv,vi,vj->bij", weights, X, X, optimize=True)
    right = np.einsum("bv,vi,v->bi", weights, X, of.mean[:, 0], optimize=True)
    return np.asarray(solve(gram, right) / scale)


def solve(gram: Array, right: Array) -> Array:
    """Return solutions (B, k) of symmetric systems (B, k, k); missing if a system is singular to working precision.

    A condition number of 1e14 or more leaves no correct digit in double precision.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        bad = ~(np.linalg.cond(np.where(np.isfinite(gram), gram, 0.0)) < 1e14)
    safe = np.where(bad[:, None, None], np.eye(gram.shape[1]), gram)
    return np.where(bad[:, None], np.nan, np.linalg.solve(safe, right[:, :, None])[:, :, 0])


def squared_residual(of: Moments, theta: Array) -> Array:
    """Return the mean over time of u^2 by set of weights and variety, (B, V).

    ``theta`` (B, 3) has the constant first.
    """
    c = np.concatenate([np.ones((len(theta), 1)), -theta[:, 1:3]], axis=1)
    square = np.einsum("bi,vij,bj->bv", c, of.second, c, optimize=True)
    mean = np.einsum("bi,vi->bv", c, of.mean)
    squares = square - 2 * theta[:, :1] * mean + theta[:, :1] ** 2
    # a variety that fits exactly would get an infinite weight; 1e-12 is a convention
    return np.asarray(np.maximum(squares, 1e-12 * np.maximum(of.second[:, 0, 0], _TINY)))


def _partialled(of: Moments, weights: Array, extra: Array) -> Array:
    """Return weighted cross-products (B, 3, 3) of the means of (Y, X1, X2) net of a constant and ``extra``."""
    Z = np.stack([np.ones(len(extra)), extra / extra.mean()], axis=1)
    cross = np.einsum("bv,vi,vj->bij", weights, of.mean, of.mean, optimize=True)
    both = np.einsum("bv,vi,vj->bij", weights, Z, of.mean, optimize=True)
    gram = np.einsum("bv,vi,vj->bij", weights, Z, Z, optimize=True)
    return np.asarray(cross - np.swapaxes(both, 1, 2) @ np.linalg.pinv(gram) @ both)


def quadratic(cross: Array, theta1: Array, theta2: Array) -> Array:
    """Return c'Ac with c = (1, -theta1, -theta2), where A (B, 3, 3) are cross-products.

    The result is (B, G) for points (G,).
    """
    ones = np.ones_like(theta1)
    terms = np.stack([ones, theta1**2, theta2**2, -2 * theta1, -2 * theta2, 2 * theta1 * theta2])
    at = ([0, 1, 2, 0, 0, 1], [0, 1, 2, 1, 2, 2])
    return np.asarray(cross[:, at[0], at[1]] @ terms)


def search(criterion: Criterion) -> tuple[Array, Array]:
    """Return the grid point of sigma and rho at which the criterion is smallest, for every set of weights."""
    sigma = np.repeat(SIGMAS, len(FRACTIONS))
    rho = (sigma - 1) / sigma * np.tile(FRACTIONS, len(SIGMAS))
    values = criterion(*forward(sigma, rho))
    values[np.isnan(values)] = np.inf
    best = np.argmin(values, axis=1)
    return sigma[best], rho[best]
