"""Detect, without reading the study, that a run would change nothing because its files are as the last run left them.

The inputs of a step are compared by content (`integrade.study.steps`). Here only sizes and times of files are compared,
as in a build tool. The files are the study file, the raw files, the program, the stored steps and the run folder. Raw
files are all files that any text of the study file may name, as a file, a folder or a pattern. They are listed before a
run reads them, at its end, and again before the next run. If a list differs, or could not be stored, the next run is
performed in full.
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

from rawcells import doors

PACKAGE = Path(__file__).parents[1]
NOTE = "unchanged.json"
STORE = ".integrade"
AUDIT = os.path.join("audit", "audit.json")
"""Path of the audit in the study folder (`integrade.study.inputs.audit_files`); the report links to it."""
CLOCK = 20_000_000  # nanoseconds by which the clock of a file system may lag, as TICK in steps


class Told(NamedTuple):
    """A text that a run prints: a warning on standard error (``remark``), or a part of its end on standard output.

    ``label`` and ``role`` are those of `integrade.wording.ending.Part`. A ``detail`` is printed with ``--verbose``.
    """

    text: str
    remark: bool
    label: str = ""
    role: str = ""
    detail: bool = False


class Seen(NamedTuple):
    """The files that a study may read: ``patterns`` (also names and folders), and the state of each matching file."""

    patterns: tuple[str, ...]
    files: Mapping[str, list[int]]


def seen(path: Path, content: object) -> Seen | None:
    """Return the files that a study may read, with their present state; ``content`` is the content of the study file.

    Every text in ``content`` is taken for a file name relative to the folder of the study; a text that is no name
    matches no file. Return None if a text is the address of a server, or if the files cannot be listed.
    """
    here, texts = Path.cwd(), set(_texts(content))
    if any("://" in text for text in texts):
        return None
    named = {str(here / _root(path) / text) for text in texts if text and "\0" not in text}
    study_file = path / "study.toml" if path.is_dir() else path
    patterns = (*sorted(named), str(here / study_file), str(here / _root(path) / AUDIT))
    files = _listing(patterns)
    return None if files is None else Seen(patterns, files)


def covers(known: Seen, read: Iterable[object]) -> bool:
    """Return whether all files ``read`` by steps are in the list ``known``."""
    here = Path.cwd()
    return all(isinstance(file, Path) and str(here / file) in known.files for file in read)


def left(path: Path, asked: Mapping[str, object]) -> tuple[Told, ...] | None:
    """Return the output of the last run of a study, if the same run would find everything unchanged; else None."""
    note = _note(path)
    try:
        before = json.loads(doors.read_text(note))
        if before["asked"] != asked or before["path"] != os.path.abspath(path) or before["program"] != _program()[0]:
            return None
        if any(_state(Path(name)) != state for name, state in before["made"].items()):
            return None
        if _listing(before["patterns"]) != before["read"]:
            return None
        output = tuple(Told(*line) for line in before["told"])
        return output if all(map(_sound, output)) else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _sound(line: Told) -> bool:
    texts, flags = (line.text, line.label, line.role), (line.remark, line.detail)
    return all(isinstance(text, str) for text in texts) and all(isinstance(flag, bool) for flag in flags)


class Run(NamedTuple):
    """A run that ``began`` at a time in nanoseconds, with its files and its output.

    ``read``: the state of the files before the run read any of them. ``made``: the folders that it made or reused.
    ``told``: the lines that it printed.
    """

    began: int
    read: Seen
    made: Sequence[Path]
    told: Sequence[Told]


def write_down(path: Path, asked: Mapping[str, object], run: Run) -> None:
    """Store what a run printed and the state in which it left its files.

    Nothing is stored if a file that the run may have read was changed, added or removed since the run began.
    """
    program, sure = _program(), run.began - CLOCK
    if program[1] > sure or any(max(state[1:3]) > sure for state in run.read.files.values()):
        return
    if _listing(run.read.patterns) != run.read.files:
        return
    inner = [entry for folder in run.made for entry in (folder, *folder.rglob("*"))]
    states = {os.path.abspath(entry): _state(entry) for entry in sorted({*inner, _root(path) / "runs" / "latest"})}
    note = {
        "asked": asked,
        "path": os.path.abspath(path),  # a copied folder still has the note of the original
        "program": program[0],
        "patterns": run.read.patterns,
        "read": run.read.files,
        "made": states,
        "told": run.told,
    }
    from integrade.report.whole_file import write_bytes

    write_bytes(_note(path), json.dumps(note).encode())  # names that are not UTF-8 are escaped


def _texts(content: object) -> Iterator[str]:
    """Yield every text in nested lists and mappings, including the keys."""
    if isinstance(content, str | Path):
        yield str(content)
    elif isinstance(content, Mapping):
        yield from (text for pair in content.items() for item in pair for text in _texts(item))
    elif isinstance(content, Iterable):
        yield from (text for item in content for text in _texts(item))


def _listing(patterns: Iterable[str]) -> dict[str, list[int]] | None:
    """Return the files that names, folders and patterns match, with their states; None if a file cannot be read."""
    try:
        return {name: _state(Path(name)) for pattern in patterns for name in _files(pattern)}
    except OSError:
        return None


def _files(pattern: str) -> list[str]:
    """Return all files that `integrade.sources.files.selection.find` may match, and for a folder all its files."""
    named = os.path.isfile(pattern) or os.path.isdir(pattern)
    names = [pattern] if named else glob.glob(pattern, recursive=True)
    below: list[str] = []
    for folder in [Path(name) for name in names if os.path.isdir(name)]:
        # the content of a folder and of its partitions; everything below a folder that is a partition itself
        below += map(str, folder.glob("**/*" if "=" in folder.name else "*"))
        below += map(str, folder.glob("*=*/**/*"))
    return [one for one in (*names, *below) if os.path.isfile(one)]


def _root(path: Path) -> Path:
    return path if path.is_dir() else path.parent


def _note(path: Path) -> Path:
    return _root(path) / STORE / NOTE


def _state(path: Path) -> list[int]:
    """Return size, times of change and inode number of a file; for a folder a zero and the time of change.

    The time of a folder changes when an entry is added or removed.
    """
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        return [0, status.st_mtime_ns]
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]


def _program() -> tuple[str, int]:
    """Return a hash of the interpreter and the states of all files of the package, and the latest time of change."""
    files = sorted(p for p in PACKAGE.rglob("*") if "__pycache__" not in p.parts and p.is_file())
    states = [(str(p), _state(p)) for p in files]
    text = f"{platform.python_version()} {states}"
    return hashlib.sha256(text.encode()).hexdigest(), max(max(state[1:3]) for _, state in states)
