"""Create temporary folders, removed when their process ends or, if it was killed, by a later process.

A process keeps a file in its folder locked as long as it lives. The system releases the lock when the process ends in
any way, and all containers that share the folder see the lock. Process numbers and clocks are not used.
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

from rawcells.stopping import remove_when_stopped

PREFIX, OWNER = "integrade-", ".integrade-owner"
"""Prefix of the names of folders, and the name of the file in each folder that its process locks."""


@cache
def scratch_folder(parent: str | None = None, prefix: str = PREFIX) -> Path:
    """Create the folder of this process in ``parent`` (default: the system's temporary folder).

    The folder is removed when the process ends. Folders of killed processes are removed before it is created. Raises
    the system's own errors.
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
    """Return the folder for rows that exceed the memory budget: ``TMPDIR``, or else /var/tmp, which is on disk."""
    on_disk = "TMPDIR" not in os.environ and os.access("/var/tmp", os.W_OK)
    return "/var/tmp" if on_disk else tempfile.gettempdir()


def clear_scratch(place: Path, prefix: str = PREFIX) -> None:
    """Remove this user's folders whose processes have ended; nothing else is removed, and no link is followed."""
    if sys.platform == "win32":  # on Windows, folders of living and ended processes cannot be told apart
        return
    with suppress(OSError):
        for entry in os.scandir(place):
            if entry.name.startswith(prefix) and entry.is_dir(follow_symlinks=False) and _is_left(Path(entry.path)):
                shutil.rmtree(entry.path, ignore_errors=True)


def _remove(folder: Path, process: int) -> None:
    """Remove the folder if the current process is the one that made it; a forked child does not remove it."""
    if os.getpid() == process:
        shutil.rmtree(folder, ignore_errors=True)


def _hold(folder: Path) -> None:
    """Lock the owner file for the life of this process, and only then give the file its name."""
    if sys.platform == "win32":
        return
    import fcntl

    part = folder / f"{OWNER}.part"
    handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.rename(part, folder / OWNER)
    _HELD.append(handle)


_HELD: list[int] = []
"""Descriptors of files that stay open, and therefore locked, until the process ends."""


def _is_left(folder: Path) -> bool:
    """Return whether a folder belongs to this user and its process has ended, so that the owner file is not locked."""
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        handle = os.open(folder / OWNER, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.getuid() or folder.stat().st_uid != os.getuid():
            return False
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # a process holds it, or the file system has no locks
        return False
    finally:
        os.close(handle)
    return True
