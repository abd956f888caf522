"""Compute the Anderson-Rubin test of every value of a coefficient, for a figure of its set."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from integrade.regress import weak
from integrade.regress.students import f_upper
from integrade.subjects.instruments.weak_iv import ARSet

FAR = 25
"""An end of a set farther from the estimate than this many ``spread`` is not shown (a convention).

If it were shown, the rest of the figure would look like one line.
"""


class ARPoint(NamedTuple):
    """One hypothesised value, its F and its p."""

    value: float
    f: float
    p: float


def ar_window(s: ARSet) -> tuple[float, float]:
    """Return the range of values to show: it includes the estimate, the ends of the set near it, and a margin."""
    spread = s.behind.spread if s.behind else 0.0
    ends = [e for pair in s.intervals for e in pair if e is not None and abs(e - s.estimate) <= FAR * spread]
    low, high = min([s.estimate, *ends]), max([s.estimate, *ends])
    margin = max(0.3 * (high - low), spread if ends else 3 * spread)
    return low - margin, high + margin


def ar_curve(s: ARSet, n: int = 201) -> tuple[ARPoint, ...]:
    """Return F and p for ``n`` equidistant values of the coefficient, and for the ends of the set in their range.

    Formula: F(b) of `integrade.regress.weak.AndersonRubin`, minimised over the second coefficient if there are two (the
        set is then a projection); p from F(L, df). The set holds the values with p >= 1 - level.
    Missing values: none; a set from the wild bootstrap, which has no such statistic, has no points.
    """
    if s.behind is None or not s.behind.spread > 0:
        return ()
    ar, spread = s.behind.of, s.behind.spread
    low, high = ar_window(s)
    ends = [e for pair in s.intervals for e in pair if e is not None and low < e < high]
    values = np.unique(np.concatenate([np.linspace(low, high, n), [s.estimate, *ends]]))
    f = weak.profile(ar, s.estimate, spread)(np.arctan((values - s.estimate) / spread))
    instruments = ar.g.shape[1]
    return tuple(
        ARPoint(float(b), float(v), f_upper(float(v), instruments, ar.df)) for b, v in zip(values, f, strict=True)
    )
