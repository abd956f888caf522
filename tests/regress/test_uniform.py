"""The critical value of a band for several estimates: its limits, other people's formulas, brute force."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from each import each
from integrade.regress.students import t_quantile
from integrade.regress.uniform import sup_t

NEAR = 0.02  # three standard errors of the quantile of 100,000 draws


def correlation(k: int, r: float) -> np.ndarray:
    return np.full((k, k), r) + (1 - r) * np.eye(k)


@each("k", [1, 2, 5, 9])
@each("df", [math.inf, 12.0])
@each("level", [0.9, 0.95])
def test_estimates_that_are_one_have_the_pointwise_value(k: int, df: float, level: float) -> None:
    assert sup_t(correlation(k, 1.0), level, df) == pytest.approx(t_quantile((1 + level) / 2, df), abs=NEAR)


@each("k", [1, 2, 5, 9])
@each("level", [0.9, 0.95])
def test_independent_estimates_have_sidaks_value(k: int, level: float) -> None:
    sidak = special.ndtri((1 + level ** (1 / k)) / 2)
    assert sup_t(np.eye(k), level) == pytest.approx(sidak, abs=NEAR)


@pytest.mark.parametrize(("k", "r", "df"), [(3, 0.5, math.inf), (4, -0.3, math.inf), (4, 0.8, 15.0)])
def test_a_band_holds_all_estimates_as_often_as_it_says(k: int, r: float, df: float) -> None:
    """By brute force in another way: whole draws of scipy's multivariate t, how often the band holds all of them."""
    errors = np.linspace(0.5, 3, k)
    covariance = correlation(k, r) * np.outer(errors, errors)
    law = (
        stats.multivariate_normal(cov=covariance, seed=7)
        if math.isinf(df)
        else stats.multivariate_t(shape=covariance, df=df, seed=7)
    )
    inside = np.abs(law.rvs(200_000)) <= sup_t(covariance, 0.95, df) * errors
    assert inside.all(axis=1).mean() == pytest.approx(0.95, abs=0.002)  # four standard errors


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 6), st.integers(0, 1_000), st.floats(0.5, 0.99), st.sampled_from([3.0, 30.0, math.inf]))
def test_it_lies_between_pointwise_and_bonferroni_whatever_the_units(
    k: int, seed: int, level: float, df: float
) -> None:
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(k, max(1, k - 1)))  # singular
    covariance, units = root @ root.T + 1e-9 * np.eye(k), rng.uniform(1e-3, 1e3, k)
    found = sup_t(covariance, level, df, draws=2_000)
    assert t_quantile((1 + level) / 2, df) <= found <= t_quantile(1 - (1 - level) / (2 * k), df)
    assert sup_t(covariance * np.outer(units, units), level, df, draws=2_000) == pytest.approx(found, rel=1e-6)


def test_estimates_without_a_variance_have_no_part() -> None:
    covariance = np.diag([1.0, np.nan, 0.0, 4.0])
    covariance[1, :] = covariance[:, 1] = np.nan
    assert sup_t(covariance) == pytest.approx(sup_t(np.eye(2)))
    assert math.isnan(sup_t(np.full((2, 2), np.nan)))
    assert sup_t(np.eye(3)) == sup_t(np.eye(3))
    assert sup_t(np.eye(3), seed=1) != sup_t(np.eye(3), seed=2)
