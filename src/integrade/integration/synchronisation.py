"""How far the cycles of two regions move together: rolling correlation and the index of Cerqueira and Martins."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from integrade.integration.transforms import Vector


def rolling_correlation(cycles: Vector, window: int) -> Vector:
    """Pearson correlations (T, N, N) of cycles (T, N) over the ``window`` years that end at t.

    Missing before the first whole window, where either cycle is missing within it, or does not move.
    """
    t, n = cycles.shape
    found = np.full((t, n, n), np.nan)
    for end in range(window, t + 1):
        x = cycles[end - window : end]
        known = np.isfinite(x).all(axis=0)
        away = np.where(known, x - np.where(known, x, 0.0).mean(axis=0), 0.0)
        norm = np.sqrt((away**2).sum(axis=0))
        moves = known & (norm > 1e-12 * np.abs(np.where(known, x, 0.0)).max(axis=0, initial=0.0)) & (norm > 0)
        unit = np.where(moves, away / np.where(moves, norm, 1.0), np.nan)
        found[end - 1] = np.clip(unit.T @ unit, -1, 1)
    return found


def cerqueira_martins(cycles: Vector) -> Vector:
    """rho_ijt = 1 - (z_it - z_jt)^2 / 2 as (T, N, N), from cycles (T, N).

    z is standardised over the years that both regions have, with divisor T: only then is the mean of rho over t the
    Pearson correlation of the pair. Missing where a pair has fewer than three common years or a cycle does not move.
    Reference: Cerqueira and Martins (2009).
    """
    t, n = cycles.shape
    known = np.isfinite(cycles)
    found = np.full((t, n, n), np.nan)
    for i in range(n):
        both = known & known[:, [i]]
        many = both.sum(axis=0)
        count = np.where(many >= 3, many, np.nan)
        own, other = _standard(np.where(both, cycles[:, [i]], np.nan), count), _standard(cycles, count, both)
        found[:, i, :] = 1 - 0.5 * (own - other) ** 2
    return found


def _standard(x: Vector, count: Vector, both: NDArray[np.bool_] | None = None) -> Vector:
    """Standardised over the known years of each column, divisor ``count``."""
    x = x if both is None else np.where(both, x, np.nan)
    known = np.isfinite(x)
    away = x - np.where(known, x, 0.0).sum(axis=0) / count
    spread = np.sqrt((np.where(known, away, 0.0) ** 2).sum(axis=0) / count)
    return np.asarray(away / np.where(spread > 0, spread, np.nan))
