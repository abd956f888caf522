"""Reading raw files beside pandas and Polars: MB per second and peak memory of fresh processes, in one run.

    python benchmarks/read_speed.py --csv-mb 1000 --dta-rows 1500000 --repeat 2

A csv in GB18030 (customs-like, Chinese names) and a .dta of format 114 in GB18030. Every tool reads the whole file and
sums one column; integrade detects the encoding itself, the others are told. Times and memory include imports.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from integrade.simulation.dta import write_dta

LINE = "F{:06d},宁波市华大进出口有限公司{:03d},{:06d},美国,{},{:.2f},{:.1f}\n"
HEAD = "firm,企业名称,product,destination,year,value,quantity\n"

TOOLS = {
    "csv": {
        "integrade": "from integrade.sources import read_table\n"
        "print(read_table(PATH).polars()['value'].cast(float).sum())",
        "integrade, lazily": "import narwhals as nw\nfrom integrade.engine.frames import collect, enter\n"
        "from integrade.sources import read_raw\n"
        "print(collect(enter(read_raw(PATH)).select(nw.col('value').cast(nw.Float64).sum())))",
        "polars.read_csv(encoding)": "import polars as pl\nprint(pl.read_csv(PATH, encoding='gb18030')['value'].sum())",
        "pandas.read_csv": "import pandas as pd\nprint(pd.read_csv(PATH, encoding='gb18030')['value'].sum())",
    },
    "dta": {
        "integrade": "from integrade.sources import read_table\nprint(read_table(PATH).polars()['assets'].sum())",
        "pandas.read_stata (text mangled)": "import pandas as pd\nprint(pd.read_stata(PATH)['assets'].sum())",
        "pyreadstat (encoding given)": "import pyreadstat\n"
        "print(pyreadstat.read_dta(PATH, encoding='gb18030')[0]['assets'].sum())",
    },
}


def write_csv(path: Path, megabytes: int) -> None:
    """Chinese customs records of about so many MB, one block of rows repeated."""
    rng = np.random.default_rng(1)
    block = "".join(
        LINE.format(i, i % 1000, rng.integers(10000, 970000), 2000 + i % 14, rng.lognormal(8, 2), rng.lognormal(3, 2))
        for i in range(20_000)
    ).encode("gb18030")
    with path.open("wb") as file:
        file.write(HEAD.encode("gb18030"))
        for _ in range(max(1, megabytes * 10**6 // len(block))):
            file.write(block)


def write_stata(path: Path, rows: int) -> None:
    """Firm accounts of so many rows."""
    rng = np.random.default_rng(2)
    names = pl.Series([f"宁波市第{i}机械有限公司" for i in range(5000)])
    frame = pl.DataFrame(
        {
            "firm": pl.Series(np.arange(rows) // 3).cast(pl.String),
            "name": names.gather(rng.integers(0, 5000, rows)),
            "region": pl.Series(["浙江省", "广东省", "内蒙古自治区"]).gather(rng.integers(0, 3, rows)),
            "year": rng.integers(1998, 2008, rows).astype(np.int32),
            **{name: rng.lognormal(8, 2, rows) for name in ("assets", "sales", "liabilities", "inventory", "wages")},
        }
    )
    write_dta(frame, path, labels={"name": "企业名称"})


def measured(code: str, path: Path) -> tuple[float, float, str]:
    """Seconds, peak MB and what a fresh process said."""
    script = f"PATH = {str(path)!r}\n{code}\nimport resource\n"
    script += "print('peak', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    took = time.perf_counter() - started
    if done.returncode:
        return took, float("nan"), done.stderr.strip().splitlines()[-1][:80]
    *said, peak = done.stdout.strip().splitlines()
    return took, float(peak.split()[1]), said[-1].strip("│ ┘└")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--csv-mb", type=int, default=1000)
    parser.add_argument("--dta-rows", type=int, default=1_500_000)
    parser.add_argument("--repeat", type=int, default=2)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        files = {"csv": Path(folder) / "customs.csv", "dta": Path(folder) / "firms.dta"}
        write_csv(files["csv"], asked.csv_mb)
        write_stata(files["dta"], asked.dta_rows)
        print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
        for kind, path in files.items():
            size = path.stat().st_size / 1e6
            print(f"\n{kind}, {size:,.0f} MB" + (f", {asked.dta_rows:,} rows" if kind == "dta" else " in GB18030"))
            runs = {tool: [measured(code, path) for _ in range(asked.repeat)] for tool, code in TOOLS[kind].items()}
            for tool, found in runs.items():
                took, peak, said = min(found)
                print(f"  {tool:<34} {took:7.1f} s {size / took:8.0f} MB/s  peak {peak:7,.0f} MB  {said[:40]}")


if __name__ == "__main__":
    main()
