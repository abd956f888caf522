"""Dates of files of every format become years and months, said in the account; what is not certain is refused."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
import zoneinfo
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyreadstat
import pytest
import xlsxwriter

from each import each, each_pair
from integrade.cli import run
from integrade.engine.frames import Table
from integrade.errors import AmbiguousDate, DuplicateKeys, MissingColumn, NotADate, OutOfRange
from integrade.sources import read_canonical, read_prices
from integrade.sources.files.headings import known_columns
from integrade.sources.files.reading import Reading

ENGINES = ["polars", "duckdb"]
MONTHS = [(2010, 1), (2010, 2)]


def prices(heading: str, cells: Sequence[Any]) -> pl.DataFrame:
    """Two regions by the periods of the cells, one good."""
    rows = [(r, c, "food", 100.0 + i + j) for j, r in enumerate("AB") for i, c in enumerate(cells)]
    return pl.DataFrame(rows, schema=["region", heading, "commodity", "index"], orient="row", strict=False)


def as_csv(frame: pl.DataFrame, folder: Path) -> Path:
    frame.write_csv(folder / "p.csv")
    return folder / "p.csv"


def as_parquet(frame: pl.DataFrame, folder: Path) -> Path:
    frame.write_parquet(folder / "p.parquet")
    return folder / "p.parquet"


def as_xlsx(frame: pl.DataFrame, folder: Path) -> Path:
    with xlsxwriter.Workbook(folder / "p.xlsx", {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        for i, row in enumerate([tuple(frame.columns), *frame.rows()]):
            sheet.write_row(i, 0, row)
    return folder / "p.xlsx"


def as_duckdb(frame: pl.DataFrame, folder: Path) -> Path:
    import duckdb

    with duckdb.connect(str(folder / "p.duckdb")) as connection:
        connection.register("rows", frame)
        connection.execute("create table prices as select * from rows")
    return folder / "p.duckdb#prices"


def periods(table: Table) -> list[tuple[int, int | None]]:
    found = table.polars()
    names = [c for c in ("year", "month") if c in found.columns]
    return sorted(set(found.select(names).rows()))  # type: ignore[arg-type]


def said(table: Table) -> str:
    return "\n".join(str(e.reason) for e in table.account)


@each("engine", ENGINES)
@each(
    ("heading", "cells", "expected"),
    [
        ("date", ["2010-01", "2010-02"], MONTHS),
        ("year", ["2010M01", "2010M02"], MONTHS),
        ("fecha", ["ene 2010", "feb 2010"], MONTHS),
        ("日期", ["2010年1月", "2010年2月"], MONTHS),
        ("month", ["201001", "201002"], MONTHS),
        ("Date", ["31/01/2010", "28/02/2010"], MONTHS),
        ("date", ["40179", "40210"], MONTHS),
        ("time", ["2010Q1", "2010Q2"], [(2010, 3), (2010, 6)]),
        ("year", ["2010-11", "2011-12", "2012-13"], [(2010,), (2011,), (2012,)]),
        ("year", ["2553", "2554"], [(2010,), (2011,)]),
        ("date", ["2010-01-01", "2011-01-01"], [(2010,), (2011,)]),
        ("year", ["2010", "2011"], [(2010,), (2011,)]),
    ],
)
def test_a_column_of_periods_gives_year_and_month(
    heading: str, cells: list[str], expected: list[Any], engine: Any, tmp_path: Path
) -> None:
    table = read_canonical("prices", as_csv(prices(heading, cells), tmp_path), engine=engine)
    assert periods(table) == expected
    assert table.polars()["index"].sum() == prices(heading, cells)["index"].sum()
    assert (f"{heading!r} read as" in said(table)) == (cells != ["2010", "2011"])


@each_pair(
    ("write", [as_parquet, as_xlsx, as_duckdb]),
    (
        "cells",
        [
            [datetime.date(2010, 1, 31), datetime.date(2010, 2, 28)],
            [datetime.datetime(2010, 1, 31, 7, 30), datetime.datetime(2010, 2, 28, 7, 30)],
            [201001, 201002],
            ["2010-01", "2010-02"],
        ],
    ),
    ("heading", ["date", "year"]),
)
def test_dates_of_other_formats(
    write: Callable[[pl.DataFrame, Path], Any], cells: list[Any], heading: str, tmp_path: Path
) -> None:
    assert periods(read_canonical("prices", str(write(prices(heading, cells), tmp_path)))) == MONTHS


def test_stata_dates_and_what_it_counts(tmp_path: Path) -> None:
    rows = prices("year", [0, 1]).to_pandas()
    days = pd.Series([datetime.date(2010, 1, 31), datetime.date(2010, 2, 28)] * 2)
    for form, values, expected in (
        ("%td", days, MONTHS),
        ("%tm", rows["year"] + 600, MONTHS),
        ("%tq", rows["year"] + 200, [(2010, 3), (2010, 6)]),
        ("%th", rows["year"] + 100, [(2010, 6), (2010, 12)]),
    ):
        path = tmp_path / "p.dta"
        pyreadstat.write_dta(rows.assign(year=values), str(path), variable_format={"year": form})
        assert periods(read_canonical("prices", path)) == expected, form
        assert known_columns("gdp", [path], Reading(columns={"index": "real_gdp"})).kinds["year"] == "number"


def test_periods_of_four_may_be_months_or_quarters(tmp_path: Path) -> None:
    rows = prices("period", [1, 2]).with_columns(year=2010)
    path = as_csv(rows, tmp_path)
    with pytest.raises(AmbiguousDate, match="may be months or quarters") as caught:
        read_canonical("prices", path)
    assert 'columns={"period": "quarter"}' in caught.value.remedy
    assert periods(read_canonical("prices", path, columns={"period": "quarter"})) == [(2010, 3), (2010, 6)]
    assert periods(read_canonical("prices", path, columns={"period": "month"})) == MONTHS
    year = as_csv(prices("period", [4, 5]).with_columns(year=2010), tmp_path)
    assert periods(read_canonical("prices", year)) == [(2010, 4), (2010, 5)]


@pytest.mark.parametrize("engine", ENGINES)
def test_ambiguous_dates_are_refused_and_both_remedies_work(engine: Any, tmp_path: Path) -> None:
    path = as_csv(prices("date", ["01/02/2010", "01/03/2010"]), tmp_path)
    with pytest.raises(AmbiguousDate) as caught:
        read_canonical("prices", path, engine=engine)
    assert "date=01/02/2010 is 1 February 2010 (dmy) or 2 January 2010 (mdy)" in caught.value.example
    assert str(path) in caught.value.where
    assert periods(read_canonical("prices", path, engine=engine, dates="dmy")) == [(2010, 2), (2010, 3)]
    with pytest.raises(DuplicateKeys, match="year, month"):  # two days of January are no monthly price
        read_canonical("prices", path, engine=engine, dates="mdy")


def test_the_option_stands_on_the_command_line_and_in_a_recipe(tmp_path: Path, capsys: Any) -> None:
    path = as_csv(prices("date", ["01/02/2010", "01/03/2010"]), tmp_path)
    out = tmp_path / "out.csv"
    assert run(["integration", str(path), "--out", str(out)]) == 1
    assert "--dates dmy" in capsys.readouterr().err
    assert run(["integration", str(path), "--out", str(out), "--dates", "dmy", "--basis", "link"]) in (0, 1)
    assert "D214" not in capsys.readouterr().err
    recipe = 'name = "m"\ntable = "prices"\ntitle = ""\nprovider = ""\nurl = ""\ncite = ""\ndates = "dmy"\n[columns]\n'
    recipe += 'region = {from = "region"}\nyear = {from = "date"}\ncommodity = {from = "commodity"}\n'
    (tmp_path / "m.toml").write_text(recipe + 'index = {from = "index"}\n', encoding="utf-8")
    assert periods(read_canonical("prices", path, source=str(tmp_path / "m.toml"))) == [(2010, 2), (2010, 3)]


def test_periods_of_several_lengths_are_refused_and_the_filter_helps(tmp_path: Path) -> None:
    path = as_csv(prices("year", ["2010", "2010M01", "2010M02"]), tmp_path)
    with pytest.raises(NotADate, match="different lengths") as caught:
        read_canonical("prices", path)
    assert "data row 1: year=2010 (a year); data row 2: year=2010M01 (a month)" in caught.value.example
    table = read_canonical("prices", path, where='year != "2010"')
    assert periods(table) == MONTHS
    assert sum(e.rows for e in table.account if e.kind == "dropped") == 2


def test_a_filter_knows_years_and_months_that_are_made(tmp_path: Path) -> None:
    path = as_csv(prices("date", ["2009-12", "2010-01", "2010-02"]), tmp_path)
    assert periods(read_canonical("prices", path, where="year >= 2010")) == MONTHS
    assert periods(read_canonical("prices", path, where='date != "2009-12"')) == MONTHS


def test_months_beside_years_may_be_named_or_quarters(tmp_path: Path) -> None:
    for heading, cells, expected in (
        ("month", ["Jan", "Feb"], MONTHS),
        ("月份", ["1月", "2月"], MONTHS),
        ("period", ["M01", "M02"], MONTHS),
        ("quarter", ["1", "2"], [(2010, 3), (2010, 6)]),
        ("qtr", ["Q1", "Q2"], [(2010, 3), (2010, 6)]),
        ("month", ["2010-01", "2010-02"], MONTHS),
    ):
        frame = prices(heading, cells).with_columns(year=pl.lit(2010))
        assert periods(read_canonical("prices", as_csv(frame, tmp_path))) == expected, heading
    frame = prices("month", ["2011-01", "2011-02"]).with_columns(year=pl.lit(2010))
    with pytest.raises(Exception, match="month"):
        read_canonical("prices", as_csv(frame, tmp_path))


def test_tables_of_years_leave_months_out_and_say_so(tmp_path: Path) -> None:
    path = tmp_path / "gdp.csv"
    path.write_text("region,date,gdp\nA,2010-12,5\nA,2011-12,6\n", encoding="utf-8")
    table = read_canonical("gdp", path)
    assert periods(table) == [(2010,), (2011,)]
    assert "months are dropped" in said(table)
    path.write_text("region,date,gdp\nA,2010-11,5\nA,2010-12,6\n", encoding="utf-8")
    with pytest.raises(DuplicateKeys):
        read_canonical("gdp", path)
    assert known_columns("gdp", [path], Reading()).kinds == {"region": "text", "year": "number", "real_gdp": "number"}


def test_customs_of_days_are_summed_by_month(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    rows = [f"F,0101,USA,{d},10,2" for d in ("2010-01-05", "2010-01-20", "2010-02-01")]
    path.write_text("firm,product,destination,date,value,quantity\n" + "\n".join(rows), encoding="utf-8")
    table = read_canonical("customs", path)
    assert periods(table) == MONTHS
    assert "days, reduced to year and month" in said(table)
    assert table.polars()["value"].sum() == 30


def test_what_is_no_period_stays_what_it_was(tmp_path: Path) -> None:
    with pytest.raises(MissingColumn, match="'year'"):
        read_canonical("prices", as_csv(prices("date", ["before", "after"]), tmp_path))
    with pytest.raises(OutOfRange):
        read_canonical("prices", as_csv(prices("year", ["20013", "2003"]), tmp_path))
    frame = prices("year", ["2010", "2011"]).with_columns(date=pl.lit("2010-01-05"))
    assert periods(read_canonical("prices", as_csv(frame, tmp_path))) == [(2010,), (2011,)]


def test_missing_dates_are_dropped_and_counted(tmp_path: Path) -> None:
    table = read_canonical("prices", as_csv(prices("date", ["2010-01", "NA", "2010-02"]), tmp_path))
    assert periods(table) == MONTHS
    assert sum(e.rows for e in table.account if e.kind == "dropped") == 2


def test_the_portals_months_may_be_fiscal_years(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    head = "时间,北京,北京\n时间,食品类居民消费价格指数(上年=100),衣着类居民消费价格指数(上年=100)\n"
    path.write_text(head + "2010-11,101,102\n2011-12,103,104\n2012-13,101,99\n", encoding="utf-8")
    assert periods(read_canonical("prices", path)) == [(2010,), (2011,), (2012,)]
    path.write_text(head + "2010-11,101,102\n", encoding="utf-8")
    with pytest.raises(AmbiguousDate):
        read_canonical("prices", path)
    assert periods(read_canonical("prices", path, dates="ymd")) == [(2010, 11)]


def test_quarters_headed_as_months_are_told(tmp_path: Path) -> None:
    rows = [
        (region, year, quarter, "food", 100.0 + quarter)
        for region in "AB"
        for year in (2010, 2011)
        for quarter in range(1, 5)
    ]
    table = pl.DataFrame(rows, schema=["region", "year", "month", "commodity", "index"], orient="row")
    path = as_csv(table, tmp_path)
    said = [e for e in read_canonical("prices", path).account if e.kind == "warning"]
    assert [str(e.reason) for e in said] == [
        "'month' contains only 1 to 4 in every year: read as January to April; if these are quarters, specify "
        'columns={"month": "quarter"}'
    ]
    quarters = read_canonical("prices", path, columns={"month": "quarter"}).polars()
    assert sorted(quarters["month"].unique()) == [3, 6, 9, 12]
    as_csv(table.filter(pl.col("year") == 2010), tmp_path)
    assert not [e for e in read_canonical("prices", path).account if e.kind == "warning"]


ZONED = """
import sys, integrade as ig
for name in sys.argv[1:]:
    for engine in ("polars", "duckdb"):
        table = ig.read_prices(name, engine=engine, columns={"it's \\"day\\"": "year"})
        rows = table.polars().select("year", "month").sort("year", "month").rows()
        print(rows, "the time zone" in str(table.account))
"""


@pytest.mark.parametrize("machine", ["Asia/Tokyo", "America/Lima"])
def test_the_first_of_january_is_that_of_the_zone_of_the_file(machine: str, tmp_path: Path) -> None:
    """Midnight in Shanghai is the day before in London; where the machine stands and the engine change nothing."""
    names = []
    for i, zone in enumerate(("Asia/Shanghai", "America/New_York", "UTC", "Etc/GMT-8")):
        first = datetime.datetime(2006, 1, 1, tzinfo=zoneinfo.ZoneInfo(zone))
        days = pl.Series([first, first.replace(month=2)], dtype=pl.Datetime("us", zone))
        rows = {"region": ["A", "A"], 'it\'s "day"': days, "commodity": ["x", "x"], "index": [100.0, 101.0]}
        names.append(str(tmp_path / f"{i}.parquet"))
        pl.DataFrame(rows).write_parquet(names[-1])
    done = subprocess.run(
        [sys.executable, "-c", ZONED, *names],
        env={**os.environ, "TZ": machine},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["[(2006, 1), (2006, 2)] True"] * 8


@pytest.mark.parametrize(
    ("heading", "cells", "months"),
    [
        ("month", ("I", "V", "X", "XII"), [1, 5, 10, 12]),
        ("month", ("I", "II", "III", "IV"), [1, 2, 3, 4]),
        ("quarter", ("I", "II", "III", "IV"), [3, 6, 9, 12]),
        ("period", ("I", "VI", "VII", "X"), [1, 6, 7, 10]),
    ],
)
def test_roman_numerals_beside_years_are_months(
    tmp_path: Path, heading: str, cells: Sequence[str], months: list[int]
) -> None:
    lines = (f"R{r},2010,{m},k{g},{100 + r + g}.5" for r in range(3) for m in cells for g in range(3))
    path = tmp_path / "a.csv"
    path.write_text("\n".join((f"region,year,{heading},commodity,index", *lines)), encoding="utf-8")
    assert read_canonical("prices", [path]).polars()["month"].unique().sort().to_list() == months


def test_roman_numerals_up_to_four_beside_years_are_asked_for(tmp_path: Path) -> None:
    lines = (f"R{r},2010,{m},k,{100 + r}.5" for r in range(3) for m in ("I", "II", "III", "IV"))
    path = tmp_path / "a.csv"
    path.write_text("\n".join(("region,year,period,commodity,index", *lines)), encoding="utf-8")
    with pytest.raises(AmbiguousDate, match="may be months or quarters"):
        read_canonical("prices", [path])


@each_pair(
    ("engine", ENGINES), ("heading", ["year", "fecha"]), ("cells", [("Ene 2014", "Feb 2014"), ("2014-01", "2014-02")])
)
def test_footnotes_below_a_table_of_text_are_no_dates(
    tmp_path: Path, heading: str, cells: tuple[str, str], engine: Any
) -> None:
    path = tmp_path / "p.csv"
    months = [f"{cells[t % 2]};{region};food;{100 + t}.5" for region in ("A", "B") for t in range(2)]
    lines = [f"{heading};region;commodity;index", *months]
    path.write_text("\n".join([*lines, "", "Nota: las cifras son definitivas.", "Fuente: INEGI. Precios."]) + "\n")
    read = read_prices(path, engine=engine)
    assert read.polars().height == 4
    [dropped] = [e for e in read.account if e.kind == "dropped"]
    assert (dropped.rows, dropped.example) == (2, "Nota: las cifras son definitivas.")
    path.write_text("\n".join([*lines, "Fuente: INEGI;A;food;100"]) + "\n")
    with pytest.raises(NotADate, match="has text that is not a period"):
        read_prices(path)
