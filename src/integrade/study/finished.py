"""The finished runs of a study, whose files are read only where they are what was written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from integrade import doors
from integrade.account import Account, Entry, entries_of
from integrade.errors import FileMissing, IntegradeError, Unreadable, did_you_mean
from integrade.judge.bundle import StudyResults
from integrade.study.records import MISFITS, misfit, read_as
from integrade.study.seals import differs, prints_from, unsealed
from integrade.study.stored_results import results_from

MANIFEST = "manifest.json"
RESULTS = "tables/results.json"
Read = TypeVar("Read")


def latest_name(runs: Path) -> str:
    """The run that ``runs/latest`` names; nothing where it names none that is there, as a damaged file does."""
    try:
        name = doors.read_text(runs / "latest").strip()
    except (OSError, ValueError):
        return ""
    return name if name in {folder.name for folder in finished_runs(runs)} else ""


def finished_runs(runs: Path) -> list[Path]:
    """The folders of finished runs, the latest last; hidden ones are not finished."""
    times = dict[Path, float]()
    for folder in runs.iterdir() if runs.is_dir() else ():
        try:
            times[folder] = folder.stat().st_mtime if (folder / MANIFEST).is_file() else 0.0
        except OSError:  # another run has just removed it
            continue
    found = [folder for folder, time in times.items() if time and not folder.name.startswith(".")]
    return sorted(found, key=lambda folder: (times[folder], folder.name))


def run_folder(root: Path, name: str) -> Path:
    """The folder of a run by its name; ``latest`` is the last one. Raises `FileMissing` with the nearest name."""
    runs = root / "runs"
    known = {folder.name: folder for folder in finished_runs(runs)}
    wanted = latest_name(runs) or name if name == "latest" else name
    if wanted in known:
        return known[wanted]
    if not root.is_dir():
        near = sorted(p.name for p in root.parent.iterdir() if p.is_dir()) if root.parent.is_dir() else []
        raise FileMissing(f"no folder {root}", remedy=did_you_mean(root.name, near))
    remedy = did_you_mean(name, [*known, "latest"]) if known else f"integrade run {root}"
    raise FileMissing(f"no finished run {name!r} in {root}", remedy=remedy)


@dataclass(frozen=True)
class _Input:
    """A raw file in a manifest: of which table, its name seen from the study, its size, its hash, who reads it."""

    table: str
    steps: tuple[str, ...]
    file: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class _Manifest:
    """What a manifest holds beside the prints of its outputs."""

    integrade: str
    python: str
    libraries: Mapping[str, str]
    study: Mapping[str, object]
    inputs: tuple[_Input, ...]
    steps: Mapping[str, str]
    account: tuple[Mapping[str, object], ...]


def manifest_of(folder: Path) -> dict[str, Any]:
    """The manifest of a run. Raises `Unreadable` where it is damaged."""
    return _whole(folder, MANIFEST, lambda: _manifest(folder / MANIFEST))


def _manifest(file: Path) -> dict[str, Any]:
    """Raises an error of `MISFITS` for one that no run wrote."""
    found = unsealed(doors.read_bytes(file))
    outputs = prints_from(found.pop("outputs", None))
    made = read_as(_Manifest, found)
    entries = entries_of(made.account)
    if wrong := misfit(_Manifest, made, "it") or misfit(tuple[Entry, ...], entries, "its account"):
        raise ValueError(wrong)
    return {**found, "account": Account(entries).records(), "outputs": outputs}


def whole_file(folder: Path, place: str) -> Path:
    """A file of a run that is as it was written. Raises `Unreadable` for one that is damaged."""
    known = manifest_of(folder)["outputs"].get(place)
    if known is not None and (wrong := differs(folder / place, known)):
        raise _damaged(folder, place, wrong)
    return folder / place


def rows_in(folder: Path, place: str) -> pl.DataFrame:
    """A table of a run. Raises `Unreadable` where it is damaged."""
    return _whole(folder, place, lambda: pl.read_parquet(doors.regular(whole_file(folder, place))))


def results_in(folder: Path) -> StudyResults:
    """The results of a finished run.

    Raises `FileMissing` for a run that stopped before its models, `Unreadable` for results that are damaged or of
    another version.
    """
    if not (folder / RESULTS).exists():
        what = f"run {folder.name} has no results: it stopped before its models"
        raise FileMissing(what, remedy=f"integrade run {folder.parents[1]}")
    text = _whole(folder, RESULTS, lambda: doors.read_text(whole_file(folder, RESULTS)))
    return _whole(folder, RESULTS, lambda: results_from(text))


def _whole(folder: Path, place: str, read: Callable[[], Read]) -> Read:
    try:
        return read()
    except IntegradeError:
        raise
    except (OSError, RecursionError, pl.exceptions.PolarsError, *MISFITS) as problem:
        said = (str(problem).splitlines() or [""])[0] or type(problem).__name__
        raise _damaged(folder, place, said[:200]) from None


def _damaged(folder: Path, place: str, wrong: str) -> Unreadable:
    return Unreadable(
        f"{place} of run {folder.name} is damaged: {wrong}",
        where=str(folder / place),
        remedy=f"integrade run {folder.parents[1]}, which makes it again",
    )
