"""Runs that are killed, run at once, looked at and compared."""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from integrade.cli import run
from integrade.study.finished import manifest_of
from integrade.study.run import Request, run_study
from integrade.study.runs import diff_runs, fits_in, status_of
from integrade.study.stored_results import results_from
from integrade.verdicts.bundle import StudyResults
from studies import run_folder


def command(root: Path) -> list[str]:
    return [sys.executable, "-c", f"from integrade.cli import run; raise SystemExit(run(['run', {str(root)!r}]))"]


def results(root: Path) -> StudyResults:
    return results_from((run_folder(root) / "tables" / "results.json").read_text(encoding="utf-8"))


def complete(root: Path) -> None:
    """Nothing that is there under its own name is half-written."""
    for step in (p for p in (root / ".integrade").glob("[a-z]*") if p.is_dir()):
        assert (step / "step.json").exists(), f"{step.name} is complete or absent"
    for done in (root / "runs").glob("[0-9a-f]*"):
        json.loads((done / "manifest.json").read_text(encoding="utf-8"))
        assert (done / "report" / "report.html").read_text(encoding="utf-8").rstrip().endswith("</html>")


def same(a: StudyResults, b: StudyResults) -> None:
    one, two = dict(fits_in(a)), dict(fits_in(b))
    assert list(one) == list(two)
    for place, fit in one.items():
        for x, y in zip(fit.coefficients, two[place].coefficients, strict=True):
            # a weak instrument divides by nearly nothing: sums in another order (1e-15) reach the eighth digit
            assert (x.estimate, x.std_error) == pytest.approx((y.estimate, y.std_error), rel=1e-7, nan_ok=True), place


@pytest.fixture(scope="module")
def study(new_study: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("runs") / "study"
    shutil.copytree(new_study, root)
    return root


@pytest.fixture(scope="module")
def short(short_study: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The short study as it is before its first run."""
    root = tmp_path_factory.mktemp("short") / "study"
    shutil.copytree(short_study, root, ignore=shutil.ignore_patterns(".integrade", "runs"))
    return root


@pytest.mark.slow
def test_killed_at_six_moments_nothing_is_lost(short: Path, short_study: Path, tmp_path: Path) -> None:
    """Each kill falls within two seconds behind a step that was finished, so that the next one goes on from there."""
    broken = tmp_path / "broken"
    shutil.copytree(short, broken)
    moments = random.Random(20240101)
    for _ in range(6):
        before = stored(broken)
        process = subprocess.Popen(command(broken), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and stored(broken) <= before:
            time.sleep(0.01)
        time.sleep(moments.uniform(0, 2))
        process.send_signal(signal.SIGKILL)
        process.wait()
        complete(broken)
        if (broken / "runs" / "latest").exists():  # done between two kills: begin anew
            shutil.rmtree(broken / "runs")
            shutil.rmtree(broken / ".integrade")
    subprocess.run(command(broken), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    complete(broken)
    same(results(short_study), results(broken))


def stored(root: Path) -> int:
    """How many steps are there under their own names."""
    return len(list((root / ".integrade").glob("[a-z]*")))


@pytest.mark.slow
def test_two_runs_at_once_do_not_disturb_each_other(short: Path, tmp_path: Path) -> None:
    root = tmp_path / "both"
    shutil.copytree(short, root)
    both = [subprocess.Popen(command(root), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for _ in range(2)]
    said = [p.communicate()[1].decode() for p in both]
    assert [p.returncode for p in both] == [0, 0], said
    complete(root)
    assert not list((root / ".integrade").glob(".*")), "no leavings"
    assert len(list((root / "runs").glob("[0-9a-f]*"))) == 1


def test_status_and_diff_say_what_changed(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Up to the panel: a key of the study file and a raw file are changed between two runs."""
    assert all(not s.stored and s.reason == "first run" for s in status_of(study).steps)
    first = run_study(study, Request(to="panel"))
    stored = {s.name: s.stored for s in status_of(study).steps}
    data = ["prices", "index_trust", "integration", "quality", "accounts", "panel"]
    assert [name for name, there in stored.items() if there] == data
    assert list(stored)[6:9] == ["quality_rows", "benchmark", "lags"]
    assert list(stored)[-2:] == ["models", "report"]
    text = (study / "study.toml").read_text(encoding="utf-8")
    (study / "study.toml").write_text(text.replace("\nsigma = { sound = 5 }", "\nsigma = 6"), encoding="utf-8")
    rd = study / "raw" / "rd.csv"
    rd.write_bytes(rd.read_bytes().rstrip(b"\n").rsplit(b"\n", 1)[0] + b"\n")
    again = {s.name: s.reason for s in status_of(study).steps}
    assert again["quality"] == "a parameter changed: sigma 5 -> 6"
    assert again["accounts"] == "an input file changed: rd.csv"
    assert again["panel"] == "an earlier step changed: quality, accounts"
    second = run_study(study, Request(to="panel"))
    assert first is not None
    assert second is not None
    found = diff_runs(study, first.folder.name, "latest")
    assert found.keys == ("quality.sigma: 5 -> 6",)
    assert [line.split(":")[0] for line in found.inputs] == ["covariates raw/rd.csv"]
    assert any("covariates" in line for line in found.rows)
    assert run(["status", str(study)]) == 0
    assert f"{second.folder.name} (latest)" in capsys.readouterr().out
    assert run(["diff", first.folder.name, "latest", str(study)]) == 0
    assert "quality.sigma: 5 -> 6" in capsys.readouterr().out
    assert run(["diff", "nothing", "latest", str(study)]) == 2
    assert "no finished run 'nothing'" in capsys.readouterr().err


@pytest.mark.slow
def test_two_steps_at_once_give_what_one_after_the_other_gives(short: Path, tmp_path: Path) -> None:
    """The same run by name, the same text, the same numbers; a part of it then leaves the whole report the latest."""
    outcomes = []
    for jobs in (1, 2):
        root = tmp_path / f"jobs{jobs}"
        shutil.copytree(short, root)
        outcomes.append(run_study(root, Request(jobs=jobs)))
    one, two = (o for o in outcomes if o is not None)
    assert one.folder.name == two.folder.name
    names = [sorted(str(p.relative_to(o.folder)) for p in o.folder.rglob("*") if p.is_file()) for o in (one, two)]
    assert names[0] == names[1]
    for name in names[0]:
        a, b = one.folder / name, two.folder / name
        if name.endswith(".parquet"):
            assert_frame_equal(pl.read_parquet(a), pl.read_parquet(b), rel_tol=1e-10)
        elif name in ("account.txt", "report/report.tex"):
            assert a.read_bytes() == b.read_bytes(), name
    one_manifest, two_manifest = (manifest_of(o.folder) for o in (one, two))
    assert one_manifest.pop("outputs").keys() == two_manifest.pop("outputs").keys()
    assert one_manifest == two_manifest
    same(results(tmp_path / "jobs1"), results(tmp_path / "jobs2"))
    part = run_study(tmp_path / "jobs2", Request(to="quality", force="quality"))
    assert part is not None
    assert part.latest == two.folder.name
    assert (tmp_path / "jobs2" / "runs" / "latest").read_text(encoding="utf-8") == two.folder.name


@pytest.mark.slow
def test_diff_measures_how_far_coefficients_moved(short_study: Path, tmp_path: Path) -> None:
    root = tmp_path / "moved"
    shutil.copytree(short_study, root)
    first = run_folder(root)
    before = results(root)
    text = (root / "study.toml").read_text(encoding="utf-8")
    changed = text.replace("\n[quality]", '\n[quality]\nstandardise = "zscore"', 1)
    (root / "study.toml").write_text(changed, encoding="utf-8")
    run_study(root, Request())
    after = results(root)
    found = diff_runs(root, first.name, "latest")
    own = {(m.table, m.term): m for m in found.coefficients}
    moved = own["benchmark.2", "market"]
    a, b = before.benchmark[1].headline["market"], after.benchmark[1].headline["market"]
    assert (moved.before, moved.after) == (a.estimate, b.estimate)
    assert moved.in_errors == pytest.approx((b.estimate - a.estimate) / a.std_error)
