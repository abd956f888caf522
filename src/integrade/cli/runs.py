"""``integrade status`` and ``integrade diff``: what is done, and what differs between two runs."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from integrade.cli import say
from integrade.engine.engines import Engine
from integrade.errors import Unreadable, counted


def status(
    study: Path = Path(), /, *, engine: Engine = "auto", verify: bool = False, plugins: bool = False, json: bool = False
) -> None:
    """What is stored of a study, what would run again and why; its finished runs.

    Parameters
    ----------
    study
        The study file or its folder.
    engine
        What the rows would run on.
    verify
        Read all that is stored and all tables of finished runs, compare them with their SHA-256, and end with an error
        where one is damaged or gone; else the sizes of what is stored are compared.
    plugins
        Run the .py files that study.toml names as its plugins: code, with all that you may do yourself.
    json
        Print one JSON object.
    """
    from integrade.study.runs import status_of

    say.plugins(study, allowed=plugins)
    found = status_of(study, engine, depth="full" if verify else "sizes")
    if json:
        say.as_json(asdict(found))
    else:
        say.line(found)
    if verify and found.damaged:
        folder = study.parent if study.is_file() else study
        raise Unreadable(
            f"{counted(len(found.damaged), 'file')} damaged in the store or in finished runs: {found.damaged[0]}",
            where=str(folder),
            remedy=f"integrade run {folder}, which rebuilds the present results; restore older runs from a backup, or "
            "delete them",
        )


def diff(first: str, second: str = "latest", study: Path = Path(), /, *, json: bool = False) -> None:
    """What differs between two runs of a study: inputs, keys, rows by reason, coefficients that moved.

    Parameters
    ----------
    first
        A run: the name of its folder in runs/, or latest.
    second
        The run it is compared with.
    study
        The study file or its folder.
    json
        Print one JSON object.
    """
    from integrade.study.runs import diff_runs

    found = diff_runs(study.parent if study.is_file() else study, first, second)
    if json:
        say.as_json(asdict(found))
    else:
        say.line(found)
