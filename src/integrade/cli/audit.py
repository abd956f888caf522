"""Define ``integrade audit``: estimate a study under other choices, or check published tables."""

from __future__ import annotations

import json as json_text
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from integrade.cli import say
from integrade.engine.engines import Engine
from integrade.errors import UsageError

if TYPE_CHECKING:
    from tablecheck import Review


def audit(
    study: Path | None = None,
    /,
    *,
    table: Annotated[tuple[str, ...], Parameter(consume_multiple=True)] = (),
    text: Annotated[tuple[str, ...], Parameter(consume_multiple=True)] = (),
    against: Annotated[tuple[str, ...], Parameter(consume_multiple=True)] = (),
    show_reading: bool = False,
    accept: Path | None = None,
    fail_on: Literal["contradiction", "doubt", "never"] = "contradiction",
    only: str = "",
    out: Path | None = None,
    engine: Engine = "auto",
    plugins: bool = False,
    json: bool = False,
) -> int:
    """Change one choice of a study at a time and show its effect on the headline; or check published tables.

    Parameters
    ----------
    study
        The study file or its folder; the current folder by default.
    table
        Check these printed tables instead, from their own numbers: files of csv, text, Excel, Word, HTML, Markdown,
        LaTeX or PDF (with a text layer), or folders of them.
    text
        Documents whose sentences are checked against the tables (those of the tables themselves when not given).
    against
        For tables: outputs (tables, logs, folders) that they were made from; numbers that differ are doubts.
    show_reading
        Print the meaning that was found for every cell of the tables.
    accept
        For tables: a TOML file of settled findings, each with its key and a reason; they do not count.
    fail_on
        For tables: end with exit code 1 if there is a contradiction (or a doubt), else with 4 if a captioned table or
        a file of a folder was not read. ``never``: end with exit code 0.
    only
        Only choices whose key begins with this: integration, quality.sigma, regression.
    out
        For a study: a folder for audit.html, audit.csv and audit.json (STUDY/audit by default). For tables: a file
        .html (each finding next to its cells, coloured by the meaning they were read as), .json, .sarif, .csv or .xlsx,
        or a folder (index.html with a verdict per document, and a page for each document).
    engine
        Engine that processes the rows.
    plugins
        Run the .py files that study.toml names as its plugins: their code may do anything that you may do.
    json
        Print one JSON object.
    """
    if table:
        if study is not None or only:
            raise UsageError("--table checks printed tables, not a study", remedy="leave out the study and --only")
        return _tables(table, text, against, accept, out, fail_on, show_reading=show_reading, json=json)
    if text or against or show_reading or accept:
        message = "--text, --against, --show-reading and --accept apply only to printed tables"
        raise UsageError(message, remedy="name them: --table FILE")
    say.plugins(study or Path(), allowed=plugins)
    _study(study or Path(), only, out, engine, json=json)
    return 0


def _tables(
    files: tuple[str, ...],
    text: tuple[str, ...],
    against: tuple[str, ...],
    accept: Path | None,
    out: Path | None,
    fail_on: str,
    *,
    show_reading: bool,
    json: bool,
) -> int:
    from integrade.published import audit_table
    from tablecheck.accepting import read_accepted, without_accepted
    from tablecheck.findings import UNREAD

    known = (".html", ".htm", ".json", ".sarif", ".csv", ".xlsx", ".parquet", ".dta")
    if out and not _is_folder(out) and out.suffix.lower() not in known:  # refused before anything is checked
        raise UsageError(f"cannot write {out}: unknown suffix '{out.suffix}'", remedy=f"known: {', '.join(known)}")
    reasons = read_accepted(accept) if accept else {}
    review = without_accepted(audit_table(files, text=text or None, against=against or None), reasons)
    if out:
        _write_findings(review, out)
    if json:
        reading = {"reading": review.cells().to_dicts()} if show_reading else {}
        say.as_json({**review.as_json(), **reading})
    else:
        if show_reading:
            cells = review.cells().iter_rows(named=True)
            say.line("\n".join(f"[{c['table']}, {c['place']}] {c['text']}: {c['role']}" for c in cells))
        say.line(review)
    failing = {"contradiction": ("contradiction",), "doubt": ("contradiction", "doubt")}.get(fail_on, ())
    if any(f.grade in failing for f in review.findings):
        return 1
    return UNREAD if review.missed and fail_on != "never" else 0


def _is_folder(out: Path) -> bool:
    """Return whether pages are written to a folder: one that exists, or a name without a suffix."""
    return out.is_dir() or not out.suffix


def _write_findings(review: Review, out: Path) -> None:
    from integrade.report.table_audit import table_audit_page, table_audit_pages
    from integrade.report.whole_file import write_bytes
    from integrade.sources import write_table
    from tablecheck.sarif import to_sarif

    suffix = out.suffix.lower()
    if _is_folder(out):
        for name, page in table_audit_pages(review).items():
            write_bytes(out / name, page.encode())
    elif suffix in (".html", ".htm"):
        write_bytes(out, table_audit_page(review).encode())
    elif suffix in (".json", ".sarif"):
        content = review.as_json() if suffix == ".json" else to_sarif(review)
        write_bytes(out, json_text.dumps(content, ensure_ascii=False, indent=1, default=list).encode())
    else:
        write_table(review.frame(), str(out))


def _study(path: Path, only: str, out: Path | None, engine: Engine, *, json: bool) -> None:
    from integrade.report.whole_file import write_bytes
    from integrade.study.audit import audit_study
    from integrade.study.records import to_json
    from integrade.subjects.audit.page import audit_page, audit_tables

    result = audit_study(path, engine=engine, only=only, tell=say.note)
    folder = out or (path if path.is_dir() else path.parent) / "audit"
    audit_tables(result)[0].save(folder / "audit.csv")
    write_bytes(folder / "audit.json", to_json(result).encode())
    write_bytes(folder / "audit.html", audit_page(result).encode())
    if json:
        say.as_json(json_text.loads(to_json(result)))
        return
    say.line(result)
    say.note(f"written to {folder / 'audit.html'}, audit.csv and audit.json")
    if out is None and not only:
        say.note(
            "the next `integrade report` or `integrade run` of the study adds these versions to the page's explorer"
        )
