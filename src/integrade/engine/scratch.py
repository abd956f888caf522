"""Folders of temporary files, each held by its process: what a process that was killed left, a later one removes.

The lock of an open file tells who lives: the system lets it go with the process, however that ends, and sees it from
every container that shares the folder. No number of a process and no clock is asked.
"""

from __future__ import annotations

import atexit
import os
import shutil
import stat
import sys
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

from integrade.engine.stopping import remove_when_stopped

PREFIX, OWNER = "integrade-", ".integrade-owner"
"""What the folders are called, and the file in each that its process has locked."""


@cache
def scratch_folder(parent: str | None = None, prefix: str = PREFIX) -> Path:
    """The folder of this process in a folder of temporary files (the usual one), which goes with the process.

    Folders of processes that were killed are removed from there first. Raises what the system refuses.
    """
    place = Path(parent or tempfile.gettempdir())
    clear_scratch(place, prefix)
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=place))
    atexit.register(_remove, folder, os.getpid())
    remove_when_stopped(folder)
    try:
        _hold(folder)
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder


def spill_place() -> str:
    """Where rows beyond the memory budget go: ``TMPDIR``, or /var/tmp, which is on disk."""
    on_disk = "TMPDIR" not in os.environ and os.access("/var/tmp", os.W_OK)
    return "/var/tmp" if on_disk else tempfile.gettempdir()


def clear_scratch(place: Path, prefix: str = PREFIX) -> None:
    """Remove the folders of this user that processes left which are gone; nothing else, and no link is followed."""
    if sys.platform == "win32":  # where the files of a process that lives cannot be removed, nor told from others
        return
    with suppress(OSError):
        for one in os.scandir(place):
            if one.name.startswith(prefix) and one.is_dir(follow_symlinks=False) and _is_left(Path(one.path)):
                shutil.rmtree(one.path, ignore_errors=True)


def _remove(folder: Path, process: int) -> None:
    """At the end of the process that made it: a child that was forked leaves it alone."""
    if os.getpid() == process:
        shutil.rmtree(folder, ignore_errors=True)


def _hold(folder: Path) -> None:
    """Lock the owner's file as long as this process lives; it gets its name when it is locked."""
    if sys.platform == "win32":
        return
    import fcntl

    part = folder / f"{OWNER}.part"
    handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.rename(part, folder / OWNER)
    _HELD.append(handle)


_HELD: list[int] = []
"""Files that are open, and so locked, until the process ends."""


def _is_left(folder: Path) -> bool:
    """Whether a folder is one of this user whose process is gone: nobody has its owner's file locked."""
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        handle = os.open(folder / OWNER, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.getuid() or folder.stat().st_uid != os.getuid():
            return False
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # a process holds it, or the file system has no locks
        return False
    finally:
        os.close(handle)
    return True
