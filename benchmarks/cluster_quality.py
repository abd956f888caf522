"""Quality of customs rows on Polars, DuckDB, Sail (a Spark Connect server without Java) and Spark: what each row costs.

    python benchmarks/cluster_quality.py [--rows 1 4 16] [--engine polars duckdb sail spark shuffle] [--effects two]

Each case is a process of its own, one after the other, that reads a folder of Parquet files and makes firm-years, which
stay on the engine but for their sum. Printed: seconds on the clock and processor seconds of the process and all that it
started (Java, workers, the server), starting included; of Spark also how many actions it ran (the sum is one), how many
of them scanned the source, and MB that were shuffled (its event log). ``shuffle`` is what no program can save on Spark
where rows of a product have to meet: rows read, put beside those of their product, handed to workers that count them.
Last the slope of the logarithm of processor seconds in that of rows.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

from quality_parts import EFFECTS, processor_seconds
from quality_scale import write

PYTHON = {"sail": os.environ.get("CLIENT_PYTHON", sys.executable)}
SAIL = os.environ.get("SAIL") or shutil.which("sail") or str(Path(sys.executable).with_name("sail"))


def served(port: int) -> subprocess.Popen[bytes]:
    """A Sail server that answers."""
    command = [SAIL, "spark", "server", "--ip", "127.0.0.1", "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(200):
        with socket.socket() as asked:
            if asked.connect_ex(("127.0.0.1", port)) == 0:
                return server
        time.sleep(0.1)
    raise SystemExit("Sail does not answer")


def logged(folder: str) -> None:
    """Start a Spark session on this machine that writes down its jobs."""
    from pyspark.sql import SparkSession

    from integrade.engine.sessions import LOCAL

    os.environ["PYSPARK_PYTHON"] = sys.executable  # workers have this program
    builder: Any = SparkSession.builder.master("local[2]")
    logs = {"spark.eventLog.enabled": "true", "spark.eventLog.dir": folder, "spark.driver.memory": "6g"}
    for name, value in {**LOCAL, **logs, "spark.eventLog.compress": "false"}.items():
        builder = builder.config(name, value)
    builder.getOrCreate()


def told(logs: str, source: str) -> dict[str, float]:
    """Actions that ran, those of them whose plan scans the source, and MB that were shuffled."""
    actions = reads = shuffled = 0
    for file in Path(logs).rglob("*"):
        for line in file.read_text().splitlines() if file.is_file() and not file.name.startswith(".") else ():
            event = json.loads(line)
            if event["Event"].endswith("SparkListenerSQLExecutionStart"):
                actions += 1
                reads += _scans(event["sparkPlanInfo"], source)
            if event["Event"] == "SparkListenerTaskEnd" and (metrics := event.get("Task Metrics")):
                shuffled += metrics["Shuffle Write Metrics"]["Shuffle Bytes Written"]
    return {"actions": actions, "reads": reads, "shuffle": shuffled / 2**20}


def _scans(plan: dict[str, Any], source: str) -> int:
    """How many nodes of a plan scan files of a folder; what is kept in memory was scanned before."""
    if "InMemoryTableScan" in plan["nodeName"]:
        return 0
    return (source in plan["metadata"].get("Location", "")) + sum(_scans(one, source) for one in plan["children"])


def counted(batches: Iterator[Any]) -> Iterator[Any]:
    """How many rows a worker was given."""
    import pyarrow as pa

    yield pa.RecordBatch.from_pydict({"n": pa.array([sum(one.num_rows for one in batches)], pa.int64())})


def met(files: list[str]) -> tuple[int, float]:
    """Rows of a product meet on a worker of Spark, which counts them."""
    from pyspark.sql import SparkSession

    rows = SparkSession.builder.getOrCreate().read.parquet(*files)
    parts = rows.repartition(max(4, len(files)), "product").mapInArrow(counted, "n long")
    n = sum(row["n"] for row in parts.collect())
    return n, float(n)


def measured(files: list[str], engine: str, sigma: str, effects: str) -> tuple[int, float]:
    """How many firm-years there are, and the sum of their quality."""
    import narwhals as nw

    from integrade.engine.frames import collect, enter, scan_parquet
    from integrade.quality import demand_residual

    running: Any = "spark" if engine == "sail" else engine
    by = float(sigma) if sigma[0].isdigit() else sigma
    other = None if sigma == "5" else 5
    found = demand_residual(scan_parquet(files, running), sigma=by, effects=EFFECTS[effects], fallback_sigma=other)
    n, total = collect(enter(found).select(nw.len(), nw.col("quality").sum())).row(0)
    return n, total


def case(folder: str, engine: str, sigma: str, effects: str) -> None:
    """Print what one case takes, as JSON."""
    start, server, logs = time.perf_counter(), None, tempfile.mkdtemp()
    if engine == "sail":
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = served(port)
        os.environ["SPARK_REMOTE"] = f"sc://127.0.0.1:{port}"
    if engine in ("spark", "shuffle"):
        logged(logs)
    files = sorted(map(str, Path(folder).glob("*.parquet")))
    n, total = met(files) if engine == "shuffle" else measured(files, engine, sigma, effects)
    taken = {"seconds": time.perf_counter() - start, "cpu": processor_seconds(os.getpid()), "n": n, "sum": total}
    if engine in ("sail", "spark", "shuffle"):
        from pyspark.sql import SparkSession

        SparkSession.getActiveSession().stop()  # type: ignore[union-attr]
    if engine in ("spark", "shuffle"):
        taken |= told(logs, folder)
    shutil.rmtree(logs)
    if server is not None:
        server.kill()
    print("\n" + json.dumps(taken))


COLUMNS = (("seconds", 8, 1), ("cpu", 7, 1), ("actions", 7, 0), ("reads", 5, 0), ("shuffle", 8, 0))


def line(names: tuple[str, ...], found: dict[str, Any]) -> str:
    """A line of the table."""
    numbers = (f"{found[k]:>{w}.{d}f}" if k in found else " " * w for k, w, d in COLUMNS)
    return f"{names[0]:>6} {names[1]:8} {names[2]:6} {names[3]:10} {' '.join(numbers)}  {found['sum']!r}"


def asked() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, nargs="+", default=[1, 4, 16], help="millions")
    parser.add_argument("--engine", nargs="+", default=["polars", "duckdb", "sail", "spark"])
    parser.add_argument("--sigma", nargs="+", default=["5"])
    parser.add_argument("--effects", nargs="+", default=["two"], choices=list(EFFECTS))
    parser.add_argument("--folder", default="", help="where the rows are and stay")
    parser.add_argument("--out", default="", help="a file of JSON lines")
    return parser.parse_args()


def run(folder: Path, engine: str, sigma: str, effects: str) -> dict[str, Any]:
    """A case in a process of its own."""
    python = PYTHON.get(engine, sys.executable)
    command = [python, __file__, "--case", str(folder), engine, sigma, effects]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr[-3000:])
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    """Run the cases that are asked for and print a table."""
    if sys.argv[1:2] == ["--case"]:
        case(*sys.argv[2:])
        return
    given = asked()
    print(f"{'rows':>6} {'engine':8} {'sigma':6} {'effects':10} {' '.join(f'{k:>{w}}' for k, w, _ in COLUMNS)}  sum")
    cpu: dict[tuple[str, ...], list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as name:
        for millions in given.rows:
            folder = Path(given.folder or name) / f"{millions:03}"
            folder.mkdir(parents=True, exist_ok=True)
            rows = write(millions, folder)
            for key in product(given.engine, given.sigma, given.effects):
                found = run(folder, *key)
                cpu.setdefault(key, []).append((math.log(rows), math.log(found["cpu"])))
                print(line((f"{millions}m", *key), found), flush=True)
                if given.out:
                    with Path(given.out).open("a") as out:
                        print(json.dumps({"rows": rows, "case": key, **found}), file=out)
    for key, points in cpu.items():
        if len(points) > 1:
            (x0, y0), (x1, y1) = points[0], points[-1]
            print(f"{' '.join(key)}: slope {(y1 - y0) / (x1 - x0):.2f}")


if __name__ == "__main__":
    main()
