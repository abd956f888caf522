"""Many small symmetric systems at once, the same step on all of them: what a loop over clusters would take minutes for.

Stacks have the system last, (rows, columns, B), so that each step runs along contiguous numbers.
"""

from __future__ import annotations

import numpy as np

from integrade.regress.effects import Vector


def eliminate(stack: Vector, count: int) -> Vector:
    """Take the first ``count`` rows and columns out of symmetric matrices (s, s, B), in place; their pivots (count, B).

    Formula: ``A22 - A21 A11^-1 A12`` stands in the rest, by Gaussian elimination without exchanges (L D L'); rows below
    the diagonal of the first columns hold L D. Only the lower triangle is read and written. A pivot that is not
    positive is returned as it is and divided by 1 instead: what comes of its system has no meaning.
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
    """Solutions (k, B) of the systems whose right sides were the last rows of `eliminate`, with k pivots."""
    k = len(pivots)
    found = np.empty_like(pivots)
    for j in reversed(range(k)):
        right = stack[-1, j].copy()
        for i in range(j + 1, k):
            right -= stack[i, j] * found[i]
        found[j] = right / pivots[j]
    return found
