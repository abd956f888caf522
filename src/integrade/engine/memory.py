"""How much memory there is to take: of the machine, of its control groups, of the limits of the process."""

from __future__ import annotations

import os
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from integrade.engine import doors
from integrade.engine.stopping import end_process
from integrade.engine.system import used_up

LEAST = 48 << 20
"""Bytes below which a job is ended by its own message; a sixteenth of the limit where that is less."""
NEAR = 1 << 30
"""Bytes below which memory is looked at often."""
UNLIMITED = 1 << 60
"""A limit of control groups from which on there is none."""
SOME = 12 << 30
"""Bytes taken for free where the system tells nothing."""


class Limit(NamedTuple):
    """A limit in bytes, and what of it is used."""

    most: int
    used: int

    @property
    def free(self) -> int:
        """Bytes that can be taken."""
        return max(0, self.most - self.used)


def free_memory(root: Path = Path("/")) -> int:
    """Bytes of memory that can be taken now: the least that the machine, its control groups and the process have.

    Control groups of both versions, with the groups that they are in; what the system can drop (pages of files, but
    not of memory disks) counts as free. Where the system tells nothing: 12 GB.
    """
    return min((one.free for one in limits(root)), default=SOME)


def limits(root: Path = Path("/")) -> list[Limit]:
    """Every limit that holds: the machine, the control groups of both versions, the process's own."""
    return [*_of_machine(root), *_of_groups(root), *_of_process(root)]


def deadly(root: Path = Path("/")) -> list[Limit]:
    """The limits beyond which the system ends a process.

    A machine with a swap file first moves memory there. A group of the second version is ended beyond ``memory.max``
    alone: beyond ``memory.high`` its processes are slowed down and what they hold is reclaimed, and the kernel's
    documentation (Control Group v2, memory interface files) says that this never ends one. So ``memory.high`` bounds
    the budget and no job's life.
    """
    swap = _numbers(root / "proc/meminfo", 1 << 10).get("SwapFree", 0)
    machine = (one._replace(most=one.most + swap) for one in _of_machine(root))
    return [*machine, *_of_groups(root, ("memory.max",)), *_of_process(root)]


def addresses(root: Path = Path("/")) -> int:
    """The bytes that this process, and each that it starts, may address (``ulimit -v``); 0 without such a limit."""
    return min((one.most for one in _of_process(root)), default=0)


def _of_machine(root: Path) -> Iterator[Limit]:
    told = _numbers(root / "proc/meminfo", 1 << 10)
    if "MemAvailable" in told:
        yield Limit(told["MemTotal"], told["MemTotal"] - told["MemAvailable"])
    elif "SC_PHYS_PAGES" in getattr(os, "sysconf_names", {}):
        yield Limit(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"), 0)


def _of_groups(root: Path, files: Sequence[str] = ("memory.max", "memory.high")) -> Iterator[Limit]:
    """Limits of the group of the process and of those above it, as far as they are seen from here.

    ``files``: what holds the limit of a group of the second version.
    """
    second = partial(_second, files=files)
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, path = (*line.split(":", 2), "", "")[:3]
        mounts = root / "sys/fs/cgroup"
        if not controllers:
            yield from _up(mounts, path, second)
            yield from _up(mounts / "unified", path, second)
        elif "memory" in controllers.split(","):
            yield from _up(mounts / "memory", path, _first)


def _up(mount: Path, path: str, read: Callable[[Path], Limit | None]) -> Iterator[Limit]:
    """The limits of a group and of all above it; a path of the host that is not seen here ends at what is mounted."""
    parts = [part for part in path.split("/") if part not in ("", ".", "..")]
    for depth in range(len(parts), -1, -1):
        found = read(mount.joinpath(*parts[:depth]))
        if found is not None:
            yield found


def _second(folder: Path, files: Sequence[str]) -> Limit | None:
    """Of a group of the second version, the least of what some files of it say."""
    most = [int(text) for name in files if (text := _text(folder / name).strip()).isdigit()]
    if not most:
        return None
    stat = _numbers(folder / "memory.stat")
    kept = stat.get("file", 0) - stat.get("shmem", 0) + stat.get("slab_reclaimable", 0)
    return Limit(min(most), _whole(folder / "memory.current") - kept)


def _first(folder: Path) -> Limit | None:
    """Of a group of the first version."""
    most = _whole(folder / "memory.limit_in_bytes")
    if not 0 < most < UNLIMITED:
        return None
    stat = _numbers(folder / "memory.stat")
    kept = stat.get("total_cache", stat.get("cache", 0)) - stat.get("total_shmem", stat.get("shmem", 0))
    return Limit(most, _whole(folder / "memory.usage_in_bytes") - kept)


def _of_process(root: Path) -> Iterator[Limit]:
    """The limits of the address space and of the data of the process (``ulimit -v``, ``ulimit -d``)."""
    if sys.platform == "win32":
        return
    import resource

    status = _numbers(root / "proc/self/status", 1 << 10)
    for kind, used in ((resource.RLIMIT_AS, "VmSize"), (resource.RLIMIT_DATA, "VmData")):
        most = resource.getrlimit(kind)[0]
        if most != resource.RLIM_INFINITY and 0 <= most < UNLIMITED and used in status:
            yield Limit(most, status[used])


def _text(path: Path) -> str:
    try:
        return doors.read_text(path, encoding="ascii", errors="replace")
    except OSError:
        return ""


def _whole(path: Path) -> int:
    text = _text(path).strip()
    return int(text) if text.isdigit() else 0


def _numbers(path: Path, times: int = 1) -> Mapping[str, int]:
    """``name: 12 kB`` or ``name 12``, one a line."""
    return {name: int(value) * times for name, value in re.findall(r"^(\w+):?\s+(\d+)(?: kB)?$", _text(path), re.M)}


def watch() -> None:
    """End the process by a message of its own before the system ends it without one.

    A thread looks at what is free, often where little is. Engines take memory outside of Python, where nothing is
    raised before the system kills; so the process is ended (exit code of `OutOfMemory`). What is finished is kept.
    """
    if not Path("/proc/self/status").exists():
        return
    threading.Thread(target=_watch, name="memory", daemon=True).start()


def _watch() -> None:
    short = 0
    while True:
        found = deadly()
        short = short + 1 if any(one.free < min(LEAST, one.most // 16) for one in found) else 0
        if short > 1:
            return _end()
        time.sleep(0.02 if any(one.free < NEAR for one in found) else 0.2)


def _end() -> None:
    said = used_up("ended before the system ends it without a word; finished steps are kept")
    end_process(str(said), said.exit_code)
