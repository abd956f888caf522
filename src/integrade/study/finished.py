"""The finished runs of a study, whose files are read only where they are what was written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from integrade.engine import doors
from integrade.errors import FileMissing, IntegradeError, Unreadable, did_you_mean
from integrade.study.records import MISFITS, misfit, read_as
from integrade.study.seals import Print, differs, entries_in, prints_from, unsealed
from integrade.study.stored_results import results_from
from integrade.verdicts.bundle import StudyResults
from integrade.wording.account import Account, Entry, entries_of

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


@dataclass(frozen=True)
class RunStatus:
    """What is wrong with the files of a finished run, and which files it has beyond those that a run writes.

    A user may put files into a run and edit its report: neither is damage.
    """

    name: str
    damage: tuple[str, ...]
    extra: tuple[str, ...]


def verify_run(folder: Path) -> RunStatus:
    """Compare the files of a run with the hashes of its manifest, which are all read."""
    try:
        manifest = manifest_of(folder)
    except Unreadable as problem:
        lacking = (folder / MANIFEST).is_file() or (folder / MANIFEST).is_symlink()
        wrong = problem.what if lacking else f"{MANIFEST} of run {folder.name} is gone"
        return RunStatus(folder.name, (wrong,), ())
    known = manifest["outputs"]
    found = [f"{place} {wrong}" for place, one in known.items() if (wrong := _differs(folder, place, one))]
    if (made_as := name_of_run(manifest["steps"])) != folder.name:
        found.append(f"its files are those of run {made_as!r:.40}")
    own = {MANIFEST, *known}
    added = (place for place in entries_in(folder) if place not in own)
    extra = tuple(one for one in added if not (one.startswith("report/") and (folder / one).is_file()))
    return RunStatus(folder.name, tuple(found), extra)


def _differs(folder: Path, place: str, known: Print) -> str:
    """What is wrong with a file of a run; a link is wrong, for it may lead out of the study."""
    file = folder / place
    inside = [file, *(above for above in file.parents if above.is_relative_to(folder) and above != folder)]
    return "is a link" if any(one.is_symlink() for one in inside) else differs(file, known, "full")


def name_of_run(keys: Mapping[str, str]) -> str:
    """The name of a run whose steps have these keys, in their order."""
    return [*keys.values()][-1][:10] if keys else ""


def verify_runs(runs: Path) -> tuple[RunStatus, ...]:
    """`verify_run` of every run in a folder, those without a manifest too."""
    folders = sorted(p for p in runs.iterdir() if p.is_dir() and not p.name.startswith(".")) if runs.is_dir() else []
    return tuple(verify_run(folder) for folder in folders)


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
