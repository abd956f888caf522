"""Compose and print how ``run``, ``demo``, ``check`` and ``report`` end: at most twelve lines, the rest with ``-v``."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from integrade.cli import say
from integrade.errors import IntegradeError, Problems
from integrade.wording.ending import GAP, MOST, Part, Piece, wrapped
from integrade.wording.sheet import width
from plainwords import texts
from plainwords.account import Account, said_already

if TYPE_CHECKING:
    from integrade.study.run import Outcome
    from integrade.study.unchanged import Told

WARNINGS = 5
"""Largest number of warnings that `check` prints without ``-v``: two lines each, and one that counts the others."""
FORMATS = (".html", ".docx", ".pdf", ".tex", ".md")
"""Suffixes of the files of a report."""
DONE, UNCHANGED = "done", "unchanged"
"""Roles of the last line, of which one is printed: of a run that did something, and of one that changed nothing."""


def language_of(study: Path) -> str:
    """Return the language of a study's report; English if the study file cannot be read."""
    from integrade.study.reading import load

    try:
        return load(study).report.language
    except IntegradeError:
        return "en"


def of_run(outcome: Outcome, study: Path, *, stopped_after: str, started: float, how: str) -> list[Told]:
    """Return everything that a run may print at its end, in the language of the report.

    ``started`` is the time of `time.perf_counter` at the start, and ``how`` the call that shows what is left out.
    """
    from integrade.study.finished import results_in
    from integrade.study.unchanged import Told

    with texts.speaking(language_of(study)):
        spoken = texts.language_spoken()
        told = [Told(str(texts.in_language(w, spoken)), remark=True) for w in outcome.warnings]
        files = sorted((outcome.folder / "report").glob("report.*"))
        if files:
            told += _of_results(results_in(outcome.folder))
        told.append(_folder(outcome.folder, detail=bool(files)))
        if outcome.latest != outcome.folder.name:
            stops = texts.say("terminal.stops-early", step=stopped_after, run=outcome.latest)
            told.append(Told(str(stops), remark=False))
        if files:
            told.append(_report(files))
        took = texts.say("terminal.done", seconds=f"{time.perf_counter() - started:.0f}")
        hidden = say.in_words(warnings=len(outcome.warnings))
        for role, text, call in ((DONE, took, how), (UNCHANGED, texts.say("terminal.unchanged"), "-v")):
            told.append(Told(with_hidden(text, call, hidden), remark=False, role=role))
            told.append(Told(str(text), remark=False, role=role, detail=True))
    return told


def _of_results(results: object) -> list[Told]:
    from integrade.report.terminal import details, ending
    from integrade.study.unchanged import Told
    from integrade.verdicts.bundle import StudyResults

    assert isinstance(results, StudyResults)
    parts = [(part, True) for part in details(results)] + [(part, False) for part in ending(results)]
    return [Told(str(p.text), remark=False, label=str(p.label), role=p.role, detail=detail) for p, detail in parts]


def _folder(folder: Path, *, detail: bool) -> Told:
    from integrade.study.unchanged import Told

    return Told(str(folder), remark=False, label=str(texts.say("terminal.run-folder")), role="path", detail=detail)


def _report(files: Sequence[Path]) -> Told:
    """Return the path of the report; formats of the same folder are named after it."""
    from integrade.study.unchanged import Told

    first = next((file for file in files if file.suffix == ".html"), files[0])
    others = [file.suffix.removeprefix(".") for file in files if file != first and file.suffix in FORMATS]
    shown = str(first)
    if others:
        shown = str(texts.say("terminal.report-also", path=shown, formats=texts.listed(others, "comma")))
    return Told(shown, remark=False, label=str(texts.say("terminal.report")), role="path")


def print_run(told: Sequence[Told], *, verbose: bool, quiet: bool, again: bool) -> None:
    """Print the end of a run: with ``verbose`` also warnings and details, with ``quiet`` only paths.

    ``again``: the run found everything unchanged.
    """
    if verbose:
        for line in told:
            if line.remark:
                say.warning(line.text)
    last = UNCHANGED if again else DONE
    body = [line for line in told if not line.remark and line.role not in (DONE, UNCHANGED)]
    details = [_part(line) for line in body if line.detail and line.role != "path"]
    if verbose and not quiet and details:
        say.end([*details, Part("")], most=None)
    if quiet:
        shown = [line for line in body if line.role == "path"]
    else:
        shown = [line for line in body if not line.detail or (verbose and line.role == "path")]
    closing = [line for line in told if line.role == last and line.detail == verbose]
    say.end([*map(_part, shown), *(Part(line.text, role=DONE) for line in closing)], most=None if verbose else MOST)


def _part(line: Told) -> Part:
    return Part(line.text, line.label, line.role, whole=line.role == "path")


def print_report(run: Path, files: Sequence[Path], language: str, *, verbose: bool, started: float) -> None:
    """Print the end of `report`: the answer in the language of the report, and where its files are."""
    from integrade.study.finished import results_in
    from integrade.study.unchanged import Told

    with texts.speaking(language):
        told = [*_of_results(results_in(run)), _report(files)]
        took = str(texts.say("terminal.done", seconds=f"{time.perf_counter() - started:.0f}"))
        told.append(Told(took, remark=False, role=DONE, detail=verbose))
    print_run(told, verbose=verbose, quiet=False, again=False)


def print_check(problems: Sequence[IntegradeError], account: Account, *, verbose: bool) -> int:
    """Print problems first, then warnings, then one line that counts them; return the exit code.

    With ``verbose``, the whole account takes the place of the warnings.
    """
    said_already(account)
    spoken = texts.language_spoken()
    entries = say.shown(account)
    for problem in problems:
        say.error(problem)
    if verbose:
        for entry in entries:
            say.note(entry)
    warnings = [entry for entry in entries if entry.kind == "warning"]
    if not verbose and not problems:
        word = texts.say("terminal.warning")
        parts = [
            Part(f"{entry.table}: {texts.in_language(entry.reason, spoken)}", word, "warning")
            for entry in warnings[:WARNINGS]
        ]
        more = len(warnings) - WARNINGS
        left = [Part(texts.say("terminal.more-warnings", n=more))] if more > 0 else []
        say.end([*parts, *left], most=MOST - 1, stream=sys.stderr)
    if problems:
        what = texts.say("terminal.problems", n=len(problems))
    elif warnings:
        what = texts.say("terminal.no-problem-but-warnings", n=len(warnings))
    else:
        what = texts.say("terminal.no-problem")
    hidden = [] if verbose else say.counted(e for e in entries if problems or e.kind != "warning")
    role = "error" if problems else "warning" if warnings else "supported"
    say.end([Part(with_hidden(what, "-v", hidden), role=role)], stream=sys.stderr)
    return Problems(problems).exit_code if problems else 0


def print_verdicts(rows: Sequence[Mapping[str, str]]) -> None:
    """Print each hypothesis with its verdict, what decides it, and its claim; below it the main objection.

    Under the paper's preset a further line says whether the paper's criterion supports the claim.
    """
    if not rows:
        say.line(texts.say("terminal.no-verdicts"))
        return
    heads = [(row["hypothesis"], row["verdict"], row["decided_by"]) for row in rows]
    widths = [max(width(head[i]) for head in heads) + GAP for i in range(3)]
    room = max(say.columns() - sum(widths), say.columns() // 2)
    for row, head in zip(rows, heads, strict=True):
        claim = wrapped(row["claim"], room)
        below = [row["objection"], *([_by_the_paper(row)] if row.get("by_the_paper") else [])]
        lines = [*claim, *(f"  {line}" for said in below for line in wrapped(said, room - 2))]
        for i, text in enumerate(lines):
            cells = head if i == 0 else ("", "", "")
            roles = ("label", row["outcome"], "")
            pieces = [
                piece
                for cell, role, to in zip(cells, roles, widths, strict=True)
                for piece in (Piece(cell, role), Piece(" " * (to - width(cell))))
            ]
            say.styled_line((*pieces, Piece(text, "" if i < len(claim) else DONE)))


def _by_the_paper(row: Mapping[str, str]) -> str:
    return str(texts.say("terminal.by-the-paper", answer=row["by_the_paper"]))


def with_hidden(what: str, how: str, hidden: Sequence[str]) -> str:
    """Add how to see what is not printed: ``done in 33 s (-v shows 2 warnings)``; nothing if all is printed."""
    return str(texts.say("terminal.shows", what=what, how=how, counts=texts.listed(hidden)) if hidden else what)
