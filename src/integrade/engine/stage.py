"""Where files stand that the workers of a Spark session read and write: a stated place, or the disk of this machine.

``INTEGRADE_STAGE`` states it: a folder that all machines see under one name, or a prefix of a store
(``s3://bucket/prefix``, ``gs://``, ``abfss://``, ``hdfs://``). Each process has a folder of its own there, which goes
with the process. What a killed process left in a folder, a later one of the same machine removes; what is left in a
store, which has no locks, is said. Where nothing is stated and Spark runs on this machine, its own disk is the place.
"""

from __future__ import annotations

import atexit
import ipaddress
import logging
import os
import platform
import re
import shutil
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache, partial
from pathlib import Path
from threading import RLock
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import uuid4
from weakref import WeakKeyDictionary

from integrade.engine import doors
from integrade.engine.scratch import scratch_folder, spill_place
from integrade.engine.sessions import first_line, lost
from integrade.engine.stopping import do_when_stopped
from integrade.engine.system import coded, refusal_of
from integrade.errors import NotShared, Unreachable, UsageError
from integrade.wording.escaping import without_secrets
from integrade.wording.texts import say

STATED = "INTEGRADE_STAGE"
PREFIX = "integrade.engine.stage-"
"""What the folder of a process begins with; the name of its machine follows."""
STORES = {"s3": "s3", "s3a": "s3", "gs": "gs", "abfs": "abfs", "abfss": "abfss", "hdfs": "hdfs"}
"""Schemes of addresses that Spark knows, and what PyArrow calls them."""
AZURE_ACCOUNT = ("AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT")
AZURE_KEY = ("AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_ACCESS_KEY")
NOT_THERE = ("PATH_NOT_FOUND", "Path does not exist", "FileNotFoundException", "No such file")
"""What Spark says of a name behind which nothing is."""
PATTERN = "*?[]{}\\"
"""Signs of patterns of files."""
REMEDY = f"name a place that all its machines see: {STATED}=s3://bucket/prefix, or a shared folder"

log = logging.getLogger("integrade")
_PROBING = RLock()
_SEEN: WeakKeyDictionary[Any, dict[str, str]] = WeakKeyDictionary()


def stage_folder(session: Any) -> str | None:
    """The folder of this process that it and the workers of a session read and write, as Spark names it.

    In the place that ``INTEGRADE_STAGE`` states, else on the disk of this machine where the session runs here; None
    where it runs elsewhere and nothing is stated (`not_staged` is the error of that). The first call for a session
    lets a worker copy a file there. Raises `UsageError` for a stated place that is none, `Unreachable` for one that
    cannot be written, `NotShared` for one that the workers do not see.
    """
    if stated := _stated():
        place = _own_folder(stated)
        if why := _unseen(session, place):
            what = f"Spark's workers do not read and write {STATED}={without_secrets(stated)}: {why}"
            raise NotShared(what, remedy=REMEDY)
        return place
    return str(_local()) if is_here(session) else None


def is_here(session: Any) -> bool:
    """Whether a session reads and writes the disk of this machine.

    A classic one does under the master ``local`` and under a standalone master at a loopback address. One of Spark
    Connect does where its server has a loopback address, no master elsewhere, and a worker has copied a file of the
    temporary folder: behind a loopback address may be a tunnel.
    """
    if hasattr(session, "_jsparkSession"):  # a classic one, which runs Java in this process
        return _is_local(str(session.sparkContext.master))
    if not _is_loopback(str(session.client.host)):
        return False
    return _is_local(_master(session)) and not _unseen(session, str(_local()))


def for_spark(session: Any, files: Sequence[str]) -> list[str]:
    """Files as a session reads them: addresses as they are, paths of this machine absolute.

    Where the session runs elsewhere a file in the stated folder stays, and a temporary file of this process is copied
    to the stage. Raises `NotShared` for any other, and for a temporary one where no stage is stated.
    """
    local = {file: os.path.abspath(file) for file in files if not is_address(file)}
    if local:
        seen = partial(_plain, _local) if is_here(session) else partial(_elsewhere, session)
        local = {file: seen(path) for file, path in local.items()}
    return [local.get(file, file) for file in files]


def written_as(session: Any, folder: str) -> str:
    """A folder of this machine as the workers of a session write into it, under a name that is no pattern.

    Raises `NotShared` as `for_spark`.
    """
    path = os.path.abspath(folder)
    if is_here(session):
        return _plain(_local, path)
    if not _is_shared(path):
        raise _not_seen(path)
    return _plain(partial(stage_folder, session), path)


def readable_by_workers(path: str) -> None:
    """Give a file of the stage the rights of its folder, which workers of another user have; a store has none."""
    if not is_address(path):
        os.chmod(path, Path(path).parent.stat().st_mode & 0o666 | stat.S_IRUSR | stat.S_IWUSR)


def stage_below(place: str) -> str:
    """A new folder of this process in its stage, in which workers write files; a store makes it with the first."""
    folder = f"{place}/{uuid4().hex}"
    if not is_address(place):
        os.mkdir(folder)
        os.chmod(folder, Path(place).stat().st_mode & 0o7777)
    return folder


def is_address(text: str) -> bool:
    """Whether a name is an address with a scheme (``s3a://``, ``dbfs:/``), not a path of this machine.

    Example:
        >>> [is_address(name) for name in ("s3a://bucket/x.parquet", "dbfs:/x", "/data/x.parquet", "C:/data/x")]
        [True, True, False, False]
    """
    return re.match(r"[a-z][a-z0-9+.-]+://|dbfs:/", text, re.IGNORECASE) is not None


def not_staged(what: str) -> NotShared:
    """The error of rows or files that Spark's workers must read, where no place for them is stated."""
    return NotShared(f"{what} has to be written where Spark's workers read it, and no place is stated", remedy=REMEDY)


def discard(place: str) -> None:
    """Remove a file or folder of the stage, if it is there; what a worker of another user holds there stays."""
    with suppress(OSError):
        if is_address(place):
            system, path = store_of(place)
            (system.delete_file if system.get_file_info(path).is_file else system.delete_dir)(path)
        elif os.path.isdir(place):
            shutil.rmtree(place, ignore_errors=True)
        else:
            os.unlink(place)


def store_of(address: str) -> tuple[Any, str]:
    """A store and a path in it, as PyArrow opens them. Raises what PyArrow raises, `ValueError` for an unnamed account.

    The credentials are those of the environment; names of objects are taken as they are written.
    """
    from pyarrow import fs

    scheme, _, rest = address.partition("://")
    server, _, name = rest.partition("/")
    if scheme.lower() == "az":
        system, root = _azure(), server
    else:
        system, root = fs.FileSystem.from_uri(f"{STORES.get(scheme.lower(), scheme)}://{server}")
    return system, f"{root.rstrip('/')}/{name}" if name else root


def _azure() -> Any:
    """The store of the account that the environment names, as Polars names it."""
    from pyarrow import fs

    account = next((os.environ[name] for name in AZURE_ACCOUNT if name in os.environ), "")
    if not account:
        raise ValueError(f"{AZURE_ACCOUNT[0]} is not set")
    key = next((os.environ[name] for name in AZURE_KEY if name in os.environ), None)
    return fs.AzureFileSystem(account, account_key=key)


def _stated() -> str:
    """The place that the environment states; a ``file:`` address is the path that it names. Empty where none is."""
    stated = os.environ.get(STATED, "").strip()
    return unquote(urlsplit(stated).path) if re.match("file:/", stated, re.IGNORECASE) else stated


def _is_pattern(path: str) -> bool:
    return any(sign in path for sign in PATTERN)


def _plain(folder: Callable[[], object], path: str) -> str:
    """A file under a name that is no pattern to Spark: a link to it in a folder where its own is one."""
    if not _is_pattern(path):
        return path
    link = f"{folder()}/{uuid4().hex}{Path(path).suffix}"
    os.symlink(path, link)
    return link


def _elsewhere(session: Any, path: str) -> str:
    """A file of this machine as the workers of another one read it."""
    if _is_shared(path):
        return _plain(partial(stage_folder, session), path)
    if not any(Path(path).is_relative_to(ours) for ours in (scratch_folder(), _local())):
        raise _not_seen(path)
    place = stage_folder(session)
    if place is None:
        raise not_staged(Path(path).name)
    copy = f"{place}/{uuid4().hex}{Path(path).suffix}"
    with _told(copy):
        if is_address(place):
            system, there = store_of(copy)
            with doors.open_bytes(Path(path)) as source, system.open_output_stream(there) as target:
                shutil.copyfileobj(source, target, 1 << 22)
        else:
            shutil.copyfile(path, copy)
            readable_by_workers(copy)
    return copy


def _is_shared(path: str) -> bool:
    """Whether a path is in the folder that the environment states, which all machines see."""
    stated = _stated()
    return bool(stated) and not is_address(stated) and Path(path).is_relative_to(_absolute(stated))


def _not_seen(path: str) -> NotShared:
    what = f"Spark runs on other machines, which do not see {path}"
    remedy = f"put it on a store that they read and name it by that address ({', '.join(STORES)}), or into the shared "
    return NotShared(what, where=path, remedy=f"{remedy}folder that {STATED} names")


def _local() -> Path:
    """The folder of this process on a disk of this machine."""
    return scratch_folder(spill_place())


def _absolute(stated: str) -> Path:
    return Path(os.path.abspath(Path(stated).expanduser()))


@cache
def _own_folder(stated: str) -> str:
    """The folder of this process in the stated place."""
    if is_address(stated):
        scheme = stated.partition("://")[0].lower()
        if scheme not in STORES or "://" not in stated:
            what = f"{STATED}={without_secrets(stated)} is no place that this program can write"
            raise UsageError(what, remedy=f"name a folder that all machines see, or an address of {', '.join(STORES)}")
        return _own_prefix(stated.rstrip("/"))
    place = _absolute(stated)
    if _is_pattern(str(place)):
        what = f"{STATED} names {place}, which Spark takes for a pattern"
        raise UsageError(what, remedy=f"name another one, without {' '.join(PATTERN)}")
    if not place.is_dir():
        raise UsageError(f"{STATED} names {place}, which is no folder", remedy="make it, or name another one")
    with coded(place):
        folder = scratch_folder(str(place), f"{PREFIX}{_machine()}-")
        mode = place.stat().st_mode
        folder.chmod(mode & 0o2777 & ~(stat.S_IWOTH if mode & stat.S_ISVTX else 0) | stat.S_IRWXU)
    return str(folder)


def _own_prefix(stated: str) -> str:
    """The folder of this process under a prefix of a store, where a first file is written."""
    from pyarrow import fs

    place = f"{stated}/{PREFIX}{_machine()}-{uuid4().hex[:12]}"
    with _told(stated):
        system, path = store_of(stated)
        found = system.get_file_info(fs.FileSelector(path, allow_not_found=True))
        left = [one.base_name for one in found if one.base_name.startswith(PREFIX)]
        _write(f"{place}/owner.txt", _machine())
    if left:
        log.info(say("sources.stage-left", n=len(left), place=without_secrets(stated), example=sorted(left)[0]))
    atexit.register(_discard_own, place, os.getpid())
    do_when_stopped(partial(discard, place))
    return place


def _discard_own(place: str, process: int) -> None:
    """At the end of the process that made it: a child that was forked leaves it alone."""
    if os.getpid() == process:
        discard(place)


def _machine() -> str:
    """The name of this machine, as part of the name of a file."""
    return re.sub(r"[^a-z0-9]+", "", platform.node().lower())[:40] or "machine"


def _write(place: str, text: str) -> None:
    if not is_address(place):
        Path(place).write_text(text, encoding="utf-8")
        readable_by_workers(place)
        return
    system, path = store_of(place)
    system.create_dir(path.rpartition("/")[0])
    with system.open_output_stream(path) as out:
        out.write(text.encode())


@contextmanager
def _told(place: str) -> Iterator[None]:
    """What a store refuses is raised as `Unreachable`, what the system refuses as `SystemRefusal`."""
    try:
        yield
    except (OSError, ValueError, ImportError) as problem:
        if not is_address(place) and (refused := refusal_of(problem, place)):
            raise refused from None
        what = f"{without_secrets(place)} cannot be written: {first_line(problem)}"
        raise Unreachable(what, remedy=f"check {STATED}, the network and the credentials in the environment") from None


def _unseen(session: Any, place: str) -> str:
    """Why a worker of a session cannot copy a file of a place there; empty where it can. Asked once."""
    with _PROBING:
        known = _SEEN.setdefault(session, {})
        if place not in known:
            known[place] = _copied(session, place)
        return known[place]


def _copied(session: Any, place: str) -> str:
    probe = f"{place}/probe-{uuid4().hex[:12]}"
    with _told(place):
        _write(f"{probe}.txt", "integrade")
    try:
        session.read.text(f"{probe}.txt").write.text(probe)
    except Exception as problem:  # each kind of session has its own errors
        if told := lost(problem):
            raise told from None
        return first_line(problem)
    else:
        return "" if _is_there(probe) else "what a worker writes there does not arrive here"
    finally:
        discard(f"{probe}.txt")
        discard(probe)


def _is_there(place: str) -> bool:
    if not is_address(place):
        return Path(place).exists()
    system, path = store_of(place)
    return bool(system.get_file_info(path).type)


def _master(session: Any) -> str:
    """The master behind a server of Spark Connect; empty where it says none, as Sail does."""
    try:
        return str(session.conf.get("spark.master", None) or "")
    except Exception as problem:  # each server refuses the question in its own way
        if told := lost(problem):
            raise told from None
        return ""


def _is_local(master: str) -> bool:
    """Whether a master runs its workers on this machine.

    Example:
        >>> [_is_local(m) for m in ("local[*]", "spark://127.0.0.1:7077", "", "yarn", "spark://10.0.0.5:7077")]
        [True, True, True, False, False]
    """
    return not master or master.startswith("local") or _is_loopback(urlsplit(master).hostname or "")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    with suppress(ValueError):
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    return False
