"""Decide whether a symmetric matrix is positive definite, and find its extreme eigenvalues, by Cholesky's method."""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import mul

Matrix = Sequence[Sequence[float]]
"""Rows of a symmetric matrix ``(n, n)``."""
STEPS = 60
"""Halvings and iterations: the remaining error is below that of floating point (a convention)."""


def is_definite(matrix: Matrix, shift: float) -> bool:
    """Return whether all eigenvalues of the matrix are above ``-shift``."""
    return _factor(matrix, shift) is not None


def largest_eigenvalue(matrix: Matrix) -> float:
    """Return the largest eigenvalue of a matrix without negative numbers, which is its norm, or a little more.

    The product of such a matrix and a positive vector v gives a bound: the largest ratio of (M v)_i to v_i
    (Collatz and Wielandt). The bound falls with each step. The diagonal is raised, so that the steps do not alternate.
    """
    most = max(map(sum, matrix))
    if most == 0:
        return 0.0
    v = [1.0] * len(matrix)
    bound = most
    for _ in range(STEPS):
        product = [sum(map(mul, row, v)) for row in matrix]
        bound = min(bound, max(p / x for p, x in zip(product, v, strict=True)))
        raised = [p + most * x for p, x in zip(product, v, strict=True)]
        scale = max(raised)
        v = [x / scale for x in raised]
    return bound


def smallest_eigenvalue(matrix: Matrix) -> tuple[float, list[float]]:
    """Return the smallest eigenvalue of a matrix, and its vector of length one.

    Shifts for which the matrix is still positive definite are halved towards the eigenvalue; then inverse iteration
    finds the vector.
    """
    high = max(sum(map(abs, row)) for row in matrix)  # no eigenvalue is below -high (Gershgorin)
    low, high = -high, high * (1 + 1e-12) + 1e-12
    factor = _factor(matrix, high)
    assert factor is not None
    # 1e-7 of the size is near enough: inverse iteration gains the remaining digits.
    while high - low > 1e-7 * max(1.0, high):
        middle = (low + high) / 2
        closer = _factor(matrix, middle)
        if closer is None:
            low = middle
        else:
            high, factor = middle, closer
    v = [1.0 + i / len(matrix) for i in range(len(matrix))]
    for _ in range(8):  # each step gains the digits by which the next eigenvalue is further away
        v = _solved(factor, v)
        length = math.sqrt(sum(map(mul, v, v)))
        v = [x / length for x in v]
    return sum(x * sum(map(mul, row, v)) for x, row in zip(v, matrix, strict=True)), v


def _factor(matrix: Matrix, shift: float) -> list[list[float]] | None:
    """Return the rows of the lower L with L L' = matrix + shift I; None if that matrix is not positive definite."""
    rows: list[list[float]] = []
    for i, source in enumerate(matrix):
        row: list[float] = []
        for j, before in enumerate(rows):
            row.append((source[j] - sum(map(mul, row, before))) / before[j])
        pivot = source[i] + shift - sum(map(mul, row, row))
        if pivot <= 0:
            return None
        rows.append([*row, math.sqrt(pivot)])
    return rows


def _solved(factor: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """Return x with L L' x = right."""
    y: list[float] = []
    for row, value in zip(factor, right, strict=True):
        y.append((value - sum(map(mul, y, row))) / row[-1])
    x = y[:]
    for i in reversed(range(len(x))):
        x[i] /= factor[i][i]
        for j in range(i):
            x[j] -= factor[i][j] * x[i]
    return x
