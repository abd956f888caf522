"""Define the command that estimates total factor productivity and writes the accounts with ``ln_tfp``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from cyclopts import Parameter

from integrade.cli import say
from integrade.cli.files import Input, Out, finish, reading
from integrade.panel.productivity import Tfp
from integrade.panel.productivity import tfp as estimated
from integrade.sources import check_target, read_firms, write_table


def tfp(
    firms: list[str],
    /,
    *,
    out: Out,
    elasticities: str | None = None,
    options: Annotated[Tfp | None, Parameter(name="*")] = None,
    given: Annotated[Input | None, Parameter(name="*")] = None,
) -> None:
    """Estimate total factor productivity of firms, ln_tfp, from output and inputs (assumptions: docs/productivity.md).

    Parameters
    ----------
    firms
        Firm accounts, one file a year or one for all years: firm, year, output, labour, capital, and further columns
        that the method needs. Columns have these names (--column output=OLD) or are named with --output, --labour,
        --capital. Output and inputs must be quantities, so deflate them first.
    out
        .csv, .parquet, .dta or .xlsx with the accounts and ln_tfp; - is standard output as csv.
    elasticities
        File for the elasticities with their standard errors, by group.
    """
    given = given or Input()
    for target in (out, elasticities):
        if target is not None:
            check_target(target, firms)
    result = estimated(read_firms(firms, **reading(given)), options)
    if elasticities is not None:
        write_table(result.tidy(), elasticities)
    if given.json and out != "-":
        say.account(result.table.account, quiet=given.quiet)
        write_table(result.table.polars(), out)
        say.as_json(
            {
                "out": out,
                "rows": result.table.polars().height,
                "method": result.method,
                "form": result.form,
                "columns": dict(result.columns),
                "firm_years": result.n_rows,
                "technologies": [asdict(t) for t in result.technologies],
                "dropped": dict(result.dropped),
                "warnings": list(result.warnings),
                "replicates": result.replicates,
                "seed": result.seed,
                "account": result.table.account.records(),
            }
        )
        return
    finish(result.table, out, given)
    if out != "-" and not given.quiet:
        say.line(result)
