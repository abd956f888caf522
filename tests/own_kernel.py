"""Commands in a control group (cgroup v2) of a kernel of their own: User-mode Linux, a program of Debian.

The kernel sees the files of this machine, and none of its processes and control groups. Beyond ``memory.max`` it ends a
command, as the kernel of a server would. Pages of files that a command has read or mapped count, too.

User-mode Linux makes a mapping of the host for each page of a process. A host allows 65,530 (``vm.max_map_count``), so
a process with more than 256 MB in memory may end with code 139.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

SECONDS = 900
"""A kernel is ended after this time."""
DISK, SIZE = "disk", 8 << 30
"""The folder and the size of the kernel's own disk (ext4), for files that a command writes and maps."""
INIT = """#!/bin/bash
mount -t proc none /proc
mount -t sysfs none /sys
mount -t cgroup2 none /sys/fs/cgroup
mount -t tmpfs none /dev/shm
echo +memory > /sys/fs/cgroup/cgroup.subtree_control
group=/sys/fs/cgroup/limited
mkdir $group
echo {limit} > $group/memory.max
mount -t ext4 /dev/ubda {disk}
cd {folder}
( echo $BASHPID > $group/cgroup.procs; exec env -i {environment} {command} ) > {folder}/printed 2>&1 &
running=$!
while kill -0 $running 2> /dev/null; do
  grep -E '^(anon|file_mapped|file_dirty|file) ' $group/memory.stat | tr '\\n' ' ' >> {folder}/seen
  echo >> {folder}/seen
  sleep 0.05
done
wait $running
echo $? > {folder}/code
cat $group/memory.peak > {folder}/peak
cat $group/memory.events > {folder}/events
poweroff -f
"""


class Ended(NamedTuple):
    """How a command ended: exit code (137: killed), what it printed, the group's peak, and peaks by kind in bytes.

    ``kinds``: anon (memory of the process), file (pages of files), file_mapped and file_dirty (parts of these).
    """

    code: int
    printed: str
    peak: int
    kinds: Mapping[str, int]
    killed: int


def kernel() -> str | None:
    """Return the program of User-mode Linux, or None."""
    return shutil.which("linux.uml")


def _mkfs() -> str | None:
    return shutil.which("mkfs.ext4") or shutil.which("mkfs.ext4", path="/sbin:/usr/sbin")


def run(command: Sequence[str], limit: int, folder: Path, **environment: str) -> Ended:
    """Run a command in a control group with ``limit`` bytes; ``folder`` is made, with a disk in its folder `DISK`."""
    folder.mkdir(parents=True)
    given = {name: value for name in ("PATH", "PYTHONPATH", "HOME", "LANG") if (value := os.environ.get(name))}
    words = [f"{name}={shlex.quote(value)}" for name, value in {**given, **environment}.items()]
    script, image, disk = folder / "init", folder / "image", folder / DISK
    disk.mkdir()
    with image.open("wb") as file:
        file.truncate(SIZE)
    subprocess.run([str(_mkfs()), "-q", "-F", str(image)], check=True)
    names = {
        "limit": str(limit),
        "folder": str(folder),
        "disk": str(disk),
        "environment": " ".join(words),
        "command": shlex.join(command),
    }
    script.write_text(_filled(INIT, names))
    script.chmod(0o755)
    machine = ["mem=4G", f"ubd0={image}", "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "rw", f"init={script}"]
    with (folder / "console").open("wb") as console:
        booted = subprocess.Popen(
            [str(kernel()), *machine, "con=null", "con0=null,fd:1"],
            env={**os.environ, "TMPDIR": "/tmp"},
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=console,
            start_new_session=True,  # its processes have the kernel's group, by which all of them end
        )
        try:
            booted.wait(SECONDS)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(booted.pid, signal.SIGKILL)
            booted.wait()
    image.unlink()
    if not (folder / "events").exists():
        raise RuntimeError((folder / "console").read_text(errors="replace")[-2000:])
    kinds: dict[str, int] = {}
    for line in (folder / "seen").read_text().splitlines():
        pairs = line.split()
        for name, size in zip(pairs[::2], pairs[1::2], strict=False):
            kinds[name] = max(kinds.get(name, 0), int(size))
    events = dict(line.split() for line in (folder / "events").read_text().splitlines())
    printed = (folder / "printed").read_text(errors="replace")
    code = int((folder / "code").read_text())
    return Ended(code, printed, int((folder / "peak").read_text()), kinds, int(events["oom_kill"]))


def _filled(text: str, names: Mapping[str, str]) -> str:
    for name, value in names.items():
        text = text.replace(f"{{{name}}}", value)
    return text
