"""Find out how much memory the machine, its control groups and the limits of the process allow."""

from __future__ import annotations

import os
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from integrade.engine.system import used_up
from rawcells import doors
from rawcells.stopping import end_process

LEAST = 48 << 20
"""A job ends itself with a message if fewer bytes, and less than a sixteenth of the limit, are free (a convention)."""
NEAR = 1 << 30
"""Memory is checked more often if fewer bytes are free; a convention."""
UNLIMITED = 1 << 60
"""A control group that states this many bytes or more has no limit."""
SOME = 12 << 30
"""If the system gives no numbers, this many bytes are assumed to be free; a convention."""


_BLOCKS: list[dict[str, int]] = []
"""The budgets found in the running blocks of `one_budget`, the same mapping in all of them."""


class Limit(NamedTuple):
    """A limit in bytes, and how many of these bytes are in use."""

    most: int
    used: int

    @property
    def free(self) -> int:
        """Bytes that are still available."""
        return max(0, self.most - self.used)


def free_memory(root: Path = Path("/")) -> int:
    """Return the bytes of memory available now: the least that the machine, its control groups and the process allow.

    Control groups of both versions (cgroup v1 and v2) count, with the groups that contain them. Memory that the system
    can drop (cached file pages, but not memory disks) counts as free. If the system gives no numbers, the result is 12
    GB.
    """
    return min((limit.free for limit in limits(root)), default=SOME)


@contextmanager
def one_budget() -> Iterator[None]:
    """Find out the memory budget at most once in a block, in all threads; an inner block keeps that of the outer one.

    Free memory changes while a table is processed. Asked again for each piece, it would change the size of pieces.
    """
    _BLOCKS.append(_BLOCKS[0] if _BLOCKS else {})
    try:
        yield
    finally:
        _BLOCKS.pop()


def once(ask: Callable[[], int], stated: str) -> int:
    """Return the budget that ``ask`` finds; within `one_budget`, only the first call asks.

    ``stated``: the size that the environment states; if it changes, the budget is found anew.
    """
    if not _BLOCKS:
        return ask()
    found = _BLOCKS[0]
    if stated not in found:
        found[stated] = ask()
    return found[stated]


def limits(root: Path = Path("/")) -> list[Limit]:
    """Return all limits that apply: the machine, the control groups of both versions, the process's own."""
    return [*_of_machine(root), *_of_groups(root), *_of_process(root)]


def deadly(root: Path = Path("/")) -> list[Limit]:
    """Return the limits beyond which the system ends a process.

    Free space of a swap file is added to the limit of the machine, because the system first moves memory there.
    Processes of a control group of version 2 are ended only beyond ``memory.max``. Beyond ``memory.high`` the processes
    of a group are slowed down and memory is reclaimed, which never ends a process (kernel documentation, Control Group
    v2, memory interface files). ``memory.high`` therefore bounds the budget but is not among these limits.
    """
    swap = _numbers(root / "proc/meminfo", 1 << 10).get("SwapFree", 0)
    machine = (limit._replace(most=limit.most + swap) for limit in _of_machine(root))
    return [*machine, *_of_groups(root, ("memory.max",)), *_of_process(root)]


def addresses(root: Path = Path("/")) -> int:
    """Return the bytes of address space of this process and its children (``ulimit -v``); 0 without such a limit."""
    return min((limit.most for limit in _of_process(root)), default=0)


def _of_machine(root: Path) -> Iterator[Limit]:
    meminfo = _numbers(root / "proc/meminfo", 1 << 10)
    if "MemAvailable" in meminfo:
        yield Limit(meminfo["MemTotal"], meminfo["MemTotal"] - meminfo["MemAvailable"])
    elif "SC_PHYS_PAGES" in getattr(os, "sysconf_names", {}):
        yield Limit(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"), 0)


def _of_groups(root: Path, files: Sequence[str] = ("memory.max", "memory.high")) -> Iterator[Limit]:
    """Yield the limits of the control group of the process and of all visible groups above that group.

    ``files``: names of the files that state the limits of a group of cgroup v2.
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
    """Yield the limits of a control group and of all groups above it under one mount point."""
    parts = [part for part in path.split("/") if part not in ("", ".", "..")]
    for depth in range(len(parts), -1, -1):
        limit = read(mount.joinpath(*parts[:depth]))
        if limit is not None:
            yield limit


def _second(folder: Path, files: Sequence[str]) -> Limit | None:
    """Return the limit of a group of cgroup v2: the least limit that one of ``files`` states; None without a limit."""
    most = [int(text) for name in files if (text := _text(folder / name).strip()).isdigit()]
    if not most:
        return None
    stat = _numbers(folder / "memory.stat")
    kept = stat.get("file", 0) - stat.get("shmem", 0) + stat.get("slab_reclaimable", 0)
    return Limit(min(most), _whole(folder / "memory.current") - kept)


def _first(folder: Path) -> Limit | None:
    """Return the limit of a group of cgroup v1; None without a limit."""
    most = _whole(folder / "memory.limit_in_bytes")
    if not 0 < most < UNLIMITED:
        return None
    stat = _numbers(folder / "memory.stat")
    kept = stat.get("total_cache", stat.get("cache", 0)) - stat.get("total_shmem", stat.get("shmem", 0))
    return Limit(most, _whole(folder / "memory.usage_in_bytes") - kept)


def _of_process(root: Path) -> Iterator[Limit]:
    """Yield the limits of the process's address space and data (``ulimit -v``, ``ulimit -d``)."""
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
    """Parse lines of the form ``name: 12 kB`` or ``name 12``."""
    return {name: int(value) * times for name, value in re.findall(r"^(\w+):?\s+(\d+)(?: kB)?$", _text(path), re.M)}


def watch() -> None:
    """Start a thread that ends the process with a message before the system ends it without one.

    The thread checks free memory, more often when little is left. Engines allocate memory outside Python, where no
    exception is raised before the system kills the process. The thread therefore ends the process with the exit code of
    `OutOfMemory`. Finished steps are kept.
    """
    if not Path("/proc/self/status").exists():
        return
    threading.Thread(target=_watch, name="memory", daemon=True).start()


def _watch() -> None:
    short = 0
    while True:
        bounds = deadly()
        short = short + 1 if any(limit.free < min(LEAST, limit.most // 16) for limit in bounds) else 0
        if short > 1:
            return _end()
        time.sleep(0.02 if any(limit.free < NEAR for limit in bounds) else 0.2)


def _end() -> None:
    error = used_up("ended before the system ends it without a word; finished steps are kept")
    end_process(str(error), error.exit_code)
