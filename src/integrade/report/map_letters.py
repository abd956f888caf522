"""Find the point in the outline of a region at which its letters can be largest, and their size there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from integrade.wording.sheet import width as width_of

Ring = Sequence[tuple[float, float]]
STEPS = 9
"""Number of points that are tried across, and down, the box around a region."""
LETTER, LINE = 0.66, 1.15
"""The width of a letter and the height of a line, relative to the type size."""


@dataclass(frozen=True)
class LettersAt:
    """A point within a region, and the size of the largest letters that fit around it, in the units of the map."""

    x: float
    y: float
    size: float


def letters_at(ring: Ring, letters: str) -> LettersAt | None:
    """Return the grid point inside an outline where letters have the most room; None if no grid point is inside.

    A letter of size s is 0.66 s wide (a Chinese character 1.32 s) and 1.15 s high. They fit if they stay within the
    outline on the horizontal and the vertical line through the point, centred on it.
    """
    corners = np.asarray([*ring, ring[0]], dtype=float)
    wide = LETTER * max(width_of(letters), 1)
    (west, south), (east, north) = corners.min(axis=0), corners.max(axis=0)
    places = np.linspace(0, 1, STEPS + 2)[1:-1]
    best, most = None, 0.0
    for y in south + places * (north - south):
        for x in west + places * (east - west):
            across, up = _reach(corners, x, y), _reach(corners[:, ::-1], y, x)
            room = sorted((2 * across / wide, 2 * up / LINE))
            if room[0] > 0 and room[0] + room[1] / 4 > most:  # of points with about equal room, the central one
                best, most = LettersAt(float(x), float(y), room[0]), room[0] + room[1] / 4
    return best


def _reach(corners: NDArray[np.float64], x: float, y: float) -> float:
    """Return the horizontal distance from a point to the nearer side of the outline; zero outside the outline."""
    (x0, y0), (x1, y1) = corners[:-1].T, corners[1:].T
    crossed = (y0 > y) != (y1 > y)
    at = x0[crossed] + (y - y0[crossed]) / (y1[crossed] - y0[crossed]) * (x1[crossed] - x0[crossed])
    left, right = at[at <= x], at[at > x]
    return float(min(x - left.max(), right.min() - x)) if len(left) % 2 and len(right) else 0.0
