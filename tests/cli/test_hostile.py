"""A folder of malformed files: each gets a coded message with file, sheet, row, column; one check tells them all."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pyreadstat
import pytest
import xlsxwriter
import xlwt

from each import each
from integrade.errors import IntegradeError, Problems
from integrade.sources import read_canonical
from integrade.study.run import check_study

PRICES = (
    "region,year,commodity,index\n北京,2005,食品,101.5\n北京,2005,衣着,99.0\n"
    "上海,2005,食品,102.0\n上海,2005,衣着,98.0\n"
)
CUSTOMS = "firm,product,destination,year,value,quantity\nF1,010121,USA,2005,10,2\nF2,020110,JPN,2005,20,4\n"
FIRMS = "firm,year,region,assets,founded\nF1,2005,北京,100,1999\nF2,2005,上海,200,2001\n"
RD = "region,year,rd\n北京,2005,1.5\n上海,2005,2.5\n"
EDUCATION = "region,year,h1,h2,h3,h4,h5,h6,h7,h8,h9\n北京,2005,2,17,47,5,12,1,9,6,1\n"
PLAIN = {"prices": PRICES, "customs": CUSTOMS, "firms": FIRMS, "covariates": RD, "education": EDUCATION}


class Bad(NamedTuple):
    """A malformed file: the table it belongs to, its name, its bytes, and what the message must say."""

    table: str
    name: str
    content: bytes
    code: str
    says: str


def book(rows: list[list[Any]], name: str = "表1") -> bytes:
    held = io.BytesIO()
    with xlsxwriter.Workbook(held, {"in_memory": True}) as out:
        sheet = out.add_worksheet(name)
        for i, row in enumerate(rows):
            sheet.write_row(i, 0, row)
    return held.getvalue()


def locked() -> bytes:
    from msoffcrypto.format.ooxml import OOXMLFile

    held = io.BytesIO()
    OOXMLFile(io.BytesIO(book([["region", "year"], ["北京", 2005]]))).encrypt("secret", held)
    return held.getvalue()


def far() -> bytes:
    held = io.BytesIO()
    with xlsxwriter.Workbook(held, {"in_memory": True}) as out:
        sheet = out.add_worksheet("远")
        sheet.write(1_000_000, 16_000, "x")
    return held.getvalue()


def old_book() -> bytes:
    held = io.BytesIO()
    out = xlwt.Workbook()
    out.add_sheet("s").write(0, 0, "region")
    out.save(held)
    return held.getvalue()


def stata(folder: Path, frame: pl.DataFrame) -> bytes:
    pyreadstat.write_dta(frame, str(folder / "x.dta"), version=14)
    return (folder / "x.dta").read_bytes()


def parquet(frame: pl.DataFrame) -> bytes:
    held = io.BytesIO()
    frame.write_parquet(held)
    return held.getvalue()


def split(text: str) -> list[list[Any]]:
    return [line.split(",") for line in text.splitlines()]


def hurt(text: str, old: str, new: str) -> bytes:
    assert old in text
    return text.replace(old, new, 1).encode()


def yearbook(cell: Any = 101.0, title: str = "居民消费价格分类指数(2008年)") -> bytes:
    return book([[title, "", ""], ["地区", "食品", "衣着"], ["北京", cell, 99], ["天津", 102, 98], ["河北", 103, 97]])


def hostile(folder: Path) -> list[Bad]:
    """The sixty files."""
    customs = pl.read_csv(CUSTOMS.encode(), schema_overrides={"product": pl.String})
    firms = pl.read_csv(FIRMS.encode())
    dta = stata(folder, firms)
    cut = parquet(customs)
    xlsx = book(split(FIRMS))
    files = [
        ("prices", "empty.csv", b"", "D205", "empty.csv is empty"),
        ("prices", "blank.csv", b"\n \n\n", "D205", "blank.csv is empty"),
        ("prices", "headings_only.csv", b"region,year,commodity,index\n", "D205", "prices has no rows"),
        ("prices", "text_in_index.csv", hurt(PRICES, "99.0", "n/k"), "D202", "data row 2: index=n/k"),
        ("prices", "index_zero.csv", hurt(PRICES, "102.0", "0"), "D203", "data row 3: index=0"),
        ("prices", "index_negative.csv", hurt(PRICES, "102.0", "-5"), "D203", "index not positive in 1 row"),
        ("prices", "year_five_digits.csv", hurt(PRICES, "2005", "20055"), "D203", "data row 1: year=20055"),
        ("prices", "twice.csv", PRICES.encode() + "上海,2005,衣着,98.0\n".encode(), "D204", "commodity=衣着 (2 rows)"),
        ("prices", "no_index.csv", hurt(PRICES, "index", "number"), "D201", "column 'index'"),
        ("prices", "no_region.csv", hurt(PRICES, "region", "place"), "D201", "column 'region'"),
        ("prices", "ragged.csv", hurt(PRICES, "101.5", "101.5,7,8"), "D208", "row 2 has 6 cells"),
        ("prices", "no_text.csv", bytes(range(128, 256)) * 4, "D208", "no_text.csv"),
        ("prices", "nul.csv", b"region,year\0\0\n\0\0\0,1\n", "D208", "zero byte in line 1"),
        ("prices", "month_13.csv", b"region,year,month,commodity,index\nA,2005,13,x,101\n", "D203", "month=13"),
        ("prices", "no_values.csv", b"region,year,commodity,index\nA,2005,x,\nA,2005,y,NA\n", "D205", "no usable row"),
        ("prices", "infinite.csv", b"region,year,commodity,index\nA,2005,x,inf\n", "D202", "index=inf"),
        ("prices", "cut.csv.gz", gzip.compress(PRICES.encode() * 99)[:-12], "D208", "cut.csv.gz is damaged"),
        ("prices", "no_gzip.csv.gz", b"region,year", "D208", "no_gzip.csv.gz is not packed by gzip"),
        ("prices", "yearbook_text.xlsx", yearbook("1,05.7"), "D202", "sheet '表1', cell B3"),
        ("prices", "yearbook_no_year.xlsx", yearbook(title="居民消费价格"), "D208", "the year of sheet '表1'"),
        ("prices", "locked.xlsx", locked(), "D208", "locked with a password"),
        ("prices", "far.xlsx", far(), "D208", "covers 1,000,001 rows"),
        ("prices", "cut.xlsx", yearbook()[:2000], "D208", "cut.xlsx cannot be read"),
        ("prices", "no_cells.xlsx", book([]), "D205", "no_cells.xlsx has no cells"),
        ("prices", "binary.xls", b"\0\1\2\3" * 99, "D208", "binary.xls is not a workbook"),
        ("prices", "cut.xls", old_book()[:700], "D208", "cut.xls cannot be read"),
        ("prices", "xml_cut.xls", b'<?xml version="1.0"?><Workbook><Row>', "D208", "as an XML spreadsheet"),
        ("prices", "html_no_table.xls", b"<html><body>please log in</body></html>", "D205", "has no cells"),
        ("prices", "utf16_cut.csv", PRICES.encode("utf-16")[:-1], "D208", "utf16_cut.csv is not valid utf-16"),
        ("customs", "numeric_codes.parquet", parquet(customs.cast({"product": pl.Int64})), "D207", "'product'"),
        ("customs", "cut.parquet", cut[: len(cut) // 2], "D208", "cut.parquet cannot be read"),
        ("customs", "no_bytes.parquet", b"", "D208", "no_bytes.parquet cannot be read"),
        ("customs", "text.parquet", CUSTOMS.encode(), "D208", "text.parquet cannot be read"),
        ("customs", "text_in_value.csv", hurt(CUSTOMS, ",10,", ",ten,"), "D202", "data row 1: value=ten"),
        (
            "customs",
            "all_zero.csv",
            hurt(CUSTOMS, "10,2\nF2,020110,JPN,2005,20", "0,2\nF2,020110,JPN,2005,0"),
            "D205",
            "value not positive: 2 rows",
        ),
        ("customs", "no_product.csv", hurt(CUSTOMS, "product", "thing"), "D201", "column 'product'"),
        ("customs", "no_quantity.csv", hurt(CUSTOMS, "quantity", "q"), "D201", "column 'quantity'"),
        ("customs", "year_text.csv", hurt(CUSTOMS, "2005", "05/2005"), "D215", "year=05/2005"),
        ("customs", "year_1005.csv", hurt(CUSTOMS, "2005", "1005"), "D203", "year=1005"),
        ("customs", "ragged.csv", hurt(CUSTOMS, "10,2", "10,2,3,4"), "D208", "row 2 has 8 cells"),
        ("customs", "no_stata.dta", CUSTOMS.encode(), "D208", "as a Stata file"),
        ("customs", "empty.dta", b"", "D208", "as a Stata file"),
        (
            "customs",
            "months_0.csv",
            hurt(hurt(CUSTOMS, "year,", "year,month,").decode(), "2005,10", "2005,0,10"),
            "D203",
            "month=0",
        ),
        ("firms", "cut.dta", dta[:900], "D208", "cut.dta cannot be read as a Stata file"),
        ("firms", "header_only.dta", dta[:60], "D208", "as a Stata file"),
        (
            "firms",
            "twice.csv",
            FIRMS.encode() + "F1,2005,北京,100,1999\n".encode(),
            "D204",
            "firm=F1, year=2005 (2 rows)",
        ),
        ("firms", "text_in_assets.csv", hurt(FIRMS, "100", "一百"), "D202", "data row 1: assets=一百"),
        ("firms", "no_firm.csv", hurt(FIRMS, "firm", "who"), "D201", "column 'firm'"),
        ("firms", "no_year.csv", hurt(FIRMS, "year", "when"), "D201", "column 'year'"),
        ("firms", "founded_text.csv", hurt(FIRMS, "1999", "about 1999"), "D202", "founded=about 1999"),
        ("firms", "cut.xlsx", xlsx[: len(xlsx) // 2], "D208", "cut.xlsx cannot be read"),
        ("firms", "text_in_sheet.xlsx", book(split(FIRMS.replace("200,", "viele,"))), "D202", "sheet '表1'"),
        ("firms", "year_in_sheet.xlsx", book(split(FIRMS.replace("2005", "205"))), "D203", "year=205"),
        ("firms", "headings_only.xlsx", book(split(FIRMS)[:1]), "D205", "firms has no rows"),
        (
            "covariates",
            "twice.csv",
            RD.encode() + "北京,2005,1.7\n".encode(),
            "D204",
            "region=北京, year=2005 (2 rows)",
        ),
        ("covariates", "no_year.csv", hurt(RD, "year", "annum"), "D201", "column 'year'"),
        ("covariates", "empty.tsv", b"", "D205", "empty.tsv is empty"),
        ("covariates", "year_text.tsv", RD.replace(",", "\t").replace("2005", "MMV").encode(), "D202", "year=MMV"),
        (
            "education",
            "twice.csv",
            EDUCATION.encode() * 1 + EDUCATION.encode().splitlines(keepends=True)[1],
            "D204",
            "region=北京, year=2005",
        ),
        ("education", "cut.xlsx", book(split(EDUCATION))[:999], "D208", "cut.xlsx cannot be read"),
    ]
    return [Bad(*one) for one in files]


def write(folder: Path, bad: list[Bad]) -> None:
    for table, text in PLAIN.items():
        (folder / table).mkdir()
        (folder / table / "0_good.csv").write_text(text, encoding="utf-8")
    for one in bad:
        (folder / one.table / one.name).write_bytes(one.content)


STUDY = """title = "hostile"
[prices]
files = ["prices"]
[customs]
files = ["customs"]
[firms]
files = ["firms"]
[[covariates]]
files = ["covariates"]
[education]
files = ["education"]
[quality]
sigma = 5
"""


def test_one_check_tells_every_problem(tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    bad = hostile(tmp_path / "made")
    assert len(bad) == 60
    study = tmp_path / "study"
    study.mkdir()
    write(study, bad)
    (study / "study.toml").write_text(STUDY, encoding="utf-8")
    found, _ = check_study(study)
    wrong = {}
    for one in bad:
        here = [p for p in found if str(study / one.table / one.name) in p.where]
        fits = any(p.code == one.code and one.says in f"{p.what} {p.where} {p.example}" for p in here)
        if not fits or not all(p.remedy for p in here):
            wrong[f"{one.table}/{one.name}"] = [str(p) for p in here]
    assert wrong == {}
    assert not [p for p in found if "0_good.csv" in p.where]


def alone(one: Bad, folder: Path) -> list[IntegradeError]:
    path = folder / one.name
    path.write_bytes(one.content)
    try:
        read_canonical(one.table, path)
    except Problems as several:
        return list(several.problems)
    except IntegradeError as problem:
        return [problem]
    return []


def test_each_file_alone_says_the_same(tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    wrong = {}
    for one in hostile(tmp_path / "made"):
        said = alone(one, tmp_path)
        fits = any(p.code == one.code and one.says in f"{p.what} {p.where} {p.example}" for p in said)
        if not fits or not all(one.name in p.where for p in said):
            wrong[f"{one.table}/{one.name}"] = [str(p) for p in said]
    assert wrong == {}


def test_a_column_that_only_some_files_have_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(PRICES, encoding="utf-8")
    (tmp_path / "b.csv").write_text(PRICES.replace("index", "number").replace("2005", "2006"), encoding="utf-8")
    with pytest.raises(IntegradeError, match="column 'index'") as caught:
        read_canonical("prices", tmp_path)
    assert "b.csv" in caught.value.where


FIXABLE: dict[str, Callable[[], str]] = {
    "thousands": lambda: FIRMS.replace("100,", '"1,100.5",'),
    "full width": lambda: FIRMS.replace(",100,", ",１００．５,"),
    "full width, whole": lambda: FIRMS.replace(",100,", ",１００,"),
    "text numbers": lambda: FIRMS.replace(",100,", ",' 100 ',").replace("'", '"'),
}


VALUES = {"thousands": 1100.5, "full width": 100.5, "full width, whole": 100.0, "text numbers": 100.0}


@each("engine", ["polars", "duckdb"])
@each("case", FIXABLE)
def test_numbers_as_tables_print_them_are_numbers(case: str, engine: Any, tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text(FIXABLE[case](), encoding="utf-8")
    table = read_canonical("firms", tmp_path / "f.csv", engine=engine)
    assert table.polars().sort("firm")["assets"][0] == VALUES[case]
    said = "thousands separators removed" in str(table.account), "numbers read from full-width" in str(table.account)
    assert said == (case == "thousands", case.startswith("full width"))
