"""Extract cycles of annual series: Hodrick-Prescott, Baxter-King, Hamilton, first differences (METHODS 2.3).

Every filter takes one complete series (T,) in logs. It returns the cyclical part (T,), which is missing (NaN) in years
that have no filtered value.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from integrade.integration.transforms import Vector

Filter = Literal["hp", "baxter_king", "hamilton", "difference"]


def hodrick_prescott(series: ArrayLike, smoothing: float = 6.25) -> Vector:
    """Return ``x - m`` where m minimises sum (x - m)^2 + smoothing * sum (second difference of m)^2.

    6.25 is usual for annual data (Ravn and Uhlig 2002); formerly it was 100. Reference: Hodrick and Prescott (1997).

    Example:
        >>> hodrick_prescott([0.0, 1, 0, 1, 0], smoothing=1).round(4).tolist()
        [-0.25, 0.5, -0.5, 0.5, -0.25]
    """
    from scipy.linalg import solveh_banded

    x = np.asarray(series, dtype=np.float64)
    second = np.diff(np.eye(len(x)), n=2, axis=0)
    system = np.eye(len(x)) + smoothing * second.T @ second
    banded = np.array([np.concatenate([np.zeros(2 - d), np.diag(system, 2 - d)]) for d in (0, 1)] + [np.diag(system)])
    return np.asarray(x - solveh_banded(banded, x))


def baxter_king(series: ArrayLike, low: float = 2, high: float = 8, lead: int = 3) -> Vector:
    """Return the part of a series with periods between ``low`` and ``high`` years; ``lead`` years at each end are lost.

    The ideal band-pass weights are b_0 = (w2 - w1)/pi, b_j = (sin j w2 - sin j w1)/(pi j), where w = 2 pi / period.
    Weights are cut off after ``lead`` years and shifted so that their sum is zero. Reference: Baxter and King (1999).
    """
    x = np.asarray(series, dtype=np.float64)
    w1, w2, j = 2 * np.pi / high, 2 * np.pi / low, np.arange(1, lead + 1)
    half = (np.sin(j * w2) - np.sin(j * w1)) / (np.pi * j)
    weights = np.concatenate([half[::-1], [(w2 - w1) / np.pi], half])
    weights -= weights.mean()
    cycle = np.full(len(x), np.nan)
    cycle[lead : len(x) - lead] = np.convolve(x, weights, mode="valid")
    return cycle


def hamilton(series: ArrayLike, horizon: int = 2, lags: int = 2) -> Vector:
    """Return the residuals of a regression of x_t on a constant and x_{t-h}, ..., x_{t-h-p+1}.

    h is ``horizon`` and p is ``lags``. The first h + p - 1 years are lost.

    Reference: Hamilton (2018, Review of Economics and Statistics), with h = 2 years for annual data.
    """
    x = np.asarray(series, dtype=np.float64)
    first = horizon + lags - 1
    past = [x[first - horizon - j : len(x) - horizon - j] for j in range(lags)]
    regressors = np.column_stack([np.ones(len(x) - first), *past])
    b = np.linalg.lstsq(regressors, x[first:], rcond=None)[0]
    return np.concatenate([np.full(first, np.nan), x[first:] - regressors @ b])


def difference(series: ArrayLike) -> Vector:
    """Return ``x_t - x_{t-1}``, which is growth if x is in logs; the first year is lost."""
    x = np.asarray(series, dtype=np.float64)
    return np.concatenate([[np.nan], np.diff(x)])
