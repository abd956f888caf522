"""Measure how two regions' cycles move together: rolling correlation, and the index of Cerqueira and Martins."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from integrade.integration.transforms import Vector


def rolling_correlation(cycles: Vector, window: int) -> Vector:
    """Compute Pearson correlations (T, N, N) of cycles (T, N) over the ``window`` years that end at t.

    A correlation is missing before the first whole window, and if one of the two cycles is missing or constant within
    the window.
    """
    t, n = cycles.shape
    correlations = np.full((t, n, n), np.nan)
    for end in range(window, t + 1):
        x = cycles[end - window : end]
        known = np.isfinite(x).all(axis=0)
        away = np.where(known, x - np.where(known, x, 0.0).mean(axis=0), 0.0)
        norm = np.sqrt((away**2).sum(axis=0))
        # Below 1e-12 of its size a cycle varies only by floating-point error; a convention.
        moves = known & (norm > 1e-12 * np.abs(np.where(known, x, 0.0)).max(axis=0, initial=0.0)) & (norm > 0)
        unit = np.where(moves, away / np.where(moves, norm, 1.0), np.nan)
        correlations[end - 1] = np.clip(unit.T @ unit, -1, 1)
    return correlations


def cerqueira_martins(cycles: Vector) -> Vector:
    """Compute rho_ijt = 1 - (z_it - z_jt)^2 / 2 as (T, N, N), from cycles (T, N).

    z is the cycle, standardised with divisor T over the years that both regions have. With this divisor, the mean of
    rho over t equals the Pearson correlation of the pair. rho is missing if a pair has fewer than three common years or
    if a cycle is constant.

    Reference: Cerqueira and Martins (2009).
    """
    t, n = cycles.shape
    known = np.isfinite(cycles)
    indices = np.full((t, n, n), np.nan)
    for i in range(n):
        both = known & known[:, [i]]
        many = both.sum(axis=0)
        count = np.where(many >= 3, many, np.nan)
        standardised, partners = (
            _standard(np.where(both, cycles[:, [i]], np.nan), count),
            _standard(cycles, count, both),
        )
        indices[:, i, :] = 1 - 0.5 * (standardised - partners) ** 2
    return indices


def _standard(x: Vector, count: Vector, both: NDArray[np.bool_] | None = None) -> Vector:
    """Standardise each column over the years in which it is known, with divisor ``count``."""
    x = x if both is None else np.where(both, x, np.nan)
    known = np.isfinite(x)
    away = x - np.where(known, x, 0.0).sum(axis=0) / count
    spread = np.sqrt((np.where(known, away, 0.0) ** 2).sum(axis=0) / count)
    return np.asarray(away / np.where(spread > 0, spread, np.nan))
