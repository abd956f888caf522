"""Truth values, fractions of a year and infinity in number columns: refused, or counted under their own reason."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from each import each, each_pair
from integrade.engine.frames import Engine
from integrade.errors import EmptyTable, IntegradeError, NotANumber, OutOfRange
from integrade.records.schema import conform
from integrade.sources import read_canonical, read_table

CUSTOMS = {
    "firm": ["A", "B", "C"],
    "product": ["010121", "010121", "020110"],
    "destination": ["USA", "USA", "JPN"],
    "year": [2004, 2005, 2006],
    "value": [1.0, 2.0, 3.0],
    "quantity": [1.0, 2.0, 3.0],
}
FIRMS = {"firm": ["A", "B"], "year": [2004, 2005], "assets": [1.0, 2.0], "founded": [1990, 1991]}
PRICES = {"region": ["A", "B"], "year": [2004, 2004], "commodity": ["x", "x"], "index": [101.0, 99.0]}
KINDS = ["parquet", "duckdb", "csv"]


def written(tmp_path: Path, kind: str, columns: dict[str, list[Any]]) -> Path | str:
    frame = pl.DataFrame(columns)
    path = tmp_path / f"t.{kind}"
    if kind == "parquet":
        frame.write_parquet(path)
    elif kind == "csv":
        text = [",".join("1e999" if v == math.inf else str(v) for v in row) for row in frame.iter_rows()]
        path.write_text("\n".join([",".join(columns), *text]) + "\n")
    else:
        with duckdb.connect(str(path)) as made:
            made.register("given", frame.to_arrow())
            made.execute("create table t as select * from given")
        return f"{path}#t"
    return path


@each_pair(("engine", ["polars", "duckdb"]), ("kind", KINDS[:2]), ("column", ["value", "quantity", "year"]))
def test_truth_values_are_no_numbers(column: str, kind: str, engine: Engine, tmp_path: Path) -> None:
    """They were read as 0 and 1."""
    path = written(tmp_path, kind, {**CUSTOMS, column: [True, True, False]})
    with pytest.raises(NotANumber, match=f"the number column '{column}' of customs holds Boolean"):
        read_canonical("customs", path, engine=engine)


@each("engine", ["polars", "duckdb"])
@each("kind", KINDS)
def test_a_fraction_of_a_year_is_refused(kind: str, engine: Engine, tmp_path: Path) -> None:
    """It was counted as a missing year."""
    path = written(tmp_path, kind, {**CUSTOMS, "year": [2004.0, 2005.5, 2006.0]})
    with pytest.raises(OutOfRange, match="year not a whole number in 1 row of customs") as caught:
        read_canonical("customs", path, engine=engine)
    assert "year=2005.5" in caught.value.example


@each("engine", ["polars", "duckdb"])
@each("kind", KINDS)
def test_infinity_has_a_reason_of_its_own(kind: str, engine: Engine, tmp_path: Path) -> None:
    path = written(tmp_path, kind, {**CUSTOMS, "value": [1.0, math.inf, 3.0]})
    table = read_canonical("customs", path, engine=engine)
    assert table.polars()["value"].sort().to_list() == [1.0, 3.0]
    assert [(e.kind, str(e.reason), e.rows) for e in table.account.entries if "infinite" in str(e.reason)] == [
        ("dropped", "value infinite", 1)
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_an_infinite_price_is_refused(kind: str, tmp_path: Path) -> None:
    path = written(tmp_path, kind, {**PRICES, "index": [101.0, math.inf]})
    with pytest.raises(OutOfRange, match="index infinite in 1 row of prices"):
        read_canonical("prices", path)


@pytest.mark.parametrize("kind", KINDS)
def test_cells_that_may_be_missing_are_counted(kind: str, tmp_path: Path) -> None:
    path = written(tmp_path, kind, {**FIRMS, "assets": [1.0, math.inf], "founded": [1990.5, 1991.0]})
    table = read_canonical("firms", path)
    assert table.polars().sort("firm")["assets"].to_list() == [1.0, None]
    assert table.polars().sort("firm")["founded"].to_list() == [None, 1991]
    said = str(table.account)
    assert "assets infinite: treated as missing in 1 row" in said
    assert "founded not a whole number: treated as missing in 1 row" in said


def test_missing_numbers_of_a_typed_file_stay_missing(tmp_path: Path) -> None:
    path = written(tmp_path, "parquet", {**CUSTOMS, "value": [1.0, math.nan, None]})
    said = str(read_canonical("customs", path).account)
    assert "infinite" not in said
    assert "value missing" in said


def test_nothing_but_infinity() -> None:
    with pytest.raises(EmptyTable, match="no usable row") as caught:
        conform(pl.DataFrame({**CUSTOMS, "value": [math.inf, -math.inf, math.inf]}), "customs")
    assert "value infinite" in caught.value.example
    with pytest.raises(IntegradeError):
        conform(pl.DataFrame({**CUSTOMS, "value": [True, True, True]}), "customs")


@pytest.mark.parametrize("cell", ["1e309", "-2.5E+400", "1e0310", "1" * 309, "9" * 400 + ".5"])
def test_a_number_beyond_the_range_of_floats_stays_text_in_a_table_without_definitions(
    cell: str, tmp_path: Path
) -> None:
    """It was read as infinite, in silence."""
    path = tmp_path / "t.csv"
    path.write_text(f"key,x,y\na,{cell},1e308\nb,1.5,1e-400\n")
    rows = read_table(path).polars()
    assert rows["x"].to_list() == [cell, "1.5"]
    assert rows["y"].to_list() == [1e308, 0.0]
