"""Peak memory and disk of `integrade quality` under a memory budget, for every option that changes what it holds.

    python benchmarks/quality_memory.py [--rows 3] [--budget 180MB 18MB] [--only TEXT] [--folder DIR]

Each case is the command line in a process of its own. The parent reads /proc/PID every 4 ms: *anon* is memory that only
the process holds (RssAnon), *all* also counts the mapped pages of files that are resident (the system takes these back
when it needs memory), and *disk* the files of the spill folder, also unnamed ones. The base line is the same case on
20,000 rows: the interpreter, its imports, and the threads of the engines. Anon and all are above it, in MB.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

BASE = 20_000
LEVELS = ("firm", "row", "firm_product", "industry", "region", "destination", "ladder")
SCALES = ("minmax_trim", "minmax", "zscore", "rank", "none")
COSTS = ("--cost", "columns", "--input-cost", "wage", "--productivity", "tfp")
SIGMA = ("--sigma", "5")
WITHIN = (*SIGMA, "--effects", "product:destination:year")


def options() -> dict[str, tuple[str, ...]]:
    """Return the arguments of every case by its name."""
    cases = {
        f"effects {x}": (*SIGMA, "--effects", x)
        for x in ("product:destination:year", "product+destination:year", "product+year", "product:year+destination")
    }
    for level in LEVELS:
        cases[f"level {level}"] = (*WITHIN, "--level", level)
        if level not in ("row", "ladder"):
            cases[f"level {level}, base_year"] = (*WITHIN, "--level", level, "--weights", "base_year")
    for pool in ("product", "product_year", "all"):
        for scale in SCALES:
            cases[f"pool {pool}, {scale}"] = (*WITHIN, "--pool", pool, "--standardise", scale)
            if pool != "product" and scale in ("zscore", "rank"):
                cases[f"pool {pool}, {scale}, by row"] = (*cases[f"pool {pool}, {scale}"], "--level", "row")
    cases["weights equal"] = (*WITHIN, "--weights", "equal")
    cases |= {
        f"sigma {x}": ("--sigma", x, "--fallback-sigma", "5")
        for x in ("ols", "iv", "feenstra", "broda_weinstein", "soderbery")
    }
    cases["sigma iv by row"] = ("--sigma", "iv", "--fallback-sigma", "5", "--level", "row")
    cases |= {
        f"unit_value {x}": ("--method", "unit_value", "--within", x)
        for x in ("product:year", "product:destination:year")
    }
    logit = ("--method", "nested_logit", "--outside", "0.6", "--price", "log", "--industry", "3")
    instruments = [x for name in ("wage", "other_price", "n_varieties", "n_products") for x in ("--instruments", name)]
    cases["nested_logit"] = (*logit, *instruments)
    cases["nested_logit ols"] = (*logit, "--instruments", "ols")
    cases["nested_logit by row"] = (*logit, *instruments, "--level", "row")
    features = ("--method", "product_features", "--features", "wage", "--features", "tfp")
    cases |= {f"features by {x}": (*features, "--by", x) for x in ("all", "chapter", "product")}
    cases["rating"] = ("--method", "product_features", "--rating", "tfp", "--standardise", "rank")
    supply = ("--method", "supply_demand")
    cases["supply_demand"] = (*supply, "--sigma", "5", "--theta", "0.6", *COSTS)
    cases["supply_demand, no cost"] = (*supply, "--sigma", "5", "--theta", "0.6", "--cost", "none")
    cases["supply_demand by row"] = (*supply, "--sigma", "5", "--theta", "0.6", *COSTS, "--level", "row")
    cases |= {
        f"supply_demand, {x}": (*supply, "--sigma", "estimate", "--theta", "0.4", "--estimator", x, *COSTS)
        for x in ("soderbery", "feenstra")
    }
    return cases


def table(rows: int, path: Path) -> Path:
    """Write customs rows (series of five years, long tails) with costs, an industry and a region; return the path."""
    if not path.exists():
        rng = np.random.default_rng(20240101)
        n, firms, products, years = rows // 5, max(50, rows // 100), 5000, 10
        h = (rng.pareto(1.0, n) * 40).astype(np.int64) % products
        f = (firms * rng.random(n) ** 1.5).astype(np.int64)
        m = (200 * rng.random(n) ** 2).astype(np.int64)
        t = rng.integers(0, years - 4, n)
        keys = {name: np.repeat(x, 5) for name, x in (("f", f), ("h", h), ("m", m))}
        keys["t"] = (t[:, None] + np.arange(5)).ravel()
        keys = pl.DataFrame(keys).unique(maintain_order=True)
        f, h, m, t = (keys[name].to_numpy() for name in "fhmt")
        cost = rng.normal(0, 0.4, (firms, years))[f, t]
        shared = rng.normal(0, 0.4, 1 << 20)[(f * 7919 + h * 104729 + t * 1299709) % (1 << 20)]
        ln_p = rng.normal(1, 1, products)[h] + cost / 2 + shared + rng.normal(0, 0.2, len(f)) * (1 + f % 3)
        ln_q = 8 - 4 * ln_p - cost + rng.normal(0, 0.7, len(f)) * (1 + f % 2)
        text = [("firm", f, "F", 9), ("product", h * 18, "1", 5), ("destination", m, "D", 3)]
        columns = {
            name: pl.Series(x).cast(pl.String).str.zfill(width).str.replace("^", start)
            for name, x, start, width in text
        }
        columns |= {"year": t + 2000, "value": np.exp(ln_p + ln_q), "quantity": np.exp(ln_q)}
        columns |= {"wage": np.exp(cost), "tfp": np.exp(rng.normal(0, 0.1, len(f)))}
        wide = pl.DataFrame(columns).with_columns(
            industry=pl.col("product").str.head(2), region=pl.format("R{}", pl.Series(f % 31))
        )
        order = rng.permutation(wide.height)
        wide[order].write_parquet(path, row_group_size=1 << 17)
    return path


class Peak(NamedTuple):
    """The peaks of a process in bytes, its seconds, its exit code and what it printed."""

    anon: int
    resident: int
    disk: int
    seconds: float
    code: int
    printed: str


_LINE = re.compile(rb"^(RssAnon|VmRSS):\s+(\d+)", re.M)


def run(path: Path, arguments: tuple[str, ...], budget: str, folder: Path) -> Peak:
    """Run the command line on a table and follow its memory and its files."""
    spill = Path(tempfile.mkdtemp(dir=folder))
    command = [sys.executable, "-m", "integrade", "quality", str(path), *arguments, "--out", str(spill / "out.parquet")]
    environment = {**os.environ, "INTEGRADE_MEMORY": budget, "TMPDIR": str(spill)}
    start = time.perf_counter()
    with open(spill / "printed", "w+b") as printed:
        child = subprocess.Popen(command, stdout=printed, stderr=printed, env=environment)
        anon = resident = disk = 0
        while child.poll() is None:
            try:
                found = {
                    name: int(x) << 10 for name, x in _LINE.findall(Path(f"/proc/{child.pid}/status").read_bytes())
                }
                anon, resident = max(anon, found.get(b"RssAnon", 0)), max(resident, found.get(b"VmRSS", 0))
                disk = max(disk, on_disk(child.pid, spill))
            except (FileNotFoundError, ProcessLookupError):
                pass
            time.sleep(0.004)
        seconds = time.perf_counter() - start
        printed.seek(0)
        text = printed.read().decode(errors="replace")
    subprocess.run(["rm", "-r", str(spill)], check=True)
    return Peak(anon, resident, disk, seconds, child.returncode, text)


def told(peak: Peak) -> float:
    """Return the bytes of files that a run announced; infinite for rows in memory."""
    size = re.search(r"rows are in files: about ([0-9,.]+) (MB|GB)", peak.printed)
    return float(size[1].replace(",", "")) * 2 ** {"MB": 20, "GB": 30}[size[2]] if size else float("inf")


def on_disk(process: int, folder: Path) -> int:
    """Return the bytes of the files of a process in a folder, with unnamed files that it has mapped."""
    unnamed = {}
    for line in Path(f"/proc/{process}/maps").read_text().splitlines():
        if str(folder) in line and line.endswith("(deleted)"):
            low, high = (int(x, 16) for x in line.split(" ", 1)[0].split("-"))
            inode = line.split()[4]
            unnamed[inode] = unnamed.get(inode, 0) + high - low
    named = 0
    for place, _, names in os.walk(folder):
        for name in names:
            if name != "out.parquet" and name != "printed":
                named += (Path(place) / name).stat().st_blocks * 512
    return sum(unnamed.values()) + named


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=float, default=3, help="millions")
    parser.add_argument("--budget", nargs="+", default=["180MB", "18MB"])
    parser.add_argument("--only", default="")
    parser.add_argument("--folder", default=None)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as scratch:
        folder = Path(given.folder or scratch)
        n = int(given.rows * 1e6)
        small, large = table(BASE, folder / f"customs_{BASE}.parquet"), table(n, folder / f"customs_{n}.parquet")
        rows = int(pl.scan_parquet(large).select(pl.len()).collect().item())
        columns = " ".join(f"{x:>6}" for x in ("base", "anon", "all", "disk", "told"))
        print(f"{rows:,} rows\n{'':42} {'budget':>7} {columns} B/row {'s':>6}")
        for name, arguments in options().items():
            if not re.search(given.only, name):
                continue
            for budget in given.budget:
                base, peak = run(small, arguments, budget, folder), run(large, arguments, budget, folder)
                numbers = [
                    x / 2**20 for x in (base.anon, peak.anon - base.anon, peak.resident - base.resident, peak.disk)
                ]
                over = "" if numbers[1] <= float(budget[:-2]) else " OVER"
                shown = " ".join(f"{x:6.0f}" for x in numbers)
                shown += f" {told(peak) / 2**20:6.0f}"
                print(f"{name:42} {budget:>7} {shown} {peak.disk / rows:5.0f} {peak.seconds:6.1f}{over}", flush=True)
                if peak.code:
                    print("   ", peak.printed[-400:])


if __name__ == "__main__":
    main()
