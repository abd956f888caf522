"""A run that would change nothing is known by sizes and times of files; whatever moved leads to the whole run."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from integrade.cli import run
from integrade.sources.origins.addresses import address_of
from integrade.study import run as whole_run
from integrade.study import unchanged
from integrade.study.reading import read_draft
from integrade.study.rooms import build_steps
from integrade.study.steps import Done
from integrade.study.template import write_demo
from integrade.study.template_parts import write_kind
from integrade.study.unchanged import Run, Seen, Told, covers, left, seen, write_down

ASKED = {"study": "it", "engine": "auto"}
TOLD = (
    Told("one", remark=True),
    Told("two rows", remark=False, label="Against it", detail=True),
    Told("there", remark=False, label="Report", role="path"),
    Told("nothing changed (-v shows 1 warning)", remark=False, role="unchanged"),
    Told("nothing changed", remark=False, role="unchanged", detail=True),
    Told("done", remark=False, role="done"),
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A study that has run: one raw file, one stored step, one run folder."""
    for name in (
        "study.toml",
        "raw/a/x.csv",
        "raw/sigma.csv",
        "raw/b/notes",
        ".integrade/prices-1/step.json",
        "runs/1/report/report.html",
        "runs/latest",
    ):
        file = tmp_path / "it" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name, encoding="utf-8")
    return tmp_path / "it"


SAID = {
    "prices": {"files": ["raw/a"], "rows": "price > 0"},
    "firms": {"files": ["raw/*/*.xlsx", "../ext/*/x.csv", "*/x.csv"], "rates": None},
    "outcomes": [{"name": "other", "sigma": "raw/sigma.csv"}],
}


def _seen(root: Path, said: object = SAID) -> Seen:
    found = seen(root, said)
    assert found is not None
    return found


def _written(root: Path, began: int | None = None, read: Seen | None = None) -> None:
    made = [root / "runs" / "1", root / ".integrade" / "prices-1"]
    later = time.time_ns() + 10 * unchanged.CLOCK
    write_down(root, ASKED, Run(later if began is None else began, read or _seen(root), made, TOLD))


def test_what_the_last_run_said_is_said_again(root: Path) -> None:
    assert left(root, ASKED) is None
    _written(root)
    assert left(root, ASKED) == TOLD
    assert left(root, {**ASKED, "engine": "duckdb"}) is None


def _new(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("new", encoding="utf-8")


def _rewrite(file: Path) -> None:
    """The same bytes at another time."""
    file.write_bytes(file.read_bytes())
    os.utime(file, ns=(1, 1))


CHANGES: dict[str, Callable[[Path], object]] = {
    "study file": lambda root: _rewrite(root / "study.toml"),
    "raw file": lambda root: _rewrite(root / "raw" / "a" / "x.csv"),
    "new raw file": lambda root: _new(root / "raw" / "a" / "y.csv"),
    "new partition": lambda root: _new(root / "raw" / "a" / "year=2004" / "part.parquet"),
    "file in a folder that held none": lambda root: _new(root / "raw" / "b" / "x.xlsx"),
    "new folder elsewhere": lambda root: _new(root.parent / "ext" / "b" / "x.csv"),
    "audit": lambda root: _new(root / "audit" / "audit.json"),
    "new folder beside the study file": lambda root: _new(root / "more" / "x.csv"),
    "file of an outcome": lambda root: _rewrite(root / "raw" / "sigma.csv"),
    "file of an outcome that is gone": lambda root: (root / "raw" / "sigma.csv").unlink(),
    "replaced raw file": lambda root: os.replace(root / "raw" / "sigma.csv", root / "raw" / "a" / "x.csv"),
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


MEANWHILE: dict[str, Callable[[Path], object]] = {
    "deleted": lambda root: (root / "raw" / "a" / "x.csv").unlink(),
    "replaced": lambda root: os.replace(root / "raw" / "sigma.csv", root / "raw" / "a" / "x.csv"),
    "new": lambda root: _new(root / "raw" / "b" / "x.xlsx"),
    "edited": lambda root: _rewrite(root / "raw" / "sigma.csv"),
}


@pytest.mark.parametrize("change", MEANWHILE)
def test_what_changed_between_the_list_and_the_end_of_a_run_is_not_written_down(root: Path, change: str) -> None:
    before = _seen(root)
    MEANWHILE[change](root)
    _written(root, read=before)
    assert left(root, ASKED) is None


def test_a_file_comes_to_a_name_that_stood_for_none(root: Path) -> None:
    """An option that names a file is left out while there is none."""
    said = {"index": {"pairs": "raw/pairs.csv"}}
    _written(root, read=_seen(root, said))
    assert left(root, ASKED) == TOLD
    _new(root / "raw" / "pairs.csv")
    assert left(root, ASKED) is None


def test_a_text_that_names_no_file_is_none(root: Path) -> None:
    said = ["a*b", "x**2", "", "long " * 2000, "nul\0", "raw/a/x.csv"]
    assert {Path(name).name for name in _seen(root, said).files} == {"x.csv", "study.toml"}


def test_a_run_that_reads_what_the_list_lacks_is_not_written_down(root: Path) -> None:
    known = _seen(root)
    assert covers(known, [root / "raw" / "a" / "x.csv", root / "raw" / "sigma.csv"])
    assert not covers(known, [root / "raw" / "b" / "notes"])
    assert not covers(known, [address_of("postgresql://me@localhost/trade#customs")])


def test_all_files_of_all_steps_are_in_the_list(tmp_path: Path) -> None:
    """Those that another outcome and another index name with them."""
    write_demo(tmp_path, firms=60, seed=1)
    (tmp_path / "raw" / "pairs.csv").write_text("a,b\n", encoding="utf-8")
    with (tmp_path / "study.toml").open("a", encoding="utf-8") as file:
        file.write('[[outcomes]]\nname = "own"\nsigma = "raw/sigma_true.csv"\n')
        file.write('[[indices]]\nname = "near"\npairs = "raw/pairs.csv"\n')
    study = read_draft(tmp_path).study
    assert study is not None
    read = [file for step in build_steps(study, tmp_path, "auto").values() for file in step.files]
    assert {"sigma_true.csv", "pairs.csv"} <= {file.name for file in read}
    assert covers(_seen(tmp_path, study.model_dump()), read)


def test_an_address_of_a_server_is_not_listed(root: Path) -> None:
    assert seen(root, {"files": ["s3://bucket/x.parquet"]}) is None


@pytest.fixture(scope="module")
def of_prices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of prices."""
    root = tmp_path_factory.mktemp("prices") / "it"
    write_kind(root, "index")
    file = root / "study.toml"
    text = file.read_text(encoding="utf-8").replace('["html", "docx", "pdf", "tex", "md"]', '["md"]')
    file.write_text(text, encoding="utf-8")
    time.sleep(0.1)
    return root


@pytest.fixture
def steps_done(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], object]]:
    """What happens when the steps of a run are done, to be filled by a test."""
    todo: list[Callable[[], object]] = []
    performed = whole_run.perform_all

    def perform(*given: Any, **more: Any) -> dict[str, Done]:
        done = performed(*given, **more)
        for one in todo:
            one()
        return done

    monkeypatch.setattr(whole_run, "perform_all", perform)
    return todo


def test_a_study_is_run_whole_until_nothing_changed(
    of_prices: Path, steps_done: list[Callable[[], object]], capsys: pytest.CaptureFixture[str]
) -> None:
    ran: list[int] = []
    steps_done.append(lambda: ran.append(1))
    said = []
    for _ in range(2):
        assert run(["run", str(of_prices), "--quiet"]) == 0
        said.append(capsys.readouterr().out.splitlines())
    assert len(ran) == 1
    assert said[0][:-1] == said[1][:-1]
    assert said[0][-1].startswith("done in")
    assert said[1][-1].startswith("nothing changed since the last run")
    raw = min((of_prices / "raw").iterdir())
    raw.write_bytes(raw.read_bytes())
    time.sleep(0.1)
    steps_done.append(lambda: (raw.with_name("copy").write_bytes(raw.read_bytes()), raw.with_name("copy").replace(raw)))
    for runs in (2, 3):
        assert run(["run", str(of_prices), "--quiet"]) == 0
        assert len(ran) == runs  # the file was replaced while the run before was on


def test_the_command_says_it_without_running(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _written(root)
    monkeypatch.chdir(root.parent)
    calls: dict[str, tuple[list[str], str]] = {}
    for flag in ("--quiet", "--verbose", "-v"):
        assert run(["run", "it", flag]) == 0
        said = capsys.readouterr()
        calls[flag] = said.out.splitlines(), said.err
    assert calls["--quiet"] == (["Report  there", "nothing changed (-v shows 1 warning)"], "")
    assert calls["-v"] == (["Against it  two rows", "", "Report  there", "nothing changed"], "warning: one\n")
    assert calls["--verbose"] == calls["-v"]
    assert run(["run", "it"]) == 0
    assert capsys.readouterr().out.splitlines() == calls["--quiet"][0]
    assert run(["run", "it", "--quiet", "--explain"]) == 2  # the study file is none, which the whole run finds
