"""Tables written by suffix and read back; complete files or none."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from integrade.errors import UsageError
from integrade.frames import Table, on_engine
from integrade.sources import read_raw, read_table, write_table

ROWS = pl.DataFrame(
    {
        "firm": ['甲,"公司"', "乙\n公司", None],
        "year": [2005, 2006, None],
        "x": [1.5, None, -2.0],
        "code": ["0101", "", "9"],
    }
)


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".dta", ".xlsx", ".CSV"])
@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_round_trip(tmp_path: Path, suffix: str, engine: Any) -> None:
    path = tmp_path / f"表{suffix}"
    write_table(Table("t", on_engine(ROWS, engine).to_native()), path)
    back = read_table(path).polars()
    assert back.columns == ROWS.columns
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    clean = ROWS.with_columns(pl.col(pl.String).replace("", None))
    found = back.with_columns(pl.col(pl.String).replace("", None), pl.col("year").cast(pl.Int64))
    assert found.rows() == clean.rows()


def test_frames_of_any_kind_are_written(tmp_path: Path) -> None:
    for name, frame in (("a", ROWS), ("b", ROWS.to_pandas()), ("c", ROWS.to_arrow()), ("d", ROWS.lazy())):
        write_table(frame, tmp_path / f"{name}.csv")
        assert (tmp_path / f"{name}.csv").read_text(encoding="utf-8").startswith('firm,year,x,code\n"甲,""公司""",2005')


def test_standard_output_is_csv(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    write_table(pl.DataFrame({"地区": ["北京"], "x": [1.5]}), "-")
    assert capsysbinary.readouterr().out.decode("utf-8") == "地区,x\n北京,1.5\n"


def test_workbooks_are_reproducible_and_hold_odd_cells(tmp_path: Path) -> None:
    rows = pl.DataFrame(
        {
            "x": [float("nan"), float("inf")],
            "flag": [True, None],
            "day": [datetime.date(2005, 1, 2)] * 2,
            "t": ["=1+1", "http://a"],
        }
    )
    for name in ("a.xlsx", "b.xlsx"):
        write_table(rows, tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    assert read_raw(tmp_path / "a.xlsx").polars().rows() == [
        (None, "True", "2005-01-02", "=1+1"), (None, None, "2005-01-02", "http://a"),
    ]  # fmt: skip


def test_what_a_format_cannot_hold_is_said_and_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"unknown suffix '\.sav'") as caught:
        write_table(ROWS, tmp_path / "a.sav")
    assert ".parquet" in caught.value.remedy
    with pytest.raises(UsageError, match="cannot be the name of a Stata variable"):
        write_table(pl.DataFrame({"a b": [1]}), tmp_path / "a.dta")
    with pytest.raises(UsageError, match="too long for Stata"):
        write_table(pl.DataFrame({"a": ["长" * 700]}), tmp_path / "a.dta")
    with pytest.raises(UsageError, match="does not exist"):
        write_table(ROWS, tmp_path / "no" / "a.csv")
    with pytest.raises(UsageError, match="do not fit into a sheet"):
        write_table(pl.DataFrame({"a": pl.int_range(1_048_576, eager=True)}), tmp_path / "a.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_an_older_file_stays_when_writing_fails(tmp_path: Path) -> None:
    path = tmp_path / "a.dta"
    write_table(pl.DataFrame({"a": [1.0]}), path)
    before = path.read_bytes()
    with pytest.raises(UsageError):
        write_table(pl.DataFrame({"1a": [2.0]}), path)
    assert path.read_bytes() == before
