"""Define the command line: parse arguments, call a command, print errors.

Commands are imported when they are called.
"""

from __future__ import annotations

import io
import logging
import os
import sys
from typing import Any

from cyclopts import App, CycloptsError, MissingArgumentError, Parameter

from integrade import __version__
from integrade.cli import say
from integrade.engine.memory import one_budget, watch
from integrade.engine.system import refusal_of
from integrade.errors import IntegradeError, speaking
from plainwords.account import carrying
from rawcells.stopping import last_words, wait_where_stopped, watch_for_stops

COMMANDS = {
    "demo": ("project:demo", "Run a whole study on simulated data and compare each estimate with its true value."),
    "new": ("project:new", "Write a commented study.toml and a small data set that runs."),
    "check": ("project:check", "Report all problems of a study at once: files, encodings, keys, units, names."),
    "run": ("project:run", "Run a study: read, measure, match, estimate, print."),
    "report": ("report:report", "Print the report of a finished run again, in other formats or another language."),
    "status": ("runs:status", "Show what is stored of a study, which steps would run again, and why."),
    "diff": ("runs:diff", "Compare two runs: inputs, keys, rows, coefficients."),
    "export": ("export:export", "Write the panel of a run, with Stata and R scripts that repeat its benchmark."),
    "cite": ("cite:cite", "Write the references of a run as BibTeX: methods, data, integrade."),
    "explain": ("explain:explain", "Show where a printed number comes from: model, sample, steps, raw files."),
    "show": ("project:show", "Show a canonical table or a result table in the terminal."),
    "integration": (
        "measuring:integration",
        "Compute a market-integration index from prices, trade flows, output or surveys.",
    ),
    "quality": ("measuring:quality", "Compute export quality from customs records."),
    "elasticity": (
        "elasticity:elasticity",
        "Estimate elasticities of substitution by product from the user's own records.",
    ),
    "clean": ("clean:clean", "Clean firm accounts or customs records by named rules and count every row."),
    "compare": ("compare:compare", "Compare measures of integration: rank correlations, agreement over time."),
    "identify": ("matching:identify", "Link firm records over time although codes change, repeat or are reassigned."),
    "match": (
        "matching:match",
        "Match firms of customs records to firms of accounts and record the rule of each link.",
    ),
    "tfp": (
        "productivity:tfp",
        "Estimate total factor productivity of firms, by least squares to Gandhi-Navarro-Rivers.",
    ),
    "decompose": (
        "quality_series:decompose",
        "Decompose a change of mean quality into within, between, entry and exit.",
    ),
    "breaks": ("quality_series:breaks", "Find years in which customs records break: codes, units, fit."),
    "fit": ("stage:fit", "Fit a regression with fixed effects, clustered and bootstrapped inference, U-test."),
    "audit": ("audit:audit", "Repeat a study with one choice changed at a time, or check published tables."),
    "curve": ("curve:curve", "Compute the specification curve of a study, with joint inference."),
    "power": ("power:power", "Compute which effects a design can detect, and the goods or years it needs."),
    "list": ("info:list_measures", "List the measures with formula, required data, unit and source."),
    "doctor": ("info:doctor", "Show memory, encodings and engines of this installation."),
    "completion": ("info:completion", "Print a script that completes commands, flags and choices in a shell."),
}

MADE_FOR_A_CALL = ("integration", "quality", "fit")
"""Commands whose flags depend on the call."""
SHORT = ("demo", "check", "run", "report")
"""Commands that print little unless ``--verbose`` is given."""

_ABOUT: dict[str, Any] = {
    "name": "integrade",
    "help": "Market integration and export quality: from raw files to a checkable study.",
    "version": __version__,
    "default_parameter": Parameter(negative=()),
}
app = App(**_ABOUT)
for _name, (_target, _help) in COMMANDS.items():
    app.command(f"integrade.cli.{_target}", name=_name, help=_help)


def main() -> None:
    """Run the command line; exit 0 when done, 1 for findings in the data, 2 for usage, 3 if the system refuses.

    A run that is stopped by a signal ends with 130 (Ctrl-C) or 143.
    """
    say.open_streams()
    watch_for_stops()
    logging.captureWarnings(capture=True)
    for stream in (sys.stdout, sys.stderr):  # characters that a terminal lacks are shown by their code
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    # the matrices are small: several BLAS threads spin, and cost half the time of a run on a busy machine
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Polars' allocator keeps what was freed until the system is short of it: a run would hold all its tables at once
    os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:500,muzzy_decay_ms:0")
    watch()
    try:
        code = run(sys.argv[1:])
    finally:
        wait_where_stopped()
    sys.exit(code)


def _of_the_call(arguments: list[str]) -> App:
    """Return the program with only the called command, whose options depend on its ``--method`` or ``--plugin``."""
    from integrade.cli import measuring, stage

    name = arguments[0]
    program = App(**_ABOUT)
    if name == "fit":
        program.command(stage.command_of(arguments), name=name, help=COMMANDS[name][1])
    else:
        program.command(measuring.command_of(name, arguments), name=name)
    return program


def _misused(problem: CycloptsError) -> str:
    """Return the message for a call that the parser refuses; a missing argument is named with the line that helps."""
    missing = isinstance(problem, MissingArgumentError) and problem.argument is not None and not problem.argument.tokens
    if not missing or problem.argument is None or not problem.command_chain or "Did you mean" in str(problem):
        return f"U100 {problem}"
    name, command = problem.argument.name, " ".join(("integrade", *problem.command_chain))
    added = f"add {name} ..." if name.startswith("-") else f"give {name}"
    return f"U100 {command} needs {name}\n  remedy: {added}; {command} --help lists its options"


def run(arguments: list[str]) -> int:
    """Run one call of the command line and return the exit code. Errors of the user print without a traceback."""
    try:
        chosen = _of_the_call(arguments) if arguments and arguments[0] in MADE_FOR_A_CALL else app
        with speaking("command"), carrying(), one_budget():
            ended = chosen(arguments, exit_on_error=False, print_error=False, result_action="return_value")
        say.flush()
    except CycloptsError as problem:
        say.note(_misused(problem))
        return 2
    except IntegradeError as problem:
        if arguments and arguments[0] in SHORT and not {"-v", "--verbose"} & {*arguments}:
            say.short_refusal(problem)
        else:
            say.refusal(problem, quiet="--quiet" in arguments)
        return problem.exit_code
    except BrokenPipeError:  # the reader of standard output has closed it
        say.mute(sys.stdout)
        return 0
    except KeyboardInterrupt:
        say.note(last_words())
        return 130
    except Exception as problem:
        with speaking("command"):
            refusal = refusal_of(problem)
        if refusal is None:
            raise
        say.note(refusal)
        return refusal.exit_code
    finally:
        say.settle()
    return ended if isinstance(ended, int) else 0
