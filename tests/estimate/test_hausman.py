"""Fixed against random effects: golden G9 (METHODS 5.3), plm unbalanced, the Mundlak test by statsmodels."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from integrade.errors import BadFormula, NotIdentified, TooFew, UnknownColumn, UnknownName, UsageError
from integrade.estimate.hausman import hausman
from public_numbers import grunfeld


def simulated(seed: int = 1, *, units: int = 60, correlated: float = 0.0, drop: float = 0.0) -> pl.DataFrame:
    """Units in 12 regions, 6 years, x correlated with the unit effect by ``correlated``."""
    rng = np.random.default_rng(seed)
    unit, year = np.repeat(np.arange(units), 6), np.tile(np.arange(2004, 2010), units)
    effect = rng.normal(size=units)[unit]
    x = rng.normal(size=len(unit)) + correlated * effect
    w = rng.normal(size=len(unit)) + rng.normal(size=units)[unit]
    y = 1 + x - 0.5 * w + effect + 0.1 * (year - 2004) + rng.normal(size=len(unit))
    data = pl.DataFrame({"firm": unit, "year": year, "region": unit % 12, "born": unit % 7, "x": x, "w": w, "y": y})
    return data.filter(pl.Series(rng.random(len(unit)) >= drop))


@pytest.mark.parametrize(
    ("method", "statistic", "p_value"),
    [("classical", 2.3303668937, 0.3118654461), ("sigmamore", 2.129946, 0.344737), ("sigmaless", 2.131366, 0.344492)],
)
def test_golden_grunfeld(method, statistic, p_value) -> None:
    """METHODS 5.3, G9 (plm prints 2.3304, .3119)."""
    found = hausman(grunfeld(), "inv ~ value + capital | firm", method=method)
    digits = 1e-9 if method == "classical" else 5e-7  # as many as are printed
    assert found.statistic == pytest.approx(statistic, abs=digits)
    assert found.p_value == pytest.approx(p_value, abs=digits)
    assert (found.df, found.valid, found.method) == (2, True, method)
    assert "between 0.8612 and 0.8612" in found.note


def test_unbalanced_panel_agrees_with_plm() -> None:
    """plm 2.6.5 (R 4.5.0): phtest of plm(inv ~ value + capital, model = "within" and "random") on these rows."""
    gone = [3, 17, 25, 26, 27, 28, 29, 60, 61, 99, 150, 151, 152, 200]
    data = grunfeld().with_row_index("row", offset=1).filter(~pl.col("row").is_in(gone))
    found = hausman(data, "inv ~ value + capital | firm", method="classical")
    assert found.statistic == pytest.approx(7.21595518172, abs=1e-9)
    assert found.p_value == pytest.approx(0.02710661213, abs=1e-10)
    assert "between 0.8556 and 0.8746" in found.note


@pytest.mark.parametrize(
    ("gone", "method", "statistic", "df"),
    [
        ([], "stata_without_dummies", 2.33036689367, 2),
        ([], "stata", 6.57328031813, 21),
        ([3, 4, 5, 25, 61, 62, 63, 64, 100, *range(150, 156)], "stata_without_dummies", 1.27251317315, 2),
        ([3, 4, 5, 25, 61, 62, 63, 64, 100, *range(150, 156)], "stata", -12.970468690181, 21),
    ],
)
def test_components_as_in_stata_agree_with_plm(gone, method, statistic, df) -> None:
    """plm 2.6.5: phtest on all rows; without some, xtreg's formula on plm's within and between (unweighted) models.

    R: s2u = max(0, s2b - s2e / T), T the harmonic mean of the rows of a firm; theta by firm; lm on the quasi-demeaned
    columns; factor(year) among the regressors of ``stata``.
    """
    data = grunfeld().with_row_index("row", offset=1).filter(~pl.col("row").is_in(gone))
    found = hausman(data, "inv ~ value + capital | firm + year", method=method)
    assert found.statistic == pytest.approx(statistic, rel=1e-9)
    assert found.df == df


@pytest.mark.parametrize("drop", [0.0, 0.3])
def test_mundlak_agrees_with_statsmodels(drop) -> None:
    import statsmodels.api as sm

    data = simulated(correlated=0.3, drop=drop)
    found = hausman(data, "y ~ x + w + x^2 | firm + year", cluster="region")
    dummies = [pl.col("year").eq(y).cast(pl.Float64).alias(f"d{y}") for y in range(2005, 2010)]
    frame = data.with_columns(*dummies, x2=pl.col("x") ** 2)
    inside = ["x", "w", "x2", *(f"d{y}" for y in range(2005, 2010))]
    frame = frame.with_columns(pl.col(c).mean().over("firm").alias(f"mean_{c}") for c in inside)
    means = [f"mean_{c}" for c in (inside if drop else inside[:3])]  # balanced: the dummies' means are constant
    fit = sm.OLS(frame["y"].to_numpy(), sm.add_constant(frame.select(inside + means).to_numpy())).fit(
        cov_type="cluster", cov_kwds={"groups": frame["region"].to_numpy()}, use_t=True
    )
    test = fit.f_test(np.eye(len(fit.params))[[9, 10, 11]])
    assert found.df == 3
    assert found.statistic == pytest.approx(3 * float(test.fvalue), rel=1e-8)
    assert found.p_value == pytest.approx(float(test.pvalue), rel=1e-7)
    assert "clustered by region, 12 clusters)" in found.note


def test_two_way_clusters_agree_with_statsmodels() -> None:
    import statsmodels.api as sm

    data = simulated(correlated=0.3)
    found = hausman(data, "y ~ x + w | firm", cluster="year+region")
    frame = data.with_columns(pl.col("x", "w").mean().over("firm").name.prefix("mean_"))
    x = sm.add_constant(frame.select("x", "w", "mean_x", "mean_w").to_numpy())
    fit = sm.OLS(frame["y"].to_numpy(), x).fit()
    groups = frame.select(pl.col("year", "region").cast(pl.Int64)).to_numpy()
    raw = fit.get_robustcov_results("cluster", groups=groups, use_correction=False).cov_params()
    factor = 6 / 5 * 359 / 355  # six years are the smaller set; 360 rows, 5 terms
    gamma = fit.params[3:]
    assert found.statistic == pytest.approx(gamma @ np.linalg.solve(factor * raw[3:, 3:], gamma), rel=1e-8)
    assert "year+region, 6 clusters)" in found.note
    with pytest.raises(UsageError, match="3 dimensions"):
        hausman(data, "y ~ x | firm", cluster="firm+born+region")


def test_both_tests_see_correlated_effects_and_leave_independent_ones() -> None:
    for method in ("mundlak", "classical", "sigmamore", "sigmaless"):
        assert hausman(simulated(correlated=0.8), "y ~ x + w | firm + year", method=method).p_value < 1e-4
    rejections = [hausman(simulated(seed), "y ~ x + w | firm + year").p_value < 0.05 for seed in range(60)]
    assert np.mean(rejections) < 0.15  # nominal .05, three standard errors of 60 draws


def test_row_order_and_units_do_not_matter() -> None:
    data = simulated(drop=0.2)
    for method in ("mundlak", "classical"):
        base = hausman(data, "y ~ x + w | firm + year", method=method)
        moved = data.sample(fraction=1, shuffle=True, seed=3).with_columns(x=pl.col("x") * 1e4, y=pl.col("y") / 1e3)
        assert hausman(moved, "y ~ x + w | firm + year", method=method).statistic == pytest.approx(
            base.statistic, rel=1e-7
        )


def test_constant_within_units_is_left_out_and_said() -> None:
    data = simulated()
    found = hausman(data, "y ~ x + born | firm", method="sigmamore")
    assert found.df == 1
    assert "constant or collinear within units: born" in found.note
    robust = hausman(data, "y ~ x + born | firm")
    assert robust.df == 1
    assert "no separate mean: born" in robust.note
    for method in ("mundlak", "classical"):
        with pytest.raises(NotIdentified):
            hausman(data, "y ~ born | firm", method=method)


def test_indefinite_difference_is_not_given_a_p_value() -> None:
    found = [hausman(simulated(seed, units=8), "y ~ x + w | firm", method="classical") for seed in range(12)]
    bad = [f for f in found if not f.valid]
    assert bad, "own error variances make the difference indefinite in small panels"
    assert all(math.isnan(f.p_value) and "not positive definite" in f.note for f in bad)
    sure = [hausman(simulated(seed, units=8), "y ~ x + w | firm", method="sigmamore").valid for seed in range(12)]
    assert all(sure), "one error variance makes it definite"


def test_missing_values_are_left_out() -> None:
    data = simulated()
    holes = pl.concat(
        [data, data.head(3).with_columns(x=pl.lit(None, pl.Float64)), data.head(2).with_columns(w=math.nan)]
    )
    formula = "y ~ x + w | firm + year"
    assert hausman(holes, formula).statistic == pytest.approx(hausman(data, formula).statistic, rel=1e-9)
    logs = hausman(data, "y ~ ln(w) | firm")  # rows where w is not positive are left out
    assert logs.statistic == pytest.approx(
        hausman(data.filter(pl.col("w") > 0), "y ~ ln(w) | firm").statistic, rel=1e-9
    )


def test_errors() -> None:
    data = simulated()
    with pytest.raises(BadFormula, match="names no unit"):
        hausman(data, "y ~ x")
    with pytest.raises(BadFormula, match="instruments"):
        hausman(data, "y ~ 1 | firm | x ~ w")
    with pytest.raises(UnknownColumn, match="did you mean 'firm'"):
        hausman(data, "y ~ x | frim")
    with pytest.raises(UnknownName, match="did you mean 'sigmamore'"):
        hausman(data, "y ~ x | firm", method="sigmamoer")
    with pytest.raises(TooFew, match="between"):
        hausman(simulated(units=4, drop=0.2), "y ~ x + w | firm + year", method="classical")
    with pytest.raises(TooFew, match="two units"):
        hausman(data.filter(pl.col("firm") == 1), "y ~ x | firm")
    with pytest.raises(NotIdentified, match="fits exactly"):
        hausman(data.with_columns(y=2 * pl.col("x") + pl.col("firm")), "y ~ x | firm", method="classical")
    with pytest.raises(TooFew, match="4 rows for 4 coefficients"):
        hausman(data.head(7).filter(pl.col("firm").eq(1) | pl.col("year").lt(2007)), "y ~ x + w | firm")
    few = hausman(data.with_columns(half=pl.col("firm") % 2), "y ~ x + w | firm", cluster="half")
    assert (few.valid, few.df) == (False, 2)
    wide = pl.concat([data] * 40).with_row_index("row")
    with pytest.raises(UsageError, match="too many for dummies"):
        hausman(wide, "y ~ x | firm + row")
