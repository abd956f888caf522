"""The band of a distributed lag: its slopes and widths from the covariance of the fit, years that are missing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from integrade.errors import EmptyTable, UsageError
from integrade.regress.students import t_quantile
from integrade.regress.uniform import sup_t
from integrade.subjects.lags.bands import lag_band
from integrade.subjects.lags.model import lag_table
from integrade.subjects.lags.records import LagResults
from integrade.subjects.lags.verdict import slope_at
from panels import panel

FORMULA = "y ~ market + market^2 + scale | firm + year"


@pytest.fixture(scope="module")
def found() -> LagResults:
    return lag_table(panel(5, firms=150, years=9), FORMULA, lags=(1, 2), leads=(1,), cluster="region")


def test_slopes_and_intervals_are_those_of_the_fit_and_the_band_is_wider(found: LagResults) -> None:
    band = lag_band(found)
    assert [s.shift for s in band.slopes] == [2, 1, 0, -1]
    assert found.placebo is not None
    for s in band.slopes:
        own = slope_at(found.placebo, "market", s.shift)
        assert own is not None
        assert (s.estimate, s.std_error) == pytest.approx((own.estimate, own.std_error))
        assert (s.conf_low, s.conf_high) == pytest.approx((own.conf_low, own.conf_high))
        assert (s.band_high - s.estimate) / s.std_error == pytest.approx(band.uniform)
    assert band.pointwise == pytest.approx(t_quantile(0.975, found.placebo.fit.df_t))
    assert band.pointwise < band.uniform <= t_quantile(1 - 0.025 / 4, found.placebo.fit.df_t)


def test_the_critical_value_is_that_of_the_slopes_joint_covariance(found: LagResults) -> None:
    fit = found.placebo.fit  # type: ignore[union-attr]
    terms = [c.term for c in fit.coefficients]
    rows = []
    for name in ("market_l2", "market_l1", "market", "market_f1"):
        row = np.zeros(len(terms))
        row[terms.index(name)], row[terms.index(f"{name}^2")] = 1.0, 2 * fit.means[name]
        rows.append(row)
    covariance = np.array(rows) @ fit.vcov @ np.array(rows).T
    drawn = np.random.default_rng(99).multivariate_normal(np.zeros(4), covariance, 300_000)
    scaled = np.abs(drawn / np.sqrt(np.diag(covariance))).max(axis=1)
    t = scaled / np.sqrt(np.random.default_rng(98).chisquare(fit.df_t, len(scaled)) / fit.df_t)
    assert lag_band(found).uniform == pytest.approx(np.quantile(t, 0.95), abs=0.04)
    assert lag_band(found).uniform == sup_t(covariance, 0.95, fit.df_t)


def test_years_that_are_not_in_the_regression_are_named(found: LagResults) -> None:
    assert found.placebo is not None
    fit = found.placebo.fit
    kept = [i for i, c in enumerate(fit.coefficients) if "_l1" not in c.term]
    lost = replace(fit, coefficients=tuple(fit.coefficients[i] for i in kept), vcov=fit.vcov[np.ix_(kept, kept)])
    band = lag_band(replace(found, placebo=replace(found.placebo, fit=lost)))
    assert ([s.shift for s in band.slopes], band.missing) == ([2, 0, -1], (1,))
    past = lag_band(found, leads=False)
    assert [s.shift for s in past.slopes] == [2, 1, 0]


def test_what_has_no_band_says_so(found: LagResults) -> None:
    with pytest.raises(EmptyTable, match="several years"):
        lag_band(replace(found, placebo=None, distributed=None))
    with pytest.raises(UsageError, match="level"):
        lag_band(found, level=95)
    with pytest.raises(UsageError, match="draws"):
        lag_band(found, draws=10)
