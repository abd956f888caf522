"""Customs records, firm accounts, covariates and elasticities from files, real ones where they are here."""

from __future__ import annotations

import gzip
from pathlib import Path

import polars as pl
import pyreadstat
import pytest

from integrade.engine.frames import Engine
from integrade.errors import CodesReadAsNumbers, DuplicateKeys, EmptyTable, MissingColumn, NotANumber, UnknownName
from integrade.sources import read_covariates, read_customs, read_education, read_exporters, read_firms, read_sigma
from library import shared

CUSTOMS = (
    "企业编码,hs编码,最终目的国,年份,金额,数量,计量单位\n"
    "007,0101,USA,2005,10.5,2,千克\n007,0101,USA,2005,1,1,千克\n008,0712,NA,2005,3,0,件\n008,,USA,2005,3,1,件\n"
)


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_customs_codes_keep_zeros_and_bad_rows_are_counted(tmp_path: Path, engine: Engine) -> None:
    path = tmp_path / "customs.csv"
    path.write_bytes(CUSTOMS.encode("gb18030"))
    table = read_customs(path, engine=engine)
    rows = table.polars().select("firm", "product", "destination", "year", "value", "quantity", "unit").sort("value")
    assert rows.rows() == [
        ("007", "0101", "USA", 2005, 1.0, 1.0, "千克"),
        ("007", "0101", "USA", 2005, 10.5, 2.0, "千克"),
    ]
    account = str(table.account)
    assert "encoding gb18030 (detected)" in account
    assert "1 row dropped: quantity not positive" in account
    assert "1 row dropped: product missing" in account
    assert "warning" not in account


def test_lost_zeros_are_seen_and_restored(tmp_path: Path) -> None:
    path = tmp_path / "customs.csv"
    path.write_text(
        "product,destination,year,value,quantity\n10129,USA,2005,1,1\n251512,USA,2005,1,1\n", encoding="utf-8"
    )
    table = read_customs(path)
    assert "warning: 1 rows have product codes of an unusual length (such as 5)" in str(table.account)
    padded = read_customs(path, pad={"product": 6})
    assert sorted(padded.polars()["product"]) == ["010129", "251512"]
    assert "warning" not in str(padded.account)
    numbers = tmp_path / "customs.parquet"
    pl.DataFrame(
        {"product": [101], "destination": ["USA"], "year": [2005], "value": [1.0], "quantity": [1.0]}
    ).write_parquet(numbers)
    with pytest.raises(CodesReadAsNumbers, match=r'pad={"product": 4}'):
        read_customs(numbers)
    assert read_customs(numbers, pad={"product": 4}).polars()["product"].to_list() == ["0101"]


def test_firms_keep_other_columns_with_types(tmp_path: Path) -> None:
    path = tmp_path / "firms.csv"
    path.write_text(
        "企业代码,年,行业代码,总资产,employees,area_code\n01,2005,0610,10,5,010\n02,2005,0620,.,NA,021\n",
        encoding="utf-8",
    )
    rows = read_firms(path).polars()
    assert rows.rows() == [("01", 2005, "0610", 10.0, 5, "010"), ("02", 2005, "0620", None, None, "021")]
    path.write_text("firm,year,assets\n1,2005,1\n1,2005,2\n", encoding="utf-8")
    with pytest.raises(DuplicateKeys, match=r"firm=1, year=2005 \(2 rows\)"):
        read_firms(path)
    path.write_text("firm,year,assets\n1,2005,unknown\n", encoding="utf-8")
    with pytest.raises(NotANumber, match=r"data row 1: assets=unknown"):
        read_firms(path)
    with pytest.raises(UnknownName, match="did you mean 'columns'"):
        read_firms(path, column={"a": "b"})


def test_exporters_covariates_and_education(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("企业编码,年份,企业名称,电话,联系人\n1,2005,甲公司,0571-1,张三\n", encoding="utf-8")
    assert read_exporters(path).polars().row(0, named=True) == {
        "firm": "1",
        "year": 2005,
        "name": "甲公司",
        "phone": "0571-1",
        "contact": "张三",
    }
    path.write_text("省份,年份,h1,rd,class\n北京市,2005,1.5,3,01\n北京,2006,2,4,02\n", encoding="utf-8")
    table = read_covariates(path)
    assert table.polars().sort("year").rows() == [("北京", 2005, 1.5, 3, "01"), ("北京", 2006, 2.0, 4, "02")]
    assert read_education(path).name == "education"


def test_sigma_codes_medians_and_what_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "sigma.csv"
    path.write_text(
        "iso3c,HS0_3d,HS0_2d,sigma\nCHN,010,01,4\nUSA,10,01,6\nIND,010,01,9\nUSA,021,02,1\nUSA,022,02,\n",
        encoding="utf-8",
    )
    table = read_sigma(path)
    assert table.polars().rows() == [("010", 6.0)]
    account = str(table.account)
    for line in (
        "product from 'HS0_3d'",
        "1 row filled: leading zeros of 'HS0_3d' restored",
        "1 row dropped: product or sigma missing",
        "1 row dropped: sigma not above 1",
        "2 rows merged: further rows of the same product; the median is used",
    ):
        assert line in account
    assert read_sigma(path, where='iso3c == "CHN"').polars().rows() == [("010", 4.0)]
    assert read_sigma(path, columns={"HS0_2d": "product"}).polars().rows() == [("01", 6.0)]


def test_sigma_of_numbers_needs_a_length(tmp_path: Path) -> None:
    path = tmp_path / "sigma.dta"
    pyreadstat.write_dta(pl.DataFrame({"product": [101.0, 3.0], "sigma": [2.5, 3.0]}), str(path))
    with pytest.raises(CodesReadAsNumbers, match="010 would be 10"):
        read_sigma(path)
    assert read_sigma(path, pad={"product": 4}).polars().rows() == [("0003", 3.0), ("0101", 2.5)]
    text = tmp_path / "sigma.csv"
    text.write_text("product,sigm\n0101,3\n", encoding="utf-8")
    with pytest.raises(MissingColumn, match="did you mean 'sigm'"):
        read_sigma(text)
    text.write_text("product,sigma\n0101,high\n", encoding="utf-8")
    with pytest.raises(NotANumber, match="'sigma'"):
        read_sigma(text)
    text.write_text("product,sigma\n0101,0.5\n", encoding="utf-8")
    with pytest.raises(EmptyTable, match="no usable sigma"):
        read_sigma(text)


BACI = {"t": "year", "i": "variety", "j": "destination", "k": "product", "v": "value", "q": "quantity"}


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_real_baci_file_with_padded_numbers(engine: Engine) -> None:
    path = shared("data/baci_sample/baci_hs92_2021_exporters_AFG_ZAF.csv")
    table = read_customs(path, columns=BACI, pad={"product": 6}, where="i == 710", engine=engine)
    rows = table.polars()
    # counted with awk: 71,192 rows, 3,070 of Afghanistan; the missing quantities are the padded text NA
    account = str(table.account)
    assert "3,070 rows dropped: filter not satisfied: i == 710" in account
    assert "68,122 rows read" in account
    assert "2,024 rows dropped: quantity missing" in account
    assert rows.height == 68_122 - 2_024
    assert rows["product"].str.len_chars().unique().to_list() == [6]
    assert rows["product"].str.starts_with("0").any()
    unpadded = read_customs(path, columns=BACI, engine=engine)
    warned = next(str(e.reason) for e in unpadded.account if e.kind == "warning")
    assert warned.startswith("4,3"), warned


def test_real_listed_makers_with_chinese_headings() -> None:
    table = read_firms(shared("data/china_listed_machinery/machinery_fin_charts.csv"))
    rows = table.polars()
    assert rows.height == 5457
    first = rows.filter(firm="000008.SZ", year=2017).row(0, named=True)
    expected = {
        "region": "北京",
        "ownership": "公有制企业",
        "founded": 1989,
        "assets": 10678315230.0,
        "liabilities": 3491262206.0,
        "net_profit": 889609890.1,
        "营业收入": 2330932161.0,
    }
    assert {name: first[name] for name in expected} == expected
    for old, new in (("股票", "firm"), ("年份", "year"), ("创立日期", "founded"), ("净利润", "net_profit")):
        assert f"column {old!r} read as {new!r}" in str(table.account)


def test_real_elasticities_agree_between_stata_and_csv() -> None:
    folder = shared("data/sigma_concordance")
    stata = read_sigma(folder / "Sigmas73countries_9403_HS3digit.dta")
    text = read_sigma(folder / "sigma_hs0.csv.gz").polars()
    assert "leading zeros of 'hs_3digit' restored, because this source drops them" in str(stata.account)
    assert stata.polars()["product"].to_list() == text["product"].to_list()
    # the .dta holds single precision
    assert (stata.polars()["sigma"] / text["sigma"] - 1).abs().max() < 1e-6  # type: ignore[operator]
    with gzip.open(folder / "sigma_hs0.csv.gz", "rt", encoding="utf-8") as file:
        of_010 = sorted(float(line.split(",")[3]) for line in file if line.split(",")[1] == '"010"')
    n = len(of_010)
    assert text["sigma"][0] == pytest.approx((of_010[(n - 1) // 2] + of_010[n // 2]) / 2, rel=1e-12)
