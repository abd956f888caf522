"""A study from raw files to a report: complete, repeatable, resumable, and honest about what it did."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from integrade.cli import run
from integrade.report.fonts import has_chinese
from integrade.simulation import COLUMNS, Economy, simulate, write_raw
from integrade.study.stored_results import results_from, results_json
from integrade.study.template import write_new
from studies import edit, run_folder, short


@pytest.fixture(scope="module")
def finished(whole_study: Path) -> Path:
    return whole_study


def test_run_folder_is_complete(finished: Path) -> None:
    folder = run_folder(finished)
    names = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    assert {
        "manifest.json",
        "account.txt",
        "report/report.html",
        "report/report.docx",
        "report/report.tex",
        "tables/prices.parquet",
        "tables/integration.parquet",
        "tables/quality.parquet",
        "tables/panel.parquet",
        "tables/results.json",
        "report/tables/table1.tex",
        "report/tables/table4.docx",
    } <= names
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert {i["table"] for i in manifest["inputs"]} == {
        "prices",
        "customs",
        "firms",
        "covariates",
        "education",
        "truth",
    }
    assert all(len(i["sha256"]) == 64 for i in manifest["inputs"])
    assert manifest["libraries"]["polars"]
    assert any(e["kind"] == "dropped" and e["reason"] == "quantity not positive" for e in manifest["account"])


def test_account_adds_up_from_raw_rows_to_the_regression(finished: Path) -> None:
    results = results_from((run_folder(finished) / "tables" / "results.json").read_text(encoding="utf-8"))
    panel = pl.read_parquet(run_folder(finished) / "tables" / "panel.parquet")
    fit = results.benchmark[-1].headline
    ends = {e.reason: e.rows for e in results.account if e.step == "fit"}
    assert ends["rows in the regression"] == fit.nobs
    assert panel.height == fit.nobs + sum(n for reason, n in ends.items() if reason != "rows in the regression")
    raw = pl.scan_parquet(finished / "raw" / "customs" / "*.parquet").select(pl.len()).collect().item()
    assert next(e.rows for e in results.account if e.table == "customs" and e.kind == "in") == raw


def test_truth_stands_beside_every_parameter_of_the_benchmark(finished: Path) -> None:
    results = results_from((run_folder(finished) / "tables" / "results.json").read_text(encoding="utf-8"))
    compared = {t.parameter for t in results.truth}
    estimated = {c.term for c in results.benchmark[-1].headline.coefficients}
    assert estimated <= compared
    assert "turning point" in compared
    assert all(t.note for t in results.truth)
    oracle = next(t for t in results.truth if t.parameter == "turning point")
    assert oracle.truth == 4.05
    assert abs(oracle.oracle - oracle.truth) < 0.1  # 900 firms: three standard errors of the oracle's turning point


def test_headline_is_sound_inference_with_the_naive_beside(finished: Path) -> None:
    results = results_from((run_folder(finished) / "tables" / "results.json").read_text(encoding="utf-8"))
    column = results.benchmark[-1]
    assert (column.headline.kind, column.headline.df_t) == ("CR3", column.headline.clusters["region"] - 1)
    assert {w.null for w in column.headline.wild} >= {"market", "market^2"}
    assert {"iid", "CR1 firm", "CR1 region"} <= set(column.beside)
    assert column.u_test is not None
    assert column.hausman is not None
    assert column.hausman.method == "mundlak"


def test_an_english_report_is_english(finished: Path) -> None:
    """But for what its account quotes from the raw files: spellings of provinces, and how they say their basis."""
    files = (run_folder(finished) / "report" / f"{name}.md" for name in ("report", "appendix"))
    report = "".join(file.read_text(encoding="utf-8") for file in files)
    chinese = [line for line in report.splitlines() if has_chinese(line)]
    assert chinese
    quoted = ("spellings of provinces", "states its basis: 上年=100")
    assert [line for line in chinese if not any(words in line for words in quoted)] == []
    assert "without Garments" in report or "| Garments |" in report


def test_second_run_reuses_every_step(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["run", str(finished), "--explain"]) == 0
    said = capsys.readouterr().out
    steps = json.loads((run_folder(finished) / "manifest.json").read_text(encoding="utf-8"))["steps"]
    assert said.count("reused: nothing changed") == len(steps) > 20


@pytest.mark.slow
def test_one_changed_parameter_reruns_what_depends_on_it(
    short_study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "copy"
    shutil.copytree(short_study, root)
    edit(root, ("sigma = { sound = 5 }", "sigma = 6"))
    assert run(["run", str(root), "--explain"]) == 0
    said = capsys.readouterr().out.splitlines()
    ran = {line.split()[0] for line in said if " ran:" in line}
    assert ran == {"quality", "panel", "benchmark", "noise", "situation", "truth", "models", "report"}
    assert any(line.startswith("quality") and "a parameter changed" in line for line in said)


def test_results_survive_json(finished: Path) -> None:
    text = (run_folder(finished) / "tables" / "results.json").read_text(encoding="utf-8")
    assert results_json(results_from(text)) == text


@pytest.mark.slow
def test_same_inputs_same_numbers(short_study: Path, tmp_path: Path) -> None:
    again = short(tmp_path / "again")
    first, second = (
        results_from((run_folder(r) / "tables" / "results.json").read_text(encoding="utf-8"))
        for r in (short_study, again)
    )
    for a, b in zip(first.benchmark[-1].headline.coefficients, second.benchmark[-1].headline.coefficients, strict=True):
        assert a.term == b.term
        assert b.estimate == pytest.approx(a.estimate, rel=1e-9)  # threads may change the last bits of sums
        assert b.std_error == pytest.approx(a.std_error, rel=1e-9)


def test_show_prints_tables(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("integration", "quality", "panel", "account", "verdicts", "table1", "table4", "A1"):
        assert run(["show", name, str(finished), "--rows", "3"]) == 0
        assert capsys.readouterr().out.strip()
    assert run(["show", "verdicts", str(finished), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert list(shown["rows"][0]) == ["hypothesis", "claim", "outcome", "verdict", "decided_by", "objection"]
    assert run(["show", "tabel4", str(finished)]) == 2
    assert "did you mean 'table4'" in capsys.readouterr().err


def test_new_check_and_never_overwrite(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_new(tmp_path / "mine")
    assert run(["check", str(tmp_path / "mine")]) == 0
    assert run(["new", str(tmp_path / "mine")]) == 2
    assert "nothing was overwritten" in capsys.readouterr().err


def test_check_reports_every_problem_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_new(tmp_path)
    (tmp_path / "raw" / "firms.dta").unlink()
    file = next((tmp_path / "raw" / "customs").glob("*.parquet"))
    file.write_bytes(file.read_bytes()[:1000])
    (tmp_path / "raw" / "rd.csv").write_text("地区,年份,rd\n北京市,2004,x\n", encoding="utf-8")
    assert run(["check", str(tmp_path)]) in (1, 2)
    said = capsys.readouterr().err
    assert "firms.dta" in said
    assert file.name in said
    assert said.count("\nD2") + said.count("\nU1") + said.startswith(("D2", "U1")) >= 3


def test_raw_columns_of_the_template_are_those_of_the_simulation(tmp_path: Path) -> None:
    write_raw(simulate(Economy(n_firms=50)), tmp_path)
    head = (tmp_path / "education.csv").read_text(encoding="gb18030").splitlines()[0].split(",")
    assert set(COLUMNS["education"]) <= set(head)
