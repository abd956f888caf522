"""Lags: by the calendar on the table where the series lives; the lag table against dense dummies and known truth."""

from __future__ import annotations

import subprocess
from itertools import product
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import special

from integrade.engine.frames import Table
from integrade.errors import Coverage, DuplicateKeys, UnknownColumn, UnknownName, UsageError
from integrade.estimate.fit import fit
from integrade.estimate.multiple import holm
from integrade.estimate.results import FitResult
from integrade.simulation import Economy, simulate
from integrade.study.records import from_json, to_json
from integrade.subjects.lags.model import Lags, add_lags, lag_table
from integrade.subjects.lags.records import LagResults
from integrade.subjects.lags.shifts import add_lags_of, without_lags
from library import needs_r
from panels import dummies, panel

FORMULA = "y ~ market + market^2 + scale | firm + year"


def same(a: FitResult, b: FitResult) -> None:
    """The same fit, whatever the number of threads."""
    assert [c.term for c in a.coefficients] == [c.term for c in b.coefficients]
    for x, y in zip(a.coefficients, b.coefficients, strict=True):
        assert (x.estimate, x.std_error) == pytest.approx((y.estimate, y.std_error), rel=1e-10)


def looked_up(table: pl.DataFrame, variable: str, shift: int, keys: tuple[str, str]) -> list[float | None]:
    """The value of the same unit exactly ``shift`` years earlier, found row by row."""
    known = {(r[keys[0]], r[keys[1]]): r[variable] for r in table.iter_rows(named=True) if r[variable] is not None}
    return [known.get((r[keys[0]], r[keys[1]] - shift)) for r in table.iter_rows(named=True)]


@pytest.mark.parametrize("keys", [("region", "year"), ("firm", "year")])
def test_lags_are_found_by_the_calendar(keys: tuple[str, str]) -> None:
    """With gaps, movers and shuffled rows; a mover has the past of the province where it is now."""
    table = panel(1).sample(fraction=1, shuffle=True, seed=3)
    table = table.filter(~((pl.col("region") == "R2") & (pl.col("year") == 2002)))  # a gap in a province's series
    variable = "market" if keys[0] == "region" else "scale"
    added = add_lags(table, variable, (1, 2), (1,), lives_on=keys)
    assert added["firm"].to_list() == table["firm"].to_list()
    for shift, name in ((1, f"{variable}_l1"), (2, f"{variable}_l2"), (-1, f"{variable}_f1")):
        assert added[name].to_list() == looked_up(table, variable, shift, keys)
        assert added[name].null_count() > 0


@pytest.mark.parametrize("columns", [("scale", "age"), ("scale", "scale_l1")])
@pytest.mark.parametrize("dated", [pl.Int64, pl.Float64])
def test_several_columns_at_once_are_those_one_after_the_other(columns: tuple[str, ...], dated: type) -> None:
    table = panel(6).sample(fraction=0.8, shuffle=True, seed=2).with_columns(pl.col("year").cast(dated))
    rng = np.random.default_rng(1)
    for name in ("scale", "age"):
        gone = pl.Series(rng.random(table.height) < 0.2)
        table = table.with_columns(
            pl.when(gone).then(None).otherwise(pl.Series(rng.normal(size=table.height))).alias(name)
        )
    table = table.unique(["firm", "year"], keep="first", maintain_order=True).with_columns(scale_l1=pl.lit(0.5))
    one = Table("panel", table)
    for column in columns:
        one = add_lags(one, column, (1, 3), (1,), lives_on=("firm", "year"))
    both = add_lags_of(Table("panel", table), columns, (1, 3), (1,), lives_on=("firm", "year"))
    assert both.polars().select(one.polars().columns).equals(one.polars())
    assert str(both.account) == str(one.account)


def test_a_gap_is_not_bridged() -> None:
    table = pl.DataFrame({"region": ["A"] * 3, "year": [2001, 2002, 2004], "market": [1.0, 2.0, 4.0]})
    found = add_lags(Table("panel", table), "market", (1, 2), (2,))
    rows = found.polars()
    assert rows["market_l1"].to_list() == [None, 1.0, None]
    assert rows["market_l2"].to_list() == [None, None, 2.0]
    assert rows["market_f2"].to_list() == [None, 4.0, None]
    assert without_lags(found.account) == {"market_l1": 2, "market_l2": 2, "market_f2": 2}
    assert "year outside the unit's years in the panel (1), year in a gap of the series (1)" in str(found.account)


def test_no_firm_is_lost_when_the_series_begins_earlier() -> None:
    """A firm that is new this year has its province's past; with the series before the panel no lag is missing."""
    table = panel(2)
    regions, years = sorted(table["region"].unique()), range(1997, 2006)
    own = {(r["region"], r["year"]): r["market"] for r in table.iter_rows(named=True)}
    rng = np.random.default_rng(0)
    cells = [(r, t, own.get((r, t), float(rng.normal(4, 0.3)))) for r, t in product(regions, years)]
    series = pl.DataFrame(cells, schema=["region", "year", "market"], orient="row")
    added = add_lags(table, "market", (1, 2, 3), series=series)
    assert added.select("market_l1", "market_l2", "market_l3").null_count().row(0) == (0, 0, 0)
    result = lag_table(table, FORMULA, series=series, cluster="region", leads=())
    assert [c.n_lost for c in result.columns] == [0, 0, 0, 0]
    attrition = lag_table(table, FORMULA, cluster="region", leads=())
    assert [c.n_lost for c in attrition.columns] > [0, 0, 0, 0]
    assert attrition[2].n_lost == attrition[0].fit.nobs - attrition[2].fit.nobs


@pytest.mark.parametrize("kind", ["pandas", "duckdb"])
def test_every_kind_of_frame(kind: str) -> None:
    table = panel(3)
    given = table.to_pandas() if kind == "pandas" else duckdb.from_arrow(table.to_arrow())
    added = add_lags(given, "market", (1,), (2,))
    local = pl.from_pandas(added) if isinstance(added, pd.DataFrame) else added.pl()
    expected = add_lags(table, "market", (1,), (2,)).sort("firm", "year")
    assert local.sort("firm", "year").select(expected.columns).equals(expected)


def test_columns_that_are_there_are_replaced() -> None:
    table = add_lags(panel(4), "market", (1,))
    assert add_lags(table, "market", (1,)).equals(table)


def dense(table: pl.DataFrame, columns: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients and their CR3 covariance over regions, by dummies and by leaving each region out."""

    def b(rows: pl.DataFrame) -> np.ndarray:
        x = np.column_stack([rows[c] for c in columns])
        d = np.hstack([dummies(rows["firm"].to_numpy()), dummies(rows["year"].to_numpy())])
        return np.linalg.lstsq(np.hstack([x, d]), rows["y"].to_numpy(), rcond=None)[0][: len(columns)]

    regions = table["region"].unique().sort()
    gaps = np.array([b(table.filter(pl.col("region") != r)) for r in regions]) - b(table)
    return b(table), (len(regions) - 1) / len(regions) * gaps.T @ gaps


def test_distributed_lag_by_dense_dummies() -> None:
    """Coefficients, Wald tests, sums and turning point of the sums with their errors (delta by differences)."""
    table = panel(5, firms=80, movers=0, years=9)
    result = lag_table(table, FORMULA, cluster="region", lags=(1, 2), leads=(1,), singletons="keep")
    rows = add_lags(table, "market", (1, 2)).drop_nulls(["market_l1", "market_l2"])
    names = ["market", "market_l1", "market_l2"]
    rows = rows.with_columns((pl.col(n) ** 2).alias(f"{n}^2") for n in names)
    terms = [t for n in names for t in (n, f"{n}^2")]
    b, v = dense(rows, [*terms, "scale"])
    found = result.distributed
    assert found is not None
    assert found.fit.nobs == rows.height
    np.testing.assert_allclose([found.fit[t].estimate for t in terms], b[:6], rtol=1e-7)  # lstsq on dummies
    lagged = [2, 3, 4, 5]
    wald = b[lagged] @ np.linalg.solve(v[np.ix_(lagged, lagged)], b[lagged]) / 4
    assert found.past is not None
    assert found.past.statistic == pytest.approx(wald, rel=1e-6)
    assert found.past.p_value == pytest.approx(special.fdtrc(4, 8, wald), rel=1e-6)
    assert (found.past.df1, found.past.df2) == (4, 8)
    weights = np.array([[1, 0] * 3 + [0], [0, 1] * 3 + [0]], float)
    mean = rows["market"].mean()
    functions = {
        "sum of market": lambda b: weights[0] @ b,
        "sum of market^2": lambda b: weights[1] @ b,
        "slope of the sums at the mean of market": lambda b: weights[0] @ b + 2 * mean * (weights[1] @ b),
        "turning point of the sums": lambda b: -(weights[0] @ b) / (2 * (weights[1] @ b)),
    }
    for combination, function in zip(found.sums, functions.values(), strict=True):
        gradient = np.array([(function(b + h) - function(b - h)) / 2e-5 for h in 1e-5 * np.eye(7)])
        assert combination.estimate == pytest.approx(function(b), rel=1e-6)
        assert combination.std_error == pytest.approx(np.sqrt(gradient @ v @ gradient), rel=1e-4)  # differences
    assert [c.name for c in found.sums] == list(functions)


def test_each_lag_alone_is_the_plain_fit() -> None:
    table = panel(6)
    result = lag_table(table, FORMULA, cluster="region", lags=(1,), leads=(1,))
    added = add_lags(table, "market", (1,), (1,))
    for shift, name in ((1, "market_l1"), (-1, "market_f1")):
        alone = fit(added, f"y ~ {name} + {name}^2 + scale | firm + year", cluster="region", vcov="CR3")
        same(result[shift].fit, alone)
        assert result[shift].column == name
    same(result[0].fit, fit(table, FORMULA, cluster="region", vcov="CR3"))
    assert result[1].fit.kind == "CR3"
    assert result[1].u_test is not None
    assert result[1].u_test.variable == "market_l1"


def test_square_by_option_and_adjusted_p() -> None:
    table = panel(7)
    plain = lag_table(table, FORMULA, include_square=False, lags=(1, 2), leads=(), cluster="region")
    assert [c.term for c in plain[1].fit.coefficients] == ["market_l1", "scale"]
    assert plain[1].u_test is None
    assert plain[1].joint.df1 == 1
    assert plain[1].joint.p_value == pytest.approx(plain[1].fit["market_l1"].p_value, rel=1e-9)  # F(1, df) = t(df)^2
    small, large = sorted(plain[s].joint.p_value for s in (1, 2))
    expected = {small: min(1, 2 * small), large: max(min(1, 2 * small), large)}
    assert [plain[s].p_holm for s in (1, 2)] == pytest.approx([expected[plain[s].joint.p_value] for s in (1, 2)])
    assert plain[0].p_holm is None
    drawn = lag_table(table, FORMULA, include_square=False, lags=(1, 2), leads=(), cluster="region", wild=99)
    larger = [max(drawn[s].joint.p_value, drawn[s].fit.wild[0].p_value) for s in (1, 2)]
    assert [drawn[s].p_holm for s in (1, 2)] == pytest.approx(holm(larger).tolist())
    assert larger != [drawn[s].joint.p_value for s in (1, 2)]  # the bootstrap decides somewhere
    squared = lag_table(table, "y ~ market + scale | firm + year", lags=(1,), leads=(), cluster="region")
    assert "market_l1^2" in [c.term for c in squared[1].fit.coefficients]


def test_published_layout_lags_the_outcome_and_says_so() -> None:
    table = panel(8, movers=0)
    result = lag_table(table, FORMULA, on="both", lags=(1,), cluster="region")
    both = add_lags(add_lags(table, "y", (1,), lives_on=("firm", "year")), "market", (1,), lives_on=("firm", "year"))
    expected = fit(both, "y_l1 ~ market_l1 + market_l1^2 + scale | firm + year", cluster="region", vcov="CR3")
    same(result[1].fit, expected)
    assert result[1].fit.outcome == "y_l1"
    assert (result.distributed, result.placebo) == (None, None)
    assert "Table 5 of the original paper" in result.notes[0]
    assert "Table 5 of the original paper" in str(result)
    assert lag_table(table, FORMULA, lags=(1,), cluster="region").notes == ()
    lagged = lag_table(table, FORMULA, on="both", controls="lagged", lags=(1,), cluster="region")
    assert "scale_l1" in [c.term for c in lagged[1].fit.coefficients]


def test_simulated_truth_the_present_matters_and_the_past_does_not() -> None:
    economy = simulate(Economy(n_firms=2500, n_years=9, state_share=0.0))
    series = economy.true_index.select("region", "year", market="integration")
    result = lag_table(
        economy.true_quality,
        "quality ~ market + scale + age | firm + year",
        lags=(1, 2),
        leads=(1,),
        cluster="region",
        series=series,
    )
    assert result.distributed is not None
    assert result.placebo is not None
    assert result.placebo.future is not None
    assert result.distributed.past is not None
    assert result.distributed.past.p_value > 0.05
    assert result.placebo.future.p_value > 0.05
    sums = {c.name: c for c in result.distributed.sums}
    total = sums["sum of market^2"]  # the truth, -1, less the part through schooling, which is in it: all of it
    assert abs(total.estimate - economy.truth["market"]["square"]) < 3 * total.std_error
    turning = sums["turning point of the sums"]
    assert abs(turning.estimate - 4.05) < 3 * turning.std_error


def test_too_short_a_panel_leaves_the_joint_model_out_with_a_note() -> None:
    table = panel(9, years=3, regions=4)
    result = lag_table(table, FORMULA, lags=(1,), leads=(1,), include_square=False, cluster="region")
    assert result.placebo is None
    assert any("distributed lag with leads is not estimated" in note for note in result.notes)


def test_same_sample() -> None:
    result = lag_table(panel(10, years=8), FORMULA, lags=(1, 2), leads=(), same_sample=True, cluster="region")
    assert len({c.fit.nobs for c in result.columns}) == 1


def test_text_and_json() -> None:
    result = lag_table(panel(11), FORMULA, lags=(1,), leads=(1,), cluster="region", wild=99)
    text = str(result)
    for part in ("lag 1", "lead 1", "leads (placebo)", "sum of market^2", "rows lack", "wild", "fewer"):
        assert part in text
    assert to_json(from_json(LagResults, to_json(result))) == to_json(result)


def test_refusals() -> None:
    table = panel(12)
    with pytest.raises(UsageError, match="differs within region, year"):
        add_lags(table, "scale", (1,))
    with pytest.raises(UnknownColumn, match="did you mean 'market'"):
        add_lags(table, "markte", (1,))
    with pytest.raises(UsageError, match="-1 years"):
        add_lags(table, "market", (-1,))
    series = table.select("region", "year", "market").unique()
    with pytest.raises(DuplicateKeys, match="repeats region, year"):
        add_lags(table, "market", (1,), series=pl.concat([series, series]))
    with pytest.raises(Coverage, match="no region in common"):
        add_lags(
            table, "market", (1,), series=series.with_columns(region=pl.lit("elsewhere")).unique(["region", "year"])
        )
    with pytest.raises(UsageError, match="not a regressor"):
        lag_table(table, "y ~ scale | firm + year")
    with pytest.raises(UsageError, match="instrumented"):
        lag_table(table, "y ~ scale | firm + year | market ~ z1")
    with pytest.raises(UnknownName, match="did you mean 'lags'"):
        lag_table(table, FORMULA, lag=(1,))
    with pytest.raises(UnknownName, match="on='outcome'"):
        lag_table(table, FORMULA, Lags(on="outcome"))  # type: ignore[arg-type]


@pytest.mark.system
def test_firm_lags_against_plm(tmp_path: Path) -> None:
    """plm's lag with shift = "time" is by the calendar too."""
    needs_r("plm")
    table = panel(13).sort("firm", "year")
    table.select("firm", "year", "scale").write_csv(tmp_path / "in.csv")
    script = (
        "suppressMessages(library(plm)); d <- read.csv('in.csv'); p <- pdata.frame(d, index = c('firm', 'year'));"
        "o <- data.frame(l1 = as.numeric(plm:::lagt.pseries(p$scale, 1)),"
        " f2 = as.numeric(plm:::lagt.pseries(p$scale, -2)));"
        "write.csv(format(o, digits = 17), 'out.csv', row.names = FALSE, quote = FALSE)"
    )
    subprocess.run(["Rscript", "-e", script], cwd=tmp_path, check=True, capture_output=True)
    theirs = pl.read_csv(tmp_path / "out.csv", null_values=["NA"], schema_overrides={"l1": pl.String, "f2": pl.String})
    ours = add_lags(table, "scale", (1,), (2,), lives_on=("firm", "year"))
    for name, column in (("l1", "scale_l1"), ("f2", "scale_f2")):
        their = theirs[name].str.strip_chars().replace("NA", None).cast(pl.Float64)
        assert their.is_null().to_list() == ours[column].is_null().to_list()
        np.testing.assert_allclose(their.drop_nulls(), ours[column].drop_nulls(), rtol=1e-12)  # printed in 17 digits


def test_lags_are_those_of_a_join_on_the_shifted_key() -> None:
    """Units with gaps, rows in any order, a key of two columns; years as whole numbers are searched, others joined."""
    rng = np.random.default_rng(4)
    table = pl.DataFrame(
        {
            "firm": rng.integers(0, 30, 400).astype(str),
            "plant": rng.integers(0, 2, 400),
            "year": rng.integers(1998, 2010, 400),
        }
    ).unique(maintain_order=True)
    table = table.with_columns(x=pl.Series(rng.normal(size=table.height)))
    found = add_lags(table, "x", (1, 3), (2,), lives_on=("firm", "plant", "year"))
    for name, shift in (("x_l1", 1), ("x_l3", 3), ("x_f2", -2)):
        moved = table.select("firm", "plant", pl.col("year") + shift, pl.col("x").alias(name))
        expected = table.join(moved, on=["firm", "plant", "year"], how="left", maintain_order="left")
        assert found[name].to_list() == expected[name].to_list()
    as_float = table.with_columns(pl.col("year").cast(pl.Float64))
    assert (
        add_lags(as_float, "x", (1, 3), (2,), lives_on=("firm", "plant", "year"))
        .drop("year")
        .equals(found.drop("year"))
    )
