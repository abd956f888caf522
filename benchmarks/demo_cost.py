"""Wall time and peak memory of ``integrade demo`` in a fresh process, and the size of what it made."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl


def main() -> None:
    command = Path(sys.executable).with_name("integrade")
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "demo"
        started = time.perf_counter()
        subprocess.run([command, "demo", target], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        seconds = time.perf_counter() - started
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        rows = pl.scan_parquet(target / "raw" / "customs" / "*.parquet").select(pl.len()).collect().item()
        firms = pl.read_parquet(next(target.glob("runs/*/tables/panel.parquet")))["firm"].n_unique()
        report = next(target.glob("runs/*/report/report.html")).stat().st_size
        print(f"demo: {seconds:.1f} s, peak {peak:,.0f} MB; {rows:,} customs rows, {firms:,} firms in the panel")
        print(f"report: {report / 1e6:.2f} MB")
        again = time.perf_counter()
        subprocess.run([command, "run", target], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        print(f"run again, nothing changed: {time.perf_counter() - again:.1f} s")
        shutil.rmtree(target)
    help_times = []
    for _ in range(5):
        started = time.perf_counter()
        subprocess.run([command, "--help"], check=True, stdout=subprocess.DEVNULL)
        help_times.append(time.perf_counter() - started)
    print(f"--help: {min(help_times):.2f} s (best of 5)")


if __name__ == "__main__":
    main()
