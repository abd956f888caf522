"""``make fuzz MINUTES=10``: inputs without end to every part that reads what others wrote, counted; failures are kept.

``INPUTS=1000000`` so many inputs instead, ``SEED=7`` another sequence, ``ONLY=where`` one part, ``CASE=7:1234`` or
``CASE=FILE`` one input again with its traceback, ``FUZZ_JOBS=2`` processes. Files are written in memory where the
system has /dev/shm. A failing input is made smaller and kept in ``.fuzz/``, which git ignores. The exit code is 1 where
anything but results and coded errors came.
"""

from __future__ import annotations

import json
import math
import os
import queue
import re
import struct
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

HANG = 10.0
"""Seconds that an input of at most a megabyte may take; all here are smaller."""
KEPT = Path(".fuzz")
TRIES = 300
"""How often an input is tried smaller."""


@dataclass
class Campaign:
    """What was counted, and the failures by what they are: how often each, and its first case."""

    seed: int
    counts: Counter[str] = field(default_factory=Counter)
    failures: dict[tuple[str, str, str], list[int]] = field(default_factory=dict)
    texts: dict[tuple[str, str, str], str] = field(default_factory=dict)


class Watched:
    """A worker and what is seen of it."""

    def __init__(self, seed: int, start: int, step: int, folder: Path, only: str) -> None:
        self.place = folder / f"running-{start % step}"
        self.place.write_bytes(struct.pack("q", -1))
        self.seed, self.step, self.folder, self.only = seed, step, folder, only
        self.lines: queue.Queue[str] = queue.Queue()
        self.start(start)

    def start(self, number: int) -> None:
        """Begin, or go on, at a case."""
        self.place.write_bytes(struct.pack("q", -1))
        words = [
            sys.executable,
            "-m",
            "fuzzing.worker",
            *map(str, (self.seed, number, self.step)),
            str(self.place),
            self.only,
        ]
        self.process = subprocess.Popen(
            words, stdout=subprocess.PIPE, text=True, encoding="utf-8", env=_environment(self.folder)
        )
        self.number, self.since, self.began = -1, time.monotonic(), 0.0
        threading.Thread(target=self._listen, args=(self.process.stdout,), daemon=True).start()

    def _listen(self, stream: Any) -> None:
        for line in stream:
            self.lines.put(line)

    def took(self) -> float:
        """Seconds of processor time: those of the clock are others' too. What is imported first is no case."""
        try:
            told = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return time.monotonic()
        spent = (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")
        return spent if self.number >= 0 else 0.0

    def running(self) -> int:
        """The case that it is at."""
        return int(struct.unpack("q", self.place.read_bytes()[:8])[0])


def _environment(folder: Path) -> dict[str, str]:
    here = Path(__file__).parents[1]
    paths = [str(here), str(here.parent / "src"), os.environ.get("PYTHONPATH", "")]
    more = {"PYTHONPATH": os.pathsep.join(filter(None, paths)), "FUZZ_FOLDER": str(folder), "OPENBLAS_NUM_THREADS": "1"}
    more["TMPDIR"] = str(folder)
    return {**os.environ, "POLARS_MAX_THREADS": "1", "MALLOC_ARENA_MAX": "2", **more}


def campaign(seed: int, seconds: float, jobs: int, only: str, folder: Path, inputs: float = math.inf) -> Campaign:
    """Cases for so many seconds, or until so many were tried."""
    from fuzzing.cases import prepare

    prepare(only)
    found, end, shown = Campaign(seed), time.monotonic() + seconds, time.monotonic()
    watched = [Watched(seed, start, jobs, folder, only) for start in range(jobs)]
    while time.monotonic() < end and _inputs(found) < inputs:
        time.sleep(0.1)
        for one in watched:
            _look(one, found)
        if time.monotonic() - shown > 60:
            shown = time.monotonic()
            print(_line(found), flush=True)
    for one in watched:
        one.process.kill()
        one.process.wait()
        _take(one, found)
    return found


def _look(one: Watched, found: Campaign) -> None:
    _take(one, found)
    running, now = one.running(), time.monotonic()
    if running != one.number:
        one.number, one.since, one.began = running, now, one.took()
    ended = one.process.poll()
    if ended is not None or one.took() - one.began > HANG or now - one.since > 12 * HANG:
        one.process.kill()
        one.process.wait()
        _take(one, found)
        if one.number >= 0:
            kind = "hang" if ended is None else "abort"
            _keep(
                found,
                {
                    "number": one.number,
                    "target": _target(one),
                    "kind": kind,
                    "told": "" if ended is None else f"exit {ended}",
                },
            )
        one.start(max(one.number, 0) + one.step)


def _target(one: Watched) -> str:
    from fuzzing.cases import case

    return case(one.seed, one.number, one.only)[0]


def _take(one: Watched, found: Campaign) -> None:
    while not one.lines.empty():
        line = json.loads(one.lines.get())
        found.counts.update(line.get("counts", {}))
        if "finding" in line:
            _keep(found, line["finding"])


def _keep(found: Campaign, finding: dict[str, Any]) -> None:
    key = finding["target"], finding["kind"], finding["told"]
    if key not in found.failures:
        print(f"  {' '.join(key)}: make fuzz CASE={found.seed}:{finding['number']}", flush=True)
    found.failures.setdefault(key, []).append(finding["number"])
    found.texts.setdefault(key, finding.get("text", ""))


def _inputs(found: Campaign) -> int:
    return sum(n for key, n in found.counts.items() if not key.endswith(" microseconds"))


def _line(found: Campaign) -> str:
    inputs = _inputs(found)
    kinds = Counter[str]()
    for (_, kind, _), numbers in found.failures.items():
        kinds[kind] += len(numbers)
    told = ", ".join(f"{n:,} {kind}" for kind, n in sorted(kinds.items())) or "no failure"
    return f"{inputs:,} inputs: {told}"


def report(found: Campaign) -> str:
    """The counts: inputs by part with what they are judged by, refusals by code, failures with where to find them."""
    codes = Counter[str]()
    for key, n in found.counts.items():
        _, kind, *code = key.split()
        codes.update({code[0]: n} if kind == "refused" else {})
    lines = [_line(found), *_by_part(found)]
    lines.append("  refusals: " + ", ".join(f"{k} {n:,}" for k, n in sorted(codes.items())))
    for kind in KINDS:
        own = {key: numbers for key, numbers in found.failures.items() if key[1] == kind}
        lines.append(f"  {kind}: {sum(map(len, own.values())):,}" + (f" of {len(own)} kinds" if own else ""))
        lines += [
            f"    {name}: {told} ({len(n)} times): make fuzz CASE={found.seed}:{n[0]}"
            for (name, _, told), n in own.items()
        ]
    return "\n".join(lines)


KINDS = ("traceback", "hang", "abort", "memory", "warning", "printed", "wrong")


def _by_part(found: Campaign) -> list[str]:
    """A table in Markdown: inputs, results, refusals, failures and processor time of each part, and its judge."""
    from fuzzing.cases import TARGETS

    rows, total = list[tuple[str, ...]](), Counter[str]()
    for name, target in TARGETS.items():
        own = {key.split()[1]: 0 for key in found.counts if key.split()[0] == name}
        for key, n in found.counts.items():
            if key.split()[0] == name:
                own[key.split()[1]] += n
        seconds = own.pop("microseconds", 0) / 1e6
        failed = sum(len(n) for (part, _, _), n in found.failures.items() if part == name)
        counts = {"inputs": sum(own.values()), "results": own.get("result", 0), "refused": own.get("refused", 0)}
        total.update({**counts, "failed": failed, "read": counts["inputs"] * target.reads})
        total["milliseconds"] += int(1000 * seconds)
        if counts["inputs"]:
            rows.append((name, *(f"{n:,}" for n in (*counts.values(), failed)), f"{seconds:,.0f}", target.oracle))
    told = (f"{total[k]:,}" for k in ("inputs", "results", "refused", "failed"))
    rows.append(("all", *told, f"{total['milliseconds'] / 1000:,.0f}", f"{total['read']:,} through readers of files"))
    head = ("part", "inputs", "results", "refusals", "failures", "seconds", "judged by")
    return ["| " + " | ".join(row) + " |" for row in (head, ("---",) * len(head), *rows)]


def smaller(name: str, data: bytes, folder: Path) -> bytes:
    """An input with the same failure from which pieces were taken as long as it fails."""
    from fuzzing.cases import outcome

    def failure(one: bytes) -> tuple[str, str]:
        with TemporaryDirectory(dir=folder) as inside:
            made = outcome(name, one, Path(inside))
        return made.kind, made.told

    wanted, tries, size = failure(data), 0, len(data) // 2
    while size and tries < TRIES:
        at = 0
        while at < len(data) and tries < TRIES:
            less = data[:at] + data[at + size :]
            tries += 1
            if failure(less) == wanted:
                data = less
            else:
                at += size
        size //= 2
    return data


def keep(found: Campaign, folder: Path, only: str) -> None:
    """Write the first input of each failure, made smaller where it does not end or stop the process."""
    from fuzzing.cases import case

    KEPT.mkdir(exist_ok=True)
    for (name, kind, told), numbers in found.failures.items():
        _, data = case(found.seed, numbers[0], only)
        if kind in ("traceback", "warning") and not data.isdigit():
            data = smaller(name, data, folder)
        slug = re.sub(r"[^A-Za-z0-9]+", "_", f"{name} {kind} {told}")[:80].strip("_")
        (KEPT / f"{slug}.{name}").write_bytes(data)
        (KEPT / f"{slug}.txt").write_text(
            f"CASE={found.seed}:{numbers[0]}\n{found.texts[name, kind, told]}\n", encoding="utf-8"
        )


def again(which: str, folder: Path, only: str) -> int:
    """One input again, in this process, with its traceback: ``SEED:NUMBER`` or a kept file."""
    from fuzzing import cases

    if re.fullmatch(r"\d+:\d+", which):
        name, data = cases.case(*map(int, which.split(":")), only)
    else:
        name, data = Path(which).suffix[1:], Path(which).read_bytes()
    print(f"{name}: {data[:2000]!r}")
    with TemporaryDirectory(dir=folder) as inside:
        found = cases.outcome(name, data, Path(inside))
    print(found.kind, found.told, found.text, sep="\n")
    return 0 if found.kind in ("result", "refused") else 1


def main() -> int:
    """The campaign that the environment asks for."""
    told = os.environ.get
    seed, only, memory = int(told("SEED") or 1), told("ONLY") or "", Path("/dev/shm")
    with TemporaryDirectory(prefix="fuzz-", dir=memory if memory.is_dir() else None) as made:
        folder = Path(made)
        os.environ["FUZZ_FOLDER"] = made
        if which := told("CASE"):
            return again(which, folder, only)
        inputs = float(told("INPUTS") or math.inf)
        minutes = float(told("MINUTES") or (10 if inputs == math.inf else 1e6))
        found = campaign(seed, 60 * minutes, int(told("JOBS") or 1), only, folder, inputs)
        print(report(found))
        if found.failures:
            keep(found, folder, only)
            print(f"  kept in {KEPT}/: make fuzz CASE={KEPT}/NAME tries one again")
        return 1 if found.failures else 0


if __name__ == "__main__":
    sys.exit(main())
