"""Define ``integrade export``: the panel and scripts for Stata and R."""

from __future__ import annotations

from pathlib import Path

from integrade.cli import say


def export(study: Path = Path(), /, *, out: Path | None = None, plugins: bool = False) -> None:
    """Export the panel of the last run with labels and codebook, and Stata and R scripts that check its benchmark.

    For a study without a regression, export its index and quality, with their codebook.

    Parameters
    ----------
    study
        The study file or its folder.
    out
        The folder; STUDY/export by default.
    plugins
        Run the .py files that study.toml names as its plugins: their code may do anything that you may do.
    """
    from integrade.study.export import export_study

    say.plugins(study, allowed=plugins)
    folder = out or (study if study.is_dir() else study.parent) / "export"
    for file in export_study(study, folder, say.note):
        say.line(file)
