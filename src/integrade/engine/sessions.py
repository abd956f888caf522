"""Sessions of Spark: opened within seconds or refused with a reason, and what PySpark raises told in some lines."""

from __future__ import annotations

import logging
import operator
import os
import re
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLate
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

from integrade.engine import cluster, doors
from integrade.engine.scratch import scratch_folder
from integrade.errors import IntegradeError, OutOfMemory, SessionLost, SparkRefusal, Unreachable, UsageError, option
from integrade.wording.escaping import without_secrets
from integrade.wording.texts import say

LOCAL = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.log.level": "ERROR",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": str(4 * (os.cpu_count() or 1)),
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.ui.enabled": "false",
}
"""Settings of a session on this machine alone."""
RETRIES: Mapping[str, Any] = {"max_retries": 6, "initial_backoff": 50, "backoff_multiplier": 4.0, "max_backoff": 4000}
"""How a server of Spark Connect that stopped to answer is asked again: 12 seconds in all, in milliseconds each."""
SILENCE = 15
"""Seconds for which work waits for a first worker before that is said."""
NO_MASTER = "Failed to connect to master"
_OURS = ("pyspark", "py4j", "grpc")
_NO_MEMORY = ("OutOfMemoryError", "GC overhead limit", "spark.driver.maxResultSize")
_LOST = re.compile(
    r"UNAVAILABLE|SESSION_(?:CHANGED|NOT_FOUND|CLOSED)|OPERATION_(?:NOT_FOUND|ABANDONED)"
    r"|failed to connect to all addresses|Answer from Java side is empty|SparkContext (?:has been|was|is) (?:shut ?down"
    r"|stopped)|stopped SparkContext|because SparkContext was shut down|Master removed our application"
    r"|All masters are unresponsive|Application has been killed|RETRIES_EXCEEDED|NO_ACTIVE_SESSION"
)
_CUT = re.compile(r"Connection (?:refused|reset)")
_OF_A_STORE = re.compile(r"hadoop|amazonaws|Generic \w+ error", re.IGNORECASE)
"""What is said of a connection that is gone, which is that of the session unless a store of files is named beside."""
_REFUSED = ("UNAUTHENTICATED", "PERMISSION_DENIED")
_FRAME = re.compile(r"\s+at \S+\(.*\)$|\s*\.\.\. \d+ more$|\s*JVM stacktrace:|\s*Traceback \(most recent|\s+File \"")
_DETAILS = re.compile(r'details\s*=\s*"((?:[^"\\]|\\.)*)"')
_CAUSE = re.compile(r"(?:Caused by: |Error: |Exception in thread \"\S+\" )(.+)")
_LONGEST = 300
log = logging.getLogger("integrade")
_KNOWN: dict[str, str] = {}
"""The version of the server of the session that was opened last."""


def session(budget: int) -> Any:
    """The session that is running, else the cluster that the environment names, else one on this machine.

    ``SPARK_REMOTE`` (Spark Connect), ``MASTER``, ``PYSPARK_SUBMIT_ARGS`` and ``SPARK_CONF_DIR`` name a cluster with
    its own settings; `LOCAL` is for none of them, whose driver may take ``budget`` bytes. Raises `UsageError` for an
    address that is none and where PySpark or Java lacks, `Unreachable` where no server answers, `SparkRefusal` and
    `SessionLost` for what Spark says as it starts.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise UsageError("the spark engine is not installed", remedy="pip install 'integrade[spark]'") from None
    mend_division()
    running: Any = SparkSession.getActiveSession()
    if running is not None:
        return running
    if not os.environ.get("SPARK_REMOTE"):
        os.environ.pop("SPARK_REMOTE", None)  # PySpark takes an empty one for an address
    cluster.require_answer(os.environ)
    if not cluster.asks_a_server(os.environ):
        cluster.require_java(os.environ)
    try:
        if "SPARK_REMOTE" in os.environ:
            return _remote(SparkSession, os.environ["SPARK_REMOTE"])
        return _driven_from_here(SparkSession, {} if cluster.is_named(os.environ) else _on_this_machine(budget))
    except Exception as problem:
        told = explained(problem, opening=True)
        if told is None:
            raise
        raise told from None


def mend_division() -> None:
    """Division of narwhals without `try_divide`, which Sail refuses of numbers that are not whole (0.7, narwhals 2.29).

    Narwhals itself asks first whether the divisor is zero: what it gives stays the same on every server.
    """
    from narwhals._spark_like import expr, namespace, utils

    def true_divide(functions: Any, left: Any, right: Any) -> Any:
        known: Any = SimpleNamespace(lit=functions.lit, when=functions.when, try_divide=operator.truediv)
        return utils.true_divide(known, left, right)

    for module in (expr, namespace):
        vars(module)["true_divide"] = true_divide


def _remote(kind: Any, address: str) -> Any:
    """A session of Spark Connect; no setting is given, for each of which PySpark would ask the server ten minutes."""
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # what it says of a connection that fails is in the exception
    _KNOWN.pop("server", None)
    opened = kind.builder.remote(address).getOrCreate()
    _hurry(opened.client)
    if hasattr(opened, "registerProgressHandler"):  # PySpark 4.0
        opened.registerProgressHandler(_Waiting(_harmless(address)))
    try:
        _KNOWN["server"] = str(opened.version)
    except Exception:
        opened.release_session_on_close = False  # nobody answers that either
        with suppress(Exception), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            opened.stop()
        raise
    return opened


def _hurry(client: Any) -> None:
    """A server that is gone is asked again for seconds, not for ten minutes."""
    if hasattr(client, "set_retry_policies"):
        from pyspark.sql.connect.client.retries import DefaultPolicy

        client.set_retry_policies([DefaultPolicy(**RETRIES)])
    else:  # PySpark 3.5
        client._retry_policy.update(RETRIES)


def _on_this_machine(budget: int) -> Mapping[str, str]:
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # else the system's, which lacks this program
    return {"spark.master": "local[*]", **LOCAL, "spark.driver.memory": f"{budget >> 20}m"}


def _driven_from_here(kind: Any, settings: Mapping[str, str]) -> Any:
    """A session whose driver is a Java of this process, which writes what it has to say into a file."""
    from pyspark import SparkConf, SparkContext
    from pyspark.java_gateway import launch_gateway

    conf = SparkConf(loadDefaults=False)
    for name, value in {"spark.app.name": "integrade", "spark.ui.showConsoleProgress": "false", **settings}.items():
        conf.set(name, value)
    with log_file().open("ab") as said:
        gateway = launch_gateway(conf, {"stdout": said, "stderr": said})
    started: Future[Any] = Future()
    Thread(target=_start, args=(lambda: SparkContext(conf=conf, gateway=gateway), started), daemon=True).start()
    try:
        _unless_refused(started)
    except BaseException:
        SparkContext._gateway = SparkContext._jvm = None  # of a Java that is gone, which the next session would ask
        if gateway.proc is not None:
            gateway.proc.kill()
        raise
    opened = kind.builder.getOrCreate()
    _KNOWN["server"] = str(opened.version)
    if not str(opened.sparkContext.master).startswith("local"):
        Thread(target=_watch_for_workers, args=(opened.sparkContext,), daemon=True).start()
    return opened


def _watch_for_workers(context: Any) -> None:
    """Say once that work waits and no worker is there, which Spark itself says nowhere that a user looks."""
    waited = 0.0
    with suppress(Exception):  # the session ended, which is said elsewhere
        tracker = context._jsc.sc().statusTracker()
        while len(tracker.getExecutorInfos()) == 1:  # the driver's own
            if waited >= SILENCE:
                log.warning(say("sources.no-worker", master=_harmless(str(context.master)), seconds=f"{waited:g}"))
                return
            time.sleep(1)
            waited = waited + 1 if len(tracker.getActiveStageIds()) else 0.0


class _Waiting:
    """Says once that work waits and no task of it was ever begun, by what a Connect server reports every two seconds.

    Sail and Spark 3.5 report nothing, of which nothing is said.
    """

    def __init__(self, address: str) -> None:
        self.address, self.over = address, False
        self.since: dict[str | None, float] = {}

    def __call__(self, *, stages: Iterable[Any], inflight_tasks: int, operation_id: str | None, done: bool) -> None:
        if self.over or done:
            self.since.pop(operation_id, None)
            return
        if inflight_tasks or any(stage.num_completed_tasks for stage in stages):
            self.over = True
            return
        waited = time.monotonic() - self.since.setdefault(operation_id, time.monotonic())
        if waited >= SILENCE:
            self.over = True
            log.warning(say("sources.no-worker", master=self.address, seconds=f"{waited:.0f}"))


def _start(make: Callable[[], Any], started: Future[Any]) -> None:
    try:
        started.set_result(make())
    except BaseException as problem:
        started.set_exception(problem)


def _unless_refused(started: Future[Any]) -> Any:
    """Wait for a driver; what is no master is asked three times by Spark, for a minute, and known after the first."""
    masters = [one for one in cluster.servers(os.environ) if one.variable != "SPARK_REMOTE"]
    while True:
        with suppress(TooLate):
            started.exception(0.5)
        said = doors.read_text(log_file(), errors="replace")
        if masters and all(f"{NO_MASTER} {one}" in said for one in masters):
            raise Unreachable(
                f"what answers at {masters[0]} is no master of Spark {_version()}",
                where=_named(),
                remedy=f"correct host and port in {masters[0].variable} (7077, not 8080 of the web page)",
            )
        if started.done():
            return started.result()


def log_file() -> Path:
    """What Spark writes on its way; it goes with the process unless an error names it."""
    return Path(_KNOWN["log"]) if "log" in _KNOWN else _unnamed_log()


@cache
def _unnamed_log() -> Path:
    log = scratch_folder() / "spark.log"
    log.touch(mode=0o600)
    return log


def explained(problem: BaseException, *, opening: bool = False) -> IntegradeError | None:
    """The coded error of what PySpark raised, its whole text in a file that the error names; None for another one.

    ``opening``: as the session was opened.
    """
    if isinstance(problem, IntegradeError) or not _is_of_spark(problem):
        return None
    text = text_of(problem)
    where = _kept(problem, text)
    said = _first(text)
    if "JAVA_GATEWAY_EXITED" in text:
        said = _first_error(doors.read_text(log_file(), errors="replace")) or said
    if any(words in text for words in _REFUSED):
        remedy = "correct the token in SPARK_REMOTE (sc://host:443/;use_ssl=true;token=...), or ask for the right to it"
        return Unreachable(f"Spark refuses access: {said}", where=where, remedy=remedy)
    if any(words in text for words in _NO_MEMORY):
        remedy = "give Spark more: spark.driver.memory, spark.executor.memory, spark.driver.maxResultSize"
        return OutOfMemory(f"Spark has no memory left: {said}", where=where, remedy=remedy)
    if opening and cluster.asks_a_server(os.environ):
        remedy = "correct host and port; ;use_ssl=true behind /, or a token, for a server with TLS and for no other"
        return Unreachable(f"no Spark Connect server answers to SPARK_REMOTE: {said}", where=where, remedy=remedy)
    if _is_lost(problem, text):
        if opening:
            remedy = (
                f"correct host and port of the cluster, whose Spark must be of version {_version()}, and see its log"
            )
            return Unreachable(f"the cluster does not take this session: {said}", where=where, remedy=remedy)
        remedy = "start the server again, or name another one; then run the same again: finished steps of a study stay"
        return SessionLost(f"the session of Spark was lost: {said}", where=where, remedy=remedy)
    settings = "correct MASTER, PYSPARK_SUBMIT_ARGS or what is in the folder SPARK_CONF_DIR"
    remedy = settings if opening and cluster.is_named(os.environ) else _advice()
    return SparkRefusal(f"Spark refuses: {said}", where=where, remedy=remedy)


def lost(problem: BaseException) -> SessionLost | None:
    """The coded error where an exception means that the session is gone; None for any other, which is not kept."""
    if not _is_of_spark(problem) or not _is_lost(problem, text_of(problem)):
        return None
    told = explained(problem)
    return told if isinstance(told, SessionLost) else None


def _is_lost(problem: BaseException, text: str) -> bool:
    cut = _CUT.search(text) and not _OF_A_STORE.search(text)
    return bool(_LOST.search(text) or cut) or isinstance(problem, OSError)


def first_line(problem: BaseException) -> str:
    """What an exception says, in one line, without what opens a cluster or a store."""
    return _first(text_of(problem)) or type(problem).__name__


def _is_of_spark(problem: BaseException) -> bool:
    """Whether PySpark, or what it talks through, made an exception, or raised one of Python's."""
    kinds = {kind.__module__.partition(".")[0] for kind in type(problem).__mro__}
    if kinds & set(_OURS):
        return True
    if not isinstance(problem, OSError) or "pyspark" not in sys.modules:
        return False
    at = problem.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    return at is not None and str(at.tb_frame.f_globals.get("__name__", "")).partition(".")[0] in _OURS


def text_of(problem: BaseException) -> str:
    """All that an exception says; one of a Java that is gone cannot say it."""
    try:
        return str(problem)
    except Exception:
        return f"{type(problem).__name__}: {getattr(problem, '_desc', '')}"


def _kept(problem: BaseException, text: str) -> str:
    """The file to which the whole text is added, without what opens the cluster."""
    with log_file().open("a", encoding="utf-8") as said:
        said.write(f"\n{type(problem).__module__}.{type(problem).__name__}: {_harmless(text)}\n")
    return _named()


def _named() -> str:
    """The file with all that Spark said, moved to where it stays."""
    if "log" not in _KNOWN:
        number, name = tempfile.mkstemp(prefix="integrade-spark-", suffix=".log")
        os.close(number)
        shutil.move(_unnamed_log(), name)
        _KNOWN["log"] = name
    return f"the whole text is in {log_file()}"


def _harmless(text: str) -> str:
    for secret in cluster.secrets_of():
        text = text.replace(secret, "***")
    return without_secrets(text)


def _first(text: str) -> str:
    """What an exception says, in one line: no class of Java, no frames."""
    found = _DETAILS.search(text)
    if found:
        text = found[1]
    lines = [line.strip() for line in text.splitlines()]
    useful = [
        line for line in lines if line and not _FRAME.match(f" {line}") and not line.startswith((":", "An error"))
    ]
    cause = [m[1] for line in reversed(lines) if (m := _CAUSE.match(line))]
    line = (cause or useful or lines or [""])[0]
    return _harmless(re.sub(r"^(?:: )?(?:[a-z]\w*\.)+[A-Z]\w*(?:Exception|Error): ", "", line))[:_LONGEST]


def _first_error(log: str) -> str:
    return next((_harmless(m[1])[:_LONGEST] for line in log.splitlines() if (m := _CAUSE.match(line.strip()))), "")


def _version() -> str:
    import pyspark

    return str(pyspark.__version__)


def _advice() -> str:
    """What to do where Spark refuses: versions first, where those of client and server differ."""
    server, client = _KNOWN.get("server", ""), _version()
    other = f"""run it with {option("engine", "duckdb")}, which needs no cluster"""
    if server and server.split(".")[:2] != client.split(".")[:2]:
        return f"the server is Spark {server} and this client {client}: pip install 'pyspark=={server}'; or {other}"
    return f"{other}, or ask who runs the cluster, with that file"
