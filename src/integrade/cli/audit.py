"""``integrade audit``: a study under every choice moved, and published tables checked from their own numbers."""

from __future__ import annotations

import json as json_text
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from integrade.cli import say
from integrade.engines import Engine
from integrade.errors import UsageError

if TYPE_CHECKING:
    from integrade.models.samples.switches import Audit
    from integrade.published import Review


def audit(
    study: Path | None = None,
    /,
    *,
    table: Annotated[tuple[str, ...], Parameter(consume_multiple=True)] = (),
    only: str = "",
    out: Path | None = None,
    engine: Engine = "auto",
    plugins: bool = False,
    json: bool = False,
) -> None:
    """Move one choice of a study at a time and see what it does to the headline; or check published tables.

    Parameters
    ----------
    study
        The study file or its folder; the present folder when not given.
    table
        Check these tables instead: csv files, or folders of them, as they were printed (stars, turning points, sums,
        group differences, mediation, lags).
    only
        Only choices whose key begins with this: integration, quality.sigma, regression.
    out
        Of a study: a folder for audit.html, audit.csv and audit.json (STUDY/audit when not given). Of tables: a .csv
        file.
    engine
        What the rows run on.
    plugins
        Run the .py files that study.toml names as its plugins: code, with all that you may do yourself.
    json
        Print one JSON object.
    """
    if table:
        if study is not None or only:
            raise UsageError("--table checks printed tables, not a study", remedy="leave the study and --only out")
        _tables(table, out, json=json)
    else:
        say.plugins(study or Path(), allowed=plugins)
        _study(study or Path(), only, out, engine, json=json)


def _tables(files: tuple[str, ...], out: Path | None, *, json: bool) -> None:
    from integrade.published import read_printed, review

    found = review(read_printed(files))
    if out:
        _write_findings(found, out)
    if json:
        say.as_json({"findings": [vars(f) for f in found.findings], "checked": found.checked})
    else:
        say.line(found)


def _write_findings(found: Review, out: Path) -> None:
    import polars as pl

    from integrade.sources import write_table

    columns = ("grade", "check", "table", "where", "sentence")
    rows = [{c: getattr(f, c) for c in columns} for f in found.findings]
    write_table(pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String)), str(out))


def _study(path: Path, only: str, out: Path | None, engine: Engine, *, json: bool) -> None:
    from integrade.study.audit import audit_study
    from integrade.study.records import to_json

    found = audit_study(path, engine=engine, only=only, tell=say.note)
    folder = out or (path if path.is_dir() else path.parent) / "audit"
    _write_audit(found, folder)
    if json:
        say.as_json(json_text.loads(to_json(found)))
        return
    say.line(found)
    say.note(f"written to {folder / 'audit.html'}, audit.csv and audit.json")


def _write_audit(found: Audit, folder: Path) -> None:
    from integrade.report.audit import audit_page, audit_tables
    from integrade.report.whole_file import write_bytes
    from integrade.study.records import to_json

    audit_tables(found)[0].save(folder / "audit.csv")
    write_bytes(folder / "audit.json", to_json(found).encode())
    write_bytes(folder / "audit.html", audit_page(found).encode())
