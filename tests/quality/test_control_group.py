"""Quality within a control group: the memory of the process, the budget and `SLACK` are enough for it.

The kernel ends a process that needs more. The group counts pages of files, too: those of the libraries, and those of
the mapped files of rows. The kernel writes them back and takes them when the group is full, which takes time.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest

import own_kernel
from quality.test_budget import BENCHMARKS, SLACK

ROWS, BUDGET = 1_680_000, 96
"""Rows, and the budget in MB: a quarter of what `auto` counts for the rows, and the least that DuckDB lets hold."""
KILLED = 137
SOME = ("level firm", "level row", "pool all, rank", "pool product_year, zscore")
"""A kernel of its own takes two to four minutes for each; `test_budget` has the other options, without a group."""
pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(own_kernel.kernel() is None, reason="needs User-mode Linux (Debian: user-mode-linux)"),
]


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tables")


def _benchmark() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        return importlib.import_module("quality_memory")


def _table(rows: int, tables: Path) -> Path:
    path: Path = _benchmark().table(rows, tables / f"{rows}.parquet")
    return path


def ended(name: str, rows: int, budget: int, limit: int, tables: Path, folder: Path) -> own_kernel.Ended:
    """Run an option of quality on a table of customs rows in a group of ``limit`` MB, with a budget in MB."""
    path = str(_table(rows, tables))
    disk = folder / own_kernel.DISK
    command = [sys.executable, "-m", "integrade", "quality", path, *_benchmark().options()[name]]
    command += ["--out", str(disk / "out.parquet")]
    settings = {"INTEGRADE_MEMORY": f"{budget}MB", "TMPDIR": str(disk), "OPENBLAS_NUM_THREADS": "1"}
    return own_kernel.run(command, limit << 20, folder, **settings)


@pytest.mark.full
@pytest.mark.parametrize("name", SOME)
def test_a_quarter_of_the_table_is_enough(name: str, tables: Path, tmp_path: Path) -> None:
    small = ended(name, 20_000, BUDGET, 1000, tables, tmp_path / "small")
    limit = (small.kinds["anon"] >> 20) + BUDGET + SLACK
    run = ended(name, ROWS, BUDGET, limit, tables, tmp_path / "run")
    assert run.code == 0, f"{run.code} within {limit} MB, {run.kinds}: {run.printed[-600:]}"
    assert run.killed == 0
    assert run.peak > 0.95 * (limit << 20), "pages of files fill the group, and the kernel takes them back"
    assert run.kinds["anon"] + run.kinds["file_mapped"] > run.peak, "not all of them fit at once"


@pytest.mark.full
def test_a_group_that_is_too_small_ends_the_job(tables: Path, tmp_path: Path) -> None:
    """The limit is real: with a budget that the group has no room for, the job ends itself or is killed."""
    run = ended("level row", ROWS, 600, 160, tables, tmp_path / "run")
    assert run.code in (3, KILLED), run
