"""Find the stage: the folder or store prefix for files that this process exchanges with workers of a Spark session.

``INTEGRADE_STAGE`` states the stage: a folder that all machines see under the same name, or a prefix in an object store
(``s3://bucket/prefix``, ``gs://``, ``abfss://``, ``hdfs://``). Each process has its own folder in the stage and removes
it at its end. A killed process leaves its folder behind. In a shared folder, a later process on the same machine
removes such a remnant. In a store, which has no locks, remnants are only reported. If no stage is stated and Spark runs
on this machine, the stage is on this machine's disk.
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

from integrade.engine.sessions import first_line, lost
from integrade.engine.system import coded, refusal_of
from integrade.errors import NotShared, Unreachable, UsageError
from plainwords.escaping import without_secrets
from plainwords.texts import say
from rawcells import doors
from rawcells.scratch import scratch_folder, spill_place
from rawcells.stopping import do_when_stopped

STATED = "INTEGRADE_STAGE"
PREFIX = "integrade.engine.stage-"
"""Start of the name of a process's folder; the name of the machine follows."""
STORES = {"s3": "s3", "s3a": "s3", "gs": "gs", "abfs": "abfs", "abfss": "abfss", "hdfs": "hdfs"}
"""URL schemes that Spark knows, with their names in PyArrow."""
TABLE = "table:"
"""Beginning of the address of a table in a catalogue of Spark (``table:catalog.schema.table``)."""
AZURE_ACCOUNT = ("AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT")
AZURE_KEY = ("AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_ACCESS_KEY")
AWS_SERVER = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
NOT_THERE = ("PATH_NOT_FOUND", "Path does not exist", "FileNotFoundException", "No such file")
"""Messages of Spark about a path that does not exist."""
PATTERN = "*?[]{}\\"
"""Characters that Spark reads as parts of file patterns."""
REMEDY = f"name a folder or store that all its machines can read: {STATED}=s3://bucket/prefix, or a shared folder"

log = logging.getLogger("integrade")
_PROBING, _DISCARDING = RLock(), RLock()
_SEEN: WeakKeyDictionary[Any, dict[str, str]] = WeakKeyDictionary()


def stage_folder(session: Any) -> str | None:
    """Return the folder that this process and the workers of a session can read and write, as Spark names it.

    The folder is in the stage that ``INTEGRADE_STAGE`` states. Without that variable, the folder is on this machine's
    disk if the session runs on this machine. Otherwise the result is None, and `not_staged` is the error. The first
    call for a session tests the stage: a worker must copy a file in it. Raises `UsageError` for an unusable stated
    stage, `Unreachable` for a stage that cannot be written, `NotShared` for a stage that the workers do not see.
    """
    if stated := _stated():
        place = _own_folder(stated)
        if why := _unseen(session, place):
            what = f"Spark's workers do not read and write {STATED}={without_secrets(stated)}: {why}"
            raise NotShared(what, remedy=REMEDY)
        return place
    return str(_local()) if is_here(session) else None


def is_here(session: Any) -> bool:
    """Return whether a session reads and writes the disk of this machine.

    A classic session uses this disk if its master is ``local``, or a standalone master at a loopback address. A Spark
    Connect session uses it if three conditions hold: the server has a loopback address, its master is not elsewhere,
    and a worker has copied a file of the temporary folder. The copy is needed because a loopback address may belong to
    a tunnel.
    """
    if hasattr(session, "_jsparkSession"):  # a classic session, which runs Java in this process
        return _is_local(str(session.sparkContext.master))
    if not _is_loopback(str(session.client.host)):
        return False
    return _is_local(_master(session)) and not _unseen(session, str(_local()))


def for_spark(session: Any, files: Sequence[str]) -> list[str]:
    """Return the names by which a session can read files: addresses are unchanged, and local paths become absolute.

    If the session runs on other machines, a file in the stated folder is used where it is. A temporary file of this
    process is copied to the stage. Raises `NotShared` for any other file, and for a temporary file if no stage is
    stated.
    """
    local = {file: os.path.abspath(file) for file in files if not is_address(file)}
    if local:
        seen = partial(_plain, _local) if is_here(session) else partial(_elsewhere, session)
        local = {file: seen(path) for file, path in local.items()}
    return [local.get(file, file) for file in files]


def written_as(session: Any, folder: str) -> str:
    """Return a path without pattern characters by which a session's workers write into a local folder.

    Raises `NotShared` if the workers cannot see the folder (`for_spark`).
    """
    path = os.path.abspath(folder)
    if is_here(session):
        return _plain(_local, path)
    if not _is_shared(path):
        raise _not_seen(path)
    return _plain(partial(stage_folder, session), path)


def readable_by_workers(path: str) -> None:
    """Give a file of the stage the access rights of its folder, so that workers of another user can read it.

    In an object store nothing is done.
    """
    if not is_address(path):
        os.chmod(path, Path(path).parent.stat().st_mode & 0o666 | stat.S_IRUSR | stat.S_IWUSR)


def stage_below(place: str) -> str:
    """Create a new folder in the stage into which workers write; in a store it appears with its first file."""
    folder = f"{place}/{uuid4().hex}"
    if not is_address(place):
        os.mkdir(folder)
        os.chmod(folder, Path(place).stat().st_mode & 0o7777)
    return folder


def is_address(text: str) -> bool:
    """Return whether a name is an address with a scheme (``s3a://``, ``dbfs:/``, ``table:``) instead of a local path.

    Example:
        >>> [is_address(name) for name in ("s3a://bucket/x.parquet", "dbfs:/x", "/data/x.parquet", "C:/data/x")]
        [True, True, False, False]
    """
    return re.match(rf"[a-z][a-z0-9+.-]+://|dbfs:/|{TABLE}", text, re.IGNORECASE) is not None


def table_at(address: str) -> str:
    """Return the table of Spark's catalogue that an address names; empty for any other name.

    Example:
        >>> [table_at(name) for name in ("table:main.trade.customs", "s3://bucket/customs/")]
        ['main.trade.customs', '']
    """
    return address[len(TABLE) :].strip() if address[: len(TABLE)].lower() == TABLE else ""


def not_staged(what: str) -> NotShared:
    """Return the error for rows or files that Spark's workers must read although no shared stage is stated."""
    return NotShared(
        f"{what} must be written to a folder that Spark's workers can read, and no folder is given", remedy=REMEDY
    )


def discard(place: str) -> None:
    """Remove a file or folder of the stage if it exists; files owned by a worker of another user stay."""
    with suppress(OSError):
        if is_address(place):
            _discard_in_store(*store_of(place))
        elif os.path.isdir(place):
            shutil.rmtree(place, ignore_errors=True)
        else:
            os.unlink(place)


def _discard_in_store(system: Any, path: str) -> None:
    """Remove an object, or all objects below a prefix, if there are any.

    PyArrow writes an empty object for the folder above a removed one, if no other object is there. A removal of what is
    not there is therefore skipped, and one removal runs at a time, so that none writes this object into a folder that
    another has removed.
    """
    from pyarrow import fs

    if isinstance(system, fs.S3FileSystem):
        server = next((os.environ[name] for name in AWS_SERVER if os.environ.get(name)), None)
        checks: Any = {"check_directory_existence_before_creation": True}
        system = fs.S3FileSystem(region=system.region, endpoint_override=server, **checks)
    with _DISCARDING:
        kind = system.get_file_info(path).type
        if kind == fs.FileType.File:
            system.delete_file(path)
        elif kind == fs.FileType.Directory:
            system.delete_dir(path)


def store_of(address: str) -> tuple[Any, str]:
    """Open the object store of an address with PyArrow; also return the path within the store.

    Credentials come from the environment. Object names are used as written, without decoding. Raises PyArrow's own
    errors, and `ValueError` if no Azure account is named.
    """
    from pyarrow import fs

    scheme, _, location = address.partition("://")
    server, _, name = location.partition("/")
    if scheme.lower() == "az":
        system, root = _azure(), server
    else:
        system, root = fs.FileSystem.from_uri(f"{STORES.get(scheme.lower(), scheme)}://{server}")
    return system, f"{root.rstrip('/')}/{name}" if name else root


def _azure() -> Any:
    """Open the Azure store of the account that the environment names, in the same variables that Polars reads."""
    from pyarrow import fs

    account = next((os.environ[name] for name in AZURE_ACCOUNT if name in os.environ), "")
    if not account:
        raise ValueError(f"{AZURE_ACCOUNT[0]} is not set")
    key = next((os.environ[name] for name in AZURE_KEY if name in os.environ), None)
    return fs.AzureFileSystem(account, account_key=key)


def _stated() -> str:
    """Return the stage that the environment states, empty if none is stated.

    A ``file:`` address is returned as a path.
    """
    stated = os.environ.get(STATED, "").strip()
    return unquote(urlsplit(stated).path) if re.match("file:/", stated, re.IGNORECASE) else stated


def _is_pattern(path: str) -> bool:
    return any(sign in path for sign in PATTERN)


def _plain(folder: Callable[[], object], path: str) -> str:
    """Return a path without pattern characters of Spark; a path that has some is reached by a link in ``folder``."""
    if not _is_pattern(path):
        return path
    link = f"{folder()}/{uuid4().hex}{Path(path).suffix}"
    os.symlink(path, link)
    return link


def _elsewhere(session: Any, path: str) -> str:
    """Return the path of a local file for workers on another machine; a temporary file is first copied to the stage."""
    if _is_shared(path):
        return _plain(partial(stage_folder, session), path)
    if not any(Path(path).is_relative_to(ours) for ours in (scratch_folder(), _local())):
        raise _not_seen(path)
    place = stage_folder(session)
    if place is None:
        raise not_staged(Path(path).name)
    copy = f"{place}/{uuid4().hex}{Path(path).suffix}"
    with _refusals_coded(copy):
        if is_address(place):
            system, there = store_of(copy)
            with doors.open_bytes(Path(path)) as source, system.open_output_stream(there) as target:
                shutil.copyfileobj(source, target, 1 << 22)
        else:
            shutil.copyfile(path, copy)
            readable_by_workers(copy)
    return copy


def _is_shared(path: str) -> bool:
    """Return whether a path is in the stated stage folder, which all machines see."""
    stated = _stated()
    return bool(stated) and not is_address(stated) and Path(path).is_relative_to(_absolute(stated))


def _not_seen(path: str) -> NotShared:
    what = f"Spark runs on other machines, which do not see {path}"
    remedy = f"put it on a store that they read and name it by that address ({', '.join(STORES)}), or into the shared "
    return NotShared(what, where=path, remedy=f"{remedy}folder that {STATED} names")


def _local() -> Path:
    """Return the folder of this process on a disk of this machine."""
    return scratch_folder(spill_place())


def _absolute(stated: str) -> Path:
    return Path(os.path.abspath(Path(stated).expanduser()))


@cache
def _own_folder(stated: str) -> str:
    """Create the folder of this process in the stated stage."""
    if is_address(stated):
        scheme = stated.partition("://")[0].lower()
        if scheme not in STORES or "://" not in stated:
            what = f"{STATED}={without_secrets(stated)} is not a folder or store that integrade can write to"
            raise UsageError(what, remedy=f"name a folder that all machines see, or an address of {', '.join(STORES)}")
        return _own_prefix(stated.rstrip("/"))
    place = _absolute(stated)
    if _is_pattern(str(place)):
        what = f"{STATED} names {place}, which Spark reads as a pattern"
        raise UsageError(what, remedy=f"name another one, without {' '.join(PATTERN)}")
    if not place.is_dir():
        raise UsageError(f"{STATED} names {place}, which is not a folder", remedy="create it, or name another one")
    with coded(place):
        folder = scratch_folder(str(place), f"{PREFIX}{_machine()}-")
        mode = place.stat().st_mode
        folder.chmod(mode & 0o2777 & ~(stat.S_IWOTH if mode & stat.S_ISVTX else 0) | stat.S_IRWXU)
    return str(folder)


def _own_prefix(stated: str) -> str:
    """Create the folder of this process under a prefix of a store by writing a first file."""
    from pyarrow import fs

    place = f"{stated}/{PREFIX}{_machine()}-{uuid4().hex[:12]}"
    with _refusals_coded(stated):
        system, path = store_of(stated)
        new = _new_folders(system, path)
        infos = system.get_file_info(fs.FileSelector(path, allow_not_found=True))
        left = [info.base_name for info in infos if info.base_name.startswith(PREFIX)]
        _write(f"{place}/owner.txt", _machine())
    if left:
        log.info(say("sources.stage-left", n=len(left), place=without_secrets(stated), example=sorted(left)[0]))
    atexit.register(_discard_own, place, new, os.getpid())
    do_when_stopped(partial(_discard_all, place, new))
    return place


def _new_folders(system: Any, path: str) -> list[str]:
    """Return the folders of a path within a bucket that do not exist yet, the deepest first."""
    from pyarrow import fs

    parts = path.split("/")
    folders = ["/".join(parts[:n]) for n in range(len(parts), 1, -1)]
    return [info.path for info in system.get_file_info(folders) if info.type == fs.FileType.NotFound]


def _discard_own(place: str, new: Sequence[str], process: int) -> None:
    """Remove the folder if this process made it; a forked child leaves it."""
    if os.getpid() == process:
        _discard_all(place, new)


def _discard_all(place: str, new: Sequence[str]) -> None:
    """Remove the folder of a process in a store, and the ``new`` folders above it in which no file is left.

    PyArrow leaves an empty object for each of them. A folder that existed before stays, with its own empty object.
    """
    from pyarrow import fs

    discard(place)
    with suppress(OSError):
        system, _ = store_of(place)
        for folder in new:
            below = system.get_file_info(fs.FileSelector(folder, recursive=True, allow_not_found=True))
            if any(info.is_file for info in below):
                return
            _discard_in_store(system, folder)


def _machine() -> str:
    """Return the name of this machine in a form that fits into a file name."""
    return re.sub(r"[^a-z0-9]+", "", platform.node().lower())[:40] or "machine"


def _write(place: str, text: str) -> None:
    if not is_address(place):
        Path(place).write_text(text, encoding="utf-8")
        readable_by_workers(place)
        return
    system, path = store_of(place)
    with system.open_output_stream(path) as out:
        out.write(text.encode())


@contextmanager
def _refusals_coded(place: str) -> Iterator[None]:
    """Turn refusals of a store into `Unreachable`, and refusals of the operating system into `SystemRefusal`."""
    try:
        yield
    except (OSError, ValueError, ImportError) as problem:
        if not is_address(place) and (refused := refusal_of(problem, place)):
            raise refused from None
        what = f"{without_secrets(place)} cannot be written: {first_line(problem)}"
        raise Unreachable(what, remedy=f"check {STATED}, the network and the credentials in the environment") from None


def _unseen(session: Any, place: str) -> str:
    """Return why a session's worker cannot copy a file in the stage; empty if it can.

    The test runs once per session and folder.
    """
    with _PROBING:
        known = _SEEN.setdefault(session, {})
        if place not in known:
            known[place] = _copied(session, place)
        return known[place]


def _copied(session: Any, place: str) -> str:
    probe = f"{place}/probe-{uuid4().hex[:12]}"
    with _refusals_coded(place):
        _write(f"{probe}.txt", "integrade")
    try:
        session.read.text(f"{probe}.txt").write.text(probe)
    except Exception as problem:  # error types differ between kinds of sessions
        if error := lost(problem):
            raise error from None
        return first_line(problem)
    else:
        return "" if _is_there(probe) else "files that a worker writes there are not visible here"
    finally:
        discard(f"{probe}.txt")
        discard(probe)


def _is_there(place: str) -> bool:
    if not is_address(place):
        return Path(place).exists()
    system, path = store_of(place)
    return bool(system.get_file_info(path).type)


def _master(session: Any) -> str:
    """Return the master behind a Spark Connect server; empty if the server does not state one (Sail)."""
    try:
        return str(session.conf.get("spark.master", None) or "")
    except Exception as problem:  # error types differ between servers
        if error := lost(problem):
            raise error from None
        return ""


def _is_local(master: str) -> bool:
    """Return whether a master runs its workers on this machine.

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
