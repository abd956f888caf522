"""How `integrade quality` grows with the number of customs rows: seconds, peak memory and rows per second.

    python benchmarks/quality_scale.py [--rows 1 10 50 100] [--folder DIR] [--engine auto] [--memory 6GB]

Parquet files are generated piece by piece in a scratch folder, which is removed afterwards. Every case is the command
line in a process of its own, with the engine it chooses itself; time is linear when rows per second stay level. Last,
1 m rows (`--sample`) run once in memory and once with a budget that makes them spill: the largest difference.
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

PIECE = 5_000_000


def write(rows: int, folder: Path) -> int:
    """Pieces of customs rows, each with firms of its own so that no key repeats; returns the number of rows."""
    folder.mkdir()
    pieces = range(-(-rows // PIECE))
    return sum(generate(min(PIECE, rows - i * PIECE), str(folder / f"{i:03}.parquet"), part=i) for i in pieces)


def case(arguments: list[str]) -> None:
    """Run the command line in this process; print its seconds and peak memory in MB."""
    from integrade.cli import run

    start = time.perf_counter()
    code = run(arguments)
    print(time.perf_counter() - start, peak())
    sys.exit(code)


def measure(folder: Path, effects: str, out: Path, engine: str, memory: str | None) -> tuple[float, float, str]:
    """Seconds, peak memory in MB and the engine of one run of the command line."""
    command = ["quality", str(folder), "--sigma", "5", "--effects", effects, "--engine", engine, "--out", str(out)]
    settings = {"INTEGRADE_MEMORY": memory} if memory else {}
    done = subprocess.run(
        [sys.executable, __file__, "--case", *command], capture_output=True, text=True, env={**os.environ, **settings}
    )
    if done.returncode:
        sys.exit(done.stderr)
    seconds, megabytes = map(float, done.stdout.split())
    said = [line for line in done.stderr.splitlines() if "engine duckdb" in line]
    return seconds, megabytes, "duckdb" if said else "polars" if engine == "auto" else engine


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
    parser.add_argument("--rows", type=float, nargs="+", default=[1, 10, 50, 100], help="millions")
    parser.add_argument("--folder")
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--memory")
    parser.add_argument("--sample", type=float, default=1, help="millions")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as scratch:
        print(f"{'rows':>12} {'effects':26} {'engine':8} {'seconds':>8} {'peak MB':>8} {'m rows/s':>9}")
        for millions in given.rows:
            folder = Path(scratch) / "customs"
            rows = write(int(millions * 1e6), folder)
            for effects in EFFECTS:
                seconds, megabytes, engine = measure(
                    folder, effects, Path(scratch) / "out.parquet", given.engine, given.memory
                )
                speed = f"{seconds:8.1f} {megabytes:8.0f} {rows / seconds / 1e6:9.2f}"
                print(f"{rows:12,} {effects:26} {engine:8} {speed}", flush=True)
            for piece in folder.iterdir():
                piece.unlink()
            folder.rmdir()
        if given.sample:
            sample = Path(scratch) / "sample"
            write(int(given.sample * 1e6), sample)
            for effects in EFFECTS:
                gap = difference(sample, effects, Path(scratch))
                print(f"{given.sample:g} m rows, {effects}: spilled and in memory differ by at most {gap:.1e}")


if __name__ == "__main__":
    main()
