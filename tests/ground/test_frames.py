"""Which engine runs a table: by its size and the memory that is free, said aloud, with the same numbers either way."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from integrade.engine.frames import (
    CELL,
    MOST,
    Engine,
    choose_engine,
    duckdb_limits,
    engine_of,
    enter,
    memory_budget,
    on_engine,
    spill_folder,
    write_parquet,
)
from integrade.engine.memory import free_memory
from integrade.errors import UsageError
from integrade.sources import read_customs, read_table
from measure_tables import table


def test_polars_up_to_the_budget_and_duckdb_beyond(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTEGRADE_MEMORY", "1GB")
    fits = 2**30 // CELL
    assert choose_engine("auto", fits) == ("polars", "")
    engine, why = choose_engine("auto", fits + 1)
    assert engine == "duckdb"
    assert "1.0 GB and the memory budget is 1.0 GB" in why
    assert spill_folder() in why
    assert choose_engine("polars", 10**15) == ("polars", ""), "an engine that is asked for is not argued with"


def test_the_budget_is_half_of_what_is_free_or_what_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("INTEGRADE_MEMORY", raising=False)
    monkeypatch.setattr("integrade.engine.frames.free_memory", lambda: 3 << 30)
    assert memory_budget() == 3 << 29
    monkeypatch.setattr("integrade.engine.frames.free_memory", lambda: 500 << 30)
    assert memory_budget() == MOST
    for text, size in (("12GB", 12 << 30), ("1.5 g", 3 << 29), ("800MiB", 800 << 20)):
        monkeypatch.setenv("INTEGRADE_MEMORY", text)
        assert memory_budget() == size
    monkeypatch.setenv("INTEGRADE_MEMORY", "plenty")
    with pytest.raises(UsageError, match="INTEGRADE_MEMORY='plenty' is not a size"):
        memory_budget()
    for text in ("0M", "0.0G", "0.000001M", "99999999999G", "-1G", "1e9", "nan", "٣G", " ", "12"):
        monkeypatch.setenv("INTEGRADE_MEMORY", text)
        with pytest.raises(UsageError, match="for example INTEGRADE_MEMORY=12GB"):
            memory_budget()
        with pytest.raises(UsageError, match="INTEGRADE_MEMORY"):
            duckdb_limits()


@pytest.mark.parametrize("memory", ["0.3MB", "1MB", "8MB"])
def test_any_budget_leaves_duckdb_what_it_works_with(memory: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTEGRADE_MEMORY", memory)
    with duckdb.connect() as connection:
        for name, limit in duckdb_limits().items():
            connection.execute(f"set {name} = $1", [limit])
        grouped = "select count(*) from (select b, count(distinct a) from rows group by b)"
        connection.execute("create temp table rows as select range a, hash(range)% 1000 b from range(300000)")
        assert connection.sql(grouped).fetchall() == [(1000,)]


def test_free_memory_is_some_and_no_more_than_the_machine_has() -> None:
    assert 0 < free_memory() <= os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def test_readers_choose_by_rows_and_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = table("customs")
    rows.write_parquet(tmp_path / "customs.parquet")
    rows.write_csv(tmp_path / "customs.csv")
    for name in ("customs.parquet", "customs.csv"):
        monkeypatch.undo()
        small = read_customs(tmp_path / name)
        assert engine_of(enter(small)) == "polars"
        assert "engine" not in str(small.account)
        monkeypatch.setattr("integrade.engine.frames.CELL", 10**9)
        large = read_customs(tmp_path / name)
        assert engine_of(enter(large)) == "duckdb"
        assert "note: engine duckdb" in str(large.account)


def test_a_limit_that_a_user_set_on_duckdb_is_kept() -> None:
    shared = duckdb.default_connection()
    before = shared.sql("select current_setting('memory_limit')").fetchall()[0][0]
    try:
        shared.sql("set memory_limit='1234MiB'")
        on_engine(table("customs"), "duckdb")
        assert shared.sql("select current_setting('memory_limit')").fetchall()[0][0] == "1.2 GiB"
    finally:
        shared.sql(f"set memory_limit='{before.replace(' ', '')}'")


def test_whole_numbers_written_by_duckdb_have_64_bits(tmp_path: Path) -> None:
    sums = duckdb.sql("select sum(x::bigint) as n, 'a' as key from range(3) t(x)")
    write_parquet(enter(sums), str(tmp_path / "n.parquet"))
    assert_frame_equal(pl.read_parquet(tmp_path / "n.parquet"), pl.DataFrame({"n": [3], "key": ["a"]}))


@pytest.mark.slow
@pytest.mark.parametrize("level", ["firm", "row"])
def test_quality_beyond_the_budget_runs_on_duckdb_and_gives_the_same_file(tmp_path: Path, level: str) -> None:
    """In processes of their own, as the budget holds for a process."""
    rows = table("customs").select("firm", "product", "destination", "year", "value", "quantity")
    many = pl.concat([rows.with_columns(firm=pl.col("firm") + f"-{i}") for i in range(150)])
    many.write_parquet(tmp_path / "customs.parquet")
    said = {}
    for memory in ("40MB", "8GB"):
        out = str(tmp_path / f"{memory}.parquet")
        command = ["quality", str(tmp_path / "customs.parquet"), "--sigma", "5", "--level", level, "--out", out]
        done = subprocess.run(
            [sys.executable, "-c", "from integrade.cli import main; main()", *command],
            capture_output=True,
            text=True,
            env={**os.environ, "INTEGRADE_MEMORY": memory},
            check=False,
        )
        assert done.returncode == 0, done.stderr
        said[memory] = done.stderr
    assert "note: engine duckdb: Polars would need about" in said["40MB"]
    assert "the memory budget is 40.0 MB; the excess is written to" in said["40MB"]
    assert "engine duckdb" not in said["8GB"]
    spilled, whole = (pl.read_parquet(tmp_path / f"{memory}.parquet") for memory in ("40MB", "8GB"))
    assert_frame_equal(spilled, whole, rel_tol=1e-9, abs_tol=1e-9)  # sums in another order


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_the_name_of_a_file_is_no_pattern(engine: Engine, tmp_path: Path) -> None:
    for n, name in enumerate(("rows[1].parquet", "rows1.parquet", "rows*.parquet", "rows?.parquet")):
        pl.DataFrame({"n": [n]}).write_parquet(tmp_path / name)
        assert read_table(tmp_path / name, engine=engine).polars()["n"].to_list() == [n]


def test_duckdb_draws_no_bar_into_a_pipe() -> None:
    """Where no script runs (``python -c``) it draws one, on standard output, beside what is printed there."""
    program = """
    from integrade.engine.frames import duckdb_connection, own_connection

    asked = "select current_setting('enable_progress_bar')"
    with own_connection():
        print(duckdb_connection().execute(asked).fetchone())
    print(duckdb_connection().execute(asked).fetchone())
    """
    ran = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines() == ["(False,)"] * 2
