"""Define ``integrade compare``, which compares measures of integration."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from integrade.cli import say
from integrade.cli.files import Input, Out, reading
from integrade.engine.frames import Table
from integrade.errors import UsageError

if TYPE_CHECKING:
    from integrade.integration.comparison import Comparison

FORMATS = (".html", ".json", ".csv", ".docx", ".tex", ".md", ".txt")


def compare(
    measures: list[str],
    /,
    *,
    out: Out | None = None,
    use: tuple[str, ...] = (),
    reverse: tuple[str, ...] = (),
    title: str = "Measures of market integration compared",
    given: Annotated[Input | None, Parameter(name="*")] = None,
) -> None:
    """Compare measures of integration: rank correlations by year and pooled, agreement over time.

    Parameters
    ----------
    measures
        Files by region and year in the form that `integrade integration` writes. A measure is named after its file, or
        by NAME=FILE.
    out
        .html for a page; .json for the whole result; .csv, .docx, .tex, .md or .txt for the table of agreement.
    use
        NAME=COLUMN: the column of the measure, if it is not integration; repeatable.
    reverse
        The name of a measure that is high if markets are segmented; repeatable.
    title
        Heading of the page.
    """
    from integrade.integration.comparison import compare_measures

    given = given or Input()
    if out is not None and Path(out).suffix.lower() not in FORMATS:
        raise UsageError(f"--out {out}: unknown format", remedy=f"known: {', '.join(FORMATS)}")
    tables = read_measures(measures, given)
    columns: dict[str, str] = {}
    for flag in use:
        name, equals, column = flag.partition("=")
        if not (equals and name and column):
            raise UsageError(f"--use {flag}: expected NAME=COLUMN", remedy="for example --use krugman=index")
        columns[name] = column
    comparison = compare_measures(tables, columns=columns, reverse=reverse)
    if out is not None:
        _write(comparison, out, title)
    if given.json:
        say.as_json(asdict(comparison))
        return
    say.line(str(comparison))
    if out is not None:
        say.note(f"written to {out}", quiet=given.quiet)


def read_measures(files: Sequence[str], given: Input) -> dict[str, Table]:
    """Read measure files by name (NAME=FILE, else the file's name). Raises `UsageError` for duplicate names."""
    from integrade.sources import read_table

    tables: dict[str, Table] = {}
    for text in files:
        name, _, path = text.rpartition("=") if "=" in text and not Path(text).exists() else ("", "", text)
        name = name or Path(path).stem
        if name in tables:
            raise UsageError(f"two measures are called {name!r}", remedy=f"give one a name: {name}2={path}")
        tables[name] = read_table(path, **reading(given))
        say.account(tables[name].account, quiet=True)
    return tables


def _write(comparison: Comparison, out: str, title: str) -> None:
    from integrade.report.comparison import comparison_page, comparison_tables
    from integrade.report.whole_file import write_bytes

    suffix = Path(out).suffix.lower()
    if suffix == ".html":
        write_bytes(Path(out), comparison_page(comparison, title=title).encode())
    elif suffix == ".json":
        write_bytes(Path(out), json.dumps(asdict(comparison), ensure_ascii=False, indent=1, allow_nan=False).encode())
    else:
        comparison_tables(comparison)[0].save(out)
