"""Define ``integrade status`` and ``integrade diff``: the state of a study, and the differences between two runs."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from integrade.cli import say
from integrade.engine.engines import Engine
from integrade.errors import Unreadable, counted


def status(
    study: Path = Path(), /, *, engine: Engine = "auto", verify: bool = False, plugins: bool = False, json: bool = False
) -> None:
    """Show which results of a study are stored, which steps would run again and why, and its finished runs.

    Parameters
    ----------
    study
        The study file or its folder.
    engine
        Engine that would process the rows.
    verify
        Read all stored files and all tables of finished runs, compare them with their SHA-256, and end with an error if
        one is damaged or missing; otherwise only the sizes of stored files are compared.
    plugins
        Run the .py files that study.toml names as its plugins: their code may do anything that you may do.
    json
        Print one JSON object.
    """
    from integrade.study.runs import status_of

    say.plugins(study, allowed=plugins)
    result = status_of(study, engine, depth="full" if verify else "sizes")
    if json:
        say.as_json(asdict(result))
    else:
        say.line(result)
    if verify and result.damaged:
        folder = study.parent if study.is_file() else study
        raise Unreadable(
            f"{counted(len(result.damaged), 'file')} damaged in the store or in finished runs: {result.damaged[0]}",
            where=str(folder),
            remedy=f"integrade run {folder}, which rebuilds the present results; restore older runs from a backup, or "
            "delete them",
        )


def diff(first: str, second: str = "latest", study: Path = Path(), /, *, json: bool = False) -> None:
    """Show the differences between two runs of a study: inputs, keys, rows by reason, and coefficients.

    Parameters
    ----------
    first
        A run: the name of its folder in runs/, or latest.
    second
        The run to compare it with.
    study
        The study file or its folder.
    json
        Print one JSON object.
    """
    from integrade.study.runs import diff_runs

    result = diff_runs(study.parent if study.is_file() else study, first, second)
    if json:
        say.as_json(asdict(result))
    else:
        say.line(result)
