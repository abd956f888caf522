"""A run that would change nothing, known without reading the study: its files are as the last run left them.

What a step rests on is decided by contents (`integrade.study.steps`). Here sizes and times of files are compared, as a
build tool does: of the study file, the raw files, the program, the stored steps and the run folder. Raw files are all
that any text of the study file stands for as a name, a folder or a pattern; they are listed before a run reads them, at
its end, and again before the next one. Where a list differs, or anything could not be written down, the whole run
decides.
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
import platform
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from integrade.engine import doors

PACKAGE = Path(__file__).parents[1]
NOTE = "unchanged.json"
STORE = ".integrade"
AUDIT = os.path.join("audit", "audit.json")
"""Beside the study (`integrade.study.inputs.audit_files`); the report has switches over it."""
CLOCK = 20_000_000  # nanoseconds by which the clock of a file system may lag


class Told(NamedTuple):
    """What a run said: on standard error (``remark``) or on standard output."""

    text: str
    remark: bool


class Seen(NamedTuple):
    """What a study may read: ``patterns`` (names, folders, patterns) and the state of every file they stand for."""

    patterns: tuple[str, ...]
    files: Mapping[str, list[int]]


def seen(path: Path, said: object) -> Seen | None:
    """The files that a study may read, as they are now; ``said`` is all that its file says, in lists and mappings.

    Every text is taken for a name seen from the folder of the study: that of an option is listed, and what is none
    stands for no file. None where a text is the address of a server, or where the files cannot be listed.
    """
    here, texts = Path.cwd(), set(_texts(said))
    if any("://" in text for text in texts):
        return None
    named = {str(here / _root(path) / text) for text in texts if text and "\0" not in text}
    patterns = (*sorted(named), str(here / _file(path)), str(here / _root(path) / AUDIT))
    files = _listing(patterns)
    return None if files is None else Seen(patterns, files)


def covers(known: Seen, read: Iterable[object]) -> bool:
    """Whether all that steps read are files of the list."""
    here = Path.cwd()
    return all(isinstance(one, Path) and str(here / one) in known.files for one in read)


def left(path: Path, asked: Mapping[str, object]) -> tuple[Told, ...] | None:
    """What the last run of a study said, where the same run would find everything as it left it; else None."""
    note = _note(path)
    try:
        before = json.loads(doors.read_text(note))
        if before["asked"] != asked or before["path"] != os.path.abspath(path) or before["program"] != _program()[0]:
            return None
        if any(_state(Path(name)) != state for name, state in before["made"].items()):
            return None
        if _listing(before["patterns"]) != before["read"]:
            return None
        told = tuple(Told(text, remark) for text, remark in before["told"])
        return told if all(isinstance(one.text, str) and isinstance(one.remark, bool) for one in told) else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


class Run(NamedTuple):
    """A run that ``began`` at a time in nanoseconds: the files as it found them before it ``read`` any, the folders
    that it ``made`` or took as they were, and what it said.
    """

    began: int
    read: Seen
    made: Sequence[Path]
    told: Sequence[Told]


def write_down(path: Path, asked: Mapping[str, object], run: Run) -> None:
    """What a run said and how it left its files. Nothing where a file that it may have read has changed since it began,
    is new or is gone.
    """
    program, sure = _program(), run.began - CLOCK
    if program[1] > sure or any(max(state[1:3]) > sure for state in run.read.files.values()):
        return
    if _listing(run.read.patterns) != run.read.files:
        return
    inner = [one for folder in run.made for one in (folder, *folder.rglob("*"))]
    made = {os.path.abspath(one): _state(one) for one in sorted({*inner, _root(path) / "runs" / "latest"})}
    note = {
        "asked": asked,
        "path": os.path.abspath(path),  # a copy of the folder has the note of the one that it was made from
        "program": program[0],
        "patterns": run.read.patterns,
        "read": run.read.files,
        "made": made,
        "told": run.told,
    }
    from integrade.report.whole_file import write_bytes

    write_bytes(_note(path), json.dumps(note).encode())  # names that are no UTF-8 are escaped


def _texts(said: object) -> Iterator[str]:
    """Every text in lists and mappings, however deep, the keys with them."""
    if isinstance(said, str | Path):
        yield str(said)
    elif isinstance(said, Mapping):
        yield from (text for pair in said.items() for one in pair for text in _texts(one))
    elif isinstance(said, Iterable):
        yield from (text for one in said for text in _texts(one))


def _listing(patterns: Iterable[str]) -> dict[str, list[int]] | None:
    """The files that names, folders and patterns stand for, with their states; None where one cannot be looked at."""
    try:
        return {name: _state(Path(name)) for pattern in patterns for name in _files(pattern)}
    except OSError:
        return None


def _files(pattern: str) -> list[str]:
    """At least the files that `integrade.sources.files.selection.find` takes it for: of a folder and its partitions all."""
    named = os.path.isfile(pattern) or os.path.isdir(pattern)
    found = [pattern] if named else glob.glob(pattern, recursive=True)
    below = [str(one) for name in found if os.path.isdir(name) for one in _below(Path(name))]
    return [one for one in (*found, *below) if os.path.isfile(one)]


def _below(folder: Path) -> Iterator[Path]:
    """What is in a folder, in its partitions, and, where it is a partition itself, below it."""
    yield from folder.glob("**/*" if "=" in folder.name else "*")
    yield from folder.glob("*=*/**/*")


def _root(path: Path) -> Path:
    return path if path.is_dir() else path.parent


def _file(path: Path) -> Path:
    return path / "study.toml" if path.is_dir() else path


def _note(path: Path) -> Path:
    return _root(path) / STORE / NOTE


def _state(path: Path) -> list[int]:
    """Size, times of change and number of a file; of a folder the time alone, which moves when something comes into it
    or goes.
    """
    found = path.stat()
    if stat.S_ISDIR(found.st_mode):
        return [0, found.st_mtime_ns]
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]


def _program() -> tuple[str, int]:
    """The interpreter with a hash of the states of all files of the package, and when the latest changed."""
    files = sorted(p for p in PACKAGE.rglob("*") if "__pycache__" not in p.parts and p.is_file())
    states = [(str(p), _state(p)) for p in files]
    text = f"{platform.python_version()} {states}"
    return hashlib.sha256(text.encode()).hexdigest(), max(max(state[1:3]) for _, state in states)
