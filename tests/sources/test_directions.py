"""Customs records of both directions: imports are left out and counted; words that state no direction are a warning."""

from __future__ import annotations

from pathlib import Path

import polars as pl

import integrade as ig
from each import each

HEAD = "企业编码,商品编码,目的国,年份,进出口,金额,数量\n"


def _customs(folder: Path, *flows: str) -> ig.Table:
    rows = (f"1101,{61091000 + i},美国,2005,{flow},{i + 1},1\n" for i, flow in enumerate(flows))
    path = folder / "customs.csv"
    path.write_text(HEAD + "".join(rows), "utf-8")
    return ig.read_customs(path)


def _values(table: ig.Table) -> list[float]:
    return table.polars()["value"].sort().to_list()


@each("words", [("出口", "进口"), ("export", "Import"), ("Exports", "imports"), ("X", "M")])
def test_imports_next_to_exports_are_left_out_and_counted(words: tuple[str, str], tmp_path: Path) -> None:
    out, into = words
    table = _customs(tmp_path, out, into, out, into, "")
    assert _values(table) == [1.0, 3.0, 5.0]
    assert f"2 rows dropped: flow {into!r}: imports" in str(table.account)


def test_a_table_of_imports_alone_stays_as_it_is(tmp_path: Path) -> None:
    table = _customs(tmp_path, "进口", "进口")
    assert _values(table) == [1.0, 2.0]
    assert "imports" not in str(table.account)


def test_codes_that_state_no_direction_are_a_warning(tmp_path: Path) -> None:
    table = _customs(tmp_path, "0", "1", "0")
    assert _values(table) == [1.0, 2.0, 3.0]
    assert "warning: flow '0', '1': which of them are exports is not known" in str(table.account)


def test_one_value_that_states_no_direction_is_no_warning(tmp_path: Path) -> None:
    assert "which of them are exports" not in str(_customs(tmp_path, "0", "0").account)


def test_typed_records_are_asked_too(tmp_path: Path) -> None:
    rows = {"firm": ["a", "a"], "product": ["610910", "610910"], "destination": ["USA", "USA"], "year": [2005, 2005]}
    frame = pl.DataFrame({**rows, "flow": ["export", "import"], "value": [1.0, 2.0], "quantity": [1.0, 1.0]})
    frame.write_parquet(tmp_path / "customs.parquet")
    assert _values(ig.read_customs(tmp_path / "customs.parquet")) == [1.0]
