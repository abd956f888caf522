"""Open files by name safely; no other module opens files.

A name can belong to a pipe, a socket or a device, whose opening or reading may never end. Every file is therefore
checked as it is opened, without waiting, and only regular files are accepted. If a library opens a file by its name,
`regular` checks the name first. For missing files and for folders, the system's own errors are raised.
`tests/ground/test_doors.py` finds code that opens files elsewhere.
"""

from __future__ import annotations

import errno
import os
import stat
from io import BufferedRandom, BufferedReader, TextIOWrapper
from pathlib import Path
from typing import TypeVar

from rawcells.errors import NotAFile

MOST = 1 << 30
"""The largest size in bytes of a file that is read as one text or one piece; a convention that bounds memory."""
PIECE = 1 << 20
"""Bytes per read; a convention."""
AnyPath = TypeVar("AnyPath", str, Path)
KINDS = {stat.S_IFIFO: "a named pipe", stat.S_IFSOCK: "a socket", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device"}


def regular(path: AnyPath) -> AnyPath:
    """Return a path that a library may open. Raises `NotAFile` for a pipe, a socket, a device or a circle of links."""
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
    """Return whether a regular file is at the path.

    Raises `NotAFile` for pipes and devices, unlike ``Path.is_file``.
    """
    return regular(path).is_file()


def open_bytes(path: Path) -> BufferedReader:
    """Open a file to read bytes. Raises `NotAFile` and the system's own errors."""
    return open(path, "rb", opener=_opened)


def open_text(path: Path, encoding: str = "utf-8", newline: str | None = None) -> TextIOWrapper:
    """Open a file to read text. Raises `NotAFile` and the system's own errors."""
    return open(path, encoding=encoding, newline=newline, opener=_opened)


def change_bytes(path: Path) -> BufferedRandom:
    """Open an existing file to read and write. Raises `NotAFile` and the system's own errors."""
    return open(path, "r+b", opener=_opened)


def read_bytes(path: Path) -> bytes:
    """Read all bytes of a file. Raises `NotAFile` and the system's own errors."""
    content = bytearray()
    with open_bytes(path) as file:
        while len(content) <= MOST and (piece := file.read(PIECE)):  # `read(n)` allocates n bytes at once
            content += piece
    if len(content) > MOST:
        what = f"{os.fspath(path)} has more than {MOST >> 20:,} MB, the most that is read at once"
        raise NotAFile(what, where=os.fspath(path), remedy="split the file, or give a smaller one")
    return bytes(content)


def read_text(path: Path, encoding: str = "utf-8", errors: str = "strict") -> str:
    """Read a text file with line feeds as line ends. Raises the errors of `read_bytes`, and `UnicodeDecodeError`."""
    return read_bytes(path).decode(encoding, errors).replace("\r\n", "\n").replace("\r", "\n")


def _opened(path: str, flags: int) -> int:
    """Return a descriptor of a regular file, or of a folder, which the caller's ``open`` then refuses.

    The file is checked before and after it is opened. The first check finds sockets, which cannot be opened. The second
    finds a pipe that has replaced the file since the first check.
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
