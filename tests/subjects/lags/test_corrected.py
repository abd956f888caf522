"""The corrected twin of a table of lags: each of its regressions by a direct call, its p-values by Holm."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from integrade.estimate.contrasts import joint_test
from integrade.estimate.results import FitResult
from integrade.study.records import from_json, to_json
from integrade.subjects.lags.model import add_lags, lag_table
from integrade.subjects.lags.records import LagResults, LagStudy
from integrade.subjects.lags.tables import lags_table
from twin_economy import FORMULA, NOISY, TOO_NOISY, direct, drawn, halves

HOW = {"cluster": "region", "wild": 199}


def of_year(shift: str) -> str:
    return FORMULA.replace("market", f"market_{shift}")


TOGETHER = "y ~ market + market^2 + market_l1 + market_l1^2 | firm + year"
PLACEBO = TOGETHER.replace(" | ", " + market_f1 + market_f1^2 | ")


@pytest.fixture(scope="module")
def both() -> LagResults:
    return lag_table(drawn().panel, FORMULA, lags=(1, 2), leads=(1,), halves=halves(), **HOW)


@pytest.fixture(scope="module")
def twin(both: LagResults) -> LagResults:
    assert both.uncorrected == ""
    assert both.corrected is not None
    return both.corrected


@pytest.fixture(scope="module")
def panel() -> pl.DataFrame:
    wide: pl.DataFrame = add_lags(drawn().panel, "market", lags=(1, 2), leads=(1,))
    return wide


def same(a: FitResult, b: FitResult) -> None:
    assert [c.term for c in a.coefficients] == [c.term for c in b.coefficients]
    assert (a.nobs, a.kind, a.df_t) == (b.nobs, b.kind, b.df_t)
    for x, y in zip(a.coefficients, b.coefficients, strict=True):
        assert (x.estimate, x.std_error) == pytest.approx((y.estimate, y.std_error), rel=1e-9)  # the same arithmetic
    np.testing.assert_allclose(a.vcov, b.vcov, rtol=1e-8)


def p_of(found: LagResults, shift: int) -> float:
    """The larger p of both tests of one year, worked from the fit."""
    column = found[shift]
    terms = column.joint.terms
    drawn_p = [w.p_value for w in column.fit.wild if w.null == " + ".join(terms)]
    assert len(drawn_p) == 1
    return max(joint_test(column.fit, terms).p_value, *drawn_p)


def test_each_year_is_the_corrected_regression_on_that_year(twin: LagResults, panel: pl.DataFrame) -> None:
    for shift, name in ((1, "l1"), (2, "l2"), (-1, "f1")):
        same(twin[shift].fit, direct(of_year(name), panel).fit)
    same(twin[0].fit, direct(FORMULA, panel).fit)


def test_all_years_together_are_one_corrected_regression(panel: pl.DataFrame) -> None:
    found = lag_table(drawn().panel, FORMULA, lags=(1,), leads=(1,), halves=halves(), **HOW).corrected
    assert found is not None
    assert found.distributed is not None
    same(found.distributed.fit, direct(TOGETHER, panel).fit)
    assert found.placebo is not None
    same(found.placebo.fit, direct(PLACEBO, panel).fit)
    future = found.placebo.future
    assert future is not None
    assert future.terms == ("market_f1", "market_f1^2")
    assert future.p_value == joint_test(found.placebo.fit, future.terms).p_value


def test_the_bootstrap_tests_the_corrected_regression(twin: LagResults, panel: pl.DataFrame) -> None:
    want = direct(of_year("l1"), panel, wild=199).fit
    assert twin[1].fit.wild == want.wild
    assert {w.draws for w in want.wild} == {199}


def test_the_larger_p_counts_and_is_adjusted_over_the_lags(twin: LagResults) -> None:
    first, second = p_of(twin, 1), p_of(twin, 2)
    low, high = min(first, second), max(first, second)
    adjusted = {low: min(1.0, 2 * low), high: min(1.0, max(2 * low, high))}  # Holm (1979) for two tests
    assert twin[1].p_holm == pytest.approx(adjusted[first])
    assert twin[2].p_holm == pytest.approx(adjusted[second])
    assert twin[-1].p_holm == pytest.approx(p_of(twin, -1))


def test_the_table_as_printed_does_not_change(both: LagResults) -> None:
    alone = lag_table(drawn().panel, FORMULA, lags=(1, 2), leads=(1,), **HOW)
    assert to_json(replace(both, corrected=None)) == to_json(alone)


def test_years_beyond_the_prices_are_lost_as_in_the_table_as_printed(both: LagResults, twin: LagResults) -> None:
    assert [c.fit.nobs for c in twin.columns] == [c.fit.nobs for c in both.columns]
    assert [c.n_lost for c in twin.columns] == [c.n_lost for c in both.columns]
    assert both[2].n_lost > both[1].n_lost > 0


def test_a_lag_beyond_all_years_is_an_error_with_and_without_halves() -> None:
    for given in (None, halves()):
        with pytest.raises(Exception, match="market_l9"):
            lag_table(drawn().panel, FORMULA, lags=(9,), leads=(), cluster="region", halves=given)


def test_a_series_with_years_before_the_panel_serves_both() -> None:
    panel = drawn().panel.filter(pl.col("year") > 2001)
    series = drawn().panel.select("region", "year", "market").unique()
    found = lag_table(panel, FORMULA, lags=(2,), leads=(), series=series, cluster="region", halves=halves())
    assert found.corrected is not None
    assert found.corrected[2].n_lost == found[2].n_lost == 0
    wide = add_lags(panel, "market", lags=(2,), series=series)
    same(found.corrected[2].fit, direct(of_year("l2"), wide).fit)


def test_halves_that_do_not_agree_are_said() -> None:
    found = lag_table(drawn(NOISY).panel, FORMULA, lags=(1,), leads=(1,), cluster="region", halves=halves(NOISY))
    assert found.corrected is None
    assert TOO_NOISY in found.uncorrected


def test_a_table_that_lags_another_variable_says_why_it_is_not_corrected() -> None:
    formula = "y ~ m + market | firm + year"
    found = lag_table(
        drawn().panel, formula, variable="m", include_square=False, lags=(1,), cluster="region", halves=halves()
    )
    assert found.corrected is None
    assert "not the index of the prices" in found.uncorrected


def test_the_published_layout_is_not_corrected() -> None:
    found = lag_table(drawn().panel, FORMULA, lags=(1,), on="both", cluster="region", halves=halves())
    assert (found.corrected, found.uncorrected) == (None, "")


def test_the_table_prints_the_corrected_p_and_says_what_could_not_be_corrected(both: LagResults) -> None:
    weak = replace(both, corrected=replace(both.corrected, placebo=None, notes=("no leads by halves",)))  # type: ignore[type-var]
    printed = lags_table(LagStudy(weak, both))
    [line] = [r for r in printed.rows if r.key == "past.corrected"]
    assert line.cells[1] == f"{p_of(both.corrected, 1):.4f}"  # type: ignore[arg-type]
    assert line.cells[2] == f"{p_of(both.corrected, 2):.4f}"  # type: ignore[arg-type]
    assert any("no leads by halves" in note for note in printed.notes)
    bare = lags_table(LagStudy(replace(both, corrected=None), both))
    assert not [r for r in bare.rows if r.key == "past.corrected"]


def test_the_printed_record_has_both(both: LagResults) -> None:
    after = both.sheet().text().split("with the index corrected for noise:")[1]
    assert f"joint p {both.corrected[1].joint.p_value:.4f}" in after  # type: ignore[index]


def test_the_record_survives_json(both: LagResults) -> None:
    again = from_json(LagResults, to_json(both))
    assert to_json(again) == to_json(both)
    assert again.corrected is not None
    assert again.corrected.corrected is None
    assert again.corrected[1].joint == both.corrected[1].joint  # type: ignore[index]
