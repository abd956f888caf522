"""Clusters that lose a worker or a server in the middle: the numbers are those of Polars, or nothing is written."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from queue import Queue
from threading import Thread

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import clusters
from measure_tables import table

pytestmark = pytest.mark.system


@pytest.fixture
def customs(tmp_path: Path) -> Path:
    table("customs").write_parquet(tmp_path / "customs.parquet")
    return tmp_path / "customs.parquet"


def quality(customs: Path, out: Path, **environment: str) -> subprocess.Popen[str]:
    """The command in a process of its own, on Spark where the environment names a cluster."""
    engine = "spark" if environment else "polars"
    command = ["quality", str(customs), "--sigma", "5", "--engine", engine, "--quiet", "--out", str(out)]
    return subprocess.Popen(
        [sys.executable, "-m", "integrade", *command],
        env={**os.environ, **clusters.LOCAL, **environment, "TMPDIR": str(out.parent)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.skipif(not clusters.has_standalone(), reason="needs Java and pyspark")
def test_a_worker_of_spark_that_is_killed_in_the_middle_changes_no_number(customs: Path, tmp_path: Path) -> None:
    there, here = tmp_path / "spark.parquet", tmp_path / "polars.parquet"
    with clusters.standalone(tmp_path) as cluster, quality(customs, there, MASTER=cluster.address) as running:
        until = time.monotonic() + 200
        while cluster.busy() < 3 and running.poll() is None and time.monotonic() < until:
            time.sleep(0.1)
        assert running.poll() is None, "it ran when a worker was killed"
        cluster.workers[0].kill()
        _, said = running.communicate(timeout=300)
    assert running.returncode == 0, said
    quality(customs, here).communicate()
    assert_frame_equal(pl.read_parquet(there), pl.read_parquet(here), rel_tol=1e-9, abs_tol=1e-9)


@pytest.mark.skipif(not clusters.has_standalone(), reason="needs Java and pyspark")
@pytest.mark.parametrize("by", ["master", "connect"])
def test_that_no_worker_takes_the_work_is_said(by: str, customs: Path, tmp_path: Path) -> None:
    """Spark waits for one as long as it takes, and says so in a log of its own alone."""
    out = tmp_path / "out.parquet"
    with ExitStack() as there:
        asked = there.enter_context(clusters.standalone(tmp_path, 0)).address
        if by == "connect":
            asked = there.enter_context(clusters.connect(asked, tmp_path))
        variable = "SPARK_REMOTE" if by == "connect" else "MASTER"
        running = there.enter_context(quality(customs, out, **{variable: asked}))
        assert running.stderr
        heard = Queue[str]()
        Thread(target=lambda: heard.put(str(running.stderr and running.stderr.readline())), daemon=True).start()
        try:
            said = heard.get(timeout=120)
        finally:
            running.terminate()
            running.wait(60)
    assert f"no worker of {asked} has accepted the work" in said
    assert not out.exists()


@pytest.mark.skipif(clusters.sail_program() is None, reason="needs pysail (INTEGRADE_SAIL)")
def test_a_connect_server_of_spark_that_stops_in_the_middle(customs: Path, tmp_path: Path) -> None:
    """The session is lost after it opened and before it ends: a whole run sends over 100 kB, opening it 1 kB."""
    out = tmp_path / "out.parquet"
    with clusters.sail(str(clusters.sail_program()), tmp_path) as address:
        port = int(address.rpartition(":")[2])
        with clusters.relay(port, breaks_after=50_000) as broken:
            began = time.monotonic()
            ended = quality(customs, out, SPARK_REMOTE=f"sc://127.0.0.1:{broken}/;user_id=me")
            printed, said = ended.communicate(timeout=200)
    assert ended.returncode == 3, said
    assert said.startswith("S303 the session of Spark was lost")
    assert "finished steps of a study are kept" in said
    assert len(said.splitlines()) <= 3
    assert printed == ""
    assert time.monotonic() - began < 90, "some 20 seconds on a quiet machine, not ten minutes"
    assert not out.exists()
    assert not list(tmp_path.glob("*.parquet.*")), "nothing is half written"


TRIED = """
from pyspark.sql import SparkSession, functions as f
rows = SparkSession.builder.remote({address!r}).getOrCreate().range(1)
try:
    print(rows.select(f.try_divide(f.lit(1.5), f.lit(2.0))).collect()[0][0])
except Exception as problem:
    print("refused", type(problem).__name__, problem)
"""


@pytest.mark.skipif(clusters.sail_program() is None, reason="needs pysail (INTEGRADE_SAIL)")
def test_sail_still_refuses_the_division_of_narwhals(tmp_path: Path) -> None:
    """If this fails: Sail divides fractions by `try_divide`, so remove `sessions.mend_division` and its bound."""
    with clusters.sail(str(clusters.sail_program()), tmp_path) as address:
        tried = subprocess.run(
            [sys.executable, "-c", TRIED.format(address=address)],
            env={**os.environ, **clusters.LOCAL},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert tried.stdout.startswith("refused"), tried.stdout + tried.stderr
    assert "try_divide" in tried.stdout
