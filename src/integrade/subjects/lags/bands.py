"""Compute the slope of each year of a distributed lag, with pointwise intervals and a simultaneous band."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from integrade.errors import EmptyTable, UsageError
from integrade.records import needs
from integrade.records.confidence import Level, checked
from integrade.regress.students import t_quantile
from integrade.regress.uniform import DRAWS, SEED, sup_t
from integrade.subjects.lags.records import DistributedLag, LagResults
from integrade.subjects.lags.shifts import shifted_name


@dataclass(frozen=True)
class LagSlope:
    """The slope at the mean of the variable ``shift`` years back (negative: ahead), with all other years held fixed.

    ``conf_*`` are the ends of the interval of this year only. ``band_*`` are the ends of the band for all years
    together.
    """

    shift: int
    estimate: float
    std_error: float
    conf_low: float
    conf_high: float
    band_low: float
    band_high: float


@dataclass(frozen=True)
class LagBand:
    """The slopes from the earliest year to the last, and the half-width of their band in standard errors.

    ``pointwise`` is the critical value of a single year (the largest over the years). ``uniform`` is the critical value
    of the band (`integrade.regress.uniform.sup_t`), from ``draws`` with ``seed``. ``missing`` holds shifts without an
    estimate. ``of`` is the regression with several years from which the slopes come.
    """

    variable: str
    of: DistributedLag
    slopes: tuple[LagSlope, ...]
    level: float
    pointwise: float
    uniform: float
    draws: int
    seed: int
    missing: tuple[int, ...] = ()


@checked
def lag_band(
    results: LagResults, *, level: Level = 0.95, draws: int = DRAWS, seed: int = SEED, leads: bool = True
) -> LagBand:
    """Compute the slope of every year in a distributed lag, with a band for all years together.

    With ``leads`` the regression with leads is used if there is one, and years ahead have slopes too. Otherwise the
    regression without leads is used.

    Formula: slope_k = b1_k + 2 b2_k mean(x_k); V the covariance of the slopes from that of the coefficients; intervals
        slope_k -+ t se_k, band slope_k -+ c se_k with c the `sup_t` of V.
    Missing values: a year whose terms were dropped from the regression has no slope and is in ``missing``.

    Raises:
        UsageError: a level below 0.5, or fewer than 1,000 draws. EmptyTable: no regression has several years.

    Reference: Montiel Olea and Plagborg-Moller (2019).
    """
    needs.require_count(needs.DRAWS, draws=draws)
    if draws < 1_000:
        raise UsageError(f"{draws:,} draws are too few for a quantile", remedy=f"give draws={DRAWS}")
    regression = (results.placebo if leads else None) or results.distributed
    if regression is None:
        raise EmptyTable(
            "no regression has several years of the variable",
            remedy="give lag_table lags=(1, 2, 3); its notes explain why all years together could not be estimated",
        )
    shifts = sorted({0, *(c.shift for c in results.columns if leads or c.shift >= 0)}, reverse=True)
    weights = {s: w for s in shifts if (w := slope_weights(regression, results.variable, s)) is not None}
    if not weights:
        raise EmptyTable(
            "the regression with all years has no term of the variable",
            remedy="remove the fixed effect or the collinear regressor that absorbs it",
        )
    fit = regression.fit
    terms = [c.term for c in fit.coefficients]
    matrix = np.array([[w.get(t, 0.0) for t in terms] for w in weights.values()])
    covariance = matrix @ fit.vcov @ matrix.T
    estimates = matrix @ np.array([c.estimate for c in fit.coefficients])
    errors = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    df = [min(fit.df_by_term.get(t, fit.df_t) for t in w) for w in weights.values()]
    critical = [t_quantile((1 + level) / 2, d) for d in df]
    uniform = max(sup_t(covariance, level, min(df), draws=draws, seed=seed), *critical)
    slopes = tuple(
        LagSlope(
            s, float(b), float(e), float(b - t * e), float(b + t * e), float(b - uniform * e), float(b + uniform * e)
        )
        for s, b, e, t in zip(weights, estimates, errors, critical, strict=True)
    )
    missing = tuple(s for s in shifts if s not in weights)
    return LagBand(results.variable, regression, slopes, level, max(critical), uniform, draws, seed, missing)


def slope_weights(found: DistributedLag, variable: str, shift: int) -> dict[str, float] | None:
    """Return the weight of each coefficient in the slope of one shift, taken at the mean.

    Returns None if the linear term of the shift was not estimated.
    """
    fit, name = found.fit, shifted_name(variable, shift) if shift else variable
    terms, square = [c.term for c in fit.coefficients], f"{name}^2"
    if name not in terms:
        return None
    return {name: 1.0} | ({square: 2 * fit.means.get(name, math.nan)} if square in terms else {})
