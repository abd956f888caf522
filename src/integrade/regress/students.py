"""Compute tails of the t, F and chi-squared distributions, from scipy.special (scipy.stats is slow to import).

`tablecheck.students` computes what tables need without scipy; a test compares both.
"""

from __future__ import annotations

import math

from scipy import special


def t_two_sided(statistic: float, df: float) -> float:
    """Return ``P(|T| >= |statistic|)``; the normal if ``df`` is infinite, NaN if ``df`` is not positive."""
    if not df > 0 or math.isnan(statistic):
        return math.nan
    if math.isinf(df):
        return float(special.erfc(abs(statistic) / math.sqrt(2)))
    if math.isinf(statistic):
        return 0.0
    return float(special.betainc(df / 2, 0.5, df / (df + statistic**2)))


def t_one_sided(statistic: float, df: float) -> float:
    """Return ``P(T >= statistic)``."""
    half = t_two_sided(statistic, df) / 2
    return half if statistic >= 0 else 1 - half


def t_quantile(probability: float, df: float) -> float:
    """Return the ``probability`` quantile of t; NaN if ``df`` is not positive."""
    if not df > 0:
        return math.nan
    return float(special.ndtri(probability) if math.isinf(df) else special.stdtrit(df, probability))


def f_upper(statistic: float, df1: float, df2: float) -> float:
    """Return ``P(F >= statistic)``."""
    if not (df1 > 0 and df2 > 0) or math.isnan(statistic):
        return math.nan
    return float(special.fdtrc(df1, df2, max(statistic, 0.0)))


def chi2_upper(statistic: float, df: float) -> float:
    """Return ``P(chi2 >= statistic)``."""
    if not df > 0 or math.isnan(statistic):
        return math.nan
    return float(special.chdtrc(df, max(statistic, 0.0)))
