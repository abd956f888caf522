"""From the name of a number of a finished run to where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from integrade.engine import doors
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


class Run(NamedTuple):
    """A finished run: its folder, what it found, and its manifest."""

    folder: Path
    results: StudyResults
    manifest: Mapping[str, Any]


def finished(study: Path, name: str = "latest") -> Run:
    """A run with results. Raises `FileMissing` when there is none, or when it stopped before the models."""
    root = study.parent if study.is_file() else study
    folder = run_folder(root, name)
    return Run(folder, results_in(folder), manifest_of(folder))


def explain(name: str, study: Path, run: str = "latest") -> Lineage | Sheet | Verdict:
    """The lineage of a number (``table4.2.market``) or figure; the cells of a table; a verdict (``H1``) with its rule
    and parts; every name where none is given.

    Raises `UnknownName` with the nearest name, `FileMissing` when the study has no finished run.
    """
    stand_in_order("explain", name, study)
    found = finished(study, run)
    judged = next((v for v in found.results.verdicts if name and v.hypothesis.lower() == name.lower()), None)
    if judged is not None:
        return judged
    tables, (head, _, rest) = all_tables(found.results), name.partition(".")
    figures = {} if head.lower().startswith("table") else figure_lineages(all_figures(found.results), found.results)
    if not name:
        return names_sheet(tables, figures, found.results.verdicts)
    drawn = {f.address: f for f in figures.values()}
    if name.lower() in drawn:
        return with_run(drawn[name.lower()], _run(found))
    table = table_named(tables, head, [*drawn, *(v.hypothesis for v in found.results.verdicts)])
    return with_run(lineage_of(find(table, rest), found.results), _run(found)) if rest else cells_of(table)


def _run(found: Run) -> dict[str, str]:
    m = found.manifest
    libraries = ", ".join(f"{name} {version}" for name, version in m["libraries"].items())
    keys = ", ".join(f"{step} {key[:10]}" for step, key in m["steps"].items())
    return {
        "run": found.folder.name,
        "integrade": m["integrade"],
        "python": m["python"],
        "libraries": libraries,
        "keys of the steps": keys,
    }


def changed_files(found: Lineage, study: Path) -> tuple[str, ...]:
    """The raw files of a number that are not what they were when the run read them, each with what is wrong.

    Tables of databases and what lies behind URLs are not asked for again.
    """
    root = study.parent if study.is_file() else study
    wrong = []
    for file in (f for f in found.files if "://" not in f["file"] and "#" not in f["file"]):
        path = root / file["file"]
        if not doors.is_file(path):
            wrong.append(f"{file['file']}: no longer there")
        elif sha256_of(path) != file["sha256"]:
            wrong.append(f"{file['file']}: changed since the run")
    return tuple(dict.fromkeys(wrong))
