"""Open Spark sessions or fail within seconds with a reason; turn PySpark's exceptions into short errors."""

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
from weakref import WeakKeyDictionary

from integrade.engine import cluster
from integrade.errors import IntegradeError, NoCluster, OutOfMemory, SessionLost, SparkRefusal, UsageError, option
from plainwords.escaping import without_secrets
from plainwords.texts import say
from rawcells import doors
from rawcells.scratch import scratch_folder

LOCAL = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.log.level": "ERROR",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": str(4 * (os.cpu_count() or 1)),
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.ui.enabled": "false",
}
"""Settings of a session that runs only on this machine."""
RETRIES: Mapping[str, Any] = {"max_retries": 5, "initial_backoff": 50, "backoff_multiplier": 6.0, "max_backoff": 4000}
"""Retries when a Spark Connect server does not answer (times in milliseconds). The pauses together last 10 seconds."""
CHANNEL: Mapping[str, Any] = {
    "grpc.keepalive_time_ms": 20_000,
    "grpc.keepalive_timeout_ms": 10_000,
    "grpc.http2.ping_timeout_ms": 10_000,
    "grpc.http2.max_pings_without_data": 0,
    "grpc.min_reconnect_backoff_ms": 5_000,
    "grpc.max_reconnect_backoff_ms": 5_000,
    "grpc.max_send_message_length": 128 << 20,
    "grpc.max_receive_message_length": 128 << 20,
}
"""Options of the connection to a Spark Connect server (milliseconds and bytes).

A server that is silent for 20 seconds while it works is asked for a sign of life, and has 10 seconds to answer. An
attempt to connect again lasts 5 seconds. Messages have the sizes that PySpark allows.
"""
EXTRAS = ((3, 5), (4, 0), (4, 1), (4, 2), (4, 3))
"""Versions of Spark for which integrade has an extra (``spark35``, ``spark40`` ...)."""
COMPLETE = (4, 2)
"""The first server of Spark that answers newer clients: PySpark 4.3.0 was tried on Spark 4.2.1."""
NARWHALS = (2, 30)
"""The first version of narwhals whose division was not read and tried on Sail (`mend_division`)."""
SILENCE = 15
"""A warning is given if tasks have waited this many seconds for the first worker (a convention)."""
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
"""With such words in its message, a lost connection was to a file store; otherwise it was the session's own."""
_NO_STORE = re.compile(
    r"Generic \w+ error|amazonaws|AccessDenied|NoSuchBucket|InvalidAccessKeyId|SignatureDoesNotMatch|lookup address"
    r"|No AWS Credentials|NoAuthWithAWSException|S3AFileSystem|AzureBlobFileSystem|GoogleHadoopFileSystem"
)
"""Words of a server that cannot open a file store: its settings for the store are wrong or missing."""
_REFUSED = ("UNAUTHENTICATED", "PERMISSION_DENIED")
_FRAME = re.compile(r"\s+at \S+\(.*\)$|\s*\.\.\. \d+ more$|\s*JVM stacktrace:|\s*Traceback \(most recent|\s+File \"")
_DETAILS = re.compile(r'details\s*=\s*"((?:[^"\\]|\\.)*)"')
_CAUSE = re.compile(r"(?:Caused by: |Error: |Exception in thread \"\S+\" )(.+)")
_LONGEST = 300  # characters of Spark's message in an error; a convention that keeps errors readable
log = logging.getLogger("integrade")
_SAIL: WeakKeyDictionary[Any, str] = WeakKeyDictionary()
_KNOWN: dict[str, str] = {}
"""Facts about the last session opened.

``server``: version of Spark that the server states. ``sail``: version of Sail, if the server is one. ``log``: the log
file that an error names.
"""


def session(budget: int) -> Any:
    """Return the running session, else connect to the cluster in the environment, else start one on this machine.

    ``SPARK_REMOTE`` (Spark Connect), ``MASTER``, ``PYSPARK_SUBMIT_ARGS`` and ``SPARK_CONF_DIR`` name a cluster, which
    has its own settings. Only a session on this machine uses `LOCAL`; its driver may take ``budget`` bytes. Raises
    `UsageError` for an invalid address and if PySpark or Java is missing, `NoCluster` if no server answers,
    `SparkRefusal` and `SessionLost` for errors of Spark at the start.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise UsageError("the spark engine is not installed", remedy="pip install 'integrade[spark]'") from None
    running: Any = SparkSession.getActiveSession()
    if running is not None:
        mend_division(running)
        return running
    if not os.environ.get("SPARK_REMOTE"):
        os.environ.pop("SPARK_REMOTE", None)  # PySpark reads an empty value as an address
    cluster.require_answer(os.environ)
    if not cluster.asks_a_server(os.environ):
        cluster.require_java(os.environ)
    try:
        if "SPARK_REMOTE" in os.environ:
            return _remote(SparkSession, os.environ["SPARK_REMOTE"])
        return _driven_from_here(SparkSession, {} if cluster.is_named(os.environ) else _on_this_machine(budget))
    except Exception as problem:
        error = explained(problem, opening=True)
        if error is None:
            raise
        raise error from None


def mend_division(session: Any) -> None:
    """Replace narwhals' division by one without `try_divide`, which Sail refuses for numbers with a fraction.

    Only a session of Sail needs it, and only versions of narwhals below `NARWHALS` are changed, because their private
    modules were read. Narwhals itself tests whether the divisor is zero, so results are the same on every server.
    Raises `UsageError` for Sail with a later narwhals.
    """
    if not sail_of(session):
        return
    import narwhals

    if tuple(int(part) for part in narwhals.__version__.split(".")[:2]) >= NARWHALS:
        bound = ".".join(map(str, NARWHALS))
        what = f"integrade on Sail was not tried with narwhals {narwhals.__version__}"
        raise UsageError(what, remedy=f"pip install 'narwhals<{bound}', or use a server of Spark")
    from narwhals._spark_like import expr, namespace, utils

    def true_divide(functions: Any, left: Any, right: Any) -> Any:
        known: Any = SimpleNamespace(lit=functions.lit, when=functions.when, try_divide=operator.truediv)
        return utils.true_divide(known, left, right)

    for module in (expr, namespace):
        vars(module)["true_divide"] = true_divide


def sail_of(session: Any) -> str:
    """Return the version of the Sail server behind a session; empty for any server of Spark.

    Sail states the version of Spark that it follows as its own. Its SQL function ``version()`` gives the version of
    Sail; that of Spark gives the version of Spark and a revision. The server is asked once per session.
    """
    if hasattr(session, "_jsparkSession"):  # a classic session runs Spark itself
        return ""
    if session not in _SAIL:
        try:
            revision = str(session.sql("select version()").collect()[0][0])
            _SAIL[session] = "" if revision.startswith(str(session.version)) else revision
        except Exception as problem:  # error types differ between servers
            if error := lost(problem):
                raise error from None
            _SAIL[session] = ""
    return _SAIL[session]


def _remote(kind: Any, address: str) -> Any:
    """Open a Spark Connect session without settings.

    With settings, PySpark would ask an absent server for ten minutes about each of them.
    """
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # the exception has the same message about a failed connection
    _KNOWN.pop("server", None)
    _KNOWN.pop("sail", None)
    opened = _opened(address) if address.startswith("sc://") else kind.builder.remote(address).getOrCreate()
    # Limit retries to an absent server to seconds instead of ten minutes.
    if hasattr(opened.client, "set_retry_policies"):
        from pyspark.sql.connect.client.retries import DefaultPolicy

        opened.client.set_retry_policies([DefaultPolicy(**RETRIES)])
    else:  # PySpark 3.5
        opened.client._retry_policy.update(RETRIES)
    if hasattr(opened, "registerProgressHandler"):  # PySpark 4.0 or later
        opened.registerProgressHandler(_Waiting(_harmless(address)))
    try:
        _KNOWN["server"] = str(opened.version)
        if sail := sail_of(opened):
            _KNOWN["sail"] = sail
        else:
            _require_no_newer_client()
    except Exception:
        opened.release_session_on_close = False  # the server would not answer this request either
        with suppress(Exception), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            opened.stop()
        raise
    mend_division(opened)
    return opened


def _require_no_newer_client() -> None:
    """Refuse a PySpark 4.1 or later that is newer than its server of Spark 4.1 or earlier.

    Such a client asks for settings that a server before `COMPLETE` lacks, so that no local table reaches the server.
    Older clients were tried on all servers (`docs/guides/large_files.md`). Raises `UsageError`.
    """
    server, client = (tuple(map(int, re.findall(r"\d+", text)[:2])) for text in (_KNOWN["server"], _version()))
    if client > server and client >= (4, 1) and server < COMPLETE:
        minor = ".".join(map(str, server))
        what = f"PySpark {_version()} does not work with its server, which is Spark {_KNOWN['server']}"
        extra = f"integrade[spark{minor.replace('.', '')}]" if server in EXTRAS else f"pyspark[connect]=={minor}.*"
        raise UsageError(what, where=_harmless(os.environ.get("SPARK_REMOTE", "")), remedy=f"pip install '{extra}'")


def _opened(address: str) -> Any:
    """Return a session of the server at an address, over a connection that notices a silent server (`CHANNEL`)."""
    from pyspark.sql.connect import client as module
    from pyspark.sql.connect.session import SparkSession

    os.environ["SPARK_CONNECT_MODE_ENABLED"] = "1"  # PySpark's own builder sets it before it opens such a session
    client: Any = module
    build = getattr(client, "DefaultChannelBuilder", None) or client.ChannelBuilder  # the second in PySpark 3.5
    return SparkSession.builder.channelBuilder(build(address, [*CHANNEL.items()])).getOrCreate()


def _on_this_machine(budget: int) -> Mapping[str, str]:
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # the system's Python may lack this program
    return {"spark.master": "local[*]", **LOCAL, "spark.driver.memory": f"{budget >> 20}m"}


def _driven_from_here(kind: Any, settings: Mapping[str, str]) -> Any:
    """Open a session whose driver is a Java child process, which writes its output to the log file."""
    from pyspark import SparkConf, SparkContext
    from pyspark.java_gateway import launch_gateway

    conf = SparkConf(loadDefaults=False)
    for name, value in {"spark.app.name": "integrade", "spark.ui.showConsoleProgress": "false", **settings}.items():
        conf.set(name, value)
    with log_file().open("ab") as output:
        gateway = launch_gateway(conf, {"stdout": output, "stderr": output})
    started: Future[Any] = Future()
    Thread(target=_start, args=(lambda: SparkContext(conf=conf, gateway=gateway), started), daemon=True).start()
    try:
        _unless_refused(started)
    except BaseException:
        SparkContext._gateway = SparkContext._jvm = None  # else the next session would use the dead Java process
        if gateway.proc is not None:
            gateway.proc.kill()
        raise
    opened = kind.builder.getOrCreate()
    _KNOWN["server"] = str(opened.version)
    if not str(opened.sparkContext.master).startswith("local"):
        Thread(target=_watch_for_workers, args=(opened.sparkContext,), daemon=True).start()
    return opened


def _watch_for_workers(context: Any) -> None:
    """Warn once if tasks wait and there is no worker; Spark reports this only in its own log and web pages."""
    waited = 0.0
    with suppress(Exception):  # the session ended, which is reported elsewhere
        tracker = context._jsc.sc().statusTracker()
        while len(tracker.getExecutorInfos()) == 1:  # only the driver's own
            if waited >= SILENCE:
                log.warning(say("sources.no-worker", master=_harmless(str(context.master)), seconds=f"{waited:g}"))
                return
            time.sleep(1)
            waited = waited + 1 if len(tracker.getActiveStageIds()) else 0.0


class _Waiting:
    """Warn once if tasks wait and none has begun.

    A Connect server reports the progress of tasks every two seconds. Sail and Spark 3.5 send no progress reports, so
    their users get no warning.
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
    """Wait for a driver to start, and fail after the first refused connection to a master.

    Spark itself would try three times, for a minute in all.
    """
    masters = [server for server in cluster.servers(os.environ) if server.variable != "SPARK_REMOTE"]
    while True:
        with suppress(TooLate):
            started.exception(0.5)
        output = doors.read_text(log_file(), errors="replace")
        if masters and all(f"{NO_MASTER} {server}" in output for server in masters):
            raise NoCluster(
                f"the server at {masters[0]} is not a master of Spark {_version()}",
                where=_named(),
                remedy=f"correct host and port in {masters[0].variable} (7077, not 8080 of the web page)",
            )
        if started.done():
            return started.result()


def log_file() -> Path:
    """Return the file with Spark's output. The file is removed at the end of the process, unless an error names it."""
    return Path(_KNOWN["log"]) if "log" in _KNOWN else _unnamed_log()


@cache
def _unnamed_log() -> Path:
    log = scratch_folder() / "spark.log"
    log.touch(mode=0o600)
    return log


def explained(problem: BaseException, *, opening: bool = False) -> IntegradeError | None:
    """Return the `IntegradeError` for an exception of PySpark; None for any other exception.

    The whole text is kept in a file that the error names. ``opening``: whether the exception was raised while the
    session was opened.
    """
    if isinstance(problem, IntegradeError) or not _is_of_spark(problem):
        return None
    text = text_of(problem)
    with log_file().open("a", encoding="utf-8") as file:
        file.write(f"\n{type(problem).__module__}.{type(problem).__name__}: {_harmless(text)}\n")
    where = _named()
    message = _first(text)
    if "JAVA_GATEWAY_EXITED" in text:  # only the log has the first error of Java
        output = doors.read_text(log_file(), errors="replace").splitlines()
        causes = (cause[1] for line in output if (cause := _CAUSE.match(line.strip())))
        message = _harmless(next(causes, ""))[:_LONGEST] or message
    if any(words in text for words in _REFUSED):
        remedy = "correct the token in SPARK_REMOTE (sc://host:443/;use_ssl=true;token=...), or ask for access"
        return NoCluster(f"Spark denies access: {message}", where=where, remedy=remedy)
    if any(words in text for words in _NO_MEMORY):
        remedy = "give Spark more: spark.driver.memory, spark.executor.memory, spark.driver.maxResultSize"
        return OutOfMemory(f"Spark has no memory left: {message}", where=where, remedy=remedy)
    if opening and cluster.asks_a_server(os.environ):
        remedy = "correct host and port; add ;use_ssl=true after /, or a token, only for a server with TLS"
        return NoCluster(f"no Spark Connect server answers to SPARK_REMOTE: {message}", where=where, remedy=remedy)
    if _is_lost(problem, text):
        if opening:
            remedy = f"correct host and port of the cluster, which must run Spark {_version()}, and see its log"
            return NoCluster(f"the cluster does not accept this session: {message}", where=where, remedy=remedy)
        remedy = "start the server again, or name another one, and run again: finished steps of a study are kept"
        return SessionLost(f"the session of Spark was lost: {message}", where=where, remedy=remedy)
    if _NO_STORE.search(text):
        return SparkRefusal(f"Spark cannot use a file store: {message}", where=where, remedy=for_store())
    settings = "correct MASTER, PYSPARK_SUBMIT_ARGS or what is in the folder SPARK_CONF_DIR"
    remedy = settings if opening and cluster.is_named(os.environ) else _advice()
    return SparkRefusal(f"Spark reports an error: {message}", where=where, remedy=remedy)


def lost(problem: BaseException) -> SessionLost | None:
    """Return a `SessionLost` if an exception means that the session ended.

    Return None for any other exception, without logging it.
    """
    if not _is_of_spark(problem) or not _is_lost(problem, text_of(problem)):
        return None
    error = explained(problem)
    return error if isinstance(error, SessionLost) else None


def _is_lost(problem: BaseException, text: str) -> bool:
    """Return whether the session ended: its message says so, or a connection was cut that was not to a store."""
    cut = _CUT.search(text) and not _OF_A_STORE.search(text)
    return bool(_LOST.search(text) or cut) or isinstance(problem, OSError)


def first_line(problem: BaseException) -> str:
    """Return the message of an exception in one line, without secrets of a cluster or an object store."""
    return _first(text_of(problem)) or type(problem).__name__


def _is_of_spark(problem: BaseException) -> bool:
    """Return whether an exception comes from PySpark or its libraries, or is a Python error raised in them."""
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
    """Return the whole message of an exception; if the Java process with the message has ended, return its type."""
    try:
        return str(problem)
    except Exception:
        return f"{type(problem).__name__}: {getattr(problem, '_desc', '')}"


def _named() -> str:
    """Move the log to a file that stays, and return a sentence that names it."""
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
    """Return the message of an exception in one line, without Java class names and stack frames."""
    details = _DETAILS.search(text)
    if details:
        text = details[1]
    lines = [line.strip() for line in text.splitlines()]
    useful = [
        line for line in lines if line and not _FRAME.match(f" {line}") and not line.startswith((":", "An error"))
    ]
    cause = [m[1] for line in reversed(lines) if (m := _CAUSE.match(line))]
    line = (cause or useful or lines or [""])[0]
    return _harmless(re.sub(r"^(?:: )?(?:[a-z]\w*\.)+[A-Z]\w*(?:Exception|Error): ", "", line))[:_LONGEST]


def for_store() -> str:
    """Return the remedy for a server that cannot open a file store: settings of the server, not of this machine."""
    if "sail" in _KNOWN:
        names = "AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY"
        return f"start the Sail server with the settings of the store in its own environment ({names})"
    packages = "s3a: hadoop-aws, gs: the Cloud Storage connector, abfss: hadoop-azure"
    return f"give the server, not this machine, the credentials (spark.hadoop.fs...) and the package ({packages})"


def _version() -> str:
    import pyspark

    return str(pyspark.__version__)


def _advice() -> str:
    """Return the remedy for a refusal by Spark; different versions of client and server are named first.

    Sail follows several versions of Spark, so the version that it states is no reason to install another PySpark.
    """
    server, client = _KNOWN.get("server", ""), _version()
    alternative = f"""run it with {option("engine", "duckdb")}, which needs no cluster"""
    if sail := _KNOWN.get("sail"):
        return (
            f"the server is Sail {sail}, which lacks some functions of Spark: use a server of Spark; or {alternative}"
        )
    if server and server.split(".")[:2] != client.split(".")[:2]:
        return (
            f"the server is Spark {server} and this client {client}: pip install 'pyspark=={server}'; or {alternative}"
        )
    return f"{alternative}, or ask who runs the cluster, with that file"
