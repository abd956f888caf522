"""Measure the strength of the treatment's effect in a group by the average steepness of its fitted curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations, pairwise
from typing import Any

import numpy as np

from integrade.estimate.contrasts import Combination, delta
from integrade.estimate.multiple import benjamini_hochberg, holm
from integrade.estimate.results import FitResult, Vector
from integrade.subjects.groups.records import Difference
from integrade.subjects.groups.stacking import in_group

TERM = "average steepness"
SHARED = 0.2
"""Curves are compared only if at least this share of every group's rows lies in the shared range (a convention)."""


def steepness(b1: float, b2: float, low: float, high: float) -> tuple[float, tuple[float, float]]:
    """Return the mean of |b1 + 2 b2 x| over x from ``low`` to ``high``, and its gradient in b1 and b2.

    Formula: with f(x) = b1 x + b2 x^2 and the turning point r, (|f(r) - f(low)| + |f(high) - f(r)|) / (high - low)
    where r lies between the ends, else |f(high) - f(low)| / (high - low): the distance that the fitted curve moves, up
    and down, per unit of the treatment. A line has |b1|. The gradient is the mean of sign(slope) (1, 2x); the turning
    point adds nothing to it, because the slope is zero there.

    Example:
        >>> steepness(-2.0, 0.0, 1.0, 3.0)
        (2.0, (-1.0, -4.0))
    """
    turn = -b1 / (2 * b2) if b2 else np.inf
    edges = [low, *([turn] if low < turn < high else []), high]
    first = second = 0.0
    for start, end in pairwise(edges):
        sign = float(np.sign(b1 + b2 * (start + end)))  # the slope in the middle of the piece
        first += sign * (end - start)
        second += sign * (end**2 - start**2)
    gradient = first / (high - low), second / (high - low)
    return b1 * gradient[0] + b2 * gradient[1], gradient


def strengths(
    stacked: FitResult, x: str, by: str, levels: Sequence[str], middle: tuple[float, float]
) -> tuple[Combination, ...]:
    """Return the `steepness` of every group, with the delta-method error from the stacked regression."""
    return tuple(delta(stacked, *_steepness_in(stacked, x, by, level, middle), level) for level in levels)


def strength_gaps(
    stacked: FitResult, x: str, by: str, levels: Sequence[str], middle: tuple[float, float]
) -> tuple[Difference, ...]:
    """Return the steepness of group a minus that of group b, for every pair of groups, by the delta method.

    The p-values are adjusted over the pairs.

    Groups are compared over one range of the treatment, ``middle``, that all of them share (`shared_range`). The delta
    method is valid if neither curve is nearly flat. Noise makes a flat curve look steep, so a conclusion also needs
    evidence of an effect.
    """
    gaps = []
    for a, b in combinations(levels, 2):
        (one, up), (other, down) = (_steepness_in(stacked, x, by, level, middle) for level in (a, b))
        c = delta(stacked, one - other, up | {term: -w for term, w in down.items()}, TERM)
        p = (c.std_error, c.statistic, c.p_value, c.conf_low, c.conf_high)
        gaps.append(Difference(TERM, a, b, c.estimate, *p, None, None, c.p_value, c.p_value))
    p_values = [d.p_value for d in gaps]
    adjusted = zip(gaps, holm(p_values).tolist(), benjamini_hochberg(p_values).tolist(), strict=True)
    return tuple(replace(d, p_holm=one, p_bh=other) for d, one, other in adjusted)


def _steepness_in(
    stacked: FitResult, x: str, by: str, level: str, middle: tuple[float, float]
) -> tuple[float, dict[str, float]]:
    terms = {c.term for c in stacked.coefficients}
    linear, squared = in_group(x, by, level), in_group(f"{x}^2", by, level)
    b2 = stacked[squared].estimate if squared in terms else 0.0
    value, gradient = steepness(stacked[linear].estimate, b2, *middle)
    weights = dict(zip((linear, squared), gradient, strict=True))
    return value, {term: w for term, w in weights.items() if term in terms}


def shared_range(values: Vector, groups: Any) -> tuple[tuple[float, float], float]:
    """Return the range of the treatment in which every group has observations, and the smallest group share in it.

    Formula: from the largest of the groups' p10 to the smallest of their p90 (Stata's percentiles), so that no curve is
    compared where a group has no data; the share is the smallest, over the groups, of their rows within that range.
    Shapes: ``values`` and ``groups`` (n,). If groups share no range, the returned range ends before it begins, and the
        share is 0.
    """
    names = np.asarray(groups)
    parts = [values[names == name] for name in np.unique(names)]
    ends = [np.percentile(part, [10, 90], method="averaged_inverted_cdf") for part in parts]
    low, high = float(max(e[0] for e in ends)), float(min(e[1] for e in ends))
    if low >= high:
        return (low, high), 0.0
    return (low, high), min(float(np.mean((part >= low) & (part <= high))) for part in parts)
