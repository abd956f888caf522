"""Define commands that check a trend of quality: breaks of the records, and the parts of a change."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from integrade.cli import say
from integrade.cli.files import Input, Out, finish, reading
from integrade.quality.breaks import quality_breaks
from integrade.quality.decomposition import QualityChange, quality_change
from integrade.sources import check_target, read_customs, read_table, write_table


def decompose(
    rows: list[str],
    /,
    *,
    out: Out,
    options: Annotated[QualityChange | None, Parameter(name="*")] = None,
    given: Annotated[Input | None, Parameter(name="*")] = None,
) -> None:
    """Decompose a change of mean quality into within, between, entry and exit.

    Parameters
    ----------
    rows
        The output of `integrade quality` (--level row, or by firm): year, quality, value and columns that identify
        units.
    out
        .csv, .parquet, .dta or .xlsx; - is standard output as csv.
    """
    given = given or Input()
    check_target(out, rows, given.engine)
    finish(quality_change(read_table(rows, **reading(given)), options), out, given)


def breaks(
    customs: list[str], /, *, out: Out | None = None, given: Annotated[Input | None, Parameter(name="*")] = None
) -> None:
    """Find years in which customs records break: HS revisions, new and vanished codes, changed units, changes in fit.

    Parameters
    ----------
    customs
        Files, folders or patterns: (firm,) product, destination, year, value, quantity (, unit).
    out
        .csv, .parquet, .dta or .xlsx for the table of years; - is standard output as csv.
    """
    given = given or Input()
    if out is not None:
        check_target(out, customs)
    result = quality_breaks(read_customs(customs, **reading(given)))
    say.account(result.account, quiet=given.quiet)
    if out is not None:
        write_table(result.table().polars(), out)
    if given.json:
        say.as_json({"years": result.table().polars().to_dicts(), "flags": result.flags})
    elif out != "-":
        say.line(result)
