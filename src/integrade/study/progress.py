"""Show the progress of a run on standard error: the step, rows per second, and approximately how much time is left."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from integrade.study.reasons import latest_first
from integrade.study.steps import TOOK, Done, Step
from integrade.subjects import question_named
from rawcells import doors

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
"""Step -> its seconds and raw bytes in the data set of `integrade new`; used for a study without earlier runs."""

WIDE = 120  # columns of a terminal that also shows how the last step ended; narrower ones would cut the time
LEAST = 0.5  # a step is expected to take at least this share of its earlier time (a convention)


@dataclass(frozen=True)
class Watch:
    """The functions that a run calls for its steps: when one begins, and when it is done."""

    begin: Callable[[str], None]
    end: Callable[[Done], None]


def expected(steps: Sequence[Step], store: Path) -> dict[str, float]:
    """Return the seconds that each step will take, from its last run and in proportion to the bytes of its files."""
    seconds_by_step = {}
    for step in steps:
        earlier = next(filter(None, map(_took, latest_first(store.glob(f"{step.name}-*/{TOOK}")))), None)
        if earlier:
            seconds, size = earlier
        else:
            asked = question_named(step.name)
            seconds, size = TYPICAL.get(step.name, (asked.seconds if asked else 1.0, 0.0))
        grown = step.size() / size if size and step.size() else 1.0
        seconds_by_step[step.name] = seconds * max(grown, LEAST)
    return seconds_by_step


def _took(file: Path) -> tuple[float, float] | None:
    """Return seconds of a stored step and the bytes of its raw files; None if the record is damaged."""
    try:
        last = json.loads(doors.read_bytes(file))
        seconds, size = float(last["seconds"]), float(last["bytes"])
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None
    return (seconds, size) if 0 <= seconds < math.inf and 0 <= size < math.inf else None


class _Clock:
    """The expected time of the steps that are not done, corrected by how long the finished steps took.

    ``now`` gives the time in seconds. The time of a running step counts down, to zero at the least.
    """

    def __init__(self, plan: Mapping[str, float], jobs: int = 1, now: Callable[[], float] = time.monotonic) -> None:
        self.plan, self.open, self.jobs, self.now = dict(plan), list(plan), jobs, now
        self.took = self.meant = 0.0
        self.running: dict[str, float] = {}

    def begin(self, name: str) -> None:
        """Record that a step begins now."""
        self.running[name] = self.now()

    def close(self, done: Done) -> None:
        """Record that a step is done; a reused step does not change the estimate of the machine's speed."""
        self.open.remove(done.name)
        self.running.pop(done.name, None)
        if done.ran:
            self.took += done.seconds
            self.meant += self.plan[done.name]

    def left(self) -> float:
        """Return the seconds left if ``jobs`` steps run at the same time; at least the time of the longest step."""
        pace, now = self.took / self.meant if self.meant else 1.0, self.now()
        running = dict(self.running)  # a copy, because the bar asks from another thread
        left = [max(pace * self.plan[name] - (now - running.get(name, now)), 0.0) for name in [*self.open]]
        return max(sum(left) / self.jobs, max(left, default=0.0))

    def share(self) -> float:
        """Return the share of the plan that is done."""
        whole = sum(self.plan.values())
        return 1 - sum(self.plan[name] for name in self.open) / whole if whole else 1.0


def rate(done: Done) -> str:
    """Return how a step ended: ``ran in 1.3 s: 40,125 rows, 30,865 rows/s``, or ``is stored``."""
    if not done.ran:
        return "is stored"
    rows = f": {done.rows:,} rows, {done.rows / max(done.seconds, 1e-3):,.0f} rows/s" if done.rows else ""
    return f"ran in {done.seconds:.1f} s{rows}"


def time_left(seconds: float) -> str:
    """Return ``about 20 s left`` or ``about 3 min left``; empty when all is done, or if it takes longer than planned.

    Seconds are rounded to five from 10 s on, because the estimate is no more exact.
    """
    if seconds <= 0:
        return ""
    if seconds >= 90:
        return f"about {seconds / 60:.0f} min left"
    return f"about {seconds if seconds < 10 else 5 * round(seconds / 5):.0f} s left"


@contextmanager
def watching(plan: Mapping[str, float], *, asked: bool, jobs: int = 1) -> Iterator[Watch]:
    """Show a bar on a terminal, and elsewhere plain lines if ``asked``.

    Otherwise show nothing, so that logs stay short.
    """
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
        clock.begin(name)
        print(f"{name} ... {time_left(clock.left())}".rstrip(), file=sys.stderr, flush=True)

    def end(done: Done) -> None:
        clock.close(done)
        print(f"{done.name} {rate(done)}", file=sys.stderr, flush=True)

    return Watch(begin, end)


@dataclass(frozen=True)
class _Left:
    """The text of the time left, recomputed whenever it is printed."""

    clock: _Clock

    def __str__(self) -> str:
        return time_left(self.clock.left())


@contextmanager
def _bar(console: Any, clock: _Clock) -> Iterator[Watch]:
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = [
        SpinnerColumn(),
        TextColumn("{task.description:<24.24}"),
        BarColumn(20),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}"),
        *([TextColumn("{task.fields[last]}")] if console.width >= WIDE else []),
    ]
    running: list[str] = []
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=1.0, left=_Left(clock), last="")

        def begin(name: str) -> None:
            clock.begin(name)
            running.append(name)
            bar.update(task, description=", ".join(running))

        def end(done: Done) -> None:
            clock.close(done)
            running.remove(done.name)
            bar.update(task, completed=clock.share(), last=f"{done.name} {rate(done)}", description=", ".join(running))

        yield Watch(begin, end)
