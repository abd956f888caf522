"""Three effects, two of them large, clusters by firm: integrade beside pyfixest in one run, with peak memory.

5 million rows, 300,000 firms x 50,000 product-years x 2,000 destination-years, ln quantity on ln price and a control.
Run: python benchmarks/fit_three_effects.py [rows] [rounds]
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

ROWS, FIRMS, PRODUCT_YEARS, DESTINATION_YEARS = 5_000_000, 300_000, 50_000, 2_000
FORMULA = "ln_q ~ ln_p + z | firm + product_year + destination_year"
TOOLS = ("integrade", "integrade, text firms", "pyfixest LSMR within", "pyfixest MAP rust")


def simulate(rows: int, seed: int = 1) -> pl.DataFrame:
    """Firms sell products near their own to destinations: sizes are skewed, the effects correlate with the price."""
    rng = np.random.default_rng(seed)
    share = min(1.0, rows / ROWS)
    firms, products = max(2, round(FIRMS * share)), max(2, round(PRODUCT_YEARS * share**0.5))
    firm = (firms * rng.random(rows) ** 1.3).astype(np.int64)
    own = rng.integers(0, products, firms)
    near = (own[firm] + rng.integers(0, 40, rows)) % products
    product = np.where(rng.random(rows) < 0.5, near, (products * rng.random(rows) ** 1.5).astype(np.int64))
    destination = (DESTINATION_YEARS * rng.random(rows) ** 1.5).astype(np.int64)
    sizes = ((firms, firm), (products, product), (DESTINATION_YEARS, destination))
    effects = [rng.normal(size=n)[codes] for n, codes in sizes]
    ln_p = rng.normal(size=rows) + 0.5 * sum(effects)
    z = rng.normal(size=rows) + 0.3 * effects[0]
    ln_q = -1.5 * ln_p + 0.2 * z + sum(effects) + rng.normal(size=rows)
    codes = {"firm": firm, "product_year": product, "destination_year": destination}
    return pl.DataFrame({**codes, "ln_q": ln_q, "ln_p": ln_p, "z": z})


def candidate(tool: str, panel: pl.DataFrame) -> Callable[[], tuple[list[float], list[float]]]:
    """A call that returns coefficients and clustered errors."""
    if tool.startswith("integrade"):
        from integrade.estimate.fit import fit

        rows = panel.with_columns(firm=pl.format("F{}", "firm")) if "text" in tool else panel

        def ours() -> tuple[list[float], list[float]]:
            found = fit(rows, FORMULA, cluster="firm").coefficients
            return [c.estimate for c in found], [c.std_error for c in found]

        return ours
    import pyfixest as pf

    backends: dict[str, Any] = {
        "pyfixest LSMR within": pf.LsmrDemeaner(backend="within"),
        "pyfixest MAP rust": pf.MapDemeaner(backend="rust"),
    }
    frame = panel.to_pandas()

    def theirs() -> tuple[list[float], list[float]]:
        found = pf.feols(FORMULA, frame, vcov={"CRV1": "firm"}, demeaner=backends[tool])
        return found.coef().tolist(), found.se().tolist()

    return theirs


def high_water() -> float:
    """Peak resident memory of this process in MB (Linux)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def one(tool: str, rows: int, rounds: int) -> None:
    """Times of one tool in this process, the first (cold) apart, and its peak memory above the data."""
    warnings.simplefilter("ignore")
    panel = simulate(rows)
    run = candidate(tool, panel)
    before, times, work = high_water(), [], []
    for _ in range(rounds + 1):
        start, busy = time.perf_counter(), time.process_time()
        found = run()
        times.append(time.perf_counter() - start)
        work.append(time.process_time() - busy)
    made = {"times": times, "work": work, "found": found, "peak": high_water(), "before": before}
    json.dump(made, sys.stdout)


def main(rows: int, rounds: int) -> None:
    made: dict[str, Any] = {}
    for tool in TOOLS:
        call = [sys.executable, __file__, "one", tool, str(rows), str(rounds)]
        made[tool] = json.loads(subprocess.run(call, capture_output=True, text=True, check=True).stdout)
    print(
        f"{rows:,} rows, firm clusters, {rounds} warm rounds; seconds: cold, median, best, CPU; peak MB (with the data)"
    )
    for tool, found in made.items():
        cold, *warm = found["times"]
        shown = f"{cold:7.2f} {statistics.median(warm):7.2f} {min(warm):7.2f} {min(found['work'][1:]):7.2f}"
        print(f"  {tool:<24} {shown}  {found['peak']:7,.0f} ({found['before']:,.0f} before)")
    ours, theirs = made[TOOLS[0]]["found"], made[TOOLS[2]]["found"]
    for what, a, b in zip(("coefficients", "clustered errors"), ours, theirs, strict=True):
        print(f"  {what}: largest relative difference {np.max(np.abs(np.array(a) / np.array(b) - 1)):.1e}")
    for what, key in (("", "times"), (" (CPU)", "work")):
        best = min(min(f[key][1:]) for tool, f in made.items() if tool.startswith("pyfixest"))
        print(f"  integrade / pyfixest's best{what}: {min(made[TOOLS[0]][key][1:]) / best:.2f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["one"]:
        one(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else ROWS, int(sys.argv[2]) if sys.argv[2:] else 2)
