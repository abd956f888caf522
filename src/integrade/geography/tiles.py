"""Compute a tile map of regions from their positions: each region gets one cell, and moves as little as possible."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]


def tiles(middles: Sequence[tuple[float, float]]) -> list[tuple[int, int]]:
    """Return cells (column from the west, row from the north, both from 0) so that regions move as little as possible.

    Formula: the assignment of regions to cells that has the smallest sum of squared distances (linear_sum_assignment).
        The grid has about 1.6 cells for each region (a convention). The position of a region is half from its
        coordinates and half from its rank from the west and from the north. This spreads crowded areas and closes gaps.

    Args:
        middles: longitude and latitude (or x and y) of each region, all finite; two regions or more.

    Example:
        >>> tiles([(0.0, 10.0), (10.0, 10.0), (0.0, 0.0), (10.0, 0.0)])
        [(0, 0), (1, 0), (0, 2), (1, 2)]
    """
    from scipy.optimize import linear_sum_assignment

    at = np.array(middles, dtype=np.float64)
    x = at[:, 0] * math.cos(math.radians(float(np.clip(at[:, 1].mean(), -80, 80))))
    y = -at[:, 1]
    # 1e-9 avoids a division by zero; 1.6 cells per region and sides of at most 2:1 are conventions.
    wide, high = max(float(np.ptp(x)), 1e-9), max(float(np.ptp(y)), 1e-9)
    many = round(1.6 * len(at))
    columns = max(2, round(math.sqrt(many * min(max(wide / high, 0.5), 2.0))))
    rows = max(2, -(-many // columns))
    here = np.column_stack([_spread(x, wide) * (columns - 1), _spread(y, high) * (rows - 1)])
    cells = np.array([(c, r) for r in range(rows) for c in range(columns)])
    _, taken = linear_sum_assignment(((here[:, None, :] - cells[None, :, :]) ** 2).sum(axis=2))
    chosen = cells[taken] - cells[taken].min(axis=0)
    return [(int(c), int(r)) for c, r in chosen]


def _spread(x: Vector, size: float) -> Vector:
    """Scale coordinates to 0..1, half by their value and half by their rank."""
    rank = np.argsort(np.argsort(x, kind="stable"), kind="stable") / max(len(x) - 1, 1)
    return np.asarray((rank + (x - x.min()) / size) / 2)
