"""Tables of a lakehouse: the rows that the log names, not those of every Parquet file; on a disk and in a store."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from integrade.engine.frames import Running, collect, enter
from integrade.errors import SessionLost, Unreachable, Unreadable, UsageError
from integrade.sources import read_table
from integrade.sources.files import objects
from integrade.sources.files.objects import fingerprint, scan_object
from integrade.sources.origins.addresses import Address, address_of
from object_store import BUCKET, ROWS

ENGINES = ["polars", "duckdb", pytest.param("spark", marks=pytest.mark.system)]


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Delta table in partitions whose newest version has 20 of the 60 rows that its files hold."""
    deltalake = pytest.importorskip("deltalake")
    folder: Path = tmp_path_factory.mktemp("lake") / "customs"
    deltalake.write_deltalake(folder, ROWS.to_arrow(), partition_by=["product"])
    deltalake.DeltaTable(folder).delete("year = 2005")
    deltalake.DeltaTable(folder).delete("product = '847130'")
    assert pl.read_parquet(folder / "**/*.parquet").height > ROWS.height
    return folder


KEPT = ROWS.filter(pl.col("year") == 2004, pl.col("product") == "010121")


@pytest.fixture(autouse=True)
def session(request: pytest.FixtureRequest) -> None:
    """Spark, where the engine of a test is Spark."""
    if "engine" in request.fixturenames and request.getfixturevalue("engine") == "spark":
        request.getfixturevalue("spark")


@pytest.mark.parametrize("engine", ENGINES)
def test_a_delta_table_on_a_disk_has_the_rows_of_its_log(engine: Running, table: Path) -> None:
    read = read_table(table, engine=engine).polars().select(ROWS.columns).sort("firm")
    assert_frame_equal(read, KEPT)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_folder_whose_name_is_a_pattern_is_a_delta_table_too(engine: Running, table: Path, tmp_path: Path) -> None:
    shutil.copytree(table, tmp_path / "t[1]")
    read = read_table(tmp_path / "t[1]", engine=engine).polars().select(ROWS.columns).sort("firm")
    assert_frame_equal(read, KEPT)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_delta_table_in_a_store_has_the_rows_of_its_log(engine: Running, table: Path, s3: Any) -> None:
    for file in table.rglob("*"):
        if file.is_file():
            s3.upload_file(str(file), BUCKET, f"lake/{file.relative_to(table)}")
    read = read_table(f"s3://{BUCKET}/lake/", engine=engine).polars().select(ROWS.columns).sort("firm")
    assert_frame_equal(read, KEPT)


def test_a_fingerprint_follows_the_log(table: Path, tmp_path: Path) -> None:
    import deltalake

    folder = tmp_path / "copy"
    shutil.copytree(table, folder)
    address, files = Address("object", str(folder)), sorted(folder.rglob("*.parquet"))
    before = fingerprint(address)
    assert fingerprint(address) == before
    deltalake.DeltaTable(folder).delete("product = '010121'")
    assert sorted(folder.rglob("*.parquet")) == files, "the log alone says that the rows are gone"
    assert fingerprint(address) != before


def test_without_its_package_delta_is_refused(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "deltalake.exceptions", None)
    with pytest.raises(UsageError, match="is a Delta table") as told:
        read_table(table, engine="polars")
    assert told.value.remedy == "pip install 'integrade[delta]'"


def test_a_log_that_is_damaged_is_told(tmp_path: Path) -> None:
    pytest.importorskip("deltalake")
    (tmp_path / "_delta_log").mkdir()
    (tmp_path / "_delta_log" / "00000000000000000000.json").write_text("{", encoding="utf-8")
    with pytest.raises(Unreadable, match="Delta"):
        read_table(tmp_path, engine="polars")


@pytest.mark.parametrize("engine", ENGINES)
def test_an_iceberg_table_is_refused_where_nothing_reads_it(engine: Running, tmp_path: Path) -> None:
    (tmp_path / "metadata").mkdir()
    (tmp_path / "metadata" / "v1.metadata.json").write_text("{}", encoding="utf-8")
    (tmp_path / "data").mkdir()
    ROWS.write_parquet(tmp_path / "data" / "a.parquet")
    with pytest.raises(UsageError, match="is an Iceberg table") as told:
        read_table(tmp_path, engine=engine)
    assert "Parquet" in told.value.remedy


@pytest.mark.parametrize("text", ["dbfs:/trade/customs", "hdfs://node/customs", "/Volumes/main/trade/raw/customs"])
def test_an_address_of_spark_alone_is_refused_elsewhere(text: str) -> None:
    address = address_of(text)
    assert address is not None
    assert address.location == text
    for engine in ("polars", "duckdb"):
        with pytest.raises(UsageError, match="only Spark reads") as told:
            scan_object(address, engine)
        assert "spark" in told.value.remedy


class _Raised(Exception):
    """An exception of PySpark, which need not be installed here."""

    __module__ = "pyspark.errors.exceptions.connect"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("[PATH_NOT_FOUND] Path does not exist: s3a://b/t/_delta_log/*.json", None),
        ("503 Slow Down of s3a://AKIA:s3cr3tW0rd@b/t", Unreachable),
        ("<_InactiveRpcError> UNAVAILABLE: Socket closed", SessionLost),
    ],
)
def test_a_log_that_cannot_be_looked_for_is_not_a_log_that_is_not_there(
    said: str, told: type[Exception] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(_: str, form: str) -> Any:
        if form == "text":
            raise _Raised(said)
        return enter(ROWS)

    monkeypatch.setattr(objects, "open_by_spark", opened)
    monkeypatch.setattr(objects, "files_of", lambda *_: [])
    address = Address("object", "s3a://b/t")
    if told is None:
        assert_frame_equal(collect(scan_object(address, "spark")), ROWS)
        return
    with pytest.raises(told) as raised:
        scan_object(address, "spark")
    assert "s3cr3tW0rd" not in str(raised.value)
