"""Files opened by name: the one place where a name becomes an open file.

A name can be that of a pipe, a socket or a device, and opening one of these may wait for ever, or read without end. So
every file is looked at as it is opened, without waiting, and what is no regular file is refused. Where a library opens
a file by its name, `regular` looks at it first. Folders and files that are not there are left to the system's own
refusals, which `system` translates. `tests/ground/test_doors.py` finds what opens a file elsewhere.
"""

from __future__ import annotations

import errno
import os
import stat
from io import BufferedRandom, BufferedReader, TextIOWrapper
from pathlib import Path
from typing import TypeVar

from integrade.errors import NotAFile

MOST = 1 << 30
"""Bytes of a file that is read as one text or one piece."""
PIECE = 1 << 20
"""Bytes that are read at once."""
AnyPath = TypeVar("AnyPath", str, Path)
KINDS = {stat.S_IFIFO: "a named pipe", stat.S_IFSOCK: "a socket", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device"}


def regular(path: AnyPath) -> AnyPath:
    """The path itself, for a library that opens it; also where nothing is there. Raises `NotAFile`."""
    try:
        mode = os.stat(path).st_mode
    except ValueError:
        return path
    except OSError as problem:
        if problem.errno != errno.ELOOP:
            return path
        what = f"the symbolic links of {os.fspath(path)} lead in a circle"
        raise NotAFile(what, where=os.fspath(path), remedy="give the path of the real file") from None
    _check(path, mode)
    return path


def is_file(path: Path) -> bool:
    """Whether a regular file is there. Raises `NotAFile`, where ``Path.is_file`` says no as if nothing were there."""
    return regular(path).is_file()


def open_bytes(path: Path) -> BufferedReader:
    """A file to read bytes from. Raises `NotAFile` and other errors of the system."""
    return open(path, "rb", opener=_opened)


def open_text(path: Path, encoding: str = "utf-8", newline: str | None = None) -> TextIOWrapper:
    """A file to read text from. Raises `NotAFile` and other errors of the system."""
    return open(path, encoding=encoding, newline=newline, opener=_opened)


def change_bytes(path: Path) -> BufferedRandom:
    """A file that is there to read and to write. Raises `NotAFile` and other errors of the system."""
    return open(path, "r+b", opener=_opened)


def read_bytes(path: Path) -> bytes:
    """All bytes of a file. Raises `NotAFile` and other errors of the system."""
    content = bytearray()
    with open_bytes(path) as file:
        while len(content) <= MOST and (piece := file.read(PIECE)):  # `read(n)` takes n bytes of memory at once
            content += piece
    if len(content) > MOST:
        what = f"{os.fspath(path)} has more than {MOST >> 20:,} MB, the most that is read at once"
        raise NotAFile(what, where=os.fspath(path), remedy="split the file, or give a smaller one")
    return bytes(content)


def read_text(path: Path, encoding: str = "utf-8", errors: str = "strict") -> str:
    """The text of a file, each line ended by a line feed. Raises what `read_bytes` raises, and `UnicodeDecodeError`."""
    return read_bytes(path).decode(encoding, errors).replace("\r\n", "\n").replace("\r", "\n")


def _opened(path: str, flags: int) -> int:
    """A descriptor of a regular file, or of a folder, which the caller's ``open`` refuses.

    It is looked at twice: a socket cannot be opened to be looked at, and a file may become a pipe in between.
    """
    handle = os.open(regular(path), flags | getattr(os, "O_NONBLOCK", 0), 0o666)
    try:
        _check(path, os.fstat(handle).st_mode)
    except NotAFile:
        os.close(handle)
        raise
    return handle


def _check(path: str | os.PathLike[str], mode: int) -> None:
    kind = KINDS.get(stat.S_IFMT(mode))
    if kind is not None:
        what = f"{os.fspath(path)} is {kind}, and a file is needed"
        remedy = "save its output to a file, and give that file" if stat.S_ISFIFO(mode) else "give a regular file"
        raise NotAFile(what, where=os.fspath(path), remedy=remedy)
