"""Find out from the environment where Spark is to run, and check that address before PySpark waits for an answer.

PySpark retries a silent server for ten minutes, and a silent master for a minute and a half. A direct connection and
the first bytes of the protocol (`greetings`) show within seconds what is wrong. This module does not import PySpark.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import socket
import subprocess
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLate
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import TypeVar
from urllib.parse import urlsplit
from urllib.request import proxy_bypass

from integrade.engine import greetings
from integrade.engine.greetings import Greeting
from integrade.errors import IntegradeError, NoCluster, UsageError
from plainwords.escaping import without_secrets

Answer = TypeVar("Answer")
NAMES = ("SPARK_REMOTE", "MASTER", "PYSPARK_SUBMIT_ARGS", "SPARK_CONF_DIR")
"""Environment variables that name a cluster. A cluster has its own settings."""
CONNECT_PORT = 15002  # default port of a Spark Connect server, if SPARK_REMOTE has none
OLDEST_JAVA = 17  # the oldest Java version for Spark 4
PATIENCE = 6.0  # seconds to look up a name, to connect to its addresses, and for the first answer; a convention
_MASTERS = re.compile(r"spark://([^\s,/]+(?:,[^\s,/]+)*)/?")
_KUBERNETES = re.compile(r"k8s://(?:https?://)?([^\s/]+)/?")
_ELSEWHERE = re.compile(r"local(\[.+\])?|yarn|[A-Za-z0-9+.-]+://\S+")


@dataclass(frozen=True)
class Server:
    """A server named by the environment: the variable, the host and the port."""

    variable: str
    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def is_named(environment: Mapping[str, str]) -> bool:
    """Return whether the environment names a cluster; if not, Spark runs on this machine."""
    return any(environment.get(name) for name in NAMES)


def asks_a_server(environment: Mapping[str, str]) -> bool:
    """Return whether the session uses a running Spark Connect server; this machine then needs no Java."""
    return environment.get("SPARK_REMOTE", "").startswith("sc://")


def servers(environment: Mapping[str, str]) -> tuple[Server, ...]:
    """Return the servers of which at least one must answer. Raises `UsageError` for an invalid address.

    ``SPARK_REMOTE`` names one server. Without it, the masters of ``PYSPARK_SUBMIT_ARGS`` or ``MASTER`` are returned. On
    yarn there is no server.
    """
    if remote := environment.get("SPARK_REMOTE"):
        return () if re.fullmatch(r"local(\[.+\])?", remote) else (_connect_server(remote),)
    variable, master = _master(environment)
    if match := _KUBERNETES.fullmatch(master):
        host, port = _host_and_port(f"https://{match[1]}")
        if not host or port is None:
            raise _no_master(variable, master)
        return (Server(variable, host, port or 443),)
    if not master.startswith("spark://"):
        if master and not _ELSEWHERE.fullmatch(master):
            raise _no_master(variable, master)
        return ()
    match = _MASTERS.fullmatch(master)
    if match is None:
        raise _no_master(variable, master)
    places = [_host_and_port(f"spark://{address}") for address in match[1].split(",")]
    named = tuple(Server(variable, host, port) for host, port in places if host and port)
    if len(named) < len(places):
        raise _no_master(variable, master)
    return named


def _connect_server(remote: str) -> Server:
    host, port = _host_and_port(remote.partition("/;")[0])
    if not remote.startswith("sc://") or not host or port is None:
        raise UsageError(
            f"SPARK_REMOTE={without_secrets(remote)!r} is not the address of a Spark Connect server",
            example="SPARK_REMOTE=sc://host:15002",
            remedy="correct SPARK_REMOTE; the master of a standalone cluster goes into MASTER (spark://host:7077)",
        )
    return Server("SPARK_REMOTE", host, port or CONNECT_PORT)


def _no_master(variable: str, master: str) -> UsageError:
    return UsageError(
        f"{variable}={without_secrets(master)!r} is not the address of a cluster",
        example=f"{variable}=spark://host:7077, yarn, k8s://https://host:6443 or local[2]",
        remedy=f"correct {variable}; a Spark Connect server goes into SPARK_REMOTE (sc://host:15002)",
    )


def _host_and_port(address: str) -> tuple[str, int | None]:
    """Return host and port of an address; the port is 0 if the address has none, and None if it is not a number."""
    try:
        parts = urlsplit(address)
        return parts.hostname or "", parts.port or 0
    except ValueError:
        return "", None


def _master(environment: Mapping[str, str]) -> tuple[str, str]:
    """Return the variable that names a master, and the master."""
    try:
        arguments = shlex.split(environment.get("PYSPARK_SUBMIT_ARGS", ""))
    except ValueError:
        raise UsageError(
            "PYSPARK_SUBMIT_ARGS has an unclosed quote",
            example="PYSPARK_SUBMIT_ARGS='--master spark://host:7077 pyspark-shell'",
            remedy="correct PYSPARK_SUBMIT_ARGS",
        ) from None
    for at, word in enumerate(arguments):
        if word == "--master" and at + 1 < len(arguments):
            return "PYSPARK_SUBMIT_ARGS --master", arguments[at + 1]
        if word.startswith("--master="):
            return "PYSPARK_SUBMIT_ARGS --master", word.partition("=")[2]
    return "MASTER", environment.get("MASTER", "")


def require_answer(environment: Mapping[str, str]) -> None:
    """Check that one of the servers named by the environment answers as its kind does; skip servers behind a proxy.

    Servers behind a proxy are left to PySpark, because a proxy reaches hosts that this machine does not know. Raises
    `UsageError` for an invalid address, `NoCluster` if no server answers.
    """
    named = servers(environment)
    if not named or (environment.get("SPARK_REMOTE") and _behind_a_proxy(named[0].host, environment)):
        return
    problems = [_problem_of(server, environment) for server in named]
    if all(problems):
        first = next(problem for problem in problems if problem)
        raise first


def state(environment: Mapping[str, str]) -> str:
    """Describe where Spark runs and whether it answers, for `integrade doctor`."""
    names = [name for name in NAMES if environment.get(name)]
    if not names:
        return "this machine"
    try:
        require_answer(environment)
        named = servers(environment)
    except IntegradeError as problem:
        return problem.what
    return f"{named[0]} ({named[0].variable}), answers" if named else f"what {' and '.join(names)} names"


def _behind_a_proxy(host: str, environment: Mapping[str, str]) -> bool:
    """Return whether gRPC reaches a host through a proxy."""
    proxies = any(environment.get(n) for n in ("grpc_proxy", "https_proxy", "http_proxy"))
    excepted = environment.get("no_grpc_proxy") or environment.get("no_proxy") or ""
    return proxies and not proxy_bypass(host) and host not in excepted.split(",")


def _problem_of(server: Server, environment: Mapping[str, str]) -> NoCluster | None:
    """Return the error for a server whose host is unknown, that accepts no connection, or that is of another kind."""
    try:
        places = _in_time(lambda: socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM))
    except (OSError, UnicodeError, TooLate):
        return NoCluster(
            f"the host {server.host!r} of {server.variable} cannot be resolved on this machine",
            where=str(server),
            remedy=f"correct the name in {server.variable}, or give its IP address (10.0.0.5)",
        )
    reason = ""
    for family, kind, protocol, _, place in places:
        with socket.socket(family, kind, protocol) as asked:
            asked.settimeout(PATIENCE / len(places))
            try:
                asked.connect(place)
            except OSError as problem:
                reason = problem.strerror or f"no answer within {PATIENCE:g} s"
            else:
                asked.settimeout(PATIENCE)
                greeting = _greeting(server, asked, environment)
                greetings.ended(asked)
                return _of_another_kind(server, greeting)
    return NoCluster(
        f"no server answers at {server} ({server.variable}): {reason.lower()}",
        where=str(server),
        remedy=f"start the server, or correct host and port in {server.variable} ({_usual(server)})",
    )


def _greeting(server: Server, connection: socket.socket, environment: Mapping[str, str]) -> Greeting:
    """Return how a server answers the first bytes of the protocol that its variable stands for."""
    if server.variable == "SPARK_REMOTE":
        encrypted = _is_encrypted(environment, server.host)
        return greetings.of_connect(connection, server.host, encrypted=encrypted)
    if (master := _master(environment)[1]).startswith("k8s://"):
        return "expected" if "://http://" in master else greetings.of_kubernetes(connection, server.host)
    greeting = greetings.of_master(connection)
    # A master with authentication or TLS of its own may refuse the request; only Spark can tell.
    return greeting if greeting in ("silent", "web") else "expected"


def _is_encrypted(environment: Mapping[str, str], host: str) -> bool:
    """Return whether PySpark uses TLS: with ``use_ssl=true``, and with a token for any host but localhost."""
    settings = dict(setting.partition("=")[::2] for setting in environment.get("SPARK_REMOTE", "").split(";")[1:])
    token = "token" in settings or bool(environment.get("SPARK_CONNECT_AUTHENTICATE_TOKEN"))
    return settings.get("use_ssl", "").lower() == "true" or (token and host != "localhost")


def _of_another_kind(server: Server, greeting: Greeting) -> NoCluster | None:
    """Return the error for a server that answers otherwise than expected, with the remedy for its answer."""
    if greeting == "expected":
        return None
    is_connect = server.variable == "SPARK_REMOTE"
    kind = "a Spark Connect server" if is_connect else "a master of Spark"
    port = f"correct host and port in {server.variable} ({_usual(server)})"
    without = "remove ;use_ssl=true and ;token=... from SPARK_REMOTE, because this server has no TLS"
    answers: Mapping[Greeting, tuple[str, str]] = {
        "silent": (f"accepts connections, but is silent for {PATIENCE:g} s", f"restart the server, or {port}"),
        "web": (f"is a web server, not {kind}", port),
        "plain": ("does not speak TLS", f"{without}, or {port}" if is_connect else port),
        "tls": ("asks for TLS", f"add ;use_ssl=true to SPARK_REMOTE (sc://{server}/;use_ssl=true), or {port}"),
        "closed": ("closes the connection without an answer", f"{port}; for a server with TLS add ;use_ssl=true"),
        "other": (f"is not {kind}", port),
    }
    what, remedy = answers[greeting]
    return NoCluster(f"the server at {server} ({server.variable}) {what}", where=str(server), remedy=remedy)


def _usual(server: Server) -> str:
    if server.variable == "SPARK_REMOTE":
        return "Spark Connect usually uses port 15002"
    return "a Spark master usually uses port 7077, not 8080 of the web page"


def _in_time(ask: Callable[[], Answer]) -> Answer:
    """Return the result of a name look-up, or fail after `PATIENCE`.

    Without a name server the system may take minutes for a look-up.
    """
    answer: Future[Answer] = Future()

    def run() -> None:
        try:
            answer.set_result(ask())
        except Exception as problem:
            answer.set_exception(problem)

    Thread(target=run, daemon=True).start()
    return answer.result(PATIENCE)


@dataclass(frozen=True)
class Java:
    """The Java that Spark starts. ``path`` is empty if there is no Java; ``version`` is empty if it is unknown."""

    path: str
    version: str = ""

    @property
    def major(self) -> int:
        """The major version: 8 of 1.8.0_392, 17 of 17.0.21; 0 if unknown."""
        match = re.match(r"(?:1\.)?(\d+)", self.version)
        return int(match[1]) if match else 0

    @property
    def state(self) -> str:
        """A short description, for `integrade doctor`."""
        if not self.path:
            return f"not found: Spark needs a Java runtime, {OLDEST_JAVA} or later"
        if not self.major:
            return f"found, version unknown: Spark needs {OLDEST_JAVA} or later"
        old = f"too old: {OLDEST_JAVA} or later is needed, found version {self.version}"
        return f"found, version {self.version}" if self.major >= OLDEST_JAVA else old


def java_of(environment: Mapping[str, str]) -> Java:
    """Find the Java that Spark's scripts use: the one in ``JAVA_HOME`` if this is set, else the first on the path."""
    home = environment.get("JAVA_HOME")
    path = shutil.which(str(Path(home, "bin", "java")) if home else "java", path=environment.get("PATH"))
    if path is None:
        return Java("")
    try:
        asked = subprocess.run([path, "-version"], capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return Java(path)
    match = re.search(r'version "([^"]+)"', (asked.stderr + asked.stdout).decode(errors="replace"))
    return Java(path, match[1] if match else "")


def require_java(environment: Mapping[str, str]) -> None:
    """Check that Spark finds a supported Java. Raises `UsageError` if there is no Java, or only one that is too old."""
    java = java_of(environment)
    home = environment.get("JAVA_HOME")
    if not java.path:
        raise UsageError(
            f"JAVA_HOME={home!r} has no bin/java" if home else "the spark engine needs Java",
            remedy=f"install a Java runtime, {OLDEST_JAVA} or later"
            + (", and set JAVA_HOME to its folder, or unset it" if home else "")
            + "; a Spark Connect server needs none on this machine (SPARK_REMOTE=sc://host:15002)",
        )
    if java.major and java.major < OLDEST_JAVA:
        raise UsageError(
            f"Java {java.version} is too old for Spark",
            where=java.path,
            remedy=f"install a Java runtime, {OLDEST_JAVA} or later"
            + (", and set JAVA_HOME to its folder" if home else ", or set JAVA_HOME to its folder"),
        )


def secrets_of(environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Return the tokens that give access to the cluster; messages must hide them."""
    settings = environment.get("SPARK_REMOTE", "").split(";")[1:]
    given = [value for name, _, value in (setting.partition("=") for setting in settings) if name.strip() == "token"]
    return tuple(v for v in (*given, environment.get("SPARK_CONNECT_AUTHENTICATE_TOKEN", "")) if len(v) > 3)
