"""Find a table of a study's last run by name, or read any data file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from integrade.errors import FileMissing, UnknownName, UsageError, did_you_mean
from integrade.study.finished import RESULTS, finished_runs, latest_name, results_in, rows_in
from plainwords.account import Account
from plainwords.errors import as_word
from rawcells import doors

if TYPE_CHECKING:
    from integrade.report.printed import PrintedTable
    from integrade.verdicts.bundle import StudyResults


VERDICTS = "verdicts"
"""Name of the table of hypotheses."""


class Found(NamedTuple):
    """A table: its title, its rows, its printed form if it is in the report, and the account of reading a file."""

    title: str
    rows: pl.DataFrame
    printed: PrintedTable | None = None
    account: Account = Account()


def find_table(name: str, study: Path) -> Found:
    """Return a canonical table (integration, quality ...), ``account``, ``verdicts``, a printed table or a file.

    A printed table is named ``tableA1`` or by its number, ``A1``; case does not matter.
    """
    stand_in_order("show", name, study)
    if doors.is_file(Path(name)) and Path(name).suffix:
        from integrade.sources import read_table
        from integrade.sources.files.workbooks import errors_shown

        with errors_shown():
            read = read_table(name)
        return Found(name, read.polars(), account=read.account)
    folder = last_run(study)
    stored = {path.stem: path for path in sorted((folder / "tables").glob("*.parquet"))}
    if name in stored:
        return Found(f"{name} ({folder.name})", rows_in(folder, f"tables/{name}.parquet"))
    if name.lower() == VERDICTS and (folder / RESULTS).exists():
        return Found(f"{VERDICTS} ({folder.name})", _verdicts(results_in(folder)))
    printed = _printed(folder)
    wanted = (name.lower(), f"table{name}".lower())
    table = next((found for key, found in printed.items() if key.lower() in wanted), None)
    if table is not None:
        return table
    known = [*stored, *printed, *([VERDICTS] if printed else [])]
    raise UnknownName(f"no table {name!r} in {folder}", remedy=did_you_mean(name, known))


def is_study(path: Path) -> bool:
    """Return whether a path is a study: its file, or a folder with a study file or with runs."""
    if path.is_dir():
        return (path / "study.toml").is_file() or (path / "runs").is_dir()
    return path.name == "study.toml" and path.is_file()


def stand_in_order(command: str, name: str, study: Path) -> None:
    """Raise `UsageError` if the first argument is a study, because the name of a table or number must come first."""
    path = Path(name)
    if not name or not is_study(path):
        return
    root = path if path.is_dir() else path.parent
    first = next((file.stem for file in sorted((root / "runs").glob("*/tables/*.parquet"))), "table4")
    asked = study if study != Path() else first if command == "show" else "H1"
    raise UsageError(
        f"{name} is a study, which must be the last argument",
        remedy=f"integrade {command} {as_word(asked)} {as_word(name)}",
    )


def never_ran(root: Path, what: str) -> FileMissing:
    """Return the error for a study without a run, or for a folder without a study."""
    remedy = f"integrade run {root}" if is_study(root) else "give the folder of a study after the table's name"
    return FileMissing(what, remedy=remedy)


def last_run(study: Path) -> Path:
    """Return the folder of the last run. Raises `FileMissing` when the study has never run."""
    root = study if study.is_dir() else study.parent
    runs = root / "runs"
    known = finished_runs(runs)
    if not known:
        raise never_ran(root, f"no finished run in {root}")
    return runs / (latest_name(runs) or known[-1].name)


def _printed(folder: Path) -> dict[str, Found]:
    from integrade.study.printed import all_tables

    if not (folder / RESULTS).exists():
        return {}
    results = results_in(folder)
    shown = {"account": Found("account", pl.DataFrame(results.account.records()))}
    for table in all_tables(results):
        rows = pl.DataFrame(dict(zip(_headings(table), zip(*table.cells(), strict=True), strict=True)))
        shown[f"table{table.number}"] = Found(table.title, rows, table)
    return shown


def _verdicts(results: StudyResults) -> pl.DataFrame:
    """Return one row per hypothesis: its name, claim, outcome, what decides it, and main objection as texts.

    Under the paper's preset the last column says whether the paper's criterion supports the claim.
    """
    from integrade.verdicts.brief import read, rows

    names = ["hypothesis", "claim", "outcome", "verdict", "decided_by", "objection"]
    if results.of_the_paper:
        names.append("by_the_paper")
    cells = [dict(zip(names, map(str, row), strict=False)) for row in rows(read(results))]
    return pl.DataFrame(cells, schema=dict.fromkeys(names, pl.String))


def _headings(table: PrintedTable) -> list[str]:
    """Return distinct headings: a second Rank becomes ``Rank 2``; a blank heading becomes spaces."""
    headings = list[str]()
    for i, name in enumerate(table.columns):
        named = name or " " * i
        headings.append(named if named not in headings else f"{named} {1 + table.columns[:i].count(name)}")
    return headings
