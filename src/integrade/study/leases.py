"""Mark the folders that a run fills as in use, and remove the folders that killed runs have left.

A running process touches a file in its folder every second (a beat). The time of the beat comes from the clock of the
file system, which is the same for all machines and containers that share the folder. Names of machines and numbers of
processes do not identify a run, because several containers may have the same. A folder counts as left by a killed run
in two cases. First, its process belonged to this boot and this namespace and no longer exists, and there was no beat
for a few seconds or between two looks. Second, there was no beat for a minute, and none between two looks.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from threading import Event, Thread
from typing import NamedTuple
from uuid import uuid4

from rawcells import doors
from rawcells.stopping import is_temporary, temporary

BEAT = 1.0
"""Seconds between two beats."""
SURE, LEASE = 5.0, 60.0
"""Seconds without a beat after which a folder counts as left: `SURE` if its process is gone, otherwise `LEASE`.

Both are conventions. They are several beats long, so that a running process does not lose its folder on a slow file
system.
"""
WORK, LEASED, MADE = ".work", "lease.json", "made"


class Look(NamedTuple):
    """The latest beats of the folders of other runs, in nanoseconds, and the time of the look."""

    beats: Mapping[Path, int]
    at: float


@contextmanager
def leased(name: str, parent: Path) -> Iterator[Path]:
    """Yield an empty folder to fill, inside a hidden folder that is removed when the block ends."""
    parent.mkdir(parents=True, exist_ok=True)
    hidden, ended = parent / f".{name}-{uuid4().hex[:12]}{WORK}", Event()
    with temporary(hidden, Path.mkdir):
        try:
            (hidden / LEASED).write_text(json.dumps(_holder(os.getpid())), encoding="utf-8")
            (hidden / MADE).mkdir()
            Thread(target=_beat, args=(hidden / LEASED, ended), daemon=True, name=f"lease of {name}").start()
            yield hidden / MADE
        finally:
            ended.set()


def _beat(lease: Path, ended: Event) -> None:
    while not ended.wait(BEAT):
        with suppress(OSError):  # a file server may answer again at the next beat
            os.utime(lease)


def clear_leavings(parent: Path, before: Look | None = None) -> Look:
    """Remove the folders whose runs are gone, and return the beats of the other folders.

    ``before``: the result of an earlier call, with which the beats are compared.
    """
    seen = {folder: _last_beat(folder) for folder in parent.glob(f".*{WORK}")} if parent.is_dir() else {}
    beats = {folder: beat for folder, beat in seen.items() if beat is not None and not is_temporary(folder)}
    now = _clock(parent) if beats else 0
    waited = time.monotonic() - before.at if before else 0.0
    for folder, beat in beats.items():
        still = before is not None and before.beats.get(folder) == beat and waited > 2 * BEAT
        age = (now - beat) / 1e9
        left = (still or age > SURE) if _is_gone(folder) else (still and age > LEASE)
        if left:
            shutil.rmtree(folder, ignore_errors=True)
    return Look({f: beat for f, beat in beats.items() if f.exists()}, time.monotonic())


def _last_beat(folder: Path) -> int | None:
    """Return the time of the last beat in nanoseconds; None for a folder that was removed meanwhile."""
    for file in (folder / LEASED, folder):
        with suppress(OSError):
            return file.stat().st_mtime_ns
    return None


def _clock(parent: Path) -> int:
    """Return the time of the file system in nanoseconds; 0 if nothing can be written there."""
    try:
        handle, name = tempfile.mkstemp(prefix=".clock-", dir=parent)
    except OSError:
        return 0
    try:
        return os.fstat(handle).st_mtime_ns
    finally:
        os.close(handle)
        Path(name).unlink(missing_ok=True)


def _is_gone(folder: Path) -> bool:
    """Return whether the process of the folder belonged to this boot and this namespace and no longer exists."""
    try:
        holder = json.loads(doors.read_bytes(folder / LEASED))
        return bool(_place()) and holder["place"] == _place() and holder != _holder(int(holder["process"]))
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return False


def _holder(process: int) -> dict[str, str | int]:
    """Return what identifies a process: its boot and namespace, its number, and when it began (numbers are reused)."""
    return {"place": _place(), "process": process, "began": _began(process)}


def _began(process: int) -> str:
    """Return when a process began, in ticks since the boot; empty if it does not exist."""
    try:
        status = doors.read_text(Path(f"/proc/{process}/stat"), errors="replace")
    except OSError:
        return ""
    return status.rpartition(")")[2].split()[19]


@cache
def _place() -> str:
    """Return identifiers of the machine's current boot and the namespace of processes.

    The result is empty if the system hides them.
    """
    try:
        boot = doors.read_text(Path("/proc/sys/kernel/random/boot_id"), encoding="ascii").strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')}"
    except (OSError, ValueError):
        return ""
