"""Find the finished runs of a study, and read their files only if they have not changed since the run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from integrade.errors import FileMissing, IntegradeError, Unreadable, did_you_mean
from integrade.study.records import MISFITS, misfit, read_as
from integrade.study.seals import Print, differs, entries_in, prints_from, unsealed
from integrade.study.stored_results import results_from
from integrade.verdicts.bundle import StudyResults
from plainwords.account import Account, Entry, entries_of
from rawcells import doors

MANIFEST = "manifest.json"
RESULTS = "tables/results.json"
Read = TypeVar("Read")


def latest_name(runs: Path) -> str:
    """Return the name of the run in ``runs/latest``; empty if that run does not exist, or if the file is damaged."""
    try:
        name = doors.read_text(runs / "latest").strip()
    except (OSError, ValueError):
        return ""
    return name if name in {folder.name for folder in finished_runs(runs)} else ""


def finished_runs(runs: Path) -> list[Path]:
    """Return the folders of finished runs, the latest last; hidden folders are unfinished and left out."""
    times = dict[Path, float]()
    for folder in runs.iterdir() if runs.is_dir() else ():
        try:
            times[folder] = folder.stat().st_mtime if (folder / MANIFEST).is_file() else 0.0
        except OSError:  # another run has just removed it
            continue
    folders = [folder for folder, time in times.items() if time and not folder.name.startswith(".")]
    return sorted(folders, key=lambda folder: (times[folder], folder.name))


def run_folder(root: Path, name: str) -> Path:
    """Return the folder of a run; ``latest`` is the last one. Raises `FileMissing` with the nearest name."""
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
    """A raw file in a manifest: its table, name relative to the study, size and hash, and the steps that read it."""

    table: str
    steps: tuple[str, ...]
    file: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class _Manifest:
    """The content of a manifest, without the sizes and hashes of its outputs."""

    integrade: str
    python: str
    libraries: Mapping[str, str]
    study: Mapping[str, object]
    inputs: tuple[_Input, ...]
    steps: Mapping[str, str]
    account: tuple[Mapping[str, object], ...]


def manifest_of(folder: Path) -> dict[str, Any]:
    """Return the manifest of a run. Raises `Unreadable` if it is damaged."""
    return _read_or_refuse(folder, MANIFEST, lambda: _manifest(folder / MANIFEST))


def _manifest(file: Path) -> dict[str, Any]:
    """Read a manifest. Raises one of the errors in `MISFITS` for a file that no run wrote."""
    record = unsealed(doors.read_bytes(file))
    outputs = prints_from(record.pop("outputs", None))
    manifest = read_as(_Manifest, record)
    entries = entries_of(manifest.account)
    if wrong := misfit(_Manifest, manifest, "it") or misfit(tuple[Entry, ...], entries, "its account"):
        raise ValueError(wrong)
    return {**record, "account": Account(entries).records(), "outputs": outputs}


@dataclass(frozen=True)
class RunStatus:
    """The damaged files of a finished run, and the files in its folder that no run writes.

    Users may add files to a run and edit its report: neither is damage.
    """

    name: str
    damage: tuple[str, ...]
    extra: tuple[str, ...]


def verify_run(folder: Path) -> RunStatus:
    """Compare the files of a run with the hashes of its manifest; every file is read."""
    try:
        manifest = manifest_of(folder)
    except Unreadable as problem:
        lacking = (folder / MANIFEST).is_file() or (folder / MANIFEST).is_symlink()
        wrong = problem.what if lacking else f"{MANIFEST} of run {folder.name} is gone"
        return RunStatus(folder.name, (wrong,), ())
    known = manifest["outputs"]
    problems = [f"{place} {wrong}" for place, item in known.items() if (wrong := _differs(folder, place, item))]
    if (made_as := name_of_run(manifest["steps"])) != folder.name:
        problems.append(f"its files are those of run {made_as!r:.40}")
    expected = {MANIFEST, *known}
    added = (place for place in entries_in(folder) if place not in expected)
    extra = tuple(item for item in added if not (item.startswith("report/") and (folder / item).is_file()))
    return RunStatus(folder.name, tuple(problems), extra)


def _differs(folder: Path, place: str, known: Print) -> str:
    """Return a text on what is wrong with a file of a run; empty if nothing is.

    A link is wrong, because it may lead out of the study.
    """
    file = folder / place
    inside = [file, *(above for above in file.parents if above.is_relative_to(folder) and above != folder)]
    return "is a link" if any(path.is_symlink() for path in inside) else differs(file, known, "full")


def name_of_run(keys: Mapping[str, str]) -> str:
    """Return the name of a run, which follows from the keys of its steps in their order."""
    return [*keys.values()][-1][:10] if keys else ""


def verify_runs(runs: Path) -> tuple[RunStatus, ...]:
    """Return the result of `verify_run` for every run in a folder, including runs without a manifest."""
    folders = sorted(p for p in runs.iterdir() if p.is_dir() and not p.name.startswith(".")) if runs.is_dir() else []
    return tuple(verify_run(folder) for folder in folders)


def whole_file(folder: Path, place: str) -> Path:
    """Return the path of an undamaged file of a run. Raises `Unreadable` if it is damaged."""
    known = manifest_of(folder)["outputs"].get(place)
    if known is not None and (wrong := differs(folder / place, known)):
        raise _damaged(folder, place, wrong)
    return folder / place


def rows_in(folder: Path, place: str) -> pl.DataFrame:
    """Return a table of a run. Raises `Unreadable` if it is damaged."""
    return _read_or_refuse(folder, place, lambda: pl.read_parquet(doors.regular(whole_file(folder, place))))


def results_in(folder: Path) -> StudyResults:
    """Return the results of a finished run.

    Raises `FileMissing` for a run that stopped before its models, `Unreadable` for results that are damaged or of
    another version.
    """
    if not (folder / RESULTS).exists():
        what = f"run {folder.name} has no results: it stopped before its models"
        raise FileMissing(what, remedy=f"integrade run {folder.parents[1]}")
    text = _read_or_refuse(folder, RESULTS, lambda: doors.read_text(whole_file(folder, RESULTS)))
    return _read_or_refuse(folder, RESULTS, lambda: results_from(text))


def _read_or_refuse(folder: Path, place: str, read: Callable[[], Read]) -> Read:
    try:
        return read()
    except IntegradeError:
        raise
    except (OSError, RecursionError, pl.exceptions.PolarsError, *MISFITS) as problem:
        reason = (str(problem).splitlines() or [""])[0] or type(problem).__name__
        raise _damaged(folder, place, reason[:200]) from None


def _damaged(folder: Path, place: str, wrong: str) -> Unreadable:
    return Unreadable(
        f"{place} of run {folder.name} is damaged: {wrong}",
        where=str(folder / place),
        remedy=f"integrade run {folder.parents[1]}, which computes it again",
    )
