"""`fit`: golden numbers (METHODS 5.2, G7 and G10), what is dropped and said, options, JSON, determinism."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest

import public_numbers
from each import each
from integrade.engine import frames
from integrade.errors import (
    EmptyTable,
    NotANumber,
    NotIdentified,
    OutOfRange,
    Problems,
    TooFew,
    UnknownColumn,
    UnknownName,
    UsageError,
)
from integrade.estimate.fit import fit
from integrade.estimate.fit_json import to_json
from integrade.estimate.inverted_u import u_test
from integrade.estimate.linear import Fit, estimate, prepare
from integrade.regress.covariance import cluster_scores, clustered
from integrade.regress.effects import factorise
from integrade.regress.ols import least_squares
from panels import panel

FORMULA = "y ~ market + market^2 + scale | firm + year"


@pytest.fixture(scope="module")
def grunfeld() -> pl.DataFrame:
    return public_numbers.grunfeld()


# golden numbers are printed with ten decimals
@each(
    ("options", "error"),
    [
        ({"vcov": "iid"}, 0.0259782118),
        ({"vcov": "HC1"}, 0.0723707032),
        ({"cluster": "firm"}, 0.0632812941),
        ({"cluster": "firm", "ssc": "fixest"}, 0.0632812941),
        ({"cluster": "firm", "ssc": "xtreg"}, 0.0632812941),
        ({"cluster": "firm+year"}, 0.0604129026),
        ({"cluster": "year+firm"}, 0.0604129026),
    ],
    ids=str,
)
@each("effects", ["firm + year", "year + firm"])
def test_golden_standard_errors(grunfeld: pl.DataFrame, options: dict[str, Any], error: float, effects: str) -> None:
    result = fit(grunfeld, f"inv ~ capital | {effects}", None, **options)
    found = result["capital"]
    assert found.estimate == pytest.approx(0.4138018346, abs=5e-11)
    assert found.std_error == pytest.approx(error, abs=5e-11)
    assert result.df_t == (9 if result.clusters else 170)


def test_golden_conventional_multiway_and_raw(grunfeld: pl.DataFrame) -> None:
    design = prepare(grunfeld, "inv ~ capital | firm + year")
    x, y = design.matrix[:, :1], design.outcome
    solved = least_squares(x, y)
    firm, year = (factorise(c, grunfeld[c]) for c in ("firm", "year"))

    def scores(cluster: Any) -> Any:
        return cluster_scores(x, solved.residuals, cluster)

    each = clustered(solved.bread, scores, clusters=[firm, year], n=200, k=2, rule="cgm")  # both effects are nested
    assert math.sqrt(each.vcov[0, 0]) == pytest.approx(0.0621383692, abs=5e-11)
    s = scores(firm)
    assert math.sqrt((solved.bread @ s.T @ s @ solved.bread)[0, 0]) == pytest.approx(0.0569372626, abs=5e-11)


def test_golden_two_regressors_and_analytic_p(grunfeld: pl.DataFrame) -> None:
    result = fit(grunfeld, "inv ~ value + capital | firm + year", cluster="firm")
    assert [c.estimate for c in result.coefficients] == pytest.approx([0.11771586, 0.35791627], abs=5e-9)
    assert [c.std_error for c in result.coefficients] == pytest.approx([0.01082443, 0.0478484], abs=5e-9)
    assert result["capital"].p_value == pytest.approx(3.8e-5, rel=0.02)


def test_golden_u_test(grunfeld: pl.DataFrame) -> None:
    # G10, second line
    test = u_test(fit(grunfeld, "inv ~ capital + capital^2 | firm + year", cluster="firm"), "capital")
    assert (test.t_low, test.t_high) == pytest.approx((-1.425039, 17.878380), abs=5e-7)
    assert test.turning_point == pytest.approx(187.262153, abs=5e-7)
    assert (test.fieller_low, test.fieller_high) == pytest.approx((-141.147, 395.273), abs=5e-4)


def test_one_way_effects_and_constant_as_published(grunfeld: pl.DataFrame) -> None:
    # METHODS 5.3 (plm): FE .11012380 (.011856694), .31006534 (.017354503)
    result = fit(grunfeld, "inv ~ value + capital | firm", ssc="xtreg")
    found = [(c.estimate, c.std_error) for c in result.coefficients]
    assert found == [
        pytest.approx((0.11012380, 0.011856694), rel=1e-7),
        pytest.approx((0.31006534, 0.017354503), rel=1e-7),
    ]
    # Stata's manual prints _cons -58.74394 (12.45369) and within R2 .7668 for xtreg, fe on these data
    assert result.constant == pytest.approx((-58.74394, 12.45369), abs=5e-6)
    assert result.r2_within == pytest.approx(0.7668, abs=5e-5)
    assert result.r2_within_xtreg == result.r2_within


def test_without_effects_the_constant_is_a_coefficient() -> None:
    table = panel(0)
    result = fit(table, "y ~ scale")
    slope, level = np.polyfit(table["scale"].to_numpy(), table["y"].to_numpy(), 1)
    assert (result["scale"].estimate, result["constant"].estimate) == pytest.approx((slope, level), rel=1e-10)
    assert result.r2 == pytest.approx(np.corrcoef(table["scale"], table["y"])[0, 1] ** 2, rel=1e-10)
    assert result.constant == (result["constant"].estimate, result["constant"].std_error)
    assert [c.term for c in fit(table, "y ~ 0 + scale").coefficients] == ["scale"]
    with pytest.raises(UsageError, match="name of the intercept"):
        fit(table.with_columns(constant="age"), "y ~ scale + constant")
    only = fit(table, "y ~ 1")["constant"]
    assert only.estimate == pytest.approx(float(table["y"].mean()), rel=1e-12)  # type: ignore[arg-type]
    assert only.std_error == pytest.approx(float(table["y"].std()) / math.sqrt(table.height), rel=1e-12)  # type: ignore[arg-type]


def test_within_r2_both_ways() -> None:
    # dummies for the year as regressors of firm-demeaned data: Stata's xtreg; absorbed: reghdfe
    table = panel(1)
    both = fit(table, FORMULA)
    alone = fit(
        table.join(table.group_by("firm").len().filter(pl.col("len") > 1), on="firm", how="semi"), "y ~ x | firm"
    )
    ssr = both.rmse**2 * both.df_t
    firm = table.join(table.group_by("firm").len().filter(pl.col("len") > 1), on="firm", how="semi")
    net = (firm["y"] - firm.select(pl.col("y").mean().over("firm"))["y"]).to_numpy()
    assert both.nobs == alone.nobs
    assert both.r2_within_xtreg == pytest.approx(1 - ssr / (net @ net), rel=1e-10)
    assert both.r2_within < both.r2_within_xtreg


def test_dropped_regressors_are_named_with_their_reason() -> None:
    table = panel(0).with_columns(
        twice=2 * pl.col("scale") + 1, home=pl.col("firm").str.slice(1).cast(pl.Float64), one=1.0
    )
    result = fit(table, "y ~ scale + home + twice + market + one | firm + year")
    assert dict(result.dropped) == {"home": "absorbed by effects", "twice": "collinear", "one": "absorbed by effects"}
    assert [c.term for c in result.coefficients] == ["scale", "market"]
    same = fit(table, "y ~ scale + market | firm + year")
    np.testing.assert_allclose(result.vcov, same.vcov, rtol=1e-9)
    plain = fit(table, "y ~ scale + one + twice")
    assert dict(plain.dropped) == {"one": "collinear", "twice": "collinear"}
    with pytest.raises(NotIdentified, match="home \\(absorbed by effects\\)"):
        fit(table, "y ~ home | firm")


def test_missing_rows_are_counted_by_column() -> None:
    table = panel(0, firms=80)
    holes = table.with_row_index().with_columns(
        scale=pl.when(pl.col("index") < 3).then(None).otherwise("scale"),
        y=pl.when(pl.col("index") == 5).then(float("nan")).otherwise("y"),
        age=pl.when(pl.col("index") == 7).then(-1.0).otherwise("age"),
        region=pl.when(pl.col("index") == 9).then(None).otherwise("region"),
    )
    result = fit(holes, "y ~ scale + ln(age) | year", cluster="region")
    assert result.n_missing == 6
    assert result.nobs == table.height - 6
    assert "5 rows dropped, a value missing: scale 3, y 1, region 1" in result.notes
    assert "1 row dropped: age <= 0, so that log(age) is not defined" in result.notes
    whole = holes.filter(~pl.col("index").is_in([0, 1, 2, 5, 7, 9]))
    np.testing.assert_allclose(fit(whole, "y ~ scale + ln(age) | year", cluster="region").vcov, result.vcov, rtol=1e-12)


def test_a_term_that_is_not_defined_is_not_called_missing() -> None:
    at = pl.int_range(pl.len())
    holes = panel(0, firms=80).with_columns(
        y=pl.when(at < 4).then(0.0).when(at == 4).then(-2.0).when(at == 5).then(None).otherwise(pl.col("y").exp()),
        scale=pl.when(at == 6).then(float("inf")).when(at == 7).then(1e200).otherwise("scale"),
    )
    result = fit(holes, "ln(y) ~ scale^2 + market | year")
    assert "1 row dropped, a value missing: ln(y) 1" in result.notes
    assert "5 rows dropped: y <= 0, so that log(y) is not defined" in result.notes
    assert "1 row dropped: scale is infinite" in result.notes
    assert "1 row dropped: scale^2 exceeds the range of floating-point numbers" in result.notes
    assert result.n_missing == 8
    assert "8 with a missing or undefined value dropped" in str(result)
    with pytest.raises(EmptyTable) as told:
        fit(holes.with_columns(y=-pl.col("y").abs()), "ln(y) ~ market")
    assert "y <= 0, so that log(y) is not defined" in told.value.example


def test_problems_are_reported_all_at_once() -> None:
    with pytest.raises(Problems) as caught:
        fit(panel(0), "y ~ markt + scal | firm")
    assert "did you mean 'market'" in str(caught.value)
    assert "did you mean 'scale'" in str(caught.value)
    with pytest.raises(NotANumber, match="'firm' holds text"):
        fit(panel(0), "y ~ firm | year")
    with pytest.raises(UnknownColumn):
        fit(panel(0), FORMULA, cluster="province")
    with pytest.raises(UnknownColumn):
        fit(panel(0), FORMULA, weights="w")
    with pytest.raises(UnknownName, match="did you mean 'cluster'"):
        fit(panel(0), FORMULA, clusters="region")
    with pytest.raises(EmptyTable):
        fit(panel(0).with_columns(y=pl.lit(None, dtype=pl.Float64)), FORMULA)
    with pytest.raises(TooFew, match="parameters"):
        fit(panel(0).head(3), "y ~ scale + x + age")
    with pytest.raises(TooFew, match="1 level"):
        fit(panel(0).with_columns(region=pl.lit("R")), FORMULA, cluster="region")
    with pytest.raises(OutOfRange, match="negative weights"):
        fit(panel(0), FORMULA, weights="z1")


@pytest.mark.parametrize(
    "options",
    [
        {"vcov": "CR3"},
        {"vcov": "HC1", "cluster": "region"},
        {"vcov": "CR2", "cluster": "firm+region"},
        {"vcov": "CR3", "cluster": "firm+region"},
    ],
    ids=str,
)
def test_options_that_exclude_each_other(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        fit(panel(0), FORMULA, None, **options)


def test_weights_of_zero_are_missing_and_scale_does_not_matter() -> None:
    table = panel(0)
    a = fit(table, FORMULA, weights="weight", cluster="region")
    b = fit(table.with_columns(weight=pl.col("weight") * 1000), FORMULA, weights="weight", cluster="region")
    np.testing.assert_allclose(a.vcov, b.vcov, rtol=1e-10)
    assert (a.r2, a.rmse) == pytest.approx((b.r2, b.rmse), rel=1e-12)
    none = table.with_row_index().with_columns(weight=pl.when(pl.col("index") < 5).then(0.0).otherwise("weight"))
    assert fit(none, FORMULA, weights="weight").n_missing == 5


def test_one_design_serves_many_covariances() -> None:
    table = panel(1)
    design = prepare(table, FORMULA)
    before = design.matrix.copy()
    for options in ({"vcov": "iid"}, {"vcov": "HC3"}, {"cluster": "region"}, {"cluster": "region^year"}):
        again = estimate(design, None, **options)
        np.testing.assert_array_equal(again.vcov, fit(table, FORMULA, None, **options).vcov)
    np.testing.assert_array_equal(design.matrix, before)
    with pytest.raises(UnknownColumn, match="also"):
        estimate(design, cluster="industry")
    assert estimate(prepare(table, FORMULA, also=["industry"]), cluster="industry").clusters == {"industry": 5}


def test_combined_effects() -> None:
    table = panel(1).with_columns(cell=pl.concat_str("industry", "year", separator="-"))
    a = fit(table, "y ~ scale | firm + industry^year", cluster="region")
    b = fit(table, "y ~ scale | firm + cell", cluster="region")
    np.testing.assert_allclose(a.vcov, b.vcov, rtol=1e-12)
    assert a.effects[1].name == "industry^year"


def test_default_is_iid_and_clusters_mean_cr1() -> None:
    table = panel(0)
    assert (fit(table, FORMULA).kind, fit(table, FORMULA, cluster="region").kind) == ("iid", "CR1")
    assert fit(table, FORMULA, Fit(vcov="HC1")).kind == "HC1"


def test_jackknife_says_when_a_coefficient_needs_one_cluster() -> None:
    table = panel(0).with_columns(only=pl.when(pl.col("region") == "R1").then("z1").otherwise(0.0))
    result = fit(table, "y ~ scale + only | firm + year", vcov="CR3", cluster="region")
    assert any("a coefficient is not identified when region R1 is left out" in note for note in result.notes)
    assert np.isfinite(result.vcov).all()


@pytest.mark.parametrize("kind", ["CR1", "CR2", "CR3"])
@pytest.mark.parametrize("effects", ["", " | year", " | firm + year"])
def test_a_regressor_far_from_zero_has_the_errors_of_the_centred_one(kind: Any, effects: str) -> None:
    near = panel(7)
    far = near.with_columns(pl.col("market") + 3e5)
    known, found = (fit(p, f"y ~ market + scale{effects}", vcov=kind, cluster="region") for p in (near, far))
    assert not found.warnings
    for term in ("market", "scale"):  # 3e5 + x keeps eleven digits of x
        assert found[term].std_error == pytest.approx(known[term].std_error, rel=1e-8)
        assert found[term].p_value == pytest.approx(known[term].p_value, rel=1e-6)


def test_spreads_hold_where_the_square_lies() -> None:
    table = panel(0)
    result = fit(table, "y ~ market + market^2 + x + x^2 | year")
    assert [s.variable for s in result.spreads] == ["market", "x"]
    for spread in result.spreads:
        column = table[spread.variable].to_numpy()
        np.testing.assert_array_equal(spread.values, np.unique(column))
        assert spread.counts.sum() == table.height
        assert (spread.low, spread.high, spread.exact) == (column.min(), column.max(), True)
        assert list(spread.by_year) == [str(y) for y in range(2000, 2006)]
        for region, (values, counts) in spread.by_region.items():
            part = table.filter(region=region)[spread.variable].to_numpy()
            np.testing.assert_array_equal(np.repeat(values, counts.astype(int)), np.sort(part))


def test_a_long_spread_is_thinned_to_nearly_equal_counts() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=9000)
    spread = fit(pl.DataFrame({"y": rng.normal(size=9000), "x": x}), "y ~ x + x^2").spreads[0]
    assert not spread.exact
    assert len(spread.values) <= 2001
    assert spread.counts.sum() == 9000
    assert (spread.values[0], spread.values[-1]) == (x.min(), x.max())
    for turn in (-1.0, 0.1, 2.0):
        share = spread.counts[spread.values > turn].sum() / 9000
        assert share == pytest.approx((x > turn).mean(), abs=1 / 1000)


def test_means_and_deviations_are_those_of_the_sample() -> None:
    table = panel(0)
    result = fit(table, FORMULA)
    assert result.means["market^2"] == pytest.approx(float((table["market"] ** 2).mean()), rel=1e-12)  # type: ignore[arg-type]
    assert result.deviations["y"] == pytest.approx(float(table["y"].std()), rel=1e-12)  # type: ignore[arg-type]
    assert set(result.means) == {"y", "market", "market^2", "scale"}


def test_json_is_the_contract_and_plain() -> None:
    table = panel(1).with_columns(twice=2 * pl.col("scale"))
    result = fit(table, FORMULA.replace("scale", "scale + twice"), cluster="region", wild=99)
    found = json.loads(json.dumps(to_json(result, u_test(result, "market")), allow_nan=False))
    assert set(found["coefficients"]["market"]) == {
        "estimate",
        "std_error",
        "statistic",
        "p_value",
        "conf_low",
        "conf_high",
    }
    assert found["vcov"] == result.vcov.ravel().tolist()
    assert found["dropped"] == {"twice": "collinear"}
    assert found["clusters"] == {"region": 9}
    assert found["wild"]["market + market^2"]["draws"] == 99
    assert {"nobs", "n_singletons", "r2", "r2_within", "df_t", "ssc", "constant"} <= set(found)
    assert found["u_test"]["variable"] == "market"
    assert json.loads(json.dumps(to_json(fit(table, "y ~ scale")), allow_nan=False))["r2_within"] is None


def test_summary_says_what_a_reader_needs() -> None:
    result = fit(panel(1), FORMULA, cluster="region", wild=199)
    text = str(result)
    for part in (
        "market^2",
        "clustered by region (9 clusters)",
        "t(8)",
        "corrections as reghdfe",
        "1 singletons dropped",
        "not nested in the clusters (3 movers)",
        "wild bootstrap, market + market^2 = 0",
        "webb",
    ):
        assert part in text
    assert str(result) == text
    assert "<td>market^2</td>" in result._repr_html_()
    assert "Satterthwaite" in str(fit(panel(1), FORMULA, cluster="region", vcov="CR2"))


@pytest.mark.parametrize("kind", ["pandas", "arrow", "duckdb", "table", "lazy"])
def test_any_frame_gives_the_same_numbers(kind: str) -> None:
    table = panel(1)
    given: Any = {
        "pandas": lambda: table.to_pandas(),
        "arrow": lambda: table.to_arrow(),
        "duckdb": lambda: duckdb.from_arrow(table.to_arrow()),
        "table": lambda: frames.Table("panel", table.lazy()),
        "lazy": lambda: table.lazy(),
    }[kind]()
    expected = fit(table, FORMULA, cluster="region", wild=199)
    found = fit(given, FORMULA, cluster="region", wild=199)
    np.testing.assert_allclose(found.vcov, expected.vcov, rtol=1e-10)
    assert found.wild == expected.wild


@pytest.mark.parametrize("options", [{}, {"vcov": "CR3"}, {"vcov": "CR2"}, {"wild": 512}], ids=str)
def test_row_order_does_not_matter(options: dict[str, Any]) -> None:
    table = panel(1)
    expected = fit(table, FORMULA, cluster="region", **options)
    for seed in range(3):
        found = fit(table.sample(fraction=1, shuffle=True, seed=seed), FORMULA, cluster="region", **options)
        np.testing.assert_allclose(found.vcov, expected.vcov, rtol=1e-9)  # sums in another order, condition 1e4
        assert found.wild == expected.wild
        assert found.notes == expected.notes


def test_relabelling_firms_and_regions_does_not_matter() -> None:
    table = panel(1)
    renamed = table.with_columns(firm=pl.col("firm").hash() % 10**9, region="Z" + pl.col("region").str.reverse())
    a, b = (fit(t, FORMULA, cluster="region", vcov="CR3") for t in (table, renamed))
    np.testing.assert_allclose(a.vcov, b.vcov, rtol=1e-9)


SCRIPT = """
import sys; sys.path.insert(0, {tests!r})
from panels import panel
from integrade.estimate.fit import fit
for options in (dict(cluster="region"), dict(cluster="firm+year"), dict(cluster="region", wild=64)):
    r = fit(panel(1), "y ~ market + market^2 + scale | firm + year + industry", **options)
    print(r.vcov.tobytes().hex(), r.effects, r.notes, [w.p_value for w in r.wild])
"""


@pytest.mark.parametrize("seeds", [3, pytest.param(10, marks=pytest.mark.slow)])
def test_identical_bytes_under_every_hash_seed(seeds: int) -> None:
    # the reference estimator's clustered errors changed with PYTHONHASHSEED (METHODS 5.2)
    script = SCRIPT.format(tests=str(Path(__file__).parents[1]))
    found = []
    for seed in range(seeds):
        environment = {**os.environ, "PYTHONHASHSEED": str(seed), "OPENBLAS_NUM_THREADS": "1"}
        done = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
        )
        found.append(done.stdout)
    assert found[0]
    assert len(set(found)) == 1
