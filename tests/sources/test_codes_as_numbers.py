"""Codes that a file stores as real numbers: whole ones are codes, those with decimals or lost digits are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyreadstat
import pytest
import xlsxwriter

from each import each
from integrade.cli import run
from integrade.errors import CodesReadAsNumbers
from integrade.records.schema import conform
from integrade.simulation.dta import write_dta
from integrade.sources import read_canonical
from integrade.sources.tables.sigma import read_sigma

ENGINES = ["polars", "duckdb"]


def customs(product: list[float | None]) -> pl.DataFrame:
    n = len(product)
    return pl.DataFrame(
        {
            "firm": ["F1"] * n,
            "product": product,
            "destination": ["USA"] * n,
            "year": [2004] * n,
            "value": [float(i + 1) for i in range(n)],
            "quantity": [1.0] * n,
        },
        schema_overrides={"product": pl.Float64},
    )


def written(frame: pl.DataFrame, path: Path) -> Path:
    if path.suffix == ".dta":
        write_dta(frame, path)
    elif path.suffix == ".xlsx":
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            for i, row in enumerate([frame.columns, *frame.rows()]):
                sheet.write_row(i, 0, row)
    else:
        frame.write_parquet(path)
    return path


@each("engine", ENGINES)
@each("suffix", [".parquet", ".xlsx", ".dta"])
def test_product_codes_with_decimals_are_refused(suffix: str, engine: Any, tmp_path: Path) -> None:
    path = written(customs([8471.30, 8471.41, 101.0]), tmp_path / f"customs{suffix}")
    with pytest.raises(CodesReadAsNumbers) as caught:
        read_canonical("customs", path, engine=engine, pad={"product": 6})
    assert "2 rows" in caught.value.what
    assert "product=8471.3" in caught.value.example
    assert "text" in caught.value.remedy
    assert str(path) in caught.value.where


@pytest.mark.parametrize("engine", ENGINES)
def test_whole_real_numbers_are_codes_and_missing_ones_are_counted(engine: Any, tmp_path: Path) -> None:
    path = written(customs([101.0, 847130.0, None, float("nan")]), tmp_path / "customs.parquet")
    found = read_canonical("customs", path, engine=engine, pad={"product": 6})
    assert sorted(found.polars()["product"]) == ["000101", "847130"]
    assert "product missing" in str(found.account)


@pytest.mark.parametrize("engine", ENGINES)
def test_firms_with_decimals_are_refused_not_merged(engine: Any, tmp_path: Path) -> None:
    path = tmp_path / "firms.parquet"
    pl.DataFrame({"firm": [101.2, 101.7], "year": [2004, 2004]}).write_parquet(path)
    with pytest.raises(CodesReadAsNumbers, match="'firm' of firms holds numbers with decimals: 2 rows"):
        read_canonical("firms", path, engine=engine)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("kind", "value"), [(pl.Float64, 2.0**53), (pl.Float64, -(2.0**53)), (pl.Float32, 2.0**24)])
def test_codes_that_lost_their_last_digits_are_refused(kind: Any, value: float, engine: Any, tmp_path: Path) -> None:
    path = tmp_path / "firms.parquet"
    pl.DataFrame({"firm": [value, 7.0], "year": [2004, 2004]}, schema_overrides={"firm": kind}).write_parquet(path)
    with pytest.raises(CodesReadAsNumbers, match="last digits are lost"):
        read_canonical("firms", path, engine=engine)
    pl.DataFrame({"firm": [abs(value) - 1, 7.0], "year": [2004, 2004]}, schema_overrides={"firm": kind}).write_parquet(
        path
    )
    firms = read_canonical("firms", path, engine=engine).polars()["firm"].to_list()
    assert f"{int(abs(value)) - 1}" in firms


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("codes", [(911101012345678901, 911101012345678902), (9007199254740993, 7)])
def test_codes_of_a_workbook_that_lost_their_last_digits_are_refused(
    codes: tuple[int, int], engine: Any, tmp_path: Path
) -> None:
    """Excel keeps doubles: both firms of 18 digits were read as 911101012345678848."""
    path = written(pl.DataFrame({"firm": codes, "year": [2004, 2004]}), tmp_path / "firms.xlsx")
    with pytest.raises(CodesReadAsNumbers, match="last digits are lost") as caught:
        read_canonical("firms", path, engine=engine)
    assert str(path) in caught.value.where


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("piece", [10, 2])
def test_codes_of_stata_floats_that_lost_their_last_digits_are_refused(
    piece: int, engine: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stata's default type keeps seven digits: three firms were one, their reader widens them to doubles."""
    monkeypatch.setattr("integrade.sources.cells.stata.PIECE", piece)
    path = stata_floats([123456789, 123456791, 123456793], tmp_path / "a.dta")
    with pytest.raises(CodesReadAsNumbers, match="last digits are lost: 3 rows"):
        read_canonical("firms", path, engine=engine)
    stata_floats([2**24 - 1, 7, 8], path)
    found = read_canonical("firms", path, engine=engine).polars()
    assert found["firm"].to_list() == ["16777215", "7", "8"]
    assert found["sales"].dtype == pl.Float64
    assert found["sales"].to_list() == [float(10**9)] * 3


@pytest.mark.parametrize("beside", [1.5e9, 7])
def test_floats_beside_doubles_are_judged_as_floats(beside: float, tmp_path: Path) -> None:
    stata_floats([123456789, 123456791, 123456793], tmp_path / "a.dta")
    pl.DataFrame({"firm": [beside], "year": [2005]}).write_parquet(tmp_path / "b.parquet")
    with pytest.raises(CodesReadAsNumbers, match="last digits are lost") as caught:
        read_canonical("firms", tmp_path)
    assert "a.dta" in caught.value.where
    assert "b.parquet" not in caught.value.where


def stata_floats(firms: list[int], path: Path) -> Path:
    frame = pd.DataFrame({"firm": firms, "year": 2004, "sales": 10**9}).astype({"firm": "float32", "sales": "float32"})
    frame.to_stata(path, write_index=False)
    return path


@pytest.mark.parametrize("codes", [(2**53 - 1, 7), (2**53 - 1, "A7")])
def test_codes_of_sixteen_digits_in_a_workbook_are_read_whole(codes: tuple[Any, Any], tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "firms.xlsx") as book:
        sheet = book.add_worksheet()
        for i, row in enumerate([("firm", "year"), *((code, 2004) for code in codes)]):
            sheet.write_row(i, 0, row)
    firms = read_canonical("firms", tmp_path / "firms.xlsx").polars()["firm"].to_list()
    assert firms == [str(code) for code in codes]


def test_frames_of_every_kind_pass_the_same_check() -> None:
    rows = customs([8471.30])
    for frame in (rows, rows.lazy(), rows.to_pandas(), rows.to_arrow(), duckdb.connect().from_arrow(rows.to_arrow())):
        with pytest.raises(CodesReadAsNumbers):
            conform(frame, "customs", pad={"product": 6})


def test_a_recipe_and_a_file_of_elasticities_refuse_them_too(tmp_path: Path) -> None:
    path = tmp_path / "baci.parquet"
    pl.DataFrame({"t": [2004], "i": [156], "j": [842], "k": [8471.30], "v": [1.0], "q": [1.0]}).write_parquet(path)
    with pytest.raises(CodesReadAsNumbers, match="'product'"):
        read_canonical("customs", path, source="baci")
    pl.DataFrame({"product": [8471.30], "sigma": [3.0]}).write_parquet(tmp_path / "sigma.parquet")
    with pytest.raises(CodesReadAsNumbers, match="sigma file"):
        read_sigma(tmp_path / "sigma.parquet", pad={"product": 6})


def test_a_file_of_numbers_beside_a_file_of_texts(tmp_path: Path) -> None:
    """Together such columns become text, which must not hide what each file alone would be refused for."""
    written(customs([8471.30]), tmp_path / "a.parquet")
    customs([847141.0]).with_columns(product=pl.lit("847141")).write_csv(tmp_path / "b.csv")
    with pytest.raises(CodesReadAsNumbers) as caught:
        read_canonical("customs", tmp_path, pad={"product": 6})
    assert "a.parquet" in caught.value.where
    assert "b.csv" not in caught.value.where
    written(customs([101.0]), tmp_path / "a.parquet")
    found = read_canonical("customs", tmp_path, pad={"product": 6}).polars()
    assert sorted(found["product"]) == ["000101", "847141"]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("suffix", [".dta", ".xlsx", ".parquet"])
def test_numbers_beside_texts_have_lost_their_zeros_all_the_same(suffix: str, engine: Any, tmp_path: Path) -> None:
    """Such columns became text before they were checked: one product was 090111 in one file and 90111 in the other."""
    texts = customs([0.0]).with_columns(product=pl.lit("090111"))
    paths = [written(texts, tmp_path / f"a{suffix}"), written(customs([90111.0]), tmp_path / f"b{suffix}")]
    with pytest.raises(CodesReadAsNumbers, match="leading zeros may be gone") as caught:
        read_canonical("customs", paths, engine=engine)
    assert str(paths[1]) in caught.value.where
    assert str(paths[0]) not in caught.value.where
    assert 'pad={"product": 6}' in caught.value.remedy
    found = read_canonical("customs", paths, engine=engine, pad={"product": 6}).polars()
    assert set(found["product"]) == {"090111"}


def test_codes_without_a_label_keep_their_digits(tmp_path: Path) -> None:
    """Six digits were written: 12345671 and 12345672 were both 1.23457e+07."""
    frame = pd.DataFrame({"firm": [12345671, 12345672, 7], "year": 2004, "rank": [0.5, 12345678.0, 2]})
    held = {"firm": {7: "State Grid", 12345675: "x"}, "rank": {2: "second"}}
    pyreadstat.write_dta(frame, str(tmp_path / "a.dta"), variable_value_labels=held)
    found = read_canonical("firms", tmp_path / "a.dta", labels="text")
    assert found.polars()["firm"].to_list() == ["12345671", "12345672", "State Grid"]
    assert found.polars()["rank"].to_list() == ["0.5", "12345678", "second"]
    assert "12345675 = x" in str(found.account)


@pytest.mark.parametrize("engine", ENGINES)
def test_points_in_codes_are_named_and_not_taken_for_lost_zeros(engine: Any, tmp_path: Path) -> None:
    codes = pl.Series("product", ["0901.11", "0901.11.10", "090111"])
    customs([0.0] * 3).with_columns(codes).write_csv(tmp_path / "a.csv")
    told = str(read_canonical("customs", tmp_path / "a.csv", engine=engine).account)
    assert "warning: 2 rows have product codes with points" in told
    assert "Remove the points" in told
    assert "odd length" not in told


def test_on_the_command_line(tmp_path: Path, capsys: Any) -> None:
    path = written(customs([8471.30, 8471.41]), tmp_path / "customs.parquet")
    out = tmp_path / "q.csv"
    assert run(["quality", str(path), "--pad", "product=6", "--sigma", "5", "--out", str(out)]) == 1
    assert "D207" in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize(("codes", "length"), [([1371, 4211], 4), ([17, 4211, None], 4), ([26], 2)])
def test_the_remedy_gives_the_length_of_the_codes_in_the_file(codes: list[int | None], length: int) -> None:
    n = len(codes)
    rows = pl.DataFrame({"firm": [f"f{i}" for i in range(n)], "year": [2004] * n, "industry": codes})
    with pytest.raises(CodesReadAsNumbers) as caught:
        conform(rows, "firms")
    assert f'pad={{"industry": {length}}}' in caught.value.remedy
