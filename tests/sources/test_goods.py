"""Goods under one name, and breaks in their list: kept, common only, spliced, split."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from integrade.engine.frames import Engine
from integrade.errors import DuplicateKeys, EmptyTable, UsageError
from integrade.integration import relative_price
from integrade.sources import read_prices
from integrade.sources.meaning.goods import GOODS, canonical_good
from library import shared

OLD = ("食品", "烟酒及用品", "衣着", "家庭设备用品及服务", "居住")
NEW = ("食品烟酒", "衣着", "生活用品及服务", "居住", "其他用品和服务")
REGIONS = ("北京", "天津", "河北", "山西", "上海")


def prices(folder: Path, *, rename: dict[tuple[int, str], str] | None = None) -> Path:
    rows = [
        {
            "region": r,
            "year": y,
            "commodity": (rename or {}).get((y, g), g),
            "index": 100.0 + (3 * i + 5 * j + 7 * (y % 10)) % 11,
        }
        for y in (2014, 2015, 2016, 2017)
        for i, r in enumerate(REGIONS)
        for j, g in enumerate(OLD if y < 2016 else NEW)
    ]
    pl.DataFrame(rows).write_csv(folder / "cpi.csv")
    return folder / "cpi.csv"


def goods_of(table: Any, year: int) -> list[str]:
    return sorted(table.polars().filter(year=year)["commodity"].unique())


def test_every_spelling_names_one_good() -> None:
    for good, others in GOODS.items():
        for name in (good, *others):
            assert canonical_good(name) == good, name
    assert canonical_good("  交通和通讯类 ") == "交通和通信"
    assert canonical_good("砖") is None


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_a_break_is_found_and_kept_with_a_warning(tmp_path: Path, engine: Engine) -> None:
    table = read_prices(prices(tmp_path), engine=engine)
    account = str(table.account)
    assert "warning: list of goods changes in 2016: 家庭设备用品及服务, 烟酒及用品, 食品 discontinued; " in account
    assert "其他用品和服务, 生活用品及服务, 食品烟酒 introduced" in account
    assert "breaks=keep keeps every good, so levels before and after a break are not comparable" in account
    assert goods_of(table, 2015) == sorted(OLD)


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_common_goods_only(tmp_path: Path, engine: Engine) -> None:
    table = read_prices(prices(tmp_path), engine=engine, breaks="common")
    assert [goods_of(table, y) for y in (2014, 2017)] == [["居住", "衣着"]] * 2
    assert "60 rows dropped: good not in every year (6 goods)" in str(table.account)
    path = tmp_path / "none.csv"
    path.write_text("region,year,commodity,index\nA,2015,x,101\nA,2016,y,102\n", encoding="utf-8")
    with pytest.raises(EmptyTable, match="no good is in every year"):
        read_prices(path, breaks="common")


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_splice_takes_the_mean_of_the_old_divisions(tmp_path: Path, engine: Engine) -> None:
    path = prices(tmp_path)
    table = read_prices(path, engine=engine, breaks="splice")
    raw = pl.read_csv(path)
    assert [goods_of(table, y) for y in (2015, 2016)] == [["居住", "生活用品及服务", "衣着", "食品烟酒"]] * 2
    food = (
        raw.filter(pl.col("commodity").is_in(["食品", "烟酒及用品"]))
        .group_by("region", "year")
        .agg(pl.col("index").mean())
    )
    spliced = table.polars().filter(pl.col("commodity") == "食品烟酒", pl.col("year") < 2016)
    assert spliced.select("region", "year", "index").sort("region", "year").rows() == food.sort("region", "year").rows()
    account = str(table.account)
    assert "spliced: 食品 + 烟酒及用品 -> 食品烟酒 (mean)" in account
    assert "spliced: 家庭设备用品及服务 -> 生活用品及服务" in account
    assert "10 rows dropped: good not in every year (1 goods) (e.g. 其他用品和服务)" in account


def test_split_names_the_parts_and_the_index_carries_them(tmp_path: Path) -> None:
    table = read_prices(prices(tmp_path), breaks="split")
    parts = table.polars().select("year", "goods_list").unique().sort("year").rows()
    assert parts == [(2014, "2014-2015"), (2015, "2014-2015"), (2016, "2016-2017"), (2017, "2016-2017")]
    index = relative_price(table, se="jackknife").polars()
    assert index.select("year", "goods_list").unique().sort("year").rows() == parts
    plain = relative_price(read_prices(prices(tmp_path)), se="jackknife").polars()
    assert index.drop("goods_list").equals(plain), "the parts change no number"
    assert relative_price(table.polars()).equals(relative_price(table).polars())


def test_spellings_of_one_good_are_joined_and_said(tmp_path: Path) -> None:
    path = prices(tmp_path, rename={(2015, "家庭设备用品及服务"): "家庭设备用品及维修服务类", (2017, "居住"): "居住类"})
    table = read_prices(path)
    assert goods_of(table, 2014) == goods_of(table, 2015)
    assert "家庭设备用品及维修服务" in goods_of(table, 2014)
    account = str(table.account)
    assert "good '家庭设备用品及服务' read as '家庭设备用品及维修服务', 5 rows" in account
    assert "good '居住类' read as '居住', 5 rows" in account
    assert "leave" not in str([e for e in table.account if "in 2015" in e.reason])
    english = read_prices(path, good_names="english")
    assert "Food, tobacco and liquor" in goods_of(english, 2016)


def test_goods_side_by_side_are_left_alone_and_maps_are_checked(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(
        "region,year,commodity,index\nA,2015,蛋,101\nA,2015,鲜蛋,102\nA,2016,蛋,99\nA,2016,鲜蛋,99\n", encoding="utf-8"
    )
    table = read_prices(path)
    assert goods_of(table, 2015) == ["蛋", "鲜蛋"]
    assert "could be the same good (蛋), but both occur in one year" in str(table.account)
    mapped = read_prices(path, goods_map={"鲜蛋": "fresh eggs"})
    assert goods_of(mapped, 2015) == ["fresh eggs", "蛋"]
    with pytest.raises(UsageError, match="did you mean '鲜蛋'"):
        read_prices(path, goods_map={"鲜蛋类": "eggs"})
    with pytest.raises(DuplicateKeys, match="once '鲜蛋' is '蛋'") as refused:
        read_prices(path, goods_map={"鲜蛋": "蛋"})
    assert refused.value.remedy == "leave '鲜蛋' as it is"


def test_the_real_basket_breaks_in_2016() -> None:
    path = shared("data/china_cpi/cpi_province_annual_prev_year_100.csv")
    table = read_prices(path)
    warned = [e.reason for e in table.account if e.kind == "warning" and e.reason.startswith("list of goods changes")]
    assert len(warned) == 1
    assert warned[0].startswith("list of goods changes in 2016")
    spliced = read_prices(path, breaks="splice").polars()
    assert len({tuple(sorted(rows["commodity"].unique())) for _, rows in spliced.group_by("year")}) == 1
    assert {"食品烟酒", "衣着", "居住", "生活用品及服务", "交通和通信", "教育文化和娱乐", "医疗保健"} <= set(
        spliced["commodity"]
    )
