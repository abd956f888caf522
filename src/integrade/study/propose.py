"""A study file proposed from a folder of raw files: what each file seems to be, what is missing, what is asked."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from integrade.errors import FileMissing, UsageError
from integrade.study.json_schema import NAME, as_text
from integrade.study.proposal.files import SUFFIXES, Guess, as_panel, groups_of, guess, merged, of_goods, with_regions
from integrade.study.proposal.meeting import accounts_beside, meet
from integrade.study.proposal.text import placed, study_text
from integrade.wording.texts import say

__all__ = ["Guess", "placed", "propose", "study_text"]


SLOW = 3.0
"""Seconds of a look through a folder after which each further file is named as it is looked at."""


def propose(folder: Path, out: Path, kind: str = "", tell: Callable[[str], None] = lambda _: None) -> tuple[Guess, ...]:
    """Look at every data file of a folder and write a commented study.toml for what was found.

    Each group of files (one folder, one suffix, names alike but for digits) is taken for the canonical table whose
    columns its headings and cells speak for most, or for a public source or a layout that it has; the columns are
    written with a certainty, and what the files do not tell is asked at the head. Covariates are files with region (or
    industry), year and numbers. ``kind``: a study, or a panel that exists already; found where it is not said. ``tell``
    is told which file is looked at, in a folder that takes more than a few seconds. Raises
    `FileMissing` for an empty folder and `UsageError` where a study.toml is there already, for a panel that no file is,
    and for another kind.
    """
    if kind not in ("", "study", "panel"):
        files = "prices" if kind == "index" else "customs"
        raise UsageError(
            f"--kind {kind} comes with a small data set of its own, and --from finds what your files are",
            remedy=f"leave one out: without --kind, a folder of {files} alone gives a study of the {kind} alone",
        )
    if (out / "study.toml").exists():
        raise UsageError(f"{out / 'study.toml'} exists", remedy="choose another folder; nothing was overwritten")
    groups = groups_of(folder)
    if not groups:
        raise FileMissing(f"no data file in {folder}", remedy=f"known: {', '.join(SUFFIXES)}")
    found = of_goods(merged(_each_guess(groups, out, tell)), out)
    found = [with_regions(one, out) for one in found]
    guesses, meetings = meet(accounts_beside(as_panel(found, kind)))
    out.mkdir(parents=True, exist_ok=True)
    for name, text in ((NAME, as_text()), ("study.toml", study_text(guesses, meetings))):
        part = out / f"{name}.part"
        part.write_text(text, encoding="utf-8")
        os.replace(part, out / name)
    return tuple(guesses)


def _each_guess(groups: Sequence[Sequence[Path]], out: Path, tell: Callable[[str], None]) -> list[Guess]:
    started, found = time.monotonic(), list[Guess]()
    for number, files in enumerate(groups, 1):
        if time.monotonic() - started > SLOW:
            tell(str(say("proposal.looks-at", file=files[0].name, number=number, of=len(groups))))
        found.append(guess(files, out))
    return found
