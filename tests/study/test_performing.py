"""Steps one after the other and at once, what a run says of itself, and what a killed or partial run leaves."""

from __future__ import annotations

import json
import os
import platform
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import get_args

import polars as pl
import pytest

from each import each
from integrade.engine.frames import collect, duckdb_connection, on_engine
from integrade.errors import UsageError
from integrade.study.performing import perform_all
from integrade.study.progress import TYPICAL, Watch, _Clock, _Left, expected, time_left, watching
from integrade.study.reasons import why_changed
from integrade.study.request import Room
from integrade.study.run import Request, _name_latest, run_study
from integrade.study.steps import Done, Step, ingredients, perform
from integrade.study.template import write_new

Run = Callable[[Path, dict[str, Path]], None]


def step(name: str, *needs: str, run: Run | None = None, parameters: object = None) -> Step:
    def write(out: Path, done: dict[str, Path]) -> None:
        text = "".join((folder / f"{n}.txt").read_text(encoding="utf-8") for n, folder in sorted(done.items()))
        (out / f"{name}.txt").write_text(f"{name}({text})", encoding="utf-8")

    return Step(name, needs, parameters, (), (), run or write)


def heard() -> tuple[list[str], Watch]:
    said: list[str] = []
    return said, Watch(lambda name: said.append(f"{name} begins"), lambda done: said.append(f"{done.name} ends"))


DIAMOND = [step("prices"), step("integration", "prices"), step("quality"), step("panel", "integration", "quality")]


@pytest.mark.parametrize("jobs", [1, 2, 8])
def test_results_and_their_order_do_not_depend_on_how_many_steps_run_at_once(tmp_path: Path, jobs: int) -> None:
    said, watch = heard()
    done = perform_all(DIAMOND, tmp_path, watch, jobs=jobs)
    assert list(done) == ["prices", "integration", "quality", "panel"]
    text = (done["panel"].folder / "panel.txt").read_text(encoding="utf-8")
    assert text == "panel(integration(prices())quality())"
    assert sorted(said) == sorted(f"{s.name} {what}" for s in DIAMOND for what in ("begins", "ends"))
    assert said.index("prices ends") < said.index("integration begins")
    assert max(said.index("integration ends"), said.index("quality ends")) < said.index("panel begins")


def test_what_a_step_does_ahead_begins_when_the_first_step_runs_and_not_if_all_are_stored(tmp_path: Path) -> None:
    begun, run = list[str](), step("prices").run
    noting = replace(step("prices"), run=lambda out, done: (begun.append("prices"), run(out, done))[1])
    report = replace(step("report", "prices"), ahead=lambda: begun.append("ahead"))
    for _ in range(2):
        perform_all([noting, report], tmp_path, heard()[1])
        assert begun == ["ahead", "prices"]


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_memory_that_a_step_freed_is_given_back(tmp_path: Path) -> None:
    many, kept, seen = 40_000, list[bytearray](), list[int]()

    def fill(*_: object) -> None:
        blocks = [bytearray(10_000) for _ in range(many)]
        kept.append(bytearray(10_000))  # stands behind them all: what is before it is given back only when asked for
        seen.append(_resident())
        del blocks

    perform_all([step("prices", run=fill)], tmp_path, heard()[1])
    assert seen[0] - _resident() > many * 10_000 / 2


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_two_steps_that_do_not_need_each_other_run_at_once(tmp_path: Path) -> None:
    meeting = threading.Barrier(2, timeout=20)  # passed only when both steps are inside it

    def meet(out: Path, _: dict[str, Path]) -> None:
        meeting.wait()
        (out / "met").touch()

    done = perform_all([step("prices", run=meet), step("quality", run=meet)], tmp_path, heard()[1], jobs=2)
    assert all((d.folder / "met").exists() for d in done.values())


@pytest.mark.parametrize("jobs", [1, 2])
def test_each_step_asks_duckdb_on_a_connection_of_its_own(tmp_path: Path, jobs: int) -> None:
    asked = list[object]()

    def ask(out: Path, _: dict[str, Path]) -> None:
        frames = [on_engine(pl.DataFrame({"a": range(3), "b": range(3)}), "duckdb") for _ in range(2)]
        joined = collect(frames[0].join(frames[1], on="a"))  # frames of one step join
        duckdb_connection().sql("create temp table mine as select 1")  # a second one of one connection is refused
        (out / "rows.txt").write_text(str(joined.height), encoding="utf-8")
        asked.append(duckdb_connection())

    perform_all([step("left", run=ask), step("right", run=ask)], tmp_path, heard()[1], jobs=jobs)
    assert len({id(one) for one in (*asked, duckdb_connection())}) == 3
    assert duckdb_connection() is duckdb_connection()


def test_a_failed_step_lets_the_running_one_end_and_no_other_begin(tmp_path: Path) -> None:
    begun = threading.Event()

    def fail(_: Path, __: dict[str, Path]) -> None:
        begun.wait(20)
        raise UsageError("prices are wrong")

    def slow(out: Path, _: dict[str, Path]) -> None:
        begun.set()
        (out / "there").touch()

    steps = [step("prices", run=fail), step("quality", run=slow), step("panel", "prices", "quality")]
    said, watch = heard()
    with pytest.raises(UsageError, match="prices are wrong"):
        perform_all(steps, tmp_path, watch, jobs=2)
    assert "quality ends" in said
    assert "panel begins" not in said
    assert [p.name.partition("-")[0] for p in tmp_path.iterdir()] == ["quality"], "nothing half-written"


@each(
    ("before", "now", "reason"),
    [
        ({"parameters": [{"sigma": 5}]}, {"parameters": [{"sigma": 6}]}, "a parameter changed: sigma 5 -> 6"),
        (
            {"parameters": {"a": {"b": 1}}},
            {"parameters": {"a": {"b": 1, "c": 2}, "d": 3}},
            "a parameter changed: a.c not set -> 2 and 1 more",
        ),
        (
            {"files": [("a.csv", "1"), ("b.csv", "2")]},
            {"files": [("a.csv", "1"), ("b.csv", "3")]},
            "an input file changed: b.csv",
        ),
        (
            {"files": [("2004.csv", "1"), ("2004.csv", "2")]},
            {"files": [("2004.csv", "1"), ("2004.csv", "9")]},
            "an input file changed: 2004.csv",
        ),
        ({"files": [("a.csv", "1")]}, {"files": [("a.csv", "1"), ("b.csv", "3")]}, "an input file is new: b.csv"),
        ({"files": [("a.csv", "1"), ("b.csv", "3")]}, {"files": [("a.csv", "1")]}, "an input file is gone: b.csv"),
        (
            {"files": [("a", "1"), ("b", "2")]},
            {"files": [("b", "2"), ("a", "1")]},
            "the order of the input files changed",
        ),
        (
            {"needs": {"prices": "1", "quality": "1"}},
            {"needs": {"prices": "1", "quality": "2"}},
            "an earlier step changed: quality",
        ),
        ({"code": "1"}, {"code": "2"}, "the code changed"),
        (
            {"code": "1", "parameters": 1, "files": [("a", "1")]},
            {"code": "2", "parameters": 2, "files": [("a", "2")]},
            "an input file changed: a",
        ),
    ],
)
def test_one_plain_reason(tmp_path: Path, before: dict[str, object], now: dict[str, object], reason: str) -> None:
    same: dict[str, object] = {"needs": {}, "parameters": None, "files": [], "code": ""}
    (tmp_path / "panel-0").mkdir()
    (tmp_path / "panel-0" / "step.json").write_text(json.dumps(same | before), encoding="utf-8")
    assert why_changed("panel", tmp_path, same | now) == reason


def test_reason_of_a_step_that_never_ran(tmp_path: Path) -> None:
    assert why_changed("panel", tmp_path, ingredients(step("panel"), {})) == "first run"


def test_time_is_expected_from_the_last_run_and_the_size_of_the_files(tmp_path: Path) -> None:
    raw = tmp_path / "raw.csv"
    raw.write_bytes(b"x" * 1000)
    sized = Step("prices", (), None, (raw,), (), lambda out, _: (out / "made").touch())
    assert expected([step("models")], tmp_path) == {"models": TYPICAL["models"][0]}  # no past: what is typical
    done = perform_all([sized], tmp_path, heard()[1])
    took = json.loads((done["prices"].folder / "took.json").read_text(encoding="utf-8"))
    assert took["bytes"] == 1000
    (done["prices"].folder / "took.json").write_text(json.dumps({"seconds": 4.0, "bytes": 1000}), encoding="utf-8")
    raw.write_bytes(b"x" * 3000)
    assert expected([sized], tmp_path) == {"prices": 12.0}


def ended(name: str, seconds: float, rows: int, *, ran: bool = True) -> Done:
    return Done(name, Path(), "", "", ran, seconds, rows)


def test_lines_say_rows_per_second_and_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    """The plan said 10 s for prices and it took 20: the machine is half as fast, so 30 s of plan are 60 s left."""
    with watching({"prices": 10.0, "quality": 20.0, "panel": 10.0}, asked=True) as watch:
        watch.begin("prices")
        watch.end(ended("prices", 20.0, 40_000))
        watch.begin("quality")
        watch.end(ended("quality", 0.0, 0, ran=False))
        watch.begin("panel")
        watch.end(ended("panel", 1.0, 0))
    assert capsys.readouterr().err.splitlines() == [
        "prices ... about 40 s left",
        "prices ran in 20.0 s: 40,000 rows, 2,000 rows/s",
        "quality ... about 60 s left",
        "quality is stored",
        "panel ... about 20 s left",
        "panel ran in 1.0 s",
    ]


def test_time_left_of_steps_at_once_is_shared_but_never_less_than_the_longest(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with watching({"lags": 10.0, "noise": 10.0, "groups": 40.0}, asked=True, jobs=2) as watch:
        watch.begin("groups")
        watch.end(ended("groups", 40.0, 0))
        watch.begin("lags")
    assert capsys.readouterr().err.splitlines()[::2] == ["groups ... about 40 s left", "lags ... about 10 s left"]


def test_the_time_left_counts_down_within_a_step_and_claims_nothing_once_it_is_over() -> None:
    seconds = [0.0]
    clock = _Clock({"prices": 10.0, "lags": 40.0}, now=lambda: seconds[0])
    clock.begin("prices")
    left = []
    for seconds[0] in (0.0, 5.0, 30.0):
        left.append(clock.left())
    assert left == [50.0, 45.0, 40.0]  # the overdue step has no time left, and the other one all of its own
    clock.close(ended("prices", 30.0, 0))
    clock.begin("lags")  # the machine took three times as long as planned
    shown, texts = str(_Left(clock)), []
    for seconds[0] in (100.0, 147.0, 500.0):
        texts.append(str(_Left(clock)))
    assert (shown, texts) == ("about 2 min left", ["about 50 s left", "about 3 s left", ""])


def test_logs_are_quiet_unless_asked(capsys: pytest.CaptureFixture[str]) -> None:
    with watching({"prices": 1.0}, asked=False) as watch:
        watch.begin("prices")
        watch.end(ended("prices", 1.0, 5))
    heard = capsys.readouterr()
    assert (heard.out, heard.err) == ("", "")
    assert (time_left(0), time_left(20), time_left(240)) == ("", "about 20 s left", "about 4 min left")


def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setattr("rich.console.Console.is_terminal", True)
    with watching({"prices": 10.0, "quality": 20.0}, asked=False) as watch:
        watch.begin("prices")
        watch.end(ended("prices", 10.0, 40_000))
        watch.begin("quality")
    said = capsys.readouterr().err
    assert "quality" in said
    assert "4,000 rows/s" in said
    assert "about 20 s left" in said


def finished(runs: Path, name: str, *, whole: bool) -> Path:
    (runs / name / ("report" if whole else "tables")).mkdir(parents=True)
    (runs / name / "manifest.json").write_text("{}", encoding="utf-8")
    return runs / name


def test_latest_is_the_last_whole_run_once_there_is_one(tmp_path: Path) -> None:
    assert _name_latest(finished(tmp_path, "a", whole=False)) == "a"
    assert _name_latest(finished(tmp_path, "b", whole=False)) == "b", "better a part than nothing"
    assert _name_latest(finished(tmp_path, "c", whole=True)) == "c"
    assert _name_latest(finished(tmp_path, "d", whole=False)) == "c", "a part does not replace a whole report"
    assert (tmp_path / "latest").read_text(encoding="utf-8") == "c"
    assert _name_latest(finished(tmp_path, "e", whole=True)) == "e"


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (Request(to="quality", force="panel"), "comes after 'quality'"),
        (Request(jobs=0), "--jobs 0 is not a positive number"),
    ],
)
def test_requests_that_cannot_be_met_are_refused_before_a_step_is_made(
    request_: Request, words: str, tmp_path: Path
) -> None:
    write_new(tmp_path / "study")
    with pytest.raises(UsageError, match=words):
        run_study(tmp_path / "study", request_)
    assert not (tmp_path / "study" / "runs").exists()


@pytest.mark.parametrize(("step", "room"), [("lags", "models"), ("benchmark", "models"), ("panel", "panel")])
def test_a_step_beyond_the_end_names_a_room_that_a_run_may_stop_after(step: str, room: str, tmp_path: Path) -> None:
    write_new(tmp_path / "study")
    with pytest.raises(UsageError) as refused:
        run_study(tmp_path / "study", Request(to="quality", force=step))
    assert refused.value.remedy.endswith(f"or --to {room}")
    assert room in get_args(Room)


def test_what_is_hidden_of_a_parameter_decides_too(tmp_path: Path) -> None:
    """Two parameters whose shown parts are the same had one key: the stored result of the first was the second's."""
    made = []

    def write(out: Path, _: object) -> None:
        made.append(out)
        (out / "made").touch()

    for value, runs in (("abc", 1), ("abd", 2), ("abc", 2)):
        where = f'source == "https://host/a?k={value}"'
        perform(Step("prices", (), {"where": where}, (), (), write), tmp_path, {})
        assert len(made) == runs
    stamps = list(tmp_path.glob("prices-*/step.json"))
    assert len(stamps) == 2
    assert not [p for p in stamps if "abc" in p.read_text() or "abd" in p.read_text()]
