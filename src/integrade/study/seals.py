"""What a finished step or run holds, with hashes: what is damaged is found when it is used, named and made again.

Beside the outputs of a step is its seal: size, CRC-32 and SHA-256 of each file, of which step they are, and which
versions of the libraries made them. A step is named by its folder (its name and its key), so that the outputs of one
step are no outputs of another in whose folder they are put. The CRC-32 of all bytes is compared whenever a stored step
is used (it finds every flipped bit and every altered digit, at three times the speed), the SHA-256 where it is asked
for. A seal holds the hash of itself.
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
from integrade.engine import doors

SEAL = "outputs.json"
OWN = "seal"
"""The key of a sealed record that holds the hash of all others."""
PIECE = 1 << 20
VERSIONED = (
    *("polars", "duckdb", "narwhals", "pyarrow", "numpy", "scipy", "numba", "llvmlite", "within-py"),
    *(
        "pyreadstat",
        "python-calamine",
        "msoffcrypto-tool",
        "adbc-driver-postgresql",
        "pyspark",
        "splink",
        "opencc",
        "babel",
    ),
    *("deltalake", "altair", "vl-convert-python"),
)
"""Libraries that compute numbers, read them from files or draw them; those that are not installed are left out."""
Depth = Literal["sizes", "fast", "full"]
"""How closely files are looked at: sizes alone, CRC-32, SHA-256."""


class Print(NamedTuple):
    """A file's size, CRC-32 and SHA-256."""

    size: int
    crc32: str
    sha256: str


def print_of(path: Path) -> Print:
    """Size and hashes of a file, which is read once."""
    size, crc, digest = 0, 0, hashlib.sha256()
    with doors.open_bytes(path) as file:
        while piece := file.read(PIECE):
            size, crc = size + len(piece), zlib.crc32(piece, crc)
            digest.update(piece)
    return Print(size, f"{crc:08x}", digest.hexdigest())


def prints_in(folder: Path, besides: Iterable[str] = ()) -> dict[str, Print]:
    """Those of all files of a folder by their place in it, without its seal and some others of its own files."""
    left = {folder / name for name in (SEAL, *besides)}
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p not in left)
    return {p.relative_to(folder).as_posix(): print_of(p) for p in files}


def entries_in(folder: Path) -> list[str]:
    """The places of all files, links, pipes and empty folders in a folder; no link is followed."""
    found = []
    for top, folders, files in os.walk(folder):
        links = [name for name in folders if os.path.islink(os.path.join(top, name))]
        empty = [""] if not folders and not files and Path(top) != folder else []
        found += [Path(top, name).relative_to(folder).as_posix() for name in (*files, *links, *empty)]
    return sorted(found)


def differs(path: Path, known: Print, depth: Depth = "fast") -> str:
    """What is wrong with a file whose size and hashes are known; nothing where it is as it was."""
    try:
        size = path.stat().st_size
        if size != known.size:
            return f"has {size:,} bytes, not {known.size:,}"
        if depth == "fast":
            return "" if _crc32(path) == known.crc32 else "its bytes are not those that were written"
        return "" if depth == "sizes" or print_of(path) == known else "its bytes are not those that were written"
    except OSError as problem:
        return f"cannot be read ({problem.strerror})" if path.exists() else "is gone"


def _crc32(path: Path) -> str:
    crc = 0
    with doors.open_bytes(path) as file:
        while piece := file.read(PIECE):
            crc = zlib.crc32(piece, crc)
    return f"{crc:08x}"


def sealed(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record of JSON with the hash of itself."""
    return {**record, OWN: _hash(record)}


def unsealed(text: bytes) -> dict[str, Any]:
    """What `sealed` gave, from its JSON. Raises `ValueError` for any other text, and for one that was altered."""
    found = json.loads(text)
    if not isinstance(found, dict) or OWN not in found:
        raise ValueError("no hash of itself stands in it")
    if found.pop(OWN) != _hash(found):
        raise ValueError("it is not what was written")
    return found


def _hash(record: Mapping[str, Any]) -> str:
    plain = json.dumps(record, sort_keys=True, default=str)
    return hashlib.sha256(plain.encode()).hexdigest()


def seal(folder: Path, of: str, besides: Iterable[str] = ()) -> None:
    """Write the seal of a folder of outputs, the last of its files; ``of`` is the name that the folder will have."""
    files = prints_in(folder, besides)
    others = sorted({*entries_in(folder), *besides} - {*files, SEAL})
    record = sealed({"of": of, "files": files, "others": others, "made_with": versions_here()})
    (folder / SEAL).write_text(json.dumps(record), encoding="utf-8")


class Seal(NamedTuple):
    """What is beside the outputs of a step: the step, their sizes and hashes, and which versions made them.

    ``others`` are places without a hash that were there too: the time that the step took, and empty folders.
    """

    of: str
    files: Mapping[str, Print]
    others: frozenset[str]
    made_with: Mapping[str, str]


def _seal_of(folder: Path) -> Seal:
    """The seal of a folder. Raises `OSError` where there is none, `ValueError` for one that is not as `seal` writes."""
    found = unsealed(doors.read_bytes(folder / SEAL))
    of = found.get("of")
    if not isinstance(of, str):
        raise ValueError("no step is named in it")
    others = found.get("others")
    if not isinstance(others, list) or not all(isinstance(one, str) for one in others):
        raise ValueError("what else is in the folder is missing in it")
    return Seal(of, prints_from(found.get("files")), frozenset(others), texts_from(found.get("made_with")))


def prints_from(value: object) -> dict[str, Print]:
    """Sizes and hashes of files by their places, from JSON. Raises `ValueError` for anything else."""
    if not isinstance(value, dict):
        raise ValueError("no files stand in it")
    return {_place(place): _print(numbers) for place, numbers in value.items()}


def _print(value: object) -> Print:
    match value:
        case [int(size), str(crc), str(sha)] if not isinstance(size, bool):
            return Print(size, crc, sha)
    raise ValueError("a file has no size and hashes in it")


def _place(text: str) -> str:
    """A place within a folder, which leads out of none."""
    place = PurePosixPath(text)
    if not text.strip() or "\0" in text or "\\" in text or place.is_absolute() or ".." in place.parts:
        raise ValueError(f"{text!r:.60} is not a place of a file")
    return text


def texts_from(value: object) -> dict[str, str]:
    """Texts by their names, from JSON. Raises `ValueError` for anything else."""
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        raise ValueError("texts are missing in it")
    return dict(value)


def damage(folder: Path, depth: Depth = "fast") -> str:
    """What is wrong with a sealed folder, in words: another step's outputs, the first file that is not as it was made,
    or the first that was added; else nothing.
    """
    try:
        of, known, others, _ = _seal_of(folder)
    except OSError:
        return f"{SEAL} is not there"
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
    """The versions that made a stored step; nothing where its seal cannot be read."""
    try:
        return _seal_of(folder).made_with
    except (OSError, ValueError, RecursionError):
        return {}


@cache
def versions_here() -> dict[str, str]:
    """Of integrade, Python and the libraries that numbers come from, in this process."""
    libraries = {name: found for name in VERSIONED if (found := _installed(name))}
    return {"integrade": __version__, "python": platform.python_version(), **libraries}


def _installed(library: str) -> str:
    """Its version; nothing where it is not installed."""
    try:
        return version(library)
    except PackageNotFoundError:
        return ""


def other_majors(made: Mapping[str, str]) -> str:
    """Libraries of which another major version made a step than is here: ``numpy 1.26.4 (here 2.3.2)``.

    Example:
        >>> other_majors({"numpy": "0.1", "python": versions_here()["python"]}).partition(" (")[0]
        'numpy 0.1'
    """
    here = versions_here()
    moved = [n for n, v in made.items() if n != "integrade" and n in here and _major(v) != _major(here[n])]
    return ", ".join(f"{name} {made[name]} (here {here[name]})" for name in moved)


def _major(text: str) -> tuple[str, ...]:
    """The first number; of a version 0 the second with it."""
    parts = text.split(".")
    return tuple(parts[: 2 if parts[0] == "0" else 1])


def versions_told(made: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """By library the version that made all steps; where they differ each with its steps.

    Example:
        >>> versions_told({"prices": {"numpy": "1.26"}, "panel": {"numpy": "2.3"}, "models": {"numpy": "2.3"}})
        {'numpy': '1.26 (prices), 2.3 (panel, models)'}
    """
    found: dict[str, dict[str, list[str]]] = {}
    for step, versions in made.items():
        for name, one in versions.items():
            found.setdefault(name, {}).setdefault(one, []).append(step)
    return {
        name: next(iter(by)) if len(by) == 1 else ", ".join(f"{v} ({', '.join(steps)})" for v, steps in by.items())
        for name, by in found.items()
    }
