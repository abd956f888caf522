"""Sessions of Spark that cannot be opened, or are lost: one message within seconds, nothing half written, no secret."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest

from each import each
from integrade.engine import cluster, sessions
from integrade.engine.cluster import Java, java_of, require_answer, require_java, servers
from integrade.engine.sessions import explained
from integrade.engine.system import refusal_of
from integrade.errors import OutOfMemory, SessionLost, SparkRefusal, Unreachable, UsageError

TOKEN = "s3cr3tW0rd"
needs_pyspark = pytest.mark.skipif(importlib.util.find_spec("pyspark") is None, reason="needs pyspark")


@pytest.fixture
def answering() -> Iterator[str]:
    """A server that takes connections and says that it knows no such page, as the web page of a cluster would."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    asked, _ = listening.accept()
                except OSError:
                    return
                with asked:
                    asked.recv(1024)
                    asked.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

        threading.Thread(target=serve, daemon=True).start()
        yield f"127.0.0.1:{listening.getsockname()[1]}"


@each(
    "remote",
    [
        "http://h:1",
        "host:15002",
        "sc:/x",
        "sc://",
        "sc://:15002",
        "sc://h:x",
        "sc://h:99999",
        "spark://h:7077",
        "local[",
    ],
)
def test_what_is_no_address_of_connect_is_refused(remote: str) -> None:
    with pytest.raises(UsageError, match="not the address of a Spark Connect server") as told:
        require_answer({"SPARK_REMOTE": remote})
    (named,) = servers({"SPARK_REMOTE": told.value.example.removeprefix("SPARK_REMOTE=")})
    assert (named.host, named.port) == ("host", 15002), "the example is one"


@each("master", ["host:7077", "spark://host", "spark://h:1,o", "spark://", "k8s://h:x", "hadoop"])
@each("variable", ["MASTER", "PYSPARK_SUBMIT_ARGS --master"])
def test_what_is_no_master_is_refused(master: str, variable: str) -> None:
    name, _, flag = variable.partition(" ")
    with pytest.raises(UsageError, match="not the address of a cluster") as told:
        require_answer({name: f"{flag} {master} pyspark-shell" if flag else master})
    assert told.value.what.startswith(f"{variable}=")


def test_a_quote_without_its_end_is_refused() -> None:
    with pytest.raises(UsageError, match="PYSPARK_SUBMIT_ARGS"):
        servers({"PYSPARK_SUBMIT_ARGS": "--master 'spark://h:1"})


@each(
    ("environment", "want"),
    [
        ({"SPARK_REMOTE": "sc://h"}, ["h:15002"]),
        ({"SPARK_REMOTE": "sc://h:443/;use_ssl=true;token=a/b"}, ["h:443"]),
        ({"SPARK_REMOTE": "sc://[::1]:7"}, ["::1:7"]),
        ({"SPARK_REMOTE": "local[2]"}, []),
        ({"MASTER": "spark://a:1,b:2"}, ["a:1", "b:2"]),
        ({"MASTER": "k8s://https://h:6443"}, ["h:6443"]),
        ({"MASTER": "yarn"}, []),
        ({"MASTER": "local[*]"}, []),
        ({"PYSPARK_SUBMIT_ARGS": "--master=spark://a:1 pyspark-shell"}, ["a:1"]),
        ({"SPARK_CONF_DIR": "/etc/spark"}, []),
        ({"SPARK_REMOTE": "sc://h", "MASTER": "spark://a:1"}, ["h:15002"]),
    ],
)
def test_servers_that_the_environment_names(environment: dict[str, str], want: list[str]) -> None:
    assert [str(one) for one in servers(environment)] == want


@pytest.mark.parametrize("name", ["SPARK_REMOTE", "MASTER"])
def test_nothing_answers(name: str) -> None:
    address = "sc://127.0.0.1:1" if name == "SPARK_REMOTE" else "spark://127.0.0.1:1"
    with pytest.raises(Unreachable, match=rf"no server answers at 127.0.0.1:1 \({name}\)"):
        require_answer({name: address})


def test_one_of_several_masters_is_enough(answering: str) -> None:
    require_answer({"MASTER": f"spark://127.0.0.1:1,{answering}"})


def test_a_host_that_is_not_known() -> None:
    with pytest.raises(Unreachable, match=r"the host 'no.such.host.invalid' of SPARK_REMOTE cannot be resolved"):
        require_answer({"SPARK_REMOTE": "sc://no.such.host.invalid"})


def test_a_server_of_names_that_is_silent_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "PATIENCE", 0.1)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(60))
    began = time.monotonic()
    with pytest.raises(Unreachable, match="cannot be resolved"):
        require_answer({"SPARK_REMOTE": "sc://host"})
    assert time.monotonic() - began < 30


def test_behind_a_proxy_pyspark_itself_finds_out() -> None:
    proxy = {"https_proxy": "http://proxy:3128"}
    require_answer({"SPARK_REMOTE": "sc://no.such.host.invalid", **proxy})
    with pytest.raises(Unreachable):
        require_answer({"SPARK_REMOTE": "sc://no.such.host.invalid", "no_proxy": "no.such.host.invalid", **proxy})


@pytest.mark.parametrize(
    ("said", "major", "state"),
    [
        ("17.0.21", 17, "found, version 17.0.21"),
        ("21", 21, "found, version 21"),
        ("1.8.0_392", 8, "too old: 17 or later is needed, found version 1.8.0_392"),
        ("11.0.2", 11, "too old: 17 or later is needed, found version 11.0.2"),
        ("", 0, "found, version unknown: Spark needs 17 or later"),
    ],
)
def test_what_java_says_of_itself(tmp_path: Path, said: str, major: int, state: str) -> None:
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    words = f'openjdk version "{said}" 2026-10-20' if said else "who knows"
    java.write_text(f"#!/bin/sh\necho 'Picked up JAVA_TOOL_OPTIONS: -Xmx1g' >&2\necho '{words}' >&2\n")
    java.chmod(0o755)
    for environment in ({"JAVA_HOME": str(tmp_path), "PATH": ""}, {"PATH": str(java.parent)}):
        found = java_of(environment)
        assert (found.path, found.major, found.state) == (str(java), major, state)
        if 0 < major < 17:
            with pytest.raises(UsageError, match=rf"Java {said} is too old"):
                require_java(environment)
        else:
            require_java(environment)


def test_java_home_goes_before_the_path(tmp_path: Path) -> None:
    """As in Spark's own scripts, which do not look further."""
    java = tmp_path / "java"
    java.write_text("#!/bin/sh\n")
    java.chmod(0o755)
    assert java_of({"PATH": str(tmp_path), "JAVA_HOME": "/none"}) == Java("")
    with pytest.raises(UsageError, match="JAVA_HOME='/none' has no bin/java"):
        require_java({"PATH": str(tmp_path), "JAVA_HOME": "/none"})


# what PySpark raises
class _Raised(Exception):
    """An exception of PySpark, which need not be installed here."""

    __module__ = "pyspark.errors.exceptions.connect"


_GRPC = """<_MultiThreadedRendezvous of RPC that terminated with:
\tstatus = StatusCode.%s
\tdetails = "%s"
\tdebug_error_string = "UNKNOWN:Error received from peer"
>"""
_JAVA = (
    """An error occurred while calling o123.collectToPython.
: org.apache.spark.SparkException: Job aborted due to stage failure: Task 0 in stage 1.0 failed
\tat org.apache.spark.scheduler.DAGScheduler.failJobAndIndependentStages(DAGScheduler.scala:2844)
Caused by: java.lang.ArithmeticException: %s
\tat org.apache.spark.sql.Whatever.apply(Whatever.scala:12)
\t... 33 more
"""
    + "\tat org.apache.spark.Many.frames(Many.scala:1)\n" * 200
)


@each(
    ("text", "kind", "what"),
    [
        (_GRPC % ("UNAVAILABLE", "Socket closed"), SessionLost, "the session of Spark was lost: Socket closed"),
        ("[INVALID_HANDLE.SESSION_CHANGED] The handle is invalid.", SessionLost, "the session of Spark was lost: [INV"),
        ("Cannot call methods on a stopped SparkContext.", SessionLost, "the session of Spark was lost: Cannot call"),
        (_GRPC % ("UNAUTHENTICATED", "bad token"), Unreachable, "Spark denies access: bad token"),
        (_JAVA % "long overflow", SparkRefusal, "Spark reports an error: long overflow"),
        (
            _JAVA % "x\nCaused by: java.lang.OutOfMemoryError: Java heap space",
            OutOfMemory,
            "Spark has no memory left: J",
        ),
        ("\n\nJVM stacktrace:\n", SparkRefusal, "Spark reports an error: "),
        ("", SparkRefusal, "Spark reports an error: "),
    ],
)
@needs_pyspark
def test_what_pyspark_raises_is_told_in_some_lines(text: str, kind: type, what: str) -> None:
    told = refusal_of(_Raised(text))
    assert type(told) is kind
    assert told is not None
    assert told.what.startswith(what)
    assert len(str(told).splitlines()) <= 4
    assert len(str(told)) < 1000
    assert text.strip() in sessions.log_file().read_text(encoding="utf-8"), "the whole text is kept"
    assert str(sessions.log_file()) in told.where


_STORES_GONE = (
    "Call From h to node:8020 failed: java.net.ConnectException: Connection refused; http://wiki.apache.org/hadoop/Con",
    "Generic S3 error: Error performing HEAD http://127.0.0.1:1/b: Connection refused (os error 111)",
)


@needs_pyspark
@pytest.mark.parametrize("text", _STORES_GONE)
def test_a_store_that_is_gone_is_no_lost_session(text: str) -> None:
    assert sessions.lost(_Raised(text)) is None
    assert isinstance(explained(_Raised(text)), SparkRefusal)
    assert isinstance(sessions.lost(_Raised("Connection refused")), SessionLost)


@needs_pyspark
def test_no_token_is_told_or_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPARK_REMOTE", f"sc://h:1/;use_ssl=true;token={TOKEN};user_id=me")
    told = explained(_Raised(f"[X] sc://h:1/;token={TOKEN} metadata=authorization: Bearer {TOKEN}"))
    assert TOKEN not in f"{told}{told!r}{sessions.log_file().read_text(encoding='utf-8')}"
    assert TOKEN not in sessions.first_line(_Raised(f"401 from sc://h:1/ with {TOKEN}"))
    with pytest.raises(UsageError) as refused:
        require_answer({"SPARK_REMOTE": f"http://h:1/;token={TOKEN}"})
    assert TOKEN not in f"{refused.value}{refused.value!r}"


@needs_pyspark
def test_versions_that_differ_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sessions._KNOWN, "server", "3.1.2")
    told = explained(_Raised("[UNSUPPORTED] no"))
    assert told is not None
    assert "the server is Spark 3.1.2 and this client" in told.remedy
    assert "pip install 'pyspark==3.1.2'" in told.remedy


@pytest.mark.parametrize(
    ("environment", "state"),
    [
        ({}, "this machine"),
        ({"MASTER": "local[2]"}, "what MASTER names"),
        ({"SPARK_REMOTE": "sc://127.0.0.1:1"}, "no server answers at 127.0.0.1:1 (SPARK_REMOTE): connection refused"),
    ],
)
def test_where_spark_runs(environment: dict[str, str], state: str) -> None:
    assert cluster.state(environment) == state


def test_where_spark_runs_that_answers(answering: str) -> None:
    assert cluster.state({"SPARK_REMOTE": f"sc://{answering}/;token={TOKEN}"}) == f"{answering} (SPARK_REMOTE), answers"


def test_other_exceptions_are_no_refusals_of_spark() -> None:
    assert [explained(one) for one in (ValueError("pyspark"), ConnectionRefusedError(111, "x"))] == [None, None]


@needs_pyspark
@pytest.mark.parametrize("form", ["sc://{}", "sc://{}/;token=" + TOKEN])
def test_a_server_that_is_none_of_connect(form: str, answering: str, tmp_path: Path) -> None:
    """In a process of its own: PySpark keeps in which mode it was asked first."""
    rows = pl.DataFrame({"firm": ["a"], "year": [2004], "product": ["1"], "destination": ["X"]})
    rows.with_columns(value=1.0, quantity=1.0).write_csv(tmp_path / "customs.csv")
    out = tmp_path / "out.csv"
    command = ["quality", str(tmp_path / "customs.csv"), "--sigma", "5", "--engine", "spark", "--out", str(out)]
    environment = {**os.environ, "SPARK_REMOTE": form.format(answering), "TMPDIR": str(tmp_path)}
    began = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-m", "integrade", *command], env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert time.monotonic() - began < 60, "18 seconds on a quiet machine, not ten minutes"
    assert "D212 no Spark Connect server answers to SPARK_REMOTE" in ended.stderr
    assert len(ended.stderr.splitlines()) <= 4
    logs = [one.read_text(encoding="utf-8") for one in tmp_path.glob("integrade-spark-*.log")]
    assert len(logs) == 1
    assert "UNAVAILABLE" in logs[0]
    assert TOKEN not in ended.stderr + ended.stdout + logs[0]
    assert not out.exists()


def test_work_that_ended_waits_no_more(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """A request that is done before a task of it was seen does not lend its time to the next one of its name."""
    now = 0.0
    monkeypatch.setattr(sessions, "time", SimpleNamespace(monotonic=lambda: now))
    told = sessions._Waiting("sc://host:15002")
    waits = [SimpleNamespace(num_completed_tasks=0)]
    with caplog.at_level("WARNING", logger="integrade"):
        told(stages=waits, inflight_tasks=0, operation_id=None, done=False)
        told(stages=[], inflight_tasks=0, operation_id=None, done=True)
        now = 60.0
        told(stages=waits, inflight_tasks=0, operation_id=None, done=False)
        assert not caplog.records
        now = 80.0
        told(stages=waits, inflight_tasks=0, operation_id=None, done=False)
    assert ["no worker of sc://host:15002 has accepted the work" in r.getMessage() for r in caplog.records] == [True]
