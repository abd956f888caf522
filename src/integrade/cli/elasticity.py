"""Define the command that estimates elasticities of substitution from customs records and writes a sigma file."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from integrade.cli.files import Input, Out, finish, reading
from integrade.quality import Elasticities, elasticities
from integrade.sources import check_target, read_customs


def elasticity(
    customs: list[str],
    /,
    *,
    out: Out,
    options: Annotated[Elasticities | None, Parameter(name="*")] = None,
    given: Annotated[Input | None, Parameter(name="*")] = None,
) -> None:
    """Estimate elasticities of substitution by product, for `integrade quality --sigma FILE`.

    Parameters
    ----------
    customs
        Files, folders or patterns: (firm,) product, destination, year, value, quantity (, unit). For records of several
        exporting countries, give --column firm=EXPORTER.
    out
        .csv, .parquet, .dta or .xlsx; - is standard output as csv.
    """
    given = given or Input()
    check_target(out, customs, given.engine)
    finish(elasticities(read_customs(customs, **reading(given)), options), out, given)
