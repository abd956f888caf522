"""One machine, the same bytes: whatever the threads, the seed of hashes and the order of the rows.

Every program is one of its own, as the number of threads is fixed when Polars is imported. 100,000 rows are several
pieces of Polars' streaming engine, whose order of addition was free.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import integrade as ig
from integrade.cli import run
from integrade.engine.frames import Running, collect, enter, on_engine
from integrade.quality.breaks import quality_breaks
from integrade.simulation.customs import simulate_customs
from integrade.sources.writing.writers import write_table

ROWS = 100_000
ENGINES = 1e-12  # logarithms of engines differ in their last bit; everything else is exact

ON_ENGINES = ("two effects", "by row", "zscore", "industry", "iv", "unit_value", "product_features")
OWN = """
import json, sys
sys.path[:0] = [sys.argv[2]]
import test_same_bytes
print(json.dumps(test_same_bytes.digests(sys.argv[1])))
"""


def customs(seed: int | None = None) -> pl.DataFrame:
    """Records with repeated keys, two units, and a feature; ``seed`` shuffles them."""
    rows = simulate_customs(ROWS, seed=3, n_products=8)
    rows = rows if isinstance(rows, pl.DataFrame) else collect(enter(rows))
    again = rows.head(6_000).with_columns(pl.col("value") * 1.37)
    rows = pl.concat([rows, again, again.with_columns(pl.col("value") / 3.1)])
    weight = np.exp(np.random.default_rng(0).normal(size=rows.height))
    rows = rows.with_columns(pl.Series("weight", weight))
    return rows if seed is None else rows.sample(fraction=1, shuffle=True, seed=seed)


def measures(rows: Any, products: pl.Series) -> dict[str, Callable[[], Any]]:
    """Quality by the roads that records take: compiled loops take none of so few rows."""
    industry = pl.DataFrame({"product": products}).with_columns(
        industry=pl.Series([f"i{n % 3}" for n in range(len(products))])
    )
    return {
        "two effects": lambda: ig.demand_residual(rows, sigma=5),
        "by row": lambda: ig.demand_residual(rows, sigma=5, level="row"),
        "one effect": lambda: ig.demand_residual(
            rows, sigma=5, effects="product:destination:year", weights="base_year"
        ),
        "zscore": lambda: ig.demand_residual(rows, sigma=5, standardise="zscore", pool="product_year"),
        "industry": lambda: ig.demand_residual(rows, sigma=5, level="industry", groups=industry),
        "iv": lambda: ig.demand_residual(rows, sigma="iv", fallback_sigma=4),
        "broda_weinstein": lambda: ig.demand_residual(rows, sigma="broda_weinstein", fallback_sigma=4),
        "unit_value": lambda: ig.unit_value(rows),
        "product_features": lambda: ig.product_features(rows, features=("weight",)),
        "nested_logit": lambda: ig.nested_logit(rows, industry=industry, outside=0.5),
        "breaks": lambda: pl.DataFrame([vars(year) for year in quality_breaks(rows).years]),
    }


def told(result: Any) -> pl.DataFrame:
    """A result as Polars, whole numbers as one type."""
    rows = result if isinstance(result, pl.DataFrame) else collect(enter(result))
    return rows.cast({name: pl.Int64 for name, kind in rows.schema.items() if kind.is_integer()})


def digests(path: str) -> dict[str, str]:
    """By measure, what its csv hashes to."""
    rows = pl.read_parquet(path)
    made = measures(rows, rows["product"].unique().sort())
    return {name: hashlib.sha256(told(make()).write_csv().encode()).hexdigest() for name, make in made.items()}


def elsewhere(path: Path, **environment: str) -> dict[str, str]:
    """`digests` by another program with these variables of the environment."""
    asked = [sys.executable, "-c", OWN, str(path), str(Path(__file__).parent)]
    done = subprocess.run(asked, env=os.environ | environment, capture_output=True, text=True, check=True)
    found: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("bytes")
    paths = [folder / "as_it_is.parquet", folder / "shuffled.parquet"]
    for path, seed in zip(paths, (None, 7), strict=True):
        customs(seed).write_parquet(path)
    return paths


def test_threads_hash_seeds_and_row_order_change_no_bit_of_quality(files: list[Path]) -> None:
    one = elsewhere(files[0], POLARS_MAX_THREADS="1", PYTHONHASHSEED="1", NUMBA_NUM_THREADS="1")
    assert len(one) == len(measures(None, pl.Series([])))
    assert elsewhere(files[0], POLARS_MAX_THREADS="2", PYTHONHASHSEED="2", NUMBA_NUM_THREADS="2") == one
    assert elsewhere(files[1], POLARS_MAX_THREADS="5", PYTHONHASHSEED="3") == one


@pytest.mark.parametrize("engine", ["duckdb", pytest.param("spark", marks=pytest.mark.system)])
def test_engines_agree_to_1e_12_and_no_order_changes_a_bit_of_duckdb(
    engine: Running, files: list[Path], request: pytest.FixtureRequest
) -> None:
    if engine == "spark":
        request.getfixturevalue("spark")
    rows = pl.read_parquet(files[0])
    products = rows["product"].unique().sort()
    want = measures(rows, products)
    here = [measures(on_engine(pl.read_parquet(path), engine), products) for path in files]
    for name in ("two effects",) if engine == "spark" else ON_ENGINES:
        found = [told(of[name]()) for of in (here[:1] if engine == "spark" else here)]
        assert_frame_equal(found[0], found[-1], check_exact=True)
        assert_frame_equal(found[0], told(want[name]()), rel_tol=ENGINES, abs_tol=ENGINES)


def test_the_command_writes_the_same_file_each_time(files: list[Path], tmp_path: Path) -> None:
    for suffix in ("csv", "parquet", "dta", "xlsx"):
        made = []
        for n, path in enumerate(files):
            target = tmp_path / f"q{n}.{suffix}"
            assert run(["quality", str(path), "--sigma", "5", "--out", str(target)]) == 0
            made.append(target.read_bytes())
        assert made[0] == made[1], suffix


def test_groups_of_rows_of_a_parquet_file_are_not_those_of_threads(tmp_path: Path) -> None:
    rows = pl.DataFrame({"x": range(300_000)}).lazy().filter(pl.col("x") != 5)
    write_table(rows, tmp_path / "x.parquet")
    import pyarrow.parquet as parquet

    kept = parquet.ParquetFile(tmp_path / "x.parquet").metadata
    assert [kept.row_group(i).num_rows for i in range(kept.num_row_groups)] == [1 << 17, 1 << 17, 299_999 - (1 << 18)]


def test_no_file_says_when_it_was_made(tmp_path: Path) -> None:
    rows = pl.DataFrame({"firm": ["a"], "x": [1.0]})
    write_table(rows, tmp_path / "x.dta")
    head = (tmp_path / "x.dta").read_bytes()[:400]
    assert b"<timestamp>\x1101 Jan 2000 00:00</timestamp>" in head
    assert time.strftime("%Y").encode() not in head
