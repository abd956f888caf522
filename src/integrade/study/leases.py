"""Folders that a run fills, each held by a lease: as long as its holder lives, it beats, and nobody takes it away.

A beat is the time of change of a file in the folder, set by the clock of the file system, which all machines and
containers that share the folder see alike. Names of machines and numbers of processes are no proof: containers have the
same. A folder is what a killed run left where its process is gone from this boot of this machine and this namespace of
processes, or where it has not beaten for long; and where a second look finds the beat that the first one found.
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

from integrade.engine import doors
from integrade.engine.stopping import is_temporary, temporary

BEAT = 1.0
"""Seconds between two beats."""
SURE, LEASE = 5.0, 60.0
"""Seconds without a beat after which a process that is gone is believed to be, and after which one elsewhere is."""
WORK, LEASED, MADE = ".work", "lease.json", "made"


class Look(NamedTuple):
    """The beats of the folders that others fill, or left, in nanoseconds, and when they were looked at."""

    beats: Mapping[Path, int]
    at: float


@contextmanager
def leased(name: str, parent: Path) -> Iterator[Path]:
    """An empty folder to fill, inside a hidden one that is gone when the block ends."""
    parent.mkdir(parents=True, exist_ok=True)
    held, ended = parent / f".{name}-{uuid4().hex[:12]}{WORK}", Event()
    with temporary(held, Path.mkdir):
        try:
            (held / LEASED).write_text(json.dumps(_holder(os.getpid())), encoding="utf-8")
            (held / MADE).mkdir()
            Thread(target=_beat, args=(held / LEASED, ended), daemon=True, name=f"lease of {name}").start()
            yield held / MADE
        finally:
            ended.set()


def _beat(lease: Path, ended: Event) -> None:
    while not ended.wait(BEAT):
        with suppress(OSError):  # a server that does not answer now may do so at the next beat
            os.utime(lease)


def clear_leavings(parent: Path, before: Look | None = None) -> Look:
    """Remove the folders whose holders are gone; what is kept is looked at again at the end of a run."""
    seen = {folder: _last_beat(folder) for folder in parent.glob(f".*{WORK}")} if parent.is_dir() else {}
    found = {folder: beat for folder, beat in seen.items() if beat is not None and not is_temporary(folder)}
    now = _clock(parent) if found else 0
    waited = time.monotonic() - before.at if before else 0.0
    for folder, beat in found.items():
        still = before is not None and before.beats.get(folder) == beat and waited > 2 * BEAT
        if _is_left(folder, (now - beat) / 1e9, still=still):
            shutil.rmtree(folder, ignore_errors=True)
    return Look({f: beat for f, beat in found.items() if f.exists()}, time.monotonic())


def _is_left(folder: Path, age: float, *, still: bool) -> bool:
    """Whether nobody fills a folder any more: one of a process that is known to be gone, or that is long silent."""
    return (still or age > SURE) if _is_gone(folder) else (still and age > LEASE)


def _last_beat(folder: Path) -> int | None:
    """None for a folder that went meanwhile."""
    for file in (folder / LEASED, folder):
        with suppress(OSError):
            return file.stat().st_mtime_ns
    return None


def _clock(parent: Path) -> int:
    """The time of the file system in nanoseconds; 0 where nothing can be written there."""
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
    """Whether the holder was a process of this boot and this namespace that is no longer there."""
    try:
        holder = json.loads(doors.read_bytes(folder / LEASED))
        return bool(_place()) and holder["place"] == _place() and holder != _holder(int(holder["process"]))
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return False


def _holder(process: int) -> dict[str, str | int]:
    """A process: where it is, its number, and when it began, as numbers are given again."""
    return {"place": _place(), "process": process, "began": _began(process)}


def _began(process: int) -> str:
    """When a process began, in ticks since the boot; nothing for one that is not there."""
    try:
        told = doors.read_text(Path(f"/proc/{process}/stat"), errors="replace")
    except OSError:
        return ""
    return told.rpartition(")")[2].split()[19]


@cache
def _place() -> str:
    """This boot of this machine and this namespace of processes; nothing where the system does not tell them."""
    try:
        boot = doors.read_text(Path("/proc/sys/kernel/random/boot_id"), encoding="ascii").strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')}"
    except (OSError, ValueError):
        return ""
