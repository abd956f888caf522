"""Quality of customs rows that do not stand in memory: in files of DuckDB's machine, and on Spark's workers.

    python benchmarks/quality_parts.py [--rows 4] [--engine duckdb spark] [--memory 150MB] [--sigma 5 iv]

Each case is a process of its own, one after the other. Printed: seconds on the clock (reading included, starting the
session not) and processor seconds of the process and all that it started (Spark's virtual machine and its workers).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from quality_speed import generate

EFFECTS = {"saturated": "product:destination:year", "two": "product+destination:year"}


def processor_seconds(root: int) -> float:
    """Of a process, what it started and what of that has ended (Linux)."""
    parents, spent = {}, {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it has ended
                continue
            parents[int(folder.name)] = int(fields[1])
            spent[int(folder.name)] = sum(map(int, fields[11:15]))
    family = {root}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return sum(spent.get(one, 0) for one in family) / os.sysconf("SC_CLK_TCK")


def case(path: str, engine: str, sigma: str, effects: str) -> None:
    """Print the clock and processor seconds of one case, and the sum of its qualities."""
    from integrade.engine.frames import on_engine, scan_parquet
    from integrade.quality import demand_residual

    if engine == "spark":
        import polars as pl

        on_engine(pl.DataFrame({"a": [1]}), "spark").collect()  # the session starts
    start, busy = time.perf_counter(), processor_seconds(os.getpid())
    rows = scan_parquet([path], engine)  # type: ignore[arg-type]
    by = float(sigma) if sigma[0].isdigit() else sigma
    found = demand_residual(rows, sigma=by, effects=EFFECTS[effects], fallback_sigma=None if sigma == "5" else 5)
    total = found.collect().to_polars() if hasattr(found, "collect") else found
    print(time.perf_counter() - start, processor_seconds(os.getpid()) - busy, total["quality"].sum())


def main() -> None:
    if sys.argv[1:2] == ["--case"]:
        case(*sys.argv[2:])
        return
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=float, default=4, help="millions")
    parser.add_argument("--engine", nargs="+", default=["duckdb", "spark"])
    parser.add_argument("--sigma", nargs="+", default=["5", "iv"])
    parser.add_argument("--effects", nargs="+", default=list(EFFECTS), choices=list(EFFECTS))
    parser.add_argument("--memory", default="150MB", help="budget of DuckDB, less than the rows take")
    given = parser.parse_args()
    print(f"{'engine':8} {'sigma':6} {'effects':10} {'seconds':>8} {'cpu s':>7}  sum of quality")
    with tempfile.TemporaryDirectory() as name:
        path = f"{name}/rows.parquet"
        generate(int(given.rows * 1e6), path)
        for engine in given.engine:
            environment = {**os.environ, **({"INTEGRADE_MEMORY": given.memory} if engine == "duckdb" else {})}
            for sigma in given.sigma:
                for effects in given.effects:
                    command = [sys.executable, __file__, "--case", path, engine, sigma, effects]
                    done = subprocess.run(command, capture_output=True, text=True, env=environment)
                    if done.returncode:
                        sys.exit(done.stderr)
                    clock, busy, total = map(float, done.stdout.split()[-3:])
                    print(f"{engine:8} {sigma:6} {effects:10} {clock:8.1f} {busy:7.1f}  {total!r}", flush=True)


if __name__ == "__main__":
    main()
