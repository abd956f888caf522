"""Propose a study file from a folder of raw files, with their likely tables, missing tables, and open questions."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from integrade.errors import FileMissing, UsageError
from integrade.records.presets import Preset
from integrade.study.json_schema import write_study
from integrade.study.proposal.files import Guess, groups_of, guess
from integrade.study.proposal.joining import (
    as_panel,
    by_goods,
    continued,
    merged,
    of_goods,
    with_all_files,
    with_files_apart,
    with_regions,
)
from integrade.study.proposal.meeting import accounts_beside, meet
from integrade.study.proposal.sheets import with_best_sheet
from integrade.study.proposal.text import placed, study_text
from plainwords.texts import say
from rawcells.bytes.formats import OFFERED

__all__ = ["Guess", "placed", "propose", "study_text"]


SLOW = 3.0
"""Seconds after which the name of each further file is reported while it is read. A convention."""


def propose(
    folder: Path, out: Path, kind: str = "", tell: Callable[[str], None] = lambda _: None, *, preset: Preset = "sound"
) -> tuple[Guess, ...]:
    """Read every data file of a folder, write a commented study.toml for the tables found, and return the guesses.

    A group of files has one folder, one suffix, and names that differ only in digits. Each group is assigned to the
    canonical table that its headings and cells fit best, or to a public source or a layout. The columns are written
    with a certainty, and open questions are listed at the head. Covariates are files with region (or industry), year
    and numbers. ``kind``: study, or panel for an existing panel; detected by default.
    ``preset``: published or complete adds the paper's sections, as far as the columns allow them. ``tell`` receives
    the name of each file that is read after the first few seconds. Raises `FileMissing` for an empty folder.
    Raises `UsageError` if there is a study.toml already, if no file is the requested panel, and for an unknown kind.
    """
    if kind not in ("", "study", "panel"):
        files = "prices" if kind == "index" else "customs"
        raise UsageError(
            f"--kind {kind} writes its own small data set, so it cannot be combined with --from",
            remedy=f"leave --kind out: a folder that has only {files} gives a study of the {kind}",
        )
    if (out / "study.toml").exists():
        raise UsageError(f"{out / 'study.toml'} exists", remedy="choose another folder; nothing was overwritten")
    groups = groups_of(folder)
    if not groups:
        raise FileMissing(f"no data file in {folder}", remedy=f"known: {', '.join(OFFERED)}")
    started, first_guesses = time.monotonic(), list[Guess]()
    for number, files_of_group in enumerate(groups, 1):
        if time.monotonic() - started > SLOW:
            tell(str(say("proposal.looks-at", file=files_of_group[0].name, number=number, of=len(groups))))
        first = guess(files_of_group, out)
        first_guesses.append(with_best_sheet(first, files_of_group, out, guess))
    joined = [
        with_regions(with_files_apart(guessed, out), out)
        for guessed in continued(of_goods(merged(first_guesses), out), out)
    ]
    whole = [with_all_files(guessed, out) for guessed in accounts_beside(as_panel(by_goods(joined), kind))]
    guesses, meetings = meet(whole)
    out.mkdir(parents=True, exist_ok=True)
    write_study(out, study_text(guesses, meetings, preset))
    return tuple(guesses)
