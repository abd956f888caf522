"""The recipes of docs/scale.md, each run as it is printed: its result is that of Polars."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import clusters
from quality.test_arranged import customs

PAGE = Path(__file__).parents[1] / "docs" / "scale.md"
SOURCE = PAGE.parents[1] / "src"
RECIPES = dict(re.findall(r"<!-- recipe: (\w+) -->\n```sh\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S))
ROWS = 600_000
"""Beyond `measured.LEAST`, so that workers measure."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with customs files, and what Polars makes of them."""
    made = tmp_path_factory.mktemp("recipes")
    (made / "customs").mkdir()
    rows = customs(ROWS)
    for i in range(2):
        rows[i * ROWS // 2 : (i + 1) * ROWS // 2].write_parquet(made / "customs" / f"{i}.parquet")
    command = [sys.executable, "-m", "integrade", "quality", "customs/", "--sigma", "5", "--engine", "polars"]
    subprocess.run([*command, "--out", "here.parquet"], cwd=made, check=True, capture_output=True)
    return made


def test_every_recipe_is_run() -> None:
    assert set(RECIPES) == {"submit", "connect", "packed"}


@pytest.mark.system
@pytest.mark.full
@pytest.mark.parametrize("name", sorted(RECIPES))
@pytest.mark.skipif(not clusters.has_standalone(), reason="needs Java and pyspark")
def test_a_recipe_gives_the_numbers_of_polars(name: str, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "customs").symlink_to(folder / "customs")
    environment = {n: v for n, v in os.environ.items() if n not in ("SPARK_REMOTE", "MASTER", "SPARK_HOME")}
    # the driver has this source; workers of the packed environment must not have it
    program = tmp_path / "bin" / "integrade"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -c \'import logging, sys; logging.basicConfig(level=logging.INFO);'
        f' sys.path.insert(0, "{SOURCE}"); from integrade.cli import run; sys.exit(run(sys.argv[1:]))\' "$@"\n'
    )
    program.chmod(0o755)
    environment["PATH"] = f"{program.parent}:{Path(sys.executable).parent}:{environment['PATH']}"
    if name == "packed":
        environment.pop("PYTHONPATH", None)
    environment |= {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_LOG_DIR": str(tmp_path), "SPARK_PID_DIR": str(tmp_path)}
    script = f"set -euo pipefail\ntrap 'kill $(jobs -p) 2> /dev/null || true' EXIT\n{RECIPES[name]}"
    with (tmp_path / "said").open("w+") as said:
        ran = subprocess.run(
            ["bash", "-c", script], cwd=tmp_path, env=environment, stdout=said, stderr=said, check=False, timeout=600
        )
        said.seek(0)
        text = said.read()
    assert ran.returncode == 0, text[-3000:]
    if name == "packed":
        assert "its modules are sent with each task" in text
    else:
        assert "cannot run" not in text
    key = ["firm", "year"]
    found = pl.read_parquet(tmp_path / "quality/*.parquet").sort(key)
    assert_frame_equal(found, pl.read_parquet(folder / "here.parquet").sort(key), rel_tol=1e-9, abs_tol=1e-9)
