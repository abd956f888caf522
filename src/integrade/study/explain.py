"""Trace a number of a finished run, given by its name, back to its origin."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from integrade.report.addresses import find, table_named
from integrade.report.contents import all_figures
from integrade.report.figure_lineage import figure_lineages, names_sheet
from integrade.report.lineage import Lineage, cells_of, lineage_of, with_run
from integrade.study.finished import manifest_of, results_in, run_folder
from integrade.study.printed import all_tables
from integrade.study.show import stand_in_order
from integrade.study.steps import sha256_of
from integrade.verdicts.bundle import StudyResults, Verdict
from integrade.wording.sheet import Sheet
from rawcells import doors


class Run(NamedTuple):
    """A finished run: its folder, its results, and its manifest."""

    folder: Path
    results: StudyResults
    manifest: Mapping[str, Any]


def finished(study: Path, name: str = "latest") -> Run:
    """Return a run with results. Raises `FileMissing` when there is no run, or when it stopped before the models."""
    root = study.parent if study.is_file() else study
    folder = run_folder(root, name)
    return Run(folder, results_in(folder), manifest_of(folder))


def explain(name: str, study: Path, run: str = "latest") -> Lineage | Sheet | Verdict:
    """Return the lineage of a number (``table4.2.market``) or figure, the cells of a table, or a verdict (``H1``).

    A verdict includes its rule and parts. If the name is empty, return all names. Raises `UnknownName` with the nearest
    name, `FileMissing` when the study has no finished run.
    """
    stand_in_order("explain", name, study)
    finished_run = finished(study, run)
    judged = next((v for v in finished_run.results.verdicts if name and v.hypothesis.lower() == name.lower()), None)
    if judged is not None:
        return judged
    tables, (head, _, address) = all_tables(finished_run.results), name.partition(".")
    figures = (
        {}
        if head.lower().startswith("table")
        else figure_lineages(all_figures(finished_run.results), finished_run.results)
    )
    if not name:
        return names_sheet(tables, figures, finished_run.results.verdicts)
    drawn = {f.address: f for f in figures.values()}
    if name.lower() in drawn:
        return with_run(drawn[name.lower()], _run(finished_run))
    table = table_named(tables, head, [*drawn, *(v.hypothesis for v in finished_run.results.verdicts)])
    return (
        with_run(lineage_of(find(table, address), finished_run.results), _run(finished_run))
        if address
        else cells_of(table)
    )


def _run(run: Run) -> dict[str, str]:
    manifest = run.manifest
    libraries = ", ".join(f"{name} {version}" for name, version in manifest["libraries"].items())
    keys = ", ".join(f"{step} {key[:10]}" for step, key in manifest["steps"].items())
    return {
        "run": run.folder.name,
        "integrade": manifest["integrade"],
        "python": manifest["python"],
        "libraries": libraries,
        "keys of the steps": keys,
    }


def changed_files(lineage: Lineage, study: Path) -> tuple[str, ...]:
    """Return the raw files of a number that changed since the run read them, each with its problem.

    Tables of databases and files behind URLs are not checked again.
    """
    root = study.parent if study.is_file() else study
    wrong = []
    for file in (f for f in lineage.files if "://" not in f["file"] and "#" not in f["file"]):
        path = root / file["file"]
        if not doors.is_file(path):
            wrong.append(f"{file['file']}: no longer there")
        elif sha256_of(path) != file["sha256"]:
            wrong.append(f"{file['file']}: changed since the run")
    return tuple(dict.fromkeys(wrong))
