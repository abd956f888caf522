"""Define ``integrade report``: print a finished run again."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from integrade.cli import say


def report(
    study: Path = Path(),
    /,
    *,
    formats: Annotated[str | None, Parameter(name="--format")] = None,
    language: str | None = None,
    layout: Literal["paper", "full"] | None = None,
    statistic: Literal["se", "t", "p", "interval"] | None = None,
    shape: Literal["brief", "paper", "full"] | None = None,
    out: Path | None = None,
    plugins: bool = False,
    quiet: bool = False,
    verbose: say.Verbose = False,
) -> None:
    """Print the report of the last run again, from its stored results: no data is read, nothing is estimated.

    Parameters
    ----------
    study
        The study file or its folder.
    formats
        html, docx, pdf, tex, md, separated by commas; by default the formats in study.toml.
    language
        en or zh; by default the language in study.toml.
    layout
        Layout of regression tables in Word, PDF and LaTeX: paper (the rows that a journal prints, the rest in an
        appendix) or full; by default the layout in study.toml. The page has every row.
    statistic
        The number below a coefficient: se, t, p or interval; by default the choice in study.toml.
    shape
        What Word, PDF, LaTeX and Markdown print: brief (the first page), paper, or full (a paper, and the
        appendices in a second file); by default the shape in study.toml. The page always has everything.
    out
        The folder; report (or report-zh, report-en for another language) of the run by default.
    plugins
        Run the .py files that study.toml names as its plugins: their code may do anything that you may do.
    quiet
        Print only the paths of the files, one on each line.
    verbose
        Print also every sentence of the first page and the claims of the hypotheses.
    """
    from integrade.cli import ending
    from integrade.study.reprint import reprint
    from integrade.study.show import last_run

    started = time.perf_counter()
    say.plugins(study, allowed=plugins)
    chosen = None if formats is None else [f.strip() for f in formats.split(",") if f.strip()]
    written = reprint(study, chosen, language, out, layout, statistic, shape, say.warning)
    if quiet:
        for path in written:
            if path.stem in ("report", "appendix"):
                say.line(path)
        return
    files = [path for path in written if path.stem == "report"]
    spoken = language or ending.language_of(study)
    ending.print_report(last_run(study), files, spoken, verbose=verbose, started=started)
