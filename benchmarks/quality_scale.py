"""How `integrade quality` grows with the number of customs rows: seconds, peak memory and rows per second.

    python benchmarks/quality_scale.py [--rows 1 10 50 100] [--folder DIR] [--engine auto] [--memory 6GB]

Parquet files are generated piece by piece in a scratch folder, which is removed afterwards. Every case is the command
line in a process of its own, with the engine it chooses itself. Cost is linear when processor seconds (of all threads)
per million rows stay level; on a busy machine the other seconds say little. Last, 1 m rows (`--sample`) run once in
memory and once with a budget that makes them spill: the largest difference.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl
from quality_speed import EFFECTS, generate, peak

PIECE = 1_000_000


def write(pieces: int, folder: Path) -> int:
    """That many pieces of customs rows, each with its own firms so that no key repeats; returns the number of rows."""
    folder.mkdir(exist_ok=True)
    for i in range(len(list(folder.iterdir())), pieces):
        generate(PIECE, str(folder / f"{i:03}.parquet"), part=i)
    return int(pl.scan_parquet(folder).select(pl.len()).collect().item())


def case(arguments: list[str]) -> None:
    """Run the command line in this process; print its seconds, processor seconds and peak memory in MB."""
    from integrade.cli import run

    start, busy = time.perf_counter(), time.process_time()
    code = run(arguments)
    print(time.perf_counter() - start, time.process_time() - busy, peak())
    sys.exit(code)


def measure(folder: Path, effects: str, out: Path, engine: str, memory: str | None) -> tuple[list[float], str]:
    """Seconds, processor seconds and peak memory in MB, and the engine, of one run of the command line."""
    command = ["quality", str(folder), "--sigma", "5", "--effects", effects, "--engine", engine, "--out", str(out)]
    settings = {"INTEGRADE_MEMORY": memory} if memory else {}
    done = subprocess.run(
        [sys.executable, __file__, "--case", *command], capture_output=True, text=True, env={**os.environ, **settings}
    )
    if done.returncode:
        sys.exit(done.stderr)
    chosen = "duckdb" if "engine duckdb" in done.stderr else "polars"
    return [float(x) for x in done.stdout.split()], chosen if engine == "auto" else engine


def difference(folder: Path, effects: str, scratch: Path) -> float:
    """The largest difference of quality between the run in memory and one that spills."""
    for name, memory in (("whole", "64GB"), ("spilled", "200MB")):
        measure(folder, effects, scratch / f"{name}.parquet", "auto", memory)
    whole, spilled = (pl.read_parquet(scratch / f"{name}.parquet") for name in ("whole", "spilled"))
    same = whole.select(pl.exclude("quality", "value")).equals(spilled.select(pl.exclude("quality", "value")))
    gap = (whole["quality"] - spilled["quality"]).abs().max()
    return float(gap) if same and whole["quality"].is_null().equals(spilled["quality"].is_null()) else float("inf")


def main() -> None:
    if sys.argv[1:2] == ["--case"]:
        case(sys.argv[2:])
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, nargs="+", default=[1, 10, 50, 100], help="millions, ascending")
    parser.add_argument("--folder")
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--memory")
    parser.add_argument("--sample", type=int, default=1, help="millions")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        scratch = Path(name)
        columns = f"{'seconds':>8} {'m rows/s':>9} {'cpu s':>7} {'per m':>6} {'peak MB':>8}"
        print(f"{'rows':>12} {'effects':26} {'engine':8} {columns}")
        for millions in sorted(given.rows):
            rows = write(millions, scratch / "customs")
            for effects in EFFECTS:
                (wall, busy, peak_mb), engine = measure(
                    scratch / "customs", effects, scratch / "out.parquet", given.engine, given.memory
                )
                growth = f"{wall:8.1f} {rows / wall / 1e6:9.2f} {busy:7.1f} {busy / rows * 1e6:6.2f} {peak_mb:8.0f}"
                print(f"{rows:12,} {effects:26} {engine:8} {growth}", flush=True)
        if given.sample:
            write(given.sample, scratch / "sample")
            for effects in EFFECTS:
                gap = difference(scratch / "sample", effects, scratch)
                print(f"{given.sample} m rows, {effects}: spilled and in memory differ by at most {gap:.1e}")


if __name__ == "__main__":
    main()
