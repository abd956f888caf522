"""``integrade export``: the panel and scripts for Stata and R."""

from __future__ import annotations

from pathlib import Path

from integrade.cli import say


def export(study: Path = Path(), /, *, out: Path | None = None, plugins: bool = False) -> None:
    """The panel of the last run with labels and a codebook, and scripts for Stata and R that check its benchmark.

    A study without a regression gives its index and quality, with their codebook.

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
    for file in export_study(study, folder, say.note):
        say.line(file)
