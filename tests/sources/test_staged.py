"""Files on their way to a cluster: through the stated stage, or refused before anything is done.

The session is a real one whose machines are said to be others.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import polars as pl
import pyreadstat
import pytest
from polars.testing import assert_frame_equal

from integrade.engine.stage import STATED
from integrade.errors import NotShared
from integrade.sources import read_table

pytestmark = [pytest.mark.system, pytest.mark.usefixtures("cluster")]
ROWS = pl.DataFrame({"code": [f"{i:06d}" for i in range(500)], "year": [2000 + i % 9 for i in range(500)]})
ASKED = {"text.csv": "text.csv", "stata.dta": "stata.dta", "base.sqlite": "base.sqlite#t"}


@pytest.fixture
def cluster(spark: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The session, on other machines; what is small goes to them by itself, so that here nothing is small."""
    monkeypatch.setattr("integrade.engine.stage._is_local", lambda _: False)
    monkeypatch.setattr("integrade.sources.files.readers.SMALL", 16)
    monkeypatch.setattr("integrade.sources.cells.stata.PIECE", 200)
    monkeypatch.delenv(STATED, raising=False)
    return spark


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("user")
    ROWS.write_csv(place / "text.csv")
    ROWS.write_parquet(place / "rows.parquet")
    pyreadstat.write_dta(ROWS.to_pandas(), place / "stata.dta")
    with sqlite3.connect(place / "base.sqlite") as base:
        base.execute("create table t (code text, year integer)")
        base.executemany("insert into t values (?, ?)", ROWS.rows())
    base.close()
    return place


@pytest.mark.parametrize("name", ASKED)
def test_a_file_goes_through_the_stage(
    name: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(STATED, str(tmp_path))
    read = read_table(folder / name if "#" not in ASKED[name] else f"{folder}/{ASKED[name]}", engine="spark")
    files = [path for path in nested(read.data) if "stage" in path]
    assert files, "Spark reads the stage"
    assert all(path.startswith(f"file://{tmp_path}/integrade.engine.stage-") for path in files)
    assert_frame_equal(read.polars().with_columns(pl.col("year").cast(int)).sort("code"), ROWS)


def nested(frame: Any) -> list[str]:
    return list(frame.inputFiles())


@pytest.mark.parametrize("name", ASKED)
def test_without_a_stage_nothing_is_begun(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = []
    for reader in ("readers.delimited.to_parquet", "databases.spool", "stata.spool"):
        monkeypatch.setattr(f"integrade.sources.{reader}", lambda *_, reader=reader: begun.append(reader))
    with pytest.raises(NotShared, match=rf"{name}.* must be written to a folder") as told:
        read_table(f"{folder}/{ASKED[name]}", engine="spark")
    assert f"{STATED}=" in told.value.remedy
    assert begun == []


def test_a_path_of_this_machine_is_refused_but_in_the_shared_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    with pytest.raises(NotShared, match=f"do not see {folder}/rows.parquet"):
        read_table("rows.parquet", engine="spark")
    monkeypatch.setenv(STATED, str(folder))
    assert_frame_equal(read_table("rows.parquet", engine="spark").polars().sort("code"), ROWS)


def test_small_files_need_no_stage(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrade.sources.files.readers.SMALL", 1 << 20)
    assert read_table(folder / "text.csv", engine="spark").polars().height == ROWS.height


def test_a_name_that_spark_takes_for_a_pattern_is_a_name(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrade.engine.stage._is_local", lambda _: True)
    odd = tmp_path / "rows[1]{a,b}*.parquet"
    odd.write_bytes((folder / "rows.parquet").read_bytes())
    assert_frame_equal(read_table(odd, engine="spark").polars().sort("code"), ROWS)
