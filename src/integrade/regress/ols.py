"""Run least squares on columns whose effects are already removed.

Collinear columns are found and dropped with a reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from integrade.regress import refine
from integrade.regress.effects import Vector

COLLINEAR = 1e-9  # a column with at most this share of its norm net of earlier columns is collinear (METHODS 5.1)
_CLEAR = 1e-8  # with a smallest pivot above this, normal equations and one refinement are as good as QR
ILL = 1e6  # with a larger condition number, double precision loses more than half of its digits
_BLOCK = 16_384  # rows at a time, so that temporaries stay in cache
Why = Literal["absorbed by effects", "collinear"]


@dataclass(frozen=True)
class Solution:
    """Coefficients (k,), ``bread`` = (X'WX)^-1 (k, k) and residuals (n,).

    If there are no residuals, ``ssr`` holds their sum of squares.
    """

    coefficients: Vector
    bread: Vector
    residuals: Vector
    ssr: float | None = None


def squares(solution: Solution, weights: Vector | None = None) -> float:
    """Return the sum of squared residuals, ``u'Wu``."""
    if solution.ssr is not None:
        return solution.ssr
    u = solution.residuals
    return float(u @ (u if weights is None else u * weights))


def cross_products(matrix: Vector, weights: Vector | None = None) -> Vector:
    """Return ``Z'WZ``, shape (m, m)."""
    if weights is None:
        return np.asarray(matrix.T @ matrix)
    total = np.zeros((matrix.shape[1], matrix.shape[1]))
    for start in range(0, len(matrix), _BLOCK):
        block = matrix[start : start + _BLOCK]
        total += block.T @ (block * weights[start : start + _BLOCK, None])
    return (total + total.T) / 2


def block_moments(columns: Vector, weights: Vector | None = None) -> Vector:
    """Return, as one vector, the total weight, means and squares about the means of the columns of a block (m, n)."""
    if weights is None:
        mass = float(columns.shape[1])
        means = columns.sum(axis=1) / mass
        away = columns - means[:, None]
        return np.concatenate([[mass], means, np.einsum("ij,ij->i", away, away)])
    mass = float(weights.sum())
    means = columns @ weights / mass
    away = columns - means[:, None]
    return np.concatenate([[mass], means, (away * away) @ weights])


def moments(blocks: Sequence[Vector], rows: int) -> tuple[Vector, Vector]:
    """Return means and standard deviations of columns from the `block_moments` of blocks of rows.

    The divisor of the variance is n - 1; with weights it is the share (n - 1) / n of the total weight.
    """
    stacked = np.array(blocks)
    mass, m = stacked[:, 0], stacked.shape[1] // 2
    total, means = mass.sum(), mass @ stacked[:, 1 : m + 1] / mass.sum()
    squares = stacked[:, m + 1 :].sum(axis=0) + mass @ (stacked[:, 1 : m + 1] - means) ** 2
    return means, np.sqrt(squares / total * (rows / max(rows - 1, 1)))


def independent(
    matrix: Vector, gram: Vector, *, floors: Vector, weights: Vector | None = None
) -> tuple[list[int], dict[int, Why]]:
    """Return the columns to keep, chosen from left to right, and the reason why each other column is dropped.

    ``floors`` (k,) is the norm below which a column counts as absorbed by the effects.
    """
    norms = np.sqrt(np.diag(gram))
    why: dict[int, Why] = {int(j): "absorbed by effects" for j in np.flatnonzero(norms <= floors)}
    kept = [j for j in range(len(norms)) if j not in why]
    if not kept or _pivots(gram[np.ix_(kept, kept)], norms[kept]).min() > _CLEAR:
        return kept, why
    while True:
        unit = matrix[:, kept] / norms[kept]
        if weights is not None:
            unit *= np.sqrt(weights)[:, None]
        low = np.flatnonzero(np.abs(np.diag(np.linalg.qr(unit, mode="r"))) <= COLLINEAR)
        if not len(low):
            return kept, why
        why[kept.pop(int(low[0]))] = "collinear"


def _pivots(gram: Vector, norms: Vector) -> Vector:
    """Return the squared norm of each unit column net of the earlier columns.

    All are 0 if the Cholesky decomposition fails.
    """
    scaled = gram / np.outer(norms, norms)
    pivots = np.zeros(len(norms))
    try:
        pivots[:] = np.diag(np.linalg.cholesky(scaled)) ** 2
    except np.linalg.LinAlgError:
        return pivots
    return pivots


def needs_rows(gram: Vector) -> bool:
    """Return whether columns are too close to collinear for their cross-products (k, k), so that QR is needed."""
    norms = np.sqrt(np.diag(gram))
    return len(norms) > 0 and bool(_pivots(gram, norms).min() <= _CLEAR)


def orthonormal(x: Vector, weights: Vector | None) -> tuple[Vector, Vector]:
    """Return combinations q = x T (n, k) of the columns with ``q'Wq = I``, and the matrix T (k, k).

    Coefficients c on q give the same fit as the coefficients T c on x.
    """
    root = np.ones((len(x), 1)) if weights is None else np.sqrt(weights)[:, None]
    unit = x * root
    norms = np.sqrt(np.einsum("ij,ij->j", unit, unit))
    basis, upper = np.linalg.qr(unit / norms)
    return basis / root, np.linalg.inv(upper) / norms[:, None]


def least_squares(
    x: Vector, y: Vector, weights: Vector | None = None, *, known: tuple[Vector, Vector] | None = None
) -> Solution:
    """Regress y (n,) on independent columns x (n, k), by normal equations or QR, then refine once.

    QR is used if a pivot of the normal equations is too small. Beyond a condition number of `ILL`, and whenever QR is
    needed, the refinement is in extended precision. ``known`` holds x'Wx and x'Wy if they are already computed.
    """
    if x.shape[1] == 0:
        return Solution(np.zeros(0), np.zeros((0, 0)), y.copy())
    gram = cross_products(x, weights) if known is None else known[0]
    right = x.T @ (y if weights is None else y * weights) if known is None else known[1]
    norms = np.sqrt(np.diag(gram))
    if needs_rows(gram):
        precise, inverse = refine.orthogonal(x, y, weights)
        return Solution(precise.astype(np.float64), inverse @ inverse.T, refine.residuals(x, y, precise))
    upper = np.linalg.cholesky(gram / np.outer(norms, norms)).T
    inverse = np.linalg.inv(upper) / norms[:, None]
    bread = inverse @ inverse.T
    coefficients = inverse @ (inverse.T @ right)
    if np.linalg.cond(upper * norms) > ILL:
        change = inverse @ (inverse.T @ refine.gradient(x, y, coefficients, weights))
        precise = coefficients + change.astype(np.longdouble)
        return Solution(precise.astype(np.float64), bread, refine.residuals(x, y, precise))
    residuals, gradient = _residuals(x, y, coefficients, weights)
    change = inverse @ (inverse.T @ gradient)
    coefficients = coefficients + change
    # a change larger than rounding (1e-15) means that the residuals must be recomputed
    if np.max(np.abs(change * norms)) > 1e-15 * np.max(np.abs(coefficients * norms)):
        residuals = y - x @ coefficients
    return Solution(coefficients, bread, residuals)


def _residuals(x: Vector, y: Vector, coefficients: Vector, weights: Vector | None) -> tuple[Vector, Vector]:
    """Return ``u = y - x b`` (n,) and ``x'Wu`` (k,) in one pass."""
    residuals, gradient = np.empty(len(y)), np.zeros(x.shape[1])
    for start in range(0, len(y), _BLOCK):
        rows = slice(start, start + _BLOCK)
        left = residuals[rows]
        np.subtract(y[rows], x[rows] @ coefficients, out=left)
        gradient += x[rows].T @ (left if weights is None else left * weights[rows])
    return residuals, gradient
