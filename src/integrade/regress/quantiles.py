"""Compute quantiles of values that each represent several rows, by Stata's rule."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from integrade.regress.effects import Vector


def weighted_quantiles(values: Vector, weights: Vector, shares: Sequence[float]) -> list[float]:
    """Return quantiles of values in ascending order (n,) with positive weights (n,), by Stata's rule.

    A cumulated weight within 1e-12 of the target counts as equal to it. The quantile is then the mean of that value and
    the next.

    Example:
        >>> weighted_quantiles(np.array([1.0, 2.0, 3.0, 4.0]), np.ones(4), (0.25, 0.5, 0.9))
        [1.5, 2.5, 4.0]
    """
    reached = np.cumsum(weights)
    quantiles, last = [], len(values) - 1
    for share in shares:
        target = reached[-1] * share
        at = min(int(np.searchsorted(reached, target * (1 - 1e-12))), last)
        whole = abs(reached[at] - target) <= 1e-12 * reached[-1]
        quantiles.append(float((values[at] + values[min(at + 1, last)]) / 2 if whole else values[at]))
    return quantiles
