"""``make fuzz MINUTES=10``: inputs without end to every part that reads what others wrote, counted; failures are kept.

``SEED=7`` another sequence, ``ONLY=where`` one part, ``CASE=7:1234`` or ``CASE=FILE`` one input again with its
traceback, ``FUZZ_JOBS=2`` processes. A failing input is made smaller and kept in ``.fuzz/``, which git ignores. The
exit code is 1 where anything but results and coded errors came.
"""

from __future__ import annotations

import json
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
    return {**os.environ, "POLARS_MAX_THREADS": "1", "MALLOC_ARENA_MAX": "2", **more}


def campaign(seed: int, seconds: float, jobs: int, only: str, folder: Path) -> Campaign:
    """Cases for so many seconds."""
    from fuzzing.cases import prepare

    prepare(only)
    found, end, shown = Campaign(seed), time.monotonic() + seconds, time.monotonic()
    watched = [Watched(seed, start, jobs, folder, only) for start in range(jobs)]
    while time.monotonic() < end:
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
    found.failures.setdefault(key, []).append(finding["number"])
    found.texts.setdefault(key, finding.get("text", ""))


def _line(found: Campaign) -> str:
    inputs = sum(found.counts.values())
    kinds = Counter[str]()
    for (_, kind, _), numbers in found.failures.items():
        kinds[kind] += len(numbers)
    told = ", ".join(f"{n:,} {kind}" for kind, n in sorted(kinds.items())) or "no failure"
    return f"{inputs:,} inputs: {told}"


def report(found: Campaign) -> str:
    """The counts: inputs by target, refusals by code, failures with where to find them."""
    targets, codes, results = Counter[str](), Counter[str](), 0
    for key, n in found.counts.items():
        name, kind, *code = key.split()
        targets[name] += n
        if kind == "refused":
            codes[code[0]] += n
        results += n if kind == "result" else 0
    lines = [_line(found), "  by part: " + ", ".join(f"{k} {n:,}" for k, n in sorted(targets.items()))]
    lines.append(f"  results: {results:,}; refusals: " + ", ".join(f"{k} {n:,}" for k, n in sorted(codes.items())))
    for kind in ("traceback", "hang", "abort", "memory", "warning", "printed", "wrong"):
        own = {key: numbers for key, numbers in found.failures.items() if key[1] == kind}
        lines.append(f"  {kind}: {sum(map(len, own.values())):,}" + (f" of {len(own)} kinds" if own else ""))
        lines += [
            f"    {name}: {told} ({len(n)} times): make fuzz CASE={found.seed}:{n[0]}"
            for (name, _, told), n in own.items()
        ]
    return "\n".join(lines)


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
        if kind in ("traceback", "warning") and name not in ("frames", "known", "written"):
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
    seed, only = int(told("SEED") or 1), told("ONLY") or ""
    with TemporaryDirectory(prefix="fuzz-") as made:
        folder = Path(made)
        os.environ["FUZZ_FOLDER"] = made
        if which := told("CASE"):
            return again(which, folder, only)
        found = campaign(seed, 60 * float(told("MINUTES") or 10), int(told("JOBS") or 1), only, folder)
        print(report(found))
        if found.failures:
            keep(found, folder, only)
            print(f"  kept in {KEPT}/: make fuzz CASE={KEPT}/NAME tries one again")
        return 1 if found.failures else 0


if __name__ == "__main__":
    sys.exit(main())
