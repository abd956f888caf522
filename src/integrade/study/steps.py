"""Steps of a study, cached by content: a step runs again only when its inputs, parameters or code have changed.

A step writes its outputs into a temporary folder that is renamed when it is complete, so a killed run loses at most the
step it was in, and two runs at once never see half a step.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from integrade.sources import databases, objects
from integrade.sources.addresses import Address
from integrade.sources.readers import File
from integrade.study.closure import code_hash
from integrade.study.reasons import STAMP, why_changed

TOOK = "took.json"
KEPT = (STAMP, TOOK, "account.json", "names.json", "summary.json")
"""What a step's folder holds beside its outputs."""


@dataclass(frozen=True)
class Step:
    """One step: the steps it needs, what decides its result, and the function that fills a folder.

    ``parameters`` is any JSON-able value; ``files`` are raw inputs, hashed by content; ``code`` are the modules that
    hold the function, hashed with all that they import (`integrade.study.closure`).
    """

    name: str
    needs: tuple[str, ...]
    parameters: object
    files: tuple[File, ...]
    code: tuple[str, ...]
    run: Callable[[Path, dict[str, Path]], None]

    def size(self) -> int:
        """Bytes of the raw files that are on this machine."""
        return sum(f.stat().st_size for f in self.files if isinstance(f, Path) and f.is_file())


@dataclass(frozen=True)
class Done:
    """A finished step: its folder, its key, why it ran (or that it was reused), seconds, and the rows it read."""

    name: str
    folder: Path
    key: str
    reason: str
    ran: bool
    seconds: float = 0.0
    rows: int = 0


def sha256_of(path: File) -> str:
    """The SHA-256 of a file's bytes, or of what a server says of a table; what is named twice in a run is read once."""
    if isinstance(path, Address) and path.kind in ("postgresql", "object"):
        return databases.fingerprint(path) if path.kind == "postgresql" else objects.fingerprint(path)
    path = Path(path.location) if isinstance(path, Address) else path
    state = path.stat()
    return _digest(path, state.st_size, state.st_mtime_ns)


@cache
def _digest(path: Path, _size: int, _changed: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def ingredients(step: Step, done: dict[str, Done]) -> dict[str, object]:
    """What decides a step's result: upstream keys, parameters, file hashes, code."""
    return {
        "needs": {name: done[name].key for name in step.needs},
        "parameters": step.parameters,
        "files": [(path.name, sha256_of(path)) for path in step.files],
        "code": code_hash(step.code),
    }


def key_of(made_of: dict[str, object]) -> tuple[str, str]:
    """The ingredients as text, and the key that is its hash."""
    text = json.dumps(made_of, sort_keys=True, ensure_ascii=False, default=str)
    return text, hashlib.sha256(text.encode()).hexdigest()[:16]


def perform(step: Step, store: Path, done: dict[str, Done], *, force: bool = False) -> Done:
    """Run a step, or reuse its stored result; returns the folder with its outputs."""
    made_of = ingredients(step, done)
    text, key = key_of(made_of)
    folder = store / f"{step.name}-{key}"
    if (folder / STAMP).exists() and not force:
        return Done(step.name, folder, key, "nothing changed", False)
    reason = "forced" if force else why_changed(step.name, store, made_of)
    store.mkdir(parents=True, exist_ok=True)
    work, start = work_folder(step.name, store), time.perf_counter()
    try:
        step.run(work, {name: done[name].folder for name in step.needs})
        seconds, rows = time.perf_counter() - start, _rows_read(work)
        took = {"seconds": round(seconds, 3), "rows": rows, "bytes": step.size()}
        (work / TOOK).write_text(json.dumps(took), encoding="utf-8")
        (work / STAMP).write_text(text, encoding="utf-8")
        _put_in_place(work, folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return Done(step.name, folder, key, reason, True, seconds, rows)


def _rows_read(work: Path) -> int:
    """The rows that a step took from raw files, by its account."""
    file = work / "account.json"
    records = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
    return sum(r["rows"] for r in records if r["step"] == "read" and r["kind"] == "in")


def work_folder(name: str, parent: Path) -> Path:
    """A hidden folder to fill, whose name says which process of which machine fills it."""
    return Path(tempfile.mkdtemp(prefix=f".{name}-{platform.node()}-{os.getpid()}-", dir=parent))


def clear_leavings(parent: Path) -> None:
    """Remove the half-filled folders of processes of this machine that no longer live: a killed run leaves one."""
    made = re.compile(rf"\.\w+-{re.escape(platform.node())}-(\d+)-[^-]*")
    for folder in parent.glob(".*-*") if parent.exists() else ():
        found = made.fullmatch(folder.name)
        if found and not _lives(int(found[1])):
            shutil.rmtree(folder, ignore_errors=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _put_in_place(work: Path, folder: Path) -> None:
    """Rename a complete folder to its name; when another run was first, its equal result stands."""
    old = folder.with_name(f".{folder.name}.old.{os.getpid()}.{threading.get_ident()}")
    if folder.exists():
        os.replace(folder, old)
    try:
        os.replace(work, folder)
    except OSError:
        if not (folder / STAMP).exists():
            raise
    shutil.rmtree(old, ignore_errors=True)
