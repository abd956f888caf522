"""Results as users of broom, statsmodels and pyfixest expect them: tidy, glance, params, intervals, residuals."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import integrade as ig
import panels


@pytest.fixture(scope="module")
def panel() -> pl.DataFrame:
    """An unbalanced panel with missing values, a singleton firm and shuffled rows."""
    rng = np.random.default_rng(5)
    firm = np.repeat(np.arange(60), rng.integers(2, 7, 60))
    n = len(firm)
    year = np.concatenate([np.arange(k) for k in np.bincount(firm)]) + 2000
    x, z = rng.normal(size=n), rng.normal(size=n)
    y = 1 + x - 0.4 * x**2 + firm / 20 + 0.1 * year + rng.normal(size=n)
    table = pl.DataFrame({"firm": firm, "year": year, "region": firm % 7, "y": y, "x": x + 0.3 * z, "z": z})
    table = table.with_columns(w=pl.Series(rng.uniform(0.5, 2, n)), pos=pl.col("y").exp())
    lone = pl.DataFrame({"firm": [999], "year": [2001], "region": [1], "y": [0.1], "x": [0.3], "z": [0.2]})
    table = pl.concat([table, lone.with_columns(w=pl.lit(1.0), pos=pl.lit(1.0))])
    table = table.sample(fraction=1, shuffle=True, seed=3)
    return table.with_columns(x=pl.when(pl.col("z") > 1.8).then(None).otherwise(pl.col("x")))


FORMULA = "y ~ x + x^2 | firm + year"


def brute(panel: pl.DataFrame, *, weights: bool = False) -> np.ndarray:
    """Residuals with a dummy for every firm and year, missing where the fit has no row."""
    rows = panel.with_row_index("at").drop_nulls()
    while (lone := rows.filter(pl.len().over("firm") == 1)).height:
        rows = rows.filter(~pl.col("at").is_in(lone["at"].to_list()))
    columns = rows.select("firm", "year").cast(pl.String).to_dummies().to_numpy().astype(float)
    x = rows["x"].to_numpy()
    design = np.column_stack([x, x**2, columns])
    root = np.sqrt(rows["w"].to_numpy()) if weights else np.ones(rows.height)
    y = rows["y"].to_numpy()
    b = np.linalg.lstsq(design * root[:, None], y * root, rcond=1e-10)[0]
    found = np.full(panel.height, np.nan)
    found[rows["at"].to_numpy()] = y - design @ b
    return found


def test_residuals_are_those_of_dummies_row_by_row(panel: pl.DataFrame) -> None:
    fit = ig.fit(panel, FORMULA, cluster="region")
    found, right = fit.resid(panel), brute(panel)
    assert fit.n_singletons > 0
    assert fit.n_missing > 0
    assert found.null_count() == fit.n_missing + fit.n_singletons == int(np.isnan(right).sum())
    np.testing.assert_allclose(found.to_numpy(), right, atol=1e-10)


def test_fitted_values_and_residuals_add_to_the_outcome(panel: pl.DataFrame) -> None:
    fit = ig.fit(panel, FORMULA)
    whole = fit.predict(panel) + fit.resid(panel)
    used = whole.is_not_null()
    np.testing.assert_allclose(whole.filter(used).to_numpy(), panel["y"].filter(used).to_numpy(), rtol=1e-12)
    assert fit.predict(panel).name == "fitted"


def test_weighted_residuals_need_their_weights(panel: pl.DataFrame) -> None:
    fit = ig.fit(panel, FORMULA, weights="w")
    np.testing.assert_allclose(fit.resid(panel, weights="w").to_numpy(), brute(panel, weights=True), atol=1e-10)
    with pytest.raises(ig.errors.UsageError, match="not the panel that the fit"):
        fit.resid(panel)


def test_residuals_agree_with_pyfixest(panel: pl.DataFrame) -> None:
    pyfixest = pytest.importorskip("pyfixest")
    rows = panel.to_pandas()
    theirs = pyfixest.feols("y ~ x + I(x**2) | firm + year", rows, fixef_rm="singleton", fixef_tol=1e-12)
    mine = ig.fit(rows, FORMULA).resid(rows).drop_nulls().to_numpy()
    np.testing.assert_allclose(mine, theirs.resid(), atol=1e-7)  # their demeaning stops at its tolerance


def test_residuals_of_instruments_use_the_endogenous_regressor(panel: pl.DataFrame) -> None:
    whole = panel.drop_nulls().filter(pl.col("firm") != 999)
    fit = ig.fit(whole, "y ~ 1 | 0 | x ~ z")
    b = fit.params
    right = whole["y"] - b["constant"] - b["x"] * whole["x"]
    np.testing.assert_allclose(fit.resid(whole).to_numpy(), right.to_numpy(), atol=1e-12)


def test_without_effects_any_panel_has_fitted_values(panel: pl.DataFrame) -> None:
    fit = ig.fit(panel, "y ~ x + z")
    other = pl.DataFrame({"x": [0.0, 1.0, None], "z": [0.0, 2.0, 1.0]})
    b = fit.params
    assert fit.predict(other).to_list() == pytest.approx([b["constant"], b["constant"] + b["x"] + 2 * b["z"], None])


def test_pandas_keeps_its_order_and_needs_no_index(panel: pl.DataFrame) -> None:
    fit = ig.fit(panel, FORMULA)
    rows = panel.to_pandas()
    rows.index = pd.Index(range(100, 100 + len(rows)))
    assert fit.resid(rows).to_list() == fit.resid(panel).to_list()


def test_without_the_panel_or_with_another_one_the_error_says_so(panel: pl.DataFrame) -> None:
    fit = ig.fit(panel, FORMULA)
    with pytest.raises(ig.errors.UsageError, match=r"give the panel: fit.resid\(panel\)"):
        fit.resid()
    with pytest.raises(ig.errors.UsageError, match=r"give the panel: fit.predict\(panel\)"):
        fit.predict()
    with pytest.raises(ig.errors.UsageError, match="rows for the regression, which had"):
        fit.resid(panel.head(40))
    with pytest.raises(ig.errors.UsageError, match="residuals are not those"):
        fit.resid(panel.with_columns(pl.col("y") * 2))
    with pytest.raises(ig.errors.UnknownColumn, match="no column 'x'"):
        fit.resid(panel.drop("x"))
    with pytest.raises(ig.errors.NotANumber, match="'x' holds text"):
        fit.resid(panel.with_columns(pl.col("x").cast(pl.String)))
    with pytest.raises(ig.errors.UsageError, match="for linear models, not ppml"):
        ig.fit(panel, "pos ~ x | firm", model="ppml").resid(panel)


def test_tidy_has_brooms_columns_and_conf_int_its_level(panel: pl.DataFrame) -> None:
    fit = ig.fit(panel, FORMULA, cluster="region")
    tidy = fit.tidy()
    assert tidy.columns == ["term", "estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"]
    assert tidy["term"].to_list() == ["x", "x^2"]
    assert fit.params == dict(zip(tidy["term"], tidy["estimate"], strict=True))
    assert fit.std_errors == dict(zip(tidy["term"], tidy["std_error"], strict=True))
    assert tidy["conf_low"].to_list() == pytest.approx([k.conf_low for k in fit.coefficients], rel=1e-12)
    from scipy import stats

    ninety = fit.conf_int(0.9)
    t = stats.t.ppf(0.95, 6)  # seven regions
    low = tidy["estimate"] - t * tidy["std_error"]
    assert ninety["conf_low"].to_list() == pytest.approx(low.to_list(), rel=1e-9)
    with pytest.raises(ig.errors.UsageError, match="level=95"):
        fit.conf_int(95)


def test_intervals_use_satterthwaite_degrees_by_term(panel: pl.DataFrame) -> None:
    fit = ig.fit(panel, FORMULA, cluster="region", vcov="CR2")
    assert fit.conf_int()["conf_low"].to_list() == pytest.approx([k.conf_low for k in fit.coefficients], rel=1e-12)
    assert len(set(fit.df_by_term.values())) == 2


def test_glance_is_one_row_and_fits_stack(panel: pl.DataFrame) -> None:
    fits = [ig.fit(panel, FORMULA, cluster="region"), ig.fit(panel, "y ~ x | firm + year", cluster="region")]
    rows = pl.concat([f.glance() for f in fits])
    assert rows["nobs"].to_list() == [f.nobs for f in fits]
    assert rows["clusters_region"].to_list() == [7, 7]
    assert rows["r2_within"].to_list() == [f.r2_within for f in fits]


def test_reprs_are_one_line(panel: pl.DataFrame) -> None:
    fit = ig.fit(panel, FORMULA, cluster=["firm", "region"])
    assert repr(fit) == f"FitResult({FORMULA}; n = {fit.nobs}, CR1 by firm and region)"
    test = ig.u_test(fit, "x")
    assert repr(test).startswith("UTest(U-test of x: inverted U")
    assert "\n" not in repr(test)
    assert repr(ig.options.Fit(cluster=["firm", "region"], wild=99)) == "Fit(cluster='firm+region', wild=99)"
    assert eval(repr(ig.options.Fit()), {"Fit": ig.options.Fit}) == ig.options.Fit()


def test_other_results_are_tidy_too(panel: pl.DataFrame) -> None:
    fit = ig.fit(panel, FORMULA, cluster="region")
    test = ig.u_test(fit, "x")
    ends = test.tidy()
    assert ends["estimate"].to_list() == [test.slope_low, test.slope_high, test.turning_point]
    assert (ends["estimate"] / ends["std_error"]).to_list()[:2] == pytest.approx([test.t_low, test.t_high])
    assert test.glance()["nobs"].item() == fit.nobs
    halves = panel.with_columns(half=pl.when(pl.col("firm") < 30).then(pl.lit("low")).otherwise(pl.lit("high")))
    compared = ig.compare_groups(halves, FORMULA, "half", cluster="region", treatment="x", permutations=0)
    parts = compared.tidy()
    high = parts.filter(pl.col("part") == "groups.high.fit")
    assert high["estimate"].to_list() == [k.estimate for k in compared.groups[0].fit.coefficients]
    gap = parts.filter(pl.col("part") == "differences.high - low")
    assert gap["estimate"].to_list() == [d.estimate for d in compared.differences]
    described = ig.describe(panel, ["y", "x"], complete=False).tidy()
    assert described["variable"].to_list() == ["y", "x"]
    assert described["mean"][0] == pytest.approx(panel["y"].mean())


def test_every_shown_result_has_tidy_and_glance() -> None:
    kinds = [getattr(ig.results, name) for name in dir(ig.results)]
    shown = [kind for kind in kinds if "sheet" in vars(kind)]
    assert len(shown) > 30
    assert [k.__name__ for k in shown if not {"tidy", "glance", "__repr__"} <= set(vars(k))] == []


def test_figures_of_results(panel: pl.DataFrame) -> None:
    fits = {"with": ig.fit(panel, FORMULA, cluster="region"), "without": ig.fit(panel, "y ~ x | firm + year")}
    drawn = ig.plot.coefficients(fits, ["x"], labels={"x": "Market"}).to_dict()
    rows = next(rows for rows in drawn["datasets"].values() if len(rows) == 2)
    assert [r["fit"] for r in rows] == ["with", "without"]
    assert {r["term"] for r in rows} == {"Market"}
    assert rows[0]["estimate"] == fits["with"]["x"].estimate
    curve = ig.plot.curve(fits["with"], "x").to_dict()
    assert "turning point" in str(curve)
    assert ig.plot.past(ig.u_test(fits["with"], "x")).to_dict()["title"]
    with pytest.raises(ig.errors.UnknownName, match="did you mean"):
        ig.plot.coefficients(fits, ["x^3"])
    with pytest.raises(ig.errors.UnknownName, match="no square"):
        ig.plot.curve(fits["without"], "x")


def test_results_draw_the_figure_that_they_are_made_for(panel: pl.DataFrame) -> None:
    squared, plain = ig.fit(panel, FORMULA, cluster="region"), ig.fit(panel, "y ~ x | firm + year")
    test, sizes = ig.u_test(squared, "x"), ig.questions.effect_sizes(squared, "x")
    pairs = [
        (squared.plot(), ig.plot.curve(squared, "x")),
        (squared.plot("x", level=0.9), ig.plot.curve(squared, "x", level=0.9)),
        (plain.plot(), ig.plot.coefficients(plain)),
        (test.plot(), ig.plot.past(test)),
        (sizes.plot(), ig.plot.effects(sizes)),
    ]
    for own, asked in pairs:
        assert own.to_dict() == asked.to_dict()
    with pytest.raises(ig.errors.UnknownName, match="did you mean"):
        ig.plot.specifications(None, "slope_p1")  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def pairs() -> dict[str, tuple[Any, Any]]:
    """What ``plot()`` of results that compare regressions draws, and the figure of `ig.plot` that is made for it."""
    kind = pl.when(pl.col("firm") < "F080").then(pl.lit("a")).otherwise(pl.lit("b"))
    rows = panels.panel(8, firms=160, years=8).with_columns(kind=kind)
    formula = "y ~ market + market^2 + scale | firm + year"
    fit = ig.fit(rows, formula, cluster="region")
    groups = ig.compare_groups(rows, formula, "kind", cluster="region", treatment="market", permutations=0)
    changes = ig.robustness(rows, formula, "market", checks=("winsor", "leave_out"), cluster="region")
    past = ig.lag_table(rows, formula, lags=(1,), leads=(), cluster="region")
    weak = ig.questions.weak_iv(rows, "y ~ scale | firm + year | market ~ x", cluster="region", draws=0)
    return {
        "groups": (groups.plot(), ig.plot.groups(groups)),
        "turns": (groups.plot(fit, "turning_point"), ig.plot.groups(groups, fit, "turning_point")),
        "robustness": (changes.plot(), ig.plot.robustness(changes, "market")),
        "slopes": (changes.plot("p50"), ig.plot.robustness(changes, "market", "p50")),
        "lags": (past.plot(level=0.9), ig.plot.lags(past, level=0.9)),
        "anderson_rubin": (weak.plot(), ig.plot.anderson_rubin(weak)),
        "leave_one_out": (ig.plot.leave_one_out(changes, "market"),) * 2,
        "distributions": (ig.plot.distributions(rows, "y", "kind"),) * 2,
    }


def test_comparisons_draw_their_figures(pairs: dict[str, tuple[Any, Any]]) -> None:
    for name, (own, asked) in pairs.items():
        assert own.to_dict() == asked.to_dict(), name


@pytest.mark.parametrize("kind", ["pdf", "html"])
def test_every_figure_is_saved_for_paper_and_page(pairs: dict[str, tuple[Any, Any]], tmp_path: Path, kind: str) -> None:
    """A pdf holds a page as wide as the figure, and letters; an html file the figure that was drawn."""
    for name, (chart, _) in pairs.items():
        path = tmp_path / f"{name}.{kind}"
        chart.save(str(path))
        if kind == "html":
            text = path.read_text(encoding="utf-8")
            title = chart.to_dict()["title"]["text"]
            assert "vegaEmbed" in text, name
            assert json.dumps(title)[1:-1] in text, name
            continue
        written = path.read_bytes()
        box = re.search(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", written)
        assert written.startswith(b"%PDF"), name
        assert box, name
        assert float(box[1]) > 400, name  # points of a figure 560 pixels wide and its axis
        assert float(box[2]) > 100, name
        assert b"/Font" in written, name


def test_a_figure_that_is_saved_has_a_width_of_its_own(panel: pl.DataFrame, tmp_path: Path) -> None:
    """Figures of a report fill what holds them; a file holds nothing: the curve was one pixel wide, its title cut."""
    fit = ig.fit(panel, FORMULA, cluster="region")
    charts = {
        "curve": ig.plot.curve(fit, "x"),
        "past": ig.plot.past(ig.u_test(fit, "x")),
        "effects": ig.plot.effects(ig.questions.effect_sizes(fit, "x")),
    }
    for name, chart in charts.items():
        chart.save(str(tmp_path / f"{name}.png"))
        assert int.from_bytes((tmp_path / f"{name}.png").read_bytes()[16:20]) > 500, name
