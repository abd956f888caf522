"""Every measure of the catalogue from Python, from the command and from study.toml, by its record alone."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import integrade as ig
import integrade.integration
import integrade.quality
import report_example
from each import each
from flows import trade
from integrade.cli import run
from integrade.cli.measuring import DEFAULT
from integrade.engine.frames import Table
from integrade.errors import Problems, UnknownName, UsageError
from integrade.records.catalogue import CATALOGUE, Measure, options_of
from integrade.report.figures import ranking_figure, trend_figure
from integrade.report.tables import ranking_table, trust_table
from integrade.simulation import Economy, simulate
from integrade.sources import READERS
from integrade.study.reading import load
from integrade.study.run import Request, check_study, run_study
from integrade.verdicts.headline import summary, trust

MEASURES = list(CATALOGUE.values())
OWN = {"out", "method", "with", "to-year", "column", "where", "encoding", "pad", "engine", "quiet", "json"}
"""Flags of the command itself, which no option of a measure may take."""


@each("record", MEASURES, ids=lambda m: m.name)
def test_every_measure_is_public_and_has_its_options_as_flags(
    record: Measure, capsys: pytest.CaptureFixture[str]
) -> None:
    assert getattr(ig, record.name) is record.function
    assert {*record.needs, *record.uses} <= set(READERS), "every table a measure takes has a reader"
    assert run([record.family, "--method", record.name, "--help"]) == 0
    shown = capsys.readouterr().out
    names = {name.replace("_", "-") for name in options_of(record.options)}
    assert not names & OWN
    for name in names:
        assert f"--{name}" in shown, name
    assert record.needs[0].upper() in shown
    for table in (*record.needs[1:], *record.uses):
        assert f"{table}=FILE" in shown.replace("\n", " ")
    assert ("--with " in shown) == bool(record.needs[1:] or record.uses)
    assert run(["list", record.name]) == 0


def test_without_a_method_the_commands_are_what_they_were(capsys: pytest.CaptureFixture[str]) -> None:
    for family, name in DEFAULT.items():
        assert run([family, "--help"]) == 0
        plain = capsys.readouterr().out
        assert run([family, f"--method={name}", "--help"]) == 0
        assert capsys.readouterr().out == plain
    assert run(["integration", "--help"]) == 0
    assert {"--demean", "--to-year"} <= set(re.findall(r"--[a-z-]+", capsys.readouterr().out))


def test_the_command_gives_what_python_gives(tmp_path: Path) -> None:
    trade(n=6, noise="lognormal").drop("distance").write_csv(tmp_path / "flows.csv")
    out = tmp_path / "out.parquet"
    call = ["integration", str(tmp_path / "flows.csv"), "--out", str(out), "--quiet", "--method", "head_ries"]
    assert run([*call, "--sigma", "5", "--average", "median"]) == 0
    want = ig.head_ries(ig.read_flows(tmp_path / "flows.csv"), sigma=5, average="median").polars()
    assert pl.read_parquet(out).equals(want)


def test_a_workbook_needs_no_other_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prices = tmp_path / "prices.csv"
    rng = np.random.default_rng(3)
    keys = [(r, y, g) for r in "ABCD" for y in (2004, 2005) for g in ("food", "cloth", "fuel")]
    rows = pl.DataFrame(keys, schema=["region", "year", "commodity"], orient="row")
    rows.with_columns(index=pl.Series(100 + rng.normal(0, 2, rows.height))).write_csv(prices)
    book = tmp_path / "steps.xlsx"
    assert run(["integration", str(prices), "--basis", "link", "--workbook", str(book)]) == 0, capsys.readouterr()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["prices.csv", "steps.xlsx"]
    assert f"workbook written to {book}" in capsys.readouterr().err
    assert run(["integration", str(prices), "--basis", "link"]) == 2
    assert "integrade integration needs --out" in capsys.readouterr().err


def test_further_tables_come_with_their_own_columns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flows = trade(n=6, noise="lognormal")
    flows.with_columns(wert=pl.col("value")).drop("value").write_csv(tmp_path / "flows.csv")
    gdp = (
        flows.select("year", region="origin")
        .unique()
        .sort("region", "year")
        .with_columns(bip=pl.int_range(pl.len()) + 5.0)
    )
    gdp.write_csv(tmp_path / "gdp.csv")
    out = tmp_path / "out.csv"
    call = [
        "integration",
        str(tmp_path / "flows.csv"),
        "--out",
        str(out),
        "--quiet",
        "--method=border_regression",
        "--mass",
        "gdp",
        "--column",
        "value=wert",
        "--column",
        "gdp.real_gdp=bip",
    ]
    assert run([*call, "--with", f"gdp={tmp_path / 'gdp.csv'}"]) == 0
    want = ig.border_regression(flows, gdp.rename({"bip": "real_gdp"}), mass="gdp")
    assert pl.read_csv(out)["integration"].to_list() == pytest.approx(want["integration"].to_list(), rel=1e-9)
    assert run(call) == 2
    assert "the table 'gdp' is not given\n  remedy: give --with gdp=FILE" in capsys.readouterr().err


def test_an_option_of_another_method_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trade(n=4).write_csv(tmp_path / "f.csv")
    call = ["integration", str(tmp_path / "f.csv"), "--out", str(tmp_path / "o.csv"), "--method", "gravity"]
    assert run([*call, "--demean", "none"]) == 2
    assert "--demean" in capsys.readouterr().err
    assert not (tmp_path / "o.csv").exists()


# study.toml --------------------------------------------------------------------------------------------------------

BESIDE = """title = "t"
[customs]
files = ["customs.parquet"]
[firms]
files = ["firms.parquet"]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("study")
    made = simulate(Economy(n_firms=150, n_years=6, n_products=8, n_destinations=5))
    made.customs.write_parquet(root / "customs.parquet")
    made.firms.write_parquet(root / "firms.parquet")
    made.prices.write_parquet(root / "prices.parquet")
    rng = np.random.default_rng(1)
    places = made.firms.select("region", "year").unique().sort("region", "year")
    output = places.join(pl.DataFrame({"industry": [f"{k}" for k in range(13, 19)]}), how="cross")
    output.with_columns(value=pl.Series(np.exp(rng.normal(5, 1, output.height)))).write_parquet(root / "output.parquet")
    return root


def write(root: Path, text: str, name: str = "study.toml") -> Path:
    path = root / name
    path.write_text(BESIDE + text, encoding="utf-8")
    return path


def test_a_study_measures_integration_by_method_and_tables(folder: Path) -> None:
    path = write(
        folder,
        '[output]\nfiles = ["output.parquet"]\n[quality]\nsigma = 5\n'
        '[integration]\nmethod = "krugman"\nagainst = "others"\n',
    )
    outcome = run_study(path, Request(to="integration"))
    assert outcome is not None
    tables = outcome.folder / "tables"
    found = pl.read_parquet(tables / "integration.parquet")
    want = ig.krugman(ig.read_output(folder / "output.parquet"), against="others").polars()
    assert found.equals(want)
    ranked = pl.read_parquet(tables / "ranking.parquet")
    least = want.group_by("region").agg(pl.col("integration").mean()).sort("integration")
    assert ranked["region"].to_list() == least["region"].to_list(), "rank 1 is the least integrated"
    trend = pl.read_parquet(tables / "trend.parquet")
    yearly = want.group_by("year").agg(pl.col("integration").mean()).sort("year")
    assert trend["integration"].to_list() == pytest.approx(yearly["integration"].to_list(), rel=1e-12)
    assert check_study(path)[0] == ()


def test_a_measure_by_industry_is_taken_by_region(folder: Path) -> None:
    path = write(
        folder, '[output]\nfiles = ["output.parquet"]\n[quality]\nsigma = 5\n[integration]\nmethod = "herfindahl"\n'
    )
    outcome = run_study(path, Request(to="integration"))
    assert outcome is not None
    found = pl.read_parquet(outcome.folder / "tables" / "integration.parquet")
    assert found.equals(ig.herfindahl(ig.read_output(folder / "output.parquet"), level="region").polars())


@each(
    ("text", "kind", "words"),
    [
        ('[integration]\nmethod = "head_ries"\n[quality]\nsigma = 5\n', UsageError, "'flows' is missing"),
        ('[integration]\nmethod = "krugmann"\n[quality]\nsigma = 5\n', UnknownName, "did you mean 'krugman'"),
        (
            '[output]\nfiles = ["o"]\n[integration]\nmethod = "krugman"\nagianst = "rest"\n[quality]\nsigma = 5\n',
            UnknownName,
            "did you mean 'against'",
        ),
        (
            '[output]\nfiles = ["o"]\n[integration]\nmethod = "theil"\n[quality]\nsigma = 5\n',
            UsageError,
            "needs an index by region and year",
        ),
        ("[quality]\nsigma = 5\n", UsageError, "'prices' is missing"),
        (
            '[prices]\nfiles = ["p"]\n[quality]\nmethod = "demand_residul"\n',
            UnknownName,
            "did you mean 'demand_residual'",
        ),
        ('[integration]\nmethod = "gravty"\n[quality]\nsgima = 5\n', Problems, "did you mean 'sigma'"),
    ],
)
def test_a_study_file_is_refused_before_anything_is_read(tmp_path: Path, text: str, kind: type, words: str) -> None:
    with pytest.raises(kind) as caught:
        load(write(tmp_path, text))
    assert words in str(caught.value)


@pytest.mark.slow
def test_the_report_of_a_study_without_prices_is_written(folder: Path) -> None:
    path = write(
        folder,
        '[output]\nfiles = ["output.parquet"]\n[quality]\nsigma = 5\n'
        '[integration]\nmethod = "krugman"\n'
        '[regression]\nwild = 0\n[report]\nformats = ["html"]\n',
    )
    outcome = run_study(path, Request())
    assert outcome is not None
    assert outcome.report is not None
    page = outcome.report.read_text(encoding="utf-8")
    assert "by the measure krugman" in page
    assert "no reliability of the index" in page


# the report's pieces -----------------------------------------------------------------------------------------------


def test_the_report_does_not_speak_of_goods_and_segmentation_where_there_are_none() -> None:
    made = report_example.study()
    index = replace(
        made.index,
        measure="krugman",
        transform="0..2",
        n_goods=0,
        split_half=None,
        spearman_brown=None,
        noise_share=None,
        jackknife_coverage=None,
    )
    said = " ".join([*summary(replace(made, index=index)), *trust(index)])
    assert "by the measure krugman" in said
    assert "no reliability of the index" in said
    table = ranking_table(index)
    assert "market integration" in table.title
    assert "Rank 1 is the least integrated region" in table.notes[0]
    assert [row.cells[0] for row in trust_table(index).rows] == ["Measure", "Regions"]
    drawn = trend_figure(index).to_dict()
    assert "Market integration by year" in str(drawn["title"])
    assert "segmentation:Q" not in str(drawn)
    assert "jackknife" not in str(ranking_figure(index).to_dict()["title"])


def test_a_table_beside_can_be_left_out_from_python_too() -> None:
    record = CATALOGUE["log_odds"]
    assert (record.needs, record.uses) == (("flows",), ("gdp",))
    flows = trade(n=5, noise="lognormal")
    found = record({"flows": Table("flows", flows)}, None, level="nation")
    assert found.polars().equals(ig.log_odds(flows, level="nation"))


def prices_in(folder: Path) -> Path:
    """A folder with one file of link indices: four regions, three goods, six years."""
    folder.mkdir()
    rows = [
        f"{r},{y},{g},{100 + (3 * y + 5 * ord(g) + 11 * ord(r[0])) % 9}"
        for r in ("Ab", "Bc", "Cd", "De")
        for y in range(2000, 2006)
        for g in "xyz"
    ]
    (folder / "prices.csv").write_text("region,year,commodity,index\n" + "\n".join(rows), encoding="utf-8")
    return folder


def test_a_result_is_not_written_where_it_would_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = prices_in(tmp_path / "data")
    for read in (str(folder), str(folder / "*.csv")):
        assert run(["integration", read, "--basis", "link", "--out", str(folder / "index.csv")]) != 0
        assert "index.csv would be read with the files of" in capsys.readouterr().err
    file = str(folder / "prices.csv")
    assert run(["integration", file, "--basis", "link", "--out", file]) != 0
    assert "prices.csv is an input of this command and would be overwritten" in capsys.readouterr().err
    assert run(["integration", file, "--basis", "link", "--out", str(folder / "index.csv")]) == 0
    capsys.readouterr()
    # the index beside the prices is no wide table of goods called segmentation and integration
    assert run(["integration", str(folder), "--out", str(tmp_path / "again.csv")]) != 0
    assert "the layout of index.csv does not show commodity" in capsys.readouterr().err
    (folder / "deeper").mkdir()  # which the pattern does not reach
    out = str(folder / "deeper" / "index.csv")
    assert run(["integration", str(folder / "p*.csv"), "--basis", "link", "--out", out]) == 0


@pytest.mark.parametrize("kinds", [("Percent", "Index"), ("Women's", "Men's"), ('12" pipes', "Women's \\ 9\" pipes")])
def test_the_filter_of_repeated_keys_can_be_typed(
    tmp_path: Path, kinds: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    rows = pl.read_csv(prices_in(tmp_path / "data") / "prices.csv")
    file = tmp_path / "twice.csv"
    pl.concat([rows.with_columns(pl.lit(kind).alias("Unit of measure")) for kind in kinds]).write_csv(file)
    call = ["integration", str(file), "--basis", "link", "--out", str(tmp_path / "index.csv")]
    assert run(call) != 0
    remedy = capsys.readouterr().err.partition("keep one, ")[2].strip()
    assert run([*call, *shlex.split(remedy)]) == 0, capsys.readouterr().err
