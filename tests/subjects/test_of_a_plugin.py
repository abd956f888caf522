"""A new question is one file: it appears in the study file, the steps, results.json, the report, explain and fit."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

import report_example as example
import studies
from integrade.cli import run
from integrade.errors import BadPlugin, UsageError
from integrade.records import plugins
from integrade.records.question import REGISTER
from integrade.study.printed import compose
from integrade.subjects import questions

DOCS = Path(__file__).parents[2] / "docs" / "plugins.md"


@pytest.fixture(autouse=True)
def nothing_stays() -> Iterator[None]:
    questions()
    yield
    plugins.load_files(())


@pytest.fixture(scope="module")
def source() -> str:
    """The question of docs/plugins.md."""
    blocks = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    return next(block for block in blocks if "@ig.question" in block)


@pytest.fixture
def study(short_study: Path, source: str, tmp_path: Path) -> Path:
    """A finished study that asks the question too; its other steps are stored."""
    root = tmp_path / "study"
    shutil.copytree(short_study, root, ignore=shutil.ignore_patterns("runs"))
    (root / "mine.py").write_text(source, encoding="utf-8")
    file = root / "study.toml"
    text = re.sub(r"(?m)^(title = .*)$", r'\1\nplugins = ["mine.py"]', file.read_text(encoding="utf-8"), count=1)
    file.write_text(text + "\n[sides]\ncut = 0.4\n", encoding="utf-8")
    return root


def said(capsys: pytest.CaptureFixture[str]) -> str:
    both = capsys.readouterr()
    return both.out + both.err


@pytest.mark.slow
def test_a_question_of_one_file_appears_everywhere(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = str(study)
    assert run(["check", root, "--plugins"]) == 0, said(capsys)
    assert run(["run", root, "--plugins"]) == 0, said(capsys)
    folder = studies.run_folder(study)
    results = json.loads((folder / "tables" / "results.json").read_text(encoding="utf-8"))
    low, high = results["sides"]["low"], results["sides"]["high"]
    assert results["settings"]["sides.cut"] == "0.4"
    page = (folder / "report" / "report.html").read_text(encoding="utf-8")
    assert "Low and high treatment" in page
    said(capsys)
    assert run(["show", "tableP1", root, "--plugins"]) == 0
    assert f"Mean  {low:.4f}  {high:.4f}" in said(capsys)
    assert run(["explain", "tableP1.below.sides.mean", root, "--plugins"]) == 0
    assert "mean of the outcome on one side of the cut" in said(capsys)
    assert run(["status", root, "--plugins"]) == 0
    assert re.search(r"sides +stored", said(capsys))
    panel = str(folder / "tables" / "panel.parquet")
    asked = ["fit", panel, "quality ~ market | firm + year", "--plugin", str(study / "mine.py"), "--quiet"]
    assert run([*asked, "--sides", "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)["sides"]) == {"low", "high"}


def test_its_section_is_checked_like_any_other(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = study / "study.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("cut = 0.4", "cutt = 0.4"), encoding="utf-8")
    assert run(["check", str(study), "--plugins"]) == 2
    assert "[sides]: unknown key 'cutt'" in said(capsys)


def test_without_plugins_its_section_is_refused_and_says_so(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["run", str(study)]) == 2
    told = said(capsys)
    assert "unknown key 'sides'" in told
    assert "--plugins, if it is a question of mine.py, which was not loaded" in told
    assert "sides" not in REGISTER


def test_what_it_prints_and_finds_fails_with_its_line(study: Path) -> None:
    file = study / "mine.py"
    file.write_text(file.read_text(encoding="utf-8").replace("return gap(asked.sample", "return gap(asked.smple"))
    plugins.load_file(file)
    with pytest.raises(BadPlugin, match="AttributeError"):
        REGISTER["sides"].function(object(), None)


def test_a_place_of_another_table_is_refused_before_any_step(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = study / "mine.py"
    file.write_text(file.read_text(encoding="utf-8").replace('places=("P1",)', 'places=("4",)'), encoding="utf-8")
    for command in ("check", "run"):
        assert run([command, str(study), "--plugins"]) == 2
        told = said(capsys)
        assert "U100 the place 4 of a table of the question 'sides' is taken: integrade has 4" in told
        assert 'give your table another place, such as "P1"' in told
        assert "mine.py, line" in told
    assert not (study / "runs").exists()


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (
            'PrintedTable("P1"',
            'PrintedTable("P2"',
            "the question 'sides' prints a table at P2, which is not one of its",
        ),
        ("return [PrintedTable(", "return 2 * [PrintedTable(", "the question 'sides' prints two tables at P1"),
        ('made.table("P1")', 'made.table("P1", "P1")', "the report has the table P1 twice"),
    ],
)
def test_two_tables_of_one_address_are_a_coded_error(
    source: str, old: str, new: str, what: str, tmp_path: Path
) -> None:
    """The record says less than the functions do: the document is not composed, and Typst is not asked."""
    assert old in source
    (tmp_path / "mine.py").write_text(source.replace(old, new), encoding="utf-8")
    plugins.load_file(tmp_path / "mine.py")
    found = SimpleNamespace(low=1.0, high=2.0)
    with pytest.raises(UsageError, match=what):
        compose(replace(example.study(), answers={"sides": found}))
