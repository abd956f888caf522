"""Define the command ``fit``, which estimates a formula on a panel and prints coefficients, tests and answers."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from integrade.cli import say
from integrade.cli.files import Input, Out, given_flags, reading
from integrade.cli.questions import ESTIMATION, FILES, any_asked, questions_class, told
from integrade.errors import UsageError
from integrade.estimate.linear import Fit
from integrade.estimate.results import FitResult
from integrade.sources import read_table, write_table
from integrade.study.asked import OfFit

if TYPE_CHECKING:
    from integrade.report.printed import PrintedTable


def fit(
    panel: str,
    formula: str,
    /,
    *,
    out: Annotated[Out | None, Parameter(group=FILES)] = None,
    options: Annotated[Fit | None, Parameter(name="*", group=ESTIMATION)] = None,
    questions: Any = None,
    plugin: Annotated[tuple[Path, ...], Parameter(negative=(), group=FILES)] = (),  # noqa: ARG001 - loaded before
    given: Annotated[Input | None, Parameter(name="*", group=FILES)] = None,
) -> None:
    """Estimate a regression with fixed effects: 'quality ~ market + market^2 + scale | firm + year'.

    Parameters
    ----------
    panel
        The file with the estimation panel.
    formula
        Outcome ~ regressors | effects | endogenous ~ instruments. c(y1, y2), sw(a, b), csw(a, b) stand for several
        formulas.
    out
        .json for the whole result, .csv for the coefficients, .tex, .docx, .html or .md for a printed table.
    plugin
        A .py file of yours with measures, questions or hypotheses, which is run; repeatable.
    """
    given = given or Input()
    asked = questions or questions_class()()
    table = read_table(panel, **reading(given))
    say.account(table.account, quiet=given.quiet)
    regression = OfFit(table, formula, options or Fit(), asked.common.treatment or "", asked.common.prices)
    _fit(regression, asked, out, given)


def command_of(arguments: Sequence[str]) -> Callable[..., None]:
    """Return the command for a call with these arguments, including the flags of questions from every ``--plugin``.

    Raises the errors of loading a plugin.
    """
    say.loaded([Path(file) for file in given_flags(arguments, "--plugin")])
    kind: Any = questions_class() | None

    @wraps(fit)
    def command(*given: Any, **flags: Any) -> None:
        fit(*given, **flags)

    taken = inspect.signature(fit, eval_str=True).parameters
    shown = [
        p.replace(annotation=Annotated[kind, Parameter(name="*")]) if name == "questions" else p
        for name, p in taken.items()
    ]
    command.__signature__ = inspect.Signature(shown)  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in shown} | {"return": None}
    return command


def _fit(asked: OfFit, questions: Any, out: str | None, given: Input) -> None:
    from integrade.estimate.fit import fit
    from integrade.estimate.fit_json import plain, to_json
    from integrade.estimate.inverted_u import u_test
    from integrade.estimate.stepwise import expand

    chosen = asked.fit
    if chosen.vcov == "auto" and chosen.cluster is None and chosen.model == "linear":
        say.note("standard errors: iid (no --vcov and no --cluster given)", quiet=given.quiet)
    variants = expand(asked.formula)
    if questions.instruments.instrument:
        asked = _instrumented(asked, questions.instruments.instrument, variants[0].text)
    if len(variants) > 1 or questions.common.split:
        _table(asked, questions, out, given)
        return
    result = fit(asked.table, asked.formula, chosen)
    for term, why in result.dropped.items():
        say.note(f"dropped {term}: {why}")
    for line in result.notes:
        say.note(line, quiet=given.quiet)
    tested = u_test(result, questions.shape.u_test) if questions.shape.u_test else None
    answers = list(told(asked._replace(treatment=asked.treatment or treatment_of(asked.formula)), questions))
    whole = {**to_json(result, tested), **{answer.key: plain(answer.found) for answer in answers}}
    if out:
        _write_fit({"(1)": result}, whole, out)
    if given.json:
        say.as_json(whole)
        return
    texts = [str(result), *([str(tested)] if tested else []), *(answer.text for answer in answers)]
    say.line("\n\n".join(texts) if answers else "\n".join(texts))


def _instrumented(asked: OfFit, instruments: Sequence[str], formula: str) -> OfFit:
    """Add the requested instruments to the panel.

    ``made`` keeps a shift-share instrument only if the formula has no other instrument.
    """
    from integrade.cli.made_instruments import with_instruments
    from integrade.estimate.formula import parse_formula

    about = asked._replace(treatment=asked.treatment or treatment_of(formula))
    table, instruments_made = with_instruments(about, instruments)
    alone = [t.name for t in parse_formula(formula).instruments]
    return asked._replace(table=table, made=tuple(m for m in instruments_made if list(m.instrument.columns) == alone))


def _table(asked: OfFit, questions: Any, out: str | None, given: Input) -> None:
    """Estimate many regressions and print them as one table."""
    from integrade.estimate.fit_json import to_json
    from integrade.estimate.many import fit_many

    if any_asked(questions):
        raise UsageError(
            "a table of several regressions cannot answer questions about a single regression",
            remedy="leave those flags out, or give one formula without --split",
        )
    fits = fit_many(asked.table, asked.formula, asked.fit, split=questions.common.split)
    for label, result in fits.items():
        for term, why in result.dropped.items():
            say.note(f"{label}: dropped {term}: {why}")
    whole = {"regressions": {label: to_json(result) for label, result in fits.items()}}
    if out:
        _write_fit(fits, whole, out)
    if given.json:
        say.as_json(whole)
        return
    say.line(_printed(fits))


def treatment_of(formula: str) -> str:
    """Return the variable whose square is in the formula, else its first regressor (endogenous regressors first)."""
    from integrade.estimate.formula import parse_formula

    parsed = parse_formula(formula)
    names = [t.name for t in (*parsed.regressors, *parsed.endogenous)]
    first = [t.name for t in (*parsed.endogenous, *parsed.regressors)]
    return next((n for n in names if f"{n}^2" in names), first[0] if first else "")


def _printed(results: Mapping[str, FitResult]) -> PrintedTable:
    """Return the fits as one table; several fits have numbers as headings, explained in a note."""
    from integrade.report.regression import regression_table

    numbered = {f"({i})": result for i, result in enumerate(results.values(), start=1)}
    table = regression_table(numbered, title="Regressions" if len(results) > 1 else "")
    if len(results) == 1:
        return table
    legend = "; ".join(f"{n} {label}" for n, label in zip(numbered, results, strict=True))
    return replace(table, number="", notes=(f"{legend}.", *table.notes))


def _write_fit(results: Mapping[str, FitResult], whole: dict[str, Any], out: str) -> None:
    import polars as pl

    from integrade.report.whole_file import write_bytes

    suffix = Path(out).suffix
    if suffix == ".json":
        write_bytes(Path(out), json.dumps(whole, ensure_ascii=False, indent=1).encode())
    elif suffix in (".tex", ".docx", ".html", ".md", ".txt"):
        _printed(results).save(out)
    else:
        many = len(results) > 1
        rows = [
            ({"regression": label} if many else {}) | vars(c) for label, r in results.items() for c in r.coefficients
        ]
        write_table(pl.DataFrame(rows), out)
