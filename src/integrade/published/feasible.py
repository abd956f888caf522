"""Is there any set of true values within the printed roundings that satisfies every identity?

For one estimate the unknowns are the coefficient and its standard error. All that a table prints beside it (t, p,
stars, an interval) bounds them by half-planes, once the sign of the coefficient is fixed and the distribution is left
as wide as the table allows. Whether the half-planes have a point in common is decided by clipping a polygon.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

HalfPlane = tuple[float, float, float]
"""``(a, c, d)``: a b + c se <= d."""
Point = tuple[float, float]
SLACK = 1e-9
"""Relative to the size of the terms at a corner: ends of intervals belong to them."""


def have_a_point(planes: Iterable[HalfPlane], box: tuple[float, float, float, float]) -> bool:
    """Whether half-planes have a point in common within ``(b low, b high, se low, se high)``."""
    left, right, bottom, top = box
    if left > right or bottom > top:
        return False
    polygon: list[Point] = [(left, bottom), (right, bottom), (right, top), (left, top)]
    for plane in planes:
        polygon = _clipped(polygon, plane)
        if not polygon:
            return False
    return True


def _clipped(polygon: Sequence[Point], plane: HalfPlane) -> list[Point]:
    """The part of a convex polygon in a half-plane (Sutherland and Hodgman)."""
    a, c, d = plane
    over = [a * x + c * y - d - SLACK * (abs(a * x) + abs(c * y) + abs(d)) for x, y in polygon]
    kept: list[Point] = []
    for n, (x, y) in enumerate(polygon):
        px, py = polygon[n - 1]
        before, here = over[n - 1], over[n]
        if (before > 0) != (here > 0):
            share = before / (before - here)
            kept.append((px + share * (x - px), py + share * (y - py)))
        if here <= 0:
            kept.append((x, y))
    return kept


def between(low: float, high: float) -> list[HalfPlane]:
    """``low se <= b <= high se`` for a positive standard error."""
    planes: list[HalfPlane] = []
    if math.isfinite(low):
        planes.append((-1.0, low, 0.0))
    if math.isfinite(high):
        planes.append((1.0, -high, 0.0))
    return planes


def smallest_conflict(facts: Iterable[str], holds: Callable[[Sequence[str]], bool]) -> tuple[str, ...]:
    """Names of facts of which none can be left out without the rest holding together; ``holds(names)`` decides."""
    names = list(facts)
    for name in list(names):
        rest = [n for n in names if n != name]
        if not holds(rest):
            names = rest
    return tuple(names)
