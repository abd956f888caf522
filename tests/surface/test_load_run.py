"""A finished run in Python: what it holds, and own regressions beside its benchmark."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import polars as pl
import pytest

import integrade as ig
from integrade.study.seals import sealed, unsealed


@pytest.fixture(scope="module")
def run(short_study: Path) -> ig.results.LoadedRun:
    return ig.load_run(short_study)


def test_a_run_holds_its_rows_regressions_tables_and_figures(run: ig.results.LoadedRun) -> None:
    assert run.panel.polars().height > run.fits["benchmark.2"].nobs > 100
    assert {"region", "year", "integration"} <= set(run.index.columns)
    assert "quality" in run.quality.columns
    assert run.tables["table4"].number == "4"
    assert "segmentation" in run.figures["trend"].to_dict()["description"]
    assert repr(run).startswith("LoadedRun(")
    assert len(repr(run)) < 120


def test_every_table_of_the_report_is_there(run: ig.results.LoadedRun) -> None:
    """Those of questions too, as the truth of a simulated economy."""
    page = (run.folder / "report" / "report.html").read_text(encoding="utf-8")
    printed = re.findall(r"<caption>(?:<[^>]*>)*Table (\w+)\. ", page)
    assert "A2" in printed
    assert set(run.tables) == {f"table{number}" for number in printed}


def test_a_run_with_the_question_of_a_plugin_is_read_without_it(short_study: Path, tmp_path: Path) -> None:
    shutil.copytree(short_study / "runs", tmp_path / "runs")
    file = tmp_path / "runs" / (tmp_path / "runs" / "latest").read_text(encoding="utf-8").strip() / "manifest.json"
    manifest = unsealed(file.read_bytes())
    manifest["study"] |= {"plugins": ["mine.py"], "halves": {"cut": 0.5}}
    file.write_text(json.dumps(sealed(manifest)), encoding="utf-8")
    assert ig.load_run(tmp_path).study.plugins == ["mine.py"]


def test_the_benchmark_of_a_run_is_estimated_again_from_its_panel(run: ig.results.LoadedRun) -> None:
    """A run's panel, formula and inference give its stored coefficients and standard errors."""
    stored = run.fits["benchmark.2"]
    again = run.add(stored.formula, name="again").fits["again"]
    for term in stored.coefficients:
        assert again[term.term].estimate == pytest.approx(term.estimate, rel=1e-9)
        assert again[term.term].std_error == pytest.approx(term.std_error, rel=1e-9)
    assert again.kind == stored.kind


def test_an_own_regression_stands_beside_the_benchmark(run: ig.results.LoadedRun) -> None:
    wider = run.add("quality ~ market + scale | firm + year", name="linear")
    assert run.own == {}
    table = wider.tables["own"]
    assert [c.split()[0] for c in table.columns[1:]] == ["(1)", "(2)", "linear"]
    printed = f"{wider.fits['linear']['market'].estimate:.4f}"
    assert any(printed in row.cells[3] for row in table.rows if row.key == "market")
    assert "own" not in run.tables


def test_an_own_fit_and_own_options(run: ig.results.LoadedRun) -> None:
    fitted = ig.fit(run.panel, "quality ~ market | firm + year", cluster="firm")
    assert run.add(fitted, name="mine").fits["mine"] is fitted
    other = run.add("quality ~ market | firm + year", "iid", ig.options.Fit(vcov="iid"))
    assert other.fits["iid"].kind == "iid"


def test_wrong_names_are_coded(run: ig.results.LoadedRun, short_study: Path, tmp_path: Path) -> None:
    with pytest.raises(ig.errors.FileMissing, match="no finished run") as refused:
        ig.load_run(tmp_path)
    assert refused.value.remedy == f"integrade run {tmp_path}"
    (tmp_path / "mystudy").mkdir()
    with pytest.raises(ig.errors.FileMissing, match=r"no folder .*mystudi\n.*did you mean 'mystudy'"):
        ig.load_run(tmp_path / "mystudi")
    with pytest.raises(ig.errors.UnknownName, match=r"did you mean 'benchmark\.2'"):
        run.fit("benchmrk.2")
    assert run.fit("benchmark.2") == run.fits["benchmark.2"]
    with pytest.raises(ig.errors.FileMissing, match="did you mean"):
        ig.load_run(short_study, "lates")
    with pytest.raises(ig.errors.FileMissing, match="did you mean 'panel'"):
        run.rows("panal")
    with pytest.raises(ig.errors.UsageError, match="already"):
        run.add("quality ~ market | firm + year", "benchmark.2")
    with pytest.raises(ig.errors.UsageError, match="takes no options"):
        run.add(run.fits["benchmark.1"], "mine", ig.options.Fit())
    with pytest.raises(ig.errors.UnknownColumn, match="marke"):
        run.add("quality ~ marke | firm + year", "wrong")


def test_a_damaged_run_is_coded(short_study: Path, tmp_path: Path) -> None:
    shutil.copytree(short_study / "runs", tmp_path / "runs")
    folder = tmp_path / "runs" / (tmp_path / "runs" / "latest").read_text(encoding="utf-8").strip()
    for file in (folder / "manifest.json", folder / "tables" / "results.json"):
        whole = file.read_text(encoding="utf-8")
        for text in ("{", "{}", '{"study": {"title": 3}}', "[]"):
            file.write_text(text, encoding="utf-8")
            with pytest.raises(ig.errors.Unreadable, match=f"{file.name} of run"):
                ig.load_run(tmp_path)
        file.write_text(whole, encoding="utf-8")
    (folder / "tables" / "results.json").unlink()
    with pytest.raises(ig.errors.FileMissing, match="stopped before its models"):
        ig.load_run(tmp_path / "study.toml")


def test_the_study_is_the_one_that_ran(run: ig.results.LoadedRun) -> None:
    assert run.study.regression.treatment == "market"
    assert run.inference.cluster == run.study.regression.cluster
    assert isinstance(run.panel.polars(), pl.DataFrame)
