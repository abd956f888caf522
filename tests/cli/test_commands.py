"""The command line: stage commands on files, formats, engines, quietness, speed of --help, recipes on real data."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import get_args

import polars as pl
import pytest

import raw_files
from integrade.cli import COMMANDS, run
from integrade.records.catalogue import CATALOGUE, options_of
from integrade.simulation import Economy, simulate
from library import shared

NO_TOTAL = 'item != "总指数"'
HEAD = f"{NO_TOTAL} and year < 2023"


@pytest.fixture(scope="module")
def economy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    made = simulate(Economy(n_firms=60, n_years=4, n_products=6, n_destinations=5))
    made.prices.write_csv(folder / "prices.csv")
    made.customs.write_parquet(folder / "customs.parquet")
    made.true_quality.write_csv(folder / "panel.csv")
    return folder


def test_every_command_has_help_and_a_misspelt_one_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    for name in COMMANDS:
        assert run([name, "--help"]) == 0
        assert "Usage" in capsys.readouterr().out
    assert run(["quallity"]) == 2
    assert 'Did you mean "quality"' in capsys.readouterr().err


@pytest.mark.parametrize("suffix", ["csv", "parquet", "dta", "xlsx"])
@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_integration_writes_every_format_with_the_same_numbers(
    economy: Path, tmp_path: Path, suffix: str, engine: str
) -> None:
    out = tmp_path / f"index.{suffix}"
    assert (
        run(
            [
                "integration",
                str(economy / "prices.csv"),
                "--out",
                str(out),
                "--se",
                "jackknife",
                "--engine",
                engine,
                "--quiet",
            ]
        )
        == 0
    )
    from integrade.integration import relative_price
    from integrade.sources import read_table

    want = relative_price(pl.read_csv(economy / "prices.csv"), se="jackknife")
    got = read_table(out).polars().sort("region", "year")
    assert got["region"].to_list() == want["region"].to_list()
    for column in ("segmentation", "integration", "se_integration"):
        assert got[column].to_list() == pytest.approx(want[column].to_list(), rel=1e-12)


def test_dash_is_csv_on_standard_output(economy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["quality", str(economy / "customs.parquet"), "--sigma", "5", "--out", "-", "--quiet"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "firm,year,quality,n_products,n_rows,value"
    assert len(lines) > 100


def test_quiet_keeps_the_account_and_loud_adds_notes(
    economy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call = ["quality", str(economy / "customs.parquet"), "--sigma", "5", "--out", str(tmp_path / "q.csv")]
    assert run(call) == 0
    loud = capsys.readouterr().err
    assert run([*call, "--quiet"]) == 0
    quiet = capsys.readouterr().err
    assert "settings: sigma=5" in loud
    assert "settings" not in quiet
    assert "quantity not positive" in quiet


def test_json_is_one_object_with_the_account(economy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "q.parquet"
    assert run(["quality", str(economy / "customs.parquet"), "--sigma", "5", "--out", str(out), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["rows"] == pl.read_parquet(out).height
    assert {e["kind"] for e in said["account"]} >= {"in", "dropped", "out"}


def test_fit_json_keeps_the_contract(economy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    formula = "quality ~ market + market^2 + scale | firm + year"
    call = ["fit", str(economy / "panel.csv"), formula, "--cluster", "region", "--wild", "999", "--u-test", "market"]
    assert run([*call, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert {
        "coefficients",
        "nobs",
        "n_singletons",
        "dropped",
        "r2",
        "r2_within",
        "df_t",
        "vcov",
        "clusters",
        "ssc",
        "u_test",
        "wild",
    } <= set(said)
    assert set(said["coefficients"]["market^2"]) == {
        "estimate",
        "std_error",
        "statistic",
        "p_value",
        "conf_low",
        "conf_high",
    }
    terms = list(said["coefficients"])
    assert len(said["vcov"]) == len(terms) ** 2
    for i, term in enumerate(terms):
        assert said["vcov"][i * len(terms) + i] ** 0.5 == pytest.approx(said["coefficients"][term]["std_error"])
    assert {
        "turning_point",
        "slope_low",
        "slope_high",
        "fieller_kind",
        "fieller_low",
        "fieller_high",
        "p_value",
        "share_past",
    } <= set(said["u_test"])
    assert {"market", "market^2", "market + market^2"} <= set(said["wild"])


def test_fit_without_flags_says_iid_and_writes_tables(
    economy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for suffix in ("json", "csv", "tex", "docx", "md"):
        out = tmp_path / f"t.{suffix}"
        assert run(["fit", str(economy / "panel.csv"), "quality ~ scale | firm", "--out", str(out)]) == 0
        assert out.stat().st_size > 50
    assert "iid" in capsys.readouterr().err
    assert {p.suffix for p in tmp_path.iterdir()} == {".json", ".csv", ".tex", ".docx", ".md"}


def test_list_and_doctor(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["list"]) == 0
    assert "relative_price" in capsys.readouterr().out
    assert run(["list", "demand_residual"]) == 0
    shown = capsys.readouterr().out
    assert "Formula:" in shown
    allowed = get_args(options_of(CATALOGUE["demand_residual"].options)["standardise"].hint)
    assert f"  --standardise (choices: {', '.join(allowed)}; default " in shown
    assert "  --sigma (default " in shown
    assert run(["list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["relative_price"]["key"] == ["region", "year"]
    assert run(["list", "relative_prise"]) == 2
    assert "did you mean 'relative_price'" in capsys.readouterr().err
    assert run(["doctor", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["engine polars"]


@pytest.mark.parametrize(
    "start",
    [
        *(
            f"from integrade.cli import run; run([{word}'--help'])"
            for word in ("", "'audit', ", "'status', ", "'curve', ")
        ),
        "import integrade.cli.project",
    ],
)
def test_help_and_a_run_that_changes_nothing_import_nothing_heavy(start: str) -> None:
    code = (
        f"import sys; {start}; "
        "print([m for m in ('numpy', 'polars', 'pandas', 'scipy', 'altair', 'duckdb') if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert said.splitlines()[-1] == "[]"


def test_china_raw_wide_and_annual_long_give_the_same_index(tmp_path: Path) -> None:
    wide, long = raw_files.write_wide(tmp_path / "31个省.csv", raw_files.monthly_prices()), tmp_path / "annual.csv"
    raw_files.annual_prices().write_csv(long)
    assert (
        run(["integration", str(wide), "--to-year", "--where", HEAD, "--out", str(tmp_path / "a.parquet"), "--quiet"])
        == 0
    )
    assert run(["integration", str(long), "--where", HEAD, "--out", str(tmp_path / "b.parquet"), "--quiet"]) == 0
    a, b = pl.read_parquet(tmp_path / "a.parquet"), pl.read_parquet(tmp_path / "b.parquet")
    assert a.select("region", "year", "n_goods").equals(b.select("region", "year", "n_goods"))
    assert a.height == 31 * 18
    # the annual file holds means of twelve months rounded to doubles
    assert a["segmentation"].to_list() == pytest.approx(b["segmentation"].to_list(), rel=1e-9)


def test_china_category_break_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    long = tmp_path / "annual.csv"
    raw_files.annual_prices().write_csv(long)
    assert run(["integration", str(long), "--where", HEAD, "--out", str(tmp_path / "b.csv")]) == 0
    assert "the list of goods changes in 2016" in capsys.readouterr().err


def test_quiet_keeps_warnings_and_the_same_note_on_yearbooks_is_said_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "yearbooks"  # what is written beside it is no yearbook
    folder.mkdir()
    annual = raw_files.annual_prices().filter(pl.col("year") >= 2012, pl.col("item") != raw_files.ALL)
    for (year,), rows in annual.group_by("year", maintain_order=True):
        sheet = rows.pivot("item", index="region", values="value")
        sheet.write_excel(folder / f"cpi_{year}.xlsx", worksheet="CPI")
    years = annual["year"].unique().sort().to_list()
    assert run(["integration", str(folder), "--out", str(tmp_path / "b.csv")]) == 0
    said = capsys.readouterr().err
    assert said.count("regions in rows, goods in columns") == 1
    assert f"{len(years)} files" in said
    assert f"year {years[0]}-{years[-1]}" in said
    assert "note: settings: " in said
    assert run(["integration", str(folder), "--out", str(tmp_path / "b.csv"), "--quiet"]) == 0
    quiet = capsys.readouterr().err
    assert "warning: list of goods changes in 2016" in quiet
    assert "note: " not in quiet
    assert quiet.count("2016") == 1, "the break is warned of once"


def test_quiet_keeps_the_warning_of_years_with_fewer_than_twelve_months(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    months = raw_files.monthly_prices()
    wide = raw_files.write_wide(tmp_path / "31个省.csv", months)
    whole = ["integration", str(wide), "--to-year", "--where", NO_TOTAL, "--out", str(tmp_path / "a.csv"), "--quiet"]
    assert run(whole) == 0
    assert "annual indices are based on fewer than 12 months" in capsys.readouterr().err


@pytest.mark.slow
def test_listed_firms_recipe_runs(tmp_path: Path) -> None:
    script = Path(__file__).parents[2] / "examples" / "listed_firms.py"
    firms = shared("data/china_listed_machinery/machinery_fin_charts.csv")
    prices = shared("data/china_cpi/cpi_province_annual_prev_year_100.csv")
    call = [sys.executable, str(script), str(firms), str(prices)]
    said = subprocess.run(call, check=True, capture_output=True, text=True, cwd=tmp_path).stdout
    assert "CR3, clustered by region (29 clusters)" in said
    assert "496 levels, nested in the clusters" in said
    assert (tmp_path / "listed_firms.docx").exists()
