"""Tables written by suffix and read back; complete files or none."""

from __future__ import annotations

import datetime
import os
import subprocess
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from each import each
from integrade.engine.frames import Table, on_engine
from integrade.errors import UsageError
from integrade.sources import read_raw, read_table, write_table
from library import needs_r

ROWS = pl.DataFrame(
    {
        "firm": ['甲,"公司"', "乙\n公司", None],
        "year": [2005, 2006, None],
        "x": [1.5, None, -2.0],
        "code": ["0101", "", "9"],
    }
)


@each("suffix", [".csv", ".parquet", ".dta", ".xlsx", ".CSV"])
@each("engine", ["polars", "duckdb"])
def test_round_trip(tmp_path: Path, suffix: str, engine: Any) -> None:
    path = tmp_path / f"表{suffix}"
    write_table(Table("t", on_engine(ROWS, engine).to_native()), path)
    back = read_table(path).polars()
    assert back.columns == ROWS.columns
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    clean = ROWS.with_columns(pl.col(pl.String).replace("", None))
    found = back.with_columns(pl.col(pl.String).replace("", None), pl.col("year").cast(pl.Int64))
    assert found.rows() == clean.rows()


SAME = pl.DataFrame(
    {
        "企业": ['甲,"公司"', "乙\n公司", None, "丁"],
        "code": ["101", "22", "303", None],
        "hs": ["010121", "0202", None, "03"],
        "year": [2005, 2006, None, 2008],
        "x": [1.5, None, -2e-300, 1 / 3],
        "n": [2**31, 1, -5, None],
        "none": pl.Series([None] * 4, dtype=pl.Float64),
        "flag": [True, False, None, True],
    }
)


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".dta", ".xlsx"])
def test_what_is_written_reads_back_identical(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"表{suffix}"
    rows = SAME if suffix != ".dta" else SAME.rename({"企业": "firm"}).cast({"flag": pl.Int64})  # Stata has no logical
    write_table(rows, path)
    back = read_table(path).polars()
    if suffix == ".dta":
        assert back.schema["n"] == pl.Float64, "2^31 is beyond Stata's long"
        back = back.cast({"n": pl.Int64})
    assert back.columns == rows.columns
    assert back.schema == rows.schema
    assert back.rows() == rows.rows()
    again = tmp_path / f"again{suffix}"
    write_table(back, again)
    assert read_table(again).polars().rows() == rows.rows()


def test_stata_files_are_of_format_118_and_refuse_inexact_numbers(tmp_path: Path) -> None:
    write_table(pl.DataFrame({"a": [1]}), tmp_path / "a.dta")
    assert b"<release>118</release>" in (tmp_path / "a.dta").read_bytes()[:60]  # Stata 14 on, every edition
    with pytest.raises(UsageError, match="a number of column 'a' is too large for Stata"):
        write_table(pl.DataFrame({"a": [2**53 + 1]}), tmp_path / "b.dta")


@pytest.mark.system
def test_haven_reads_what_is_written(tmp_path: Path) -> None:
    """R's haven: values, types and Chinese text."""
    needs_r("haven")
    write_table(SAME.rename({"企业": "firm", "x": "quality"}), tmp_path / "a.dta")
    script = """
      d <- haven::read_dta(commandArgs(TRUE)[1], encoding = "UTF-8")
      cat(paste(names(d), vapply(d, function(x) class(as.vector(x)), ""), sep = "="), sep = "\n")
      cat(enc2utf8(d$firm), d$code, d$hs, format(d$quality, digits = 17), d$n, d$year, sep = "\n")
      cat("", attr(d$quality, "label"), attr(d$firm, "label"), sep = "\n")
    """
    (tmp_path / "read.R").write_text(script, encoding="utf-8")
    done = subprocess.run(
        ["Rscript", str(tmp_path / "read.R"), str(tmp_path / "a.dta")],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    said = done.stdout
    assert "firm=character" in said
    assert "year=numeric" in said
    assert "standardised export quality (0..1 for minmax and rank)" in said
    for text in ('甲,"公司"', "乙\n公司", "丁", "101", "010121", "3.3333333333333331e-01", "2147483648", "2008"):
        assert text in said, (text, said, done.stderr)


def test_frames_of_any_kind_are_written(tmp_path: Path) -> None:
    for name, frame in (("a", ROWS), ("b", ROWS.to_pandas()), ("c", ROWS.to_arrow()), ("d", ROWS.lazy())):
        write_table(frame, tmp_path / f"{name}.csv")
        lines = (tmp_path / f"{name}.csv").read_text(encoding="utf-8").splitlines()
        assert lines[0] == "firm,year,x,code"
        assert lines[1].startswith('"甲,""公司""",2005')
        assert lines[1].endswith(',1.5,"0101"')


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
        (None, True, "2005-01-02", "=1+1"),
        (None, None, "2005-01-02", "http://a"),
    ]


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


@each("suffix", [".csv", ".parquet", ".dta", ".xlsx"])
@each("place", ["cell", "category", "heading"])
def test_a_zero_byte_reads_back_the_same_or_is_refused(place: str, suffix: str, tmp_path: Path) -> None:
    rows = {
        "cell": pl.DataFrame({"a": ["x\0y", "z"], "n": [1, 2]}),
        "category": pl.DataFrame({"a": pl.Series(["x\0y", "z"], dtype=pl.Categorical), "n": [1, 2]}),
        "heading": pl.DataFrame({"a\0b": ["x", "z"], "n": [1, 2]}),
    }[place]
    path = tmp_path / f"t{suffix}"
    try:
        write_table(rows, path)
    except UsageError:
        assert list(tmp_path.iterdir()) == []
        assert suffix != ".parquet"
        return
    assert suffix in (".parquet", ".xlsx")
    assert [[str(v) for v in row] for row in read_table(path).polars().rows()] == [
        [str(v) for v in row] for row in rows.rows()
    ]


@pytest.mark.parametrize("target", ["out.csv", "out.dta", "out.xlsx", "-"])
def test_columns_of_lists_records_and_bytes_are_refused_outside_parquet(target: str, tmp_path: Path) -> None:
    """csv ended in a traceback of the engine; workbooks and .dta had the code of Python as text."""
    odd = {"l": [[1], [2]], "s": [{"a": 1}, {"a": 2}], "b": [b"a", b"b"], "d": pl.Series([1, 2], dtype=pl.Duration)}
    rows = pl.DataFrame({"x": [1, 2], **odd})
    with pytest.raises(UsageError, match="'l', 's', 'b', 'd': only Parquet can store columns of lists"):
        write_table(rows, target if target == "-" else tmp_path / target)
    write_table(rows, tmp_path / "out.parquet")
    assert [p.name for p in tmp_path.iterdir()] == ["out.parquet"]


def test_a_zero_byte_is_not_printed(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    with pytest.raises(UsageError, match="zero byte"):
        write_table(pl.DataFrame({"a": ["x\0y"]}), "-")
    assert capsysbinary.readouterr().out == b""
