"""Check that the parts of a file have the same basis: its early and late periods, each good, each region.

The basis of a whole file is that of most of its series. A few goods or regions of another basis, or a change of basis
in the middle, are found only if each part is tested separately. A part contradicts the whole if it surely has another
kind of basis, or if only this part returns to its base at one period. docs/basis.md has the boundaries.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Vector: TypeAlias = NDArray[np.float64]
Told: TypeAlias = Callable[[Vector, float], str]
"""Function that detects the basis of a part's values (T, N, K); "unknown" if it is less sure than the number given."""

KINDS: Mapping[str, str] = {
    "link": "changes",
    "rate": "changes",
    "fixed": "levels",
    "level": "levels",
    "fixed_or_level": "levels",
    "year_on_year": "years",
    "rate_year_on_year": "years",
}
"""Kind of each basis; measures treat bases of different kinds differently."""
ENDS = (1 / 2, 1 / 3)
"""Shares of the periods at either end that are tested separately."""
SURE = 4.0
"""Standard errors from the boundary that one part among many needs."""
FOLLOWS = 0.5
"""Slope on the median region below which a region does not follow it."""
FEW = 5
"""Fewest series of a part in a period, and fewest periods, for the search for returns to the base."""
LEAP, LEFT, ALONE = 3.0, 0.3, 8.0
"""Conditions for a return of a part to its base.

``LEAP``: smallest change, in usual changes. ``LEFT``: largest share of the distance that may be left. ``ALONE``:
smallest change of a region relative to the median region, in usual changes.
"""
TOGETHER, HALF = 0.9, 0.6
"""Condition on the series that are farther away than the median one.

At least the share ``TOGETHER`` of them must be left with at most the share ``HALF`` of their distance.
"""


def another(values: Vector, basis: str, told: Told) -> tuple[str, int, str] | None:
    """Find parts whose own basis is of another kind than ``basis``.

    Periods: the first or last half or third. Goods: each with all regions. Regions, if the whole has levels: each by
    the differences between its goods (one that does not follow the nation need not be as sure). Regions otherwise: each
    together with the next, because a difference of levels and changes lasts. Returns the kind of part (periods, goods
    or regions), how many, and their basis; None if no part surely has another kind.
    """
    kind = KINDS.get(basis)
    if kind is None:
        return None
    ends = [part for share in ENDS for part in _ends(values, share)]
    goods = [values[:, :, k : k + 1] for k in range(values.shape[2])]
    regions = list(_each(values) if kind == "levels" else _pairs(values))
    strangers = [values[:, i, :, None] for i in _strangers(values)] if kind == "levels" else []
    for name, parts, sure in (
        ("periods", ends, SURE),
        ("goods", goods, SURE),
        ("regions", strangers, 0.0),
        ("regions", regions, SURE),
    ):
        wrong = [b for part in parts if KINDS.get(b := told(part, sure), kind) != kind and _may_be(b, part)]
        if wrong:
            return name, len(wrong), wrong[0]
    return None


def _pairs(values: Vector) -> Iterator[Vector]:
    n = values.shape[1]
    for i in range(n if n > 2 else 0):
        yield values[:, [i, (i + 1) % n], :]


def _each(values: Vector) -> Iterator[Vector]:
    for i in range(values.shape[1]):
        yield values[:, i, :, None]


def _strangers(values: Vector) -> list[int]:
    """Return the regions that do not follow the nation while the others do.

    The factor 1.4826 makes the median absolute deviation a standard deviation under normality.
    """
    slope = _following(np.log(values))
    usual = 1.4826 * float(np.median(np.abs(slope - np.median(slope))))
    return [int(i) for i in np.flatnonzero((slope < FOLLOWS) & (1 - slope > ALONE * usual))]


def _following(logs: Vector) -> Vector:
    """Return the slope of each region (N) on the median region over time, over all goods, each about its mean."""
    there = np.isfinite(logs)
    mean = np.where(there, logs, 0.0).sum(axis=0) / np.maximum(there.sum(axis=0), 1)
    x = logs - mean
    nation = _middle(x)[:, None, :]
    cross, size = (np.where(there, nation * y, 0.0).sum(axis=(0, 2)) for y in (x, nation))
    return np.asarray(np.where(size > 0, cross / np.where(size > 0, size, 1.0), 1.0))


def _may_be(basis: str, part: Vector) -> bool:
    """Return whether a basis may be true of a part: rates need negative values.

    Low prices in money look like rates.
    """
    return not basis.startswith("rate") or bool(np.nanmin(part) < 0)


def _ends(values: Vector, share: float) -> Iterator[Vector]:
    n = math.ceil(len(values) * share)
    yield values[:n]
    yield values[-n:]


def returns_of_parts(logs: Vector, bases: Sequence[int]) -> tuple[str, int, int] | None:
    """Find regions or goods that return to their base at once while the others do not.

    ``logs`` (T, N, K) are relative to the base; base periods that all share are left out. At a return, a part keeps at
    most `LEFT` of its distance, after a change of at least `LEAP` usual changes. A region returns with all its goods,
    and its mean change relative to the median region is at least `ALONE` times the usual one. A good returns with all
    its regions, and so do the differences between them. Returns "regions" or "goods", how many, and the most frequent
    period.
    """
    steps = np.diff(logs, axis=0)
    beside = _middle((steps - _middle(steps)[:, None, :]).transpose(0, 2, 1))
    usual = 1.4826 * float(np.nanmedian(np.abs(beside))) if np.isfinite(beside).any() else math.inf
    alone = np.abs(beside) > ALONE * usual
    regions = [_return(logs[:, i, :], bases, alone[:, i]) for i in range(logs.shape[1])]
    goods = [_return(logs[:, :, k], bases) for k in range(logs.shape[2])]
    for name, periods in (("regions", regions), ("goods", goods)):
        seen = [t for t in periods if t is not None]
        if seen:
            return name, len(seen), max(set(seen), key=seen.count)
    return None


def _middle(x: Vector) -> Vector:
    """Return the median over the second of three axes, NaN if all are missing; without warnings."""
    ordered, n = np.sort(x, axis=1), np.isfinite(x).sum(axis=1)
    low, high = (np.take_along_axis(ordered, np.maximum(at, 0)[:, None], 1)[:, 0] for at in ((n - 1) // 2, n // 2))
    return np.asarray(np.where(n > 0, (low + high) / 2, np.nan))


def _return(x: Vector, bases: Sequence[int], alone: NDArray[np.bool_] | None = None) -> int | None:
    """Return the period at which the series (T, n) return to zero together, if there is one."""
    steps = np.diff(x, axis=0)
    both = np.isfinite(steps)
    many = both.sum(axis=1) >= FEW
    if many.sum() < FEW:
        return None
    usual = float(np.median([_size(s[b]) for s, b in zip(steps[many], both[many], strict=True)]))
    for t in np.flatnonzero(many if alone is None else many & alone):
        before, step = x[t][both[t]], steps[t][both[t]]
        if t + 1 in bases or not _is_return(before, step, usual):
            continue
        if alone is not None or _is_return(before - np.median(before), step - np.median(step), 0.0):
            return int(t) + 1
    return None


def _is_return(before: Vector, step: Vector, usual: float) -> bool:
    distance, moved = _size(before), _size(step)
    if distance <= 0 or moved < LEAP * usual or _size(before + step) > LEFT * distance:
        return False
    far = np.abs(before) >= distance
    return bool(np.mean(np.abs(before + step)[far] <= HALF * np.abs(before)[far]) >= TOGETHER)


def _size(v: Vector) -> float:
    return float(np.median(np.abs(v)))
