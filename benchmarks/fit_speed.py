"""Firm and year effects, clusters by province: integrade beside pyfixest in one run.

594,596 rows, about 150,000 firms, 31 provinces, 10 years, 7 regressors. Run: python benchmarks/fit_speed.py [rounds]
"""

from __future__ import annotations

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

ROWS, FIRMS, PROVINCES, YEARS = 594_596, 150_000, 31, 10
CONTROLS = ("scale", "age", "roa", "rdebt", "fic")
FORMULA = "quality ~ market + market^2 + " + " + ".join(CONTROLS) + " | firm + year"


def simulate(seed: int = 1, rows: int = ROWS) -> pl.DataFrame:
    """Every firm in one province, a market index by province and year; four of ten years of a firm on average."""
    rng = np.random.default_rng(seed)
    firms = FIRMS if rows == ROWS else max(40, rows // 4)
    cells = rng.choice(firms * YEARS, rows, replace=False)
    firm, year = cells // YEARS, cells % YEARS
    region = rng.integers(0, PROVINCES, firms)[firm]
    market = rng.normal(4, 0.3, (PROVINCES, YEARS))[region, year]
    columns: dict[str, Any] = {"firm": firm, "year": 2004 + year, "region": region, "market": market}
    columns |= {name: rng.normal(size=rows) + rng.normal(size=firms)[firm] for name in CONTROLS}
    noise = rng.normal(size=rows) + rng.normal(size=firms)[firm]
    columns["quality"] = 0.4 * market - 0.04 * market**2 + 0.1 * columns["scale"] + noise
    return pl.DataFrame(columns).sort("firm", "year")


def timed(run: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    result = run()
    return time.perf_counter() - start, result


def candidates(panel: pl.DataFrame) -> dict[str, Callable[[], Any]]:
    from integrade.estimate.fit import fit

    frame = panel.to_pandas()
    shuffled = panel.sample(fraction=1.0, shuffle=True, seed=1)
    text = panel.with_columns(firm=pl.format("F{}", "firm"), region=pl.format("R{}", "region"))
    found: dict[str, Callable[[], Any]] = {
        "integrade": lambda: fit(panel, FORMULA, cluster="region"),
        "integrade, pandas in": lambda: fit(frame, FORMULA, cluster="region"),
        "integrade, rows shuffled": lambda: fit(shuffled, FORMULA, cluster="region"),
        "integrade, text codes": lambda: fit(text, FORMULA, cluster="region"),
        "integrade, CR3": lambda: fit(panel, FORMULA, cluster="region", vcov="CR3"),
    }
    try:
        import pyfixest as pf
    except ImportError:
        return found
    squared = frame.assign(market2=frame["market"] ** 2)
    theirs = FORMULA.replace("market^2", "market2")
    for name, demeaner in (
        ("pyfixest MAP rust", pf.MapDemeaner(backend="rust")),
        ("pyfixest LSMR within", pf.LsmrDemeaner(backend="within")),
    ):
        found[name] = lambda d=demeaner: pf.feols(theirs, squared, vcov={"CRV1": "region"}, demeaner=d)
    return found


def main(rounds: int) -> None:
    from integrade.estimate.linear import estimate, prepare

    warnings.simplefilter("ignore")  # pyfixest repeats that singletons were dropped
    panel = simulate()
    runs = candidates(panel)
    times: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(rounds + 1):
        for name, run in runs.items():
            seconds, _ = timed(run)
            if turn:
                times[name].append(seconds)
    print(f"{panel.height:,} rows, {rounds} interleaved warm rounds; seconds: median, best")
    for name, found in times.items():
        print(f"  {name:<24} {statistics.median(found):7.3f} {min(found):7.3f}")
    theirs = [min(t) for name, t in times.items() if name.startswith("pyfixest")]
    if theirs:
        print(f"  integrade / pyfixest's best: {min(times['integrade']) / min(theirs):.2f}")
    design = prepare(panel, FORMULA, cluster="region")
    plain = min(timed(lambda: estimate(design, cluster="region"))[0] for _ in range(rounds))
    wild = min(timed(lambda: estimate(design, cluster="region", wild=9999))[0] for _ in range(rounds))
    print(f"  one more CR1 on a prepared design {plain:.3f}; 9,999 wild draws of 8 nulls {wild - plain:.3f} more")


def high_water() -> float:
    """Peak resident memory of this process in MB (Linux; ru_maxrss would be inherited from the parent)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def peak() -> None:
    """Peak memory of one fit in this process, above the panel itself."""
    from integrade.estimate.fit import fit

    panel = simulate()
    before = high_water()
    fit(panel, FORMULA, cluster="region")
    print(f"  peak memory {high_water():.0f} MB ({before:.0f} MB before the fit)")


if __name__ == "__main__":
    if sys.argv[1:] == ["peak"]:
        peak()
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else 5)
        subprocess.run([sys.executable, __file__, "peak"], check=True)
