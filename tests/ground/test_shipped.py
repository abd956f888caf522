"""Spark workers without integrade get its modules with each task, and need few libraries."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import clusters
from bare_python import bare_python
from integrade.engine import shipped
from measure_tables import table

RUNTIME = ("polars-runtime-32",)
"""What polars installs with itself."""
SOURCE = Path(shipped.__file__).parents[2]
LOADED = """
import sys
from pyspark import cloudpickle
task = cloudpickle.loads(open(sys.argv[1], "rb").read())
print(task(3))
"""
TASK = """
def twice(n):
    import integrade.quality.on_workers
    from plainwords.texts import say

    assert integrade.quality.on_workers.__file__ == "integrade/quality/on_workers.py"
    return f"{2 * n} {say('quality.rows-of-a-product', n=n)}"
"""
COMMAND = """
import logging, sys
logging.basicConfig(level=logging.INFO)
sys.path.insert(0, {source!r})
from integrade.quality import measured
measured.LEAST = 1
from integrade.cli import run
sys.exit(run(sys.argv[1:]))
"""


def bare() -> dict[str, str]:
    """Return the environment of a process that imports only the packages of its own interpreter."""
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}


@pytest.mark.system
@pytest.mark.parametrize("lacking", ["", "scipy"])
def test_a_python_with_the_libraries_alone_runs_a_task(lacking: str, tmp_path: Path) -> None:
    pytest.importorskip("pyspark")
    libraries = [name for name in shipped.LIBRARIES if name != lacking]
    python = bare_python(tmp_path / "bare", [*libraries, *RUNTIME, "pyspark", "py4j"])
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(TASK, names)
    task = shipped.with_modules(shipped.by_value(names["twice"]))
    (tmp_path / "task").write_bytes(shipped.by_value(task))
    ran = subprocess.run(
        [python, "-c", LOADED, tmp_path / "task"], capture_output=True, text=True, env=bare(), check=False, cwd=tmp_path
    )
    if lacking:
        assert f"No module named '{lacking}'" in ran.stderr
    else:
        assert ran.stdout.startswith("6 "), ran.stderr
        assert "3 rows" in ran.stdout


@pytest.mark.system
@pytest.mark.full
@pytest.mark.parametrize("effects", ["product:destination:year", "product+destination:year"])
@pytest.mark.skipif(not clusters.has_standalone(), reason="needs Java and pyspark")
def test_workers_without_integrade_compute_quality(effects: str, tmp_path: Path) -> None:
    """The workers of a standalone cluster have a Python with `LIBRARIES` alone; the numbers are those of Polars."""
    python = bare_python(tmp_path / "bare", [*shipped.LIBRARIES, *RUNTIME])
    table("customs").write_parquet(tmp_path / "customs.parquet")
    command = ["quality", str(tmp_path / "customs.parquet"), "--sigma", "5", "--effects", effects]

    def run(engine: str, **more: str) -> tuple[pl.DataFrame, str]:
        out = tmp_path / f"{engine}.parquet"
        words = [*command, "--engine", engine, "--out", str(out)]
        ran = subprocess.run(
            [sys.executable, "-c", COMMAND.format(source=str(SOURCE)), *words],
            env={**bare(), "TMPDIR": str(tmp_path), "SPARK_LOCAL_IP": "127.0.0.1", **more},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert ran.returncode == 0, ran.stderr
        return pl.read_parquet(out), ran.stdout + ran.stderr

    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTHONPATH", raising=False)
        with clusters.standalone(tmp_path, 1) as cluster:
            found, said = run("spark", MASTER=cluster.address, PYSPARK_PYTHON=str(python))
    assert "its modules are sent with each task" in said, said
    assert_frame_equal(found, run("polars")[0], rel_tol=1e-9, abs_tol=1e-9)
