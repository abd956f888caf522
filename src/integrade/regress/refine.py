"""One step of iterative refinement in extended precision, for regressors that nearly repeat one another.

The step needs residuals and their products with the columns to more digits than the answer: both are summed in
``np.longdouble`` (64 bits of mantissa on x86; where it is a plain double the step gains little). With the triangular
factor R of the unit columns, the error of the coefficients shrinks by about ``eps * cond^2`` through ``R'R`` and by
``eps * cond`` through Q as well, so `orthogonal` serves where `gradient` with ``R'R`` would not converge.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from integrade.regress.effects import Vector

_BLOCK = 16_384
_ZERO = np.longdouble(0)


def gradient(x: Vector, y: Vector, b: Vector, weights: Vector | None) -> Vector:
    """``x'W(y - x b)``, shape (k,), summed in extended precision."""
    total = np.zeros(x.shape[1], dtype=np.longdouble)
    for start in range(0, len(x), _BLOCK):
        rows = slice(start, start + _BLOCK)
        block = x[rows].astype(np.longdouble)
        left = y[rows] - block @ b
        total += (left if weights is None else left * weights[rows]) @ block
    return total.astype(np.float64)


def residuals(x: Vector, y: Vector, b: Any) -> Vector:
    """``y - x b`` (n,), rounded once."""
    found = np.empty(len(y))
    for start in range(0, len(x), _BLOCK):
        rows = slice(start, start + _BLOCK)
        found[rows] = y[rows] - x[rows].astype(np.longdouble) @ b
    return found


def orthogonal(x: Vector, y: Vector, weights: Vector | None = None, *, steps: int = 1) -> tuple[Any, Vector]:
    """Coefficients (k,) by QR, in extended precision, and the inverse (k, k) of the factor; ``steps`` of refinement.

    Each step solves ``r + x b = y, x'r = 0`` for what both equations still lack (Bjorck 1967).
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
