"""Identify a file by its first bytes if they contradict its name, and name what can read or unpack it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile

from rawcells import doors
from rawcells.bytes import archives, formats
from rawcells.errors import Unreadable

FIRST = 512
"""Number of first bytes used to identify a kind; a tar archive has its mark at byte 257."""
PACKED = (".gz", ".bz2", ".xz", ".zst", ".zip", ".7z", ".rar", ".tar", ".tgz")


class Kind(NamedTuple):
    """Kind of file.

    ``says``: its name in messages. ``begins``: its first bytes. ``read_as``: suffixes under which it is read. ``do``:
    what the user can do; ``{file}`` and ``{new}`` are replaced by the names of the file and of the result.
    """

    says: str
    begins: re.Pattern[bytes]
    read_as: tuple[str, ...] = ()
    do: str = ""


def _kind(says: str, begins: bytes, read_as: Sequence[str] = (), do: str = "") -> Kind:
    return Kind(says, re.compile(begins, re.DOTALL), tuple(read_as), do)


_TABLE = "save its table as csv, .xlsx, .dta or .parquet in the program that made it"
GZIP = _kind("a file packed by gzip", rb"\x1f\x8b\x08", (), "unpack it: gzip -d < {file} > {new}")
ZIP = _kind("a zip archive", rb"PK\x03\x04|PK\x05\x06", (), "unpack it: unzip {file} and read its files")


def kind_of_mark(mark: formats.Mark) -> Kind:
    """Return the kind of the files with the first bytes of a format."""
    return _kind(mark.says, mark.begins, formats.read_as(mark))


OF_FORMATS = {mark: kind_of_mark(mark) for form in formats.FORMATS for mark in form.marks}
EXCEL = OF_FORMATS[formats.EXCEL]
KINDS = (
    GZIP,
    ZIP,
    _kind("a file packed by bzip2", rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)", (), "unpack it: bzip2 -d < {file} > {new}"),
    _kind("a file packed by xz", rb"\xfd7zXZ\0", (), "unpack it: xz -d < {file} > {new}"),
    _kind("a file packed by zstd", rb"\x28\xb5\x2f\xfd", (), "unpack it: zstd -d < {file} > {new}"),
    _kind("a 7z archive", rb"7z\xbc\xaf\x27\x1c", (), "unpack it: 7z x {file} and read its files"),
    _kind("a rar archive", rb"Rar!\x1a\x07", (), "unpack it: unrar x {file} and read its files"),
    _kind("a tar archive", rb".{257}ustar[\0 ]", (), "unpack it: tar -xf {file} and read its files"),
    *OF_FORMATS.values(),
    _kind("a SQLite database", rb"SQLite format 3\0", (".sqlite",)),
    _kind("a DuckDB database", rb".{8}DUCK.{4}\0", (".duckdb",)),
    _kind("a PDF", rb"%PDF-\d", (), "save its table as csv or .xlsx"),
    _kind("a picture", rb"\x89PNG\r\n|\xff\xd8\xff|GIF8[79]a", (), "write its table as csv or .xlsx"),
    _kind("an SPSS file", rb"\$FL[23]@\(#\)", (), _TABLE),
    _kind("a SAS file", rb"\0{12}\xc2\xea\x81\x60", (), _TABLE),
    _kind("an Arrow file", rb"ARROW1\0\0", (), _TABLE),
    _kind("an R file", rb"(?:RD[AX][23]\n)?[XAB]\n\0{3}[\x02\x03]", (), _TABLE),
    _kind("a pointer of Git LFS, not the file itself", rb"version https://git-lfs\.", (), "get it: git lfs pull"),
)


def kind_in(head: bytes) -> Kind | None:
    """Return the kind of file with these first bytes; None for text, and for unknown kinds."""
    return next((kind for kind in KINDS if kind.begins.match(head)), None)


def kind_at(path: Path) -> Kind | None:
    """Return the kind of a file; workbooks are distinguished from other zip archives.

    Raises the error of the system if it refuses to open the file.
    """
    with doors.open_bytes(path) as file:
        kind = kind_in(file.read(FIRST))
    return EXCEL if kind is ZIP and _is_office(path) else kind


def _is_office(path: Path) -> bool:
    """Return whether a zip archive is an Office file, or is too damaged to decide.

    Its reader then reports the damage.
    """
    try:
        with archives.opened(path) as archive:
            return any(name.lower().endswith("[content_types].xml") for name in archive.namelist())
    except (BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
        return path.suffix.lower() in formats.WORKBOOK.suffixes + formats.PAGE.suffixes


def check_kind(path: Path, suffix: str) -> None:
    """Refuse a file whose content is of another kind than its suffix. Raises `Unreadable`."""
    kind = kind_at(path)
    packed = path.suffix.lower() == ".gz"
    if packed and suffix in formats.TEXT.suffixes + formats.TEXT.packed:
        if kind is not GZIP:
            what = kind.says if kind else "not packed by gzip"
            raise _other(path, what, remedy_for(path, kind) if kind else f"name it {path.name[:-3]}")
    elif kind is not None and suffix not in kind.read_as:
        raise _other(path, kind.says, remedy_for(path, kind))


def check_unpacked_kind(path: Path, head: bytes) -> None:
    """Refuse a packed text file that contains another kind of file. Raises `Unreadable`."""
    kind = kind_in(head)
    if kind is not None:
        new = shlex.quote(path.name[:-3])
        what = f"packed by gzip and contains {kind.says}"
        raise _other(path, what, f"unpack it: gzip -d < {shlex.quote(path.name)} > {new} and read its files")


def _other(path: Path, what: str, remedy: str) -> Unreadable:
    return Unreadable(f"{path.name} is {what}", where=str(path), remedy=remedy)


def remedy_for(path: Path, kind: Kind) -> str:
    """Return what the user can do with a file of this kind so that it can be read."""
    if kind is GZIP and path.suffix.lower() in formats.TEXT.suffixes:
        return f"name it {shlex.quote(path.name + '.gz')}"
    stem, inner = Path(path.name), ""
    while stem.suffix.lower() in (*formats.SUFFIXES, *PACKED):
        inner, stem = stem.suffix.lower(), Path(stem.stem)
    if kind.read_as:
        return f"name it {shlex.quote(f'{stem}{kind.read_as[0]}')}"
    new = f"{stem}_unpacked{inner if inner in formats.SUFFIXES and inner not in PACKED else '.csv'}"
    return kind.do.format(file=shlex.quote(path.name), new=shlex.quote(new))
