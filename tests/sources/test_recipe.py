"""Public sources: each recipe on a small file of the source's shape, and on the real files where they are at hand."""

from __future__ import annotations

import math
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import integrade as ig
from basis_files import market_prices
from every_key import WRONG, toml
from integrade.cli import run
from integrade.engine.frames import Engine
from integrade.errors import (
    BadFormula,
    DuplicateKeys,
    EmptyTable,
    IntegradeError,
    MissingColumn,
    NotADate,
    NotANumber,
    Problems,
    UnknownName,
    UsageError,
)
from integrade.records.schema import TABLES
from integrade.sources import READERS, read_canonical, read_exporters, read_registry, read_sigma
from integrade.sources.files.by_recipe import by_value
from integrade.sources.meaning.recipe import (
    FOLDER,
    Field,
    Recipe,
    Rule,
    find_recipe,
    load_recipe,
    looks_like,
    plain,
    recipes,
)
from library import shared
from plainwords.account import carrying


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def dropped(table: Any) -> dict[str, int]:
    return {e.reason: e.rows for e in table.account if e.kind == "dropped"}


def test_every_recipe_says_where_it_comes_from_and_gives_a_table() -> None:
    assert len(recipes()) >= 18
    for recipe in recipes().values():
        assert recipe.table in READERS or recipe.table == "sigma"
        assert recipe.cite, recipe.name
        assert recipe.url, recipe.name
        assert len(recipe.traps) >= 3, recipe.name
        if recipe.table in TABLES:
            required = {c.name for c in TABLES[recipe.table].columns if c.required}
            assert required <= set(recipe.columns), recipe.name
        for name, one in recipe.columns.items():
            assert (
                one.hidden
                or one.about
                or name in ("year", "month", "region", "base", "industry", "commodity")
                or (one.optional)
            ), (recipe.name, name)
    assert {p.stem for p in FOLDER.glob("*.toml")} == set(recipes())


BACI = """t,i,j,k,v,q
2020,4,36,71120,0.727,        0.308
2020,4,842,401031,0.164,           NA
2020,710,842,80211,2.404,        0.710
"""


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_baci(tmp_path: Path, engine: Engine) -> None:
    table = ig.read_customs(write(tmp_path / "BACI_HS17_Y2020.csv", BACI), source="baci", engine=engine)
    assert table.polars().sort("firm").rows() == [
        ("4", "071120", "36", 2020, 727.0, 0.308, "t"),
        ("710", "080211", "842", 2020, 2404.0, 0.71, "t"),
    ]
    assert dropped(table) == {"quantity missing": 1}
    text = str(table.account)
    assert "source baci (BACI, trade by exporter, importer and HS6, CEPII)" in text
    assert "value = 'v' x 1000 (USD, from thousands)" in text
    assert (
        "2 rows filled: leading zeros of 'k' restored, because this source drops them; its codes have 6 digits" in text
    )


def test_baci_as_published() -> None:
    table = ig.read_customs(shared("data/baci_sample/baci_hs92_2021_exporters_AFG_ZAF.csv"), source="baci")
    # 71,192 rows and 4,442 codes of five digits: counted by the note that comes with the file
    entries = {(e.kind, e.rows) for e in table.account}
    assert ("in", 71_192) in entries
    assert ("filled", 4_442) in entries
    rows = table.polars()
    assert rows["product"].str.len_chars().unique().to_list() == [6]
    raw = pl.read_csv(shared("data/baci_sample/baci_hs92_2021_exporters_AFG_ZAF.csv"), infer_schema=False)
    there = raw.filter(pl.col("q").str.strip_chars() != "NA")
    assert rows["value"].sum() == pytest.approx(1000 * there["v"].cast(pl.Float64).sum(), rel=1e-12)


def test_where_takes_the_names_of_the_file_and_of_the_table(tmp_path: Path) -> None:
    path = write(tmp_path / "baci.csv", BACI)
    for where in ("i = 710", "firm = 710", 'k = "80211"'):
        assert ig.read_customs(path, source="baci", where=where).polars()["product"].to_list() == ["080211"]
    mapped = ig.read_customs(path, source="baci", columns={"j": "firm", "i": "destination"}).polars()
    assert sorted(mapped["firm"].to_list()) == ["36", "842"]


COMTRADE = """freqCode,refYear,refMonth,reporterISO,flowCode,partnerCode,partnerISO,partner2Code,cmdCode,\
customsCode,motCode,qtyUnitAbbr,qty,primaryValue
A,2022,52,CHN,X,842,USA,0,010121,C00,0,kg,5,100
A,2022,52,CHN,X,842,USA,0,010121,C00,1000,kg,3,60
A,2022,52,CHN,X,842,USA,0,010121,C01,0,kg,5,100
A,2022,52,CHN,X,842,USA,36,010121,C00,0,kg,1,20
A,2022,52,CHN,X,0,W00,0,010121,C00,0,kg,9,180
A,2022,52,CHN,M,842,USA,0,010121,C00,0,kg,2,50
A,2022,52,CHN,X,392,JPN,0,010121,C00,0,kg,4,80
"""


def test_comtrade_counts_no_total_beside_its_parts(tmp_path: Path) -> None:
    table = ig.read_customs(write(tmp_path / "TradeData.csv", COMTRADE), source="comtrade")
    rows = (
        table.polars().sort("destination").select("firm", "product", "destination", "year", "unit", "value", "quantity")
    )
    assert rows.rows() == [
        ("CHN", "010121", "JPN", 2022, "kg", 80.0, 4.0),
        ("CHN", "010121", "USA", 2022, "kg", 100.0, 5.0),
    ]
    assert dropped(table) == {
        "not exports": 1,
        "partner World, the sum of the others": 1,
        "a part of the total over second partners": 1,
        "a part of the total over modes of transport": 1,
        "a part of the total over customs procedures": 1,
    }
    shifted = COMTRADE.replace("\n", ",\n").replace("primaryValue,\n", "primaryValue\n")
    again = ig.read_customs(write(tmp_path / "shifted.csv", shifted), source="comtrade")
    assert again.polars().sort("destination").equals(table.polars().sort("destination"))
    assert "every row ends in a ',' that the header line lacks: an empty column was added" in str(again.account)
    old = "Year,Reporter ISO,Partner ISO,Partner Code,Trade Flow,Commodity Code,Qty Unit,Qty,Trade Value (US$)\n"
    old += "2012,CHN,USA,842,Export,0101,kg,5,100\n2012,CHN,USA,842,Import,0101,kg,5,100\n"
    table = ig.read_customs(write(tmp_path / "comtrade.csv", old), source="comtrade")
    assert table.polars()["product"].to_list() == ["0101"]


COMEXT = """REPORTER,PARTNER,TRADE_TYPE,PRODUCT_NC,FLOW,STAT_PROCEDURE,SUPPL_UNIT,PERIOD,\
VALUE_EUR,QUANTITY_KG,QUANTITY_SUPPL_UNIT
DE,US,E,01012100,2,1,NO,202301,5000,1200,3
DE,US,E,01012100,2,1,NO,202302,2500,600,2
DE,US,E,01012100,1,1,NO,202301,700,100,1
DE,US,E,TOTAL,2,1,,202301,99999,9999,0
DE,US,E,27XXXXXX,2,1,,202301,50,5,0
"""


def test_where_takes_a_column_of_the_source_as_the_source_makes_it(tmp_path: Path) -> None:
    """Comext has years and months in one number, 202301: the year of a filter is 2023 there, too."""
    path = write(tmp_path / "full_v2_202301.dat", COMEXT)
    whole = ig.read_customs(path, source="comext").polars()
    assert ig.read_customs(path, source="comext", where="year == 2023").polars().equals(whole)
    assert ig.read_customs(path, source="comext", where="year != 2006 and month == 2").polars()["month"].to_list() == [
        2
    ]
    assert ig.read_customs(path, source="comext", where="PERIOD == 202301").polars()["month"].to_list() == [1]


def test_comext_in_euros_and_kilograms(tmp_path: Path) -> None:
    table = ig.read_customs(write(tmp_path / "full_v2_202301.dat", COMEXT), source="comext")
    rows = table.polars().sort("month")
    assert rows.select("firm", "product", "destination", "year", "month", "value", "quantity", "unit").rows() == [
        ("DE", "01012100", "US", 2023, 1, 5000.0, 1200.0, "kg"),
        ("DE", "01012100", "US", 2023, 2, 2500.0, 600.0, "kg"),
    ]
    assert dropped(table) == {"not exports": 1, "not a code of digits (totals, confidential)": 2}


MONTHLY = {
    2001: "shipment_date,exp_or_imp,hs_id,party_id,company,country,shipment,value,quantity,unit\n"
    "200103,出口,1012100,1101910001,甲公司,美国,一般贸易,500,5,头\n200103,进口,1012100,1101910001,甲公司,美国,一般贸易,1,1,头\n",
    2003: "日期,进口或出口,税号编码,企业编码,经营单位,起运国或目的国,贸易方式,金额,数量,数量单位\n"
    "200311,出口,84713000,3101910002,乙公司,日本,进料加工贸易,900,3,台\n200311,出口,84713000,3101910002,乙公司,中国,一般贸易,9,3,台\n",
}


def test_china_customs_of_years_with_different_headings(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    for year, text in MONTHLY.items():
        write(tmp_path / "raw" / f"{year}.csv", text, "gb18030")
    table = ig.read_customs(tmp_path / "raw", source="china_customs_monthly")
    names = ["firm", "product", "destination", "year", "month", "value", "quantity", "unit", "regime"]
    assert table.polars().sort("year").select(names).rows() == [
        ("1101910001", "01012100", "美国", 2001, 3, 500.0, 5.0, "头", "一般贸易"),
        ("3101910002", "84713000", "日本", 2003, 11, 900.0, 3.0, "台", "进料加工贸易"),
    ]
    assert dropped(table) == {"not exports": 1, "destination China: goods that come back": 1}
    assert "encoding gb18030 (detected)" in str(table.account)


def test_flows_that_are_numbers(tmp_path: Path) -> None:
    rows = {
        "year": [2008.0, 2008.0],
        "exp_imp": [0.0, 1.0],
        "hs_id": [1012100.0, 1012100.0],
        "party_id": ["1", "1"],
        "country": ["美国", "美国"],
        "value": [5.0, 6.0],
        "quantity": [1.0, 1.0],
    }
    pl.DataFrame(rows).write_parquet(tmp_path / "2008.parquet")
    table = ig.read_customs(tmp_path / "2008.parquet", source="china_customs_annual").polars()
    assert table.select("product", "year", "value").rows() == [("01012100", 2008, 5.0)]


def test_the_customs_side_of_the_match_from_the_same_files(tmp_path: Path) -> None:
    text = MONTHLY[2001].replace("unit\n", "unit,zip,tel,pperson\n").replace("头\n", "头,100020,010-65001234,王\n")
    table = read_exporters(write(tmp_path / "2001.csv", text), source="china_customs_monthly")
    names = ["firm", "year", "name", "postcode", "phone", "contact", "value"]
    assert table.polars().select(names).rows() == [
        ("1101910001", 2001, "甲公司", "100020", "010-65001234", "王", 500.0)
    ]


def test_china_customs_annual(tmp_path: Path) -> None:
    text = "_日期,_进口或出口,_税号编码,_企业编码,_起运国或目的国,_贸易方式,_金额,_数量\n"
    text += "2008,0,84713000,3101910002,日本,一般贸易,900,3\n2008,1,84713000,3101910002,日本,一般贸易,100,1\n"
    table = ig.read_customs(write(tmp_path / "tradedata_2008.csv", text), source="china_customs_annual")
    assert table.polars().select("firm", "product", "year", "value").rows() == [("3101910002", "84713000", 2008, 900.0)]


def test_firm_survey_gets_provinces_and_keeps_the_rest(tmp_path: Path) -> None:
    text = "法人代码,年份,企业名称,省地县码,行业小类代码,登记注册类型,开工时间年,资产总计千元,负债合计千元,存货千元,"
    text += "利润总额千元,从业人数,应交所得税千元\nA00000001,2004,甲厂,110105,610,110,1990,1000,400,50,30,80,7\n"
    text += "A00000002,2004,乙厂,440301,3921,310,2001,500,100,20,-3,40,0\n"
    table = ig.read_firms(write(tmp_path / "2004.csv", text, "gb18030"), source="asif")
    names = ["firm", "region", "county", "industry", "founded", "assets", "net_profit", "employees", "应交所得税千元"]
    assert table.polars().sort("firm").select(names).rows() == [
        ("A00000001", "北京", "110105", "0610", 1990, 1_000_000.0, 30_000.0, 80, 7),
        ("A00000002", "广东", "440301", "3921", 2001, 500_000.0, -3_000.0, 40, 0),
    ]
    assert table.units["assets"] == "CNY"
    assert read_registry(tmp_path / "2004.csv", source="asif").polars().height == 2


def test_one_register_has_one_scale_however_it_comes(tmp_path: Path) -> None:
    """With the recipe, or by headings that state thousand yuan: assets, receivables and their log are the same."""
    rows = "A1,2004,1000,50\nA2,2004,500,20\n"
    plain = write(tmp_path / "a.csv", f"法人代码,年份,资产总计,应收账款净额\n{rows}")
    stated = write(tmp_path / "b.csv", f"法人代码,年份,资产总计(千元),应收账款净额(千元)\n{rows}")
    named = {"应收账款净额(千元)": "receivables"}
    tables = [ig.read_firms(plain, source="asif"), ig.read_firms(stated, columns=named)]
    first, second = (ig.firm_controls(t).polars().select("scale", "fic").to_numpy() for t in tables)
    assert first == pytest.approx(second)
    assert first[0] == pytest.approx([math.log(1_000_000), 0.05])


PORTAL = """数据库：分省年度数据
指标：食品类居民消费价格指数(上年=100)
时间：最近3年
地区,2015年,2014年,2013年
北京市,101.5,102.1,103.4
天津市,101.2,,103.1
全国,101.0,102.0,103.0
数据来源：国家统计局
"""
ONE_REGION = """数据库：分省年度数据
地区：北京市
时间：最近2年
指标,2015年,2014年
食品类居民消费价格指数(上年=100),101.5,102.1
衣着类居民消费价格指数(上年=100),99.5,98.1
"""


@pytest.mark.parametrize("source", ["nbs_cpi", "nbs_rpi"])
def test_price_exports_of_the_portal(tmp_path: Path, source: str) -> None:
    prices = ig.read_prices(write(tmp_path / "food.csv", PORTAL, "gb18030"), source=source)
    key = ["region", "year", "commodity", "index"]
    assert prices.polars().select(key).sort(key).rows() == [
        ("北京市", 2013, "食品", 103.4),
        ("北京市", 2014, "食品", 102.1),
        ("北京市", 2015, "食品", 101.5),
        ("天津市", 2013, "食品", 103.1),
        ("天津市", 2015, "食品", 101.2),
    ]
    assert dropped(prices) == {"empty cell": 1, "national total": 1}
    one = ig.read_prices(write(tmp_path / "beijing.csv", ONE_REGION), source=source)
    assert one.polars().select(key).sort(key).rows()[-1] == ("北京市", 2015, "食品", 101.5)
    assert one.polars()["commodity"].unique().sort().to_list() == ["衣着", "食品"]


def test_monthly_exports_of_the_portal(tmp_path: Path) -> None:
    text = "数据库：分省月度数据\n指标：食品类居民消费价格指数(上年同月=100)\n时间：最近13个月\n"
    months = [f"2015年{m}月" for m in range(12, 0, -1)]
    text += f"地区,{','.join(months)}\n北京市,{','.join(str(100 + m) for m in range(12, 0, -1))}\n"
    path = write(tmp_path / "monthly.csv", text)
    monthly = ig.read_prices(path, source="nbs_cpi").polars().sort("month")
    assert monthly.select("year", "month", "index").rows()[0] == (2015, 1, 101.0)
    assert monthly.height == 12
    yearly = ig.read_prices(path, source="nbs_cpi", to_year=True).polars()
    assert yearly.select("year", "commodity", "index").rows() == [(2015, "食品", pytest.approx(106.5))]


def test_consumer_prices_as_published() -> None:
    path = shared("data/china_cpi/31个省居民消费价格分类指数.csv")
    yearly = ig.read_prices(path, source="nbs_cpi", to_year=True, aggregates="keep").polars()
    known = pl.read_csv(shared("data/china_cpi/cpi_province_annual_prev_year_100.csv"))
    both = yearly.join(known, left_on=["region", "year", "commodity"], right_on=["region", "year", "item"])
    assert both.height == yearly.height == known.height
    assert (both["index"] - both["value"]).abs().max() < 1e-9  # type: ignore[operator]


RD = """各地区研究与试验发展(R&D)经费情况 (2012年),,
单位：万元,,
地区,R&D经费内部支出,R&D人员全时当量(人年)
全国,300,30
北京,100,10
天津,80,8
河北,70,7
山西,50,5
"""


def test_research_by_province_and_by_industry(tmp_path: Path) -> None:
    table = ig.read_covariates(write(tmp_path / "rd.csv", RD), source="nbs_rd_province")
    names = ["region", "year", "rd_expenditure", "rd_personnel"]
    assert table.polars().select(names).rows()[:2] == [("北京", 2012, 100.0, 10.0), ("天津", 2012, 80.0, 8.0)]
    portal = "数据库：分省年度数据\n指标：规模以上工业企业R&D经费(万元)\n时间：最近2年\n"
    portal += "地区,2015年,2014年\n北京市,5,4\n天津市,3,2\n"
    table = ig.read_covariates(write(tmp_path / "portal.csv", portal), source="nbs_rd_province")
    assert table.polars().select(names[:3]).sort(names[:2]).rows()[0] == ("北京市", 2014, 4.0)
    text = "分行业规模以上工业企业R&D活动情况 (2012年),,\n行业,R&D人员全时当量,R&D经费内部支出\n"
    text += ",(人年),(万元)\n总计,9,90\n"
    text += "煤炭开采和洗选业,2,20\n　　其中：烟煤,1,10\n(二)纺织业,3,…\n医药制造业,4,40\n"
    table = ig.read_covariates(write(tmp_path / "industry.csv", text), source="nbs_rd_industry")
    assert table.polars().select("industry", "year", "rd_expenditure").rows() == [
        ("煤炭开采和洗选业", 2012, 20.0),
        ("烟煤", 2012, 10.0),
        ("纺织业", 2012, None),
        ("医药制造业", 2012, 40.0),
    ]
    assert dropped(table) == {"national total": 1, "empty cell": 1}
    assert not any("''" in e.reason for e in table.account)


@pytest.mark.parametrize(("old", "new"), [(" (2012年)", ""), ("4,40", "4,forty")])
def test_a_text_file_has_no_sheet_without_a_name(old: str, new: str, tmp_path: Path) -> None:
    text = "分行业规模以上工业企业R&D活动情况 (2012年),,\n行业,R&D人员全时当量,R&D经费内部支出\n,(人年),(万元)\n"
    text += "煤炭开采和洗选业,2,20\n纺织业,3,30\n医药制造业,4,40\n"
    with pytest.raises(IntegradeError) as said:
        ig.read_covariates(write(tmp_path / "industry.csv", text.replace(old, new)), source="nbs_rd_industry")
    assert "''" not in str(said.value)


def test_industry_output_takes_the_industry_from_the_title(tmp_path: Path) -> None:
    for industry, factor in (("纺织业", 1), ("医药制造业", 10)):
        text = f"各地区{industry}主要经济指标 (2010年),,,\n单位：亿元,,,\n"
        text += "地区,企业单位数(个),工业总产值(当年价格),平均用工人数(万人)\n"
        text += "".join(f"{r},{n},{n * factor}.5,{n}\n" for n, r in enumerate(("北京", "天津", "河北", "山西"), 1))
        write(tmp_path / f"{industry}.csv", text)
    table = ig.read_output([tmp_path / "纺织业.csv", tmp_path / "医药制造业.csv"], source="nbs_industry_output")
    names = ["region", "industry", "year", "value", "employment", "plants"]
    assert ("北京", "纺织业", 2010, 1.5, 10_000.0, 1.0) in table.polars().select(names).rows()
    assert table.polars().height == 8
    assert "employment = '平均用工人数' x 10000 (persons, from 10,000 persons)" in str(table.account)


@pytest.mark.parametrize("nine", [True, False])
def test_schooling_of_seven_and_of_nine_classes(tmp_path: Path, nine: bool) -> None:
    heads = [
        "未上过学",
        "小学",
        "初中",
        "高中",
        *(["中等职业教育", "高等职业教育"] if nine else []),
        "大学专科",
        "大学本科",
        "研究生",
    ]
    shares = [2, 17, 47, 5, 12, 1, 9, 6, 1] if nine else [2, 17, 47, 17, 10, 6, 1]
    rows = [f"{r},{','.join(map(str, shares))}" for r in ("北京", "天津", "河北", "山西")]
    text = (
        f"各地区就业人员受教育程度构成 (2015年){',' * len(shares)}\n地区,{','.join(heads)}\n" + "\n".join(rows) + "\n"
    )
    education = ig.read_education(write(tmp_path / "edu.csv", text), source="nbs_education")
    years = ig.human_capital(education).polars()["human_capital"].to_list()
    # (2*0 + 17*6 + 47*9 + 5*12 + 12*12 + 1*15 + 9*15 + 6*16 + 1*19)/100, as METHODS has it; seven classes give the same
    assert years == pytest.approx([9.94] * 4)


BLS = """series_id                     \tyear\tperiod\t       value\tfootnote_codes
CUURS12ASA0      \t2019\tM01\t     270.559\t
CUURS12ASA0      \t2019\tM13\t     275.000\t
CUURS12ASA0      \t2019\tS01\t     273.000\t
CUUR0000SA0      \t2019\tM01\t     251.712\t
CUURS000SA0      \t2019\tM01\t     254.000\t
CUURS100SA0      \t2019\tM01\t     254.000\t
CUURN100SA0      \t2019\tM01\t     254.000\t
CUSRS12ASA0      \t2019\tM01\t     270.000\t
CUURS49ASAF      \t2019\tM11\t     260.250\t
CUURA104SEHF     \t1935\tM01\t       0.000\t
CUURS49ASAF      \t2025\tM10\t           -\tX
"""


def test_us_metropolitan_prices(tmp_path: Path) -> None:
    table = ig.read_prices(write(tmp_path / "cu.data.0.txt", BLS), source="bls_cpi")
    names = ["region", "year", "month", "commodity", "index"]
    assert table.polars().sort("region").select(names).rows() == [
        ("S12A", 2019, 1, "SA0", 270.559),
        ("S49A", 2019, 11, "SAF", 260.25),
    ]
    assert dropped(table) == {
        "seasonally adjusted, or not of all urban consumers": 1,
        "an average of months": 2,
        "not a metropolitan area": 4,
        "index missing": 2,
    }


def test_us_metropolitan_prices_as_their_files_are_called(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    for name in ("cu.data.3.AsizeNorthEast", "cu.data.6.AsizeWest"):
        write(tmp_path / "raw" / name, BLS.replace("S12A", f"S1{name[8]}A").replace("S49", f"S4{name[8]}"))
    (tmp_path / "raw" / "LICENSE").write_text("by the way, not a table, but, for commas, alike\n")
    table = ig.read_prices(tmp_path / "raw", source="bls_cpi", where="year = 2019")
    assert table.polars()["region"].unique().sort().to_list() == ["S13A", "S16A", "S43A", "S46A"], "no other file"
    assert "read as delimited text" in str(table.account)


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_a_filter_knows_the_columns_that_a_recipe_cuts_from_a_text(tmp_path: Path, engine: Engine) -> None:
    def kept(where: str) -> list[tuple[str, str]]:
        path = write(tmp_path / "cu.data.0.txt", BLS)
        table = ig.read_prices(path, source="bls_cpi", where=where, engine=engine)
        return sorted(table.polars().select("region", "commodity").rows())

    assert kept('commodity = "SAF"') == [("S49A", "SAF")]
    assert kept('commodity in ("SAF", "SA0") and year = 2019 and region != "S12A"') == [("S49A", "SAF")]
    assert kept("month = 1 and footnote_codes is missing") == [("S12A", "SA0")]
    assert kept('series_id = "CUURS12ASA0"') == [("S12A", "SA0")], "the file's own columns as before"


def test_india(tmp_path: Path) -> None:
    text = "hs8,country,fy_start,unit,value_usd_mn,quantity\n"
    text += "1012100,U S A,2017,NOS,0.25,3\n84713010,JAPAN,2018,NOS,0.00,3\n"
    table = ig.read_customs(write(tmp_path / "india.csv", text), source="india_tradestat")
    names = ["variety", "product", "destination", "year", "value", "quantity", "unit"]
    assert table.polars().select(names).rows() == [("01012100", "010121", "U S A", 2017, 250_000.0, 3.0, "NOS")]


@pytest.mark.slow
def test_india_as_published() -> None:
    table = ig.read_customs(
        shared("data/india_exports/india_exports_hs8_destination_fy.parquet"), source="india_tradestat"
    )
    raw = pl.read_parquet(shared("data/india_exports/india_exports_hs8_destination_fy.parquet"))
    good = raw.filter((pl.col("value_usd_mn") > 0) & (pl.col("quantity") > 0))
    rows = table.polars()
    assert rows.height == good.height
    assert rows["value"].sum() == pytest.approx(1e6 * good["value_usd_mn"].sum(), rel=1e-9)
    assert not [e for e in table.account if e.kind == "filled"], "this copy has its zeros"


WFP = """date,admin1,admin2,market,latitude,longitude,category,commodity,unit,\
priceflag,pricetype,currency,price,usdprice
#date,#adm1+name,#adm2+name,#loc+market+name,#geo+lat,#geo+lon,#item+type,#item+name,#item+unit,#item+price+flag,\
#item+price+type,#currency,#value,#value+usd
2003-10-15,Lac,Mamdi,Bol,13.5,14.7,cereals and tubers,Maize,KG,actual,Retail,XAF,81.0,0.14
2003-10-15,Lac,Mamdi,Bol,13.5,14.7,cereals and tubers,Maize,50 KG,actual,Retail,XAF,4000.0,7.1
2003-10-15,Lac,Mamdi,Bol,13.5,14.7,cereals and tubers,Maize,50 KG,actual,Wholesale,XAF,3500.0,7.1
2003-11-15,Lac,Mamdi,Bol,13.5,14.7,cereals and tubers,Maize,KG,forecast,Retail,XAF,85.0,0.14
2003-11-15,Lac,Mamdi,Bol,13.5,14.7,cereals and tubers,Maize,KG,estimated,Retail,XAF,85.0,0.14
2003-12-15,Lac,Mamdi,Bol,13.5,14.7,cereals and tubers,Maize,KG,aggregate,Retail,XAF,86.0,0.14
2004-01-15,Lac,Mamdi,Bol,13.5,14.7,cereals and tubers,Maize,KG,"actual,aggregate",Retail,XAF,87.0,0.14
2004-02-15,Lac,Mamdi,Bol,13.5,14.7,cereals and tubers,Maize,KG,"actual,forecasted",Retail,XAF,88.0,0.14
2004-03-15,Lac,Mamdi,Bol,13.5,14.7,cereals and tubers,Maize,KG,,Retail,XAF,89.0,0.14
2003-11-15,,,National Average,,,cereals and tubers,Maize,KG,actual,Retail,XAF,85.0,0.14
"""


def test_food_prices(tmp_path: Path) -> None:
    table = ig.read_prices(write(tmp_path / "wfp_food_prices_tcd.csv", WFP), source="wfp_prices")
    names = ["region", "year", "month", "commodity", "index"]
    assert table.polars().sort("commodity", "year", "month").select(names).rows() == [
        ("Bol", 2003, 10, "Maize 50 KG", 4000.0),
        ("Bol", 2003, 10, "Maize KG", 81.0),
        ("Bol", 2003, 12, "Maize KG", 86.0),
        ("Bol", 2004, 1, "Maize KG", 87.0),
        ("Bol", 2004, 3, "Maize KG", 89.0),
    ]
    assert "'priceflag': actual 2" in str(table.account)
    assert "aggregate 1" in str(table.account)
    assert dropped(table) == {
        "the row of HXL tags": 1,
        "not a retail price": 1,
        "priceflag forecast: a forecast, not a price that was seen": 2,
        "priceflag estimated: an estimate of a missing price, not a price that was seen": 1,
        "a national average": 1,
    }


def test_market_prices_most_of_which_are_missing_give_an_index(tmp_path: Path) -> None:
    rows = market_prices(np.random.default_rng(1), 25, 8, 10, 0.6).rows()
    file = rows.select(
        date=pl.format("{}-{}-15", "year", pl.col("month").cast(pl.String).str.zfill(2)),
        market="region",
        commodity="commodity",
        unit=pl.lit("KG"),
        priceflag=pl.when(pl.col("year") < 2017).then(pl.lit("actual")).otherwise(pl.lit("aggregate")),
        pricetype=pl.lit("Retail"),
        price="index",
    )
    file.write_csv(tmp_path / "wfp_food_prices_xxx.csv")
    prices = ig.read_prices(tmp_path / "wfp_food_prices_xxx.csv", source="wfp_prices")
    assert prices.polars().height == file.height
    index = ig.relative_price(prices, k_min=2).polars().drop_nulls("segmentation")
    assert index["year"].max() == 2019


def flagged(*flags: str) -> str:
    """Prices of one market and year, a month for each priceflag."""
    rows = [f"2003-{i:02d}-15,Bol,Maize,KG,{flag},Retail,8{i}" for i, flag in enumerate(flags, 1)]
    return "\n".join(["date,market,commodity,unit,priceflag,pricetype,price", *rows, ""])


def test_prices_without_a_flag_are_counted_as_such(tmp_path: Path) -> None:
    table = ig.read_prices(write(tmp_path / "wfp.csv", flagged("actual", "", "")), source="wfp_prices")
    assert "counted by 'priceflag': no flag 2, actual 1" in str(table.account)


def test_a_source_whose_rules_keep_no_row_is_named_with_them(tmp_path: Path) -> None:
    with pytest.raises(EmptyTable, match="rules of the source 'wfp_prices' keep no row") as caught, carrying():
        ig.read_prices(write(tmp_path / "wfp.csv", flagged("forecast", "forecast")), source="wfp_prices")
    assert "a forecast, not a price that was seen: 2 rows" in caught.value.example
    assert "where" not in caught.value.remedy
    assert not any("counted by" in entry.reason for entry in caught.value.account)


def test_sigma_with_the_convention_of_its_source(tmp_path: Path) -> None:
    text = "HS6,zero,positive,sigma\n10121,0,0,-6.5\n847130,0,0,-3.2\n940360,1,0,-0.4\n"
    table = read_sigma(write(tmp_path / "ProTEE_0_1.csv", text), source="fontagne")
    assert table.polars().rows() == [("010121", 6.5), ("847130", 3.2)]
    assert "sigma = 'sigma' x -1 (ratio; minus the tariff elasticity of values net of tariffs)" in str(table.account)
    assert "1 row dropped: sigma not above 1" in str(table.account)
    text = "importer,exporter,hs4,sigma,gamma\nUSA,CHN,101,2.5,0.4\nUSA,DEU,101,2.5,0.6\nUSA,CHN,8471,4,0.1\n"
    assert read_sigma(write(tmp_path / "soderbery.csv", text), source="soderbery").polars().rows() == [
        ("0101", 2.5),
        ("8471", 4.0),
    ]
    text = "iso3c,HS0_3d,HS0_2d,sigma\nAUS,010,01,25\nCHN,010,01,3\nUSA,010,01,5\n"
    assert read_sigma(write(tmp_path / "bw.csv", text), source="broda_weinstein").polars().rows() == [("010", 5.0)]


def test_sigma_as_published() -> None:
    path = shared("data/sigma_concordance/sigma_hs0.csv.gz")
    table = read_sigma(path)
    raw = pl.read_csv(path, schema_overrides={"HS0_3d": pl.String})
    medians = raw.group_by(product="HS0_3d").agg(pl.col("sigma").median()).sort("product")
    assert table.polars().equals(medians)
    assert "source broda_weinstein" in str(table.account)


def test_a_known_file_of_elasticities_is_recognised_by_quality(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "protee.csv").write_text("HS6,zero,positive,sigma\n30420,0,0,-6.5\n610910,0,0,-3.2\n")
    rows = [
        f"F{i},{p},{d},2004,{100 + 7 * i + len(d) * i},{5 + i}\n"
        for i in range(4)
        for p in ("030420", "610910")
        for d in ("JPN", "USAA")
    ]
    (tmp_path / "c.csv").write_text("firm,product,destination,year,value,quantity\n" + "".join(rows))
    call = [
        "quality",
        str(tmp_path / "c.csv"),
        "--sigma",
        str(tmp_path / "protee.csv"),
        "--out",
        str(tmp_path / "q.csv"),
    ]
    assert run(call) == 0
    said = capsys.readouterr().err
    assert "source fontagne" in said
    assert "minus the tariff elasticity of values net of tariffs" in said
    known = {"product": ["030420", "610910"], "sigma": [6.5, 3.2]}
    pl.DataFrame(known).write_csv(tmp_path / "own.csv")
    assert run([*call[:3], str(tmp_path / "own.csv"), "--out", str(tmp_path / "own_q.csv")]) == 0
    one, two = (pl.read_csv(tmp_path / name) for name in ("q.csv", "own_q.csv"))
    assert_frame_equal(one, two, rel_tol=1e-12)  # threads add in another order


def test_wrong_layout_names_every_missing_column(tmp_path: Path) -> None:
    path = write(tmp_path / "other.csv", "t,ii,j,kk,v,q\n2020,4,36,071120,1,1\n")
    with pytest.raises(Problems) as several:
        ig.read_customs(path, source="baci")
    text = str(several.value)
    assert "source baci: no column for 'firm'" in text
    assert "did you mean 'ii'" in text
    assert "did you mean 'kk'" in text
    assert "other.csv" in text
    assert ig.read_customs(path, source="baci", columns={"ii": "firm", "kk": "product"}).polars().height == 1
    with pytest.raises(NotANumber, match="'v'"):
        ig.read_customs(write(tmp_path / "text.csv", BACI.replace("0.727", "much")), source="baci")


SAMPLES = {
    "baci": BACI,
    "comtrade": COMTRADE,
    "comext": COMEXT,
    "china_customs_monthly": MONTHLY[2003],
    "bls_cpi": BLS,
    "wfp_prices": WFP,
    "nbs_cpi": PORTAL,
}


@pytest.mark.parametrize("source", SAMPLES)
def test_every_engine_reads_the_same(tmp_path: Path, source: str) -> None:
    path = write(tmp_path / "file.txt", SAMPLES[source])
    table = recipes()[source].table
    first, second = (read_canonical(table, path, source=source, engine=e) for e in ("polars", "duckdb"))  # type: ignore[arg-type]
    rows = first.polars()
    assert rows.sort(rows.columns).equals(second.polars().sort(rows.columns))
    assert [str(e) for e in first.account] == [str(e) for e in second.account]


def test_unknown_source_and_wrong_table(tmp_path: Path) -> None:
    path = write(tmp_path / "baci.csv", BACI)
    with pytest.raises(UnknownName, match="did you mean 'baci'"):
        ig.read_customs(path, source="bacci")
    with pytest.raises(UsageError, match="gives customs, not firms"):
        ig.read_firms(path, source="baci")
    assert looks_like("customs", ["t", "i", "j", "k", "v", "q"]) == ["baci"]
    with pytest.raises(Problems, match='it looks like a file of baci: source="baci"'):
        ig.read_customs(path)


def test_a_file_whose_dates_are_those_of_a_source_names_it(tmp_path: Path) -> None:
    path = write(tmp_path / "wfp_food_prices_tcd.csv", WFP)  # the row of tags below the heads is no date
    with pytest.raises(NotADate, match='it looks like a file of wfp_prices: source="wfp_prices"; correct the cells'):
        ig.read_prices(path)
    plain = write(tmp_path / "own.csv", "region,date,commodity,index\nA,#x,rice,100\nA,2010-01-01,rice,100\n")
    with pytest.raises(NotADate) as said:
        ig.read_prices(plain)
    assert "looks like" not in str(said.value)


def test_a_recipe_of_ones_own(tmp_path: Path) -> None:
    own = tomllib.loads((FOLDER / "baci.toml").read_text(encoding="utf-8"))
    assert own["columns"]["value"]["times"] == 1000
    text = 'table = "gdp"\ntitle = "mine"\nprovider = "me"\nurl = "-"\ncite = "-"\n'
    text += '[columns.region]\nfrom = "Land"\n[columns.year]\nfrom = "Jahr"\n'
    text += '[columns.real_gdp]\nfrom = "BIP"\ntimes = 1e9\n'
    recipe, data = (
        write(tmp_path / "mine.toml", text),
        write(tmp_path / "gdp.csv", 'Land,Jahr,BIP\nBayern,2010,"1,450.5"\n'),
    )
    assert read_canonical("gdp", data, source=str(recipe)).polars().rows() == [("Bayern", 2010, 1450.5e9)]
    with pytest.raises(UnknownName, match="did you mean 'times'"):
        load_recipe(write(tmp_path / "bad.toml", text.replace("times", "tims")))
    with pytest.raises(BadFormula, match="not valid TOML"):
        load_recipe(write(tmp_path / "worse.toml", "table = gdp"))
    with pytest.raises(UsageError, match="lacks"):
        load_recipe(write(tmp_path / "less.toml", 'table = "gdp"\n[columns.year]\nfrom = "y"\n'))
    with pytest.raises(UsageError, match="has no source"):
        load_recipe(write(tmp_path / "none.toml", text + '[columns.area]\nunit = "km"\n'))


GDP_RECIPE = {
    "table": "gdp",
    "title": "mine",
    "provider": "me",
    "url": "-",
    "cite": "-",
    "rows": [{"keep": "year > 0", "because": "early"}],
    "columns": {"region": {"from": "Land"}, "year": {"from": ["Jahr"]}, "real_gdp": {"from": "BIP"}},
}


def test_no_value_of_any_key_of_a_recipe_ends_in_a_traceback(tmp_path: Path) -> None:
    """``region = "abc"`` in place of a table ended in one, and so did most values of another type."""

    def read(changed: dict[str, Any]) -> str:
        try:
            load_recipe(write(tmp_path / "mine.toml", toml({**GDP_RECIPE, **changed})))
        except IntegradeError as problem:
            return str(problem)
        return ""

    columns: Any = GDP_RECIPE["columns"]
    assert read({}) == ""
    for value in WRONG.values():
        for one in fields(Recipe):
            read({one.name: value})
        for key in ("from", "headings", *(one.name for one in fields(Field))):
            read({"columns": {**columns, "year": {**columns["year"], key: value}}})
        read({"columns": {**columns, "year": value}})
        for one in fields(Rule):
            read({"rows": [{"keep": "year > 0", "because": "early", one.name: value}]})
    assert "columns.region: Input should be" in read({"columns": {"region": "abc"}})
    assert "columns.year.from.0: Input should be a valid string" in read({"columns": {"year": {"from": [5]}}})
    assert "unknown key 'headings'" in read({"columns": {"year": {"headings": ["Jahr"]}}})
    with pytest.raises(BadFormula, match="nested too deep"):
        load_recipe(write(tmp_path / "deep.toml", f"name = {'[' * 3000}"))


def test_two_values_for_one_cell_are_refused(tmp_path: Path) -> None:
    text = RD.replace(
        "山西,50,5", "山西,50,5\n续表,,\n地区,R&D经费内部支出,R&D人员全时当量(人年)\n北京,1,10\n天津,80,8\n河北,70,7"
    )
    with pytest.raises((DuplicateKeys, MissingColumn)):
        ig.read_covariates(write(tmp_path / "rd.csv", text), source="nbs_rd_province")


def test_headings_are_compared_without_width_case_and_unit() -> None:
    assert plain("_金额（美元）") == plain("金额") == plain(" 金额(千美元) ")
    assert plain("Trade Value (US$)") == plain("trade  value")
    assert find_recipe(None, "customs") is None


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_by_value_changes_each_value_once(engine: Engine) -> None:
    from integrade.engine.frames import collect, on_engine

    seen: list[str] = []
    frame = on_engine(pl.DataFrame({"a": ["x", "y", "x", None], "b": [1, 2, 3, 4]}), engine)
    changed = collect(by_value(frame, "a", lambda v: seen.append(v) or v.upper() if v == "x" else None))  # type: ignore[func-returns-value]
    assert changed.sort("b").rows() == [("X", 1), (None, 2), ("X", 3), (None, 4)]
    assert seen == ["x"]


def test_commands_and_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["list", "--sources"]) == 0
    assert "baci                   customs" in capsys.readouterr().out
    assert run(["list", "baci"]) == 0
    shown = capsys.readouterr().out
    assert "product     HS6 product, k [HS code, 6 digits]; zeros restored to 6 digits" in shown
    assert "Gaulier" in shown
    assert run(["list", "bacci"]) == 2
    assert "did you mean 'baci'" in capsys.readouterr().err
    write(
        tmp_path / "baci.csv",
        BACI + "2020,710,36,71120,3,2\n2020,4,842,80211,1,1\n2020,4,842,71120,2,1\n2020,710,842,71120,5,2\n",
    )
    out = tmp_path / "q.csv"
    assert run(["quality", str(tmp_path / "baci.csv"), "--source", "baci", "--sigma", "5", "--out", str(out)]) == 0
    assert pl.read_csv(out, infer_schema=False)["firm"].unique().sort().to_list() == ["4", "710"]
    assert "source baci" in capsys.readouterr().err
