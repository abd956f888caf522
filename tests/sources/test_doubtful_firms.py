"""Rows and codes of accounts that are no firms, or firms that yearly files write in two ways."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import integrade as ig
from each import each
from integrade.engine.frames import Engine, Table


def said(table: Table, kind: str) -> list[str]:
    return [str(entry.reason) for entry in table.account if entry.kind == kind]


def accounts(path: Path, *rows: str, head: str = "firm,name,year,assets") -> Path:
    path.write_text("\n".join([head, *rows, ""]), encoding="utf-8")
    return path


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_a_total_below_the_firms_is_left_out_and_counted(engine: Engine, tmp_path: Path) -> None:
    path = accounts(tmp_path / "a.csv", "A,甲厂,2004,10", "B,乙厂,2004,20", "合 计,,2004,30", "C99,总计,2004,30")
    table = ig.read_firms(path, engine=engine)
    assert table.polars()["firm"].sort().to_list() == ["A", "B"]
    assert said(table, "dropped") == [
        "firm '合 计': a total, judging by the name",
        "name '总计': a total, judging by the name",
    ]


@each("firm, name, kept", [("Total", "x", 1), ("TOTAL:", "x", 1), ("T1", "Total", 2), ("合计有限公司", "y", 2)])
def test_a_firm_may_be_called_total(firm: str, name: str, kept: int, tmp_path: Path) -> None:
    rows = ig.read_firms(accounts(tmp_path / "a.csv", "A,甲厂,2004,10", f"{firm},{name},2004,20")).polars()
    assert rows.height == kept


def test_a_total_that_is_kept_is_a_warning(tmp_path: Path) -> None:
    path = accounts(tmp_path / "a.csv", "A,甲厂,2004,10", "合计,,2004,30")
    table = ig.read_firms(path, aggregates="keep")
    assert table.polars().height == 2
    assert any("合计" in text for text in said(table, "warning"))


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_codes_that_lost_their_zeros_in_one_file_are_a_warning(engine: Engine, tmp_path: Path) -> None:
    """Text in one yearly file, number cells in the next: firm 004734286 would be two firms."""
    accounts(tmp_path / "a2001.csv", '"004734286",甲厂,2001,10', '"12345678X",乙厂,2001,20', '"723456789",丙厂,2001,20')
    rows = {"firm": [4734286, 723456789, 51112222], "name": ["甲厂", "丙厂", "丁厂"], "year": 2002, "assets": 10}
    ig.write_table(pl.DataFrame(rows), tmp_path / "b2002.xlsx")
    files = [tmp_path / "a2001.csv", tmp_path / "b2002.xlsx"]
    (warning,) = said(ig.read_firms(files, engine=engine), "warning")
    assert (
        "2 codes of firms may have lost leading zeros that other codes have, such as '4734286' next to '004734286'"
        in warning
    )
    assert "1 of them are in the table with their zeros, too" in warning
    assert 'pad={"firm": 9} restores the zeros' in warning
    mended = ig.read_firms(files, pad={"firm": 9})
    assert said(mended, "warning") == []
    assert sorted(mended.polars().filter(pl.col("firm") == "004734286")["year"]) == [2001, 2002]


@each("codes", [("1", "12", "123"), ("0001", "0002", "A7"), ("01", "001", "7")])
def test_codes_of_one_length_or_none_are_silent(codes: tuple[str, ...], tmp_path: Path) -> None:
    path = accounts(tmp_path / "a.csv", *[f"{code},x,2001,5" for code in codes])
    assert said(ig.read_firms(path), "warning") == []


def test_rows_that_are_equal_once_their_zeros_are_back_are_one_row(tmp_path: Path) -> None:
    path = accounts(tmp_path / "a.csv", "004734286,甲厂,2001,10", "4734286,甲厂,2001,10", "723456789,丙厂,2001,20")
    table = ig.read_firms(path, pad={"firm": 9}, duplicates="drop")
    assert table.polars()["firm"].sort().to_list() == ["004734286", "723456789"]
    assert said(table, "dropped") == ["the row is the same as another in every column"]
