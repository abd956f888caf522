"""Run a study: check its files, perform its steps, lay out the run folder with its manifest."""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from integrade import __version__
from integrade.account import Account, Entry
from integrade.errors import IntegradeError, Problems
from integrade.frames import Engine
from integrade.study.config import Study, load
from integrade.study.inputs import described, raw_files, sources_of
from integrade.study.rooms import build_steps, read_source
from integrade.study.steps import Done, Step, ingredients, key_of, perform

STEPS = ("prices", "integration", "quality", "panel", "models", "report")
STORE = ".integrade"
VERSIONED = ("polars", "duckdb", "narwhals", "numpy", "scipy", "within-py", "altair")


@dataclass(frozen=True)
class Request:
    """What a run is asked to do."""

    to: str = "report"
    dry_run: bool = False
    explain: bool = False
    force: str | None = None
    engine: Engine = "auto"


@dataclass(frozen=True)
class Outcome:
    """A finished run: its folder, its report and its warnings."""

    folder: Path
    report: Path | None
    warnings: tuple[str, ...]
    steps: tuple[Done, ...]


def run_study(path: Path, request: Request, tell: Callable[[str], None] = print) -> Outcome | None:
    """Perform the steps of a study up to ``request.to``; reuses every step whose ingredients are unchanged.

    Returns None for a dry run. Raises the coded errors of the rooms; finished steps stay stored.
    """
    root, study = path if path.is_dir() else path.parent, load(path)
    steps = build_steps(study, root, request.engine)
    chosen = STEPS[: STEPS.index(request.to) + 1]
    store, done = root / STORE, dict[str, Done]()
    with _progress(len(chosen)) as advance:
        for name in chosen:
            if request.dry_run:
                tell(_plan(steps[name], store, done))
                continue
            advance(name)
            finished = perform(steps[name], store, done, force=request.force == name)
            done[name] = finished
            if request.explain:
                tell(f"{name:<12} {'ran' if finished.ran else 'reused'}: {finished.reason}")
    if request.dry_run:
        return None
    folder = _lay_out(root, study, done)
    report = folder / "report" / "report.html"
    warnings = tuple(e.reason for e in account_of(done) if e.kind == "note" and e.reason.startswith("warning"))
    return Outcome(folder, report if report.exists() else None, warnings, tuple(done.values()))


def check_study(path: Path) -> tuple[tuple[IntegradeError, ...], Account]:
    """Every problem that can be found without estimating: the study file, then each table on its own."""
    try:
        study = load(path)
    except Problems as several:
        return several.problems, Account()
    except IntegradeError as problem:
        return (problem,), Account()
    root = path if path.is_dir() else path.parent
    found: list[IntegradeError] = []
    account = Account()
    for table, source in sources_of(study):
        try:
            account += read_source(table, source, root, "polars").account
        except Problems as several:
            found += several.problems
        except IntegradeError as problem:
            found.append(problem)
    return tuple(found), account


def account_of(done: dict[str, Done]) -> Account:
    """The accounts of all finished steps in their order."""
    total = Account()
    for finished in done.values():
        file = finished.folder / "account.json"
        if file.exists():
            total += [Entry(**record) for record in json.loads(file.read_text(encoding="utf-8"))]
    return total


def _plan(step: Step, store: Path, done: dict[str, Done]) -> str:
    """What a step would do; its key is known as far as the steps before it have keys."""
    _, key = key_of(ingredients(step, done))
    stored = (store / f"{step.name}-{key}" / "step.json").exists()
    done[step.name] = Done(step.name, store / f"{step.name}-{key}", key, "", ran=False)
    return f"{step.name:<12} {'is stored' if stored else 'would run'}"


def _lay_out(root: Path, study: Study, done: dict[str, Done]) -> Path:
    """Copy the outputs of all steps into ``runs/ID`` with a manifest; complete or absent, never in between."""
    last = list(done.values())[-1]
    folder = root / "runs" / last.key[:10]
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".run-", dir=folder.parent))
    try:
        for finished in done.values():
            target = work / ("report" if finished.name == "report" else "tables")
            shutil.copytree(finished.folder, target, dirs_exist_ok=True,
                            ignore=shutil.ignore_patterns("step.json", "account.json"))  # fmt: skip
        _write_manifest(work / "manifest.json", root, study, done)
        (work / "account.txt").write_text(str(account_of(done)) + "\n", encoding="utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        os.replace(work, folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    latest = folder.parent / f".latest.{os.getpid()}"
    latest.write_text(folder.name, encoding="utf-8")
    os.replace(latest, folder.parent / "latest")
    return folder


def _write_manifest(path: Path, root: Path, study: Study, done: dict[str, Done]) -> None:
    inputs = [{"table": raw.table, "steps": raw.steps, **described(raw.file, root)} for raw in raw_files(study, root)]
    manifest = {
        "integrade": __version__,
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in VERSIONED},
        "study": study.model_dump(mode="json"),
        "inputs": inputs,
        "steps": {name: finished.key for name, finished in done.items()},
        "account": account_of(done).records(),
    }
    path.write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")


@contextmanager
def _progress(total: int) -> Iterator[Callable[[str], None]]:
    """A progress bar on a terminal, plain lines when piped."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda name: print(f"{name} ...", file=sys.stderr)
        return
    columns = (SpinnerColumn(), TextColumn("{task.description:<12}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda name: bar.update(task, description=name, advance=1)
