"""Check that the parts of a file have the same basis: its early and late periods, each good, each region.

The basis of a whole file is the basis of most of its series. If a few goods or regions have another basis, or if the
basis changes in the middle, only a separate test of each part finds it. A part contradicts the whole if it surely has
another kind of basis, or if only this part returns to its base at one period. The boundaries are in docs/basis.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Vector: TypeAlias = NDArray[np.float64]
Told: TypeAlias = Callable[[Vector, float], str]
"""Function that detects the basis of the values (T, N, K) of a part.

The second argument is the number of standard errors required; with fewer, the function returns "unknown".
"""

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
"""Shares of the periods that are tested separately, at the beginning and at the end."""
SURE = 4.0
"""A part must be at least this many standard errors from the boundary to contradict the whole."""
FOLLOWS = 0.5
"""A region whose slope on the median region is below this does not follow the nation."""
FEW = 5
"""A return to the base needs at least this many changes, each known for at least this many series.

A return is searched for only if at least this many changes of the part are each known for at least this many series.
"""
LEAP, LEFT, ALONE = 3.0, 0.3, 8.0
"""Conditions that a return of a part to its base must fulfil.

``LEAP``: smallest change, in units of the usual change. ``LEFT``: largest share of the distance from the base that may
remain. ``ALONE``: smallest change of a region relative to the median region, in units of the usual change.
"""
TOGETHER, HALF = 0.9, 0.6
"""Condition on the series that are farther from the base than the median series.

At least the share ``TOGETHER`` of them must keep at most the share ``HALF`` of their distance.
"""


def another(values: Vector, basis: str, told: Told) -> tuple[str, int, str] | None:
    """Find parts whose basis is of another kind than ``basis``, the basis of the whole file.

    Periods: the first or last half or third is tested. Goods: each good is tested with all its regions. Regions, if the
    whole has levels: each is tested by the differences between its goods. A region that does not follow the nation need
    not reach `SURE`. Regions, otherwise: each of three or more is tested together with the next region, because a
    difference between levels and changes lasts. Returns the kind of part (periods, goods or regions), the number of
    such parts, and the basis of the first. Returns None if no part surely has another kind.
    """
    kind = KINDS.get(basis)
    if kind is None:
        return None
    lengths = [math.ceil(len(values) * share) for share in ENDS]
    ends = [part for length in lengths for part in (values[:length], values[-length:])]
    goods = [values[:, :, k : k + 1] for k in range(values.shape[2])]
    n = values.shape[1]
    strangers: list[Vector] = []
    if kind == "levels":
        regions = [values[:, i, :, None] for i in range(n)]
        strangers = [values[:, i, :, None] for i in _strangers(values)]
    else:
        regions = [values[:, [i, (i + 1) % n], :] for i in range(n if n > 2 else 0)]
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


def _strangers(values: Vector) -> list[int]:
    """Return the regions that do not follow the nation although all other regions do.

    The factor 1.4826 makes the median absolute deviation a standard deviation under normality.
    """
    slope = _following(np.log(values))
    usual = 1.4826 * float(np.median(np.abs(slope - np.median(slope))))
    return [int(i) for i in np.flatnonzero((slope < FOLLOWS) & (1 - slope > ALONE * usual))]


def _following(logs: Vector) -> Vector:
    """Return the slope of each region (N) on the median region over time and goods, after removing means of series."""
    there = np.isfinite(logs)
    mean = np.where(there, logs, 0.0).sum(axis=0) / np.maximum(there.sum(axis=0), 1)
    x = logs - mean
    nation = _middle(x)[:, None, :]
    cross, size = (np.where(there, nation * y, 0.0).sum(axis=(0, 2)) for y in (x, nation))
    return np.asarray(np.where(size > 0, cross / np.where(size > 0, size, 1.0), 1.0))


def _may_be(basis: str, part: Vector) -> bool:
    """Return whether a part can have a basis: rates need negative values.

    Without this test, low prices in money would look like rates.
    """
    return not basis.startswith("rate") or bool(np.nanmin(part) < 0)


def returns_of_parts(logs: Vector, bases: Sequence[int]) -> tuple[str, int, int] | None:
    """Find regions or goods that return to their base at one period while other parts do not.

    ``logs`` (T, N, K) are relative to the base; base periods that all parts share are left out. At a return, a part
    keeps at most the share `LEFT` of its distance, and its change is at least `LEAP` times the usual change. A region
    must return with all its goods. Its median change relative to the median region must also exceed `ALONE` times the
    usual one. A good must return with all its regions, and the differences between its regions must return too. Returns
    "regions" or "goods", the number of such parts, and the most frequent period of return.
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
    """Return the median over the second of three axes; NaN, without a warning, if all values are missing."""
    ordered, n = np.sort(x, axis=1), np.isfinite(x).sum(axis=1)
    low, high = (np.take_along_axis(ordered, np.maximum(at, 0)[:, None], 1)[:, 0] for at in ((n - 1) // 2, n // 2))
    return np.asarray(np.where(n > 0, (low + high) / 2, np.nan))


def _return(x: Vector, bases: Sequence[int], alone: NDArray[np.bool_] | None = None) -> int | None:
    """Return the period at which the series (T, n) return to zero together; None if there is none."""
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
