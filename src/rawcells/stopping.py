"""Stop a command (Ctrl-C, SIGTERM) at once, whatever it computes, without leaving temporary files.

Python handles a signal only between two of its own instructions. A command that waits for an engine, a compiled loop or
other threads may not reach the next instruction for long. The signal therefore writes a byte to a pipe at once, and a
thread waits for this byte. The thread reports what is kept, flushes standard output, removes unfinished files and ends
the process.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from threading import Event, RLock, Thread, current_thread, main_thread
from types import FrameType
from uuid import uuid4

FLUSH, CLEAN = 0.2, 5.0
"""Most seconds for flushing standard output (a pipe may be full), and for removing temporary files; conventions."""
SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM") if hasattr(signal, name))
SHOW_CURSOR = "\x1b[?25h"
_temporary: set[Path] = set()
_at_the_end: list[Callable[[], object]] = []
_kept: dict[str, list[str]] = {}
_stopping = Event()
_beginning = RLock()


def remove_when_stopped(path: Path | str) -> None:
    """Register a file or folder that only this process uses, so that it is removed when the process is stopped."""
    _temporary.add(Path(path))


def do_when_stopped(work: Callable[[], object]) -> None:
    """Register a function that removes something other than a local file when the process is stopped.

    All such functions together have `CLEAN` seconds.
    """
    _at_the_end.append(work)


def beside(path: Path, suffix: str = "") -> Path:
    """Return a unique hidden path in the same folder, under which a new version of the file or folder can be made."""
    return path.with_name(f".{path.name[:40]}.{uuid4().hex[:12]}{suffix}")


@contextmanager
def temporary(path: Path, make: Callable[[Path], object] = lambda _: None) -> Iterator[Path]:
    """Yield the path of a file or folder that is removed when the block ends, unless the block renamed it.

    ``make`` creates it. Once the command is being stopped, no block begins, so that nothing is created after the
    removal.
    """
    try:
        with _beginning:
            _temporary.add(path)
            make(path)
        yield path
    finally:
        _remove(path)
        _temporary.discard(path)


def is_temporary(path: Path) -> bool:
    """Return whether this process is filling the file or folder at ``path``."""
    return path in _temporary


def keeps(where: str, what: str) -> None:
    """Record that something is finished and is kept if the command is stopped."""
    _kept.setdefault(where, []).append(what)


def last_words() -> str:
    """Return the message of a stopped command: what is finished, and where it is kept.

    Example:
        >>> last_words()
        'stopped; no file is left half-written'
    """
    if not _kept:
        return "stopped; no file is left half-written"
    finished = "; ".join(f"{', '.join(dict.fromkeys(what))} in {where}" for where, what in _kept.items())
    return f"stopped; finished steps are kept ({finished}), and the next run goes on from them"


def watch_for_stops() -> None:
    """Start to end this process on stop signals.

    Does nothing outside the main thread, and leaves ignored signals ignored. Also does nothing as long as a standard
    stream is closed, because the thread's own file would take the number of the stream.
    """
    with suppress(OSError):
        for stream in (0, 1, 2):
            os.fstat(stream)
        if current_thread() is main_thread():
            _begin_watching()


@cache
def _begin_watching() -> None:
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _left_to_the_thread)
    Thread(target=_watch, args=(reader, writer), daemon=True, name="stopping").start()


def wait_where_stopped() -> None:
    """Wait for the thread that ends the process, if it is being stopped; return at once otherwise."""
    while _stopping.is_set():
        _stopping.wait(CLEAN)
        Event().wait(CLEAN)


def _left_to_the_thread(_: int, __: FrameType | None) -> None:
    """Do nothing on a signal, in place of Python's handler, which would raise an exception somewhere in the command."""


def _watch(heard: socket.socket, _told: socket.socket) -> None:
    while number := heard.recv(1):
        if number[0] in SIGNALS:
            _stop(number[0])


def _stop(number: int) -> None:
    end_process(last_words(), 128 + number)


def end_process(words: str, code: int) -> None:
    """Print a message on standard error, remove unfinished files, and end the process, whatever it computes."""
    _stopping.set()
    _beginning.acquire(timeout=FLUSH)  # never released
    with suppress(OSError):
        message = f"{SHOW_CURSOR if os.isatty(2) else ''}{words}\n"
        os.write(2, message.encode("utf-8", errors="backslashreplace"))
    for work, seconds in ((sys.stdout.flush, FLUSH), (_quiet, FLUSH), (_remove_temporary, CLEAN)):
        worker = Thread(target=work, daemon=True)
        try:
            worker.start()
        except RuntimeError:  # not enough memory for a thread
            work()
        else:
            worker.join(seconds)
    os._exit(code)


def _quiet() -> None:
    """Silence output of other threads, which may complain about removed folders."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)


def _remove_temporary() -> None:
    """Remove unfinished files; twice, because other threads may still write."""
    for _ in range(2):
        for path in list(_temporary):
            _remove(path)
    for work in _at_the_end:
        work()


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)
