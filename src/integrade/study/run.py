"""Run a study: check its files, perform its steps, and write the run folder with its manifest."""

from __future__ import annotations

import filecmp
import json
import logging
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from integrade.errors import IntegradeError, UnknownName, UsageError, did_you_mean, speaking
from integrade.records.plugins import any_installed
from integrade.report.whole_file import write_bytes
from integrade.sources.files.objects import one_copy_each
from integrade.study import unchanged
from integrade.study.checking import facts_of, refused
from integrade.study.config import Study
from integrade.study.data.tables import account_in
from integrade.study.finished import MANIFEST, latest_name, name_of_run
from integrade.study.inputs import described, raw_files
from integrade.study.leases import clear_leavings, leased
from integrade.study.lines import placed
from integrade.study.parts import refuse_absent, sections_beyond
from integrade.study.performing import perform_all
from integrade.study.plugins import use_plugins
from integrade.study.progress import expected, watching
from integrade.study.reading import Draft, all_of, read_draft
from integrade.study.reasons import why_changed
from integrade.study.records import read_json
from integrade.study.request import Request as Request
from integrade.study.rooms import COPIED, ROOMS, build_steps, step_names
from integrade.study.seals import (
    Depth,
    Print,
    damage,
    differs,
    made_with,
    print_of,
    prints_from,
    prints_in,
    sealed,
    unsealed,
    versions_told,
)
from integrade.study.steps import KEPT, Done, Step, ingredients, key_of, perform
from integrade.study.validation import require_valid, validate, validation_step
from plainwords.account import Account, warnings_of
from plainwords.escaping import records_without_secrets
from rawcells import doors
from rawcells.stopping import beside, temporary

STORE = unchanged.STORE
log = logging.getLogger("integrade")


@dataclass(frozen=True)
class Outcome:
    """A finished run: its folder, report, warnings and steps, and the run that ``runs/latest`` now names.

    ``read`` describes the files that the run may have read, in their state before the run; None if some are unknown.
    """

    folder: Path
    report: Path | None
    warnings: tuple[str, ...]
    steps: tuple[Done, ...]
    latest: str
    read: unchanged.Seen | None = None


@speaking("file")
@one_copy_each()
def run_study(path: Path, request: Request, tell: Callable[[str], None] = print) -> Outcome | None:
    """Perform the steps of a study up to ``request.to``; every step with unchanged inputs is reused.

    Returns None for a dry run. Raises the errors of the steps; finished steps stay stored. If a run stops before the
    report, ``runs/latest`` goes on naming an earlier complete run.
    """
    if text := str(use_plugins(path, allowed=request.plugins)):
        tell(text)
    chosen, jobs = _chosen(request), _jobs(request)
    root, draft = path if path.is_dir() else path.parent, read_draft(path, sections_beyond(request.to))
    files_seen = None
    if draft.study is not None and not draft.study.plugins and not any_installed():  # plugins may read any file
        files_seen = unchanged.seen(path, draft.study.model_dump())
    study = checked(draft, root)
    steps = build_steps(study, root, request.engine)
    refuse_absent(request.to, steps)
    _require_forced(request, steps, chosen)
    store, wanted = root / STORE, [step for name, step in steps.items() if name in chosen]
    validation = validation_step(draft, study, root, request.engine)
    if request.dry_run:
        require_valid(draft, study, root, request.engine)
        _tell_plan(wanted, store, request, tell)
        return None
    looked = {folder: clear_leavings(folder) for folder in (store, root / "runs")}
    depth: Depth = "full" if request.verify else "fast"
    with watching(expected([validation, *wanted], store), asked=request.progress, jobs=jobs) as watch:
        watch.begin(validation.name)
        watch.end(perform(validation, store, {}, depth=depth))
        done = perform_all(wanted, store, watch, jobs=jobs, force=request.force, depth=depth)
    if request.explain:
        for finished in done.values():
            tell(f"{finished.name:<12} {'ran' if finished.ran else 'reused'}: {finished.reason}")
    folder = _lay_out(root, study, done)
    report = folder / "report" / "report.html"
    warnings = tuple(dict.fromkeys((*warnings_of(account_of(done)), *warnings_in(done))))
    latest = _name_latest(folder)
    for parent, before in looked.items():
        clear_leavings(parent, before)
    read = (
        files_seen
        if files_seen and unchanged.covers(files_seen, [file for step in steps.values() for file in step.files])
        else None
    )
    return Outcome(folder, report if report.exists() else None, warnings, tuple(done.values()), latest, read)


def _chosen(request: Request) -> tuple[str, ...]:
    """Return the names of steps up to the one requested. Raises `UnknownName` if the forced step does not exist."""
    names = step_names()
    if request.force is not None and request.force not in names:
        raise UnknownName(f"no step {request.force!r}", remedy=did_you_mean(request.force, names))
    return names[: names.index(request.to) + 1]


def _require_forced(request: Request, steps: Mapping[str, Step], chosen: Sequence[str]) -> None:
    """Raise `UsageError` if the forced step is not in the study, or comes after the end of the run."""
    step = request.force
    if step is None or (step in steps and step in chosen):
        return
    others = f"--force one of {', '.join(name for name in steps if name in chosen)}"
    if step not in steps:
        raise UsageError(f"the study does not include {step!r}, so it cannot run again", remedy=others)
    names = step_names()
    end = next(room for room in ROOMS if names.index(room) >= names.index(step))
    raise UsageError(
        f"step {step!r} comes after {request.to!r}, where the run stops", remedy=f"{others}, or --to {end}"
    )


def _jobs(request: Request) -> int:
    """Return how many steps run at the same time; by default the number of processors that this process may use."""
    if request.jobs is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if request.jobs < 1:
        raise UsageError(f"--jobs {request.jobs} is not a positive number of steps", remedy="--jobs 1 or more")
    return request.jobs


@speaking("file")
def check_study(path: Path) -> tuple[tuple[IntegradeError, ...], Account]:
    """Return every problem that can be found without estimating, and the account of the tables.

    The study file, each table, and the matches between tables are checked. Columns, options and references of all
    sections are compared with the columns that the panel will have.
    """
    try:
        draft = read_draft(path)
    except IntegradeError as problem:
        return (problem,), Account()
    if draft.study is None:
        return draft.problems, Account()
    return validate(draft, draft.study, path if path.is_dir() else path.parent)


@speaking("file")
def checked(draft: Draft, root: Path) -> Study:
    """Return the study of a draft; refuse it at once if the study file would make a run fail.

    Raises the errors of `load`, and errors on the columns, files and references of every section. Several errors are
    raised together as `Problems`.
    """
    if draft.study is None:
        raise all_of(draft.problems)
    facts, wrong = facts_of(draft.study, root)
    apart = [one for place, problem in wrong for one in placed(problem, draft.lines.place(place, key=False))]
    problems = [*draft.problems, *apart, *refused(draft, facts)]
    if problems:
        raise all_of(problems)
    return draft.study


def account_of(done: dict[str, Done]) -> Account:
    """Join the accounts of all finished steps in their order."""
    total = Account()
    for finished in done.values():
        total += account_in(finished.folder)
    return total


def warnings_in(done: Mapping[str, Done]) -> tuple[str, ...]:
    """Return the warnings of the results (not of accounts): unanswered questions, a placebo that rejects."""
    if "models" not in done:
        return ()
    return tuple(read_json(doors.read_text(done["models"].folder / "results.json"))["warnings"])


def _tell_plan(steps: list[Step], store: Path, request: Request, tell: Callable[[str], None]) -> None:
    """Print what each step would do, and the reason if requested.

    The keys of all steps are known, because they do not depend on results.
    """
    done: dict[str, Done] = {}
    for step in steps:
        made_of = ingredients(step, done)
        _, key = key_of(made_of, step)
        folder = store / f"{step.name}-{key}"
        done[step.name] = Done(step.name, folder, key, "", ran=False)
        forced, stored = step.name == request.force, folder.exists() and not damage(folder, "sizes")
        why = "forced" if forced else "nothing changed" if stored else why_changed(step.name, store, made_of)
        state = "is stored" if stored and not forced else "would run"
        tell(f"{step.name:<12} {state}{f': {why}' if request.explain else ''}")


def _lay_out(root: Path, study: Study, done: dict[str, Done]) -> Path:
    """Copy the outputs of the steps into ``runs/ID`` with a manifest; the folder is complete or absent.

    An existing run is completed, and files that a user added to it stay (`_complete`).
    """
    folder = root / "runs" / name_of_run({name: finished.key for name, finished in done.items()})
    folder.parent.mkdir(parents=True, exist_ok=True)
    with leased("run", folder.parent) as work:
        for finished in (d for name, d in done.items() if name in COPIED):
            target = work / ("report" if finished.name == "report" else "tables")
            shutil.copytree(finished.folder, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*KEPT))
        (work / "account.txt").write_text(str(account_of(done)) + "\n", encoding="utf-8")
        _write_manifest(work, root, study, done)
        _without_link(folder)
        if not folder.exists():
            try:
                os.replace(work, folder)
                return folder
            except OSError:  # another run was first: its folder is completed
                if not folder.is_dir():
                    raise
        _complete(folder, work, done)
    return folder


def _complete(folder: Path, made: Path, done: Mapping[str, Done]) -> None:
    """Add missing files to a finished run; nothing in the run is deleted, such as further reports or a user's notes.

    Tables that differ from the tables of the steps are damaged and are replaced. A report that differs is renamed to
    ``NAME.old`` and replaced if the step of the report ran in this run. Otherwise it stays, because users write in
    reports. If no step ran, the manifest is not changed, because it records the versions that made the outputs.
    """
    known = _known_outputs(folder / MANIFEST)
    for source in sorted(p for p in made.rglob("*") if p.is_file()):
        place = source.relative_to(made)
        target, room = folder / place, place.parts[0]
        for above in reversed(place.parents):
            _without_link(folder / above)
        target.parent.mkdir(parents=True, exist_ok=True)
        there = target.is_file() and target.stat().st_size > 0
        if there and filecmp.cmp(source, target, shallow=False):
            continue
        if room == "report" and there:
            if not done["report"].ran:
                continue
            with temporary(beside(target)) as part:  # a copy, so that the report is there until another replaces it
                shutil.copy2(target, part)
                os.replace(part, target.with_name(f"{target.name}.old"))
        if room == MANIFEST and known and known == _known_outputs(source) and not any(d.ran for d in done.values()):
            continue
        before = known.get(place.as_posix())
        if before and (wrong := differs(target, before)):
            log.warning("%s of run %s is damaged and is computed again: %s", place, folder.name, wrong)
        os.replace(source, target)


def _without_link(folder: Path) -> None:
    """Remove a link that stands where a folder should be.

    The link's target is not part of the study and stays unchanged.
    """
    if folder.is_symlink():
        folder.unlink()


def _known_outputs(manifest: Path) -> dict[str, Print]:
    """Return sizes and hashes of the outputs in a run's manifest; empty if the manifest is damaged."""
    try:
        return prints_from(unsealed(doors.read_bytes(manifest)).get("outputs"))
    except (OSError, ValueError, RecursionError):
        return {}


def _name_latest(folder: Path) -> str:
    """Write the name of this run into ``runs/latest``.

    The file stays unchanged if this run stopped early and the file names a complete run.
    """
    runs = folder.parent
    before = latest_name(runs)
    if before and not (folder / "report").is_dir() and (runs / before / "report").is_dir():
        return before
    write_bytes(runs / "latest", folder.name.encode())
    return folder.name


def _write_manifest(work: Path, root: Path, study: Study, done: dict[str, Done]) -> None:
    """Write the manifest: inputs, versions by step, keys, account, and the hashes of the outputs."""
    inputs = [{"table": raw.table, "steps": raw.steps, **described(raw.file, root)} for raw in raw_files(study, root)]
    tables = prints_in(work / "tables")  # reports are left out, because readers may edit them
    versions = versions_told({name: made_with(finished.folder) for name, finished in done.items()})
    manifest = {
        "integrade": versions.pop("integrade"),
        "python": versions.pop("python"),
        "libraries": versions,
        "study": study.model_dump(mode="json"),
        "inputs": inputs,
        "steps": {name: finished.key for name, finished in done.items()},
        "account": account_of(done).records(),
        "outputs": {
            "account.txt": print_of(work / "account.txt"),
            **{f"tables/{place}": hashes for place, hashes in tables.items()},
        },
    }
    text = json.dumps(sealed(records_without_secrets(json.loads(json.dumps(manifest)))), ensure_ascii=False, indent=1)
    (work / MANIFEST).write_text(text, encoding="utf-8")
