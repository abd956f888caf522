"""A finished run is left alone: what users and further reports put there stays, what is missing is made again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from integrade.study.reprint import reprint
from integrade.study.run import Outcome, Request, run_study
from studies import edit

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def root(short_study: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("finished") / "study"
    shutil.copytree(short_study, folder)
    edit(folder, ('formats = ["html"]', 'formats = ["html", "tex", "md"]'))
    again(folder)
    return folder


def again(root: Path, **asked: str) -> Outcome:
    found = run_study(root, Request(**asked), tell=lambda _: None)  # type: ignore[arg-type]
    assert found is not None
    return found


def contents(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        str(p.relative_to(folder)): (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.rglob("*") if p.is_file()
    }


def test_running_again_deletes_nothing_and_touches_nothing(root: Path) -> None:
    run = again(root).folder
    reprint(root, formats=("md",), language="zh")
    (run / "notes.txt").write_text("what the referee said", encoding="utf-8")
    (run / "report" / "mine.md").write_text("a draft", encoding="utf-8")
    before = contents(run)
    assert any(name.startswith("report-zh/") for name in before)
    found = again(root)
    assert found.folder == run
    assert not any(step.ran for step in found.steps)
    assert contents(run) == before


def test_a_report_that_a_user_has_edited_stays(root: Path) -> None:
    run = again(root).folder
    text = (run / "report" / "report.md").read_text(encoding="utf-8")
    (run / "report" / "report.md").write_text(text + "\nmy own words\n", encoding="utf-8")
    again(root)
    assert "my own words" in (run / "report" / "report.md").read_text(encoding="utf-8")
    again(root, force="report")
    assert (run / "report" / "report.md").read_text(encoding="utf-8") == text
    assert "my own words" in (run / "report" / "report.md.old").read_text(encoding="utf-8")


def test_what_is_missing_or_damaged_is_made_again(root: Path) -> None:
    run = again(root).folder
    (run / "notes.txt").write_text("mine", encoding="utf-8")
    before = contents(run)
    (run / "report" / "report.html").unlink()
    (run / "report" / "report.tex").write_bytes(b"")
    (run / "tables" / "panel.parquet").write_bytes(b"PAR1")
    (run / "manifest.json").write_text("{", encoding="utf-8")
    (run / "account.txt").unlink()
    found = again(root)
    after = contents(run)
    assert {n: c[0] for n, c in after.items()} == {n: c[0] for n, c in before.items()}
    assert found.report == run / "report" / "report.html"
    json.loads((run / "manifest.json").read_text(encoding="utf-8"))
