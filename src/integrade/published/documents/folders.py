"""The documents in folders and the folders in them, and what is left out of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from os import walk
from pathlib import Path
from typing import NamedTuple

from integrade.engine import doors
from integrade.errors import FileMissing, did_you_mean
from integrade.sources.bytes.bounds import beyond
from integrade.wording.texts import listed, say

MOST_FILES = 10_000
"""Files of a folder, with those of the folders in it."""


class Place(NamedTuple):
    """A document and how it is called: its name, in a folder within the one given its path from there."""

    path: Path
    shown: str


def places_of(files: Sequence[str | Path], suffixes: Sequence[str]) -> list[Place]:
    """The files meant, folders by their documents in natural order.

    Folders in folders are read, too; links in them and hidden ones are left out. Raises `FileMissing` for what is not
    there and for a folder without documents, `Unreadable` for one of more than `MOST_FILES` files.
    """
    found: list[Place] = []
    for path in map(Path, files):
        if path.is_dir():
            inside, _ = _inside(path, suffixes)
            if not inside:
                raise FileMissing(
                    f"no document in {path}", remedy=f"a folder of tables holds files {', '.join(suffixes[:12])} ..."
                )
            found += inside
        elif doors.regular(path).exists():
            found.append(Place(path, path.name))
        else:
            near = sorted(p.name for p in path.parent.iterdir() if p.is_file()) if path.parent.is_dir() else []
            known = [name for name in near if name.lower().endswith(tuple(suffixes))]
            raise FileMissing(f"no file {path}", remedy=did_you_mean(path.name, known))
    return found


def left_out_of(files: Sequence[str | Path], suffixes: Sequence[str]) -> tuple[str, ...]:
    """What of the folders among files is no document or a link, a sentence for each folder."""
    folders = [path for path in map(Path, files) if path.is_dir()]
    said = ((path.name or str(path), _inside(path, suffixes)[1]) for path in folders)
    return tuple(say("published_documents.left-out", folder=name, files=others) for name, others in said if others)


def _inside(folder: Path, suffixes: Sequence[str]) -> tuple[list[Place], str]:
    """The documents of a folder, and the other files by suffix with their counts."""
    found: list[Place] = []
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
                found.append(Place(path, path.relative_to(folder).as_posix()))
            else:
                others[path.suffix.lower() or name] += 1
    said = [f"{name} ({n:,})" if n > 1 else name for name, n in sorted(others.items())]
    kept = [*said[:LISTED], *(["..."] if len(said) > LISTED else [])]
    return sorted(found, key=lambda place: _natural(place.shown)), listed(kept, "comma") if kept else ""


LISTED = 12
"""Kinds of files that are named among those left out."""


def _natural(shown: str) -> list[tuple[tuple[int, str], ...]]:
    """An order in which 2 stands before 10, and the files of a folder before the folders in it."""
    *folders, name = shown.split("/")
    parts = [tuple((int(p), "") if p.isdecimal() else (-1, p) for p in re.split(r"(\d+)", one) if p) for one in folders]
    own = tuple((int(p), "") if p.isdecimal() else (-1, p) for p in re.split(r"(\d+)", name) if p)
    return [*(((0, ""), *part) for part in parts), ((-2, ""), *own)]
