"""The regression command: a panel and a formula in, coefficients, tests and answers out."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from integrade.cli import say
from integrade.cli.files import Input, Out, reading
from integrade.cli.questions import Asked, Questions, answers
from integrade.models.linear.fit import Fit
from integrade.sources import read_table, write_table


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
