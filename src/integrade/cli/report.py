"""Define ``integrade report``: print a finished run again."""

from __future__ import annotations

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
    below: Literal["t", "se", "p"] | None = None,
    shape: Literal["brief", "paper", "full"] | None = None,
    out: Path | None = None,
    plugins: bool = False,
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
    below
        The number in parentheses below a coefficient: t, se or p; by default the choice in study.toml.
    shape
        What Word, PDF, LaTeX and Markdown print: brief (one page), paper (6 to 10 pages) or full (a paper, and the
        appendices in a second file); by default the shape in study.toml. The page always has everything.
    out
        The folder; report (or report-zh, report-en for another language) of the run by default.
    plugins
        Run the .py files that study.toml names as its plugins: their code may do anything that you may do.
    """
    from integrade.study.reprint import reprint

    say.plugins(study, allowed=plugins)
    warn = lambda sentence: say.note(f"warning: {sentence}")  # noqa: E731
    chosen = None if formats is None else [f.strip() for f in formats.split(",") if f.strip()]
    for path in reprint(study, chosen, language, out, layout, below, shape, warn):
        if path.stem in ("report", "appendix"):
            say.line(path)
