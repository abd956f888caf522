"""Raw files: formats, encodings, several files at once, columns, filters, and what is said about damaged ones."""

from __future__ import annotations

import functools
import gzip
import io
import os
import struct
import sys
from hashlib import md5
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyreadstat
import pytest
import xlsxwriter
import xlwt
from xlwt.CompoundDoc import XlsDoc

from each import each, each_pair
from integrade.engine.frames import Engine
from integrade.errors import EmptyTable, FileMissing, IntegradeError, UnknownColumn, UnknownName, Unreadable, UsageError
from integrade.sources import parse_column_flags, read_canonical, read_firms, read_raw, read_table
from integrade.sources.files import readers as readers_file
from integrade.sources.meaning.recipe import find_recipe, headings_of
from integrade.sources.writing.writers import write_table
from rawcells.bytes.encodings import detect
from rawcells.cells.excel import read_workbook

SIMPLIFIED = "地区,年份,指数\n北京市,2005,101.5\n内蒙古自治区,2006,99.0\n"
TRADITIONAL = "地區,年份,指數\n臺北市,2005,101.5\n高雄縣,2006,99.0\n"
FRENCH = "région,année,indice\nÎle-de-France,2005,101.5\nCôte-d'Or,2006,99.0\n"
POLISH = "województwo,rok zgłoszenia,wartość\nDolnośląskie,2005,101.5\nŁódzkie,2006,99.0\nŚwiętokrzyskie,2006,98\n"


def notes(table: Any) -> str:
    return str(table.account)


@each(
    ("text", "codec", "found"),
    [
        (SIMPLIFIED, "utf-8", "utf-8"),
        (SIMPLIFIED, "utf-8-sig", "utf-8"),
        (SIMPLIFIED, "gb18030", "gb18030"),
        (SIMPLIFIED, "utf-16", "utf-16"),
        (TRADITIONAL, "big5", "big5"),
        (FRENCH, "latin-1", "cp1252"),
        (FRENCH.replace("Côte-d'Or", "Côte-d’Or – Œuvre"), "cp1252", "cp1252"),
        ("código,n°,¿qué?,£m\na,1ª,l·l,5 m³\n", "latin-1", "cp1252"),
        (POLISH, "cp1250", "cp1250"),
        (POLISH, "iso8859-2", "iso8859-2"),
        ("województwo,rok\nśląskie,2005\nŁódzkie,2006\n", "cp1250", "cp1250"),
        (SIMPLIFIED.replace("北京市", "㐂𠀀镕"), "gb18030", "gb18030"),  # four-byte characters, which gbk lacks
    ],
)
def test_encoding_is_detected_and_reported(tmp_path: Path, text: str, codec: str, found: str) -> None:
    path = tmp_path / "cpi.csv"
    path.write_bytes(text.encode(codec))
    assert detect(path) == found
    table = read_raw(path)
    assert table.polars().rows() == [tuple(line.split(",")) for line in text.splitlines()[1:]]
    assert table.columns == text.splitlines()[0].split(",")
    assert (f"encoding {found} (detected" in notes(table)) == (found != "utf-8")


def test_a_detected_encoding_of_one_byte_shows_a_word_to_look_at(tmp_path: Path) -> None:
    path = tmp_path / "cpi.csv"
    path.write_bytes("İl,yıl\nPécs,2004\nİstanbul,2005\n".encode("cp1254"))
    assert 'encoding cp1252 (detected). If Ýstanbul is not a word, specify encoding="cp1250"' in notes(read_raw(path))
    path.with_name("ceny.csv").write_bytes(POLISH.encode("cp1250"))
    central = notes(read_raw(path.with_name("ceny.csv")))
    assert (
        'encoding cp1250 (detected). If zgłoszenia is not a word, specify encoding="cp1252" (Western Europe)' in central
    )
    assert read_raw(path, encoding="cp1254").polars().rows()[1:] == [("İstanbul", "2005")]


def test_encoding_given_wins_and_must_be_right(tmp_path: Path) -> None:
    path = tmp_path / "cpi.csv"
    path.write_bytes(SIMPLIFIED.encode("gb18030"))
    assert "encoding gb18030 (specified)" in notes(read_raw(path, encoding="GBK"))
    with pytest.raises(Unreadable) as caught:
        read_raw(path, encoding="utf-8")
    assert "cpi.csv is not utf-8: byte 0xb5 in line 1" in str(caught.value)
    assert 'give encoding="gb18030"' in str(caught.value)
    with pytest.raises(UnknownName, match="did you mean 'gb18030'"):
        read_raw(path, encoding="gb18031")


def test_bad_byte_far_down_is_found_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_bytes(b"a,b\n" + b"1,2\n" * 50_000 + b"\xb1,2\n")
    with pytest.raises(Unreadable, match="in line 50002"):
        read_raw(path, encoding="utf-8")


def test_text_is_stripped_empty_is_missing_and_zeros_stay(tmp_path: Path) -> None:
    path = tmp_path / "codes.csv"
    path.write_text('product , q\n0101,"   13.2"\n,"  "\n　0712　,NA\n\n', encoding="utf-8")
    rows = read_raw(path).polars()
    assert rows.columns == ["product", "q"]
    # a row without any cell is no row
    assert rows.rows() == [("0101", "13.2"), ("0712", "NA")]


def test_separators_gzip_and_repeated_headings(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x;x;\n1;2;3\n", encoding="utf-8")
    (tmp_path / "b.tsv").write_text("x\ty\n1\t2\n", encoding="utf-8")
    with gzip.open(tmp_path / "c.csv.gz", "wb") as file:
        file.write(SIMPLIFIED.encode("gb18030"))
    table = read_raw(tmp_path / "a.txt")
    assert table.columns == ["x", "x.1", "column_3"]
    assert "columns separated by ';'" in notes(table)
    assert read_raw(tmp_path / "b.tsv").polars().rows() == [("1", "2")]
    assert read_raw(tmp_path / "c.csv.gz").polars()["地区"].to_list() == ["北京市", "内蒙古自治区"]


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_large_text_goes_through_parquet_with_the_same_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: Engine
) -> None:
    path = tmp_path / "cpi.csv"
    path.write_bytes(SIMPLIFIED.encode("gb18030"))
    small = read_raw(path, engine=engine).polars()
    monkeypatch.setattr(readers_file, "SMALL", 10)
    assert read_raw(path, engine=engine).polars().equals(small)


def test_several_files_stack_by_name_and_differing_types_become_text(tmp_path: Path) -> None:
    pl.DataFrame({"firm": [7.0, 8.5], "y": [1, 2]}).write_parquet(tmp_path / "b.parquet")
    pl.DataFrame({"firm": [7], "y": [1.5]}).write_parquet(tmp_path / "c.parquet")
    (tmp_path / "a.csv").write_text("firm,only\n007,x\n", encoding="utf-8")
    for paths in (tmp_path, str(tmp_path / "*"), [tmp_path / "a.csv", str(tmp_path / "*.parquet")]):
        rows = read_raw(paths).polars()
        assert rows["firm"].to_list() == ["007", "7", "8.5", "7"]
        assert rows["only"].to_list() == ["x", None, None, None]
        assert rows["y"].to_list() == [None, 1.0, 2.0, 1.5]


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_parquet_of_one_schema_is_scanned_together(tmp_path: Path, engine: Engine) -> None:
    for year in (2004, 2005):
        pl.DataFrame({"年": [year], "v": [1.0]}).write_parquet(tmp_path / f"{year}.parquet")
    table = read_raw(str(tmp_path / "20*.parquet"), engine=engine, columns={"年": "year"}, where="年 >= 2005")
    assert table.polars().rows() == [(2005, 1.0)]
    assert "1 row dropped: filter not satisfied: 年 >= 2005" in notes(table)


def test_files_with_different_headings_are_renamed_each(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("省份,年份\n北京,2005\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("地区,year\n上海,2006\n", encoding="utf-8")
    table = read_raw(tmp_path, table="covariates", where='省份 != "北京" or 地区 == "上海"')
    assert table.polars().select("region", "year").rows() == [("上海", "2006")]
    assert "column '省份' read as 'region'" in notes(table)


def test_mapping_replaces_a_holder_of_the_name_and_unknown_ones_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("region,省份,x\n1,北京,2\n", encoding="utf-8")
    table = read_raw(path, columns={"省份": "region"})
    assert table.polars().to_dict(as_series=False) == {"region": ["北京"], "x": ["2"]}
    assert "the file's own column 'region' is ignored" in notes(table)
    with pytest.raises(UnknownColumn, match="did you mean '省份'") as caught:
        read_raw(path, columns={"省分份": "region"})
    assert caught.value.exit_code == 2


@each_pair(
    ("engine", ["polars", "duckdb"]),
    ("name", ["f.csv", "f.parquet", "f.xlsx", "f.dta"]),
    ("read", [read_raw, functools.partial(read_canonical, "prices"), read_table]),
)
def test_two_columns_of_a_file_that_are_mapped_to_one_are_refused(
    read: Any, name: str, engine: str, tmp_path: Path
) -> None:
    rows = pl.DataFrame({"a": ["x"], "b": ["y"], "year": [2004], "commodity": ["c"], "index": [100.5]})
    write_table(rows, tmp_path / name)
    with pytest.raises(UsageError, match="'a' and 'b' of one file to 'region'"):
        read(tmp_path / name, columns={"a": "region", "b": "region"}, engine=engine)


def test_columns_of_two_files_may_be_mapped_to_one(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.csv").write_text(f"{name},n\nx{name},1\n", encoding="utf-8")
    found = read_raw(str(tmp_path / "*.csv"), columns={"a": "region", "b": "region"}).polars()
    assert sorted(found["region"]) == ["xa", "xb"]


def test_two_columns_for_one_of_a_recipe_are_refused() -> None:
    recipe = find_recipe("baci", "customs")
    assert recipe
    with pytest.raises(UsageError, match="of one file to 'product'"):
        headings_of(recipe, ["k", "hs", "t"], {"k": "product", "hs": "product"})


def test_two_synonyms_are_left_alone_and_said(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("省份,地区,x\n北京,华北,2\n", encoding="utf-8")
    table = read_raw(path, table="firms")
    assert "could each be 'region'" in notes(table)
    assert table.columns == ["省份", "地区", "x"]


def test_column_flags() -> None:
    assert parse_column_flags(["region=省份", " index = CPI=100 "]) == {"省份": "region", "CPI=100": "index"}
    for wrong in (["region"], ["=x"], ["a=x", "b=x"], ["a=x", "a=y"]):
        with pytest.raises(UsageError, match="--column"):
            parse_column_flags(wrong)


def test_where_without_any_row_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("item,x\n食品,2\n", encoding="utf-8")
    with pytest.raises(EmptyTable, match="no row satisfies where"):
        read_raw(path, where='item == "粮食"')


def write_old_dta(path: Path, codec: str = "gb18030") -> None:
    """A .dta as Stata 10 wrote it on a Chinese Windows: bytes of the local encoding, said nowhere."""
    text = [name.encode(codec).decode("latin-1") for name in ("北京市", "内蒙古自治区", "Tianjin")]
    pd.DataFrame({"region": text, "x": [1.5, None, 3.0]}).to_stata(path, version=114, write_index=False)


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_old_stata_file_in_gb18030(tmp_path: Path, engine: Engine) -> None:
    path = tmp_path / "old.dta"
    write_old_dta(path)
    table = read_raw(path, engine=engine)
    assert table.polars().rows() == [("北京市", 1.5), ("内蒙古自治区", None), ("Tianjin", 3.0)]
    assert "encoding gb18030 (detected)" in notes(table)
    with pytest.raises(Unreadable, match=r"text of old.dta is not utf-8"):
        read_raw(path, encoding="utf-8")


def test_stata_pieces_labels_and_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "new.dta"
    rows = pl.DataFrame({"firm": ["一", "二", "三", "四", "五"], "own": [1.0, 2.0, 1.0, 2.0, 1.0]})
    pyreadstat.write_dta(rows, str(path), variable_value_labels={"own": {1: "state", 2: "private"}})
    whole = read_raw(path)
    assert whole.polars().equals(rows)
    assert "value labels not applied, codes kept: own" in notes(whole)
    monkeypatch.setattr("integrade.sources.cells.stata.PIECE", 2)
    assert read_raw(path).polars().equals(rows)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(Unreadable, match="cannot be read as a Stata file"):
        read_raw(path)


STATA = {8: 113, 10: 114, 12: 115, 13: 117, 14: 118, 15: 119}
OWNERS = pl.DataFrame({"firm": ["一", "二", "三"], "own": [1.0, 2.0, 3.0], "x": [1.5, None, -2.0]})


@each("version", STATA)
@each("engine", ["polars", "duckdb"])
def test_every_format_of_stata_with_codes_or_labels(tmp_path: Path, version: int, engine: Engine) -> None:
    path = tmp_path / "own.dta"
    pyreadstat.write_dta(OWNERS, str(path), version=version, variable_value_labels={"own": {1: "国有", 2: "私营"}})
    head = path.read_bytes()[:40]
    assert head[0] == STATA[version] or f"<release>{STATA[version]}".encode() in head
    codes = read_raw(path, engine=engine)
    assert codes.polars().rows() == OWNERS.rows()
    assert "value labels not applied, codes kept: own (e.g. own: 1 = 国有; 2 = 私营)" in notes(codes)
    texts = read_raw(path, engine=engine, labels="text")
    assert texts.polars()["own"].to_list() == ["国有", "私营", "3"]
    assert "value labels used instead of codes: own" in notes(texts)


@pytest.mark.parametrize("version", [114, 117])
@pytest.mark.parametrize("codec", ["gb18030", "big5"])
def test_labels_alone_tell_the_encoding(tmp_path: Path, version: int, codec: str) -> None:
    def old(text: str) -> str:
        return text.encode(codec).decode("latin-1")

    path = tmp_path / "labels.dta"
    owner = {"gb18030": "国有企业和私营企业", "big5": "國有企業和私營企業"}[codec]
    labels = {"own": {1: old(owner), 2: "b"}}
    pd.DataFrame({"own": [1, 2]}).to_stata(path, version=version, write_index=False, value_labels=labels)
    table = read_raw(path, labels="text")
    assert table.polars()["own"].to_list() == [owner, "b"]
    assert f"encoding {codec} (detected)" in notes(table)


def test_stata_label_pieces_are_all_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "own.dta"
    pyreadstat.write_dta(OWNERS, str(path), variable_value_labels={"own": {3: "三"}})
    monkeypatch.setattr("integrade.sources.cells.stata.PIECE", 1)
    assert read_raw(path, labels="text").polars()["own"].to_list() == ["1", "2", "三"]


def write_xlsx(path: Path, sheets: dict[str, list[list[Any]]], merged: tuple[int, int, int, int] | None = None) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for i, row in enumerate(rows):
                sheet.write_row(i, 0, row)
            if merged:
                sheet.merge_range(*merged, rows[merged[0]][merged[1]])


def test_workbooks_types_merged_cells_and_sheets(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    rows = [["region", "code", "x", "n"], ["北京", "0101", 1.5, 3], ["", 12, 2.5, 4], [" 上海 ", "", "", ""]]
    write_xlsx(path, {"one": rows, "two": [["y"], [1]]}, merged=(1, 0, 2, 0))
    table = read_raw(path)
    assert table.polars().rows() == [("北京", "0101", 1.5, 3), ("北京", "12", 2.5, 4), ("上海", None, None, None)]
    assert "sheet 'one' read, not two" in notes(table)
    assert read_raw(path, sheet="two").polars().rows() == [(1,)]
    with pytest.raises(UsageError, match="did you mean 'two'"):
        read_raw(path, sheet="twoo")


def test_old_workbook(tmp_path: Path) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("表")
    for j, value in enumerate(["地区", "x"]):
        sheet.write(0, j, value)
    sheet.write_merge(1, 2, 0, 0, "北京")
    sheet.write(1, 1, 1.5)
    sheet.write(2, 1, 2.5)
    book.save(str(tmp_path / "old.xls"))
    assert read_raw(tmp_path / "old.xls").polars().rows() == [("北京", 1.5), ("北京", 2.5)]


HTML = """<html><head><meta charset="gb2312"><style>td {x: "<td>"}</style></head><body>
<table><tr><th rowspan=2>地区</th><th colspan="2">指数</th></tr><tr><td>食品</td><td>衣着</td></tr>
<tr><td>北&nbsp;京</td><td>101.5</td><td>99<!-- <td>1 --></td></tr></table></body></html>"""


def test_html_and_tab_text_named_xls(tmp_path: Path) -> None:
    (tmp_path / "page.xls").write_bytes(HTML.encode("gb18030"))
    table = read_raw(tmp_path / "page.xls")
    assert table.columns == ["地区", "食品", "衣着"]
    assert table.polars().rows() == [("北 京", "101.5", "99")]
    assert "an HTML page named .xls, encoding gb18030" in notes(table)
    (tmp_path / "tab.xls").write_bytes("地区\tx\n北京\t1\n".encode("gb18030"))
    table = read_raw(tmp_path / "tab.xls")
    assert table.polars().rows() == [("北京", "1")]
    assert "text, not a workbook, named .xls" in notes(table)


SPREADSHEET = """<?xml version="1.0" encoding="gb2312"?>
<?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
 <Worksheet ss:Name="表"><Table>
  <Row><Cell ss:MergeDown="1"><Data ss:Type="String">地区</Data></Cell>
   <Cell ss:MergeAcross="1"><Data ss:Type="String">指数</Data></Cell></Row>
  <Row><Cell ss:Index="2"><Data ss:Type="String">食品</Data></Cell><Cell><Data ss:Type="String">衣着</Data></Cell></Row>
  <Row ss:Index="4"><Cell><Data ss:Type="String">北京</Data></Cell>
   <Cell ss:Index="3"><Data ss:Type="Number">99.5</Data></Cell></Row>
 </Table></Worksheet></Workbook>"""


@pytest.mark.slow
def test_xml_spreadsheet_named_xls(tmp_path: Path) -> None:
    (tmp_path / "portal.xls").write_bytes(SPREADSHEET.encode("gb18030"))
    table = read_raw(tmp_path / "portal.xls")
    assert table.columns == ["地区", "食品", "衣着"]
    assert table.polars().rows() == [("北京", None, 99.5)]
    assert "an XML spreadsheet (2003 format) named .xls" in notes(table)
    far = SPREADSHEET.replace('ss:Index="3"', 'ss:Index="900000"').replace('ss:Index="4"', 'ss:Index="900000"')
    (tmp_path / "portal.xls").write_bytes(far.encode("gb18030"))
    with pytest.raises(Unreadable, match="too many cells"):
        read_raw(tmp_path / "portal.xls")


@pytest.mark.parametrize(
    "said", ["Nota: cifras preliminares", "Fuente: INEGI", "Quelle: Destatis", "Источник: Росстат"]
)
def test_a_footnote_in_another_language_is_no_firm(tmp_path: Path, said: str) -> None:
    rows = [["firm", "year", "assets"], *([f"A{i}", 2004, i] for i in range(5)), ["Fonti Srl", 2004, 3], [said, "", ""]]
    write_xlsx(tmp_path / "f.xlsx", {"Sheet1": rows})
    table = read_raw(tmp_path / "f.xlsx")
    assert table.polars()["firm"].to_list()[-1] == "Fonti Srl"
    assert f"1 row dropped: footnotes below the table, sheet 'Sheet1' (e.g. {said})" in notes(table)


def test_titles_footnotes_and_continued_sheets(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    one = [["表 3-1 企业", "", ""], ["", "", "单位:千元"], ["企业", "年份", "总资产"], ["A", 2004, 1], ["B", 2004, 2]]
    two = [["企业", "年份", "总资产"], ["C", 2004, 3], ["注:资料来源于年鉴。", "", ""]]
    write_xlsx(path, {"Sheet1": one, "Sheet2": two, "说明": [["x", "y"], ["1", "2"]]})
    table = read_raw(path)
    assert table.polars().rows() == [("A", 2004, 1), ("B", 2004, 2), ("C", 2004, 3)]
    assert "above the headings: 表 3-1 企业; 单位:千元" in notes(table)
    assert "1 row dropped: footnotes below the table, sheet 'Sheet2' (e.g. 注:资料来源于年鉴。)" in notes(table)
    assert "sheets Sheet2 continue 'Sheet1'" in notes(table)
    assert "sheet 'Sheet1' read, not 说明" in notes(table)


def test_a_stray_cell_far_away_is_named_not_swallowed(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "far.xlsx")) as book:
        sheet = book.add_worksheet("one")
        sheet.write_row(0, 0, ["a", "b"])
        sheet.write(1_000_000, 16_000, "x")
    with pytest.raises(Unreadable, match="covers 1,000,001 rows and 16,001 columns") as caught:
        read_raw(tmp_path / "far.xlsx")
    assert "cells far from the table" in caught.value.remedy


def test_encrypted_workbooks(tmp_path: Path) -> None:
    from msoffcrypto.format.ooxml import OOXMLFile

    write_xlsx(tmp_path / "plain.xlsx", {"one": [["region"], ["北京"]]})
    for name, password in (("default.xlsx", "VelvetSweatshop"), ("locked.xlsx", "secret")):
        locked = io.BytesIO()
        with (tmp_path / "plain.xlsx").open("rb") as file:
            OOXMLFile(file).encrypt(password, locked)
        (tmp_path / name).write_bytes(locked.getvalue())
    table = read_raw(tmp_path / "default.xlsx")
    assert table.polars().rows() == [("北京",)]
    assert "default password" in notes(table)
    with pytest.raises(Unreadable, match="locked with a password"):
        read_raw(tmp_path / "locked.xlsx")


def rc4(key: bytes, length: int) -> bytes:
    """So many bytes of RC4's key stream."""
    box, j = list(range(256)), 0
    for i in range(256):
        j = (j + box[i] + key[i % len(key)]) % 256
        box[i], box[j] = box[j], box[i]
    out, i, j = bytearray(), 0, 0
    for _ in range(length):
        i = (i + 1) % 256
        j = (j + box[i]) % 256
        box[i], box[j] = box[j], box[i]
        out.append(box[(box[i] + box[j]) % 256])
    return bytes(out)


def encrypted_xls(path: Path, password: str) -> None:
    """An .xls locked as Excel does it: the key of each 1,024 bytes from the password; heads of records stay plain."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("表")
    for i, row in enumerate([("地区", "x"), ("北京", 1.5), ("内蒙古", 2.5)]):
        for j, value in enumerate(row):
            sheet.write(i, j, value)
    plain, salt, verifier = book.get_biff_data(), bytes(range(16)), bytes(range(16, 32))
    half = md5(password.encode("utf-16-le")).digest()[:5]
    start = md5((half + salt) * 16).digest()[:5]

    def stream(block: int, length: int) -> bytes:
        return rc4(md5(start + struct.pack("<I", block)).digest(), length)

    proof = bytes(a ^ b for a, b in zip(verifier + md5(verifier).digest(), stream(0, 32), strict=True))
    first = 4 + struct.unpack_from("<2H", plain)[1]
    lock = struct.pack("<2H3H", 0x2F, 54, 1, 1, 1) + salt + proof
    data = bytearray(plain[:first] + lock + plain[first:])
    data += struct.pack("<2H", 0, -len(data) % 4) + bytes(-len(data) % 4)  # the stream is padded by whole records
    keys = b"".join(stream(n, 1024) for n in range(len(data) // 1024 + 1))
    at = 0
    while at + 4 <= len(data):
        kind, length = struct.unpack_from("<2H", data, at)
        if kind == 0x85:  # where a sheet begins has moved, and is not locked
            struct.pack_into("<I", data, at + 4, struct.unpack_from("<I", data, at + 4)[0] + len(lock))
        open_until = length if kind in (0x809, 0x2F, 0xE1, 0x194, 0x195, 0x138, 0x139) else 4 if kind == 0x85 else 0
        for k in range(at + 4 + open_until, at + 4 + length):
            data[k] ^= keys[k]
        at += 4 + length
    with path.open("wb") as file:
        XlsDoc().save(file, bytes(data))


def test_encrypted_old_workbooks(tmp_path: Path) -> None:
    encrypted_xls(tmp_path / "default.xls", "VelvetSweatshop")
    encrypted_xls(tmp_path / "locked.xls", "secret")
    table = read_raw(tmp_path / "default.xls")
    assert table.polars().rows() == [("北京", 1.5), ("内蒙古", 2.5)]
    assert "default password" in notes(table)
    with pytest.raises(Unreadable, match="locked with a password"):
        read_raw(tmp_path / "locked.xls")


def test_locked_workbooks_without_the_package_that_decrypts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from msoffcrypto.format.ooxml import OOXMLFile

    write_xlsx(tmp_path / "plain.xlsx", {"one": [["region"], ["北京"]]})
    with (tmp_path / "plain.xlsx").open("rb") as file, (tmp_path / "locked.xlsx").open("wb") as locked:
        OOXMLFile(file).encrypt("VelvetSweatshop", locked)
    encrypted_xls(tmp_path / "locked.xls", "VelvetSweatshop")
    book = xlwt.Workbook(encoding="utf-8")
    book.add_sheet("表").write(0, 0, "地区")
    book.save(str(tmp_path / "plain.xls"))
    monkeypatch.setitem(sys.modules, "msoffcrypto", None)
    for name in ("locked.xlsx", "locked.xls"):
        with pytest.raises(Unreadable, match="locked, and the package that opens locked") as caught:
            read_workbook(tmp_path / name)
        assert "pip install msoffcrypto-tool" in str(caught.value.remedy)
    for name in ("plain.xlsx", "plain.xls"):
        assert read_workbook(tmp_path / name).sheets[0].rows[0][0] in ("region", "地区")


def damaged(folder: Path) -> dict[str, tuple[bytes, type[IntegradeError], str]]:
    pl.DataFrame({"a": list(range(1000))}).write_parquet(folder / "good.parquet")
    parquet = (folder / "good.parquet").read_bytes()
    write_xlsx(folder / "good.xlsx", {"one": [["a"], [1]]})
    workbook = (folder / "good.xlsx").read_bytes()
    return {
        "cut.parquet": (parquet[: len(parquet) // 2], Unreadable, "cut.parquet cannot be read"),
        "none.parquet": (b"", Unreadable, "none.parquet cannot be read"),
        "empty.csv": (b"", EmptyTable, "empty.csv is empty"),
        "blank.csv": (b"\n\n", EmptyTable, "blank.csv is empty"),
        "ragged.csv": (b"a,b\n1,2\n1,2,3\n", Unreadable, "row 3 has 3 cells, the heading has 2"),
        "cut.csv.gz": (gzip.compress(b"a,b\n" * 500)[:-10], Unreadable, "damaged"),
        "cut.xlsx": (workbook[: len(workbook) // 2], Unreadable, "cut.xlsx cannot be read"),
        "xml.xls": (b'<?xml version="1.0"?><Workbook><Row>', Unreadable, "as an XML spreadsheet"),
        "binary.xls": (b"\x00\x01\x02" * 50, Unreadable, "not a workbook"),
        "text.dta": (b"a,b\n1,2\n", Unreadable, "Stata file"),
        "a.sav": (b"x", UsageError, "unknown kind of file"),
        "a.json": (b'[{"a": 1, "b": 2}]', UsageError, "unknown kind of file"),
        "a.rds": (b"a,\x00b,c\n", UsageError, "unknown kind of file"),
    }


DAMAGED = (
    "cut.parquet",
    "none.parquet",
    "empty.csv",
    "blank.csv",
    "ragged.csv",
    "cut.csv.gz",
    "cut.xlsx",
    "xml.xls",
    "binary.xls",
    "text.dta",
    "a.sav",
    "a.json",
    "a.rds",
)


@each("name", DAMAGED)
@each("engine", ["polars", "duckdb"])
def test_damaged_files_are_named_with_a_remedy(tmp_path: Path, name: str, engine: Engine) -> None:
    content, kind, message = damaged(tmp_path)[name]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(kind) as caught:
        read_raw(path, engine=engine)
    assert message in str(caught.value)
    assert caught.value.remedy


def test_missing_files_name_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text("a\n1\n", encoding="utf-8")
    with pytest.raises(FileMissing, match=r"did you mean 'prices\.csv'"):
        read_raw(tmp_path / "price.csv")
    with pytest.raises(FileMissing, match="no file"):
        read_raw(str(tmp_path / "*.dta"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileMissing, match="no readable file"):
        read_raw(tmp_path / "empty")
    with pytest.raises(UsageError, match="no file is named"):
        read_raw([])


def test_read_table_gives_numbers_but_keeps_codes(tmp_path: Path) -> None:
    path = tmp_path / "panel.csv"
    path.write_text(
        "firm,code,long,year,x,mixed,none\n1,0101,1234567890123456789,2005,1.5,1,\n2,0712,1,2006,NA,a,.\n",
        encoding="utf-8",
    )
    rows = read_table(path, where="x > 0 or year == 2006").polars()
    assert dict(rows.schema) == {
        "firm": pl.Int64,
        "code": pl.String,
        "long": pl.String,
        "year": pl.Int64,
        "x": pl.Float64,
        "mixed": pl.String,
        "none": pl.Float64,
    }
    assert rows["x"].to_list() == [1.5, None]


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are bytes on Linux alone")
@pytest.mark.parametrize("named", ["file", "folder", "pattern"])
def test_a_file_whose_name_is_not_utf8_is_refused_by_name(named: str, tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.csv"))
    path.write_text("firm,year\nA,2004\n")
    paths = {"file": path, "folder": tmp_path, "pattern": str(tmp_path / "*.csv")}
    with pytest.raises(Unreadable) as caught:
        read_raw(paths[named])
    assert "\\xff\\xfe.csv is not UTF-8" in caught.value.what
    str(caught.value).encode("utf-8")
    assert "rename" in caught.value.remedy


def test_a_column_without_a_name_takes_the_one_in_the_row_above(tmp_path: Path) -> None:
    path = tmp_path / "accounts.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "Annual accounts")
        sheet.write_row(2, 0, ["Unit", None, None, "Year", "Balance", None, None])
        sheet.write_row(3, 0, ["id", "name", "region", None, "assets", "liabilities", "stocks"])
        sheet.write_row(4, 0, ["a", "A", "X", 2010, 1.5, 2.5, 3.5])
        sheet.write_row(5, 0, ["b", "B", "Y", 2011, 1.5, 2.5, 3.5])
    assert read_raw(path).columns == ["id", "name", "region", "Year", "assets", "liabilities", "stocks"]


def test_a_missing_year_that_the_names_of_files_state_is_offered_from_there(tmp_path: Path) -> None:
    """One year in every name, or nothing is offered: the layout refuses any other name."""

    def refused(*names: str) -> str:
        for name in names:
            (tmp_path / name).write_text("firm,assets\nA,5\n")
        with pytest.raises(IntegradeError) as raised:
            read_firms([tmp_path / name for name in names])
        return str(raised.value)

    offered = 'layout={"files": "year"} takes the year from the names of the files'
    assert offered in refused("a2001.csv", "a2002.csv")
    assert offered not in refused("a2001.csv", "b.csv")
    assert offered not in refused("a2001to2005.csv")
    files = [tmp_path / "a2001.csv", tmp_path / "a2002.csv"]
    assert read_firms(files, layout={"files": "year"}).polars()["year"].sort().to_list() == [2001, 2002]
