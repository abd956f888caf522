"""Descriptive statistics against numpy and scipy.stats, correlations against R-style t, VIF against its definition."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from integrade.errors import EmptyTable, NotANumber, NotIdentified, TooFew, UnknownColumn
from integrade.subjects.benchmark.describe import correlate, describe


def sample(n: int = 200) -> pl.DataFrame:
    rng = np.random.default_rng(5)
    x, z = rng.normal(size=(2, n))
    return pl.DataFrame({"y": 1 + x - z + rng.normal(size=n), "x": x, "z": z + 0.6 * x, "firm": ["a"] * n})


def test_describe_uses_complete_rows_by_default() -> None:
    panel = pl.DataFrame({"y": [1.0, 2.0, None, 4.0], "x": [1.0, math.nan, 3.0, 5.0]})
    y, x = describe(panel, ["y", "x"])
    assert (y.n, x.n) == (2, 2)
    assert (y.mean, x.mean) == (2.5, 3)
    each = describe(panel, ["y", "x"], complete=False)
    assert [d.n for d in each] == [3, 3]
    assert each[0].std_dev == pytest.approx(np.std([1, 2, 4], ddof=1))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-100, 100), min_size=2, max_size=40))
def test_describe_agrees_with_numpy(values) -> None:
    (d,) = describe(pl.DataFrame({"x": values}), ["x"])
    quartiles = np.percentile(
        values, [0, 25, 50, 75, 100], method="averaged_inverted_cdf"
    )  # Stata's rule (METHODS 4.1)
    assert (d.minimum, d.p25, d.median, d.p75, d.maximum) == pytest.approx(tuple(quartiles))
    assert d.mean == pytest.approx(np.mean(values), abs=1e-12)  # sums of different order
    assert d.std_dev == pytest.approx(np.std(values, ddof=1), abs=1e-9)


def test_correlations_agree_with_scipy() -> None:
    panel = sample()
    found = correlate(panel, ["y", "x", "z"])
    assert found.variables == ("y", "x", "z")
    assert found.n == 200
    for i, a in enumerate(found.variables):
        assert found.r[i, i] == 1
        for j in range(i):
            expected = stats.pearsonr(panel[a], panel[found.variables[j]])
            assert found.r[i, j] == found.r[j, i] == pytest.approx(expected.statistic, rel=1e-12)
            assert found.p_value[i, j] == pytest.approx(expected.pvalue, rel=1e-9)


def test_vif_is_of_the_regressors_alone() -> None:
    panel = sample()
    x, z = panel["x"].to_numpy(), panel["z"].to_numpy()
    r2 = np.corrcoef(x, z)[0, 1] ** 2
    found = correlate(panel, ["y", "x", "z"])
    assert set(found.vif) == {"x", "z"}
    assert found.vif["x"] == pytest.approx(1 / (1 - r2))
    collinear = panel.with_columns(w=pl.col("x") + 2 * pl.col("z"))
    assert correlate(collinear, ["y", "x"], ["x", "z", "w"]).vif == {"x": math.inf, "z": math.inf, "w": math.inf}
    assert correlate(panel, ["y", "x"]).vif == pytest.approx({"x": 1.0})


def test_correlation_of_shifted_data_keeps_its_digits() -> None:
    panel = sample()
    shifted = panel.with_columns(pl.col("y", "x") + 1e6)
    assert correlate(shifted, ["y", "x"]).r == pytest.approx(
        correlate(panel, ["y", "x"]).r, abs=1e-8
    )  # 1e6 costs 6 digits


def test_errors() -> None:
    panel = sample()
    with pytest.raises(UnknownColumn, match="did you mean 'firm'"):
        describe(panel, ["fimr"])
    with pytest.raises(NotANumber, match="firm"):
        describe(panel, ["firm"])
    with pytest.raises(NotIdentified, match="constant"):
        correlate(panel.with_columns(one=pl.lit(0.1)), ["y", "one"])
    with pytest.raises(TooFew):
        correlate(panel.head(2), ["y", "x"])
    with pytest.raises(EmptyTable):
        describe(pl.DataFrame({"x": [None, math.nan]}, schema={"x": pl.Float64}), ["x"])
