"""The contests of `bench`: what is measured, on which data, beside which peers, with which target.

A tool is a function from the folder of the data to the call that is timed: what it loads before is not counted. A call
that measures itself (another language, a program) returns `Took`.
"""

from __future__ import annotations

import importlib.util
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import fit_three_effects
import numpy as np
import polars as pl
from fit_speed import FORMULA, ROWS, simulate

Call = Callable[[], Any]
Tool = Callable[[Path], Call]
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Took:
    """Seconds on the clock, of processors, and the peak memory in MB of what ran outside this process."""

    seconds: float
    cpu: float
    peak: float


@dataclass(frozen=True)
class Target:
    """What a tool shall reach: at most so much, as a ratio to the best of some tools or in seconds; in memory (MB)."""

    tool: str
    most: float
    beside: tuple[str, ...] = ()
    memory: float | None = None


@dataclass(frozen=True)
class Contest:
    """Tools on the same data: its size, the sizes of its curve with what they count, and the targets."""

    title: str
    size: int
    counts: str
    write: Callable[[Path, int], None]
    tools: Mapping[str, Tool]
    targets: tuple[Target, ...] = ()
    curve: tuple[int, ...] = ()
    curved: tuple[str, ...] = ()
    rounds: int = 5


# Regressions

THREE = "ln_q ~ ln_p + z | firm + product_year + destination_year"


def write_panel(folder: Path, rows: int) -> None:
    """Firms of one province each over ten years, a market index by province and year, seven regressors."""
    keep(folder, simulate(rows=rows))


def keep(folder: Path, rows: pl.DataFrame) -> None:
    """The rows of a regression, as text too where R is to read them."""
    rows.write_parquet(folder / "rows.parquet")
    if has_fixest():
        rows.write_csv(folder / "rows.csv")


def write_three(folder: Path, rows: int) -> None:
    """Firms sell products near their own to destinations: sizes are skewed, the effects correlate with the price."""
    keep(folder, fit_three_effects.simulate(rows))


def ours(formula: str, **how: Any) -> Tool:
    def tool(folder: Path) -> Call:
        from integrade.estimate.fit import fit

        rows = pl.read_parquet(folder / "rows.parquet")
        return lambda: fit(rows, formula, **how)

    return tool


def of_pyfixest(formula: str, cluster: str, demeaner: str) -> Tool:
    def tool(folder: Path) -> Call:
        import pyfixest as pf

        warnings.simplefilter("ignore")  # it repeats that singletons were dropped
        rows = pl.read_parquet(folder / "rows.parquet").to_pandas()
        how = pf.MapDemeaner(backend="rust") if demeaner == "rust" else pf.LsmrDemeaner(backend="within")
        if "market" in rows:
            rows["market2"] = rows["market"] ** 2
        return lambda: pf.feols(formula.replace("market^2", "market2"), rows, vcov={"CRV1": cluster}, demeaner=how)

    return tool


R_LOOP = """
input <- file("stdin"); open(input)
cat("ready\\n"); flush(stdout())
while (length(readLines(input, 1)) > 0) {
  took <- system.time({WORK})
  cat(took[["elapsed"]], took[["user.self"]] + took[["sys.self"]], "\\n"); flush(stdout())
}
"""


def in_r(folder: Path, before: str, work: str) -> Call:
    """R has loaded the data and does the work when called; R itself takes the time."""
    script = folder / "work.R"
    script.write_text(before + R_LOOP.replace("WORK", work))
    r = subprocess.Popen(["Rscript", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    asked, told = r.stdin, r.stdout
    assert asked is not None
    assert told is not None
    assert told.readline().strip() == "ready"

    def call() -> Took:
        asked.write("\n")
        asked.flush()
        seconds, cpu = map(float, told.readline().split())
        return Took(seconds, cpu, high_water(r.pid))

    return call


def of_fixest(formula: str, cluster: str) -> Tool:
    def tool(folder: Path) -> Call:
        before = f"""
        suppressMessages(library(fixest)); setFixest_nthreads(2); setFixest_notes(FALSE)
        rows <- data.table::fread("{folder}/rows.csv", showProgress = FALSE)
        if ("market" %in% names(rows)) rows$market2 <- rows$market^2
        """
        theirs = formula.replace("market^2", "market2")
        return in_r(folder, before, f'feols({theirs}, rows, vcov = ~{cluster}, fixef.rm = "singleton")')

    return tool


@cache
def has_fixest() -> bool:
    """Whether R is here with fixest and data.table."""
    if shutil.which("Rscript") is None:
        return False
    asked = "library(fixest); library(data.table)"
    return subprocess.run(["Rscript", "-e", asked], capture_output=True).returncode == 0


def rivals(formula: str, cluster: str) -> dict[str, Tool]:
    """The peers that are here."""
    found: dict[str, Tool] = {}
    if importlib.util.find_spec("pyfixest"):
        found["pyfixest, MAP rust"] = of_pyfixest(formula, cluster, "rust")
        found["pyfixest, LSMR within"] = of_pyfixest(formula, cluster, "within")
    if has_fixest():
        found["R fixest"] = of_fixest(formula, cluster)
    return found


PEERS = ("pyfixest, MAP rust", "pyfixest, LSMR within", "R fixest")


def write_clusters(folder: Path, clusters: int) -> None:
    """The panel with its firms put together into so many clusters."""
    write_panel(folder, ROWS)
    file = folder / "rows.parquet"
    rows = pl.read_parquet(file)
    rows.with_columns(cluster=pl.col("firm") % clusters).write_parquet(file)


def write_firms(folder: Path, _size: int) -> None:
    """Every firm its own cluster."""
    write_clusters(folder, 10**9)


# Quality

SATURATED, TWO = "product:destination:year", "product+destination:year"
KEYS = ("firm", "product", "destination", "year")
SIGMA = 5


def write_customs(folder: Path, rows: int) -> None:
    """Customs rows in one Parquet file for each million, one row per key."""
    from quality_speed import generate

    (folder / "customs").mkdir()
    piece = 1_000_000 if rows > 20_000_000 else rows
    for part in range(rows // piece):
        generate(piece, str(folder / "customs" / f"{part:03}.parquet"), part=part)


def group_by(folder: Path) -> Call:
    sums = pl.scan_parquet(folder / "customs").group_by(KEYS).agg(pl.col("value", "quantity").sum(), pl.len())
    return lambda: sums.collect(engine="streaming")


def quality(sigma: Any, effects: str, engine: Any = "polars") -> Tool:
    def tool(folder: Path) -> Call:
        from integrade.engine.frames import collect, scan_parquet
        from integrade.quality import demand_residual

        files = sorted(map(str, (folder / "customs").iterdir()))
        return lambda: collect(demand_residual(scan_parquet(files, engine), sigma=sigma, effects=effects))

    return tool


def in_pandas(folder: Path) -> Call:
    """What a user would write: imposed sigma, min-max by product, value-weighted by firm and year."""

    def call() -> Any:
        import pandas as pd

        t = pd.read_parquet(folder / "customs")
        t["y"] = SIGMA * np.log(t["value"]) - (SIGMA - 1) * np.log(t["quantity"])
        t["x"] = t["y"] - t.groupby(["product", "destination", "year"])["y"].transform("mean")
        of = t.groupby("product")["x"]
        t["x"] = (t["x"] - of.transform("min")) / (of.transform("max") - of.transform("min"))
        t["vx"] = t["value"] * t["x"]
        sums = t.groupby(["firm", "year"])[["vx", "value"]].sum()
        return sums["vx"] / sums["value"]

    return call


def in_polars(folder: Path) -> Call:
    """The same in Polars' expressions."""
    market, x = ["product", "destination", "year"], pl.col("x")
    residual = SIGMA * pl.col("value").log() - (SIGMA - 1) * pl.col("quantity").log()
    scaled = ((x - x.min().over("product")) / (x.max() - x.min()).over("product")).alias("x")
    query = (
        pl.scan_parquet(folder / "customs")
        .with_columns((residual - residual.mean().over(market)).alias("x"))
        .with_columns(scaled)
        .group_by("firm", "year")
        .agg((x * pl.col("value")).sum() / pl.col("value").sum())
    )
    return lambda: query.collect(engine="streaming")


def in_duckdb(folder: Path) -> Call:
    """The same in DuckDB's windows."""
    import duckdb

    market = "(partition by product, destination, year)"
    query = f"""
        with y as (select *, {SIGMA} * ln(value) - {SIGMA - 1} * ln(quantity) as y from '{folder}/customs/*.parquet'),
             x as (select *, y - avg(y) over {market} as x from y),
             s as (select *, (x - min(x) over p) / (max(x) over p - min(x) over p) as s from x
                   window p as (partition by product))
        select firm, year, sum(value * s) / sum(value) from s group by firm, year"""
    return lambda: duckdb.sql(query).to_arrow_table()


def in_data_table(folder: Path) -> Call:
    """The same in R's data.table, from rows in memory."""
    rows = pl.read_parquet(folder / "customs")
    rows.write_csv(folder / "customs.csv")
    before = f"""
    suppressMessages(library(data.table)); setDTthreads(2)
    rows <- fread("{folder}/customs.csv", showProgress = FALSE)
    """
    work = f"""
    rows[, x := {SIGMA} * log(value) - {SIGMA - 1} * log(quantity)]
    rows[, x := x - mean(x), by = .(product, destination, year)]
    rows[, x := (x - min(x)) / (max(x) - min(x)), by = product]
    found <- rows[, .(q = sum(value * x) / sum(value)), by = .(firm, year)]
    """
    return in_r(folder, before, work)


def by_command(folder: Path) -> Call:
    """`integrade quality` in a process of its own, with the engine that it chooses."""
    out = folder / "out.parquet"
    return partial(program, "quality", folder / "customs", "--sigma", str(SIGMA), "--effects", SATURATED, "--out", out)


BARE = ("scan and group-by of all keys",)
QUALITY: dict[str, Tool] = {
    BARE[0]: group_by,
    "imposed sigma": quality(SIGMA, SATURATED),
    "OLS by product": quality("ols", SATURATED),
    "instrumented by product": quality("iv", SATURATED),
    "imposed, product + destination-year": quality(SIGMA, TWO),
    "imposed sigma, DuckDB": quality(SIGMA, SATURATED, "duckdb"),
    "peer: Polars script": in_polars,
    "peer: DuckDB script": in_duckdb,
    "peer: pandas script": in_pandas,
}


# Reading


def write_csv(folder: Path, megabytes: int) -> None:
    """Customs records in GB18030."""
    import read_speed

    read_speed.write_csv(folder / "rows.csv", megabytes)


def reader(code: str) -> Tool:
    """A process of its own that reads the whole file and adds up a column: imports are counted."""

    def tool(folder: Path) -> Call:
        script = f"PATH = {str(folder / 'rows.csv')!r}\n{code}\n"
        return partial(outside, [sys.executable, "-c", script])

    return tool


READERS: dict[str, Tool] = {
    "integrade, encoding detected": reader(
        "from integrade.sources import read_table\nprint(read_table(PATH).polars()['value'].cast(float).sum())"
    ),
    "peer: Polars, told": reader("import polars as pl\nprint(pl.read_csv(PATH, encoding='gb18030')['value'].sum())"),
    "peer: PyArrow, told": reader(
        "from pyarrow import csv, compute\n"
        "t = csv.read_csv(PATH, read_options=csv.ReadOptions(encoding='gb18030'))\nprint(compute.sum(t['value']))"
    ),
    "peer: pandas, told": reader("import pandas as pd\nprint(pd.read_csv(PATH, encoding='gb18030')['value'].sum())"),
}


# Firms and regions


def write_registers(folder: Path, firms: int) -> None:
    """Registers of firms and a third as many exporters over ten years."""
    from integrade.panel.identity import firm_identity
    from integrade.simulation.exporters import simulate_registers

    made = simulate_registers(firms, n_exporters=firms // 3, n_years=10, share=0.005)
    made.firms.write_parquet(folder / "records.parquet")
    firm_identity(made.firms, id_alone="drop").table.polars().write_parquet(folder / "firms.parquet")
    made.exporters.write_parquet(folder / "exporters.parquet")
    made.customs.write_parquet(folder / "customs.parquet")


def following(folder: Path) -> Call:
    from integrade.panel.identity import firm_identity

    records = pl.read_parquet(folder / "records.parquet")
    return lambda: firm_identity(records, id_alone="drop")


def matching(*, similar: bool) -> Tool:
    def tool(folder: Path) -> Call:
        from integrade.panel.matching import match_firms

        firms, exporters, customs = (
            pl.read_parquet(folder / f"{name}.parquet") for name in ("firms", "exporters", "customs")
        )
        return lambda: match_firms(firms, exporters, customs=customs, **({"similar": True} if similar else {}))

    return tool


def write_prices(folder: Path, regions: int) -> None:
    """Link indices of forty goods by region for twelve months."""
    rng = np.random.default_rng(1)
    index = pl.DataFrame({"region": [f"county {i:04d}" for i in range(regions)]})
    times = pl.DataFrame({"year": [2010] * 12, "month": range(1, 13)})
    goods = pl.DataFrame({"commodity": [f"good {k:02d}" for k in range(40)]})
    rows = index.join(times, how="cross").join(goods, how="cross")
    rows.with_columns(index=pl.Series(100 * np.exp(rng.normal(0, 0.02, rows.height)))).write_parquet(
        folder / "prices.parquet"
    )


def index_of_regions(folder: Path) -> Call:
    from integrade.integration import relative_price

    rows = pl.read_parquet(folder / "prices.parquet")
    return lambda: relative_price(rows, basis="link")


# Programs


def write_nothing(_folder: Path, _size: int) -> None:
    """No data."""


def write_demo(folder: Path, firms: int) -> None:
    """A demo that has run, to run again."""
    program("demo", folder / "demo", "--firms", firms, "--quiet")


def demo(folder: Path) -> Call:
    def call() -> Took:
        shutil.rmtree(folder / "new", ignore_errors=True)
        return program("demo", folder / "new", "--quiet")

    return call


def start(*words: str) -> Tool:
    return lambda _folder: partial(outside, [sys.executable, *words])


PROGRAMS: dict[str, Tool] = {
    "python alone": start("-c", "pass"),
    "import integrade": start("-c", "import integrade"),
    "integrade --help": start("-m", "integrade", "--help"),
    "integrade run, nothing changed": lambda folder: partial(program, "run", folder / "demo", "--quiet"),
    "integrade demo": demo,
}


def program(*words: object) -> Took:
    """`integrade` in a process of its own. Raises where it fails."""
    return outside([sys.executable, "-m", "integrade", *map(str, words)])


def outside(command: list[str]) -> Took:
    """A process of its own: seconds, processor seconds (with its children), peak memory. Raises where it fails."""
    with tempfile.TemporaryFile("w+") as said:
        began = time.perf_counter()
        running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said)
        _, status, usage = os.wait4(running.pid, 0)
        seconds = time.perf_counter() - began
        running.returncode = os.waitstatus_to_exitcode(status)
        if running.returncode:
            said.seek(0)
            raise RuntimeError(f"{command}: {said.read()[-2000:]}")
    return Took(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def high_water(process: int | str = "self") -> float:
    """Peak resident memory of a process in MB: ``ru_maxrss`` of this one would count that of its parent."""
    status = Path(f"/proc/{process}/status")
    if status.exists():
        line = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# A study at full size: each measure of its own, in this order, in one folder

STUDY = "raw files to report"
QUESTIONS = "all questions"
SECTION = "one section changed, beyond its question"
AUDIT = "audit of all choices"
STUDY_FIRMS = 106_000
"""About 7.7 million customs rows and 582,000 firm-years."""


def write_study(folder: Path, firms: int) -> None:
    from integrade.study.template import write_demo

    write_demo(folder / "study", firms=firms, seed=20240101)


def whole_study(folder: Path) -> Call:
    return partial(program, "run", folder / "study", "--quiet")


def questions(folder: Path) -> Call:
    """Every question again on the panel that is there."""
    from integrade.subjects import questions as asked

    def call() -> Took:
        for name in ("benchmark", *(q.name for q in asked()), "models"):
            for old in (folder / "study" / ".integrade").glob(f"{name}-*"):
                shutil.rmtree(old)
        return program("run", folder / "study", "--to", "models", "--quiet")

    return call


def section(folder: Path) -> Call:
    """Lags changed, to the new report; without the seconds of the question itself."""

    def call() -> Took:
        file = folder / "study" / "study.toml"
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("lags = [1, 2, 3]", "lags = [1, 2]"), encoding="utf-8")
        stored = set((folder / "study" / ".integrade").glob("lags-*"))
        took = program("run", folder / "study", "--quiet")
        (made,) = set((folder / "study" / ".integrade").glob("lags-*")) - stored
        own = json.loads((made / "took.json").read_text())["seconds"]
        shutil.rmtree(made)
        file.write_text(text, encoding="utf-8")
        return Took(took.seconds - own, took.cpu, took.peak)

    return call


def audit(folder: Path) -> Call:
    return partial(program, "audit", folder / "study", "--out", folder / "audit")


# The machine


def write_bytes(folder: Path, megabytes: int) -> None:
    """A file of so many MB."""
    block = os.urandom(1_000_000)
    with (folder / "bytes").open("wb") as file:
        for _ in range(megabytes):
            file.write(block)


def read_bytes(folder: Path) -> Call:
    def call() -> None:
        with (folder / "bytes").open("rb", buffering=0) as file:
            block = bytearray(1 << 22)
            while file.readinto(block):
                pass

    return call


def copy_memory(folder: Path) -> Call:
    size = (folder / "bytes").stat().st_size // 8
    one, other = np.ones(size), np.ones(size)
    return lambda: np.copyto(other, one)


FIT, CR3 = "integrade", "integrade, CR3 by firm"
CONTESTS: dict[str, Contest] = {
    "limits": Contest(
        "The machine: one GB read from the page cache, and copied in memory",
        1000,
        "MB",
        write_bytes,
        {"bytes read": read_bytes, "bytes copied": copy_memory},
    ),
    "start": Contest(
        "Starting, and the demo",
        5000,
        "firms",
        write_demo,
        PROGRAMS,
        (
            Target("import integrade", 0.1),
            Target("integrade --help", 0.2),
            Target("integrade run, nothing changed", 0.4),
            Target("integrade demo", 10.0),
        ),
    ),
    "study": Contest(
        "A study at full size: 7.7 million customs rows, 582,000 firm-years",
        STUDY_FIRMS,
        "firms",
        write_study,
        {STUDY: whole_study, QUESTIONS: questions, SECTION: section, AUDIT: audit},
        (Target(STUDY, 45.0, memory=4_000.0), Target(QUESTIONS, 20.0), Target(SECTION, 3.0), Target(AUDIT, 90.0)),
        rounds=1,
    ),
    "fit": Contest(
        "Firm and year effects, seven regressors, clusters by province",
        ROWS,
        "rows",
        write_panel,
        {FIT: ours(FORMULA, cluster="region"), **rivals(FORMULA, "region")},
        (Target(FIT, 0.2, PEERS),),
        (30_000, 100_000, 300_000, 1_000_000, 3_000_000),
        (FIT, "pyfixest, MAP rust", "R fixest"),
    ),
    "three": Contest(
        "Three effects, two of them large, clusters by firm",
        5_000_000,
        "rows",
        write_three,
        {FIT: ours(THREE, cluster="firm"), **rivals(THREE, "firm")},
        (Target(FIT, 0.5, PEERS),),
        rounds=3,
    ),
    "cr3": Contest(
        "CR3 with every firm a cluster (138,000 beside singletons)",
        ROWS,
        "rows",
        write_firms,
        {CR3: ours(FORMULA, cluster="firm", vcov="CR3"), "integrade, CR1 by firm": ours(FORMULA, cluster="firm")},
        (Target(CR3, 2.0),),
    ),
    "clusters": Contest(
        "CR3 by the number of clusters, 594,596 rows",
        1000,
        "clusters",
        write_clusters,
        {"integrade, CR3": ours(FORMULA, cluster="cluster", vcov="CR3")},
        curve=(30, 300, 3_000, 30_000, 100_000),
        curved=("integrade, CR3",),
    ),
    "quality": Contest(
        "Quality from customs records: from a Parquet file to firm-years",
        10_000_000,
        "rows",
        write_customs,
        QUALITY | ({"peer: R data.table script, rows in memory": in_data_table} if has_fixest() else {}),
        (
            Target("imposed sigma", 1.5, BARE),
            Target("OLS by product", 1.8, BARE),
            Target("instrumented by product", 2.2, BARE),
            Target("imposed, product + destination-year", 2.0, BARE),
        ),
        (100_000, 300_000, 1_000_000, 3_000_000, 10_000_000),
        (BARE[0], "imposed sigma", "instrumented by product", "peer: pandas script"),
    ),
    "large": Contest(
        "`integrade quality` on 100 million rows",
        100_000_000,
        "rows",
        write_customs,
        {"integrade quality": by_command},
        (Target("integrade quality", 90.0, memory=6_000.0),),
        rounds=1,
    ),
    "read": Contest(
        "A csv of GB18030, whole, in a process of its own",
        1000,
        "MB",
        write_csv,
        READERS,
        (Target("integrade, encoding detected", 1.3, tuple(t for t in READERS if t.startswith("peer"))),),
        (10, 30, 100, 300, 1000),
        ("integrade, encoding detected", "peer: Polars, told"),
    ),
    "matching": Contest(
        "Exporters matched to firms over ten years",
        300_000,
        "firms",
        write_registers,
        {
            "exact steps": matching(similar=False),
            "exact steps and similar names": matching(similar=True),
            "firms followed over time": following,
        },
        (Target("exact steps", 10.0), Target("exact steps and similar names", 10.0)),
        (10_000, 30_000, 100_000, 300_000),
        ("exact steps",),
        rounds=3,
    ),
    "regions": Contest(
        "Relative prices of every pair of regions, 40 goods, 12 months",
        2800,
        "regions",
        write_prices,
        {"integrade": index_of_regions},
        (),
        (30, 100, 300, 1000, 2800),
        ("integrade",),
    ),
}
