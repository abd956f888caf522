"""Quality by firm and year beside plain pandas (one effect) and pyfixest (two effects), same Parquet file, same run.

    python benchmarks/quality_peers.py [--rows 10000000] [--file customs.parquet]

Sigma is 5; ln lambda by row, averaged by value over the rows of a firm-year. Each tool runs twice in a process of its
own, from file to firm-years; what is compared is the sum over firm-years. integrade also checks every row, looks for
repeated keys and leaves out rows of leverage 1 (the others give them zero): the sums agree where there are none.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from quality_speed import generate, peak

ONE, TWO = "product:destination:year", "product+destination:year"
SIGMA = 5


def integrade(path: str, effects: str) -> float:
    from integrade.frames import collect, enter, scan_parquet
    from integrade.quality import demand_residual

    firms = demand_residual(scan_parquet([path], "polars"), sigma=SIGMA, effects=effects, standardise="none")
    return float(collect(enter(firms))["quality"].sum())


def pandas(path: str) -> float:
    import numpy as np
    import pandas as pd

    t = pd.read_parquet(path)
    t["y"] = SIGMA * np.log(t["value"]) - (SIGMA - 1) * np.log(t["quantity"])
    t["x"] = (t["y"] - t.groupby(["product", "destination", "year"])["y"].transform("mean")) / (SIGMA - 1)
    return _by_firm(t)


def _by_firm(t: Any) -> float:
    t["vx"] = t["value"] * t["x"]
    sums = t.groupby(["firm", "year"])[["vx", "value"]].sum()
    return float((sums["vx"] / sums["value"]).sum())


def pyfixest(path: str, demeaner: str) -> float:
    import numpy as np
    import pandas as pd
    import pyfixest as pf

    warnings.simplefilter("ignore")
    t = pd.read_parquet(path)
    t["y"] = SIGMA * np.log(t["value"]) - (SIGMA - 1) * np.log(t["quantity"])
    t["h"] = t["product"].astype("category").cat.codes
    t["m"] = t["destination"].astype("category").cat.codes * 100 + t["year"] - t["year"].min()
    how = pf.MapDemeaner(backend="rust") if demeaner == "rust" else pf.LsmrDemeaner(backend="within")
    fitted = pf.feols("y ~ 1 | h + m", t[["y", "h", "m"]], vcov="iid", demeaner=how, fixef_rm="none")
    t["x"] = fitted.resid() / (SIGMA - 1)
    return _by_firm(t)


TOOLS: dict[str, Callable[[str], float]] = {
    "integrade, one effect": lambda path: integrade(path, ONE),
    "pandas, one effect": pandas,
    "integrade, two effects": lambda path: integrade(path, TWO),
    "pyfixest MAP rust, two": lambda path: pyfixest(path, "rust"),
    "pyfixest LSMR within, two": lambda path: pyfixest(path, "within"),
}


def case(tool: str, path: str) -> None:
    seconds, found = [], 0.0
    for _ in range(2):
        start = time.perf_counter()
        found = TOOLS[tool](path)
        seconds.append(time.perf_counter() - start)
    json.dump({"seconds": min(seconds), "found": found, "peak": peak()}, sys.stdout)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--file")
    parser.add_argument("--case", nargs=2)
    given = parser.parse_args()
    if given.case:
        case(*given.case)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = given.file or str(Path(folder) / "customs.parquet")
        if not given.file:
            print(f"{generate(given.rows, path):,} rows")
        for tool in TOOLS:
            command = [sys.executable, __file__, "--case", tool, path]
            out = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
            said = f"{out['seconds']:7.2f} s  {out['peak']:7,.0f} MB  sum {out['found']:.10e}"
            print(f"{tool:28} {said}", flush=True)


if __name__ == "__main__":
    main()
