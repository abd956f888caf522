"""A run that would change nothing is known by sizes and times of files; whatever moved leads to the whole run."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from integrade.cli import run
from integrade.study import unchanged
from integrade.study.unchanged import Run, Told, left, write_down

ASKED = {"study": "it", "engine": "auto", "quiet": True}
TOLD = (Told("warning: one", remark=True), Told("report: there", remark=False))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A study that has run: one raw file, one stored step, one run folder."""
    for name in (
        "study.toml",
        "raw/a/x.csv",
        ".integrade/prices-1/step.json",
        "runs/1/report/report.html",
        "runs/latest",
    ):
        file = tmp_path / "it" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name, encoding="utf-8")
    return tmp_path / "it"


def _written(root: Path, began: int | None = None) -> None:
    made = [root / "runs" / "1", root / ".integrade" / "prices-1"]
    later = time.time_ns() + 10 * unchanged.CLOCK
    write_down(root, ASKED, Run(later if began is None else began, [root / "raw" / "a" / "x.csv"], made, TOLD))


def test_what_the_last_run_said_is_said_again(root: Path) -> None:
    assert left(root, ASKED) is None
    _written(root)
    assert left(root, ASKED) == TOLD
    assert left(root, {**ASKED, "quiet": False}) is None


def _rewrite(file: Path) -> None:
    """The same bytes at another time."""
    file.write_bytes(file.read_bytes())
    os.utime(file, ns=(1, 1))


CHANGES: dict[str, Callable[[Path], object]] = {
    "study file": lambda root: _rewrite(root / "study.toml"),
    "raw file": lambda root: _rewrite(root / "raw" / "a" / "x.csv"),
    "new raw file": lambda root: (root / "raw" / "a" / "y.csv").write_text("y"),
    "new raw folder": lambda root: (root / "raw" / "b").mkdir(),
    "output": lambda root: (root / "runs" / "1" / "report" / "report.html").unlink(),
    "edited output": lambda root: (root / "runs" / "1" / "report" / "report.html").write_text("mine"),
    "stored step": lambda root: shutil.rmtree(root / ".integrade" / "prices-1"),
    "latest run": lambda root: _rewrite(root / "runs" / "latest"),
    "damaged note": lambda root: (root / ".integrade" / unchanged.NOTE).write_text("{"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_moved_leads_to_the_whole_run(root: Path, change: str) -> None:
    _written(root)
    CHANGES[change](root)
    assert left(root, ASKED) is None


def test_a_copy_of_the_folder_is_looked_at_itself(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its note was written in another place, whose files are as they were."""
    monkeypatch.chdir(root)
    _written(Path())
    assert left(Path(), ASKED) == TOLD
    shutil.copytree(root, tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")
    assert left(Path(), ASKED) is None


def test_another_program_leads_to_the_whole_run(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _written(root)
    monkeypatch.setattr(unchanged, "PACKAGE", root)
    assert left(root, ASKED) is None


def test_a_file_that_changed_while_the_run_was_on_is_not_written_down(root: Path) -> None:
    """Its steps rest on what stood there before."""
    began = time.time_ns() - 1_000_000_000
    (root / "raw" / "a" / "x.csv").write_text("other", encoding="utf-8")
    _written(root, began)
    assert left(root, ASKED) is None


def test_the_command_says_it_without_running(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _written(root)
    monkeypatch.chdir(root.parent)
    assert run(["run", "it", "--quiet"]) == 0
    said = capsys.readouterr()
    assert (said.out, said.err) == ("report: there\n", "warning: one\n")
    assert run(["run", "it", "--quiet", "--explain"]) == 2  # the study file is none, which the whole run finds
