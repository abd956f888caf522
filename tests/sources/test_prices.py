"""Price indices from plain tables, the wide layout and yearbook sheets; the real provincial indices both ways."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter
import xlwt

from each import each
from integrade.engine.frames import Engine, Table
from integrade.errors import (
    BasisUnknown,
    DuplicateKeys,
    EmptyTable,
    IntegradeError,
    MissingColumn,
    NotANumber,
    OutOfRange,
    Problems,
    UnclearLayout,
    Unreadable,
    UsageError,
)
from integrade.sources import read_firms, read_prices
from integrade.sources.meaning.statistical_words import item_of, number_of
from library import shared

PLAIN = "地区,年份,item,value\n北京市,2005,食品,101.5\n北京市,2005,衣着,99\n上海市,2005,食品,102\n上海市,2005,衣着,98\n"


def rows_of(table: Table) -> list[tuple[Any, ...]]:
    return table.polars().select("region", "year", "commodity", "index").sort(pl.all()).rows()


def write_csv(folder: Path, text: str, name: str = "cpi.csv", codec: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(codec))
    return path


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_plain_table_with_synonyms(tmp_path: Path, engine: Engine) -> None:
    table = read_prices(write_csv(tmp_path, PLAIN), engine=engine, where='item != "衣着" and commodity != "x"')
    assert rows_of(table) == [("上海市", 2005, "食品", 102.0), ("北京市", 2005, "食品", 101.5)]
    assert "column 'value' read as 'index'" in str(table.account)
    assert "2 rows dropped: filter not satisfied: item" in str(table.account)


def test_one_province_in_two_spellings_becomes_one(tmp_path: Path) -> None:
    text = "region,year,commodity,index\n北京市,2005,a,101\n北 京,2006,a,102\n上海市,2005,a,99\n某市,2005,a,99\n"
    path = write_csv(tmp_path, text)
    table = read_prices(path)
    assert sorted(set(table.polars()["region"])) == ["上海市", "北京", "某市"]
    assert "2 spellings of provinces harmonised, 2 rows (e.g. 北 京 -> 北京; 北京市 -> 北京)" in str(table.account)
    assert "1 region names are not provinces, 1 rows" in str(table.account)
    assert set(read_prices(path, regions="english").polars()["region"]) == {"Beijing", "Shanghai", "某市"}
    assert set(read_prices(path, regions="chinese").polars()["region"]) == {"北京", "上海", "某市"}
    text = text.replace("北京市,2005", "Beijing,2007")
    assert "Beijing" not in read_prices(write_csv(tmp_path, text)).polars()["region"].to_list()


def test_cities_of_the_yangtze_delta_are_not_called_strange_to_china(tmp_path: Path) -> None:
    cities = ("上海市", "南京市", "杭州市", "合肥市")  # Shanghai is a province, too
    lines = [f"{city},2005,{good},{100 + n}" for n, city in enumerate(cities) for good in "abc"]
    path = write_csv(tmp_path, "\n".join(["region,year,commodity,index", *lines]) + "\n")
    account = str(read_prices(path).account)
    assert "4 region names are all cities of the Yangtze River Delta" in account
    assert "are not provinces" not in account
    assert set(read_prices(path, regions="english").polars()["region"]) == {"Shanghai", "Nanjing", "Hangzhou", "Hefei"}


WIDE = (
    """time,北京市,北京市,北京市,北京市,上海市,上海市,上海市,上海市
time,居民消费价格指数(上年同月=100),食品类居民消费价格指数(上年同月=100),食品类居民消费价格指数(上年同月=100).1,食品类居民消费价格指数(上月=100),\
居民消费价格指数(上年同月=100),食品类居民消费价格指数(上年同月=100),食品类居民消费价格指数(上年同月=100).1,食品类居民消费价格指数(上月=100)
"""
    + "".join(f"2005-{m:02d},{100 + m},{101 + m},{101 + m},100,102,103,103,100\n" for m in range(1, 13))
    + ("2006-01,101,102,102,99,103,,,98\n")
)


def test_wide_layout_in_years(tmp_path: Path) -> None:
    table = read_prices(write_csv(tmp_path, WIDE, codec="gb18030"), to_year=True, aggregates="keep")
    # the means of 101..112 and 102..113, and of one month of 2006
    assert rows_of(table) == [
        ("上海市", 2005, "总指数", 102.0),
        ("上海市", 2005, "食品", 103.0),
        ("上海市", 2006, "总指数", 103.0),
        ("北京市", 2005, "总指数", 106.5),
        ("北京市", 2005, "食品", 107.5),
        ("北京市", 2006, "总指数", 101.0),
        ("北京市", 2006, "食品", 102.0),
    ]
    account = str(table.account)
    assert "2 exact duplicates of a column left out (e.g. 北京市, 食品 (上年同月=100))" in account
    assert "1 row dropped: empty cell" in account
    assert "26 rows dropped: base 上月=100, not year-on-year" in account
    assert (
        "3 annual indices are based on fewer than 12 months (years 2006) (e.g. 上海市, 2006, 总指数: 1 months)"
        in account
    )


def test_wide_layout_wants_one_base(tmp_path: Path) -> None:
    path = write_csv(tmp_path, WIDE)
    with pytest.raises(UsageError) as caught:
        read_prices(path)
    assert "上年同月=100: 51 rows; 上月=100: 26 rows" in caught.value.example
    assert """where='base == "上年同月=100"'""" in caught.value.remedy
    table = read_prices(path, where='base == "上月=100" and item == "食品"')
    assert table.polars().filter(year=2006).rows() == [
        ("北京市", 2006, 1, "食品", 99.0),
        ("上海市", 2006, 1, "食品", 98.0),
    ]
    with pytest.raises(EmptyTable, match="a yearly index requires all months"):
        read_prices(path, where='base == "上月=100"', to_year=True)


def test_wide_layout_refuses_a_repeat_that_differs(tmp_path: Path) -> None:
    with pytest.raises(DuplicateKeys, match=r"two different columns for 北京市, 食品 \(上年同月=100\)") as caught:
        read_prices(write_csv(tmp_path, WIDE.replace("2005-03,103,104,104", "2005-03,103,104,105")), to_year=True)
    assert caught.value.example == "columns C and D"
    with pytest.raises(NotANumber, match="B5: n/k"):
        read_prices(write_csv(tmp_path, WIDE.replace("2005-03,103", "2005-03,n/k")), to_year=True)


def test_plain_months_average_into_years(tmp_path: Path) -> None:
    text = "region,year,month,commodity,index\n" + "".join(f"R,2005,{m},a,{100 + m}\n" for m in range(1, 13))
    table = read_prices(write_csv(tmp_path, text), to_year=True, basis="year_on_year")
    assert table.polars().rows() == [("R", 2005, "a", 106.5)]
    assert table.form == "link"
    with pytest.raises(BasisUnknown, match="do not identify it") as asked:
        read_prices(write_csv(tmp_path, text), to_year=True)
    assert 'basis="fixed"' in asked.value.remedy
    assert read_prices(write_csv(tmp_path, text)).polars().height == 12


def test_annual_table_is_annual_already(tmp_path: Path) -> None:
    table = read_prices(write_csv(tmp_path, PLAIN), to_year=True)
    assert "already annual" in str(table.account)
    assert table.polars().height == 4


def write_sheets(
    path: Path, sheets: dict[str, list[list[Any]]], merged: tuple[tuple[int, int, int, int], ...] = ()
) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for i, row in enumerate(rows):
                sheet.write_row(i, 0, row)
            for area in merged:
                sheet.merge_range(*area, rows[area[0]][area[1]])
    return path


DOWN = [
    ["8-3 各地区居民消费价格分类指数(2008年)", "", "", "", "", ""],
    ["(上年=100)", "", "", "", "", "Unit: %"],
    ["地 区", "总指数", "一、食品", "", "", "序号"],
    ["Region", "", "", "#粮食", "其中:鲜菜", ""],
    ["全 国", "105.9", 114.3, 107.0, 110.7, ""],
    ["北  京  Beijing", "105.1", 110.9, "１０５．６", "…", 1],
    ["内蒙古", "1,05.7", 112.9, 106.1, 109.0, 2],
    ["上 海", 105.8, 115.2, 104.9, "1,110.5", 3],
    ["注:资料来源于抽样调查。", "", "", "", "", ""],
]


def fixed_down() -> list[list[Any]]:
    rows = [list(row) for row in DOWN]
    rows[6][1] = "105.7"
    return rows


EXPECTED = [
    ("上海", 2008, "总指数", 105.8),
    ("上海", 2008, "粮食", 104.9),
    ("上海", 2008, "食品", 115.2),
    ("上海", 2008, "鲜菜", 1110.5),
    ("内蒙古", 2008, "总指数", 105.7),
    ("内蒙古", 2008, "粮食", 106.1),
    ("内蒙古", 2008, "食品", 112.9),
    ("内蒙古", 2008, "鲜菜", 109.0),
    ("北京", 2008, "总指数", 105.1),
    ("北京", 2008, "粮食", 105.6),
    ("北京", 2008, "食品", 110.9),
]


def test_yearbook_provinces_down_two_heading_rows(tmp_path: Path) -> None:
    merged = ((0, 0, 0, 5), (2, 1, 3, 1))
    # the mapping is not needed for a layout, and does no harm
    path = write_sheets(tmp_path / "yearbook 2009.xlsx", {"8-3": fixed_down()}, merged)
    table = read_prices(path, columns={"地 区": "region"}, aggregates="keep")
    assert rows_of(table) == EXPECTED
    assert rows_of(read_prices(path)) == [row for row in EXPECTED if row[2] != "总指数"]
    account = str(table.account)
    assert "regions in rows, goods in columns, year 2008" in account
    assert "1 row dropped: national total" in account
    assert "1 row dropped: empty cell, sheet '8-3'" in account
    assert "1 columns left out, which hold ranks or codes or have no heading" in account


def test_yearbook_goods_down(tmp_path: Path) -> None:
    rows = fixed_down()
    across = [["居民消费价格分类指数", *[""] * 5], ["", *[""] * 5]]
    across += [[row[j] for row in rows[2:8] if row[0] != "Region"] for j in range(5)]
    across[2][0], across[3][0], across[4][0] = "项 目", "总 指 数", "一、食品"
    across[5][0], across[6][0] = "  (1) 粮食", "  (2) 鲜菜"
    table = read_prices(write_sheets(tmp_path / "x.xlsx", {"2008": across}), aggregates="keep")
    assert rows_of(table) == EXPECTED
    assert "goods in rows, regions in columns, year 2008" in str(table.account)


def simple(year: str, food: float = 101.0) -> list[list[Any]]:
    return [
        [f"居民消费价格分类指数{year}", "", ""],
        ["地区", "食品", "衣着"],
        ["北京", food, 99],
        ["天津", 102, 98],
        ["河北", 103, 97],
    ]


def test_year_comes_from_cell_sheet_or_file_in_this_order(tmp_path: Path) -> None:
    sheets = {"表一": simple("(2007年)"), "2008": simple(""), "2009年": simple("(2008-2009)"), "说明": [["text"]]}
    table = read_prices(write_sheets(tmp_path / "cpi 2010.xlsx", sheets))
    assert sorted(set(table.polars()["year"])) == [2007, 2008, 2009]
    assert "sheet '说明' contains no table of regions" in str(table.account)
    assert set(read_prices(write_sheets(tmp_path / "cpi 2010.xlsx", {"a": simple("")})).polars()["year"]) == {2010}
    with pytest.raises(Unreadable, match="the year of sheet 'a'"):
        read_prices(write_sheets(tmp_path / "cpi.xlsx", {"a": simple("")}))


def test_continued_table_and_equal_subheadings(tmp_path: Path) -> None:
    rows = [
        *simple("(2008年)"),
        ["续表", "", ""],
        ["地区", "城市", "农村"],
        ["", "家电", "家电"],
        ["北京", 90, 91],
        ["天津", 92, 93],
        ["河北", 94, 95],
    ]
    table = read_prices(write_sheets(tmp_path / "x.xlsx", {"s": rows}))
    goods = table.polars().filter(region="天津").select("commodity", "index").sort("commodity").rows()
    assert goods == [("农村 家电", 93.0), ("城市 家电", 92.0), ("衣着", 98.0), ("食品", 102.0)]


def test_a_continued_sheet_has_the_year_of_the_sheet_before(tmp_path: Path) -> None:
    more = [["续表 1", "", ""], ["地区", "家具", "燃料"], ["北京", 90, 91], ["天津", 92, 93], ["河北", 94, 95]]
    table = read_prices(write_sheets(tmp_path / "x.xlsx", {"8-3": simple("(2008年)"), "8-3 续": more}))
    assert set(table.polars()["year"]) == {2008}
    assert table.polars().filter(region="天津", commodity="燃料")["index"].to_list() == [93.0]
    with pytest.raises(Unreadable, match="the year of sheet '8-3 续'"):
        read_prices(write_sheets(tmp_path / "y.xlsx", {"8-3 续": more}))


def test_years_across_without_a_good_are_asked_for(tmp_path: Path) -> None:
    rows = [["地区", "2009年", "2008年"], ["北京", 101, 102], ["天津", 102, 103], ["河北", 103, 104]]
    path = write_sheets(tmp_path / "x.xlsx", {"s": rows})
    with pytest.raises(UnclearLayout, match=r"does not show commodity of prices") as caught:
        read_prices(path)
    assert "column '地区' (北京, 天津, 河北): region; periods across: year" in caught.value.example
    assert 'layout={"files": "commodity"}; one value for all: layout={"commodity": "NAME"}' in caught.value.remedy
    table = read_prices(path, layout={"commodity": "食品"})
    assert rows_of(table)[:2] == [("北京", 2008, "食品", 102.0), ("北京", 2009, "食品", 101.0)]


def test_column_of_years_and_other_countries_regions(tmp_path: Path) -> None:
    rows = [
        ["Region", "Year", "Food", "Cloth"],
        ["North", 2008, 101, 99],
        ["North", 2009, 102, 98],
        ["South", 2008, 103, 97],
    ]
    table = read_prices(write_sheets(tmp_path / "x.xlsx", {"s": rows}))
    assert rows_of(table)[:2] == [("North", 2008, "Cloth", 99.0), ("North", 2008, "Food", 101.0)]
    assert table.polars().height == 6


def test_old_workbook_and_html_yearbook(tmp_path: Path) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("2008")
    for i, row in enumerate(simple("")):
        for j, value in enumerate(row):
            sheet.write(i, j, value)
    book.save(str(tmp_path / "a.xls"))
    cells = "".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for row in simple("2009年"))
    (tmp_path / "b.xls").write_bytes(f"<html><table>{cells}</table></html>".encode("gb18030"))
    text = "\n".join("\t".join(map(str, row)) for row in simple("2010年"))
    (tmp_path / "c.xls").write_bytes(text.encode("gb18030"))
    table = read_prices(str(tmp_path / "*.xls"))
    assert table.polars().group_by("year").len().sort("year").rows() == [(2008, 6), (2009, 6), (2010, 6)]


def test_a_long_table_with_a_wrong_heading_is_no_yearbook(tmp_path: Path) -> None:
    text = PLAIN.replace("item", "goods of trade").replace("上海市,2005,衣着,98", "天津市,2005,食品,98")
    with pytest.raises(MissingColumn, match="column 'commodity'"):
        read_prices(write_csv(tmp_path, text))
    single = "regoin,year,commodity,index\n" + "".join(f"{r},2005,食品,101\n" for r in ("北京", "天津", "河北"))
    with pytest.raises(MissingColumn) as caught:
        read_prices(write_csv(tmp_path, single))
    assert "did you mean 'regoin'" in str(caught.value)
    assert 'columns={"OLD": "region"}' in str(caught.value)


BAD: dict[str, tuple[str, type[IntegradeError], tuple[str, ...]]] = {
    "text in a number": (
        PLAIN.replace("101.5", "x101"),
        NotANumber,
        ("text in the number column 'index'", "index=x101"),
    ),
    "index of zero": (PLAIN.replace("101.5", "0"), OutOfRange, ("index not positive in 1 row", "index=0")),
    "impossible year": (PLAIN.replace("北京市,2005,食品", "北京市,20055,食品"), OutOfRange, ("year outside", "20055")),
    "repeated key": (
        PLAIN + "北京市,2005,食品,101.5\n",
        DuplicateKeys,
        ("region=北京市, year=2005, commodity=食品 (2 rows)",),
    ),
    "headings only": ("region,year,commodity,index\n", EmptyTable, ("prices has no rows",)),
    "two columns missing": ("region,year\n北京,2005\n", Problems, ("'commodity'", "'index'")),
}


@each("case", BAD)
@each("engine", ["polars", "duckdb"])
def test_bad_prices_are_refused_with_an_example(tmp_path: Path, case: str, engine: Engine) -> None:
    text, kind, fragments = BAD[case]
    with pytest.raises(kind) as caught:
        read_prices(write_csv(tmp_path, text), engine=engine)
    for fragment in fragments:
        assert fragment in str(caught.value)
    assert caught.value.exit_code == 1


def test_text_in_a_yearbook_cell_is_shown_with_its_address(tmp_path: Path) -> None:
    with pytest.raises(NotANumber) as caught:
        read_prices(write_sheets(tmp_path / "x.xlsx", {"8-3": DOWN}))
    assert "sheet '8-3', cell B7" in str(caught.value)
    assert "内蒙古: 1,05.7" in str(caught.value)


def test_words_of_statistical_tables() -> None:
    assert item_of("食品类居民消费价格指数(上年同月=100)") == ("食品", "上年同月=100")
    assert item_of("居民消费价格指数（上月=100）") == ("总指数", "上月=100")
    assert item_of("  (二) 烟 酒 及 用 品  Tobacco, Liquor") == ("烟酒及用品", "")
    assert item_of("Household  Goods") == ("Household Goods", "")
    assert [number_of(c) for c in ("1,234.5", "１０１．２", "—", "", None, 3)] == [1234.5, 101.2, None, None, None, 3.0]


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_real_monthly_indices_average_to_the_annual_ones(engine: Engine) -> None:
    folder = shared("data/china_cpi")
    keep: dict[str, Any] = {"engine": engine, "aggregates": "keep"}
    raw = read_prices(folder / "31个省居民消费价格分类指数.csv", to_year=True, **keep)
    annual = read_prices(folder / "cpi_province_annual_prev_year_100.csv", where='item != ""', **keep)
    key = ["region", "year", "commodity"]
    joined = raw.polars().join(annual.polars(), on=key, how="full", suffix="_annual", coalesce=True)
    assert joined.height == 8835
    assert joined.null_count().row(0) == (0, 0, 0, 0, 0)[: joined.width]
    # both are means of the same twelve decimals, only the order of addition differs
    assert (joined["index"] - joined["index_annual"]).abs().max() < 1e-9  # type: ignore[operator]
    assert "465 annual indices are based on fewer than 12 months (years 2023)" in str(raw.account)
    assert "62 exact duplicates of a column" in str(raw.account)


def test_a_value_does_not_tell_repeated_rows_apart(tmp_path: Path) -> None:
    rows = [f"{s},{y},{g},{100 + i}.5" for s in "AB" for y in (2000, 2001) for g in "xy" for i in range(2)]
    with pytest.raises(DuplicateKeys) as said:
        read_prices(write_csv(tmp_path, "State,Year,Item,Index\n" + "\n".join(rows)))
    assert said.value.remedy.startswith("they differ in index: keep one row per key in the file (their sum, their mean")
    assert said.value.filters == ()


FIRMS = ("firm,year,region,name,assets", "A,2004,North,One,10", "A,2004,South,One,10", "A,2005,South,One,12.5")


def test_rows_that_differ_in_one_value_are_no_kinds_of_rows(tmp_path: Path) -> None:
    """A filter that keeps one region would lose the firms of all others."""
    more = [f"B{i},{y},R{i},b,7" for i in range(9) for y in (2004, 2005)]
    path = write_csv(tmp_path, "\n".join([*FIRMS, *more]))
    with pytest.raises(DuplicateKeys) as said:
        read_firms(path)
    keep = ('not (firm == "A" and year == 2004 and region == "South")', 'region == "North")')
    assert said.value.remedy.startswith(f"they differ in region: keep one of each, where='{keep[0]}' or where=")
    assert said.value.filters[0] == keep[0]
    assert said.value.filters[1].endswith(keep[1])
    for condition, region in zip(said.value.filters, ("North", "South"), strict=True):
        read = read_firms(path, where=condition).polars()
        assert read.height == 2 + len(more)
        assert read.filter(firm="A", year=2004)["region"].to_list() == [region]


def test_rows_added_twice_are_dropped_on_request_and_counted(tmp_path: Path) -> None:
    path = write_csv(tmp_path, "\n".join([*FIRMS[:2], FIRMS[1], FIRMS[1], FIRMS[3]]))
    with pytest.raises(DuplicateKeys) as said:
        read_firms(path)
    assert said.value.remedy.startswith('they are the same in every column: duplicates="drop" keeps one')
    read = read_firms(path, duplicates="drop")
    assert read.polars().height == 2
    assert [e.rows for e in read.account if e.step == "duplicates"] == [2]
    other = tmp_path / "other"
    other.mkdir()
    again = write_csv(other, "\n".join(FIRMS[:2]))  # the same row once more, in another file
    assert read_firms([path, again], duplicates="drop").polars().height == 2


def test_only_rows_that_are_the_same_in_every_column_are_dropped(tmp_path: Path) -> None:
    path = write_csv(tmp_path, "\n".join(FIRMS))
    with pytest.raises(DuplicateKeys):
        read_firms(path, duplicates="drop")


def test_districts_are_finer_than_their_states(tmp_path: Path) -> None:
    rows = [f"{s},{s} {d},{y},{g},{100 + y % 7}" for s in "AB" for d in "xy" for y in (2000, 2001) for g in ("a", "b")]
    path = write_csv(tmp_path, "State,District,Year,Item,Index\n" + "\n".join(rows))
    with pytest.raises(DuplicateKeys) as said:
        read_prices(path)
    assert 'District is finer than region: take it, columns={"District": "region"}' in said.value.remedy
    assert read_prices(path, columns={"District": "region"}).polars().height == 16


STATES_AND_GOODS = """Instituto Nacional de Estadística y Geografía (INEGI)
"Índice nacional de precios al consumidor por entidad federativa, base segunda quincena de julio 2018 = 100"

Periodo,Total nacional,,,Coahuila de Zaragoza,,,Ciudad de México,,
,Índice general,01 Alimentos,06 Salud,Índice general,01 Alimentos,06 Salud,Índice general,01 Alimentos,06 Salud
Jul 2018,100,100,100,100,100,100,100,100,100
Ago 2018,100.5,100.6,100.4,100.4,100.9,100.1,100.3,100.2,
{}
Nota: Cifras definitivas.
Fuente: INEGI. Índices de precios.
"""


def test_two_rows_of_headings_below_titles_and_above_footnotes(tmp_path: Path) -> None:
    table = read_prices(write_csv(tmp_path, STATES_AND_GOODS.format("")))
    expected = [
        ("Ciudad de México", 2018, "01 Alimentos", 100.0),
        ("Ciudad de México", 2018, "01 Alimentos", 100.2),
        ("Ciudad de México", 2018, "06 Salud", 100.0),
        ("Coahuila de Zaragoza", 2018, "01 Alimentos", 100.0),
        ("Coahuila de Zaragoza", 2018, "01 Alimentos", 100.9),
        ("Coahuila de Zaragoza", 2018, "06 Salud", 100.0),
        ("Coahuila de Zaragoza", 2018, "06 Salud", 100.1),
    ]
    assert rows_of(table) == expected
    said = str(table.account)
    assert "2 rows dropped: footnotes below the table" in said
    assert "1 row dropped: empty cell of the wide layout" in said
    assert "(regions, e.g. Total nacional; goods, e.g. Índice general)" in said


def test_regions_below_goods_are_told_by_their_names(tmp_path: Path) -> None:
    heads = "Periodo,Alimentos,,Salud,\n,Jalisco,Sonora,Jalisco,Sonora\n"
    text = heads + "Ene 2018,100,101,102,103\nFeb 2018,104,105,106,107\n"
    rows = rows_of(read_prices(write_csv(tmp_path, text)))
    assert ("Sonora", 2018, "Alimentos", 105.0) in rows
    assert len(rows) == 8


def test_two_rows_of_headings_below_titles_in_a_workbook_with_merged_cells(tmp_path: Path) -> None:
    path = tmp_path / "inpc.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("INPC")
        sheet.write(0, 0, "Índice nacional de precios al consumidor por entidad federativa")
        sheet.write(2, 0, "Periodo")
        for k, state in enumerate(("Jalisco", "Sonora")):
            sheet.merge_range(2, 1 + 2 * k, 2, 2 + 2 * k, state)
            sheet.write_row(3, 1 + 2 * k, ["Alimentos", "Salud"])
        for m, month in enumerate(("Ene 2018", "Feb 2018", "Mar 2018")):
            sheet.write_row(4 + m, 0, [month, *(100.0 + m + k for k in range(4))])
        sheet.write(8, 0, "Fuente: INEGI.")
    rows = rows_of(read_prices(path))
    assert len(rows) == 12
    assert ("Sonora", 2018, "Salud", 105.0) in rows


def test_messages_on_a_text_file_name_no_sheet(tmp_path: Path) -> None:
    right = {"北京": "100.5", "上海": "100.9", "广东": "", "河南": "101.5"}
    lines = ["年份,地区,食品,衣着,家具", *(f"{y},{r},101.2,99.8,{x}" for y in (2004, 2005) for r, x in right.items())]
    path = tmp_path / "prices.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    said = [str(e.reason) for e in read_prices(path).account]
    assert "text file: regions in rows, goods in columns, year by row" in said
    assert not any("sheet" in reason for reason in said)
    path.write_text("\n".join(lines).replace("101.2", "about 101", 1), encoding="utf-8")
    with pytest.raises(NotANumber) as caught:
        read_prices(path)
    assert "cell C2" in caught.value.where
    assert "sheet" not in caught.value.where
