"""What integrade costs beside its peers, in one run: seconds, processor seconds, memory, ratios, growth.

    python benchmarks/bench.py [--only fit quality] [--rounds 5] [--out bench.json] [--compare docs/performance.json]

Every tool loads the data in a process of its own and then waits; the rounds go from tool to tool, so that what else
the machine does meets all alike. The first call of each (cold: compiled, imported) is told apart; brief calls are made
twice in each round, and the second counts. Ratios are the median over rounds of seconds divided by those of the best
peer in the same round. ``--compare`` lists what got more than 15% worse than in a former file, as ratios where there
are peers, and ends with 1 where anything did. The page docs/performance.md is made of docs/performance.json by
``make docs``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from contests import CONTESTS, Call, Took, high_water

WORSE = 1.15
BRIEF = 2.0
"""Seconds: what takes less is called twice in each warm round, and the second call counts."""
LIBRARIES = ("numpy", "polars", "duckdb", "pyarrow", "within-py", "numba", "pandas", "pyfixest")


@dataclass(frozen=True)
class Measured:
    """One tool: its first call, the medians of those after it, and its peak memory, data included (MB)."""

    cold: float
    seconds: float
    cpu: float
    peak: float
    rounds: tuple[float, ...]


class Worker:
    """A process that has loaded a tool with its data, and runs it when told."""

    def __init__(self, key: str, tool: str, folder: Path) -> None:
        command = [sys.executable, __file__, "--worker", key, tool, str(folder)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._answer()

    def _answer(self) -> dict[str, float]:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{' '.join(map(str, self.process.args))} ended")  # type: ignore[arg-type]
        found: dict[str, float] = json.loads(line)
        return found

    def run(self) -> dict[str, float]:
        assert self.process.stdin
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self._answer()

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


def worker(key: str, tool: str, folder: Path) -> None:
    """Load, say so, then run once for each line that comes in. What the tool itself prints goes nowhere."""
    told = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    call = CONTESTS[key].tools[tool](folder)
    print("{}", file=told, flush=True)
    for turn, _ in enumerate(sys.stdin):
        took = timed(call)
        if turn and took.seconds < BRIEF:
            took = timed(call)  # while others ran, the system may have taken memory back
        print(json.dumps(asdict(took)), file=told, flush=True)


def timed(call: Call) -> Took:
    """What one call took, by its own account where it runs outside this process."""
    began, busy = time.perf_counter(), time.process_time()
    made = call()
    seconds, cpu = time.perf_counter() - began, time.process_time() - busy
    return made if isinstance(made, Took) else Took(seconds, cpu, high_water())


def written(key: str, size: int, folder: Path) -> None:
    """The data of a contest, written by a process of its own."""
    write = f"CONTESTS[{key!r}].write(Path({str(folder)!r}), {size})"
    code = f"from contests import CONTESTS; from pathlib import Path; {write}"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parent, stdout=subprocess.DEVNULL)


def measure(key: str, size: int, tools: tuple[str, ...], rounds: int, scratch: str | None) -> dict[str, Measured]:
    """Each tool once cold and so many times warm (once in all where rounds are one)."""
    with tempfile.TemporaryDirectory(dir=scratch) as name:
        folder = Path(name)
        written(key, size, folder)
        workers: dict[str, Worker] = {}
        runs: dict[str, list[dict[str, float]]] = {tool: [] for tool in tools}
        try:
            workers = {tool: Worker(key, tool, folder) for tool in tools}
            for _ in range(1 if rounds == 1 else rounds + 1):
                for tool, one in workers.items():
                    runs[tool].append(one.run())
        finally:
            for one in workers.values():
                one.end()
    return {tool: summed_up(found) for tool, found in runs.items()}


def summed_up(runs: list[dict[str, float]]) -> Measured:
    warm = runs[1:] or runs
    middle = {k: statistics.median(r[k] for r in warm) for k in ("seconds", "cpu")}
    rounds = tuple(round(r["seconds"], 4) for r in warm)
    return Measured(runs[0]["seconds"], middle["seconds"], middle["cpu"], max(r["peak"] for r in runs), rounds)


def against(found: dict[str, Any], tool: str, beside: tuple[str, ...]) -> float:
    """The median over rounds of a tool's seconds divided by the best of some others in that round."""
    others = [found[name]["rounds"] for name in beside if name in found]
    ratios = [mine / min(theirs) for mine, *theirs in zip(found[tool]["rounds"], *others, strict=True)]
    return statistics.median(ratios) if others else float("nan")


def targets(key: str, found: dict[str, Any]) -> list[dict[str, Any]]:
    """Each target of a contest with what was measured: a ratio to the best of ``beside``, or seconds; and memory."""
    made = []
    for one in CONTESTS[key].targets:
        if one.tool in found:
            there = [name for name in one.beside if name in found]
            value = against(found, one.tool, one.beside) if one.beside else found[one.tool]["seconds"]
            told = {"tool": one.tool, "target": one.most, "measured": value, "ratio": bool(one.beside)}
            made.append({**told, "beside": there, "memory": one.memory, "peak": found[one.tool]["peak"]})
    return made


def slope(sizes: list[int], seconds: list[float]) -> float:
    """The slope of log seconds on log size over the larger half of the sizes: 1 is linear."""
    half = len(sizes) // 2
    return float(np.polyfit(np.log(sizes[half:]), np.log(seconds[half:]), 1)[0])


def curve(key: str, rounds: int, scratch: str | None) -> dict[str, Any]:
    """Seconds and memory of a contest's curved tools at each size, and the slopes."""
    contest = CONTESTS[key]
    tools = tuple(t for t in contest.curved if t in contest.tools)
    points = {size: measure(key, size, tools, rounds, scratch) for size in contest.curve}
    sizes = list(points)
    made: dict[str, Any] = {"sizes": sizes, "counts": contest.counts, "tools": {}}
    for tool in tools:
        seconds = [points[s][tool].seconds for s in sizes]
        peaks = [points[s][tool].peak for s in sizes]
        made["tools"][tool] = {"seconds": seconds, "peak": peaks, "slope": slope(sizes, seconds)}
    return made


def run(keys: list[str], rounds: int | None, curves: bool, scratch: str | None) -> dict[str, Any]:
    """Everything that is asked, as what is written."""
    made: dict[str, Any] = {"machine": machine(), "contests": {}, "curves": {}}
    for key in keys:
        contest = CONTESTS[key]
        turns = contest.rounds if rounds is None else min(rounds, contest.rounds)
        print(f"{contest.title} ({contest.size:,} {contest.counts})", flush=True)
        found = {t: asdict(m) for t, m in measure(key, contest.size, tuple(contest.tools), turns, scratch).items()}
        made["contests"][key] = {
            "title": contest.title,
            "size": contest.size,
            "counts": contest.counts,
            "tools": found,
            "targets": targets(key, found),
        }
        for tool, one in found.items():
            said = f"{one['seconds']:9.3f} s {one['cpu']:9.3f} s cpu {one['peak']:8,.0f} MB  cold {one['cold']:.2f} s"
            print(f"  {tool:<44}{said}", flush=True)
        for one in made["contests"][key]["targets"]:
            kind = "x" if one["ratio"] else "s"
            print(f"  {one['tool']}: {one['measured']:.2f} {kind}, target {one['target']:g} {kind}", flush=True)
        if curves and contest.curve:
            made["curves"][key] = curve(key, min(turns, 3), scratch)
            for tool, one in made["curves"][key]["tools"].items():
                shown = ", ".join(f"{s:.3f}" for s in one["seconds"])
                print(f"  over {contest.counts}: {tool}: {shown} s; slope {one['slope']:.2f}", flush=True)
    return made


def machine() -> dict[str, Any]:
    """What was measured on: processors, load, libraries."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except ModuleNotFoundError:
            found[name] = "absent"
    return {
        "processors": cores,
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "libraries": found,
        "date": time.strftime("%Y-%m-%d"),
    }


def worsened(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """What costs more than 15% more than before, relative to the same peers; without peers, in processor seconds."""
    found = []
    for key, contest in new["contests"].items():
        before = old["contests"].get(key)
        if before is None or before["size"] != contest["size"]:
            continue
        ratios = {t["tool"]: t for t in before["targets"]}
        for one in contest["targets"]:
            former, tool = ratios.get(one["tool"]), one["tool"]
            if former is None:
                continue
            if one["ratio"]:
                was, now, unit = former["measured"], one["measured"], "x"
            else:
                was, now, unit = before["tools"][tool]["cpu"], contest["tools"][tool]["cpu"], "s of processor"
            if now > WORSE * was:
                found.append(f"{key}, {tool}: {was:.2f} -> {now:.2f} {unit}")
    return found


def main() -> int:
    if sys.argv[1:2] == ["--worker"]:
        worker(sys.argv[2], sys.argv[3], Path(sys.argv[4]))
        return 0
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(CONTESTS), default=list(CONTESTS))
    parser.add_argument("--rounds", type=int, help="at most so many, where a contest has more")
    parser.add_argument("--no-curves", action="store_true")
    parser.add_argument("--scratch", help="a folder with room for the data of 100 million rows (2 GB)")
    parser.add_argument("--out", type=Path, default=Path("bench.json"))
    parser.add_argument("--compare", type=Path, help="a former file of figures")
    asked = parser.parse_args()
    made = run(asked.only, asked.rounds, not asked.no_curves, asked.scratch)
    asked.out.write_text(json.dumps(made, indent=1), encoding="utf-8")
    if asked.compare:
        found = worsened(json.loads(asked.compare.read_text(encoding="utf-8")), made)
        print("\n".join(["more than 15% worse:", *found] if found else ["nothing is more than 15% worse"]))
        return bool(found)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
