"""``integrade export``: the panel and scripts for Stata and R."""

from __future__ import annotations

from pathlib import Path

from integrade.cli import say


def export(study: Path = Path(), /, *, out: Path | None = None, plugins: bool = False) -> None:
    """The panel of the last run, and a Stata do-file and an R script that run its benchmark again and check it.

    Parameters
    ----------
    study
        The study file or its folder.
    out
        The folder; STUDY/export when not given.
    plugins
        Run the .py files that study.toml names as its plugins: code, with all that you may do yourself.
    """
    from integrade.study.export import export_study

    say.plugins(study, allowed=plugins)
    folder = out or (study if study.is_dir() else study.parent) / "export"
    for file in export_study(study, folder):
        say.line(file)
