"""A run that would change nothing, known without reading the study: its files are as the last run left them.

What a step rests on is decided by contents (`integrade.study.steps`). Here sizes and times of files are compared, as a
build tool does: of the study file, the raw files and their folders, the program, the stored steps and the run folder.
Where one differs, or anything could not be written down, the whole run decides.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

PACKAGE = Path(__file__).parents[1]
NOTE = "unchanged.json"
STORE = ".integrade"
CLOCK = 20_000_000  # nanoseconds by which the clock of a file system may lag


class Told(NamedTuple):
    """What a run said: on standard error (``remark``) or on standard output."""

    text: str
    remark: bool


def left(path: Path, asked: Mapping[str, object]) -> tuple[Told, ...] | None:
    """What the last run of a study said, where the same run would find everything as it left it; else None."""
    note = _note(path)
    try:
        before = json.loads(note.read_text(encoding="utf-8"))
        if before["asked"] != asked or before["path"] != os.path.abspath(path) or before["program"] != _program()[0]:
            return None
        if any(_state(Path(name)) != state for name, state in before["files"].items()):
            return None
        return tuple(Told(text, remark) for text, remark in before["told"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


class Run(NamedTuple):
    """A run that ``began`` at a time in nanoseconds: the ``raw`` files that it read, the folders that it ``made`` or
    took as they were, and what it said.
    """

    began: int
    raw: Sequence[Path]
    made: Sequence[Path]
    told: Sequence[Told]


def write_down(path: Path, asked: Mapping[str, object], run: Run) -> None:
    """What a run said and how it left its files. Nothing where a file that it read has changed since it began."""
    root = path if path.is_dir() else path.parent
    read = [path / "study.toml" if path.is_dir() else path, *(Path(os.path.abspath(one)) for one in run.raw)]
    program = _program()
    if any(max(_state(one)[1:]) > run.began - CLOCK for one in read) or max(program[1]) > run.began - CLOCK:
        return
    above = {folder for one in run.raw for folder in Path(os.path.abspath(one)).parents}
    own = Path(os.path.abspath(root))
    folders = {f for f in above if own in f.parents or any(f == Path(os.path.abspath(one)).parent for one in run.raw)}
    inner = [one for folder in run.made for one in (folder, *folder.rglob("*"))]
    files = {*read, *folders, *inner, root / "runs" / "latest"}
    states = {os.path.abspath(one): _state(one) for one in sorted(files)}
    place = os.path.abspath(path)  # a copy of the folder has the note of the one that it was made from
    note = {"asked": asked, "path": place, "program": program[0], "files": states, "told": run.told}
    whole = _note(path)
    part = whole.with_name(f".{whole.name}.{os.getpid()}")
    part.write_text(json.dumps(note, ensure_ascii=False), encoding="utf-8")
    os.replace(part, whole)


def _note(path: Path) -> Path:
    return (path if path.is_dir() else path.parent) / STORE / NOTE


def _state(path: Path) -> list[int]:
    """Size and times of change; of a folder the time alone, which moves when something comes into it or goes."""
    found = path.stat()
    return [0, found.st_mtime_ns] if path.is_dir() else [found.st_size, found.st_mtime_ns, found.st_ctime_ns]


def _program() -> tuple[str, list[int]]:
    """The interpreter with a hash of sizes and times of all files of the package, and when the latest changed."""
    files = sorted(p for p in PACKAGE.rglob("*") if "__pycache__" not in p.parts and p.is_file())
    states = [(str(p), _state(p)) for p in files]
    text = f"{platform.python_version()} {states}"
    return hashlib.sha256(text.encode()).hexdigest(), [max(max(state[1:]) for _, state in states)]
