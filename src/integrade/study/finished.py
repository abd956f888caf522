"""The finished runs of a study, whose files are read only where they are what was written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from integrade.errors import FileMissing, IntegradeError, Unreadable, did_you_mean
from integrade.judge.bundle import StudyResults
from integrade.study.seals import OWN, Print, differs, unsealed
from integrade.study.stored_results import results_from

MANIFEST = "manifest.json"
RESULTS = "tables/results.json"
Read = TypeVar("Read")


def latest_name(runs: Path) -> str:
    """The run that ``runs/latest`` names; nothing where it names none that is there, as a damaged file does."""
    try:
        name = (runs / "latest").read_text(encoding="utf-8").strip()
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


def manifest_of(folder: Path) -> dict[str, Any]:
    """The manifest of a run. Raises `Unreadable` where it is damaged."""
    return _whole(folder, MANIFEST, lambda: _manifest(folder / MANIFEST))


def _manifest(file: Path) -> dict[str, Any]:
    """One of an earlier version has no hash of itself, nor hashes of outputs."""
    text = file.read_bytes()
    found = json.loads(text)
    return {**found, "outputs": {}} if isinstance(found, dict) and OWN not in found else unsealed(text)


def whole_file(folder: Path, place: str) -> Path:
    """A file of a run that is as it was written. Raises `Unreadable` for one that is damaged."""
    known = manifest_of(folder)["outputs"].get(place)
    if known is not None and (wrong := differs(folder / place, Print(*known))):
        raise _damaged(folder, place, wrong)
    return folder / place


def rows_in(folder: Path, place: str) -> pl.DataFrame:
    """A table of a run. Raises `Unreadable` where it is damaged."""
    return _whole(folder, place, lambda: pl.read_parquet(whole_file(folder, place)))


def results_in(folder: Path) -> StudyResults:
    """The results of a finished run.

    Raises `FileMissing` for a run that stopped before its models, `Unreadable` for results that are damaged or of
    another version.
    """
    if not (folder / RESULTS).exists():
        what = f"run {folder.name} has no results: it stopped before its models"
        raise FileMissing(what, remedy=f"integrade run {folder.parents[1]}")
    text = _whole(folder, RESULTS, lambda: whole_file(folder, RESULTS).read_text(encoding="utf-8"))
    return _whole(folder, RESULTS, lambda: results_from(text))


def _whole(folder: Path, place: str, read: Callable[[], Read]) -> Read:
    try:
        return read()
    except IntegradeError:
        raise
    except (OSError, ValueError, KeyError, TypeError, RecursionError, pl.exceptions.PolarsError) as problem:
        raise _damaged(folder, place, (str(problem).splitlines() or [""])[0]) from None


def _damaged(folder: Path, place: str, wrong: str) -> Unreadable:
    return Unreadable(
        f"{place} of run {folder.name} is damaged: {wrong}",
        where=str(folder / place),
        remedy=f"integrade run {folder.parents[1]}, which makes it again",
    )
