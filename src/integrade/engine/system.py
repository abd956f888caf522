"""Translate refusals of the operating system into `IntegradeError`s, for all files and all libraries."""

from __future__ import annotations

import errno
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from integrade.engine.sessions import explained
from integrade.errors import IntegradeError, OutOfMemory, SystemRefusal
from rawcells.scratch import spill_place

REFUSALS: Mapping[str, tuple[str, str]] = {
    "ENOSPC": ("no space is left for {path}", "free space on that disk, or name a place on another one"),
    "EDQUOT": ("your quota has no space left for {path}", "free space, or name a place on another disk"),
    "EROFS": ("{path} is on a read-only file system", "give a folder in which you may write"),
    "EACCES": ("no permission for {path}", "ask the owner for access, or give another path"),
    "EPERM": ("no permission for {path}", "ask the owner for access, or give another path"),
    "EISDIR": ("{path} is a folder, and a file is needed", "name a file"),
    "ENOTDIR": ("a part of {path} is a file, and a folder is needed", "name a folder, or move the file away"),
    "EEXIST": (
        "{path}, or one of its folders, exists already and is of another kind",
        "move it away, or give the result another name",
    ),
    "ENOTEMPTY": ("the folder {path} is not empty", "move it away, or give the result another name"),
    "ENOENT": ("{path} does not exist", "create its folder first, or name an existing one"),
    "EMFILE": ("too many files are open at once", "raise the limit (ulimit -n 4096), or read fewer files in one call"),
    "ENFILE": ("too many files are open on this machine", "close other programs"),
    "ENAMETOOLONG": ("a name is too long for the file system: {path}", "give it a shorter name"),
    "ELOOP": ("the symbolic links of {path} lead in a circle", "give the path of the real file"),
    "EIO": ("the disk of {path} fails", "copy the file from another disk, and check this one"),
    "EFBIG": ("{path} would be larger than this file system allows", "name a place on another disk"),
    "EBUSY": ("{path} is in use by another program", "close that program"),
    "ETXTBSY": ("{path} is in use by another program", "close that program"),
    "EBADF": ("{path} is closed", "keep it open, or write to a file"),
    "EAGAIN": (
        "the machine cannot start another process or thread",
        "raise the limit (ulimit -u), or end other programs",
    ),
}
"""For each symbol of a refusal, the message and the remedy; any other refusal has the system's own message."""
_FULL = ("ENOSPC", "EDQUOT", "EFBIG")
_NUMBER = re.compile(r'os error (\d+)|"errno":"(\d+)"')
_IN_WORDS = {
    "No space left on device": "ENOSPC",
    "Permission denied": "EACCES",
    "Read-only file system": "EROFS",
    "Too many open files": "EMFILE",
    "File name too long": "ENAMETOOLONG",
    "can't start new thread": "EAGAIN",
    "Symlink loop from": "ELOOP",  # pathlib, when it resolves a path
    "Unable to write data": "ENOSPC",  # pyreadstat, on a full disk
}
_NO_SPILL = ("failed to offload data block", "max_temp_directory_size")
"""Messages of DuckDB that mention memory, but mean that the disk of its spill folder is full."""
_LOOP = re.compile(r"Symlink loop from '(.*)'")
_WRITTEN = re.compile(r"[\"'](/[^\"']+)[\"']")
_NOT_LOADED = ("failed to map segment", "cannot allocate memory", "Cannot allocate memory")
"""Messages of the loader when the address space has no room for a library."""
_NO_MEMORY = ("bad_alloc", "Out of Memory", "OutOfMemory", "failed to allocate", "could not allocate")
_LONGEST = 160  # characters of a path in a message; a convention


def refusal_of(
    problem: BaseException, path: str | Path | None = None, *, temporary: bool = False
) -> IntegradeError | None:
    """Return the `IntegradeError` for a refusal of the system or of Spark; None for any other exception.

    Libraries in other languages report refusals only as text (``os error 28``, ``No space left on device``).
    ``path`` is the file that the user named. The error names it if the exception names a temporary file or no file.
    ``temporary``: the block writes temporary files only, so a full disk without a name is theirs.
    """
    if isinstance(problem, IntegradeError):
        return None
    if error := explained(problem):
        return error
    problem = next(
        (argument for argument in problem.args if isinstance(argument, OSError)), problem
    )  # wrapped, as by xlsxwriter
    if any(words in str(problem) for words in _NO_SPILL):
        return _full("ENOSPC", spill_place(), "rows beyond the memory budget")
    if isinstance(problem, MemoryError) or _lacks_memory(problem):
        return used_up(_first(problem))
    name = _name(problem)
    if not name and not (isinstance(problem, OSError) and problem.errno):
        return None
    named = path or (problem.filename2 or problem.filename if isinstance(problem, OSError) else None)
    if named is None and name in _FULL and (temporary or not isinstance(problem, OSError)):
        written = _WRITTEN.search(str(problem))
        return _full(name, written[1] if written else tempfile.gettempdir(), "temporary files")
    if named is None and (looped := _LOOP.search(str(problem))):
        named = looped[1]
    shown = _shown(named)
    words = problem.strerror if isinstance(problem, OSError) else None
    default = (f"the system refuses {{path}}: {words or _first(problem)}", "name another place")
    what, remedy = REFUSALS.get(name, default)
    return SystemRefusal(what.replace("{path}", shown), where="" if named is None else str(named)[:1024], remedy=remedy)


def _full(name: str, path: str, what: str) -> SystemRefusal:
    """Return the error for a folder of temporary files whose disk or quota is full."""
    message = REFUSALS[name][0].replace("{path}", f"{what} in {_shown(path)}")
    free = "" if name == "EFBIG" else "free space on that disk, or "
    remedy = f"{free}name a folder on another disk in the environment variable TMPDIR"
    return SystemRefusal(message, where=path, remedy=remedy)


def used_up(said: str = "") -> OutOfMemory:
    """Return the error for a job without memory left; ``said``: the engine's own message."""
    remedy = (
        "close other programs or give the job more memory; INTEGRADE_MEMORY sets the size above which rows are written "
        "to disk"
    )
    return OutOfMemory("this job has used all the memory that it may use", example=said, remedy=remedy)


@contextmanager
def coded(path: str | Path | None = None) -> Iterator[None]:
    """Raise refusals of the system within the block as `SystemRefusal` or `OutOfMemory`, naming ``path``."""
    try:
        yield
    except BrokenPipeError:
        raise
    except SystemRefusal as refusal:  # it may name a temporary file
        refusal.where = str(path or refusal.where)
        raise
    except Exception as problem:
        refused = refusal_of(problem, path)
        if refused is None:
            raise
        raise refused from None


def is_file(path: Path) -> bool:
    """Return whether a file exists at a path; False for a name that is too long for the file system."""
    try:
        return path.is_file()
    except OSError as problem:
        if problem.errno != errno.ENAMETOOLONG:
            raise
        return False


def _name(problem: BaseException) -> str:
    """Return the symbol of a refusal, from its number or its words; empty if it has neither."""
    if isinstance(problem, OSError) and problem.errno:
        return errno.errorcode.get(problem.errno, "")
    message = str(problem)
    match = _NUMBER.search(message)
    if match:
        return errno.errorcode.get(int(match[1] or match[2]), "")
    return next((name for words, name in _IN_WORDS.items() if words in message), "")


def _lacks_memory(problem: BaseException) -> bool:
    """Return whether memory ran out, by the error number or the message of an engine.

    Words in the name of a file do not count.
    """
    if isinstance(problem, OSError):
        return problem.errno == errno.ENOMEM
    message, kind = str(problem), type(problem)
    if isinstance(problem, ImportError):
        return any(words in message for words in _NOT_LOADED)
    if kind.__name__ == "OutOfMemoryException":
        return True
    ours = kind.__module__.partition(".")[0] in ("builtins", "polars", "duckdb", "_duckdb", "pyarrow", "numpy")
    return ours and any(words in message for words in _NO_MEMORY)


def _first(problem: BaseException) -> str:
    return (str(problem).strip().splitlines() or [""])[0][:200]


def _shown(path: object) -> str:
    """Shorten a path for a message: a long path keeps its start and end. Without a path, the text is "a file"."""
    if path is None:
        return "a file"
    text = os.fsdecode(path) if isinstance(path, str | bytes | os.PathLike) else str(path)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]}...{text[-_LONGEST // 2 :]}"
