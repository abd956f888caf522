"""A folder of the paper's Chinese files: customs, the survey of industrial firms, prices, schooling and research."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from integrade.cli import run
from integrade.panel import human_capital
from integrade.sources import read_education
from integrade.study.propose import propose

PROVINCES = {11: "北京", 12: "天津", 13: "河北", 31: "上海", 32: "江苏", 33: "浙江", 50: "重庆", 51: "四川"}
ACCOUNTS = "法人代码,企业名称,省地县码,行业代码,登记注册类型,开工时间,从业人员,工业总产值,固定资产,应收账款,存货,"
YEARS = (2006, 2007, 2008, 2009)


def _rows(heading: str, rows: list[str], path: Path, encoding: str = "utf-8") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([heading, *rows, ""]), encoding=encoding)


def write_survey(raw: Path) -> None:
    """Write the files; codes of customs and of the survey differ, and the names of the firms are the same."""
    codes = list(PROVINCES)
    for year in YEARS:
        rows = [
            f"{i:08d}X,企业{i},{codes[i % 8]}0102,{1300 + 100 * (i % 30)},{(110, 173, 330)[i % 3]},{1970 + i % 30},"
            f"{40 + i},{9000 + 7 * i},{2000 + i},{100 + i},{400 + 3 * i},{8000 + i * year % 977},{3000 + i},{200 + i}"
            for i in range(1, 61)
        ]
        heading = f"{ACCOUNTS}总资产,负债合计,利润总额"
        _rows(heading, rows, raw / "工企" / f"工企{year}.csv", "gb18030")
    customs = [
        f"11{i:08d},企业{i},62046200,{country},{10 + i % 7},件,{500 + 13 * i % 91},{year}"
        for year in YEARS
        for i in range(1, 61)
        for country in ("韩国", "日本", "美国")
    ]
    _rows("企业代码,企业名称,商品编码,目的国,数量,计量单位,金额(美元),年份", customs, raw / "海关.csv", "gb18030")
    prices = [
        f"{name},{year},{good},{100 + (3 * k + 5 * j + 7 * year + k * j) % 11 - 5}"
        for year in YEARS
        for k, name in enumerate(PROVINCES.values())
        for j, good in enumerate(("粮食", "服装", "家具", "药品"))
    ]
    _rows("地区,年份,商品,指数(上年=100)", prices, raw / "价格.csv")
    across = ",".join(f"{year}年" for year in YEARS)
    spent = [
        f"{name},{','.join(str(90_000 + 1000 * k + y % 9) for y in YEARS)}" for k, name in enumerate(PROVINCES.values())
    ]
    _rows(f"各地区R&D经费内部支出,,,,\n单位：万元,,,,\n地区,{across}", spent, raw / "RD经费.csv", "gb18030")


def write_schooling(path: Path) -> None:
    """Write the yearbook's shares by schooling: one sheet per year, provinces in rows."""
    import xlsxwriter

    heading = ["地区", "合计", "未上过学", "小学", "初中", "高中", "大学专科", "大学本科", "研究生"]
    with xlsxwriter.Workbook(str(path)) as book:
        for year in YEARS:
            sheet = book.add_worksheet(str(year))
            sheet.write_row(0, 0, [f"各地区就业人员受教育程度构成({year}年)"])
            sheet.write_row(1, 0, ["单位：%"])
            sheet.write_row(2, 0, heading)
            for k, name in enumerate(PROVINCES.values()):
                sheet.write_row(3 + k, 0, [name, 100.0, 8.0 - k / 2, 27.0, 41.0 + k / 2, 14.0, 6.0, 3.5, 0.5])


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("survey")
    write_survey(folder / "raw")
    write_schooling(folder / "raw" / "受教育程度.xlsx")
    propose(folder / "raw", folder / "study", preset="published")
    return folder / "study"


@pytest.fixture
def written(study: Path) -> dict[str, Any]:
    return tomllib.loads((study / "study.toml").read_text(encoding="utf-8"))


def test_accounts_of_a_source_have_the_sections_of_the_papers_tables(written: dict[str, Any]) -> None:
    """The columns of the survey are named by its source; they allow controls, splits and mediators all the same."""
    assert written["firms"]["source"] == "asif"
    assert "columns" not in written["firms"], "the source maps the headings"
    assert written["regression"]["controls"] == ["scale", "age", "roa", "rdebt", "fic"]
    assert [g["how"] for g in written["groups"]] == ["ownership", "intensity", "period", "area"]
    assert written["mediation"]["mediators"] == ["human_capital", "log(rd经费)"]
    assert written["groups"][2]["first_of_later"] == 2008


def test_firms_whose_codes_differ_and_names_meet_are_linked_by_name(study: Path, written: dict[str, Any]) -> None:
    assert written["exporters"] == {"files": ["../raw/海关.csv"]}
    assert written["matching"] == {}
    head = (study / "study.toml").read_text(encoding="utf-8").partition("title =")[0]
    assert "Their names meet: 60 of 60. [exporters] and [matching] link them by name" in head


def test_schooling_by_province_is_education_and_no_covariate(written: dict[str, Any]) -> None:
    assert written["education"] == {"source": "nbs_education", "files": ["../raw/受教育程度.xlsx"]}
    assert [c["files"] for c in written["covariates"]] == [["../raw/RD经费.csv"]]


SEXES = ("小计", "男", "女")


def write_persons_by_sex(path: Path) -> None:
    """A sheet of the yearbook of each year: persons by schooling and sex under two heading rows, with merged cells."""
    import xlsxwriter

    with xlsxwriter.Workbook(str(path)) as book:
        for year in YEARS:
            sheet = book.add_worksheet(str(year))
            sheet.write_row(0, 0, [f"各地区按性别和受教育程度分的6岁及以上人口({year}年)"])
            sheet.merge_range(2, 0, 3, 0, "地 区")
            for j, heading in enumerate(("6岁及以上人口", "未上过学", "小 学", "初 中", "高 中", "大专及以上")):
                sheet.merge_range(2, 1 + 3 * j, 2, 3 + 3 * j, heading)
                sheet.write_row(3, 1 + 3 * j, SEXES if j else ("合 计", "男", "女"))
            for k, name in enumerate(("全 国", *PROVINCES.values())):
                persons = [1000, 50, 200, 400, 150 + k, 200 - k]
                sheet.write_row(
                    4 + k, 0, [name, *(n for of_all in persons for n in (of_all, of_all // 2, of_all - of_all // 2))]
                )


def test_persons_by_schooling_and_sex_are_education(tmp_path: Path) -> None:
    """Five classes under headings of two rows: the subtotal of both sexes is the class, college or more is the last."""
    write_survey(tmp_path / "raw")
    write_persons_by_sex(tmp_path / "raw" / "受教育程度.xlsx")
    propose(tmp_path / "raw", tmp_path / "study", preset="published")
    written = tomllib.loads((tmp_path / "study" / "study.toml").read_text(encoding="utf-8"))
    assert written["education"] == {"source": "nbs_education", "files": ["../raw/受教育程度.xlsx"]}
    assert written["mediation"]["mediators"][0] == "human_capital"
    read = read_education(tmp_path / "raw" / "受教育程度.xlsx", source="nbs_education")
    first = human_capital(read).polars().sort("human_capital")["human_capital"]
    names = sorted(range(1, len(PROVINCES) + 1), reverse=True)
    expected = [(6 * 200 + 9 * 400 + 12 * (150 + k) + 16 * (200 - k)) / 1000 for k in names for _ in YEARS]
    assert first.to_list() == pytest.approx(expected)


def test_the_unit_above_a_table_of_covariates_is_told(study: Path) -> None:
    text = (study / "study.toml").read_text(encoding="utf-8")
    assert "# rd经费 is in 10000 CNY, as stated; its numbers stay as they are" in text
    assert "# year is in" not in text


def test_the_study_of_the_survey_needs_no_edit(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(study)]) == 0, capsys.readouterr()


def test_what_only_later_files_show_is_asked_too(tmp_path: Path) -> None:
    """Numbers with commas, equal rows and codes as number cells in other years than the first."""
    heading, raw = f"{ACCOUNTS}总资产,负债合计,利润总额", tmp_path / "raw"
    for year in (2001, 2002, 2003):
        codes = [f"{i:09d}" if year == 2001 else str(i) for i in range(4734281, 4734321)]
        rows = [
            f"{code},企业{code[-4:]},110102,1310,110,1990,50,9000,3000,200,400,{cell},4000,300"
            for i, code in enumerate(codes)
            for cell in ['"8,120"' if year == 2002 else str(8000 + i)]
        ]
        _rows(heading, [*rows, rows[-1]] if year == 2003 else rows, raw / f"工企{year}.csv")
    propose(raw, tmp_path / "study", kind="study")
    text = (tmp_path / "study" / "study.toml").read_text(encoding="utf-8")
    head = text.partition("title =")[0]
    assert "firms has more than one row for the same firm, year" in head
    assert "numbers that may be thousands or decimals" in head
    assert "some codes of firm are shorter than others ('4734281' next to '004734281')" in head
    firms = tomllib.loads(text)["firms"]
    assert (firms["duplicates"], firms["pad"]) == ("drop", {"firm": 9})
    assert '\n# decimal = "."' in text, "a comma may be a decimal mark: that is the user's to say"
