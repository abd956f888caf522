"""What a run can be asked to do: the options of ``integrade run``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from integrade.engine.engines import Engine

Room = Literal["prices", "integration", "quality", "panel", "models", "report"]


@dataclass(frozen=True)
class Request:
    """What a run is asked to do.

    Parameters
    ----------
    to
        Stop after this step.
    dry_run
        Say what would run, and run nothing.
    explain
        Say why each step runs or is reused.
    force
        Run this step again even if nothing changed: a room, benchmark, or a question (lags, groups, noise ...).
    engine
        What the rows run on.
    jobs
        How many steps that do not need each other run at once; the processors where not given. The results are the
        same.
    progress
        Say how far the run is (step, rows per second, time left), also where standard error is no terminal.
    verify
        Read all of the stored steps and tables and compare them with their SHA-256; else a faster check is made of
        those that are used. What is damaged is named and made again.
    plugins
        Run the .py files that study.toml names as its plugins: code, with all that you may do yourself.
    quiet
        Print warnings and where the report is, not what it says.
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
