"""Shared by all tests: a skipped test fails with INTEGRADE_NO_SKIP=1 (as in CI); one Spark session, one finished study.

The tests of a file run in one worker, so that what its fixtures make is made once; the longest groups start first.
"""

from __future__ import annotations

import gc
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
import warnings
from collections import Counter
from collections.abc import Generator, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import hypothesis
import pytest

import shuffled
import studies
from object_store import s3, s3_server  # noqa: F401 - fixtures
from postgres_server import filled, postgres  # noqa: F401 - fixtures

hypothesis.settings.register_profile("no time", deadline=None)  # what else runs on the machine proves nothing
hypothesis.settings.load_profile("no time")
if os.environ.get("INTEGRADE_SHUFFLE"):
    shuffled.shuffle(int(os.environ["INTEGRADE_SHUFFLE"]))

ROOT = Path(__file__).parents[1]
LONGEST = (
    "study",
    "spark",
    "tests/subjects/inference/test_monte_carlo.py",
    "tests/sources/test_fuzz.py",
    "tests/ground/test_catalogue.py",
    "tests/ground/test_escaping.py",
)
"""Groups that start first."""
CLUSTER = os.environ.get("INTEGRADE_TEST_SPARK", "")
"""Where tests of Spark run: sc://host:port of a Connect server, spark://host:port of a master; empty: here."""
MACHINE = re.compile(r"\b(library|subprocess|which|fonts?|typeface|postgres|spark)\b")
"""What a test file says that asks the machine for a program, a font, a server or the shared library."""
LONG = Path(__file__).with_name("long.txt")
"""Tests that take long, one a line with the seconds of all its cases: ``pytest --write-long`` writes it.

They are those of the processor, or of the clock where a test waits for a browser, for Spark or for a server.
"""
SLOW = 0.2
"""Seconds from which `make check` leaves a test to `make test`: all of check is to take less than a minute."""
FULL = 2.0
"""Seconds from which `make test` leaves a test to `make full`: all of test is to take less than five minutes."""
FIRST = Path(__file__).with_name("first.txt")
"""Tests that take long and stay in `make check` or `make test`, as nothing shorter finds what they find."""


@pytest.hookimpl(hookwrapper=True)
def pytest_collection() -> Iterator[None]:
    """While ten thousand tests are collected nothing looks for garbage: that took a third of it.

    The tests themselves are none: what comes after them alone is looked through.
    """
    gc.disable()
    yield
    gc.freeze()
    gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    long = seconds(LONG)
    stays = {name: where for where, name in map(str.split, FIRST.read_text(encoding="utf-8").splitlines())}
    for item in items:
        name = named(item.nodeid)
        where = stays.get(name) or stays.get(name.split("::")[0])
        took = 0.0 if where == "check" else long.get(name, 0.0)
        if took >= FULL and where is None:
            item.add_marker(pytest.mark.full)
        fixtures = getattr(item, "fixturenames", ())
        if took >= SLOW or "whole_study" in fixtures or "spark" in fixtures or item.get_closest_marker("system"):
            item.add_marker(pytest.mark.slow)
        if "spark" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.spark)
        if _asks_the_machine(item.nodeid.split("::")[0]):
            item.add_marker(pytest.mark.machine)
    place = {name: at for at, name in enumerate(dict.fromkeys((*_changed(), *LONGEST)))}
    items.sort(key=lambda item: place.get(group(item.nodeid), len(place)))


def named(nodeid: str) -> str:
    """The name under which a test has its seconds: its cases together, those on Spark apart."""
    name, _, case = nodeid.partition("[")
    return f"{name}[spark]" if "spark" in case else name


def seconds(path: Path) -> dict[str, float]:
    """The seconds of the tests that take long, by their names."""
    lines = (line.split() for line in path.read_text(encoding="utf-8").splitlines())
    return {name: float(took) for took, name in lines}


def _changed() -> list[str]:
    """Test files of the last INTEGRADE_CHANGED_FIRST commits: they run first, so that a failure shows early."""
    commits = os.environ.get("INTEGRADE_CHANGED_FIRST", "")
    if not commits:
        return []
    asked = ["git", "log", f"-n{int(commits)}", "--name-only", "--format=", "--", "tests"]
    names = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    return [name for name in dict.fromkeys(names) if "/test_" in name and group(name) == name]


def group(nodeid: str) -> str:
    """Tests of one group run in one worker: those of a file, those on Spark, those of the studies that are shared."""
    file = nodeid.split("::")[0]
    return "spark" if "spark" in nodeid else "study" if _asks_for_a_study(file) else file


@cache
def _text(file: str) -> str:
    return (ROOT / file).read_text(encoding="utf-8") if (ROOT / file).is_file() else ""


@cache
def _asks_the_machine(file: str) -> bool:
    return MACHINE.search(_text(file)) is not None


@cache
def _asks_for_a_study(file: str) -> bool:
    return re.search(r"\b(whole|short|new)_study\b", _text(file)) is not None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """xdist's own groups have no effect with pytest 9.2, which no longer lets a plugin change the name of a test."""
    from xdist.scheduler import LoadScopeScheduling

    class Groups(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group(nodeid)

    return Groups(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    STARTED[item.nodeid] = _processor(), time.monotonic()


STARTED: dict[str, tuple[float, float]] = {}
"""Processor seconds of this worker, and the clock, when a test started."""


def _processor() -> float:
    """Processor seconds of this process and of those that it started and that ended: other work adds none."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, None]:
    outcome = yield
    report = outcome.get_result()
    if call.when == "teardown" and item.nodeid in STARTED:
        began, clock = STARTED.pop(item.nodeid)
        report.user_properties.append(("seconds", max(_processor() - began, time.monotonic() - clock)))
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("INTEGRADE_NO_SKIP") == "1":
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped where nothing may be: {report.longrepr[-1]}"


def pytest_addoption(parser: pytest.Parser) -> None:
    said = "write which of the tests that run take long; on a machine that does nothing else"
    parser.addoption("--write-long", action="store_true", help=said)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What was not run for want of something, counted by what it is; and, when asked, which tests take long."""
    if terminalreporter.config.getoption("write_long"):
        _write_long(terminalreporter.stats)
    reasons = Counter(str(r.longrepr[-1]).removeprefix("Skipped: ") for r in terminalreporter.stats.get("skipped", []))
    for reason, n in sorted(reasons.items(), key=lambda item: (-item[1], item[0])):
        terminalreporter.write_line(f"not run: {n} {'test' if n == 1 else 'tests'}, {reason}")


def _write_long(stats: dict[str, list[Any]]) -> None:
    """The lines of the tests that ran anew, those of others as they were."""
    took = Counter[str]()
    for report in (r for reports in stats.values() for r in reports if getattr(r, "when", "") == "teardown"):
        took[named(report.nodeid)] += dict(report.user_properties).get("seconds", 0.0)
    known = {name: was for name, was in seconds(LONG).items() if name not in took}
    long = sorted((known | {name: one for name, one in took.items() if one >= SLOW}).items())
    LONG.write_text("".join(f"{one:.2f} {name}\n" for name, one in long), encoding="utf-8")


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """A real session of Spark for small tables: on the cluster of INTEGRADE_TEST_SPARK (an address of SPARK_REMOTE or
    MASTER), else of two threads on this machine.
    """
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("needs pyspark")
    if not CLUSTER.startswith("sc://") and not shutil.which("java"):
        pytest.skip("needs Java and pyspark")
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    os.environ["PYSPARK_PYTHON"] = sys.executable
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # pyspark 4.3 says on import that pandas 3 is new to it
        session = _session_there() if CLUSTER else _session_here()
    yield session
    session.stop()


def _session_there() -> Any:
    from integrade.engine.sessions import session

    os.environ["SPARK_REMOTE" if CLUSTER.startswith("sc://") else "MASTER"] = CLUSTER
    return session(1 << 30)


def _session_here() -> Any:
    from pyspark.sql import SparkSession

    from integrade.engine.sessions import LOCAL

    small = {
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",  # no time to compile
        "spark.driver.memory": "1g",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.shuffle.partitions": "2",
    }
    builder: Any = SparkSession.builder.master("local[2]")
    for name, value in {**LOCAL, **small}.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


@pytest.fixture
def as_set(request: pytest.FixtureRequest, spark: Any) -> Iterator[Any]:
    """The session with the settings of the parameter, which are what they were when the test ends."""
    before = {name: spark.conf.get(name, None) for name in request.param}
    try:
        for name, value in request.param.items():
            spark.conf.set(name, value)
        yield spark
    finally:
        for name, value in before.items():
            spark.conf.unset(name) if value is None else spark.conf.set(name, value)


@pytest.fixture(scope="session")
def whole_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished study with every question, to read."""
    return studies.whole(tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="session")
def new_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study that did not run, to read."""
    return studies.new(tmp_path_factory.mktemp("new"))


@pytest.fixture(scope="session")
def short_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished study without optional sections, to read."""
    return studies.short(tmp_path_factory.mktemp("short"))
