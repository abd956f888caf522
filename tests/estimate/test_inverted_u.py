"""The inverted U: goldens (METHODS 5.4, G10), the three Fieller shapes by inversion, places in the data by counting."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

import public_numbers
from integrade.errors import NotIdentified, UnknownName, UsageError
from integrade.estimate.inverted_u import curve, turning_point, u_test
from integrade.estimate.results import Coefficient, FitResult, Spread
from integrade.regress.students import t_quantile

TOY = [[0.04, -0.0038], [-0.0038, 0.0004]]


def fit_of(b, vcov, df, values=(), *, dropped=None, terms=("x", "x^2"), by_year=None, by_region=None):
    """A fit record holding x and its square (and nothing else), with the data of x."""
    points, counts = np.unique(np.asarray(values, float), return_counts=True)
    spread = (
        ()
        if len(points) == 0
        else (Spread("x", points[0], points[-1], points, counts.astype(float), True, by_year or {}, by_region or {}),)
    )
    coefficients = tuple(Coefficient(t, e, 1.0, e, 0.5, e - 1, e + 1) for t, e in zip(terms, b, strict=True))
    return FitResult(
        formula="y ~ x + x^2 | firm + year",
        outcome="y",
        coefficients=coefficients,
        vcov=np.array(vcov, float),
        nobs=len(values),
        n_singletons=0,
        n_missing=0,
        dropped=dropped or {},
        effects=(),
        r2=0,
        r2_adjusted=0,
        r2_within=0,
        r2_within_xtreg=0,
        rmse=1,
        df_t=df,
        kind="iid",
        ssc="reghdfe",
        clusters={},
        constant=None,
        spreads=spread,
    )


def counted(values):
    points, counts = np.unique(np.asarray(values, float), return_counts=True)
    return points, counts.astype(float)


def test_golden_toy() -> None:
    """METHODS 5.4, G10."""
    test = u_test(fit_of((1, -0.1), TOY, 30, [1, 9]), "x")
    assert (test.slope_low, test.slope_high) == pytest.approx((0.8, -0.8), rel=1e-12)
    assert (test.t_low, test.t_high) == pytest.approx((4.923660, -4.417261), abs=5e-7)  # printed to 6 decimals
    assert test.p_value == pytest.approx(6.00002e-5, rel=1e-6)
    assert test.turning_point == pytest.approx(5)
    assert (test.delta_high - test.turning_point) / special.stdtrit(30, 0.975) == pytest.approx(0.316228, abs=5e-7)
    assert (test.delta_low, test.delta_high) == pytest.approx((4.354177, 5.645823), abs=5e-7)
    assert test.fieller_kind == "interval"
    assert (test.fieller_low, test.fieller_high) == pytest.approx((4.340756, 5.759365), abs=5e-7)
    assert test.shape == "inverted U"


def grunfeld_quadratic():
    """inv ~ capital + capital^2 with firm and year effects, clustered by firm, by dense dummies (K = 22)."""
    firm, year, y, x = (public_numbers.grunfeld()[c].to_numpy() for c in ("firm", "year", "inv", "capital"))
    dummies = np.column_stack([firm == f for f in np.unique(firm)] + [year == t for t in np.unique(year)[1:]]) * 1.0
    z = np.column_stack([x, x**2, y])
    z -= dummies @ np.linalg.lstsq(dummies, z, rcond=None)[0]
    design, left = z[:, :2], z[:, 2]
    bread = np.linalg.inv(design.T @ design)
    b = bread @ design.T @ left
    scores = np.array([design[firm == f].T @ (left - design @ b)[firm == f] for f in np.unique(firm)])
    return b, 10 / 9 * 199 / (200 - 22) * bread @ scores.T @ scores @ bread, x, firm


def test_golden_grunfeld() -> None:
    """METHODS 5.4, G10: a U whose turn is far from certain."""
    b, vcov, x, _ = grunfeld_quadratic()
    test = u_test(fit_of(b, vcov, 9, x), "x")
    assert test.shape == "U"
    assert (test.t_low, test.t_high) == pytest.approx((-1.425039, 17.878380), abs=5e-6)  # printed to 6 decimals
    assert test.p_value == pytest.approx(0.093944, abs=5e-7)
    assert test.turning_point == pytest.approx(187.262153, abs=5e-6)
    assert (test.delta_low, test.delta_high) == pytest.approx((-66.650, 441.174), abs=5e-4)
    assert (test.fieller_low, test.fieller_high) == pytest.approx((-141.147, 395.273), abs=5e-4)
    assert test.share_past is None
    assert test.share_past_by_year == {}
    assert test.quantile_of_turning_point == pytest.approx(np.mean(x <= test.turning_point))


def test_wrong_signs_give_p_of_one() -> None:
    monotone = u_test(fit_of((1, -0.1), TOY, 30, [1, 4]), "x")  # turns at 5, outside the data
    assert monotone.p_value == 1
    assert monotone.share_past == 0
    assert monotone.quantile_of_turning_point == 1


def test_mirror_image_has_the_same_test() -> None:
    groups = {"by_year": {"2004": counted([1.0, 9.0])}, "by_region": {"A": counted([1.0, 9.0])}}
    hill, valley = (u_test(fit_of(b, TOY, 30, [1, 9], **groups), "x") for b in ((1, -0.1), (-1, 0.1)))
    assert valley.p_value == hill.p_value
    assert (valley.fieller_low, valley.fieller_high) == (hill.fieller_low, hill.fieller_high)
    assert valley.shape == "U"
    assert hill.share_past_by_year == {"2004": 0.5}
    assert (valley.share_past, valley.share_past_by_year, valley.share_past_by_region) == (None, {}, {})


@settings(max_examples=150, deadline=None)
@given(
    b1=st.floats(-3, 3),
    b2=st.floats(-2, 2).filter(lambda v: abs(v) > 1e-3),
    s1=st.floats(0.01, 3),
    s2=st.floats(0.01, 3),
    r=st.floats(-0.95, 0.95),
    df=st.integers(3, 200),
)
def test_fieller_is_the_inversion_of_the_slope_test(b1, b2, s1, s2, r, df) -> None:
    """A point is in the set exactly when the slope there is not different from zero: interval, two rays or line."""
    vcov = np.array([[s1 * s1, r * s1 * s2], [r * s1 * s2, s2 * s2]])
    test = u_test(fit_of((b1, b2), vcov, df, [0, 1]), "x")
    critical = special.stdtrit(df, 0.975)
    grid = np.concatenate([np.linspace(-50, 50, 2001), np.linspace(-2, 2, 401)])
    slope = b1 + 2 * b2 * grid
    error = np.sqrt(vcov[0, 0] + 4 * grid * vcov[0, 1] + 4 * grid**2 * vcov[1, 1])
    margin = np.abs(slope) / error - critical
    if test.fieller_kind == "line":
        inside = np.ones(len(grid), bool)
    else:
        between = (grid > test.fieller_low) & (grid < test.fieller_high)
        inside = between if test.fieller_kind == "interval" else ~between
    clear = np.abs(margin) > 1e-6  # points on the border may fall to either side
    assert np.array_equal(inside[clear], margin[clear] < 0)


def test_all_three_fieller_kinds_occur() -> None:
    kinds = [
        u_test(fit_of((b1, -0.1), v, 30, [1, 9]), "x").fieller_kind
        for b1, v in ((1, TOY), (1, [[0.04, 0], [0, 0.04]]), (0.1, [[0.04, 0], [0, 0.04]]))
    ]
    assert kinds == ["interval", "two_rays", "line"]
    line = u_test(fit_of((0.1, -0.1), [[0.04, 0], [0, 0.04]], 30, [1, 9]), "x")
    assert (line.fieller_low, line.fieller_high) == (None, None)


def test_gap_without_end_when_the_square_sits_on_its_critical_value() -> None:
    half = 0.1 / special.ndtri(0.975)
    test = u_test(fit_of((1, -0.1), [[0.0001, 0], [0, half**2]], math.inf, [1, 9]), "x")
    assert test.fieller_kind in ("two_rays", "interval")
    assert (
        max(abs(test.fieller_low), abs(test.fieller_high)) > 1e6
    )  # infinite but for the last bit of the critical value


@pytest.mark.parametrize("b1", [1.0, -1.0])
def test_a_square_exactly_on_its_critical_value_excludes_a_gap_without_end(b1) -> None:
    """b2 = -t and s22 = 1: (b1 - 2 t m)^2 <= t^2 (s11 + 4 m^2) is 4 t b1 m >= b1^2 - t^2 s11."""
    t = t_quantile(0.975, 30)
    test = u_test(fit_of((b1, -t), [[0.01, 0], [0, 1]], 30, [1, 9]), "x")
    border = (b1**2 - 0.01 * t**2) / (4 * t * b1)
    assert test.fieller_kind == "two_rays"
    expected = (-math.inf, border) if b1 > 0 else (border, math.inf)  # the gap, which is not in the set
    assert (test.fieller_low, test.fieller_high) == pytest.approx(expected)


def test_share_past_counts_rows_strictly_beyond() -> None:
    values = [1, 5, 5, 5, 6, 7, 9, 2]
    by_year = {"2004": counted([1, 5, 5, 5]), "2005": counted([6, 7, 9, 2])}
    test = u_test(fit_of((1, -0.1), TOY, 30, values, by_year=by_year, by_region={"A": counted([9.0])}), "x")
    assert test.share_past == 3 / 8
    assert test.share_past_by_year == {"2004": 0, "2005": 0.75}
    assert test.share_past_by_region == {"A": 1}
    assert test.quantile_of_turning_point == 1 - 3 / 8


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 8).map(float), min_size=2, max_size=40).filter(lambda v: len(set(v)) > 1))
def test_slopes_stand_at_stata_percentiles(values) -> None:
    test = u_test(fit_of((1, -0.1), TOY, 30, values), "x")
    expected = np.percentile(values, [5, 10, 50, 90, 95], method="averaged_inverted_cdf")
    assert [where for where, *_ in test.slopes] == ["p5", "p10", "p50", "p90", "p95"]
    assert [x for _, x, *_ in test.slopes] == pytest.approx(expected.tolist())
    for _, x, slope, error in test.slopes:
        gradient = np.array([1, 2 * x])
        assert slope == pytest.approx(1 - 0.2 * x)
        assert error == pytest.approx(math.sqrt(gradient @ np.array(TOY) @ gradient))


def test_range_can_be_given_as_values_or_percentiles() -> None:
    values = np.arange(1, 101) / 10
    fit = fit_of((1, -0.1), TOY, 30, values)
    test = u_test(fit, "x", low="p5", high="p95")
    low, high = np.percentile(values, [5, 95], method="averaged_inverted_cdf")
    assert (test.low, test.high) == pytest.approx((low, high))
    assert u_test(fit, "x", low=2, high=8).slope_low == pytest.approx(0.6)
    assert u_test(fit_of((1, -0.1), TOY, 30), "x", low=1, high=9).p_value == pytest.approx(6.00002e-5, rel=1e-6)


def test_normal_and_satterthwaite_degrees_of_freedom() -> None:
    normal = u_test(fit_of((1, -0.1), TOY, math.inf, [1, 9]), "x")
    assert normal.p_value == pytest.approx(special.ndtr(-4.417261), rel=1e-5)  # t printed to 6 decimals
    from dataclasses import replace

    by_term = u_test(replace(fit_of((1, -0.1), TOY, 30, [1, 9]), df_by_term={"x": 12.0, "x^2": 7.5}), "x")
    assert by_term.p_value == pytest.approx(special.stdtr(7.5, by_term.t_high))


def test_errors_name_the_term_and_the_remedy() -> None:
    with pytest.raises(NotIdentified, match=r"'x\^2', which was dropped: collinear"):
        u_test(fit_of((1,), [[1]], 30, terms=("x",), dropped={"x^2": "collinear"}), "x")
    with pytest.raises(UnknownName, match="did you mean 'market'"):
        u_test(fit_of((1, -0.1), TOY, 30, terms=("market", "market^2")), "markt")
    with pytest.raises(UnknownName, match=r"write x \+ x\^2"):
        u_test(fit_of((1,), [[1]], 30, terms=("x",)), "x")
    fit = fit_of((1, -0.1), TOY, 30, [1, 9])
    for bad in ({"low": "q5"}, {"low": "p101"}, {"low": 9, "high": 1}, {"level": 95}):
        with pytest.raises(UsageError):
            u_test(fit, "x", **bad)
    with pytest.raises(UsageError, match="low="):
        u_test(fit_of((1, -0.1), TOY, 30), "x")
    with pytest.raises(NotIdentified, match="exactly zero"):
        u_test(fit_of((1, 0), TOY, 30, [1, 9]), "x")


def test_curve_is_relative_to_the_mean_with_a_pointwise_band() -> None:
    values = [1, 1, 1, 3, 9]
    points = curve(fit_of((1, -0.1), TOY, 30, values), "x", 5)
    assert [p.x for p in points] == [1, 3, 5, 7, 9]
    at_mean = points[1]
    assert at_mean.fit == at_mean.low == at_mean.high == 0
    gradient = np.array([9 - 3, 81 - 9])
    width = special.stdtrit(30, 0.975) * math.sqrt(gradient @ np.array(TOY) @ gradient)
    assert points[-1].fit == pytest.approx(6 - 7.2)
    assert (points[-1].low, points[-1].high) == pytest.approx((-1.2 - width, -1.2 + width))
    from_low = curve(fit_of((1, -0.1), TOY, 30, values), "x", relative_to="low")
    assert len(from_low) == 101
    assert from_low[0].fit == 0
    assert max(from_low, key=lambda p: p.fit).x == pytest.approx(5, abs=0.05)  # half a step of the grid


def test_tidy_has_both_slopes_and_the_turning_point_with_its_interval() -> None:
    """t = 0.8 / s, s^2 = 0.04 - 4 x 0.0038 + 4 x^2 0.0004; the interval of the turning point is that of the toy."""
    rows = u_test(fit_of((1, -0.1), TOY, 30, [1, 9]), "x").tidy().rows(named=True)
    assert [(r["part"], r["term"]) for r in rows] == [
        ("slope", "low end"),
        ("slope", "high end"),
        ("turning point", "x"),
    ]
    assert [r["estimate"] for r in rows] == pytest.approx([0.8, -0.8, 5])
    assert [r["std_error"] for r in rows[:2]] == pytest.approx([math.sqrt(0.0264), math.sqrt(0.0328)])
    assert (rows[2]["conf_low"], rows[2]["conf_high"]) == pytest.approx((4.354177, 5.645823), abs=5e-7)


def test_turning_point_of_a_fit() -> None:
    assert turning_point(fit_of((1, -0.1), TOY, 30), "x") == pytest.approx(5)
    assert turning_point(fit_of((1,), [[1]], 30, terms=("x",)), "x") is None
    assert turning_point(fit_of((1, 0), TOY, 30), "x") is None


def test_summary_says_shape_slopes_intervals_and_share() -> None:
    text = str(u_test(fit_of((1, -0.1), TOY, 30, [1, 5, 6, 9]), "x"))
    assert "inverted U, p = 6e-05" in text
    assert "t = -4.417" in text
    assert "turning point 5, delta [4.35418, 5.64582], Fieller [4.34076, 5.75936]" in text
    assert "rows past the turning point: 50.0%" in text
    wide = str(u_test(fit_of((0.1, -0.1), [[0.04, 0], [0, 0.04]], 30, [1, 9]), "x"))
    assert "Fieller every number" in wide
    gap = str(u_test(fit_of((1, -0.1), [[0.04, 0], [0, 0.04]], 30, [1, 9]), "x"))
    assert "everything but (" in gap
