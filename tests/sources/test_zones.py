"""Time zones in Parquet files: one that none knows is a coded error, and Polars prints no panic."""

from __future__ import annotations

import base64
import datetime
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from each import each, each_pair
from integrade.cli import run
from integrade.engine.frames import Engine
from integrade.errors import Unreadable
from integrade.sources import read_canonical, read_table
from integrade.sources.origins.zones import zones_in, zones_of

DAY = datetime.datetime(2004, 1, 1)
NESTS: dict[str, Any] = {
    "flat": (lambda zone: pa.timestamp("us", zone), DAY),
    "list": (lambda zone: pa.list_(pa.timestamp("ns", zone)), [DAY]),
    "record": (lambda zone: pa.struct([("at", pa.list_(pa.timestamp("ms", zone)))]), {"at": [DAY]}),
    "dictionary": (lambda zone: pa.map_(pa.string(), pa.timestamp("s", zone)), [("a", DAY)]),
}


def written(path: Path, zone: str, nest: str = "flat") -> Path:
    kind, value = NESTS[nest]
    rows = pa.table({"firm": ["a", "b"], "year": pa.array([value, value], kind(zone)), "n": [1, 2]})
    pq.write_table(rows, path)
    return path


@each_pair(
    ("engine", ["polars", "duckdb", "auto"]), ("nest", NESTS), ("zone", ["Mars/Phobos", "+25:99", "CST", "UTC+3"])
)
def test_an_unknown_time_zone_is_a_coded_error_without_a_panic(
    zone: str, nest: str, engine: Engine, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path / "f.parquet", zone, nest)
    for read in (lambda: read_table(path, engine=engine), lambda: read_canonical("firms", path, engine=engine)):
        with pytest.raises(Unreadable, match="time zone") as caught:
            read()
        assert zone in str(caught.value)
    assert "".join(capfd.readouterr()) == ""


def test_a_command_and_a_check_print_no_panic(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "f.parquet", "Mars/Phobos")
    study = '[data.firms]\nfiles = ["f.parquet"]\n'
    (tmp_path / "study.toml").write_text(study, encoding="utf-8")
    assert run(["fit", str(path), "n ~ firm"]) == 1
    run(["check", str(tmp_path)])
    said = "".join(capfd.readouterr())
    assert "D208" in said
    assert "panicked" not in said


def test_several_files_and_partitions_are_looked_at(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for year, zone in ((2004, "UTC"), (2005, "Mars/Phobos")):
        folder = tmp_path / f"year={year}"
        folder.mkdir()
        written(folder / "f.parquet", zone)
    with pytest.raises(Unreadable, match="Mars/Phobos"):
        read_table(tmp_path)
    assert "".join(capfd.readouterr()) == ""


@each("nest", NESTS)
@each("zone", ["UTC", "Asia/Shanghai", "+08:00", "Etc/GMT-8"])
def test_known_zones_are_found_and_read(zone: str, nest: str, tmp_path: Path) -> None:
    path = written(tmp_path / "f.parquet", zone, nest)
    assert list(zones_of(str(path))) == [zone]
    assert read_table(path).polars().height == 2


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_zones_of_any_schema_are_those_that_arrow_says(data: st.DataObject) -> None:
    zones = data.draw(st.lists(st.sampled_from(["UTC", "Mars/Base", "", "時區", None]), max_size=4))
    fields = [pa.field(f"c{i}", NESTS[data.draw(st.sampled_from(list(NESTS)))][0](z)) for i, z in enumerate(zones)]
    fields.insert(0, pa.field("Asia/Shanghai", pa.string(), metadata={"zone": "CST"}))
    message = pa.schema(fields).serialize().to_pybytes()
    assert sorted(filter(None, zones_in(message))) == sorted(filter(None, zones))


@settings(max_examples=500, deadline=None)
@given(st.data())
def test_a_damaged_schema_ends_in_no_traceback(data: st.DataObject) -> None:
    whole = bytearray(pa.schema([("a", pa.timestamp("us", "UTC")), ("b", NESTS["record"][0]("CST"))]).serialize())
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    held = base64.b64encode(bytes(whole[: data.draw(st.integers(0, len(whole)))]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pl, "read_parquet_metadata", lambda _, **__: {"ARROW:schema": held.decode()})
        assert len(list(zones_of("f.parquet"))) < 1 << 12


def test_reading_a_parquet_file_imports_no_arrow(tmp_path: Path) -> None:
    path = written(tmp_path / "f.parquet", "UTC")
    program = "import sys, integrade as ig; ig.read_table(sys.argv[1]); assert 'pyarrow' not in sys.modules"
    subprocess.run([sys.executable, "-c", program, str(path)], check=True)
