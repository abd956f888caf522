"""What engines for clusters take for the core of quality: Polars, DuckDB, Dask, Daft, Ray Data, Sail and Spark.

    python benchmarks/cluster_peers.py [--rows 1 4 16] [--engine polars daft ...] [--folder DIR]

The task: ln q + 5 ln p of every customs row, less its mean in the product-destination-year, and its sums by firm and
year; every engine in the way that its manual shows (window functions, else rows put beside those of their product and
Polars on each part). Each case is a process of its own with two cores: seconds on the clock and processor seconds of it
and all that it started, starting included; the last column is a number that all must agree in. PEERS names a Python
that has dask, daft and ray; SAIL the server of `.ci/sail` (its Python needs Polars).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ENGINES = ("polars", "duckdb", "daft", "dask", "ray", "sail", "spark")
PEERS = dict.fromkeys(("daft", "dask", "ray"), os.environ.get("PEERS", sys.executable))
CELL = ["product", "destination", "year"]
SQL = """
select count(*) as n, sum(r * r) as total from (select firm, year, sum(y - m) as r from (
  select firm, year, y, avg(y) over (partition by product, destination, year) as m from (
    select *, ln(quantity) + 5 * ln(value / quantity) as y from {rows}) a) b group by firm, year) c
"""


def on_polars(files: list[str]) -> tuple[int, float]:
    """As the other way to sums of residuals: windows of Polars."""
    import polars as pl

    return _told(_residuals(pl.scan_parquet(files)).collect().group_by("firm", "year").agg(pl.col("r").sum()))


def _residuals(rows: Any) -> Any:
    import polars as pl

    y = pl.col("quantity").log() + 5 * (pl.col("value") / pl.col("quantity")).log()
    return rows.with_columns(y=y).select("firm", "year", r=pl.col("y") - pl.col("y").mean().over(CELL))


def _told(sums: Any) -> tuple[int, float]:
    import polars as pl

    return sums.height, float(sums.select((pl.col("r") ** 2).sum()).item())


def on_duckdb(files: list[str]) -> tuple[int, float]:
    """Windows of SQL."""
    import duckdb

    n, total = duckdb.sql(SQL.format(rows=f"read_parquet({files})")).fetchall()[0]
    return n, total


def on_daft(files: list[str]) -> tuple[int, float]:
    """Windows of its expressions, on its own runner of one machine."""
    import daft
    from daft import Window, col

    y = col("quantity").ln() + (col("value") / col("quantity")).ln() * 5
    rows = daft.read_parquet(files).with_column("y", y)
    rows = rows.with_column("r", col("y") - col("y").mean().over(Window().partition_by(*CELL)))
    sums = rows.groupby("firm", "year").agg(col("r").sum())
    found = sums.with_column("r", col("r") * col("r")).agg(col("r").count().alias("n"), col("r").sum()).to_pydict()
    return found["n"][0], found["r"][0]


def on_dask(files: list[str]) -> tuple[int, float]:
    """Rows shuffled by product between two processes, pandas on each part, sums."""
    import dask.dataframe as dd
    import numpy as np
    from dask.distributed import Client

    def part(rows: Any) -> Any:
        y = np.log(rows["quantity"]) + 5 * np.log(rows["value"] / rows["quantity"])
        mean = y.groupby([rows[k] for k in CELL]).transform("mean")
        return rows[["firm", "year"]].assign(r=y - mean)

    with Client(n_workers=2, threads_per_worker=1, dashboard_address=None):
        rows = dd.read_parquet(files).shuffle(on="product").map_partitions(part)
        sums = rows.groupby(["firm", "year"])["r"].sum(split_out=4)
        n, total = dd.compute(sums.count(), (sums**2).sum())
    return int(n), float(total)


def on_ray(files: list[str]) -> tuple[int, float]:
    """Rows grouped by product, Polars on each group, sums."""
    import logging

    import polars as pl
    import ray

    def group(rows: Any) -> Any:
        return _residuals(pl.DataFrame(rows)).to_arrow()

    ray.init(num_cpus=2, logging_level=logging.ERROR, include_dashboard=False)
    ray.data.DataContext.get_current().enable_progress_bars = False
    rows = ray.data.read_parquet(files).groupby("product").map_groups(group, batch_format="pyarrow")
    parts = rows.map_batches(lambda t: pl.DataFrame(t).group_by("firm", "year").agg(pl.col("r").sum()).to_arrow(),
                             batch_format="pyarrow")  # fmt: skip
    whole = pl.concat([pl.DataFrame(t) for t in parts.iter_batches(batch_format="pyarrow", batch_size=None)])
    return _told(whole.group_by("firm", "year").agg(pl.col("r").sum()))


def on_spark(files: list[str]) -> tuple[int, float]:
    """Windows of SQL, on a session of this machine or the Connect server that SPARK_REMOTE names."""
    from pyspark.sql import SparkSession

    builder: Any = SparkSession.builder
    if "SPARK_REMOTE" not in os.environ:
        for name, value in {"driver.memory": "6g", "ui.enabled": "false", "ui.showConsoleProgress": "false"}.items():
            builder = builder.config(f"spark.{name}", value)
        builder = builder.master("local[2]").config("spark.sql.shuffle.partitions", "8")
    session = builder.getOrCreate()
    session.read.parquet(*files).createOrReplaceTempView("rows")
    found = session.sql(SQL.format(rows="rows")).collect()[0]
    session.stop()
    return found["n"], found["total"]


ROADS = {"polars": on_polars, "duckdb": on_duckdb, "daft": on_daft, "dask": on_dask, "ray": on_ray}


def case(engine: str, folder: str) -> None:
    """Print what one case takes, as JSON."""
    from cluster_quality import served
    from quality_parts import processor_seconds

    start, server = time.perf_counter(), None
    files = sorted(map(str, Path(folder).glob("*.parquet")))
    if engine == "sail":
        server = served(51_999)
        os.environ["SPARK_REMOTE"] = "sc://127.0.0.1:51999"
    n, total = ROADS.get(engine, on_spark)(files)
    taken = {"seconds": time.perf_counter() - start, "cpu": processor_seconds(os.getpid()), "n": n, "total": total}
    if server is not None:
        server.kill()
    print("\n" + json.dumps(taken))


def main() -> None:
    """Run the cases that are asked for and print a table."""
    if sys.argv[1:2] == ["--case"]:
        case(*sys.argv[2:])
        return
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, nargs="+", default=[1, 4, 16], help="millions")
    parser.add_argument("--engine", nargs="+", default=list(ENGINES), choices=ENGINES)
    parser.add_argument("--folder", default="", help="where the rows are and stay")
    given = parser.parse_args()
    from quality_scale import write

    with tempfile.TemporaryDirectory() as name:
        for millions in given.rows:
            folder = Path(given.folder or name) / f"{millions:03}"
            folder.mkdir(parents=True, exist_ok=True)
            write(millions, folder)
            for engine in given.engine:
                command = [PEERS.get(engine, sys.executable), __file__, "--case", engine, str(folder)]
                done = subprocess.run(command, capture_output=True, text=True)
                if done.returncode:
                    print(f"{millions:>4}m {engine:8} failed: {done.stderr[-800:]}", flush=True)
                    continue
                found = json.loads(done.stdout.splitlines()[-1])
                numbers = f"{found['seconds']:8.1f} {found['cpu']:8.1f} {found['n']:>10,} {found['total']!r}"
                print(f"{millions:>4}m {engine:8} {numbers}", flush=True)


if __name__ == "__main__":
    main()
