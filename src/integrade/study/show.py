"""Find a table of a study's last run by name, or read any data file."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from integrade.errors import FileMissing, UnknownName, did_you_mean
from integrade.study.records import from_json


def find_table(name: str, study: Path) -> tuple[str, pl.DataFrame]:
    """A canonical table (integration, quality, panel ...), ``account``, a printed table (table1 ...) or a file."""
    if Path(name).suffix and Path(name).exists():
        from integrade.sources import read_table

        return name, read_table(name).polars()
    folder = last_run(study)
    stored = {path.stem: path for path in sorted((folder / "tables").glob("*.parquet"))}
    if name in stored:
        return f"{name} ({folder.name})", pl.read_parquet(stored[name])
    printed = _printed(folder)
    if name in printed:
        return printed[name]
    known = [*stored, *printed]
    raise UnknownName(f"no table {name!r} in {folder}", remedy=did_you_mean(name, known))


def last_run(study: Path) -> Path:
    """The folder of the last run. Raises `FileMissing` when the study has never run."""
    root = study if study.is_dir() else study.parent
    latest = root / "runs" / "latest"
    if not latest.exists():
        raise FileMissing(f"no finished run in {root}", remedy=f"integrade run {root}")
    return root / "runs" / latest.read_text(encoding="utf-8").strip()


def _printed(folder: Path) -> dict[str, tuple[str, pl.DataFrame]]:
    from integrade.models.bundle import StudyResults
    from integrade.report.tables import all_tables

    file = folder / "tables" / "results.json"
    if not file.exists():
        return {}
    results = from_json(StudyResults, file.read_text(encoding="utf-8"))
    shown = {"account": ("account", pl.DataFrame(results.account.records()))}
    for table in all_tables(results):
        columns = {f"{i}": [row[i] for row in table.cells()] for i in range(len(table.columns))}
        names = [name or " " * i for i, name in enumerate(table.columns)]
        shown[f"table{table.number}"] = (table.title, pl.DataFrame(dict(zip(names, columns.values(), strict=True))))
    return shown
