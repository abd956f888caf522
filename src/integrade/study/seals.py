"""Seal the files of a finished step or run with hashes, so that damage can be found, reported and repaired.

The seal is a file next to the outputs of a step: size, CRC-32 and SHA-256 of each file, the step they belong to, and
the versions of the libraries that made them. The step is identified by its folder (its name and its key), so that
outputs copied into another step's folder are not accepted. The CRC-32 of all bytes is compared whenever a stored step
is used: it finds every flipped bit and every altered digit, and is three times as fast as SHA-256. The SHA-256 is
compared on request. A seal contains the hash of itself.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import zlib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePosixPath
from typing import Any, Literal, NamedTuple

from integrade import __version__
from rawcells import doors

SEAL = "outputs.json"
OWN = "seal"
"""The key of a sealed record that holds the hash of all other keys."""
PIECE = 1 << 20
"""Bytes (1 MiB) that are read and hashed at a time. A convention."""
VERSIONED = (
    "polars",
    "duckdb",
    "narwhals",
    "pyarrow",
    "numpy",
    "scipy",
    "numba",
    "llvmlite",
    "within-py",
    "pyreadstat",
    "python-calamine",
    "msoffcrypto-tool",
    "adbc-driver-postgresql",
    "pyspark",
    "splink",
    "opencc",
    "babel",
    "deltalake",
    "altair",
    "vl-convert-python",
)
"""Libraries that compute numbers, read them from files or draw them. Libraries that are not installed are ignored."""
Depth = Literal["sizes", "fast", "full"]
"""The check of files: size only, CRC-32, or SHA-256."""


class Print(NamedTuple):
    """A file's size, CRC-32 and SHA-256."""

    size: int
    crc32: str
    sha256: str


def print_of(path: Path) -> Print:
    """Return size and hashes of a file, which is read once."""
    size, crc, digest = 0, 0, hashlib.sha256()
    with doors.open_bytes(path) as file:
        while piece := file.read(PIECE):
            size, crc = size + len(piece), zlib.crc32(piece, crc)
            digest.update(piece)
    return Print(size, f"{crc:08x}", digest.hexdigest())


def prints_in(folder: Path, besides: Iterable[str] = ()) -> dict[str, Print]:
    """Return size and hashes of all files of a folder by relative path, except its seal and the files ``besides``."""
    left = {folder / name for name in (SEAL, *besides)}
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p not in left)
    return {p.relative_to(folder).as_posix(): print_of(p) for p in files}


def entries_in(folder: Path) -> list[str]:
    """Return the paths of all files, links, pipes and empty folders in a folder; no link is followed."""
    entries = []
    for top, folders, files in os.walk(folder):
        links = [name for name in folders if os.path.islink(os.path.join(top, name))]
        empty = [""] if not folders and not files and Path(top) != folder else []
        entries += [Path(top, name).relative_to(folder).as_posix() for name in (*files, *links, *empty)]
    return sorted(entries)


def differs(path: Path, known: Print, depth: Depth = "fast") -> str:
    """Return what is wrong with a file whose size and hashes are known; empty if it is unchanged."""
    try:
        size = path.stat().st_size
        if size != known.size:
            return f"has {size:,} bytes, not {known.size:,}"
        if depth == "fast":
            return "" if _crc32(path) == known.crc32 else "its content was changed after it was written"
        return "" if depth == "sizes" or print_of(path) == known else "its content was changed after it was written"
    except OSError as problem:
        return f"cannot be read ({problem.strerror})" if path.exists() else "is gone"


def _crc32(path: Path) -> str:
    crc = 0
    with doors.open_bytes(path) as file:
        while piece := file.read(PIECE):
            crc = zlib.crc32(piece, crc)
    return f"{crc:08x}"


def sealed(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a JSON record with its own hash added."""
    return {**record, OWN: _hash(record)}


def unsealed(text: bytes) -> dict[str, Any]:
    """Return the record from the JSON of a `sealed` record. Raises `ValueError` for any other or altered text."""
    record = json.loads(text)
    if not isinstance(record, dict) or OWN not in record:
        raise ValueError("its own hash is missing")
    if record.pop(OWN) != _hash(record):
        raise ValueError("it was changed after it was written")
    return record


def _hash(record: Mapping[str, Any]) -> str:
    plain = json.dumps(record, sort_keys=True, default=str)
    return hashlib.sha256(plain.encode()).hexdigest()


def seal(folder: Path, of: str, besides: Iterable[str] = ()) -> None:
    """Write the seal of a folder of outputs, as its last file; ``of`` is the name that the folder will have."""
    files = prints_in(folder, besides)
    others = sorted({*entries_in(folder), *besides} - {*files, SEAL})
    record = sealed({"of": of, "files": files, "others": others, "made_with": versions_here()})
    (folder / SEAL).write_text(json.dumps(record), encoding="utf-8")


class Seal(NamedTuple):
    """The content of a seal: the step, sizes and hashes of its outputs, and the versions that made them.

    ``others`` are further paths without a hash: the time that the step took, and empty folders.
    """

    of: str
    files: Mapping[str, Print]
    others: frozenset[str]
    made_with: Mapping[str, str]


def _seal_of(folder: Path) -> Seal:
    """Read the seal of a folder. Raises `OSError` if there is none, `ValueError` if `seal` did not write it."""
    record = unsealed(doors.read_bytes(folder / SEAL))
    of = record.get("of")
    if not isinstance(of, str):
        raise ValueError("it does not name its step")
    others = record.get("others")
    if not isinstance(others, list) or not all(isinstance(place, str) for place in others):
        raise ValueError("it does not list the other files of the folder")
    return Seal(of, prints_from(record.get("files")), frozenset(others), texts_from(record.get("made_with")))


def prints_from(value: object) -> dict[str, Print]:
    """Return sizes and hashes of files by their paths, from JSON. Raises `ValueError` for anything else."""
    if not isinstance(value, dict):
        raise ValueError("it lists no files")
    prints: dict[str, Print] = {}
    for text, numbers in value.items():
        place = _place(text)
        match numbers:
            case [int(size), str(crc), str(sha)] if not isinstance(size, bool):
                prints[place] = Print(size, crc, sha)
            case _:
                raise ValueError("it lacks the size or hashes of a file")
    return prints


def _place(text: str) -> str:
    """Return a relative path unchanged. Raises `ValueError` if it may lead out of its folder."""
    place = PurePosixPath(text)
    if not text.strip() or "\0" in text or "\\" in text or place.is_absolute() or ".." in place.parts:
        raise ValueError(f"{text!r:.60} is not a place of a file")
    return text


def texts_from(value: object) -> dict[str, str]:
    """Return texts by their names, from JSON. Raises `ValueError` for anything else."""
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise ValueError("texts are missing in it")
    return dict(value)


def damage(folder: Path, depth: Depth = "fast") -> str:
    """Return a text on what is wrong with a sealed folder; empty if nothing is wrong.

    The text reports a seal that is missing, damaged or of another step. If the seal is good, it reports the first file
    that was altered, or else the first file that was added.
    """
    try:
        of, known, others, _ = _seal_of(folder)
    except OSError:
        return f"{SEAL} is missing"
    except (ValueError, RecursionError):
        return f"{SEAL} is damaged"
    if of != folder.name:
        return f"{SEAL} is of another step, {of!r:.80}"
    for place, numbers in known.items():
        if wrong := differs(folder / place, numbers, depth):
            return f"{place} {wrong}"
    added = (place for place in entries_in(folder) if place not in known and place not in others and place != SEAL)
    return next((f"{place} was added" for place in added), "")


def made_with(folder: Path) -> Mapping[str, str]:
    """Return the versions that made a stored step; empty if its seal cannot be read."""
    try:
        return _seal_of(folder).made_with
    except (OSError, ValueError, RecursionError):
        return {}


@cache
def versions_here() -> dict[str, str]:
    """Return the versions of integrade, Python and the libraries that numbers come from, in this process."""
    libraries = {name: number for name in VERSIONED if (number := _installed(name))}
    return {"integrade": __version__, "python": platform.python_version(), **libraries}


def _installed(library: str) -> str:
    """Return the version of a library; empty if it is not installed."""
    try:
        return version(library)
    except PackageNotFoundError:
        return ""


def other_majors(made: Mapping[str, str]) -> str:
    """Return the libraries that made a step and have another major version here, as ``numpy 1.26.4 (here 2.3.2)``.

    Example:
        >>> other_majors({"numpy": "0.1", "python": versions_here()["python"]}).partition(" (")[0]
        'numpy 0.1'
    """
    here = versions_here()
    moved = [n for n, v in made.items() if n != "integrade" and n in here and _major(v) != _major(here[n])]
    return ", ".join(f"{name} {made[name]} (here {here[name]})" for name in moved)


def _major(text: str) -> tuple[str, ...]:
    """Return the first number of a version; for a version 0 the second number too."""
    parts = text.split(".")
    return tuple(parts[: 2 if parts[0] == "0" else 1])


def versions_told(made: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return for each library the version that made all steps; if they differ, each version with its steps.

    Example:
        >>> versions_told({"prices": {"numpy": "1.26"}, "panel": {"numpy": "2.3"}, "models": {"numpy": "2.3"}})
        {'numpy': '1.26 (prices), 2.3 (panel, models)'}
    """
    steps_by_version: dict[str, dict[str, list[str]]] = {}
    for step, versions in made.items():
        for name, number in versions.items():
            steps_by_version.setdefault(name, {}).setdefault(number, []).append(step)
    return {
        name: next(iter(by)) if len(by) == 1 else ", ".join(f"{v} ({', '.join(steps)})" for v, steps in by.items())
        for name, by in steps_by_version.items()
    }
