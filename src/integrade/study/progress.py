"""How far a run is: the step, rows per second, and about how much time is left. On standard error."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from integrade.engine import doors
from integrade.study.reasons import latest_first
from integrade.study.steps import TOOK, Done, Step
from integrade.subjects import question_named

TYPICAL: Mapping[str, tuple[float, float]] = {
    "prices": (0.4, 76e3),
    "index_trust": (1.5, 0.0),
    "integration": (0.5, 0.0),
    "quality": (0.7, 0.5e6),
    "quality_rows": (0.7, 0.5e6),
    "accounts": (0.5, 0.6e6),
    "panel": (0.3, 0.0),
    "benchmark": (0.6, 0.0),
    "models": (0.4, 0.0),
    "report": (5.0, 0.0),
}
"""Seconds and bytes of the raw files of each step in the data set of `integrade new`, for a study that has no past."""

LEAST = 0.5  # of the seconds of a step that do not grow with its files


@dataclass(frozen=True)
class Watch:
    """What a run tells of its steps: when one begins, and when it is done."""

    begin: Callable[[str], None]
    end: Callable[[Done], None]


def expected(steps: Sequence[Step], store: Path) -> dict[str, float]:
    """Seconds that each step will take: those of its last run, in proportion to the bytes of its files."""
    found = {}
    for step in steps:
        earlier = next(filter(None, map(_took, latest_first(store.glob(f"{step.name}-*/{TOOK}")))), None)
        if earlier:
            seconds, size = earlier
        else:
            asked = question_named(step.name)
            seconds, size = TYPICAL.get(step.name, (asked.seconds if asked else 1.0, 0.0))
        grown = step.size() / size if size and step.size() else 1.0
        found[step.name] = seconds * max(grown, LEAST)
    return found


def _took(file: Path) -> tuple[float, float] | None:
    """Seconds of a stored step and the bytes of its raw files; None where that is damaged."""
    try:
        last = json.loads(doors.read_bytes(file))
        seconds, size = float(last["seconds"]), float(last["bytes"])
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None
    return (seconds, size) if 0 <= seconds < math.inf and 0 <= size < math.inf else None


class _Clock:
    """What is expected of the steps that are not done, corrected by how long the others took."""

    def __init__(self, plan: Mapping[str, float], jobs: int = 1) -> None:
        self.plan, self.open, self.jobs = dict(plan), list(plan), jobs
        self.took = self.meant = 0.0

    def close(self, done: Done) -> None:
        """A step is done; one that was reused says nothing about the speed of the machine."""
        self.open.remove(done.name)
        if done.ran:
            self.took += done.seconds
            self.meant += self.plan[done.name]

    def left(self) -> float:
        """Seconds left for the steps that are not done, several at once; the longest takes its own time."""
        pace, left = self.took / self.meant if self.meant else 1.0, [self.plan[name] for name in self.open]
        return pace * max(sum(left) / self.jobs, max(left, default=0.0))

    def share(self) -> float:
        """The share of the plan that is done."""
        whole = sum(self.plan.values())
        return 1 - sum(self.plan[name] for name in self.open) / whole if whole else 1.0


def rate(done: Done) -> str:
    """``ran in 1.3 s: 40,125 rows, 30,865 rows/s``."""
    if not done.ran:
        return "is stored"
    rows = f": {done.rows:,} rows, {done.rows / max(done.seconds, 1e-3):,.0f} rows/s" if done.rows else ""
    return f"ran in {done.seconds:.1f} s{rows}"


def time_left(seconds: float) -> str:
    """``about 20 s left``, ``about 3 min left``; nothing when all is done."""
    if seconds <= 0:
        return ""
    return f"about {seconds:.0f} s left" if seconds < 90 else f"about {seconds / 60:.0f} min left"


@contextmanager
def watching(plan: Mapping[str, float], *, asked: bool, jobs: int = 1) -> Iterator[Watch]:
    """A bar on a terminal; plain lines where they are asked for without one; else nothing, so that logs stay short."""
    from rich.console import Console

    console, clock = Console(stderr=True), _Clock(plan, jobs)
    if console.is_terminal:
        with _bar(console, clock) as watch:
            yield watch
    elif asked:
        yield _lines(clock)
    else:
        yield Watch(lambda _: None, lambda _: None)


def _lines(clock: _Clock) -> Watch:
    def begin(name: str) -> None:
        print(f"{name} ... {time_left(clock.left())}".rstrip(), file=sys.stderr, flush=True)

    def end(done: Done) -> None:
        clock.close(done)
        print(f"{done.name} {rate(done)}", file=sys.stderr, flush=True)

    return Watch(begin, end)


@contextmanager
def _bar(console: Any, clock: _Clock) -> Iterator[Watch]:
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description:<24}"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}  {task.fields[last]}"),
    )
    running: list[str] = []
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=1.0, left="", last="")

        def begin(name: str) -> None:
            running.append(name)
            bar.update(task, description=", ".join(running), left=time_left(clock.left()))

        def end(done: Done) -> None:
            clock.close(done)
            running.remove(done.name)
            bar.update(
                task,
                completed=clock.share(),
                left=time_left(clock.left()),
                last=f"{done.name} {rate(done)}",
                description=", ".join(running),
            )

        yield Watch(begin, end)
