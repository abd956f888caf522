"""Refine least squares in extended precision, for regressors that are nearly collinear.

A refinement step needs residuals, and their products with the columns, to more digits than the answer. So both are
summed in ``np.longdouble``, which has a mantissa of 64 bits on x86. On machines where it is a plain double, the step
gains little. Let R be the triangular factor of the unit columns. A step with ``R'R`` shrinks the error of the
coefficients by about ``eps * cond^2``; a step that also uses Q shrinks it by ``eps * cond``. So use `orthogonal` if
`gradient` with ``R'R`` would not converge.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from integrade.regress.effects import Vector

_BLOCK = 16_384  # rows at a time, so that temporaries stay in cache
_ZERO = np.longdouble(0)


def gradient(x: Vector, y: Vector, b: Vector, weights: Vector | None) -> Vector:
    """Return ``x'W(y - x b)``, shape (k,), summed in extended precision."""
    total = np.zeros(x.shape[1], dtype=np.longdouble)
    for start in range(0, len(x), _BLOCK):
        rows = slice(start, start + _BLOCK)
        block = x[rows].astype(np.longdouble)
        left = y[rows] - block @ b
        total += (left if weights is None else left * weights[rows]) @ block
    return total.astype(np.float64)


def residuals(x: Vector, y: Vector, b: Any) -> Vector:
    """Return ``y - x b`` (n,), rounded once."""
    rounded = np.empty(len(y))
    for start in range(0, len(x), _BLOCK):
        rows = slice(start, start + _BLOCK)
        rounded[rows] = y[rows] - x[rows].astype(np.longdouble) @ b
    return rounded


def orthogonal(x: Vector, y: Vector, weights: Vector | None = None, *, steps: int = 1) -> tuple[Any, Vector]:
    """Return coefficients (k,) by QR in extended precision, and the inverse (k, k) of the triangular factor.

    Each of the ``steps`` of refinement solves ``r + x b = y, x'r = 0`` for the remaining errors of both equations
    (Bjorck 1967).
    """
    root = None if weights is None else np.sqrt(weights.astype(np.longdouble))
    wide = x.astype(np.longdouble) if root is None else x * root[:, None]
    high = y.astype(np.longdouble) if root is None else y * root
    norms = np.asarray(np.sqrt((wide * wide).sum(axis=0)), dtype=np.float64)
    q, upper = np.linalg.qr((wide / norms).astype(np.float64))
    b = np.zeros(x.shape[1], dtype=np.longdouble)
    left = np.zeros(len(y), dtype=np.longdouble)
    for _ in range(1 + steps):
        lacking = (high - left - wide @ b).astype(np.float64)
        slope = (-(left @ wide) / norms).astype(np.float64)
        change = q.T @ lacking - np.linalg.solve(upper.T, slope)
        b = b + np.linalg.solve(upper, change) / norms
        left = left + (lacking - q @ change)
    return b, np.linalg.inv(upper) / norms[:, None]
