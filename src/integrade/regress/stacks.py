"""Apply the same step to many small symmetric systems at once; a loop over clusters would take minutes.

Stacks have the system index last, (rows, columns, B), so that each step runs along contiguous numbers.
"""

from __future__ import annotations

import numpy as np

from integrade.regress.effects import Vector


def eliminate(stack: Vector, count: int) -> Vector:
    """Eliminate the first ``count`` rows and columns of symmetric matrices (s, s, B) in place; return the pivots.

    The pivots have shape (count, B).

    Formula: the rest becomes ``A22 - A21 A11^-1 A12``, by Gaussian elimination without exchanges (L D L'). Rows below
        the diagonal of the first columns hold L D. Only the lower triangle is read and written. A pivot that is not
        positive is returned unchanged, but 1 is used in its place when dividing. The result for that matrix then has
        no meaning.
    """
    pivots = np.empty((count, stack.shape[2]))
    for j in range(count):
        pivots[j] = stack[j, j]
        below = stack[j + 1 :, j]
        scaled = below / np.where(pivots[j] > 0, pivots[j], 1.0)
        for i in range(len(below)):
            stack[j + 1 + i, j + 1 : j + 2 + i] -= below[i] * scaled[: i + 1]
    return pivots


def back_substitute(stack: Vector, pivots: Vector) -> Vector:
    """Return the solutions (k, B) of systems with k pivots whose right sides were the last rows in `eliminate`."""
    k = len(pivots)
    solution = np.empty_like(pivots)
    for j in reversed(range(k)):
        right = stack[-1, j].copy()
        for i in range(j + 1, k):
            right -= stack[i, j] * solution[i]
        solution[j] = right / pivots[j]
    return solution
