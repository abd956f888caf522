"""Define ``integrade cite``: what a finished run cites, as BibTeX or text."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from integrade.cli import say


def cite(
    study: Path = Path(),
    /,
    *,
    form: Annotated[Literal["bibtex", "text"], Parameter(name="--format")] = "bibtex",
    plugins: bool = False,
    json: bool = False,
) -> None:
    """Print what a run cites: works of the methods that it used, its data with provenance, and integrade itself.

    Parameters
    ----------
    study
        The study file or its folder (its last run is taken), or the folder of a run.
    form
        bibtex: entries for a .bib file, each with a comment that gives the reason for the citation; text: a reference
        list.
    plugins
        Run the .py files that study.toml names as its plugins: their code may do anything that you may do.
    json
        Print one JSON object.
    """
    from integrade.study.citing import cite as citations_of

    say.plugins(study, allowed=plugins)
    citations = citations_of(study)
    if json:
        say.as_json(citations.record())
    else:
        say.line(citations.bibtex() if form == "bibtex" else citations.text())
