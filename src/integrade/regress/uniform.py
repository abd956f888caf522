"""Compute the critical value of a band that covers several true values simultaneously (sup-t)."""

from __future__ import annotations

import math

import numpy as np

from integrade.regress.effects import Vector
from integrade.regress.students import t_quantile

DRAWS, SEED = 100_000, 20240101


def sup_t(
    covariance: Vector, level: float = 0.95, df: float = math.inf, *, draws: int = DRAWS, seed: int = SEED
) -> float:
    """Return the half width, in standard errors, of a band that covers all true values with probability ``level``.

    Formula: c is the ``level`` quantile of max_j |z_j| / s over draws, z ~ N(0, R) with R the correlation of the
        estimates and s^2 ~ chi2(df) / df one for all of them; s = 1 where ``df`` is infinite. c is never below the
        pointwise value of t(df), which it equals if all estimates are perfectly correlated, and never above
        Bonferroni's. With independent estimates and infinite df it is Sidak's.
    Missing values: estimates whose variance is missing or zero are left out of the maximum; NaN if none is left.

    Args:
        covariance: of the estimates, (k, k).
        level: of the band.
        df: degrees of freedom of t.
        draws: number of draws; 100,000 give about two decimals.
        seed: of the draws.

    Reference: Montiel Olea and Plagborg-Moller (2019, Journal of Applied Econometrics), algorithm 1.

    Example:
        >>> round(sup_t(np.ones((3, 3))), 2), round(sup_t(np.eye(3)), 1)
        (1.96, 2.4)
    """
    variances = np.diag(covariance)
    known = np.isfinite(variances) & (variances > 0)
    many = int(known.sum())
    if not many:
        return math.nan
    scale = np.sqrt(variances[known])
    correlation = covariance[np.ix_(known, known)] / np.outer(scale, scale)
    values, vectors = np.linalg.eigh((correlation + correlation.T) / 2)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    drawn = np.random.default_rng(seed)
    largest = np.abs(drawn.standard_normal((draws, many)) @ root.T).max(axis=1)
    if math.isfinite(df):
        largest /= np.sqrt(drawn.chisquare(df, draws) / df)
    each, all_of_them = (t_quantile(1 - (1 - level) / (2 * m), df) for m in (1, many))
    return float(min(max(np.quantile(largest, level), each), all_of_them))
