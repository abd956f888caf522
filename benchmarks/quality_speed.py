"""Demand-residual quality against a bare scan and one group-by, on Polars and DuckDB, each case in its own process.

    python benchmarks/quality_speed.py [--rows 10000000] [--sigma 5]

Each case runs twice in a process of its own; the table gives the seconds of the faster run, its processor seconds (all
threads), both as ratios to the Polars group-by over all keys, and the peak memory of the process.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

EFFECTS = ("product:destination:year", "product+destination:year")
KEY = ("firm", "product", "destination", "year")


def generate(rows: int, path: str, part: int = 0) -> int:
    """Customs rows with long tails of products, firms and destinations, one row per key; a part has its own firms."""
    rng = np.random.default_rng(20240101 + part)
    firms, products, markets = max(50, rows // 100), 5000, 200
    h = (rng.pareto(1.0, rows) * 40).astype(np.int64) % products
    f = part * 1_000_000 + (firms * rng.random(rows) ** 1.5).astype(np.int64)
    m = (markets * rng.random(rows) ** 2).astype(np.int64)
    ln_p = rng.normal(1, 0.4, rows) + rng.normal(0, 1, products)[h]
    quantity = np.exp(8 - 5 * ln_p + rng.normal(0, 1.5, rows)) + 0.001
    keys = pl.DataFrame({"f": f, "h": h, "m": m, "year": rng.integers(2000, 2010, rows)})
    numbers = keys.with_columns(value=quantity * np.exp(ln_p), quantity=quantity)
    text = [("firm", "f", "F", 9), ("product", "h", "1", 5), ("destination", "m", "D", 3)]
    table = numbers.unique(keys.columns, keep="first", maintain_order=True).select(
        *[(pl.lit(start) + pl.col(old).cast(pl.String).str.zfill(n)).alias(new) for new, old, start, n in text],
        "year",
        "value",
        "quantity",
    )
    table.write_parquet(path)
    return table.height


def bare(path: str, engine: str, by: tuple[str, ...]) -> Any:
    if engine == "duckdb":
        import duckdb

        keys = ", ".join(by)
        return duckdb.sql(
            f"select {keys}, sum(value), sum(quantity), count(*) from '{path}' group by {keys}"
        ).to_arrow_table()
    sums = pl.scan_parquet(path).group_by(by).agg(pl.col("value", "quantity").sum(), pl.len())
    return sums.collect(engine="streaming")


def measured(path: str, engine: Any, effects: str, sigma: float) -> Any:
    from integrade.engine.frames import collect, scan_parquet
    from integrade.quality import demand_residual

    return collect(demand_residual(scan_parquet([path], engine), sigma=sigma, effects=effects))


def case(name: str, path: str, engine: str, sigma: float) -> None:
    """Run one case twice in this process; print its best seconds, processor seconds and peak memory in MB."""
    seconds = []
    for _ in range(2):
        start, busy = time.perf_counter(), time.process_time()
        if name.startswith("group"):
            bare(path, engine, KEY if name.endswith("all keys") else KEY[1:])
        else:
            measured(path, engine, name, sigma)
        seconds.append((time.perf_counter() - start, time.process_time() - busy))
    print(*min(seconds), peak())


def peak() -> float:
    """Peak memory of this process alone: ``ru_maxrss`` would count that of the parent before exec."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--sigma", type=float, default=5.0)
    parser.add_argument("--case", nargs=3)
    given = parser.parse_args()
    if given.case:
        case(*given.case, given.sigma)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "customs.parquet")
        print(f"{generate(given.rows, path):,} rows, sigma {given.sigma:g}")
        print(f"{'case':28} {'engine':8} {'seconds':>8} {'ratio':>6} {'cpu':>7} {'ratio':>6} {'MB':>7}")
        unit: tuple[float, float] | None = None
        for name in ("group by all keys", "group by product, market", *EFFECTS):
            for engine in ("polars", "duckdb"):
                command = [sys.executable, __file__, "--sigma", str(given.sigma), "--case", name, path, engine]
                out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
                wall, cpu, memory = map(float, out.split())
                unit = unit or (wall, cpu)
                shown = f"{wall:8.2f} {wall / unit[0]:6.2f} {cpu:7.2f} {cpu / unit[1]:6.2f} {memory:7.0f}"
                print(f"{name:28} {engine:8} {shown}", flush=True)


if __name__ == "__main__":
    main()
