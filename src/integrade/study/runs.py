"""Show what a study has done so far, and what differs between two of its runs."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from integrade.engine.frames import Engine
from integrade.estimate.results import FitResult
from integrade.sources.files.objects import one_copy_each
from integrade.study.finished import (
    RESULTS,
    RunStatus,
    finished_runs,
    latest_name,
    manifest_of,
    results_in,
    run_folder,
    verify_runs,
)
from integrade.study.reading import load
from integrade.study.reasons import STAMP, flat, why_changed
from integrade.study.rooms import build_steps
from integrade.study.run import STORE
from integrade.study.seals import Depth, damage, made_with, other_majors
from integrade.study.steps import Done, ingredients, key_of

MOST = 20  # coefficients printed in addition to the benchmark's; --json has all


@dataclass(frozen=True)
class StepStatus:
    """The state of a step: whether its result is stored for the present study, its date, or why it would run.

    ``made_by``: libraries that made the result and have another major version now. ``damage``: what is wrong with its
    files.
    """

    name: str
    stored: bool
    made: str
    reason: str
    made_by: str = ""
    damage: str = ""


@dataclass(frozen=True)
class Status:
    """The steps of a study in their order, its finished runs (the latest last), and the bytes in its store.

    ``verified``: the damage of each run, if all files were read.
    """

    steps: tuple[StepStatus, ...]
    runs: tuple[str, ...]
    latest: str
    stored_bytes: int
    verified: tuple[RunStatus, ...] = ()

    @property
    def damaged(self) -> tuple[str, ...]:
        """Stored steps and files of runs that changed since they were written; known only if all files were read."""
        steps = [f"step {s.name}: {s.damage}" for s in self.steps if s.damage]
        return (*steps, *(f"run {run.name}: {wrong}" for run in self.verified for wrong in run.damage))

    def __str__(self) -> str:
        lines = []
        for s in self.steps:
            remark = s.reason or (f"made by {s.made_by}" if s.made_by else "")
            lines.append(f"{s.name:<12} {'stored' if s.stored else 'to run':<8} {s.made:<17} {remark}".rstrip())
        listed = ", ".join(r + (" (latest)" if r == self.latest else "") for r in self.runs) or "none"
        lines += [f"finished runs: {listed}", f"store: {self.stored_bytes / 1e6:,.1f} MB in {STORE}"]
        for run in self.verified:
            lines += [f"run {run.name}: {wrong}" for wrong in run.damage]
            lines += [f"run {run.name}: integrade did not write {', '.join(run.extra)}"] if run.extra else []
        if self.verified and not any(run.damage for run in self.verified):
            lines.append("all tables of finished runs are unchanged")
        return "\n".join(lines)


@one_copy_each()
def status_of(path: Path, engine: Engine = "auto", *, depth: Depth = "sizes") -> Status:
    """Return the state of every step of a study without running it; ``depth`` is how closely stored files are checked.

    Raw files are read only to hash them. With ``full`` the files of the study's runs are compared with their manifests
    too.
    """
    root, study = path if path.is_dir() else path.parent, load(path)
    steps, store = build_steps(study, root, engine), root / STORE
    done: dict[str, Done] = {}
    statuses = []
    for name, step in steps.items():
        made_of = ingredients(step, done)
        _, key = key_of(made_of, step)
        folder = store / f"{name}-{key}"
        done[name] = Done(name, folder, key, "", ran=False)
        if not folder.exists():
            status = StepStatus(name, False, "", why_changed(name, store, made_of))
        elif wrong := damage(folder, depth):
            status = StepStatus(name, False, "", f"its stored result is damaged: {wrong}", damage=wrong)
        else:
            stored_at = datetime.fromtimestamp((folder / STAMP).stat().st_mtime).strftime("%Y-%m-%d %H:%M")
            status = StepStatus(name, True, stored_at, "", other_majors(made_with(folder)))
        statuses.append(status)
    runs = root / "runs"
    names = tuple(folder.name for folder in finished_runs(runs))
    verified = verify_runs(runs) if depth == "full" else ()
    return Status(tuple(statuses), names, latest_name(runs), _bytes_in(store), verified)


def _bytes_in(store: Path) -> int:
    """Return the bytes of all files of the store; files that a run removes meanwhile are skipped."""
    size = 0
    for file in store.rglob("*"):
        with suppress(OSError):
            size += file.stat().st_size if file.is_file() else 0
    return size


@dataclass(frozen=True)
class Moved:
    """A coefficient in two runs: estimates, standard errors, and the change in units of the first run's error."""

    table: str
    term: str
    before: float | None
    after: float | None
    se_before: float | None
    se_after: float | None

    @property
    def in_errors(self) -> float | None:
        """Change divided by the first run's standard error; None if that error or an estimate is missing."""
        if self.before is None or self.after is None or not self.se_before:
            return None
        return (self.after - self.before) / self.se_before


@dataclass(frozen=True)
class RunDiff:
    """The differences between two runs: inputs, keys of the study file, rows by step and reason, coefficients."""

    first: str
    second: str
    versions: tuple[str, ...]
    inputs: tuple[str, ...]
    keys: tuple[str, ...]
    rows: tuple[str, ...]
    coefficients: tuple[Moved, ...]

    def __str__(self) -> str:
        lines = [f"{self.first} -> {self.second}"]
        for title, what in (
            ("versions", self.versions),
            ("inputs", self.inputs),
            ("study file", self.keys),
            ("rows", self.rows),
        ):
            lines += [f"{title}:" if what else f"{title}: the same", *(f"  {line}" for line in what)]
        moved = [m for m in self.coefficients if m.before != m.after or m.se_before != m.se_after]
        lines.append(f"coefficients: {len(moved)} of {len(self.coefficients)} moved")
        shown = [m for m in moved if m.table.startswith("benchmark") and "beside" not in m.table]
        others = sorted((m for m in moved if m not in shown), key=lambda m: -abs(m.in_errors or math.inf))[:MOST]
        if len(shown) + len(others) < len(moved):
            lines[-1] += f"; the benchmark's, and the {len(others)} others that moved most in their standard errors:"
        lines += [
            f"  {m.table:<14} {m.term:<18} {_number(m.before):>12} -> {_number(m.after):>12}"
            f"  (SE {_number(m.se_before)} -> {_number(m.se_after)}; {_errors(m.in_errors)})"
            for m in (*shown, *others)
        ]
        return "\n".join(lines)


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.5g}"


def _errors(value: float | None) -> str:
    return "not in both" if value is None else f"{value:+.2f} SE"


def diff_runs(root: Path, first: str, second: str) -> RunDiff:
    """Return the differences between two finished runs of a study (``latest`` is the last one).

    Raises `FileMissing` for a run that does not exist.
    """
    a, b = (run_folder(root, name) for name in (first, second))
    before, after = (manifest_of(f) for f in (a, b))
    return RunDiff(
        a.name,
        b.name,
        tuple(_changes(_versions(before), _versions(after))),
        tuple(_changes(_inputs(before), _inputs(after))),
        tuple(_changes(dict(flat(before["study"])), dict(flat(after["study"])))),
        tuple(_changes(_rows(before), _rows(after))),
        tuple(_coefficients(a, b)),
    )


def _versions(manifest: Mapping[str, Any]) -> dict[str, Any]:
    return {"integrade": manifest["integrade"], "python": manifest["python"], **manifest["libraries"]}


def _inputs(manifest: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{i['table']} {i['file']}": f"{i['sha256'][:12]} ({i['bytes']:,} bytes)" for i in manifest["inputs"]}


def _rows(manifest: Mapping[str, Any]) -> dict[str, Any]:
    rows: dict[str, Any] = {}
    for e in manifest["account"]:
        name = f"{e['step']}, {e['table']}, {e['kind']}: {e['reason']}"
        again = sum(known.startswith(name) for known in rows)  # several files of one table
        if e["kind"] not in ("warning", "note"):
            rows[f"{name} ({again + 1})" if again else name] = e["rows"]
    return rows


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for name in dict.fromkeys([*before, *after]):
        if before.get(name) != after.get(name):
            yield f"{name}: {_value(before, name)} -> {_value(after, name)}"


def _value(entries: Mapping[str, Any], name: str) -> str:
    if name not in entries:
        return "not there"
    return f"{entries[name]:,}" if isinstance(entries[name], int) else str(entries[name])


def _coefficients(first: Path, second: Path) -> Iterator[Moved]:
    """Yield every coefficient of the regressions of two runs."""
    before, after = (
        dict(fits_in(results_in(folder))) if (folder / RESULTS).exists() else {} for folder in (first, second)
    )
    for name in dict.fromkeys([*before, *after]):
        a, b = before.get(name), after.get(name)
        terms = dict.fromkeys(c.term for fit in (a, b) if fit for c in fit.coefficients)
        for term in terms:
            pair = [next((c for c in fit.coefficients if c.term == term), None) if fit else None for fit in (a, b)]
            first_numbers, second_numbers = ((c.estimate, c.std_error) if c else (None, None) for c in pair)
            yield Moved(name, term, first_numbers[0], second_numbers[0], first_numbers[1], second_numbers[1])


def fits_in(value: Any, place: str = "") -> Iterator[tuple[str, FitResult]]:
    """Yield every `FitResult` inside a record, with its path: ``benchmark.2``, ``mediation.1.total``."""
    if isinstance(value, FitResult):
        yield place, value
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            name = "" if field.name in ("headline", "fit") else field.name
            yield from fits_in(getattr(value, field.name), ".".join(p for p in (place, name) if p))
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from fits_in(inner, f"{place}.{name}")
    elif isinstance(value, tuple):
        for i, inner in enumerate(value, start=1):
            yield from fits_in(inner, f"{place}.{i}")
