"""Decide whether any true values, within the printed rounding, satisfy every identity.

For one estimate, the unknown values are the coefficient and its standard error. Once the sign of the coefficient is
fixed, every number printed with it (t, p, stars, an interval) limits them by half-planes. The distribution has the
widest range of degrees of freedom that the table allows. Cutting a polygon by each half-plane shows whether they have a
point in common.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

HalfPlane = tuple[float, float, float]
"""``(a, c, d)``: the half-plane a b + c se <= d."""
Point = tuple[float, float]
SLACK = 1e-9
"""Tolerance relative to the size of the terms at a corner, because ends belong to an interval; a convention."""


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
    """Drop facts in the given order as long as the remaining ones conflict; return the names of those that remain.

    ``holds(names)`` returns whether facts are compatible.
    """
    names = list(facts)
    for name in list(names):
        others = [n for n in names if n != name]
        if not holds(others):
            names = others
    return tuple(names)
