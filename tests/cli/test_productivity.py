"""`integrade tfp`: accounts in, accounts with ln_tfp out, each number that of Python."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

import integrade as ig
from integrade.cli import run


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    ig.simulation.simulate_production(n_firms=60, n_years=4, seed=2).accounts.write_parquet(tmp_path / "firms.parquet")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_accounts_come_back_with_productivity(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call = ["tfp", "firms.parquet", "--method", "lp", "--replicates", "5"]
    assert run([*call, "--out", "tfp.csv", "--elasticities", "e.csv"]) == 0
    told = capsys.readouterr()
    assert "Total factor productivity: lp, value_added" in told.out
    assert "ln_tfp by Levinsohn-Petrin from value added: 240 firm-years" in told.err
    want = ig.panel.tfp(pl.read_parquet("firms.parquet"), method="lp", replicates=5)
    rows = pl.read_csv(folder / "tfp.csv", infer_schema_length=None)
    assert rows["ln_tfp"].to_list() == pytest.approx(want.table.polars()["ln_tfp"].to_list())
    assert pl.read_csv(folder / "e.csv")["estimate"].to_list() == pytest.approx(want.tidy()["estimate"].to_list())
    assert run([*call, "--out", "tfp.parquet", "--json", "--quiet"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["technologies"][0]["elasticities"][0]["name"] == "labour"
    assert found["technologies"][0]["elasticities"][0]["std_error"] > 0
    assert (found["rows"], found["firm_years"], found["seed"]) == (240, 240, 20240101)


def test_quiet_says_warnings_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call = ["tfp", "firms.parquet", "--column", "output=gross_output", "--replicates", "0", "--out", "tfp.csv"]
    file = folder / "firms.parquet"
    pl.read_parquet(file).drop("value_added").write_parquet(file)
    assert run(call) == 0
    loud = capsys.readouterr()
    assert "warning: output is treated as value added" in loud.out
    assert "240 rows read" in loud.err
    assert run([*call, "--quiet"]) == 0
    quiet = capsys.readouterr()
    assert quiet.out == ""
    assert "warning: output is treated as value added" in quiet.err
    assert all("warning: " in line for line in quiet.err.splitlines())


def test_a_column_that_lacks_is_named_as_a_flag(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["tfp", "firms.parquet", "--out", "x.csv", "--labour", "employes"]) == 1
    told = capsys.readouterr().err
    assert "--labour employes is not a column of firms" in told
    assert "did you mean 'employees'" in told
    assert not (folder / "x.csv").exists()
    assert run(["tfp", "firms.parquet", "--out", "x.csv", "--method", "acf", "--form", "gross_output"]) == 2
    assert "--method acf requires value added" in capsys.readouterr().err


def test_productivity_goes_into_supply_and_demand(folder: Path) -> None:
    assert (
        run(["tfp", "firms.parquet", "--out", "costs.parquet", "--method", "ols", "--replicates", "0", "--quiet"]) == 0
    )
    customs = pl.read_parquet(folder / "costs.parquet").select(
        "firm", "year", product=pl.lit("610910"), destination=pl.lit("USA"), value="value_added", quantity="employees"
    )
    asked = {"sigma": 5, "theta": 0.6, "cost": "columns", "input_cost": "wages", "level": "row"}
    ours = ig.quality.supply_demand(
        customs, firms="costs.parquet", productivity="ln_tfp", log_productivity=True, **asked
    )
    plain = pl.read_parquet(folder / "costs.parquet").with_columns(phi=pl.col("ln_tfp").exp())
    theirs = ig.quality.supply_demand(customs, firms=plain, productivity="phi", **asked)
    assert ours["ln_quality"].to_list() == pytest.approx(theirs["ln_quality"].to_list())
    assert ours["ln_quality"].null_count() == 0
