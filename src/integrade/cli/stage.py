"""Stage commands: one piece of the work, files in and a file out, for people who go on in Stata or R."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from integrade.cli import say
from integrade.cli.questions import Asked, Questions, answers
from integrade.errors import UsageError
from integrade.frames import Engine, Table
from integrade.integration import RelativePrice, relative_price
from integrade.measure import CATALOGUE
from integrade.models.linear.fit import Fit
from integrade.quality import DemandResidual
from integrade.sources import (
    Reading,
    check_target,
    parse_column_flags,
    read_customs,
    read_prices,
    read_table,
    write_table,
)

Out = Annotated[str, Parameter(allow_leading_hyphen=True)]


@Parameter(name="*")
@dataclass(frozen=True)
class Input:
    """How the input file is read.

    Parameters
    ----------
    column
        NEW=OLD: the file's column OLD is integrade's NEW; repeatable.
    where
        Keep only rows for which this holds, in the file's own column names: 'item != "总指数"'.
    encoding
        The encoding of text files; detected and reported when not given.
    pad
        NAME=LENGTH: restore the leading zeros of a code column that lost them; repeatable.
    engine
        What the rows run on.
    quiet
        On standard error only what was dropped and why.
    json
        Print one JSON object on standard output.
    """

    column: tuple[str, ...] = ()
    where: str | None = None
    encoding: str | None = None
    pad: tuple[str, ...] = ()
    engine: Engine = "polars"
    quiet: bool = False
    json: bool = False


def reading(given: Input) -> dict[str, Any]:
    """The keyword arguments of a ``read_*`` function that an `Input` asks for."""
    return {
        "engine": given.engine,
        "options": Reading(
            columns=parse_column_flags(given.column),
            where=given.where,
            encoding=given.encoding,
            pad=_lengths(given.pad),
        ),
    }


def _lengths(flags: tuple[str, ...]) -> dict[str, int]:
    lengths: dict[str, int] = {}
    for flag in flags:
        name, _, length = flag.partition("=")
        if not length.isdigit():
            raise UsageError(f"--pad {flag}: expected NAME=LENGTH", remedy="for example --pad product=6")
        lengths[name] = int(length)
    return lengths


def _finish(result: Table, out: str, given: Input) -> None:
    say.account(result.account, quiet=given.quiet)
    rows = result.polars()
    write_table(rows, out)
    if given.json and out != "-":
        say.as_json({"out": out, "rows": rows.height, "columns": rows.columns, "account": result.account.records()})
    elif out != "-":
        say.note(f"{rows.height:,} rows written to {out}", quiet=given.quiet)


def integration(
    prices: list[str], /, *, out: Out, options: Annotated[RelativePrice | None, Parameter(name="*")] = None,
    to_year: bool = False, given: Annotated[Input | None, Parameter(name="*")] = None,
) -> None:  # fmt: skip
    """Price indices to a market-integration index (relative-price method).

    Parameters
    ----------
    prices
        Files, folders or patterns: region, year, (month,) commodity, index; yearbook sheets are recognised.
    out
        .csv, .parquet, .dta or .xlsx; - is standard output as csv.
    to_year
        Average monthly year-on-year indices into an annual index first.
    """
    given = given or Input()
    check_target(out)
    table = read_prices(prices, to_year=to_year, **reading(given))
    _finish(relative_price(table, options), out, given)


def quality(
    customs: list[str], /, *, out: Out, options: Annotated[DemandResidual | None, Parameter(name="*")] = None,
    method: Literal["demand_residual"] = "demand_residual",
    given: Annotated[Input | None, Parameter(name="*")] = None,
) -> None:  # fmt: skip
    """Customs records to export quality.

    Parameters
    ----------
    customs
        Files, folders or patterns: (firm,) product, destination, year, value, quantity (, unit).
    out
        .csv, .parquet, .dta or .xlsx; - is standard output as csv.
    method
        How quality is measured.
    """
    given = given or Input()
    if options is None:
        raise UsageError("--sigma has no default", remedy="give --sigma 5, or --sigma FILE with product and sigma")
    check_target(out)
    table = read_customs(customs, **reading(given))
    _finish(CATALOGUE[method].function(table, options), out, given)


def fit(
    panel: str, formula: str, /, *, out: Out | None = None,
    options: Annotated[Fit | None, Parameter(name="*")] = None,
    questions: Annotated[Questions | None, Parameter(name="*")] = None,
    given: Annotated[Input | None, Parameter(name="*")] = None,
) -> None:  # fmt: skip
    """A regression with fixed effects: 'quality ~ market + market^2 + scale | firm + year'.

    Parameters
    ----------
    panel
        The file with the estimation panel.
    formula
        Outcome ~ regressors | effects | endogenous ~ instruments.
    out
        .json for the whole result, .csv for the coefficients, .tex, .docx, .html or .md for a printed table.
    """
    from integrade.models.linear import fit as models_fit
    from integrade.models.linear.fit_json import plain, to_json
    from integrade.models.shape.inverted_u import u_test

    given, chosen, questions = given or Input(), options or Fit(), questions or Questions()
    if chosen.vcov == "auto" and chosen.cluster is None:
        say.note("standard errors: iid (no --vcov and no --cluster given)", quiet=given.quiet)
    table = read_table(panel, **reading(given))
    say.account(table.account, quiet=given.quiet)
    result = models_fit.fit(table, formula, chosen)
    for term, why in result.dropped.items():
        print(f"dropped {term}: {why}", file=sys.stderr)
    for line in result.notes:
        say.note(line, quiet=given.quiet)
    tested = u_test(result, questions.u_test) if questions.u_test else None
    found = list(answers(Asked(table, formula, chosen, questions)))
    whole = {**to_json(result, tested), **{answer.key: plain(answer.found) for answer in found}}
    if out:
        _write_fit(result, whole, out)
    if given.json:
        say.as_json(whole)
        return
    texts = [models_fit.summary(result), *([str(tested)] if tested else []), *(answer.text for answer in found)]
    print("\n\n".join(texts) if found else "\n".join(texts))


def _write_fit(result: Any, whole: dict[str, Any], out: str) -> None:
    import polars as pl

    suffix = Path(out).suffix
    if suffix == ".json":
        text = json.dumps(whole, ensure_ascii=False, indent=1)
        Path(out + ".part").write_text(text, encoding="utf-8")
        Path(out + ".part").replace(out)
    elif suffix in (".tex", ".docx", ".html", ".md", ".txt"):
        from integrade.report.tables import regression_table

        regression_table({"(1)": result}).save(out)
    else:
        write_table(pl.DataFrame([vars(c) for c in result.coefficients]), out)
