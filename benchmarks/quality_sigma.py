"""Seconds for quality with imposed and estimated sigma by product against a bare scan and one group-by.

    python benchmarks/quality_sigma.py [--rows 10000000] [--engines polars duckdb] [--profile CASE]

Each case runs twice in a process of its own: seconds of the faster run and its processor seconds (all threads), both as
ratios to the group-by of the same engine over all keys, and peak memory. Effects are product:destination:year. With
--profile: where the time of a case goes, on Polars.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from quality_speed import KEY, bare, generate, peak

BARE = "group by all keys"
CASES: dict[str, dict[str, Any]] = {
    BARE: {},
    "imposed": {"sigma": 5.0},
    "ols": {"sigma": "ols", "fallback_sigma": 5.0},
    "iv": {"sigma": "iv", "fallback_sigma": 5.0},
    "ols, minmax": {"sigma": "ols", "fallback_sigma": 5.0, "standardise": "minmax"},
    "iv, minmax": {"sigma": "iv", "fallback_sigma": 5.0, "standardise": "minmax"},
}
EFFECTS = "product:destination:year"


def run(name: str, path: str, engine: Any) -> Any:
    from integrade.engine.frames import collect, scan_parquet
    from integrade.quality import demand_residual

    if name == BARE:
        return bare(path, engine, KEY)
    return collect(demand_residual(scan_parquet([path], engine), effects=EFFECTS, **CASES[name]))


def case(name: str, path: str, engine: str) -> None:
    seconds = []
    for _ in range(2):
        start, busy = time.perf_counter(), time.process_time()
        run(name, path, engine)
        seconds.append((time.perf_counter() - start, time.process_time() - busy))
    print(*min(seconds), peak())


def profile(name: str, path: str) -> None:
    import cProfile
    import pstats

    watch = cProfile.Profile()
    watch.runcall(run, name, path, "polars")
    pstats.Stats(watch).sort_stats("cumulative").print_stats("integrade")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--engines", nargs="+", default=["polars", "duckdb"])
    parser.add_argument("--cases", nargs="+", default=list(CASES))
    parser.add_argument("--file", help="customs rows of an earlier run")
    parser.add_argument("--case", nargs=3)
    parser.add_argument("--profile")
    given = parser.parse_args()
    if given.case:
        case(*given.case)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = given.file or str(Path(folder) / "customs.parquet")
        if not given.file:
            print(f"{generate(given.rows, path):,} rows")
        if given.profile:
            profile(given.profile, path)
            return
        print(f"{'case':20} {'engine':8} {'seconds':>8} {'ratio':>6} {'cpu':>8} {'ratio':>6} {'MB':>7}")
        for engine in given.engines:
            unit: tuple[float, float] | None = None
            for name in given.cases:
                command = [sys.executable, __file__, "--case", name, path, engine]
                out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
                wall, cpu, memory = map(float, out.split())
                unit = unit or (wall, cpu)
                shown = f"{wall:8.2f} {wall / unit[0]:6.2f} {cpu:8.2f} {cpu / unit[1]:6.2f} {memory:7.0f}"
                print(f"{name:20} {engine:8} {shown}", flush=True)


if __name__ == "__main__":
    main()
