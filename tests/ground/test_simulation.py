"""A simulated economy: its truth can be recovered, its files are those a researcher meets, and they never change."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from python_calamine import load_workbook

from integrade.errors import DataError, UsageError
from integrade.records.schema import conform
from integrade.simulation import COLUMNS, Economy, Simulated, simulate, simulate_customs, write_raw
from integrade.simulation.covariates import SCHOOLING
from integrade.simulation.dta import write_dta
from integrade.simulation.prices import nearness, segmentation_limit, spreads, true_index
from library import needs_r

CONTROLS = ["scale", "age", "roa", "rdebt", "fic"]
TRADING_WORDS = "贸易|进出口|商贸"
SMALL = Economy(n_firms=60, n_years=3, n_products=8, n_destinations=5)


@pytest.fixture(scope="module")
def economy() -> Simulated:
    return simulate()


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> tuple[Simulated, Path]:
    directory = tmp_path_factory.mktemp("raw")
    small = simulate(SMALL)
    write_raw(small, directory)
    return small, directory


def within(table: pl.DataFrame, columns: list[str]) -> np.ndarray:
    """Columns after firm and year effects: firm means out, then year dummies by least squares (exact)."""
    dummies = table.select(pl.col("year").cast(pl.String)).to_dummies().to_numpy().astype(float)[:, 1:]
    firm = table["firm"].rank("dense").to_numpy() - 1
    both = np.column_stack([table.select(columns).to_numpy(), dummies])
    means = np.array([np.bincount(firm, column) for column in both.T]).T / np.bincount(firm)[:, None]
    both = both - means[firm]
    values, years = both[:, : len(columns)], both[:, len(columns) :]
    return values - years @ np.linalg.lstsq(years, values, rcond=None)[0]


def regress(table: pl.DataFrame, outcome: str, regressors: list[str]) -> tuple[dict[str, float], dict[str, float]]:
    """Slopes with firm and year effects, and their standard errors clustered by region (CR1)."""
    values = within(table, [outcome, *regressors])
    y, X = values[:, 0], values[:, 1:]
    inverse = np.linalg.inv(X.T @ X)
    slopes = inverse @ X.T @ y
    region = table["region"].rank("dense").to_numpy() - 1
    scores = np.array([np.bincount(region, column) for column in (X * (y - X @ slopes)[:, None]).T]).T
    groups = len(scores)
    errors = np.sqrt(np.diag(inverse @ (scores.T @ scores) @ inverse) * groups / (groups - 1))
    return dict(zip(regressors, slopes, strict=True)), dict(zip(regressors, errors, strict=True))


def squared(table: pl.DataFrame) -> pl.DataFrame:
    return table.with_columns(market2=pl.col("market") ** 2)


def private(economy: Simulated) -> pl.DataFrame:
    return squared(economy.true_quality.filter(pl.col("ownership") != "state"))


# ---------------------------------------------------------------------------------------------------- the truth


def test_the_inverted_u_is_recovered_with_the_true_index_and_true_quality(economy: Simulated) -> None:
    b, se = regress(private(economy), "quality", ["market", "market2", *CONTROLS])
    truth = economy.truth["market"]
    assert b["market2"] / se["market2"] < -8
    # province-year noise of 0.02 over 310 cells leaves a standard error near 0.01 on the turning point
    assert -b["market"] / (2 * b["market2"]) == pytest.approx(truth["turning_point"], abs=0.04)
    assert b["market2"] == pytest.approx(truth["square"], abs=4 * se["market2"])
    for control in CONTROLS:
        assert b[control] == pytest.approx(economy.truth["controls"][control], abs=4 * se[control]), control


def test_the_turning_point_is_inside_the_range_of_the_index(economy: Simulated) -> None:
    low, high = economy.true_quality["market"].quantile(0.1), economy.true_quality["market"].quantile(0.9)
    assert low is not None
    assert high is not None
    assert low < economy.truth["market"]["turning_point"] - 0.2
    assert high > economy.truth["market"]["turning_point"] + 0.2
    assert 0.3 < economy.truth["market"]["share_past"] < 0.8


def test_state_owned_firms_do_not_respond(economy: Simulated) -> None:
    state = squared(economy.true_quality.filter(pl.col("ownership") == "state"))
    b, se = regress(state, "quality", ["market", "market2", *CONTROLS])
    assert abs(b["market2"]) < 4 * se["market2"]
    assert abs(b["market2"]) < 0.3
    assert state["firm"].n_unique() / economy.true_quality["firm"].n_unique() == pytest.approx(0.05, abs=0.015)


def test_human_capital_mediates_and_research_does_not(economy: Simulated) -> None:
    cells = economy.true_index.select("region", "year", "ln_human_capital").join(economy.rd, on=["region", "year"])
    table = private(economy).join(cells, on=["region", "year"], how="left")
    b, se = regress(table, "quality", ["market", "market2", "ln_human_capital", "rd", *CONTROLS])
    truth = economy.truth
    assert b["ln_human_capital"] == pytest.approx(truth["human_capital"]["effect"], abs=4 * se["ln_human_capital"])
    assert b["ln_human_capital"] > 4 * se["ln_human_capital"]
    assert b["market2"] == pytest.approx(truth["market"]["square_direct"], abs=4 * se["market2"])
    assert abs(b["rd"]) < 4 * se["rd"]
    through = truth["human_capital"]["square"] * truth["human_capital"]["effect"]
    assert truth["market"]["square_direct"] + through == pytest.approx(truth["market"]["square"])
    cell = squared(economy.true_index.rename({"integration": "market"}).with_columns(firm="region"))
    b, _ = regress(cell, "ln_human_capital", ["market", "market2"])
    assert b["market2"] == pytest.approx(truth["human_capital"]["square"], abs=0.03)  # noise .006, 310 cells


def test_row_quality_standardised_by_product_has_the_stated_scale(economy: Simulated) -> None:
    """The oracle of the study: ln lambda between its 1st and 99th percentiles by product, value-weighted by firm."""
    low, high = (pl.col("ln_lambda").quantile(q).over("product", "unit") for q in (0.01, 0.99))
    rows = economy.true_rows.with_columns(r=((pl.col("ln_lambda") - low) / (high - low)).clip(0, 1))
    grade = rows.group_by("firm", "year").agg(grade=(pl.col("r") * pl.col("value")).sum() / pl.col("value").sum())
    table = private(economy).join(grade, on=["firm", "year"], how="inner")
    b, se = regress(table, "grade", ["market", "market2", *CONTROLS])
    assert b["market2"] < -4 * se["market2"]
    assert -b["market"] / (2 * b["market2"]) == pytest.approx(4.05, abs=0.06)
    # clipping at the percentiles loses a little of the slope; more than a quarter would be an error of scale
    assert b["market2"] / economy.truth["standardised_per_log_point"] == pytest.approx(-1.0, abs=0.25)


def test_sigma_is_recovered_when_quality_is_known_and_missed_when_it_is_not(economy: Simulated) -> None:
    customs = economy.customs.with_columns(ln_lambda=economy.true_rows["ln_lambda"])
    clean = customs.filter((pl.col("quantity") > 0) & (pl.col("value") > 0)).with_columns(
        ln_q=pl.col("quantity").log(), ln_p=(pl.col("value") / pl.col("quantity")).log()
    )
    big = clean["product"].value_counts().sort("count", "product", descending=True)["product"].head(5).to_list()
    for product in big:
        sigma = economy.truth["sigma"][product]
        rows = clean.filter(pl.col("product") == product).with_columns(
            net=pl.col("ln_q") - (sigma - 1) * pl.col("ln_lambda")
        )
        cell = ["destination", "year"]
        demeaned = rows.with_columns(*[pl.col(c) - pl.col(c).mean().over(cell) for c in ("net", "ln_q", "ln_p")])
        p = demeaned["ln_p"].to_numpy()
        known, unknown = (-(p @ demeaned[c].to_numpy()) / (p @ p) for c in ("net", "ln_q"))
        error = 0.3 / np.sqrt(p @ p)  # taste shocks have s.d. 0.3
        assert known == pytest.approx(sigma, abs=4 * error + 0.01), product
        assert unknown < sigma - 0.5, "quality raises price and quantity together"


def test_true_index_is_the_limit_of_the_measured_one() -> None:
    """METHODS 1.1, steps 1 to 5, with 20,000 goods drawn from the process against the closed form."""
    tau, correlation = spreads(SMALL)[0], nearness()
    shocks = np.random.default_rng(1).normal(size=(31, 20_000))
    logs = tau[:, None] * (np.linalg.cholesky(correlation) @ shocks)
    first, second = np.triu_indices(31, 1)
    q = np.abs(logs[first] - logs[second])
    q -= q.mean(axis=0)
    v = q.var(axis=1, ddof=1)
    measured = (np.bincount(first, v, 31) + np.bincount(second, v, 31)) / 30
    exact = segmentation_limit(np.outer(tau, tau) * correlation)
    np.testing.assert_allclose(measured, exact, rtol=0.03)  # s.e. of a variance of 20,000 is 1% and more


def test_true_index_of_equal_independent_regions_by_hand() -> None:
    """N equal regions: Cov(|d_ij|, |d_ik|) = (2/pi) 2 tau^2 (sqrt(3)/2 + pi/12 - 1), 0 for disjoint pairs."""
    n, tau = 5, 0.02
    pairs, sharing = n * (n - 1) / 2, 2 * (n - 2)
    variance = 2 * tau**2 * (1 - 2 / np.pi)
    shared = 2 / np.pi * 2 * tau**2 * (np.sqrt(3) / 2 + np.pi / 12 - 1)
    expected = variance - (variance + sharing * shared) / pairs
    np.testing.assert_allclose(segmentation_limit(tau**2 * np.eye(n)), expected, rtol=1e-12)


def test_index_has_the_magnitudes_of_the_literature(economy: Simulated) -> None:
    """METHODS 1.1: segmentation of order 1e-4..1e-3; integration falls from 4.7 to about 3.2 (paper Table 2)."""
    index = economy.true_index
    assert 5e-5 < index["segmentation"].min() < index["segmentation"].max() < 4e-3  # type: ignore[operator]
    by_year = index.group_by("year").agg(pl.col("integration").mean()).sort("year")["integration"]
    assert by_year[-1] - by_year[0] > 0.4
    tau = np.log(spreads(economy.economy))
    assert tau.mean(axis=0).std() == pytest.approx(0.4, abs=0.1)
    _, x = true_index(np.exp(tau))
    own = x - x.mean(axis=0) - x.mean(axis=1, keepdims=True) + x.mean()
    assert own.std() > 0.06, "movement within provinces that is not the common trend"


# ----------------------------------------------------------------------------------------------------- the tables


def test_tables_pass_the_door_and_have_the_promised_size(economy: Simulated) -> None:
    for name in ("prices", "firms", "exporters", "customs"):
        conform(getattr(economy, name), name)
    assert economy.prices.height == 31 * 10 * 10
    assert economy.customs.height >= 300_000
    assert economy.firms["firm"].n_unique() > 4_900
    key = ["firm", "product", "destination", "year", "unit", "regime"]
    assert economy.customs.select(key).is_unique().all()
    assert economy.true_rows.select(key[:-1]).is_unique().all()
    assert economy.prices.filter((pl.col("index") * 10 - (pl.col("index") * 10).round()).abs() > 1e-9).height == 0


def test_customs_have_what_raw_records_have(economy: Simulated) -> None:
    customs = economy.customs
    assert customs["product"].str.len_chars().unique().to_list() == [6]
    assert customs["product"].str.starts_with("0").any()
    assert 0 < (customs["quantity"] == 0).sum() < 0.005 * customs.height
    assert 0 < customs["value"].null_count() + customs["quantity"].null_count() < 0.005 * customs.height
    units = customs.group_by("product").agg(n=pl.col("unit").n_unique())["n"]
    assert 0 < (units == 2).sum() < units.len()
    assert customs["regime"].n_unique() == 3
    breadth = customs.group_by("firm").agg(n=pl.struct("product", "destination").n_unique())["n"]
    assert breadth.max() > 20 * breadth.median()  # type: ignore[operator]


def test_trading_companies_export_and_have_no_accounts(economy: Simulated) -> None:
    traders = economy.exporters.filter(pl.col("name").str.contains(TRADING_WORDS))
    assert traders["firm"].n_unique() > 100
    assert not economy.firms["name"].str.contains(TRADING_WORDS).any()
    assert not traders["firm"].is_in(economy.firms["firm"].to_list()).any()
    assert traders["firm"].is_in(economy.customs["firm"].to_list()).mean() > 0.8  # type: ignore[operator]


def test_firm_panel_is_unbalanced_skewed_and_has_few_movers(economy: Simulated) -> None:
    firms = economy.firms
    years = firms.group_by("firm").agg(n=pl.len(), regions=pl.col("region").n_unique())
    assert years["n"].n_unique() == 10
    assert 0 < (years["regions"] > 1).sum() < 0.01 * years.height
    top = firms["region"].value_counts(sort=True)["count"].head(6).sum()
    assert top > 0.6 * firms.height
    assert (firms["founded"] <= firms["year"]).all()
    assert firms["name"].n_unique() == firms["firm"].n_unique()
    joined = economy.exporters.join(firms, on=["firm", "year"], suffix="_books")
    same = (joined["name"] == joined["name_books"]).mean()
    assert 0.8 < same < 0.97, "most names agree between the registers, not all"  # type: ignore[operator]


def test_schooling_shares_sum_to_one_hundred_and_give_the_true_years(economy: Simulated) -> None:
    """METHODS 4.1: weights 0, 6, 9, 12, 12, 15, 15, 16, 19."""
    assert SCHOOLING == (0, 6, 9, 12, 12, 15, 15, 16, 19)
    shares = economy.education.select(f"h{c}" for c in range(1, 10)).to_numpy()
    np.testing.assert_allclose(shares.sum(axis=1), 100, atol=1e-9)
    assert shares.min() > 0
    years = np.exp(economy.true_index["ln_human_capital"].to_numpy())
    np.testing.assert_allclose(shares @ np.array(SCHOOLING) / 100, years, atol=0.01)  # nine shares rounded to 0.01


def test_parts_have_streams_of_their_own() -> None:
    one, other = simulate(SMALL), simulate(Economy(n_firms=60, n_years=3, n_products=8, n_destinations=5, n_goods=6))
    assert other.prices.height == 31 * 6 * 3
    assert one.firms.equals(other.firms)
    assert one.customs.equals(other.customs)
    assert not one.firms.equals(simulate(Economy(n_firms=60, n_years=3, seed=2)).firms)


def test_another_truth_is_obeyed() -> None:
    flat = simulate(Economy(n_firms=400, curvature=0.0, state_share=0.0))
    b, se = regress(private(flat), "quality", ["market", "market2", *CONTROLS])
    assert abs(b["market2"]) < 4 * se["market2"]
    assert "state" not in flat.firms["ownership"]


@pytest.mark.parametrize(
    "bad", [{"n_goods": 2}, {"n_years": 1}, {"state_share": 1.0}, {"sigma_low": 1.0}, {"n_firms": 3}]
)
def test_an_economy_that_cannot_be_is_refused(bad: dict[str, float]) -> None:
    with pytest.raises(UsageError, match=next(iter(bad))):
        Economy(**bad)  # type: ignore[arg-type]


def test_customs_of_any_size_for_measurement() -> None:
    rows = simulate_customs(50_000, seed=3, n_products=300)
    assert rows.height == 50_000
    assert rows.columns == simulate(SMALL).customs.columns
    assert rows.select("firm", "product", "destination", "year").is_unique().all()
    assert rows["product"].n_unique() > 250
    assert rows.equals(simulate_customs(50_000, seed=3, n_products=300))
    conform(rows, "customs")


def test_more_customs_rows_than_there_are_places_for_are_refused() -> None:
    with pytest.raises(UsageError, match="are too few for 3,000 rows"):
        simulate_customs(3000, n_products=2, n_destinations=2, n_years=2)


# ------------------------------------------------------------------------------------------------------ the files


def digest(paths: list[Path]) -> str:
    return hashlib.sha256(b"".join(path.name.encode() + path.read_bytes() for path in paths)).hexdigest()


def test_files_have_the_same_bytes_on_every_run(raw: tuple[Simulated, Path], tmp_path: Path) -> None:
    _, directory = raw
    first = digest(sorted(p for p in directory.rglob("*") if p.is_file()))
    assert digest(sorted(write_raw(simulate(SMALL), tmp_path / "again"))) == first
    program = (
        f"from pathlib import Path; from integrade.simulation import *; write_raw(simulate({SMALL!r}), Path('out'))"
    )
    for seed in ("1", "77"):
        home = tmp_path / seed
        home.mkdir()
        environment = {**os.environ, "PYTHONHASHSEED": seed, "POLARS_MAX_THREADS": seed[0]}
        subprocess.run([sys.executable, "-c", program], cwd=home, env=environment, check=True)
        assert digest(sorted(p for p in (home / "out").rglob("*") if p.is_file())) == first


def test_yearbook_sheet_has_provinces_down_goods_across_and_the_year_in_its_name(raw: tuple[Simulated, Path]) -> None:
    small, directory = raw
    path = directory / "prices" / "cpi_2005.xlsx"
    grid = load_workbook(str(path)).get_sheet_by_index(0).to_python()
    assert grid[0][0] == "各地区居民消费价格分类指数"
    assert "2005" not in "".join(str(cell) for cell in (*grid[0], *grid[1]))
    goods = grid[3][1:]
    assert goods == small.prices["commodity"].unique(maintain_order=True).to_list()
    assert grid[2][0] == "地区"
    seen = {(row[0], good): value for row in grid[4:35] for good, value in zip(goods, row[1:], strict=True)}
    expected = small.prices.filter(pl.col("year") == 2005)
    assert seen == {(r, g): v for r, _, g, v in expected.iter_rows()}
    assert str(grid[35][0]).startswith("注")


def test_chinese_csv_and_truth_files(raw: tuple[Simulated, Path]) -> None:
    small, directory = raw
    for name, table in (("education", small.education), ("rd", small.rd)):
        text = (directory / f"{name}.csv").read_bytes().decode("gb18030")
        again = pl.read_csv(text.encode()).rename(dict(COLUMNS[name]))
        assert again.equals(table)
        with pytest.raises(UnicodeDecodeError):
            (directory / f"{name}.csv").read_bytes().decode("utf-8")
    assert json.loads((directory / "truth" / "truth.json").read_text(encoding="utf-8")) == small.truth
    rows = pl.read_parquet(directory / "truth" / "quality.parquet")
    assert {"firm", "year", "product", "destination", "unit", "ln_lambda"} <= set(rows.columns)
    customs = pl.concat(pl.read_parquet(p) for p in sorted((directory / "customs").glob("customs_*.parquet")))
    assert customs.equals(small.customs)
    index = pl.read_parquet(directory / "truth" / "index.parquet")
    assert {"region", "year", "segmentation", "integration"} <= set(index.columns)


# ------------------------------------------------------------------------------------------------------- .dta 114

AWKWARD = pl.DataFrame(
    {
        "name": ["宁波㛃远洋有限公司", "", None, "plain"],
        "count": [1, None, -2_147_483_620, 2_147_483_620],
        "amount": [0.1, None, float("nan"), -1e300],
    }
)


def test_dta_is_read_by_pyreadstat(tmp_path: Path) -> None:
    import pyreadstat

    path = write_dta(AWKWARD, tmp_path / "a.dta", labels={"name": "企业名称", "count": "长" * 60}, title="试")
    assert path.read_bytes()[0] == 114
    frame, meta = pyreadstat.read_dta(path, encoding="gb18030")
    assert frame["name"].tolist() == ["宁波㛃远洋有限公司", "", "", "plain"]
    assert frame["count"].fillna(0).tolist() == [1, 0, -2_147_483_620, 2_147_483_620]
    assert frame["amount"].fillna(0).tolist() == [0.1, 0, 0, -1e300]
    assert meta.column_names_to_labels == {"name": "企业名称", "count": "长" * 40, "amount": None}
    assert meta.file_label == "试"


def test_dta_is_read_by_pandas_with_the_bytes_of_the_encoding(tmp_path: Path) -> None:
    import pandas as pd

    write_dta(AWKWARD, tmp_path / "a.dta", labels={"name": "企业名称"})
    with pd.io.stata.StataReader(tmp_path / "a.dta") as reader:
        frame = reader.read()
        assert reader.variable_labels()["name"].encode("latin-1").decode("gb18030") == "企业名称"
        assert reader.time_stamp == "01 Jan 2024 00:00"
    names = [text.encode("latin-1").decode("gb18030") for text in frame["name"]]
    assert names == ["宁波㛃远洋有限公司", "", "", "plain"]
    assert frame["count"].isna().tolist() == [False, True, False, False]
    assert frame["amount"].isna().tolist() == [False, True, True, False]


@pytest.mark.system
def test_dta_is_read_by_haven(raw: tuple[Simulated, Path]) -> None:
    needs_r("haven")
    small, directory = raw
    program = 'd <- haven::read_dta(commandArgs(TRUE)[1], encoding="GB18030"); '
    program += 'cat(nrow(d), enc2utf8(d$name[1]), sum(d$assets), sum(is.na(d$net_profit)), attr(d$assets, "label"))'
    run = subprocess.run(
        ["Rscript", "-e", program, str(directory / "firms.dta")],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    rows, name, assets, missing, label = run.stdout.split()
    assert int(rows) == small.firms.height
    assert name == small.firms["name"][0]
    assert float(assets) == pytest.approx(small.firms["assets"].sum(), rel=1e-6)  # R prints seven digits
    assert int(missing) == small.firms["net_profit"].null_count()
    assert label == "资产总计(千元)"


def test_dta_of_the_economy_reads_back_whole(raw: tuple[Simulated, Path]) -> None:
    import pyreadstat

    small, directory = raw
    frame, meta = pyreadstat.read_dta(directory / "firms.dta", encoding="gb18030", output_format="polars")
    assert frame.with_columns(pl.col("year", "founded", "employees").cast(pl.Int64)).equals(small.firms)
    assert meta.column_names_to_labels["region"] == "省份"


@pytest.mark.parametrize(
    ("frame", "what"),
    [
        (pl.DataFrame({"省份": ["a"]}), "not a Stata variable name"),
        (pl.DataFrame({"long": ["字" * 123]}), "longer than 244 bytes"),
        (pl.DataFrame({"big": [2_147_483_621]}), "does not fit"),
        (pl.DataFrame({"flag": [True]}), "Boolean"),
    ],
)
def test_what_the_format_cannot_hold_is_refused(frame: pl.DataFrame, what: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=what):
        write_dta(frame, tmp_path / "a.dta")
    assert not (tmp_path / "a.dta").exists()
