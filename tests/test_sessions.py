"""Sessions of Spark that cannot be opened, or are lost: one message within seconds, nothing half written, no secret."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import narwhals
import polars as pl
import pytest
from narwhals._spark_like import expr as narwhals_expr

import clusters
from each import each
from integrade.engine import cluster, sessions
from integrade.engine.cluster import Java, java_of, require_answer, require_java, servers
from integrade.engine.sessions import explained
from integrade.engine.system import refusal_of
from integrade.errors import (
    IntegradeError,
    NoCluster,
    OutOfMemory,
    SessionLost,
    SparkRefusal,
    Unreachable,
    Unreadable,
    UsageError,
)
from integrade.sources.files.one_by_one import every_problem

TOKEN = "s3cr3tW0rd"
needs_pyspark = pytest.mark.skipif(importlib.util.find_spec("pyspark") is None, reason="needs pyspark")


@pytest.fixture
def answering() -> Iterator[str]:
    """A server that answers as a Connect server, or as a master, answers first."""
    with clusters.answering(clusters.as_spark) as place:
        yield place


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


@each(
    ("address", "answer", "what", "remedy"),
    [
        ("sc://{}", None, "accepts connections, but is silent", "restart the server, or correct host and port"),
        ("spark://{}", None, "accepts connections, but is silent", "restart the server, or correct host and port"),
        ("k8s://https://{}", None, "accepts connections, but is silent", "restart the server"),
        (
            "sc://{}",
            clusters.WEB,
            "is a web server, not a Spark Connect server",
            "correct host and port in SPARK_REMOTE",
        ),
        ("sc://{}", b"<!DOCTYPE html>", "is a web server, not", "correct host and port in SPARK_REMOTE"),
        ("spark://{}", clusters.WEB, "is a web server, not a master of Spark", "not 8080 of the web page"),
        ("sc://{}/;use_ssl=true", clusters.SETTINGS, "does not speak TLS", "remove ;use_ssl=true and ;token="),
        ("sc://{}/;token=abc", clusters.SETTINGS, "does not speak TLS", "remove ;use_ssl=true and ;token="),
        ("k8s://https://{}", clusters.WEB, "does not speak TLS", "correct host and port in MASTER"),
        ("sc://{}", b"\x15\x03\x01\x00\x02\x02\x46", "asks for TLS", "add ;use_ssl=true to SPARK_REMOTE"),
        ("sc://{}", b"", "closes the connection without an answer", "add ;use_ssl=true"),
        ("sc://{}", b"220 mail.example.org ESMTP\r\n", "is not a Spark Connect server", "correct host and port"),
    ],
)
def test_a_server_of_another_kind_is_told_by_its_first_bytes(
    address: str, answer: bytes | None, what: str, remedy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "PATIENCE", 0.3)
    variable = "SPARK_REMOTE" if address.startswith("sc:") else "MASTER"
    greeting = None if answer is None else lambda _: answer
    with clusters.answering(greeting) as place, pytest.raises(NoCluster) as told:
        require_answer({variable: address.format(place)})
    assert what in told.value.what
    assert f"{place} ({variable})" in told.value.what
    assert remedy in told.value.remedy


def test_a_master_that_refuses_the_question_is_left_to_spark() -> None:
    """One that asks for authentication may close the connection."""
    with clusters.answering(lambda _: b"") as place:
        require_answer({"MASTER": f"spark://{place}"})


@each("address", ["sc://{}/;x-databricks-cluster-id=0101-123456-abc", "sc://{}/;user_id=me", "sc://{}"])
def test_settings_in_an_address_do_not_hide_its_server(address: str, answering: str) -> None:
    require_answer({"SPARK_REMOTE": address.format(answering)})


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
        (_GRPC % ("UNAUTHENTICATED", "bad token"), NoCluster, "Spark denies access: bad token"),
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
    assert cluster.state({"SPARK_REMOTE": f"sc://{answering}/;user_id=me"}) == f"{answering} (SPARK_REMOTE), answers"


def test_other_exceptions_are_no_refusals_of_spark() -> None:
    assert [explained(one) for one in (ValueError("pyspark"), ConnectionRefusedError(111, "x"))] == [None, None]


def refused(folder: Path, files: int, **environment: str) -> tuple[float, str]:
    """Run a command on this many files with an absent cluster; return the seconds that it takes and its message.

    It runs in a process of its own, because PySpark keeps in which mode it was asked first.
    """
    rows = pl.DataFrame({"firm": ["a"], "year": [2004], "product": ["1"], "destination": ["X"]})
    for n in range(files):
        rows.with_columns(value=1.0, quantity=1.0).write_parquet(folder / f"customs{n}.parquet")
    named, out = map(str, sorted(folder.glob("customs*"))), folder / "out.csv"
    command = ["quality", *named, "--sigma", "5", "--engine", "spark", "--out", str(out)]
    began = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-m", "integrade", *command],
        env={**os.environ, **environment, "TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1, ended.stderr
    assert not out.exists()
    assert TOKEN not in ended.stderr + ended.stdout
    return time.monotonic() - began, ended.stderr


@needs_pyspark
@pytest.mark.parametrize(
    ("variable", "address"), [("SPARK_REMOTE", f"sc://{{}}/;token={TOKEN}"), ("MASTER", "spark://{}")]
)
def test_a_cluster_is_asked_once_and_not_for_every_file(variable: str, address: str, tmp_path: Path) -> None:
    with clusters.answering(None) as place:
        seconds, said = refused(tmp_path, 3, **{variable: address.format(place)})
    assert seconds < 20, "8 seconds on a quiet machine; it was 50 for each file"
    assert said.startswith("D212 the server at ")
    assert "is silent" in said
    assert len(said.splitlines()) == 3, "one message, not one for each file"
    assert "customs" not in said, "no file is at fault"


@needs_pyspark
def test_a_server_that_ends_after_its_first_bytes(tmp_path: Path) -> None:
    """It speaks HTTP/2, and is none of Connect: PySpark finds out."""
    with clusters.answering(clusters.as_spark) as place:
        seconds, said = refused(tmp_path, 2, SPARK_REMOTE=f"sc://{place}")
    assert seconds < 40, "12 seconds on a quiet machine, not ten minutes"
    assert "D212 no Spark Connect server answers to SPARK_REMOTE" in said
    assert len(said.splitlines()) <= 4
    logs = [one.read_text(encoding="utf-8") for one in tmp_path.glob("integrade-spark-*.log")]
    assert len(logs) == 1
    assert "UNAVAILABLE" in logs[0]


@needs_pyspark
@pytest.mark.parametrize("kind", [SessionLost, NoCluster])
def test_files_are_not_asked_one_by_one_after_the_cluster_is_gone(kind: type[IntegradeError]) -> None:
    asked = list[int]()

    def read(files: list[Path]) -> None:
        asked.append(len(files))
        raise kind("gone")

    with pytest.raises(kind):
        every_problem([Path("a"), Path("b"), Path("c")], read)
    assert asked == [3]
    asked.clear()

    def damaged(files: list[Path]) -> None:
        asked.append(len(files))
        raise Unreadable("cut short") if len(files) > 1 else kind("gone")

    with pytest.raises(kind):
        every_problem([Path("a"), Path("b"), Path("c")], damaged)
    assert asked == [3, 1]


@needs_pyspark
@pytest.mark.parametrize(
    ("server", "client", "extra"),
    [
        ("4.0.2", "4.3.0", "integrade[spark40]"),
        ("3.5.7", "4.1.0", "integrade[spark35]"),
        ("4.1.4", "4.2.1", "integrade[spark41]"),
        ("4.2.1", "4.3.0", ""),
        ("4.0.2", "4.0.5", ""),
        ("4.3.0", "3.5.9", ""),
        ("4.2.0", "4.2.1", ""),
    ],
)
def test_a_client_newer_than_its_server_is_refused_with_its_extra(
    server: str, client: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sessions._KNOWN, "server", server)
    monkeypatch.setattr(sessions, "_version", lambda: client)
    if not extra:
        sessions._require_no_newer_client()
        return
    with pytest.raises(UsageError, match=f"which is Spark {server}") as told:
        sessions._require_no_newer_client()
    assert told.value.remedy == f"pip install '{extra}'"


def test_every_version_of_spark_has_its_extra() -> None:
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"]
    for major, minor in sessions.EXTRAS:
        assert extras[f"spark{major}{minor}"][0] == f"pyspark[connect]>={major}.{minor},<{major}.{minor + 1}"


@needs_pyspark
def test_what_sail_lacks_is_no_matter_of_the_version_of_pyspark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sessions._KNOWN, "server", "3.1.2")
    monkeypatch.setitem(sessions._KNOWN, "sail", "0.7.2")
    told = explained(_Raised("Generic S3 error: Failed to resolve region for bucket 'trade'"))
    assert told is not None
    assert "start the Sail server with the settings of the store" in told.remedy
    assert "AWS_ENDPOINT_URL" in told.remedy
    other = explained(_Raised("function is not known"))
    assert other is not None
    assert "the server is Sail 0.7.2" in other.remedy
    assert "pip install" not in told.remedy + other.remedy


def test_narwhals_is_changed_only_below_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails: read narwhals' new `true_divide`, try it on Sail, and raise the bound."""
    installed = tuple(map(int, narwhals.__version__.split(".")[:2]))
    assert installed < sessions.NARWHALS
    session = SimpleNamespace(version="4.2.0", sql=lambda _: SimpleNamespace(collect=lambda: [("0.7.2",)]))
    spark = SimpleNamespace(version="4.0.2", sql=lambda _: SimpleNamespace(collect=lambda: [("4.0.2 1a2b",)]))
    monkeypatch.setattr(sessions, "_SAIL", _ById())
    assert (sessions.sail_of(session), sessions.sail_of(spark)) == ("0.7.2", "")
    before = narwhals_expr.true_divide
    monkeypatch.setattr(narwhals_expr, "true_divide", before)
    sessions.mend_division(spark)
    assert narwhals_expr.true_divide is before, "a server of Spark needs no change"
    monkeypatch.setattr(narwhals, "__version__", "2.30.1")
    with pytest.raises(UsageError, match=r"not tried with narwhals 2\.30\.1") as told:
        sessions.mend_division(session)
    assert told.value.remedy.startswith("pip install 'narwhals<2.30'")


class _ById(dict[Any, str]):
    """A store for sessions of tests, which have no hash."""

    def __contains__(self, session: object) -> bool:
        return super().__contains__(id(session))

    def __getitem__(self, session: object) -> str:
        return super().__getitem__(id(session))

    def __setitem__(self, session: object, version: str) -> None:
        super().__setitem__(id(session), version)


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
