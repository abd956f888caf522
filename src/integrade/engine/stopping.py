"""A command that is stopped (Ctrl-C, SIGTERM) ends at once, whatever it computes, and leaves nothing behind.

Python runs the handler of a signal between two of its own instructions; a command that waits for an engine, a compiled
loop or other threads comes to none for long. The signal itself writes a byte at once, for which a thread waits: it says
what is kept, writes out what standard output holds, removes what was being filled, and ends the process.
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
"""Seconds at most for what standard output holds (a pipe may be full), and for removing what is left."""
SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM") if hasattr(signal, name))
SHOW_CURSOR = "\x1b[?25h"
_temporary: set[Path] = set()
_at_the_end: list[Callable[[], object]] = []
_kept: dict[str, list[str]] = {}
_stopping = Event()
_beginning = RLock()


def remove_when_stopped(path: Path | str) -> None:
    """A file or folder of this process alone that goes with it."""
    _temporary.add(Path(path))


def do_when_stopped(work: Callable[[], object]) -> None:
    """What removes something of this process that is no file of this machine; it has `CLEAN` seconds, with the rest."""
    _at_the_end.append(work)


def beside(path: Path, suffix: str = "") -> Path:
    """A name for work on a file or folder: hidden, beside it, and nobody else's."""
    return path.with_name(f".{path.name[:40]}.{uuid4().hex[:12]}{suffix}")


@contextmanager
def temporary(path: Path, make: Callable[[Path], object] = lambda _: None) -> Iterator[Path]:
    """A file or folder that is gone when the block ends, unless the block gave it another name.

    ``make`` makes it. Once the command is stopped no block begins, so that what is removed stays away.
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
    """Whether this process is filling a folder."""
    return path in _temporary


def keeps(where: str, what: str) -> None:
    """Something is finished, and stays where the command is stopped."""
    _kept.setdefault(where, []).append(what)


def last_words() -> str:
    """What a command says that is stopped: what it has finished and where that is kept.

    Example:
        >>> last_words()
        'stopped; no file is left half-written'
    """
    if not _kept:
        return "stopped; no file is left half-written"
    finished = "; ".join(f"{', '.join(dict.fromkeys(what))} in {where}" for where, what in _kept.items())
    return f"stopped; finished steps are kept ({finished}), and the next run goes on from them"


def watch_for_stops() -> None:
    """From now on a signal to stop ends this process. Nothing where the main thread is another, or ignores it, and
    nothing yet where a standard stream is closed, whose number the thread's own would take.
    """
    with suppress(OSError):
        for stream in (0, 1, 2):
            os.fstat(stream)
        if current_thread() is main_thread():
            _begin_watching()


@cache
def _begin_watching() -> None:
    heard, told = socket.socketpair()
    told.setblocking(False)
    signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _left_to_the_thread)
    Thread(target=_watch, args=(heard, told), daemon=True, name="stopping").start()


def wait_where_stopped() -> None:
    """Leave the end of the process to the thread that stops it; returns at once where nothing stops it."""
    while _stopping.is_set():
        _stopping.wait(CLEAN)
        Event().wait(CLEAN)


def _left_to_the_thread(_: int, __: FrameType | None) -> None:
    """Instead of an exception somewhere in the command."""


def _watch(heard: socket.socket, _told: socket.socket) -> None:
    while number := heard.recv(1):
        if number[0] in SIGNALS:
            _stop(number[0])


def _stop(number: int) -> None:
    end_process(last_words(), 128 + number)


def end_process(words: str, code: int) -> None:
    """Say something on standard error, remove what was being filled, and end the process, whatever it computes."""
    _stopping.set()
    _beginning.acquire(timeout=FLUSH)  # and never let go
    with suppress(OSError):
        said = f"{SHOW_CURSOR if os.isatty(2) else ''}{words}\n"
        os.write(2, said.encode("utf-8", errors="backslashreplace"))
    for work, seconds in ((sys.stdout.flush, FLUSH), (_quiet, FLUSH), (_remove_temporary, CLEAN)):
        one = Thread(target=work, daemon=True)
        try:
            one.start()
        except RuntimeError:  # no memory for a thread
            work()
        else:
            one.join(seconds)
    os._exit(code)


def _quiet() -> None:
    """What other threads say of the folders that go is no news."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)


def _remove_temporary() -> None:
    """Remove what this process was filling; twice, as other threads may still write."""
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
