"""Clusters that a test starts: a Spark Connect server without Java (Sail), a standalone cluster of two workers.

``python tests/clusters.py sail|standalone COMMAND...`` runs a command with INTEGRADE_TEST_SPARK at such a one.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 60  # seconds until a server takes connections, on a machine with other work
LOCAL = {"SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}


def sail_program() -> str | None:
    """Sail, which is no dependency: named by INTEGRADE_SAIL, or on the path."""
    return os.environ.get("INTEGRADE_SAIL") or shutil.which("sail")


def has_standalone() -> bool:
    """Whether this machine can start a standalone cluster: Java, and a PySpark with Spark in it."""
    found = importlib.util.find_spec("pyspark")
    return bool(shutil.which("java") and found and found.origin and (Path(found.origin).parent / "jars").is_dir())


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


@contextmanager
def _started(command: Sequence[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, **LOCAL}
    for name in ("SPARK_REMOTE", "MASTER"):
        environment.pop(name, None)
    with (
        log.open("ab") as said,
        subprocess.Popen(command, env=environment, cwd=log.parent, stdout=said, stderr=said) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.2)
    raise RuntimeError(f"no server at port {port}:\n{log.read_text(encoding='utf-8', errors='replace')[-2000:]}")


@contextmanager
def sail(program: str, folder: Path) -> Iterator[str]:
    """A Connect server of Sail, until the block ends; its address."""
    port, log = free_port(), folder / "sail.log"
    with _started([program, "spark", "server", "--ip", "127.0.0.1", "--port", str(port)], log) as process:
        _wait_for(port, process, log)
        yield f"sc://127.0.0.1:{port}"


@dataclass(frozen=True)
class Standalone:
    """A standalone cluster: its address, its workers, and the folder in which executors write what they do."""

    address: str
    workers: tuple[subprocess.Popen[bytes], ...]
    work: Path

    def busy(self) -> int:
        """How many tasks were begun so far by every executor, the least of them."""
        logs = [*self.work.glob("worker*/app-*/*/stderr")]
        counts = [one.read_text(encoding="utf-8", errors="replace").count("Running task") for one in logs]
        return min(counts) if len(counts) >= len(self.workers) else 0


@contextmanager
def standalone(folder: Path, n_workers: int = 2) -> Iterator[Standalone]:
    """A master and workers of one core each, until the block ends."""
    import pyspark

    run = str(Path(pyspark.__file__).parent / "bin" / "spark-class")
    port, log = free_port(), folder / "master.log"
    here = ["--host", "127.0.0.1", "--webui-port", "0"]
    master = [run, "org.apache.spark.deploy.master.Master", *here, "--port", str(port)]
    with ExitStack() as running:
        process = running.enter_context(_started(master, log))
        _wait_for(port, process, log)
        workers = []
        for n in range(1, n_workers + 1):
            place = ["-c", "1", "-m", "2g", "-d", str(folder / f"worker{n}"), f"spark://127.0.0.1:{port}"]
            worker = [run, "org.apache.spark.deploy.worker.Worker", *here, *place]
            workers.append(running.enter_context(_started(worker, folder / f"worker{n}.log")))
        yield Standalone(f"spark://127.0.0.1:{port}", tuple(workers), folder)


@contextmanager
def connect(master: str, folder: Path) -> Iterator[str]:
    """A Connect server of Spark over a cluster, until the block ends; its address."""
    import pyspark

    run = str(Path(pyspark.__file__).parent / "bin" / "spark-submit")
    port, log = free_port(), folder / "connect.log"
    settings = {"spark.connect.grpc.binding.port": port, "spark.ui.enabled": "false", "spark.driver.host": "127.0.0.1"}
    given = [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
    kind = "org.apache.spark.sql.connect.service.SparkConnectServer"
    with _started([run, "--master", master, "--class", kind, *given, "spark-internal"], log) as process:
        _wait_for(port, process, log)
        yield f"sc://127.0.0.1:{port}"


SETTINGS = b"\0\0\0\4\0\0\0\0\0"
"""The first frame of an HTTP/2 server (RFC 9113, 3.4), as a Connect server sends it."""
NO_FILE = (8 + 1 + 4).to_bytes(8) + b"\x08" + (0).to_bytes(4)
"""A master's answer that it has no such file (StreamFailure of Spark's network layer)."""
WEB = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def as_spark(asked: bytes) -> bytes:
    """Return the first bytes that a Connect server sends, or those of a master."""
    return SETTINGS if asked.startswith(b"PRI * HTTP/2.0") else NO_FILE


@contextmanager
def answering(answer: Callable[[bytes], bytes] | None) -> Iterator[str]:
    """A server that answers the first bytes of each connection; without an answer it is silent. Its host and port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        taken = list[socket.socket]()

        def serve() -> None:
            with suppress(OSError):
                while True:
                    asked, _ = listening.accept()
                    taken.append(asked)
                    if answer:
                        asked.sendall(answer(asked.recv(1024)))
                        asked.close()

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield f"127.0.0.1:{listening.getsockname()[1]}"
        finally:
            for each in taken:
                each.close()


@contextmanager
def relay(to: int, *, breaks_after: int) -> Iterator[int]:
    """A port that hands on what is sent to another one, until so many bytes were: then it is gone, as a dead server."""
    listening = socket.create_server(("127.0.0.1", 0))
    ends, sent = list[socket.socket](), 0

    def close() -> None:
        for one in (listening, *ends):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def hand_on(source: socket.socket, target: socket.socket, counted: bool) -> None:
        nonlocal sent
        with suppress(OSError):
            while piece := source.recv(1 << 16):
                target.sendall(piece)
                sent += len(piece) if counted else 0
                if sent > breaks_after:
                    close()

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, _ = listening.accept()
                server = socket.create_connection(("127.0.0.1", to))
                ends.extend((client, server))
                threading.Thread(target=hand_on, args=(client, server, True), daemon=True).start()
                threading.Thread(target=hand_on, args=(server, client, False), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield int(listening.getsockname()[1])
    finally:
        close()


def main(kind: str, *command: str) -> int:
    """Run a command at a cluster of a kind; its exit code."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        if kind == "sail":
            address = running.enter_context(sail(sail_program() or "sail", Path(folder)))
        else:
            address = running.enter_context(standalone(Path(folder))).address
        return subprocess.run(command, env={**os.environ, "INTEGRADE_TEST_SPARK": address}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
