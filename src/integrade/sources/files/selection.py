"""Find the files that names, folders and patterns mean, and report the files of a folder that are not read."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

from integrade.engine.system import coded
from integrade.errors import FileMissing, UsageError, did_you_mean
from integrade.sources.files import objects
from integrade.sources.files.hive import is_partition
from integrade.sources.meaning.recipe import published_as
from integrade.sources.origins import lakes
from integrade.sources.origins.addresses import Address, address_of
from plainwords.account import Entry, keep_for_errors
from plainwords.texts import Said, listed, say
from rawcells import doors
from rawcells.bytes.encodings import utf8_named
from rawcells.bytes.formats import SUFFIXES

File: TypeAlias = Path | Address
Paths: TypeAlias = str | File | Sequence[str | File]
DOCUMENTS = (".md", ".rst", ".pdf", ".doc", ".docx", ".rtf", ".do", ".ado", ".py", ".r", ".sh", ".log", ".toml", ".crc")
"""Suffixes of files that are often stored next to data and are not data."""


SHOWN = 3
"""The error for a folder without a file to read names this many of its files."""


class Found(NamedTuple):
    """Files that are read, and notes on files and folders that are not read."""

    files: list[File]
    left: tuple[Entry, ...] = ()


def expand(paths: Paths) -> list[File]:
    """Return the files that names, folders and patterns mean. Raises the same errors as `find`."""
    return find(paths).files


@coded()
def find(paths: Paths) -> Found:
    """Find the files that names, folders and patterns mean, each once, in the order of their names.

    Two names of one file (a link, a hard link, another spelling of its path) count once. The name that goes through the
    fewest links is read, and a note says why the other name is left out. A folder means the data files in it and in its
    partitions (``year=2004``). A pattern means the files that it matches, and the files of the partitions that it
    matches. A note says why anything else in these folders is not read. Addresses of databases are returned unchanged;
    objects behind a URL that are not Parquet are fetched. Raises `FileMissing` with the nearest name in the folder,
    `UsageError` for an unknown kind of address, `Unreachable`.
    """
    listed: list[str | File] = [paths] if isinstance(paths, str | Path | Address) else list(paths)
    by_name = [_of_one(one) for one in listed]
    files, same = _each_once(dict.fromkeys(file for one in by_name for file in one.files))
    if not files:
        raise UsageError("no file is named", remedy="give a file, a folder or a pattern")
    left = tuple(dict.fromkeys((*(entry for one in by_name for entry in one.left), *same)))
    keep_for_errors(left)
    return Found(files, left)


def _each_once(files: Iterable[File]) -> tuple[list[File], list[Entry]]:
    """Return each file once, by one of its names, and a note on every other name of a file."""
    names: dict[object, list[File]] = {}
    for file in files:
        status = file.stat() if isinstance(file, Path) else None
        # The device and the inode are the same for all names of a file.
        names.setdefault((status.st_dev, status.st_ino) if status else file, []).append(file)
    kept = {key: min(group, key=_links) if len(group) > 1 else group[0] for key, group in names.items()}
    same = [
        _left(str(file), say("sources.left-same-file", file=str(kept[key])), warns=True)
        for key, group in names.items()
        for file in group
        if file is not kept[key]
    ]
    return [*kept.values()], same


def _links(file: File) -> int:
    """Return how many links a name goes through."""
    return sum(path.is_symlink() for path in (file, *file.parents)) if isinstance(file, Path) else 0


def _of_one(one: str | File) -> Found:
    """Return the files that one name, folder or pattern means. Raises `FileMissing` if none is read."""
    address = address_of(one)
    if address is not None:
        return Found(objects.expanded(address)) if address.kind == "object" else Found([address])
    path = utf8_named(Path(str(one)))
    if doors.is_file(path):
        return Found([path])
    if path.is_dir():
        if lakes.form_at(str(path)):
            return Found([Address("object", str(path.absolute()))])
        looked = list(_Walk().of(path, path.name))
    else:
        looked = [each for hit in sorted(map(Path, glob.glob(str(one), recursive=True))) for each in _of_hit(hit)]
    files: list[File] = [utf8_named(each) for each in looked if isinstance(each, Path)]
    left = tuple(each for each in looked if isinstance(each, Entry))
    if not files:
        folder = path.parent
        names = [p.name for p in folder.iterdir()] if folder.is_dir() else []
        remedy = did_you_mean(path.name, names) if names else f"the folder {folder} does not exist or is empty"
        what = f"no readable file in {path}" if path.is_dir() else f"no file {path.name!r} in {folder}"
        if re.fullmatch(r"\w+\.\w+\.\w+", str(one)):
            remedy = f"{remedy}; a table of Spark's catalogue is written table:{one}"
        more = f" and {len(left) - SHOWN} more" if len(left) > SHOWN else ""
        example = "; ".join(f"{entry.table}: {entry.reason}" for entry in left[:SHOWN]) + more
        raise FileMissing(what, example=example, remedy=remedy)
    return Found(files, left)


def _of_hit(path: Path) -> Iterator[Path | Entry]:
    """Yield the files that a pattern matches.

    A file that a pattern matches is read whatever its suffix is, like a file that the user names.
    """
    if path.is_dir():
        yield from _Walk().of(path, path.name, hit=True)
    elif _is_hidden(path):
        yield _left(path.name, say("sources.left-hidden"))
    elif not path.is_file():
        yield _left(path.name, say("sources.left-no-file"), warns=True)
    else:
        yield path


class _Walk:
    """Walk through one folder. Links to folders come last, so that a folder is read under its own name."""

    def __init__(self) -> None:
        self._entered: set[Path] = set()
        self._links: list[tuple[Path, str, bool]] = []

    def of(self, folder: Path, shown: str, *, hit: bool = False) -> Iterator[Path | Entry]:
        """Yield the data files in a folder and its partitions.

        ``hit``: whether a pattern matched the folder; its own name then decides whether it is read, as inside a folder.
        """
        yield from self._folder(folder, shown) if hit else self._inside(folder, shown)
        while self._links:
            path, named, below = self._links.pop(0)
            if path.resolve() in self._entered:
                yield _left(f"{named}/", say("sources.left-same-folder"))
            else:
                yield from self._folder(path, named, below=below)

    def _inside(self, folder: Path, shown: str, *, below: bool = False) -> Iterator[Path | Entry]:
        """Yield the data files in a folder, then those of its partitions, and notes on everything else.

        ``below``: whether the folder is in a partition; folders with any name are then read.
        """
        self._entered.add(folder.resolve())
        inside = sorted(folder.iterdir())
        for path in inside:
            if not path.is_dir():
                yield _of_file(path, f"{shown}/{path.name}")
        for path in inside:
            if not path.is_dir():
                continue
            if path.is_symlink():
                self._links.append((path, f"{shown}/{path.name}", below))
            else:
                yield from self._folder(path, f"{shown}/{path.name}", below=below)

    def _folder(self, path: Path, shown: str, *, below: bool = False) -> Iterator[Path | Entry]:
        if path.name.startswith((".", "_", "~")):
            yield _left(f"{shown}/", say("sources.left-hidden-folder"))
        elif is_partition(path.name) or (below and not path.is_symlink()):
            yield from self._inside(path, shown, below=True)
        elif inside := [data_file for data_file in path.rglob("*") if is_data(data_file) and not _is_hidden(data_file)]:
            patterns = sorted({f"{path}/**/*{data_file.suffix or data_file.name}" for data_file in inside})
            reason = say("sources.left-folder", n=len(inside), pattern=listed(patterns, "comma"))
            yield _left(f"{shown}/", reason, warns=True)
        elif any(path.iterdir()):
            yield _left(f"{shown}/", say("sources.left-folder-without-data"))


def _of_file(path: Path, shown: str) -> Path | Entry:
    if _is_hidden(path):
        return _left(shown, say("sources.left-hidden"))
    if not path.is_file():
        return _left(shown, say("sources.left-no-file"), warns=True)
    if is_data(path):
        return path
    if path.suffix.lower() in DOCUMENTS:
        return _left(shown, say("sources.left-document"))
    return _left(shown, say("sources.left-format"), warns=True)


def _left(shown: str, reason: Said, *, warns: bool = False) -> Entry:
    return Entry("read", shown, "warning" if warns else "note", reason, 0)


def _is_hidden(path: Path) -> bool:
    """Return whether a program made a file for its own use: ``.part.crc``, ``~$book.xlsx``, ``_SUCCESS``."""
    return path.name.startswith((".", "~")) or (path.name.startswith("_") and not is_data(path))


def is_data(path: Path) -> bool:
    """Return whether a file in a folder is read: its suffix is known, or a public source has files of its name."""
    return path.is_file() and (path.suffix.lower() in SUFFIXES or bool(published_as(path.name)))
