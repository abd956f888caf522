"""A study file proposed from a folder of raw files: what each file seems to be, what is missing, what is asked."""

from __future__ import annotations

import os
from pathlib import Path

from integrade.errors import FileMissing, UsageError
from integrade.study.json_schema import NAME, as_text
from integrade.study.proposal.files import SUFFIXES, Guess, as_panel, groups_of, guess, merged
from integrade.study.proposal.meeting import accounts_beside, meet
from integrade.study.proposal.text import study_text

__all__ = ["Guess", "propose", "study_text"]


def propose(folder: Path, out: Path) -> tuple[Guess, ...]:
    """Look at every data file of a folder and write a commented study.toml for what was found.

    Each group of files (one folder, one suffix, names alike but for digits) is taken for the canonical table whose
    columns its headings and cells speak for most, or for a public source or a layout that it has; the columns are
    written with a certainty, and what the files do not tell is asked at the head. Covariates are files with region (or
    industry), year and numbers. Raises `FileMissing` for an empty folder and `UsageError` where a study.toml is there
    already.
    """
    if (out / "study.toml").exists():
        raise UsageError(f"{out / 'study.toml'} exists", remedy="choose another folder; nothing was overwritten")
    groups = groups_of(folder)
    if not groups:
        raise FileMissing(f"no data file in {folder}", remedy=f"known: {', '.join(SUFFIXES)}")
    guesses, meetings = meet(accounts_beside(as_panel(merged([guess(files, out) for files in groups]))))
    out.mkdir(parents=True, exist_ok=True)
    for name, text in ((NAME, as_text()), ("study.toml", study_text(guesses, meetings))):
        part = out / f"{name}.part"
        part.write_text(text, encoding="utf-8")
        os.replace(part, out / name)
    return tuple(guesses)
