"""Define the options of ``integrade run``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from integrade.engine.engines import Engine

Room = Literal["prices", "integration", "quality", "panel", "models", "report"]


@dataclass(frozen=True)
class Request:
    """The options of a run.

    Parameters
    ----------
    to
        Stop after this step.
    dry_run
        Print the steps that would run, and run nothing.
    explain
        Print why each step runs or is reused.
    force
        Run this step again even if nothing changed: a step of the data, benchmark, or a question (lags, groups, noise
        ...).
    engine
        Engine that processes the rows.
    jobs
        Number of independent steps that run at the same time; by default the number of processors. It does not change
        results.
    progress
        Print the progress (step, rows per second, time left), also if standard error is no terminal.
    verify
        Read all stored steps and tables and compare them with their SHA-256; by default only the steps that are used
        get a faster check. Damaged results are reported and computed again.
    plugins
        Run the .py files that study.toml names as its plugins: their code may do anything that you may do.
    quiet
        Print only the paths of the run and of its report, and the number of warnings.
    """

    to: Room = "report"
    dry_run: bool = False
    explain: bool = False
    force: str | None = None
    engine: Engine = "auto"
    jobs: int | None = None
    progress: bool = False
    verify: bool = False
    plugins: bool = False
    quiet: bool = False
