"""Find the documents in folders and their subfolders, and list the files that are not read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from os import walk
from pathlib import Path
from typing import NamedTuple

from plainwords.errors import did_you_mean
from plainwords.texts import listed, say
from rawcells import doors
from rawcells.bytes.bounds import beyond
from rawcells.errors import FileMissing

MOST_FILES = 10_000
"""Largest number of files in a folder and its subfolders; a convention."""


class Place(NamedTuple):
    """A document, and its name in messages: the file name, or the path from the given folder."""

    path: Path
    shown: str


def places_of(files: Sequence[str | Path], suffixes: Sequence[str]) -> list[Place]:
    """Return the given files, with folders replaced by their documents in natural order.

    Subfolders are read too, but links in them and hidden folders are left out. Raises `FileMissing` for a file that
    does not exist and for a folder without documents. Raises `Unreadable` for a folder with more than `MOST_FILES`
    files.
    """
    places: list[Place] = []
    for path in map(Path, files):
        if path.is_dir():
            inside, _ = _inside(path, suffixes)
            if not inside:
                raise FileMissing(
                    f"no document in {path}", remedy=f"give a folder with files {', '.join(suffixes[:12])} ..."
                )
            places += inside
        elif doors.regular(path).exists():
            places.append(Place(path, path.name))
        else:
            near = sorted(p.name for p in path.parent.iterdir() if p.is_file()) if path.parent.is_dir() else []
            known = [name for name in near if name.lower().endswith(tuple(suffixes))]
            raise FileMissing(f"no file {path}", remedy=did_you_mean(path.name, known))
    return places


def left_out_of(files: Sequence[str | Path], suffixes: Sequence[str]) -> tuple[str, ...]:
    """Describe the links, and the files that are not documents, in the given folders; one sentence for each folder."""
    folders = [path for path in map(Path, files) if path.is_dir()]
    others_of = ((path.name or str(path), _inside(path, suffixes)[1]) for path in folders)
    return tuple(say("published_documents.left-out", folder=name, files=others) for name, others in others_of if others)


def _inside(folder: Path, suffixes: Sequence[str]) -> tuple[list[Place], str]:
    """Return the documents of a folder, and a text that counts its other files by suffix."""
    documents: list[Place] = []
    others: Counter[str] = Counter()
    seen = 0
    for at, folders, names in walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        links = [name for name in folders if (Path(at) / name).is_symlink()]
        seen += len(names) + len(folders)
        if seen > MOST_FILES:
            raise beyond(
                folder, f"holds more than {MOST_FILES:,} files", f"{MOST_FILES:,}", "name the files or folders"
            )
        for name in (*names, *links):
            path = Path(at) / name
            if name.startswith((".", "~$")):
                continue
            if path.is_symlink():
                others[say("published_documents.link")] += 1
            elif path.suffix.lower() in suffixes and path.is_file():
                documents.append(Place(path, path.relative_to(folder).as_posix()))
            else:
                others[path.suffix.lower() or name] += 1
    counts = [f"{name} ({n:,})" if n > 1 else name for name, n in sorted(others.items())]
    kept = [*counts[:LISTED], *(["..."] if len(counts) > LISTED else [])]
    return sorted(documents, key=lambda place: _natural(place.shown)), listed(kept, "comma") if kept else ""


LISTED = 12
"""Largest number of kinds of left-out files that are named."""


def _natural(shown: str) -> list[tuple[tuple[int, str], ...]]:
    """Return a sort key that puts 2 before 10, and the files of a folder before its subfolders."""
    *folders, name = shown.split("/")
    parts = [tuple((int(p), "") if p.isdecimal() else (-1, p) for p in re.split(r"(\d+)", one) if p) for one in folders]
    name_parts = tuple((int(p), "") if p.isdecimal() else (-1, p) for p in re.split(r"(\d+)", name) if p)
    return [*(((0, ""), *part) for part in parts), ((-2, ""), *name_parts)]
