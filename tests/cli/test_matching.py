"""The two registers from the command line and in a study: raw files in, links out, each number that of Python."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

import integrade as ig
from integrade.cli import run
from integrade.simulation.exporters import Registers, simulate_registers, write_registers

CALL = ("match", "firms.parquet", "exporters.csv", "--out", "links.csv", "--customs", "customs.csv")


@pytest.fixture(scope="module")
def registers() -> Registers:
    return simulate_registers(700, n_exporters=250, share=0.01)


@pytest.fixture
def folder(registers: Registers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Raw files with Chinese headings, accounts in GB18030; the accounts followed over time."""
    write_registers(registers, tmp_path)
    monkeypatch.chdir(tmp_path)
    assert run(["identify", "accounts.csv", "--out", "firms.parquet", "--id-alone", "drop", "--quiet"]) == 0
    return tmp_path


def test_identify_writes_accounts_under_their_panel_firm(
    folder: Path, registers: Registers, capsys: pytest.CaptureFixture[str]
) -> None:
    want = ig.firm_identity(registers.firms, id_alone="drop")
    assert run(["identify", "accounts.csv", "--out", "again.csv", "--id-alone", "drop", "--quiet"]) == 0
    printed = capsys.readouterr().out
    assert f"are {want.n_firms:,} firms" in printed
    rows = pl.read_parquet(folder / "firms.parquet")
    assert rows["firm"].n_unique() == want.n_firms == registers.true_firms["entity"].n_unique()
    assert rows.select("firm", "year").is_duplicated().sum() == 0
    call = [
        "identify",
        "accounts.csv",
        "--out",
        "map.csv",
        "--give",
        "map",
        "--conflicts",
        "lost.csv",
        "--json",
        "--quiet",
    ]
    assert run(call) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == rows.height
    assert {"rule", "agreeing", "from_firm"} <= set(pl.read_csv(folder / "map.csv", infer_schema=False).columns)
    assert set(pl.read_csv(folder / "lost.csv", infer_schema=False)["fate"]) == {
        "discarded in favour of a better match"
    }


def test_match_from_raw_files_is_match_in_python(
    folder: Path, registers: Registers, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*CALL, "--conflicts", "lost.csv", "--json", "--quiet"]) == 0
    found = json.loads(capsys.readouterr().out)
    firms = ig.firm_identity(registers.firms, id_alone="drop").table
    want = ig.match_firms(firms, registers.exporters, customs=registers.customs)
    links = ig.read_links("links.csv").polars()
    assert links.select("customs_firm", "firm", "year", "rule").rows() == (
        want.links.polars().select("customs_firm", "firm", "year", "rule").rows()
    )
    assert [s["rows"] for s in found["report"]["steps"]] == [s.rows for s in want.report.steps]
    assert found["report"]["steps"][-1]["share_value"] == pytest.approx(want.report.steps[-1].share_value, rel=1e-12)
    assert pl.read_csv(folder / "lost.csv", infer_schema=False).height == want.conflicts.polars().height
    # the customs records of the user may have the names themselves
    assert (
        run(["match", "firms.parquet", "exporters.csv", "--out", "again.csv", "--where", "年份 >= 2006", "--quiet"])
        == 0
    )
    assert "Exporters matched to accounts" in capsys.readouterr().out
    assert pl.read_csv(folder / "again.csv")["year"].min() == 2006


@pytest.mark.slow
def test_similar_names_write_a_sheet_that_is_read_back(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("splink")
    more = ("--similar", "--review-sheet", "review.csv", "--chart", "chart.svg", "--quiet")
    assert run([*CALL, *more]) == 0
    assert "similar" in capsys.readouterr().out
    assert "What each threshold would link" in (folder / "chart.svg").read_text(encoding="utf-8")
    sheet = pl.read_csv(folder / "review.csv", infer_schema=False)
    first = sheet.filter(pl.col("linked") == "yes").row(0, named=True)
    sheet.with_columns(
        decision=pl.when(pl.col("customs_firm") == first["customs_firm"]).then(pl.lit("no")).otherwise("decision")
    ).write_csv(folder / "review.csv")
    assert run([*CALL, "--reviewed", "review.csv", "--similar", "--quiet"]) == 0
    links = pl.read_csv(folder / "links.csv", infer_schema=False)
    pair = (pl.col("customs_firm") == first["customs_firm"]) & (pl.col("firm") == first["firm"])
    assert links.filter(pair).height == 0
    assert run([*CALL, "--review-sheet", "none.csv"]) == 0
    assert "--similar is required" in capsys.readouterr().err
    assert not (folder / "none.csv").exists()


@pytest.mark.slow
def test_a_study_matches_its_firms_and_reports_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Customs firms numbered apart from the accounts: the panel is the accounts with quality along the links."""
    monkeypatch.chdir(tmp_path)
    assert run(["new", "study"]) == 0
    study = tmp_path / "study" / "study.toml"
    head = study.read_text(encoding="utf-8").partition("[lags]")[0].replace("# wild = 9999", "wild = 0 #")
    sections = '[exporters]\nfiles = ["raw/exporters.csv"]\n[matching]\nseveral = true\n[identity]\nid_alone = "drop"\n'
    study.write_text(head + sections + '[report]\nformats = ["md"]\n', encoding="utf-8")
    exporters = pl.read_csv(tmp_path / "study/raw/exporters.csv", infer_schema=False)
    exporters.with_columns("C" + pl.col("firm")).write_csv(tmp_path / "study/raw/exporters.csv")
    for file in sorted((tmp_path / "study/raw/customs").glob("*.parquet")):
        pl.read_parquet(file).with_columns("C" + pl.col("firm")).write_parquet(file)
    assert run(["run", "study", "--to", "models"]) == 0
    (run_folder,) = [p for p in (tmp_path / "study/runs").iterdir() if p.is_dir() and not p.is_symlink()]
    found = {p.name: p for p in run_folder.rglob("*") if p.is_file()}
    panel, links = pl.read_parquet(found["panel.parquet"]), pl.read_parquet(found["links.parquet"])
    assert panel.height > 1000
    assert panel.select("firm", "year").join(links, on=["firm", "year"], how="anti").height == 0
    results = json.loads(found["results.json"].read_text(encoding="utf-8"))
    steps = results["match"]["report"]["steps"]
    assert steps[-1]["rows"] == links.height
    assert [rule["rule"] for rule in results["match"]["identity"]][:2] == ["id", "name"]
    said = [e["reason"] for e in results["account"]["entries"] if e["step"] == "match"]
    assert any(reason.startswith("name_year: ") for reason in said)
    assert len(said) == len(set(said)), "counted once"
