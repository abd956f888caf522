"""Rows beyond memory and on Spark: the numbers and accounts of rows in memory."""

from __future__ import annotations

import gc
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from integrade.engine import spark as spark_room
from integrade.engine.frames import Table, engine_of, enter, files_by, spill_folder, spilled_numbers, workers_know
from integrade.engine.spark import is_classic
from integrade.engine.stage import stage_folder
from integrade.errors import SessionLost
from integrade.quality import demand_residual, measured, parts
from quality.test_arranged import ITERATED, UNITS, both, check_same, customs


def test_a_disk_without_room_is_an_error_and_not_the_end_of_the_process() -> None:
    with pytest.raises(OSError, match=r"File too large|No space left"):
        spilled_numbers(1 << 59, "float64")
    numbers = spilled_numbers(5, "int32")
    numbers[:] = range(5)
    assert numbers.tolist() == [0, 1, 2, 3, 4]
    assert list(Path(spill_folder()).iterdir()) == []


def test_nothing_of_duckdb_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    data = duckdb.from_arrow(customs().to_arrow())
    before = set(duckdb.sql("select table_name from duckdb_tables()").fetchall())
    found = both(data, monkeypatch, sigma="ols", level="row")
    made = set(duckdb.sql("select table_name from duckdb_tables()").fetchall()) - before
    assert len(made) == 2  # the results of both, which DuckDB keeps within its memory
    assert engine_of(enter(found[1])) == "duckdb"


@pytest.fixture
def quick_rows(spark: Any) -> Any:
    """Customs rows on Spark, in several partitions."""
    return spark.createDataFrame(customs(3_000, **UNITS).to_arrow()).repartition(5)


@pytest.mark.parametrize(
    "options",
    [
        {"sigma": 5},
        {"sigma": "iv", "fallback_sigma": 3, "effects": "product:destination:year"},
        {"sigma": "ols", "fallback_sigma": 3, "level": "row"},
        {"sigma": 5, "effects": "product:year", "weights": "base_year", "standardise": "zscore"},
        {"sigma": {"85": 4.0, "850003": 1.01, "850005": 9}, "effects": "product:year+destination", "level": "row"},
        {"sigma": 5, "effects": "destination:year", "weights": "equal", "alike": "middle"},
        {"sigma": 5, "level": "firm_product"},
        {"sigma": 5, "level": "destination", "pool": "product_year"},
        {"sigma": 5, "level": "ladder"},
        {"sigma": 5, "pool": "all"},
    ],
    ids=str,
)
def test_spark_on_its_workers(options: dict[str, Any], quick_rows: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    check_same(*both(quick_rows, monkeypatch, **options), ITERATED)


def test_spark_without_the_program_on_its_workers(quick_rows: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert workers_know(enter(quick_rows), parts.MODULE)
    assert not workers_know(enter(quick_rows), "integrade.no_such_module")
    monkeypatch.setattr(measured, "LEAST", 1)
    monkeypatch.setattr(parts, "MODULE", "integrade.no_such_module")
    monkeypatch.setattr(parts, "files_by", None)  # a call would fail
    assert demand_residual(quick_rows, sigma=5).count() > 0


def test_an_engine_that_parts_a_product_is_not_believed(quick_rows: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def by_destination(frame: Any, _: str, *more: Any) -> Any:
        return files_by(frame, "destination", *more)

    monkeypatch.setattr(parts, "files_by", by_destination)
    with ExitStack() as kept:
        assert parts.parts_of(enter(quick_rows), 3_000, kept) is None
    monkeypatch.setattr(measured, "LEAST", 1)
    found = demand_residual(Table("customs", quick_rows), sigma=5).polars()
    monkeypatch.setattr(measured, "LEAST", 1 << 60)
    assert_frame_equal(found, demand_residual(Table("customs", quick_rows), sigma=5).polars(), rel_tol=1e-11)


def test_rows_that_are_dropped_come_to_this_machine(spark: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    data = customs(500).with_columns(pl.when(pl.int_range(pl.len()) < 3).then(-1.0).otherwise("value").alias("value"))
    with ExitStack() as kept:
        assert parts.parts_of(enter(spark.createDataFrame(data.to_arrow())), 500, kept) is None
    monkeypatch.setattr(measured, "LEAST", 1)
    result = demand_residual(Table("customs", spark.createDataFrame(data.to_arrow())), sigma=5)
    assert any(entry.kind == "dropped" and entry.rows == 3 for entry in result.account)


def test_files_go_when_the_measure_is_made(quick_rows: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measured, "LEAST", 1)
    place = Path(stage_folder(quick_rows.sparkSession) or "")
    before = set(place.iterdir())
    result = demand_residual(quick_rows, sigma="iv", fallback_sigma=4)
    assert result.count() > 0
    gc.collect()
    assert len(set(place.iterdir()) - before) == 1, "the result alone"


def test_a_file_of_one_cell_of_effects_that_cross_products(spark: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its fit is one number, which Polars lends to NumPy to read alone."""
    data = customs(60).unique("firm").with_columns(product=pl.lit("850001"), destination=pl.lit("USA"), year=2004)
    rows = spark.createDataFrame(data.to_arrow())
    check_same(*both(rows, monkeypatch, sigma=5, effects="product+year", level="row"), ITERATED)


def test_workers_have_as_many_threads_as_their_task_has_cores(spark: Any) -> None:
    """But for tasks of one process (Sail), which share its threads."""
    place = stage_folder(spark) or ""
    file = f"{place}/threads.parquet"
    pl.DataFrame({"x": [1]}).write_parquet(file)

    def threads(_: int, __: pl.DataFrame) -> pl.DataFrame:
        from pyspark.taskcontext import TaskContext

        task = TaskContext.get()
        cores = task.cpus() if task else 0
        return pl.DataFrame({"cores": [cores], "polars": [pl.thread_pool_size()]})

    kinds = {"cores": int, "polars": int}
    found = spark_room.collected(spark_room.Files(spark, place, (file,)).mapped(threads, kinds)).row(0)
    Path(file).unlink()
    if is_classic(spark):
        assert found == (1, 1), found
    else:
        assert found[0] == 0


def test_a_stage_in_a_store_that_polars_does_not_write_is_not_used(
    quick_rows: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spark_room, "stage_folder", lambda _: "hdfs://node/stage/own")
    with ExitStack() as kept:
        assert parts.parts_of(enter(quick_rows), 3_000, kept) is None


def test_a_lost_session_is_no_worker_without_the_program() -> None:
    class Lost(Exception):
        __module__ = "pyspark.errors.exceptions.connect"

    class Session:
        def range(self, _: int) -> None:
            raise Lost("UNAVAILABLE: Socket closed")

    pytest.importorskip("pyspark")
    with pytest.raises(SessionLost):
        spark_room.workers_know(SimpleNamespace(sparkSession=Session()), parts.MODULE)
