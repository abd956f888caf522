"""Accounts of Chinese firms often have the code of a county; its first two digits are the province."""

from __future__ import annotations

import tomllib
from pathlib import Path

import polars as pl

import integrade as ig
from each import each
from integrade.engine.frames import Table
from integrade.study.propose import propose

CODES = ("371102", "110105", "440409")


def accounts(path: Path, codes: tuple[str, ...] = CODES, heading: str = "省地县码") -> Table:
    rows = [f"F{i},2004,{code},10,5" for i, code in enumerate(codes)]
    path.write_text("\n".join([f"firm,year,{heading},assets,liabilities", *rows, ""]), encoding="utf-8")
    return ig.read_firms(path)


def regions(table: Table) -> list[str]:
    return table.polars().sort("firm")["region"].to_list()


@each("heading", ["省地县码", "行政区划代码", "region"])
def test_codes_of_counties_are_provinces(heading: str, tmp_path: Path) -> None:
    table = accounts(tmp_path / "a.csv", heading=heading)
    assert regions(table) == ["山东", "北京", "广东"]
    said = [str(e.reason) for e in table.account if "counties" in str(e.reason)]
    assert said == ["region: 3 codes of counties read as provinces by their first two digits, 3 rows"]


def test_numbers_of_a_workbook_are_codes_too(tmp_path: Path) -> None:
    rows = {"firm": ["F0", "F1", "F2"], "year": 2004, "省地县码": [int(c) for c in CODES], "assets": [10, 10, 10]}
    ig.write_table(pl.DataFrame(rows), tmp_path / "a.xlsx")
    assert regions(ig.read_firms(tmp_path / "a.xlsx", regions="english")) == ["Shandong", "Beijing", "Guangdong"]


def test_a_column_of_provinces_comes_before_the_codes(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("firm,year,省份,行政区划代码,assets\nA,2004,北京,371102,5\n", encoding="utf-8")
    rows = ig.read_firms(tmp_path / "a.csv").polars()
    assert rows.select("region", "county").rows() == [("北京", "371102")]


def test_prefectures_and_codes_of_elsewhere_stay(tmp_path: Path) -> None:
    assert regions(accounts(tmp_path / "a.csv", ("330100", "330200", "110000"))) == ["330100", "330200", "110000"]
    assert regions(accounts(tmp_path / "b.csv", ("010203", "990101", "770102"))) == ["010203", "990101", "770102"]


def test_a_proposal_without_a_source_knows_the_provinces(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    codes = ("371102", "110105", "440409", "310101", "320105")
    rows = [
        f"F{i:03d},{year},{codes[i % 5]},{1990 + i % 9},{900 + 7 * i},{400 + i},{60 + i}"
        for i in range(60)
        for year in (2004, 2005)
    ]
    (raw / "firms.csv").write_text(
        "\n".join(["firm,year,省地县码,founded,assets,liabilities,sales", *rows, ""]), "utf-8"
    )
    prices = [
        f"{name},{year},{good},{100 + (k + year) % 5}"
        for k, name in enumerate(("山东", "北京", "广东", "上海", "江苏"))
        for year in (2004, 2005)
        for good in ("粮食", "服装")
    ]
    (raw / "prices.csv").write_text("\n".join(["地区,年份,商品,指数(上年=100)", *prices, ""]), encoding="utf-8")
    propose(raw, tmp_path / "study", preset="published")
    text = (tmp_path / "study" / "study.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text)["firms"]["columns"]["省地县码"] == "region"
    assert "# 5 of 5 regions of firms are in prices" in text
    assert {"by": "region", "how": "area"} in tomllib.loads(text)["groups"]
