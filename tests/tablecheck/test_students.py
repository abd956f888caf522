"""Tails of t and chi-squared without scipy, against those of scipy, whose algorithms are others."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from each import each
from tablecheck.students import chi2_upper, t_quantile, t_two_sided

FREEDOM = [0.5, 1, 1.5, 2, 3, 4, 5, 7, 10, 19.5, 29, 57, 99, 150, 199, 200, 201, 500, 1e3, 1e4, 12_345, 1e5, 1e6, 1e7]
STATISTICS = [1e-3, 0.1, 0.5, 0.7, 1, 1.3, 1.645, 1.7, 1.96, 2.2, 2.576, 3, 4, 5, 8, 15, 30, 37, 100, 1e3, 1e5]
PROBABILITIES = [1e-30, 1e-15, 1e-10, 1e-6, 5e-4, 1e-3, 5e-3, 0.01, 0.025, 0.05, 0.1, 0.2, 0.25, 0.3, 0.4, 0.49]
SMALLEST = 1e-290
"""Below it numbers lose digits, because they are denormal."""


def of_scipy(t: float, df: float) -> float:
    """``P(|T| >= t)``, from the smaller of df / (df + t^2) and t^2 / (df + t^2): the larger one is rounded too much."""
    x, y = df / (df + t * t), t * t / (df + t * t)
    return float(special.betainc(df / 2, 0.5, x) if x < y else special.betaincc(0.5, df / 2, y))


@each("df", FREEDOM, ids=str)
def test_two_sided_p_of_t(df: float) -> None:
    for t in STATISTICS:
        if (expected := of_scipy(t, df)) > SMALLEST:
            # 2e-12: the error of exp(-0.5 df log(1 + t^2 / df)) where the exponent is near -600 (both programs).
            assert t_two_sided(t, df) == t_two_sided(-t, df) == pytest.approx(expected, rel=2e-12, abs=0), t


@given(st.floats(0, 60), st.floats(1, 1e7))
def test_two_sided_p_of_any_t(t: float, df: float) -> None:
    expected = of_scipy(t, df)
    assert t_two_sided(t, df) == pytest.approx(expected, rel=2e-12, abs=SMALLEST)
    assert 0 <= t_two_sided(t, df) <= 1


@each("df", [*FREEDOM, math.inf], ids=str)
def test_quantiles_of_t_have_their_probability(df: float) -> None:
    for p in PROBABILITIES:
        q = t_quantile(p, df)
        assert q == -t_quantile(1 - p, df) or p < 1e-9 or t_quantile(1 - p, df) == pytest.approx(-q, rel=1e-6)
        back = float(special.erfc(-q / math.sqrt(2))) if math.isinf(df) else of_scipy(-q, df)
        # A relative error e of a quantile q changes p by up to q^2 e: 1e-12 is the rounding of q = -37 and of scipy.
        assert back == pytest.approx(2 * p, rel=3e-12, abs=0), p


def test_p_of_one_degree_of_freedom_has_a_closed_form() -> None:
    for t in (1e-8, 1e-3, 1.0, 1.5, 2.0, 1e3, 1e8):
        assert t_two_sided(t, 1) == pytest.approx(2 / math.pi * math.atan2(1, t), rel=1e-13, abs=0)


def test_quantiles_of_one_and_two_degrees_of_freedom_have_closed_forms() -> None:
    for p in PROBABILITIES:
        assert t_quantile(p, 1) == pytest.approx(-1 / math.tan(math.pi * p), rel=1e-13)
        assert t_quantile(p, 2) == pytest.approx((2 * p - 1) / math.sqrt(2 * p * (1 - p)), rel=1e-13)


@each("df", FREEDOM, ids=str)
def test_upper_tail_of_chi_squared(df: float) -> None:
    for ratio in (0, 1e-6, 0.01, 0.3, 0.8, 0.99, 1, 1.01, 1.1, 1.6, 2, 3, 10, 50):
        expected = float(special.chdtrc(df, df * ratio))
        if expected > SMALLEST:
            # 1e-11: the error of the exponent near -600, of both programs.
            assert chi2_upper(df * ratio, df) == pytest.approx(expected, rel=1e-11), ratio


def test_limits() -> None:
    assert t_two_sided(1.96, math.inf) == pytest.approx(0.04999579029644087, rel=1e-15)
    assert t_quantile(0.975, math.inf) == pytest.approx(1.959963984540054, rel=1e-15)
    assert (t_two_sided(0.0, 4), t_two_sided(math.inf, 4), t_quantile(0.5, 4)) == (1.0, 0.0, 0.0)
    assert t_two_sided(1e200, 1) == pytest.approx(2 / math.pi * 1e-200)
    assert (t_quantile(0.0, 4), t_quantile(1.0, 4)) == (-math.inf, math.inf)
    assert (chi2_upper(-1.0, 3), chi2_upper(math.inf, 3)) == (1.0, 0.0)
    nothing = [t_two_sided(1.0, 0), t_two_sided(math.nan, 4), t_quantile(0.1, -1), t_quantile(1.1, 4), chi2_upper(1, 0)]
    assert all(map(math.isnan, nothing))


def test_tails_fall_with_the_statistic() -> None:
    """Also where one expansion takes over from the other."""
    for df in FREEDOM:
        tails = [t_two_sided(t / 500, df) for t in range(2500)]
        assert all(a > b for a, b in itertools.pairwise(tails)), df
