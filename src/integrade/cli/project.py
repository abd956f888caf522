"""Define the study commands: demo, new, check, run, show."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from integrade.cli import say
from integrade.engine.engines import Engine
from integrade.records import needs
from integrade.records.presets import Preset
from integrade.study.request import Request
from rawcells import doors

if TYPE_CHECKING:
    from integrade.study import unchanged

Kind = Literal["study", "index", "quality", "panel"]

WHOLE = Request()


def demo(
    directory: Path = Path("integrade-demo"),
    /,
    *,
    firms: int = 5000,
    seed: int = 20240101,
    preset: Preset = "sound",
    engine: Engine = "auto",
    quiet: bool = False,
    verbose: say.Verbose = False,
) -> None:
    """Run the whole study on a simulated economy, with the truth shown next to each estimate.

    Parameters
    ----------
    directory
        Folder in which raw files, study and report are written.
    firms
        Number of manufacturing firms in the economy.
    seed
        The seed of the economy: the same seed gives the same bytes.
    preset
        published: the paper's choices, with its Tables 1 to 11 and Figure 1. complete: also what the paper announces
        and does not print. sound: integrade's own choices.
    engine
        Engine that processes the rows.
    quiet
        Print only the paths of the run and of its report, and the number of warnings.
    verbose
        Print also the warnings, every sentence of the first page and the claims of the hypotheses.
    """
    from integrade.study.template import write_demo
    from plainwords.errors import as_word
    from rawcells.bytes.encodings import utf8_named

    needs.require_count(needs.FIRMS, firms=firms)
    started = time.perf_counter()
    utf8_named(directory)
    say.note(f"simulating an economy of {firms:,} firms in {directory}/raw ...", quiet=quiet)
    write_demo(directory, firms=firms, seed=seed, preset=preset)
    how = f"integrade run {as_word(directory)} -v"
    _run(directory, Request(engine=engine, quiet=quiet), verbose=verbose, started=started, how=how)


def new(
    directory: Path,
    /,
    *,
    from_: Annotated[Path | None, Parameter(name="--from")] = None,
    kind: Kind | None = None,
    preset: Preset = "sound",
) -> None:
    """Write a commented study.toml and a small data set that runs; or propose a study.toml from your own files.

    Parameters
    ----------
    directory
        A new folder; an existing study.toml is never overwritten.
    from_
        A folder of raw files. The kind of each table is guessed from headings and cells, with a confidence; open
        questions are written as comments at the top of study.toml.
    kind
        The kind of study: a whole study (the default), only the index or only quality, or a panel that exists already.
        With --from the kind is found from the files, unless study or panel is given.
    preset
        published: the paper's choices, with its Tables 1 to 11 and Figure 1. complete: also what the paper announces
        and does not print. sound: integrade's own choices.
    """
    from rawcells.bytes.encodings import utf8_named

    utf8_named(directory)
    if from_ is not None:
        _proposed(directory, from_, kind or "", preset)
        return
    from integrade.study.template_parts import write_kind

    write_kind(directory, kind or "study", preset)
    say.line(f"wrote {directory / 'study.toml'} and a small simulated data set in {directory / 'raw'}")
    say.line(f"next: integrade check {directory}; integrade run {directory}")


def _proposed(directory: Path, folder: Path, kind: str, preset: Preset) -> None:
    from integrade.study.proposal.files import truths_in
    from integrade.study.propose import placed, propose

    guesses = propose(folder, directory, kind, say.note, preset=preset)
    for guess in guesses:
        stopped = guess.problems and not guess.rows
        counted = f"{guess.rows:,} rows {guess.years}" if guess.rows else guess.years  # a long panel is not counted
        rows = "rows not counted: reading stopped at an open question" if stopped else counted
        what = f"{guess.table}, {rows}".strip(", ") if guess.table else f"unknown: {guess.why}"
        what += f" (source {guess.source})" if guess.source else ""
        more = f" and {len(guess.files) - 1} more like it" if len(guess.files) > 1 else ""
        say.line(f"{guess.files[0]}{more}: {what}{'' if placed(guess, guesses) or not guess.table else ', not used'}")
    for truth in truths_in(folder):
        say.line(f"{truth}: true values of a simulated economy, not read as data")
    if left := sum(not placed(guess, guesses) for guess in guesses):
        say.line(
            f"{left} of {len(guesses)} {'is' if left == 1 else 'are'} not used in any section: the end of study.toml "
            "lists the known headings and has sections to fill in"
        )
    asked = doors.read_text(directory / "study.toml").partition("# TO ANSWER: ")[2].partition(" ")[0]
    questions = f", starting with its {asked} open question{'' if asked == '1' else 's'}" if asked else ""
    say.line(f"wrote {directory / 'study.toml'}: read it line by line{questions}")
    say.line(f"next: integrade check {directory}")


def check(study: Path = Path(), /, *, plugins: bool = False, json: bool = False, verbose: say.Verbose = False) -> int:
    """Report every problem of a study at once: files, encodings, keys, units, names. Nothing is estimated.

    Parameters
    ----------
    study
        The study file or its folder.
    plugins
        Run the .py files that study.toml names as its plugins: their code may do anything that you may do.
    json
        Print one JSON object.
    verbose
        Print also what was read, left out and assumed, file by file.
    """
    from integrade.cli import ending
    from integrade.errors import Problems
    from integrade.study.run import check_study
    from plainwords.texts import speaking

    say.plugins(study, allowed=plugins)
    problems, account = check_study(study)
    if json:
        parts = ("code", "what", "where", "example", "remedy")
        records = [{part: getattr(problem, part) for part in parts} for problem in problems]
        say.as_json({"problems": records, "account": account.records()})
        if problems:
            raise Problems(problems)
        return 0
    with speaking(ending.language_of(study)):
        return ending.print_check(problems, account, verbose=verbose)


def run(
    study: Path = Path(), /, *, request: Annotated[Request, Parameter(name="*")] = WHOLE, verbose: say.Verbose = False
) -> None:
    """Run a study: read, measure, match, estimate, print. Finished steps are reused.

    Parameters
    ----------
    study
        The study file or its folder.
    request
        Steps to perform, and how.
    verbose
        Print also the warnings, every sentence of the first page and the claims of the hypotheses.
    """
    _run(study, request, verbose=verbose, started=time.perf_counter())


def _run(study: Path, request: Request, *, verbose: bool, started: float, how: str = "-v") -> None:
    """Run a study and print its end. ``how`` is the call that shows what is left out of the end."""
    from integrade.cli import ending
    from integrade.study import unchanged

    usual = replace(request, engine="auto", jobs=None, quiet=False) == WHOLE
    asked = {"study": str(study), "engine": request.engine}
    before = unchanged.left(study, asked) if usual else None
    told = before or _ran(study, request, asked if usual else None, started, how)
    if told:
        ending.print_run(told, verbose=verbose, quiet=request.quiet, again=bool(before))


def _ran(
    study: Path, request: Request, asked: Mapping[str, object] | None, started: float, how: str
) -> Sequence[unchanged.Told]:
    """Run a study and return what it may print at its end; nothing for a dry run.

    ``asked``: the options of the call, stored with the lines for the next run; None to store nothing.
    """
    from integrade.cli import ending
    from integrade.study import unchanged
    from integrade.study.run import run_study

    began = time.time_ns()  # after the imports, so that what a demo has just written is older
    outcome = run_study(study, request)
    if outcome is None:
        return []
    told = ending.of_run(outcome, study, stopped_after=request.to, started=started, how=how)
    if asked is not None and outcome.read is not None:
        folders = [outcome.folder, *(step.folder for step in outcome.steps)]
        unchanged.write_down(study, asked, unchanged.Run(began, outcome.read, folders, told))
    return told


def show(table: str, study: Path = Path(), /, *, rows: int = 40, plugins: bool = False, json: bool = False) -> None:
    """Show a canonical or result table in the terminal: integration, quality, panel, account, verdicts, tableA8 ...

    Parameters
    ----------
    table
        A table of the study's last run (a table of the report by its name or number: tableA8 or A8; verdicts for the
        hypotheses with their outcomes), or any data file.
    study
        The study file or its folder.
    rows
        Number of rows to show.
    plugins
        Run the .py files that study.toml names as its plugins: their code may do anything that you may do.
    json
        Print the rows as one JSON object.
    """
    from integrade.cli import ending
    from integrade.study.show import VERDICTS, find_table
    from plainwords.texts import speaking

    say.plugins(study, allowed=plugins)
    of_verdicts = table.lower() == VERDICTS
    with speaking(ending.language_of(study) if of_verdicts else "en"):
        title, data, printed, account = find_table(table, study)
        if of_verdicts and not json:
            ending.print_verdicts(data.to_dicts())
            return
    say.account(account, quiet=False)
    if json:
        say.as_json({"table": title, "rows": data.to_dicts()})
    elif printed is not None:
        say.line(str(printed).removesuffix("\n"))
    else:
        say.frame(data, title=title, rows=rows)
