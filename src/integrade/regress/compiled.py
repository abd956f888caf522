"""Run compiled passes over rows sorted by the largest effect. The module imports numba: use it only for large tables.

For i from ``starts[f]`` to ``starts[f + 1]``, the rows ``order[i]`` of the matrix (n, k) belong to level f. In this
order, ``codes`` (n, q) holds their dummies among the dummies of the other effects, and ``weights`` (n,) their weights
(empty: all one). ``totals`` holds the weight of each level. Every pass processes the levels ``low`` to ``high``, so
that several passes can run at once.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from integrade.engine.compiling import compiled
from integrade.regress.effects import Vector

_compiled = compiled()


@_compiled
def sort(codes: Any, starts: Any, order: Any) -> None:
    """Sort rows by level. Rows of one level keep their order; the rows of level f start at ``starts[f]``."""
    places = starts[:-1].copy()
    for i in range(len(codes)):
        f = codes[i]
        order[places[f]] = i
        places[f] += 1


@_compiled
def _take_means(kept: Vector, weights: Vector, start: int, count: int, total: float) -> None:
    """Subtract the weighted means of the first ``count`` rows from them."""
    for c in range(kept.shape[1]):
        mean = 0.0
        for i in range(count):
            mean += kept[i, c] * weights[start + i] if len(weights) else kept[i, c]
        mean /= total
        for i in range(count):
            kept[i, c] -= mean


@_compiled
def _give(kept: Vector, codes: Any, weights: Vector, start: int, count: int, sums: Vector) -> None:
    """Add the rows, multiplied by their weights, to the sums of their dummies."""
    for i in range(count):
        weight = weights[start + i] if len(weights) else 1.0
        for e in range(codes.shape[1]):
            at = codes[start + i, e]
            for c in range(kept.shape[1]):
                sums[at, c] += weight * kept[i, c]


@_compiled
def _longest(starts: Any, low: int, high: int) -> int:
    """Return the number of rows of the largest level."""
    longest = 1
    for f in range(low, high):
        longest = max(longest, starts[f + 1] - starts[f])
    return longest


@_compiled
def right_side(rows: tuple[Any, Any, Any, Vector, Vector], low: int, high: int, matrix: Vector, sums: Vector) -> None:
    """Add ``D'W M y`` to ``sums``: the sums by dummy (T, k) of the columns y net of the largest effect."""
    starts, order, codes, weights, totals = rows
    kept = np.empty((_longest(starts, low, high), matrix.shape[1]))
    for f in range(low, high):
        start, count = starts[f], starts[f + 1] - starts[f]
        for i in range(count):
            for c in range(matrix.shape[1]):
                kept[i, c] = matrix[order[start + i], c]
        _take_means(kept, weights, start, count, totals[f])
        _give(kept, codes, weights, start, count, sums)


@_compiled
def times(rows: tuple[Any, Any, Any, Vector, Vector], low: int, high: int, slopes: Vector, sums: Vector) -> None:
    """Add ``D'W M D slopes`` (T, k) to ``sums``. D are the dummies; M removes the largest effect."""
    starts, _, codes, weights, totals = rows
    kept = np.empty((_longest(starts, low, high), slopes.shape[1]))
    for f in range(low, high):
        start, count = starts[f], starts[f + 1] - starts[f]
        for i in range(count):
            for c in range(slopes.shape[1]):
                value = 0.0
                for e in range(codes.shape[1]):
                    value += slopes[codes[start + i, e], c]
                kept[i, c] = value
        _take_means(kept, weights, start, count, totals[f])
        _give(kept, codes, weights, start, count, sums)


@_compiled
def take(rows: tuple[Any, Any, Any, Vector, Vector], low: int, high: int, slopes: Vector, matrix: Vector) -> None:
    """Replace y by ``M (y - D slopes)``."""
    starts, order, codes, weights, totals = rows
    kept = np.empty((_longest(starts, low, high), slopes.shape[1]))
    for f in range(low, high):
        start, count = starts[f], starts[f + 1] - starts[f]
        for i in range(count):
            for c in range(slopes.shape[1]):
                value = matrix[order[start + i], c]
                for e in range(codes.shape[1]):
                    value -= slopes[codes[start + i, e], c]
                kept[i, c] = value
        _take_means(kept, weights, start, count, totals[f])
        for i in range(count):
            for c in range(slopes.shape[1]):
                matrix[order[start + i], c] = kept[i, c]


@_compiled
def table_gram(starts: Any, columns: Any, cells: Vector, totals: Vector, gram: Vector) -> None:
    """Add the upper half of ``C' diag(1/W) C`` (T, T) for a table C in sparse rows.

    A column occurs at most once in a row.
    """
    for f in range(len(totals)):
        share = 1 / totals[f]
        for i in range(starts[f], starts[f + 1]):
            a = columns[i]
            for j in range(i, starts[f + 1]):
                b = columns[j]
                if a <= b:
                    gram[a, b] += cells[i] * (cells[j] * share)
                else:
                    gram[b, a] += cells[i] * (cells[j] * share)
