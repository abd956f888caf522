"""Perform the steps of a study, cached by content: a step runs again only if its inputs, parameters or code changed.

A step writes its outputs into a temporary folder that is renamed when it is complete. A killed run therefore loses at
most the step it was in, and two runs at once never see half a step. Stored results are compared with their hashes
before they are used (`integrade.study.seals`). After a step has read its raw files, the step fails if they differ from
their state before they were hashed.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from integrade.errors import InputChanged, IntegradeError
from integrade.sources.files import databases, objects
from integrade.sources.files.selection import File
from integrade.sources.origins.addresses import Address
from integrade.study.closure import code_hash
from integrade.study.leases import leased
from integrade.study.reasons import STAMP, why_changed
from integrade.study.seals import SEAL, Depth, damage, entries_in, seal
from plainwords.account import Entry, carrying, entries_of
from plainwords.escaping import records_without_secrets
from rawcells import doors
from rawcells.stopping import keeps

TOOK = "took.json"
OF_DATA = ("integration", "index_trust", "quality", "quality_rows", "panel")
"""Steps whose errors are printed with the account of the steps that read their tables."""
KEPT = (STAMP, TOOK, SEAL, "account.json", "names.json", "summary.json", "drawn.json")
"""Files in a step's folder that are not copied into the folder of a run."""
TICK = 20_000_000
"""Two changes of a file within this time (ns) may get the same time of change (a convention)."""

log = logging.getLogger("integrade")

State = tuple[int, int, int, int]
"""Size, times of change, and inode number of a file."""


@dataclass(frozen=True)
class Step:
    """One step: the steps it needs, everything that decides its result, and the function that fills a folder.

    ``parameters`` is any JSON-able value; ``files`` are raw inputs, hashed by content; ``code`` are the modules that
    contain the function, hashed with all that they import (`integrade.study.closure`). ``ahead`` starts what the step
    will wait for; a run calls it when an earlier step begins, and it decides no result.
    """

    name: str
    needs: tuple[str, ...]
    parameters: object
    files: tuple[File, ...]
    code: tuple[str, ...]
    run: Callable[[Path, dict[str, Path]], None]
    ahead: Callable[[], None] | None = None

    def size(self) -> int:
        """Return the bytes of the raw files that are on this machine."""
        return sum(f.stat().st_size for f in self.files if isinstance(f, Path) and f.is_file())


@dataclass(frozen=True)
class Done:
    """A finished step: its folder, its key, why it ran (or that it was reused), its seconds, and the rows it read."""

    name: str
    folder: Path
    key: str
    reason: str
    ran: bool
    seconds: float = 0.0
    rows: int = 0


def sha256_of(path: File) -> str:
    """Return the SHA-256 of a file's bytes, or of a server's description of a table.

    Each file is read once in a run.
    """
    if isinstance(path, Address) and path.kind in ("postgresql", "object"):
        return databases.fingerprint(path) if path.kind == "postgresql" else objects.fingerprint(path)
    path = _on_disk(path)
    return _digest(path, _state(path.stat()))


@cache
def _digest(path: Path, _: State) -> str:
    with doors.open_bytes(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _on_disk(file: File) -> Path:
    return Path(file.location) if isinstance(file, Address) else file


def _state(found: os.stat_result) -> State:
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


def states_of(files: Iterable[File]) -> dict[Path, State]:
    """Return the states of local files before they are hashed and read; files on servers have no state.

    If a file has just changed, wait a moment first, because the clock of a file system is coarse.
    """
    paths = [path for path in map(_on_disk, files) if path.is_file()]
    states = {path: _state(path.stat()) for path in paths}
    if any(max(state[1:3]) > time.time_ns() - TICK for state in states.values()):
        time.sleep(TICK / 1e9)
        states = {path: _state(path.stat()) for path in paths}
    return states


def require_unchanged(before: Mapping[Path, State]) -> None:
    """Raise `InputChanged` for a file whose state differs from its state ``before`` it was hashed."""
    for path, state in before.items():
        try:
            same = _state(path.stat()) == state
        except OSError:
            same = False
        if not same:
            raise InputChanged(
                f"{path.name} was changed or replaced while the run read it; results based on it are discarded",
                where=str(path),
                remedy="run again when the file is whole",
            )


def ingredients(step: Step, done: dict[str, Done]) -> dict[str, object]:
    """Return everything that decides a step's result: upstream keys, parameters, file hashes, code."""
    return {
        "needs": {name: done[name].key for name in step.needs},
        "parameters": records_without_secrets(step.parameters),
        "files": [(path.name, sha256_of(path)) for path in step.files],
        "code": code_hash(step.code),
    }


def key_of(made_of: dict[str, object], step: Step) -> tuple[str, str]:
    """Return the ingredients as text, and the key: a hash of the ingredients and of parameters that the text hides."""
    text = json.dumps(made_of, sort_keys=True, ensure_ascii=False, default=str)
    shown, whole = (
        json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
        for value in (made_of["parameters"], step.parameters)
    )
    hashed = hashlib.sha256(text.encode())
    hashed.update(b"" if shown == whole else whole.encode())
    return text, hashed.hexdigest()[:16]


def perform(
    step: Step,
    store: Path,
    done: dict[str, Done],
    *,
    force: bool = False,
    depth: Depth = "fast",
    begins: Callable[[], None] = lambda: None,
) -> Done:
    """Run a step, or reuse its stored result if that is undamaged; return the folder with its outputs.

    ``begins`` is called before the step runs, and not if its stored result is used.

    Data behind an address are fetched once, hashed and read. Raises `InputChanged` if a raw file changed during the
    step; nothing is stored then.
    """
    try:
        with objects.one_copy_each(), carrying():
            return _perform(step, store, done, force=force, depth=depth, begins=begins)
    except IntegradeError as problem:
        needed = step.needs if step.name in OF_DATA else ()
        problem.account = (*(e for name in needed for e in _account(done[name].folder)), *problem.account)
        raise


def _perform(
    step: Step, store: Path, done: dict[str, Done], *, force: bool, depth: Depth, begins: Callable[[], None]
) -> Done:
    before = states_of(step.files)
    made_of = ingredients(step, done)
    text, key = key_of(made_of, step)
    folder = store / f"{step.name}-{key}"
    wrong = _wrong(folder, depth) if folder.exists() or folder.is_symlink() else ""
    if folder.exists() and not wrong and not force:
        keeps(str(store), step.name)
        return Done(step.name, folder, key, "nothing changed", False)
    reason = "forced" if force else f"its stored result is damaged: {wrong}" if wrong else ""
    if wrong:
        log.warning("the stored result of %s is damaged and is computed again: %s", step.name, wrong)
    begins()
    reason, start = reason or why_changed(step.name, store, made_of), time.perf_counter()
    with leased(step.name, store) as work:
        with _keyed(key):
            step.run(work, {name: done[name].folder for name in step.needs})
        require_unchanged(before)
        seconds = time.perf_counter() - start
        rows = sum(entry.rows for entry in _account(work) if entry.step == "read" and entry.kind == "in")
        took = {"seconds": round(seconds, 3), "rows": rows, "bytes": step.size()}
        (work / TOOK).write_text(json.dumps(took), encoding="utf-8")
        (work / STAMP).write_text(text, encoding="utf-8")
        seal(work, folder.name, besides=(TOOK,))
        _put_in_place(work, folder, over=force)
    keeps(str(store), step.name)
    return Done(step.name, folder, key, reason, True, seconds, rows)


_KEY: ContextVar[str] = ContextVar("key of the step that runs", default="")


@contextmanager
def _keyed(key: str) -> Iterator[None]:
    """Let `key_of_this_step` return the key until the block ends."""
    token = _KEY.set(key)
    try:
        yield
    finally:
        _KEY.reset(token)


def key_of_this_step() -> str:
    """Return the key of the step that runs now; empty outside a step. The report prints the run's name, which is it."""
    return _KEY.get()


def _account(folder: Path) -> tuple[Entry, ...]:
    file = folder / "account.json"
    return entries_of(json.loads(doors.read_text(file))) if file.exists() else ()


def _wrong(folder: Path, depth: Depth = "fast") -> str:
    """Return a text on what is wrong with a stored step; empty if nothing is.

    A link counts as wrong, because it may lead out of the study.
    """
    link = _link_in(folder)
    return f"{link.name} is a link" if link else damage(folder, depth)


def _link_in(folder: Path) -> Path | None:
    """Return the folder if it is a link, else a link inside it, else None; no link is followed."""
    return folder if folder.is_symlink() else next((p for p in folder.rglob("*") if p.is_symlink()), None)


def _put_in_place(work: Path, folder: Path, *, over: bool) -> None:
    """Rename a complete folder to its name.

    If an undamaged folder already has the name (another run was first), it is kept, unless ``over`` is set. A damaged
    folder is repaired file by file, so that a concurrent reader misses no file; its seal is written last. If the folder
    is a link, or contains links, only the links are removed, because a study folder may come from a stranger.
    """
    while link := _link_in(folder):
        link.unlink()
    try:
        os.replace(work, folder)
    except OSError:
        if not folder.is_dir():
            raise
    else:
        return
    if not over and not _wrong(folder):
        return
    places, whole = [p.relative_to(work) for p in work.rglob("*") if p.is_file()], {*entries_in(work)}
    for place in sorted(places, key=lambda p: (p.name == SEAL, p)):
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        os.replace(work / place, folder / place)
    for added in {*entries_in(folder)} - whole:
        _remove(folder / added, folder)


def _remove(entry: Path, top: Path) -> None:
    """Remove an entry that was added to a folder, and then the folders below ``top`` that have become empty."""
    with suppress(OSError):
        entry.rmdir() if entry.is_dir() else entry.unlink()
        for above in entry.parents:
            if above == top:
                return
            above.rmdir()
