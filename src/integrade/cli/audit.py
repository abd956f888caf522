"""``integrade audit``: a published table checked from its own numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from integrade.cli import say
from integrade.errors import UsageError


def audit(
    *, table: Annotated[tuple[str, ...], Parameter(consume_multiple=True)] = (), out: Path | None = None,
    json: bool = False,
) -> None:  # fmt: skip
    """Check published tables typed as csv: stars, turning points, sums, group differences, mediation, lags.

    Parameters
    ----------
    table
        csv files, or folders of them, as they were printed.
    out
        .csv for the findings as a table.
    json
        Print one JSON object.
    """
    from integrade.review import read_printed, review

    if not table:
        raise UsageError("nothing to audit", remedy="give --table FILE, or a folder of typed tables")
    found = review(read_printed(table))
    if out:
        _write(found.findings, out)
    if json:
        say.as_json({"findings": [vars(f) for f in found.findings], "checked": found.checked})
    else:
        print(found)


def _write(findings: tuple[object, ...], out: Path) -> None:
    import polars as pl

    from integrade.sources import write_table

    columns = ("grade", "check", "table", "where", "sentence")
    write_table(
        pl.DataFrame([{c: getattr(f, c) for c in columns} for f in findings], schema=dict.fromkeys(columns, pl.String)),
        str(out),
    )
