"""Run compiled passes over the rows of large matrices. The module imports numba, so use it only for many numbers.

``codes`` (n,) are groups of the rows. Sums are added in the order of the rows, as in sparse products. So results have
the same bits as sparse products, provided the compiler does not fuse a product and a sum into one operation. On x86-64
it does not fuse them.
"""

from __future__ import annotations

from typing import Any

from integrade.engine.compiling import compiled, fixed, whole
from integrade.regress.effects import Vector


@compiled((fixed("intp"), fixed("float64", 2), fixed("float64"), whole("float64", 2)))
def add(codes: Any, matrix: Vector, weights: Vector, sums: Vector) -> None:
    """Add the rows (n, k), times their weights (empty: all one), to the sums of their groups (levels, k)."""
    for i in range(len(codes)):
        at = codes[i]
        if len(weights):
            for c in range(matrix.shape[1]):
                sums[at, c] += weights[i] * matrix[i, c]
        else:
            for c in range(matrix.shape[1]):
                sums[at, c] += matrix[i, c]


@compiled((fixed("intp"), fixed("float64", 2), whole("float64", 2)))
def subtract(codes: Any, values: Vector, matrix: Vector) -> None:
    """Subtract from each row of the matrix (n, k) the values of its group (levels, k)."""
    for i in range(len(codes)):
        at = codes[i]
        for c in range(matrix.shape[1]):
            matrix[i, c] -= values[at, c]


@compiled((fixed("intp"), fixed("float64", 2), whole("float64", 2)))
def add_products(codes: Any, columns: Vector, sums: Vector) -> None:
    """Add the upper halves of the rows' outer products, packed by rows, to the sums of their groups (levels, .)."""
    for i in range(len(codes)):
        at, place = codes[i], 0
        for a in range(columns.shape[1]):
            value = columns[i, a]
            for b in range(a, columns.shape[1]):
                sums[at, place] += value * columns[i, b]
                place += 1
