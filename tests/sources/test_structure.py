"""Rows of other cells than their headings, quotes, zero bytes, headings alike: refused or counted, with the row."""

from __future__ import annotations

import csv
import datetime
import io
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

from integrade.errors import IntegradeError, NotANumber, Unreadable
from integrade.records.schema import conform
from integrade.sources import read_canonical, read_prices
from integrade.sources.cells.structure import is_misfit
from integrade.sources.files import readers
from rawcells.bytes import encodings

HEAD = "firm,year,region,assets\n"


def written(tmp_path: Path, text: str | bytes, name: str = "f.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.fixture(params=["small", "large"])
def both_ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file read at once, and one read in blocks."""
    if request.param == "large":
        monkeypatch.setattr(readers, "SMALL", 0)
        monkeypatch.setattr(encodings, "BLOCK", 40)


@pytest.mark.usefixtures("both_ways")
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_rows_with_too_few_cells_are_counted(separator: str, tmp_path: Path) -> None:
    text = HEAD + 'A,2004,x,1\nB,2004\nC,2004,"x",3\nD,2004,y,\n\nE,2004\n'
    table = read_canonical("firms", written(tmp_path, text.replace(",", separator)))
    said = "fewer cells than the headings: 2 (first: row 3, 2 of 4)"
    assert said in str(table.account)
    assert table.polars().sort("firm")["assets"].to_list() == [1.0, None, 3.0, None, None]


@pytest.mark.usefixtures("both_ways")
def test_quotes_that_do_not_fit_swallow_no_rows_in_silence(tmp_path: Path) -> None:
    """Behind text after a closing quote the next quote opened a cell that held all rows up to another one."""
    rows = "".join(f'"{c}","200{i}","x","{i}"\n' for i, c in enumerate("CDEF"))
    text = f'"firm","year","region","assets"\n"A"B","2004","x","1","2005","y","2"\n{rows}"G","2"k","2004","z","1"\n'
    with pytest.raises(Unreadable, match="row 2 has text after a closing quote"):
        read_canonical("firms", written(tmp_path, text))


@pytest.mark.usefixtures("both_ways")
def test_whole_rows_with_empty_cells_are_not_said_to_be_short(tmp_path: Path) -> None:
    table = read_canonical("firms", written(tmp_path, HEAD + 'A,2004,"x, y",\nB,2004,,\n\nC,2004,z,1\n\n'))
    assert "fewer cells" not in str(table.account)


@pytest.mark.usefixtures("both_ways")
@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("B,2004,x,2,9", "row 3 has 5 cells, the heading has 4"),
        ('B,2004,"x,2', "row 3 opens a quote that is not closed"),
        ('B,2004,"x"y,2', "row 3 has text after a closing quote"),
        ('B,2004,x,"1"2"3"', "row 3 has text after a closing quote"),
        ('B,2004,"the "best" of",2', "row 3 has text after a closing quote"),
        ('""B"",2004,x,2', "row 3 has text after a closing quote"),
        (r'B,2004,"the \"best\"",2', "row 3 has text after a closing quote"),
        ('B,2004,x"y,2', "row 3 has a quote within a cell that has none around it"),
        ('B"b,9,"z",2004,x"y,2', "row 3 has 6 cells, the heading has 4"),
        ('B"b,2004,x"y,2', "row 3 has a quote within a cell that has none around it"),
        ('B,x","2004",""z",2', "row 3 has text after a closing quote"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(row: str, says: str, tmp_path: Path) -> None:
    path = written(tmp_path, f"{HEAD}A,2004,x,1\n{row}\nC,2004,z,3\n")
    with pytest.raises(Unreadable, match=says):
        read_canonical("firms", path)


@settings(max_examples=300, deadline=None, database=None, derandomize=True)
@given(st.lists(st.lists(st.text('a,"\n5 ', max_size=5), min_size=1, max_size=4), max_size=4))
def test_quotes_that_fit_are_no_misfit(rows: list[list[str]]) -> None:
    held = io.StringIO()
    csv.writer(held).writerows(rows)
    assert not is_misfit(held.getvalue().encode(), b",")


def test_quotes_within_a_cell_without_quotes_are_text(tmp_path: Path) -> None:
    table = read_canonical("firms", written(tmp_path, HEAD + 'A,2004,the "best" of,1\n'))
    assert table.polars()["region"].to_list() == ['the "best" of']


@pytest.mark.usefixtures("both_ways")
@pytest.mark.parametrize(
    ("row", "says"), [("Лукойл,2004,x,2,9", "row 3 has 5 cells"), ('"Б" x,2004,x,2', "row 3 has text")]
)
def test_a_row_is_named_in_an_encoding_that_was_given(row: str, says: str, tmp_path: Path) -> None:
    path = written(tmp_path, f"{HEAD}Газпром,2004,x,1\n{row}\n".encode("cp1251"))
    with pytest.raises(Unreadable, match=says):
        read_canonical("firms", path, encoding="cp1251")


@pytest.mark.usefixtures("both_ways")
def test_quotes_that_swallow_rows_are_refused(tmp_path: Path) -> None:
    """The quote opened in row 3 is closed by one in row 5: two firms would be gone, in silence."""
    text = HEAD + 'A,2004,x,1\nB,2004,"x,2\nC,2004,x,3\nD,2004,y",4\nE,2004,z,5\n'
    with pytest.raises(Unreadable, match="one quoted cell of row 3 contains 3 lines, each of 4 cells"):
        read_canonical("firms", written(tmp_path, text))


@pytest.mark.usefixtures("both_ways")
def test_line_breaks_in_quotes_are_counted(tmp_path: Path) -> None:
    table = read_canonical("firms", written(tmp_path, HEAD + 'A,2004,"Street 1\nTown",1\nB,2004,x,2\n'))
    assert table.polars().height == 2
    assert "rows that span several lines, with line breaks in quotes: 1 (first: row 2)" in str(table.account)


@pytest.mark.usefixtures("both_ways")
@pytest.mark.parametrize("text", [HEAD + "A,2004,x,1\nB\0,2004,x,2\n", HEAD + "A,2004,x,1\nB,2004,x,2\0\n"])
def test_a_zero_byte_is_named_with_its_line(text: str, tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="zero byte in line 3"):
        read_canonical("firms", written(tmp_path, text))


def test_a_zero_byte_in_the_headings(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="zero byte in line 1"):
        read_canonical("firms", written(tmp_path, "fi\0rm,year,assets\nA,2004,1\n"))


def test_headings_alike_are_said(tmp_path: Path) -> None:
    table = read_canonical("firms", written(tmp_path, "firm,year,assets,assets\nA,2004,1,2\n"))
    assert "duplicate heading: assets in columns 3 and 4; the second is read as assets.1" in str(table.account)
    own = read_canonical("firms", written(tmp_path, "firm,year,assets,assets.1\nA,2004,1,2\n"))
    assert "alike" not in str(own.account)


def test_headings_alike_over_a_row_that_tells_them_apart_are_not_said(tmp_path: Path) -> None:
    body = ",Food,Rent,Food,Rent\nEne 2014,101.5,99.2,100.4,98.1\nFeb 2014,101.9,99.4,100.8,98.0\n"
    prices = read_prices(written(tmp_path, f"Periodo,Sonora,Sonora,Jalisco,Jalisco\n{body}"))
    assert prices.polars().height == 8
    assert "duplicate heading" not in str(prices.account)
    texts = "firm,year,assets,note,note\nA,2004,1,x,y\nB,2004,2,z,w\n"
    assert "duplicate heading: note" in str(read_canonical("firms", written(tmp_path, texts)).account)


CELL = st.text(st.sampled_from('ab ,;"\n\r\té1.'), max_size=4)


@settings(max_examples=150, deadline=None, database=None, derandomize=True)
@given(st.lists(st.lists(CELL, min_size=1, max_size=6), max_size=6))
def test_no_row_is_lost_in_silence(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]) -> None:
    """What is read has as many rows as there are lines that say something, or the account says why not."""
    text = HEAD + "".join(",".join(row) + "\n" for row in rows)
    path = written(tmp_path_factory.mktemp("rows"), text)
    lines = [line for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[1:] if line.strip(', "\t')]
    try:
        table = readers.read_raw(path, engine="polars")
    except IntegradeError:
        return
    got = table.polars().height
    assert got >= len(lines) or "several lines" in str(table.account) or "\r" in text


TIMES: dict[str, Any] = {
    "date": datetime.date(2004, 1, 2),
    "moment": datetime.datetime(2004, 1, 2, 3),
    "duration": datetime.timedelta(hours=3),
    "time": datetime.time(3, 4),
}


@pytest.mark.parametrize("kind", TIMES)
def test_a_date_or_duration_is_no_number(kind: str, tmp_path: Path) -> None:
    frame = pl.DataFrame({"firm": ["A"], "year": [2004], "assets": [TIMES[kind]]})
    with pytest.raises(NotANumber, match="column 'assets' of firms holds"):
        conform(frame, "firms")
    frame.write_parquet(tmp_path / "f.parquet")
    with pytest.raises(NotANumber, match="assets"):
        read_canonical("firms", tmp_path / "f.parquet")


def test_the_longest_cell_of_csv_of_the_host_program_stays(tmp_path: Path) -> None:
    """A cell beyond Python's usual 131,072 characters is read, and what other code reads stays bounded."""
    before = csv.field_size_limit()
    try:
        csv.field_size_limit(1_000)
        path = written(tmp_path, HEAD + f'A,2004,"{"x" * 200_000}",1\n')
        assert len(read_canonical("firms", path).polars()["region"][0]) == 200_000
        flawed = written(tmp_path, HEAD + f'A,2004,"{"x" * 200_000}",1\nB,2004,"x"y,1\n')
        with pytest.raises(Unreadable, match="row 3"):
            read_canonical("firms", flawed)
        assert csv.field_size_limit() == 1_000
        with pytest.raises(csv.Error, match="field limit"):
            list(csv.reader(["x" * 1_001]))
    finally:
        csv.field_size_limit(before)


def test_an_import_changes_no_setting_of_csv() -> None:
    program = (
        "import csv; n, d = csv.field_size_limit(), csv.list_dialects(); import integrade.sources.cells.delimited; "
        "import integrade.cli; assert (csv.field_size_limit(), csv.list_dialects()) == (n, d), csv.field_size_limit()"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize("engine", ["polars", "duckdb", "auto"])
def test_columns_of_a_parquet_file_alike_are_named(tmp_path: Path, engine: Any) -> None:
    """The file was called damaged."""
    rows = pa.table([["A"], [2004], [1.0], [2.0]], names=["region", "year", "gdp_x", "gdp_x"])
    pq.write_table(rows, tmp_path / "f.parquet")
    with pytest.raises(Unreadable, match=r"f\.parquet has two columns called 'gdp_x'"):
        read_canonical("covariates", tmp_path / "f.parquet", engine=engine)
    pq.write_table(rows.rename_columns(["region", "year", "gdp_x", "gdp_y"]), tmp_path / "f.parquet")
    assert read_canonical("covariates", tmp_path / "f.parquet", engine=engine).polars().height == 1
