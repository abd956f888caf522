"""Periods and names across: what each layout gives, what is asked, and that the answer to the question works."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pyreadstat
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from each import each
from integrade.engine.frames import Table
from integrade.errors import (
    AmbiguousDate,
    DuplicateKeys,
    IntegradeError,
    MissingColumn,
    NotADate,
    NotANumber,
    Problems,
    UnclearLayout,
    Unreadable,
    UsageError,
)
from integrade.sources import read_covariates, read_firms, read_flows, read_gdp, read_output, read_prices
from integrade.sources.files import readers
from integrade.sources.files.headings import known_columns
from integrade.sources.files.reading import Reading

TWO_STUBS = "State,Item,2010,2011,2012\nJohor,Rice,100,102.5,103\nJohor,Fish,100,99,\nKedah,Rice,100,101,102\n"
ACROSS = [["State", 2010, 2011], ["Johor", 100.5, 102], ["Kedah", 100, 103]]
RICE = [
    ("Johor", 2010, "Rice", 100.5),
    ("Johor", 2011, "Rice", 102.0),
    ("Kedah", 2010, "Rice", 100.0),
    ("Kedah", 2011, "Rice", 103.0),
]


def write(folder: Path, text: str, name: str = "a.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def book(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    with xlsxwriter.Workbook(str(path)) as workbook:
        for name, rows in sheets.items():
            sheet = workbook.add_worksheet(name)
            for i, row in enumerate(rows):
                sheet.write_row(i, 0, row)
    return path


def rows_of(table: Table, *names: str) -> list[tuple[Any, ...]]:
    return table.polars().select(names or ("region", "year", "commodity", "index")).sort(pl.all()).rows()


def test_years_across_with_two_stubs(tmp_path: Path) -> None:
    table = read_prices(write(tmp_path, TWO_STUBS))
    assert rows_of(table)[:3] == [
        ("Johor", 2010, "Fish", 100.0),
        ("Johor", 2010, "Rice", 100.0),
        ("Johor", 2011, "Fish", 99.0),
    ]
    assert table.polars().height == 8
    account = str(table.account)
    assert "'State' = region, 'Item' = commodity" in account
    assert "3 periods in columns, 2010 to 2012" in account
    assert "1 row dropped: empty cell" in account
    kept = read_prices(write(tmp_path, TWO_STUBS), where='State == "Kedah"')
    assert rows_of(kept)[0] == ("Kedah", 2010, "Rice", 100.0)


@pytest.mark.parametrize("heading", ["State", "", "Unnamed: 0", "Negeri"])
def test_any_heading_over_the_first_column(tmp_path: Path, heading: str) -> None:
    path = write(tmp_path, TWO_STUBS.replace("State", heading))
    assert rows_of(read_prices(path))[1] == ("Johor", 2010, "Rice", 100.0)
    path = book(tmp_path / "a.xlsx", {"Rice": [[heading, *ACROSS[0][1:]], *ACROSS[1:]], "Fish": ACROSS[:1]})
    told = read_prices(path, layout={"rows": "region", "commodity": "Rice"})
    assert rows_of(told) == RICE
    mapped = read_prices(path, columns={heading or "column_1": "region"}, layout={"commodity": "Rice"})
    assert rows_of(mapped) == RICE


def test_months_in_csv_with_title_thousands_and_source(tmp_path: Path) -> None:
    text = 'State,Item,2010-01,2010-02\nJohor,Rice,"1,100.5",102\nKedah,Rice,100,-\nSource: statistics\n'
    table = read_prices(write(tmp_path, text))
    assert rows_of(table, "region", "year", "month", "index") == [
        ("Johor", 2010, 1, 1100.5),
        ("Johor", 2010, 2, 102.0),
        ("Kedah", 2010, 1, 100.0),
    ]
    assert "1 row without a number: titles, notes or group headings (e.g. Source: statistics)" in str(table.account)


def test_headings_decide_together_what_they_are(tmp_path: Path) -> None:
    text = "State,Item,2008-09,2009-10,2010-11\nJohor,Rice,1,2,3\n"
    assert rows_of(read_prices(write(tmp_path, text)), "year", "index") == [(2008, 1.0), (2009, 2.0), (2010, 3.0)]
    monthly = read_prices(write(tmp_path, text), dates="ymd")
    assert rows_of(monthly, "year", "month") == [(2008, 9), (2009, 10), (2010, 11)]
    with pytest.raises(AmbiguousDate):
        read_prices(write(tmp_path, text.replace("2008-09", "2007-08")))
    quarters = read_prices(write(tmp_path, "State,Item,Q1 2010,Q2 2010\nJohor,Rice,1,2\n"))
    assert rows_of(quarters, "year", "month", "index") == [(2010, 3, 1.0), (2010, 6, 2.0)]


def test_sheets_per_good_are_asked_for_and_the_remedy_works(tmp_path: Path) -> None:
    sheet = [["Where", 2010, 2011], ["North", 100.5, 102], ["South", 100, 103]]
    path = book(tmp_path / "a.xlsx", {"Rice": sheet, "Fish": sheet})
    with pytest.raises(UnclearLayout) as caught:
        read_prices(path)
    assert "column 'Where' (North, South): unknown; periods across: year; sheets (Rice, Fish)" in caught.value.example
    assert 'layout={"rows": "region", "sheets": "commodity"}' in caught.value.remedy
    table = read_prices(path, layout={"rows": "region", "sheets": "commodity"})
    assert rows_of(table)[0] == ("North", 2010, "Fish", 100.5)
    # told by its heading, the rest follows
    assert rows_of(read_prices(path, columns={"Where": "region"})) == rows_of(table)
    turned = read_prices(path, layout={"rows": "commodity", "sheets": "region"})
    assert rows_of(turned)[0] == ("Fish", 2010, "North", 100.5)
    # known headings and known regions need no telling
    assert [r for r in rows_of(read_prices(book(path, {"Rice": ACROSS, "Fish": ACROSS}))) if r[2] == "Rice"] == RICE
    bare = [["", *ACROSS[0][1:]], *ACROSS[1:]]
    assert [r for r in rows_of(read_prices(book(path, {"Rice": bare, "Fish": bare}))) if r[2] == "Rice"] == RICE


def test_sheets_per_year_and_files_per_good(tmp_path: Path) -> None:
    sheet = [["Region", "Rice", "Fish"], ["Johor", 1.5, 2], ["Kedah", 3, 4]]
    table = read_prices(book(tmp_path / "a.xlsx", {"2010": sheet, "2011": sheet}))
    assert rows_of(table)[:2] == [("Johor", 2010, "Fish", 2.0), ("Johor", 2010, "Rice", 1.5)]
    assert table.polars().height == 8
    files = [write(tmp_path, "Region,2010,2011\nJohor,1,2\n", f"{good}.csv") for good in ("Rice", "Fish")]
    with pytest.raises(Problems) as caught:
        read_prices(files)
    assert str(caught.value).count('layout={"files": "commodity"}') == 2
    assert rows_of(read_prices(files, layout={"files": "commodity"}))[0] == ("Johor", 2010, "Fish", 1.0)
    long = [write(tmp_path, "Region,commodity,index\nJohor,Rice,1\n", f"cpi {y}.csv") for y in (2010, 2011)]
    assert rows_of(read_prices(long, layout={"files": "year"}))[1] == ("Johor", 2011, "Rice", 1.0)
    wrong = write(tmp_path, "Region,commodity,index\nJohor,Rice,1\n", "cpi.csv")
    with pytest.raises(Unreadable, match="does not contain exactly one year"):
        read_prices(wrong, layout={"files": "year"})


def test_index_and_weight_under_two_heads(tmp_path: Path) -> None:
    text = "Region,Item,2010,,2011,\n,,Index,Weight,Index,Weight\nJohor,Rice,100,5.5,102,6\nKedah,Rice,99,4,101,\n"
    table = read_prices(write(tmp_path, text))
    assert rows_of(table, "region", "year", "index") == [
        ("Johor", 2010, 100.0),
        ("Johor", 2011, 102.0),
        ("Kedah", 2010, 99.0),
        ("Kedah", 2011, 101.0),
    ]
    assert "columns = values" in str(table.account)
    assert "left out: Weight" in str(table.account)
    other = read_prices(write(tmp_path, text), columns={"Weight": "index"}, where="Weight is not missing")
    assert rows_of(other, "region", "year", "index")[1] == ("Johor", 2011, 6.0)


def test_goods_over_years(tmp_path: Path) -> None:
    text = "Prices of the states\nRegion,Rice,,Fish,\n,2010,2011,2010,2011\nJohor,1,2,3,4\nKedah,5,6,,8\n"
    table = read_prices(write(tmp_path, text))
    assert rows_of(table)[:4] == [
        ("Johor", 2010, "Fish", 3.0),
        ("Johor", 2010, "Rice", 1.0),
        ("Johor", 2011, "Fish", 4.0),
        ("Johor", 2011, "Rice", 2.0),
    ]


def test_regions_across_and_goods_across(tmp_path: Path) -> None:
    path = write(tmp_path, "year,month,item,Johor,Kedah\n2010,1,Rice,2,3\n2010,2,Rice,4,5\n")
    assert rows_of(read_prices(path))[0] == ("Johor", 2010, "Rice", 2.0)
    path = write(tmp_path, "region,year,month,Bread,Milk\nA,2010,1,2,3\nB,2010,1,4,5\n")
    assert rows_of(read_prices(path))[0] == ("A", 2010, "Bread", 2.0)
    path = write(tmp_path, "year,North,South\n2010,2,3\n2011,4,5\n")
    with pytest.raises(UnclearLayout) as caught:
        read_prices(path)
    assert 'layout={"columns": "region", "files": "commodity"}' in caught.value.remedy
    assert rows_of(read_prices(path, layout={"columns": "region", "files": "commodity"}))[0] == (
        "North",
        2010,
        "a",
        2.0,
    )


def test_a_continued_table_and_repeated_headings(tmp_path: Path) -> None:
    rows = [
        ["Prices", "", "", ""],
        ["Region", "Item", 2010, 2011],
        ["Johor", "Rice", 1, 2],
        ["(continued)", "", "", ""],
        ["Region", "Item", 2012, 2013],
        ["Johor", "Rice", 3, 4],
        ["Note: none", "", "", ""],
    ]
    table = read_prices(book(tmp_path / "a.xlsx", {"s": rows}))
    assert rows_of(table) == [("Johor", 2010 + k, "Rice", 1.0 + k) for k in range(4)]


def test_a_second_table_under_other_headings_is_refused(tmp_path: Path) -> None:
    text = "State,2010,2011,2012\nJohor,1,2,3\nKedah,4,5,6\n\nDistrict,2013,2014,2015\nMuar,7,8,9\nBatu,1,2,3\n"
    with pytest.raises(Unreadable, match="a second table follows the first") as refused:
        read_gdp(write(tmp_path, text))
    assert refused.value.example == "District, 2013, 2014, 2015"


def test_a_further_column_that_tells_rows_apart_is_no_loss(tmp_path: Path) -> None:
    text = "Region,Item,Area,2010,2011\nJohor,Rice,urban,1,2\nJohor,Rice,rural,3,4\n"
    with pytest.raises(DuplicateKeys):
        read_prices(write(tmp_path, text))
    assert rows_of(read_prices(write(tmp_path, text), where='Area == "urban"'))[0] == ("Johor", 2010, "Rice", 1.0)


def test_firms_with_variables_over_years(tmp_path: Path) -> None:
    text = "firm,State,assets_2010,assets_2011,sales_2010,sales_2011\n001,Johor,100.5,102,5,6\n002,Kedah,100,,7,\n"
    table = read_firms(write(tmp_path, text))
    assert rows_of(table, "firm", "year", "assets", "sales") == [
        ("001", 2010, 100.5, 5),
        ("001", 2011, 102.0, 6),
        ("002", 2010, 100.0, 7),
    ]
    two = "firm,2010,,2011,\n,Total assets,Debt,Total assets,Debt\n001,1,2,3,4\n"
    assert rows_of(read_firms(write(tmp_path, two)), "firm", "year", "assets", "Debt") == [
        ("001", 2010, 1.0, 2),
        ("001", 2011, 3.0, 4),
    ]
    plain = "firm,year,base_2010,base_2011\n001,2005,1,2\n"
    assert rows_of(read_firms(write(tmp_path, plain)), "firm", "year", "base_2010") == [("001", 2005, 1)]


def test_a_year_that_stands_once_is_said_and_never_that_of_a_base(tmp_path: Path) -> None:
    table = "State,Rice,Fish,Rent\nJohor,101.5,102.5,99.5\nKedah,100.5,104,98.5\nPerak,101,103,97.5\n"
    read = read_prices(write(tmp_path, f"Prices by state in 2015 (2010=100)\n\n{table}"))
    assert set(read.polars()["year"]) == {2015}
    assert "year 2015 for all rows, taken from 'Prices by state in 2015 (2010=100)'" in str(read.account)
    path = write(tmp_path, f"Prices by state (2010=100)\n\n{table}")
    with pytest.raises(UnclearLayout, match="does not show year") as asked:
        read_prices(path)
    assert 'if this is correct, give: layout={"columns": "commodity", "year": "NAME"}' in asked.value.remedy
    told = read_prices(path, layout={"columns": "commodity", "year": "2015"}).polars()
    assert set(told["year"]) == {2015}
    assert set(told["commodity"]) == {"Rice", "Fish", "Rent"}


def test_two_columns_of_one_variable_and_year_are_refused(tmp_path: Path) -> None:
    text = "firm,assets_2010,sales_2010,assets_2011,sales_2011,assets_2010\n001,1,2,3,4,9\n002,1,2,3,4,8\n"
    with pytest.raises(DuplicateKeys, match="are assets 2010") as refused:
        read_firms(write(tmp_path, text))
    assert refused.value.example == "B1 and F1"


def test_other_tables_with_years_across(tmp_path: Path) -> None:
    gdp = read_gdp(write(tmp_path, "Region,2010,2011\nJohor,1.5,2\n"))
    assert rows_of(gdp, "region", "year", "real_gdp") == [("Johor", 2010, 1.5), ("Johor", 2011, 2.0)]
    path = write(tmp_path, "region,industry,2010,2011\nA,C13,2,3\n")
    with pytest.raises(UnclearLayout, match="what the values are of output") as caught:
        read_output(path)
    assert 'layout={"values": "value"}' in caught.value.remedy
    output = read_output(path, layout={"values": "employment"})
    assert rows_of(output, "region", "industry", "year", "employment")[0] == ("A", "C13", 2010, 2.0)
    path = write(tmp_path, "Region,2010,2011\nA,2,3\n", "rd.csv")
    with pytest.raises(UnclearLayout):
        read_covariates(path)
    assert rows_of(read_covariates(path, layout={"values": "rd"}), "region", "year", "rd")[1] == ("A", 2011, 3)


def test_a_matrix_of_flows(tmp_path: Path) -> None:
    path = write(tmp_path, ",A,B\nA,1,2\nB,3,4\n", "flows 2012.csv")
    with pytest.raises(UnclearLayout) as caught:
        read_flows(path, layout={"files": "year"})
    assert 'layout={"rows": "origin", "columns": "destination"}' in caught.value.remedy
    table = read_flows(path, layout={"rows": "origin", "columns": "destination"})
    assert rows_of(table, "origin", "destination", "year", "value") == [
        ("A", "A", 2012, 1.0),
        ("A", "B", 2012, 2.0),
        ("B", "A", 2012, 3.0),
        ("B", "B", 2012, 4.0),
    ]


def test_a_large_file_is_read_as_the_small_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [f"{r:05d},{g},{r + g},{r},," for r in range(300) for g in range(3)]
    path = write(tmp_path, "\n".join(["State,Item,2010,2011,2012,Remark", *rows]) + "\n")
    small = read_prices(path, columns={"State": "region"}, where="index > 0")
    monkeypatch.setattr(readers, "SMALL", 1)
    large = read_prices(path, columns={"State": "region"}, where="index > 0")
    assert rows_of(large) == rows_of(small)
    assert large.polars().height == 1796


def test_a_layout_that_cannot_be_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, TWO_STUBS)
    with pytest.raises(UsageError, match="'regoin' is not a column of prices"):
        read_prices(path, layout={"rows": "regoin"})
    with pytest.raises(UsageError, match="no part of the table could be commodity"):
        read_prices(path, layout={"columns": "year+commodity"})


def test_the_columns_are_known_before_reading(tmp_path: Path) -> None:
    path = write(tmp_path, "firm,State,assets_2010,assets_2011\n1,Johor,100,102\n", "firms.csv")
    known = known_columns("firms", [path], Reading(columns={"State": "region"}))
    assert sorted(known.kinds) == ["assets", "firm", "region", "year"]


def test_two_columns_that_could_be_one_are_not_both_that(tmp_path: Path) -> None:
    path = tmp_path / "exports.csv"
    rows = ["CO_ANO;CO_MES;SG_UF_MUN;CO_MUN;KG_LIQUIDO;VL_FOB"]
    places = (("SP", 355), ("MG", 310), ("BA", 291))
    places = (("SP", 355), ("MG", 310), ("BA", 291))
    rows += [f"{y};01;{state};{town};{town % 7};{y + town}" for y in (2018, 2019) for state, town in places]
    path.write_text("\n".join(rows), encoding="utf-8")
    with pytest.raises(IntegradeError):
        read_prices(path)


def test_months_beside_a_column_of_years_and_below_years(tmp_path: Path) -> None:
    text = "State,Item,Year,Jan,Feb,Annual\nJohor,Rice,2010,1,2,1.5\nJohor,Rice,2011,3,4,3.5\n"
    table = read_prices(write(tmp_path, text))
    wanted = [(2010, 1, 1.0), (2010, 2, 2.0), (2011, 1, 3.0), (2011, 2, 4.0)]
    assert rows_of(table, "year", "month", "index") == wanted
    assert "left out: Annual" in str(table.account)
    text = "State,Item,2010,,2011,\n,,Q1,Q2,Q1,Q2\nJohor,Rice,1,2,3,4\n"
    table = read_prices(write(tmp_path, text))
    assert "4 periods in columns, 2010 Q1 to 2011 Q2" in str(table.account)
    assert rows_of(table, "year", "month", "index") == [(2010, 3, 1.0), (2010, 6, 2.0), (2011, 3, 3.0), (2011, 6, 4.0)]


def test_titles_above_a_text_file(tmp_path: Path) -> None:
    text = "Prices of the states\n\nState;Item;2010;2011\nJohor;Rice;1,5;2\nKedah;Rice;1;2,25\nSource: me\n"
    table = read_prices(write(tmp_path, text))
    assert rows_of(table)[-1] == ("Kedah", 2011, "Rice", 2.25)
    assert "above the headings: Prices of the states" in str(table.account)
    text = "Prices of the states\n\nState,Item,Year,Index\nJohor,Rice,2010,1.5\nSource: me\n"
    table = read_prices(write(tmp_path, text))
    assert rows_of(table) == [("Johor", 2010, "Rice", 1.5)]
    assert "1 row dropped" in str(table.account)
    with pytest.raises(Unreadable, match="row 4 has 5 cells"):
        read_prices(write(tmp_path, "Prices\nState,Item,Year,Index\nJohor,Rice,2010,1.5\nJohor,Rice,2011,1,5\n"))


def test_tables_side_by_side(tmp_path: Path) -> None:
    rows = [["State", "Item", 2010, "", "State", "Item", 2011], ["Johor", "Rice", 1, "", "Johor", "Rice", 2]]
    rows[0][2:3], rows[1][2:3] = [2010, 2009], [1, 0.5]
    rows[0].append(2012)
    rows[1].append(3)
    table = read_prices(book(tmp_path / "a.xlsx", {"s": rows}))
    assert rows_of(table, "year", "index") == [(2009, 0.5), (2010, 1.0), (2011, 2.0), (2012, 3.0)]


def test_names_that_stand_once_for_their_group(tmp_path: Path) -> None:
    text = "State,Item,2010,2011\nJohor,Rice,1,2\n,Fish,3,4\nKedah,Rice,5,6\n,Fish,7,8\n"
    table = read_prices(write(tmp_path, text))
    assert rows_of(table)[4] == ("Kedah", 2010, "Fish", 7.0)
    assert "2 empty cells in label columns filled from the cell above" in str(table.account)
    uneven = read_prices(write(tmp_path, text.replace(",Fish,7,8", ",Tea,7,8")))
    assert uneven.polars().height == 4
    assert "4 rows dropped: region missing" in str(uneven.account)


def test_rows_that_number_the_columns_and_columns_of_codes_are_no_values(tmp_path: Path) -> None:
    text = "State,Item,2010,2011\n(1),(2),(3),(4)\nJohor,Rice,1,2\nKedah,Rice,3,4\n"
    assert read_prices(write(tmp_path, text)).polars().height == 4
    rows = [["Region code", "Region", "Year", "Rice", "Tea"], [11, "Johor", 2010, 1, 2], [12, "Kedah", 2010, 3, 4]]
    table = read_prices(book(tmp_path / "a.xlsx", {"s": rows}))
    assert rows_of(table)[0] == ("Johor", 2010, "Rice", 1.0)
    assert table.polars().height == 4


def test_sheets_known_by_their_names_and_sheets_of_variables(tmp_path: Path) -> None:
    sheet = [["Year", "Rice", "Tea"], [2010, 1, 3], [2011, 2, 4]]
    table = read_prices(book(tmp_path / "a.xlsx", {"Johor": sheet, "Kedah": sheet}))
    assert rows_of(table)[0] == ("Johor", 2010, "Rice", 1.0)
    long = [["State", "Year", "Price"], ["Johor", 2010, 1], ["Johor", 2011, 3]]
    table = read_prices(book(tmp_path / "b.xlsx", {"Rice": long, "Fish": long}))
    assert rows_of(table)[0] == ("Johor", 2010, "Fish", 1.0)
    one = [["State", 2010, 2011], ["A", 1, 2]]
    path = book(tmp_path / "c.xlsx", {"rd": one, "fdi": one})
    covariates = read_covariates(path, layout={"sheets": "values"})
    assert rows_of(covariates, "region", "year", "rd", "fdi") == [("A", 2010, 1.0, 1.0), ("A", 2011, 2.0, 2.0)]
    twice = book(tmp_path / "d.xlsx", {"rd": [*one, ["A", 5, 6]], "fdi": one})
    with pytest.raises(DuplicateKeys):
        read_covariates(twice, layout={"sheets": "values"})


def test_labels_do_not_double_a_role(tmp_path: Path) -> None:
    text = "State,Item,Seat,2010,2011\nJohor,Rice,Kedah,1,2\nPerak,Rice,Sabah,3,4\n"
    assert rows_of(read_prices(write(tmp_path, text)))[0] == ("Johor", 2010, "Rice", 1.0)
    text = "First,Second,Item,2010,2011\nJohor,Kedah,Rice,1,2\nPerak,Sabah,Rice,3,4\n"
    with pytest.raises(UnclearLayout, match="does not show region"):
        read_prices(write(tmp_path, text))


@pytest.mark.parametrize("suffix", ["parquet", "dta"])
def test_typed_files_with_names_across_are_read(suffix: str, tmp_path: Path) -> None:
    states = ("Johor", "Kedah", "Perak")
    rows = [(s, y, 100.0 + y - 2010 + i, 98.0 + i) for i, s in enumerate(states) for y in (2010, 2011)]
    frame = pl.DataFrame(rows, schema=["Negeri", "Tahun", "Makanan", "Pakaian"], orient="row")
    path = tmp_path / f"p.{suffix}"
    if suffix == "dta":
        pyreadstat.write_dta(frame.to_pandas(), str(path))
    else:
        frame.write_parquet(path)
    found = read_prices(path, basis="link").polars().sort("region", "year", "commodity")
    assert found.rows()[:2] == [("Johor", 2010, "Makanan", 100.0), ("Johor", 2010, "Pakaian", 98.0)]
    assert found.height == 12


@each("mark", ["R", "P", " p/", " (p)", "*", " r", "e"])
def test_a_year_with_the_mark_of_a_footnote_is_a_year(tmp_path: Path, mark: str) -> None:
    text = f"PIB estatal\nEntidad,2019,2020,2021{mark}\nJalisco,1234.5,1235.0,1236.0\nSonora,2234.5,2235.0,2236.0\n"
    path = tmp_path / "pibe.csv"
    path.write_text(text + "R Cifras revisadas\nFuente: INEGI\n", encoding="utf-8")
    assert rows_of(read_covariates(path, layout={"values": "pibe"}), "region", "year", "pibe") == [
        *(("Jalisco", 2019, 1234.5), ("Jalisco", 2020, 1235.0), ("Jalisco", 2021, 1236.0)),
        *(("Sonora", 2019, 2234.5), ("Sonora", 2020, 2235.0), ("Sonora", 2021, 2236.0)),
    ]


def test_codes_beside_names_are_no_part_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "ceny.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("OPIS").write_row(0, 0, ["Kategoria:", "CENY"])
        sheet = book.add_worksheet("TABLICA")
        sheet.write_row(0, 0, ["Kod", "Nazwa", "ogółem", None, "chleb", None, "masło", None])
        sheet.write_row(1, 2, ["2012", "2013"] * 3)
        sheet.write_row(2, 2, ["[-]"] * 6)
        names = ("POLSKA", "OPOLSKIE", "ŚLĄSKIE", "LUBELSKIE")
        for i, name in enumerate(names):
            sheet.write_row(3 + i, 0, [f"{2 * i:02d}00000", name, 101.5 + i, 102.5, 99.5 + i, 101.0, 98.0, 100.5 + i])
    with pytest.raises(UnclearLayout) as caught:
        read_prices(path)
    assert "column 'Kod' (0000000, 0200000, 0400000, ...): codes of the names" in caught.value.example
    assert 'layout={"rows": "region", "columns": "commodity"}' in caught.value.remedy
    found = read_prices(path, layout={"rows": "region", "columns": "commodity"}, basis="link")
    assert sorted(found.polars()["region"].unique()) == ["LUBELSKIE", "OPOLSKIE", "ŚLĄSKIE"]
    assert sorted(found.polars()["commodity"].unique()) == ["chleb", "masło"]


@settings(max_examples=200, deadline=None, database=None, derandomize=True)
@given(
    st.lists(st.tuples(st.integers(2008, 2012), st.sampled_from([1950, 1999, 2000, 2010, 17, 5000, 1.5])), min_size=1),
    st.booleans(),
)
def test_rows_of_a_plain_table_are_no_headings(
    tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[int, float]], year_last: bool
) -> None:
    """Values such as 2000 beside a year made a row one of periods, and all rows above it headings."""
    path = tmp_path_factory.mktemp("t") / "t.csv"
    rows = [f"F{i},{v},{y}" if year_last else f"F{i},{y},{v}" for i, (y, v) in enumerate(cells)]
    path.write_text("\n".join(["firm,assets,yr" if year_last else "firm,yr,assets", *rows]) + "\n")
    read = read_firms(path, columns={"yr": "year"}).polars()
    assert read.select("firm", "year", "assets").rows() == [(f"F{i}", y, v) for i, (y, v) in enumerate(cells)]


MONTHS_ACROSS = ("Województwo", "Towar", *(f"{y}-{m:02d}" for y in (2010, 2011) for m in range(1, 13)))
NAMED = {"Województwo": "region", "Towar": "commodity"}


@each(
    "columns",
    [NAMED, {"Województwo": "region"}, {"Towar": "commodity"}, {}],
    ids=["both", "region", "commodity", "none"],
)
@each("suffix", ["csv", "xlsx"])
def test_periods_across_are_found_where_the_columns_beside_them_are_mapped(
    tmp_path: Path, suffix: str, columns: dict[str, str]
) -> None:
    rows = [(r, g, *(100.5 + i % 3 for i in range(24))) for r in ("Opolskie", "Lubelskie") for g in ("Chleb", "Mleko")]
    path = tmp_path / f"p.{suffix}"
    if suffix == "csv":
        pl.DataFrame(rows, schema=MONTHS_ACROSS, orient="row").write_csv(path)
    else:
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            for i, row in enumerate([MONTHS_ACROSS, *rows]):
                sheet.write_row(i, 0, row)
    read = read_prices(path, columns=columns, basis="link").polars()
    assert read.columns == ["region", "year", "month", "commodity", "index"]
    assert read.height == 4 * 24


@pytest.mark.parametrize(
    "columns", [{"Towar": "commodity", "Rok": "year"}, {"Towar": "commodity"}, {"Rok": "year"}, {}]
)
def test_regions_across_are_found_where_the_columns_beside_them_are_mapped(
    tmp_path: Path, columns: dict[str, str]
) -> None:
    rows = [(g, y, 101.5, 99.5, 100.5) for g in ("Chleb", "Mleko") for y in (2010, 2011)]
    path = tmp_path / "p.csv"
    pl.DataFrame(rows, schema=["Towar", "Rok", "Opolskie", "Lubelskie", "Mazowieckie"], orient="row").write_csv(path)
    read = read_prices(path, columns=columns, basis="link").polars()
    assert read.height == 12
    assert set(read["region"]) == {"Opolskie", "Lubelskie", "Mazowieckie"}


POLES = (
    "DOLNOŚLĄSKIE",
    "LUBELSKIE",
    "LUBUSKIE",
    "OPOLSKIE",
    "PODLASKIE",
    "POMORSKIE",
    "ŚLĄSKIE",
    "ŁÓDZKIE",
    "MAŁOPOLSKIE",
)
POLES += ("MAZOWIECKIE",)
NAMES_OF_MONTHS = ("styczeń", "luty", "marzec", "kwiecień", "maj", "czerwiec", "lipiec")


def strange(folder: Path, months: Sequence[object], regions: Sequence[str] = POLES) -> Path:
    """Prices of goods in regions that stand across, under headings of a language that is not known."""
    path = folder / "p.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Xkatu", "Xsto", "Xkuu", "POLSKA", *regions])
        rows = [(g, y, m) for g in ("Chleb", "Mleko") for y in (2010, 2011) for m in months]
        for i, row in enumerate(rows, 1):
            sheet.write_row(i, 0, [*row, 100.1, *(100 + i % 5 + k / 10 for k in range(len(regions)))])
    return path


@each("months", [NAMES_OF_MONTHS, range(1, 8)], ids=["names", "numbers"])
@each(
    "layout",
    [
        {},
        {"columns": "region"},
        {"rows": "commodity+year+month"},
        {"rows": "commodity+year+month", "columns": "region"},
    ],
)
def test_years_and_months_are_known_by_their_cells(
    tmp_path: Path, months: Sequence[object], layout: dict[str, str]
) -> None:
    read = read_prices(strange(tmp_path, months), basis="link", layout=layout).polars()
    assert read.height == 2 * 2 * 7 * len(POLES)
    assert read["month"].unique().sort().to_list() == list(range(1, 8))
    assert read.filter(region="MAZOWIECKIE", year=2010, month=1, commodity="Chleb")["index"].to_list() == [101.9]


def test_what_may_be_goods_or_regions_is_asked_for_in_both_ways(tmp_path: Path) -> None:
    path = strange(tmp_path, range(1, 8), ("One", "Two", "Three"))
    with pytest.raises(UnclearLayout) as asked:
        read_prices(path, basis="link")
    ways = [{"rows": "region", "columns": "commodity"}, {"rows": "commodity", "columns": "region"}]
    assert " or, the other way round, ".join(f"layout={one}" for one in ways).replace("'", '"') in asked.value.remedy
    read = read_prices(path, basis="link", layout=ways[1]).polars()
    assert set(read["region"]) == {"One", "Two", "Three"}
    assert set(read["commodity"]) == {"Chleb", "Mleko"}


def test_months_across_in_short_names_are_all_kept(tmp_path: Path) -> None:
    """``maj`` alone may be a code."""
    for months in (NAMES_OF_MONTHS[:5], ("sty", "lut", "mar", "kwi", "maj", "cze", "lip")):
        path = tmp_path / "p.csv"
        rows = [(r, g, y, *(100.5 for _ in months)) for r in POLES for g in ("Chleb", "Mleko") for y in (2010, 2011)]
        pl.DataFrame(rows, schema=["Województwo", "Towar", "Rok", *months], orient="row").write_csv(path)
        assert read_prices(path, basis="link").polars()["month"].n_unique() == len(months)


def test_a_column_that_is_told_twice_is_refused(tmp_path: Path) -> None:
    path = strange(tmp_path, range(1, 8))
    with pytest.raises(UsageError, match="commodity is named in both rows and sheets"):
        read_prices(path, layout={"rows": "commodity+year+month", "sheets": "commodity"})


def test_months_whose_names_are_not_known_are_to_be_numbers(tmp_path: Path) -> None:
    path = strange(tmp_path, [f"x{i}y" for i in range(7)])
    with pytest.raises(NotANumber) as refused:
        read_prices(path, layout={"rows": "commodity+year+month"}, where='region != "x"')
    assert refused.value.remedy.startswith("write the months as 1 to 12")


@pytest.mark.parametrize("answers", ["q3,q4", "q1,q2,q3,q4", "q1,q2,q3,q4,q5", "m1,m2"])
def test_answers_of_a_questionnaire_beside_accounts_are_no_quarters(tmp_path: Path, answers: str) -> None:
    """Accounts with columns q3 and q4 lost all their other numbers: those were taken for quarters across."""
    given = ",".join("2" for _ in answers.split(","))
    lines = "".join(f"f{i},{2005 + j},{given},{100.5 + i + j},{7 + i}\n" for i in range(9) for j in range(3))
    path = write(tmp_path, f"firm,year,{answers},assets,employees\n{lines}")
    found = read_firms(path)
    assert found.columns == ["firm", "year", *answers.split(","), "assets", "employees"]
    assert found.polars()["assets"].sum() == sum(100.5 + i + j for i in range(9) for j in range(3))


ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")


def roman(folder: Path, heads: Sequence[str], years: bool = True) -> Path:
    """Prices with Roman numerals across, with their years or beside a column of years."""
    draw = (100 + (7 * i) % 31 / 10 for i in range(10_000))
    over = [f"{head} {year}" if "{}" not in head else head.format(year) for year in (2010, 2011) for head in heads]
    names = ["region", "good", *over] if years else ["region", "good", "year", *heads]
    key = [(r, g) for r in ("Opolskie", "Podlaskie", "Pomorskie") for g in ("food", "fuel", "rent")]
    rows = [(*k, *at) for k in key for at in ([()] if years else [("2010",), ("2011",)])]
    lines = [[*row, *(f"{next(draw):.1f}" for _ in names[len(row) :])] for row in rows]
    return write(folder, "".join(";".join(line) + "\n" for line in (names, *lines)))


def months_read(path: Path, **options: Any) -> list[tuple[Any, ...]]:
    table = read_prices([path], basis="link", aggregates="keep", **options).polars()
    return table.select("year", "month").unique().sort("year", "month").rows()


YEARBOOK = [(year, month) for year in (2010, 2011) for month in range(1, 13)]


@pytest.mark.parametrize("spelt", ["{m} {{}}", "{m}/{{}}", "{{}}. {m}.", "{{}}-{m}", "{m}.{{}}"])
def test_roman_numerals_with_years_across_are_months(tmp_path: Path, spelt: str) -> None:
    assert months_read(roman(tmp_path, [spelt.format(m=m) for m in ROMAN])) == YEARBOOK


def test_roman_numerals_beside_a_column_of_years_are_months(tmp_path: Path) -> None:
    assert months_read(roman(tmp_path, ROMAN, years=False)) == YEARBOOK
    assert months_read(roman(tmp_path, ["XII"])) == [(2010, 12), (2011, 12)]
    assert months_read(roman(tmp_path, ROMAN[:6], years=False)) == [at for at in YEARBOOK if at[1] < 7]


def test_parts_of_years_beside_roman_months_are_left_out_and_said(tmp_path: Path) -> None:
    path = roman(tmp_path, [*ROMAN, "I-III", "I–XII"])
    assert months_read(path) == YEARBOOK
    account = read_prices([path], basis="link", aggregates="keep").account
    assert any("I-III" in str(e.reason) for e in account)


@pytest.mark.parametrize(("heads", "years"), [(ROMAN[:4], True), (ROMAN[:4], False), (ROMAN[:1], True)])
def test_roman_numerals_up_to_four_are_asked_for(tmp_path: Path, heads: Sequence[str], years: bool) -> None:
    path = roman(tmp_path, heads, years)
    with pytest.raises(AmbiguousDate, match="January or the first quarter") as refused:
        read_prices([path])
    assert 'layout={"columns": "month"}' in refused.value.remedy
    assert months_read(path, layout={"columns": "month"}) == [at for at in YEARBOOK if at[1] <= len(heads)]


def test_parts_of_a_year_that_grow_are_no_months(tmp_path: Path) -> None:
    with pytest.raises(NotADate, match="several lengths"):
        read_prices([roman(tmp_path, ["I", "I-II", "I–III", "I-IV", "I-V", "I-VI"])])


def test_numerals_beyond_twelve_are_no_months(tmp_path: Path) -> None:
    with pytest.raises(MissingColumn):
        read_prices([roman(tmp_path, [*ROMAN, "XIII", "XIV"])])


@pytest.mark.parametrize(
    ("role", "more", "written"), [("year", {}, "2010-01"), ("month", {"year": "2010"}, "M01 to M12")]
)
def test_headings_that_are_told_to_be_periods_and_are_none(
    tmp_path: Path, role: str, more: dict[str, str], written: str
) -> None:
    rows = "".join(f"{r},{g},101.5,102.5,103.5\n" for r in ("Johor", "Kedah", "Perak") for g in ("Fish", "Rent"))
    path = write(tmp_path, f"a,b,low,high,middle\n{rows}")
    with pytest.raises(UsageError, match=f"no heading is a {role}") as refused:
        read_prices(path, layout={"rows": "region+commodity", "columns": role, **more})
    assert refused.value.example == "low, high, middle"
    assert written in refused.value.remedy
    own = {"year": "2010,2011,2012", "month": "M01,M02,M03"}[role]
    path.write_text(f"a,b,{own}\n{rows}", encoding="utf-8")
    read = read_prices(path, layout={"rows": "region+commodity", "columns": role, **more}, aggregates="keep")
    assert read.polars()[role].n_unique() == 3


DOWN = "{head},Aguascalientes,Chihuahua,Jalisco,Sonora,Puebla\n" + "".join(
    f"{{month}} {year},{','.join(f'{100 + 3 * r + year % 7}.5' for r in range(5))}\n" for year in range(2014, 2018)
)


@each("head", ["Periodo", "Fecha", "Mes", "Momento", ""])
@each("month", ["Ene", "enero de", "2010Q1"])
def test_periods_beside_regions_across_are_the_years_whatever_their_heading(
    head: str, month: str, tmp_path: Path
) -> None:
    text = DOWN.format(head=head, month=month)
    for year in range(2014, 2018):
        text = text.replace(f"2010Q1 {year}", f"{year}Q1")
    table = read_prices([write(tmp_path, text, "Vivienda.csv")], layout={"files": "commodity"})
    found = table.polars()
    assert found.height == 20
    assert sorted(found["year"].unique()) == [2014, 2015, 2016, 2017]
    assert found["month"].unique().to_list() == [3 if month == "2010Q1" else 1]
    assert set(found["region"]) == {"Aguascalientes", "Chihuahua", "Jalisco", "Sonora", "Puebla"}


def test_codes_that_look_like_years_of_a_reign_are_no_periods(tmp_path: Path) -> None:
    rows = "".join(f"H{10 + n},{100 + n}.5,{101 + n}.5\n" for n in range(6))
    with pytest.raises(UnclearLayout) as caught:
        read_prices([write(tmp_path, f"code,Chihuahua,Sonora\n{rows}")])
    assert "year" in str(caught.value)
