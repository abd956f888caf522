"""Decide whether true values exist that agree with every number printed for an estimate, within rounding.

The unknown true values are the coefficient b and its standard error se. For a fixed sign of b, each printed number (t,
p, stars, an interval) restricts the point (b, se) to half-planes. A rectangle is cut by one half-plane after another.
If nothing of it remains, the printed numbers contradict each other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

HalfPlane = tuple[float, float, float]
"""``(a, c, d)``: the half-plane a b + c se <= d."""
Point = tuple[float, float]
SLACK = 1e-9
"""Relative tolerance within which a corner counts as inside a half-plane (a convention)."""


def have_a_point(planes: Iterable[HalfPlane], box: tuple[float, float, float, float]) -> bool:
    """Return whether half-planes have a point in common within the box ``(b low, b high, se low, se high)``."""
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
    """Return the part of a convex polygon that is in a half-plane (Sutherland and Hodgman)."""
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
    """Return the half-planes for ``low se <= b <= high se``, with a positive standard error."""
    planes: list[HalfPlane] = []
    if math.isfinite(low):
        planes.append((-1.0, low, 0.0))
    if math.isfinite(high):
        planes.append((1.0, -high, 0.0))
    return planes


def smallest_conflict(facts: Iterable[str], holds: Callable[[Sequence[str]], bool]) -> tuple[str, ...]:
    """Return the names of conflicting facts, none of which can be left out without ending the conflict.

    Facts are left out in their order, if the remaining facts still conflict. ``holds(names)`` returns whether the named
    facts are compatible.
    """
    names = list(facts)
    for name in list(names):
        others = [n for n in names if n != name]
        if not holds(others):
            names = others
    return tuple(names)
