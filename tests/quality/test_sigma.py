"""Sigma by product: every level of the look-up, files, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from each import each
from integrade.engine.frames import Table
from integrade.errors import (
    CodesReadAsNumbers,
    EmptyTable,
    FileMissing,
    IntegradeError,
    MissingColumn,
    NotANumber,
    OutOfRange,
    UsageError,
)
from integrade.quality import demand_residual
from integrade.quality.sigma import look_up, read_sigma_option

TABLE = {"610910": 4.0, "6109": 5.0, "61": 9.0, "620": 3.0, "62010": 7.0, "0101": 2.0, "8501": 1.0}


def test_look_up_goes_from_the_own_code_to_the_median_of_all() -> None:
    products = ["610910", "610990", "611020", "620100", "629999", "010121", "999999", "850100", "62"]
    table = read_sigma_option(TABLE).value
    assert isinstance(table, pl.DataFrame)
    found = look_up(pl.Series(products), table)
    assert found["product"].to_list() == products
    assert found["source"].to_list() == [
        "its own code",
        "the first 4 digits",
        "the first 2 digits",
        "the first 5 digits",
        "the median of its chapter",
        "the first 4 digits",
        "the median of all products",
        "the first 4 digits",
        "the median of its chapter",
    ]
    everything = float(np.median([4, 5, 9, 3, 7, 2]))
    assert found["sigma"].to_list() == [4, 5, 9, 7, 5, 2, everything, None, 5]
    assert found["refused"].to_list() == [False] * 7 + [True, False]


def test_several_rows_of_a_product_give_their_median() -> None:
    rows = pl.DataFrame({"product": ["01"] * 4 + ["02"] * 2, "sigma": [3.0, 0.5, 9, None, 0.5, 1.0]})
    table = read_sigma_option(rows).value
    assert isinstance(table, pl.DataFrame)
    assert table.rows() == [("01", 6.0), ("02", 1.0)]


def customs() -> pl.DataFrame:
    rng = np.random.default_rng(2)
    n = 300
    return pl.DataFrame(
        {
            "firm": [f"F{i}" for i in rng.integers(0, 40, n)],
            "product": [("010121", "610910", "610990", "850110")[i] for i in rng.integers(0, 4, n)],
            "destination": [f"D{i}" for i in rng.integers(0, 4, n)],
            "year": 2004,
            "value": np.exp(rng.normal(size=n)),
            "quantity": np.exp(rng.normal(size=n)),
        }
    ).unique(["firm", "product", "destination"], maintain_order=True)


def test_a_file_a_frame_and_a_mapping_are_one(tmp_path: Path) -> None:
    rows = pl.DataFrame({"product": list(TABLE), "sigma": list(TABLE.values())})
    rows.write_csv(tmp_path / "sigma.csv")
    rows.write_parquet(tmp_path / "sigma.parquet")
    expected = demand_residual(customs(), sigma=TABLE)
    for given in (
        tmp_path / "sigma.csv",
        str(tmp_path / "sigma.parquet"),
        rows,
        rows.to_pandas(),
        Table("sigma", rows),
    ):
        got = demand_residual(customs(), sigma=given)
        np.testing.assert_allclose(got["quality"], expected["quality"], rtol=1e-12)
    text, number = (demand_residual(customs(), sigma=five)["quality"] for five in ("5", 5))
    np.testing.assert_allclose(text, number, rtol=1e-12)  # the command line passes text


def test_headings_that_say_their_level(tmp_path: Path) -> None:
    """Broda-Weinstein files: several importers, a heading with the number of digits, no leading zeros."""
    (tmp_path / "bw.csv").write_text("iso3c,HS0_3d,sigma\nCHN,10,4\nUSA,10,6\nCHN,610,3\n")
    table = read_sigma_option(str(tmp_path / "bw.csv")).value
    assert isinstance(table, pl.DataFrame)
    assert table.rows() == [("010", 5.0), ("610", 3.0)]


def test_refused_products_leave_the_regression_and_are_counted() -> None:
    data = customs()
    n = data.filter(product="850110").height
    result = demand_residual(Table("customs", data), sigma=TABLE, level="row")
    rows = result.polars()
    assert rows.filter(product="850110").select("quality", "sigma", "residual").null_count().row(0) == (n, n, n)
    twin = demand_residual(data.filter(pl.col("product") != "850110"), sigma=TABLE, level="row")
    kept = rows.filter(pl.col("product") != "850110")
    np.testing.assert_allclose(kept["quality"], twin["quality"], rtol=1e-9)
    entries = {e.reason: e.rows for e in result.account}
    assert entries[f"quality missing: sigma at or below 1.05, {n} rows"] == n
    firm = {e.reason: (e.kind, e.rows) for e in demand_residual(Table("customs", data), sigma=TABLE).account}
    assert firm["quality missing: sigma at or below 1.05"] == ("dropped", n)


def test_provenance_is_counted_by_rows() -> None:
    data = customs()
    result = demand_residual(Table("customs", data), sigma={"610910": 25.0, "6109": 5.0, "02": 3.0, "0103": 4.0})
    notes = {e.reason: e.rows for e in result.account if e.table == "sigma"}
    n = dict(data.group_by("product").len().iter_rows())
    assert notes == {
        f"sigma from its own code: {n['610910']} rows, 1 products": n["610910"],
        f"sigma from the first 4 digits: {n['610990']} rows, 1 products": n["610990"],
        f"sigma from the median of its chapter: {n['010121']} rows, 1 products": n["010121"],
        f"sigma from the median of all products: {n['850110']} rows, 1 products": n["850110"],
        f"sigma above 20, quality barely varies: {n['610910']} rows, 1 products": n["610910"],
    }


@each(
    ("error", "given", "message"),
    [
        (UsageError, 1.0, "above 1.05"),
        (UsageError, float("nan"), "above 1.05"),
        (UsageError, float("inf"), "at most 1,000,000"),
        (UsageError, True, "not an elasticity"),
        (FileMissing, "no/such.csv", "neither a number nor a file"),
        (MissingColumn, pl.DataFrame({"hs": ["01"], "sigma": [3]}), "'product' is missing"),
        (CodesReadAsNumbers, pl.DataFrame({"product": [101], "sigma": [3]}), "leading zeros"),
        (CodesReadAsNumbers, {101: 3.0}, "leading zeros"),
        (NotANumber, pl.DataFrame({"product": ["01"], "sigma": ["big"]}), "text in the sigma column"),
        (EmptyTable, {}, "no row"),
    ],
)
def test_what_is_refused(error: type[IntegradeError], given: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        read_sigma_option(given)


@each("cell", ["inf", "1e308", "1000001"])
@each("heading", ["product", "hs_6digit"])
def test_a_file_of_sigma_is_refused_what_the_option_is(cell: str, heading: str, tmp_path: Path) -> None:
    file = tmp_path / "sigma.csv"
    file.write_text(f"{heading},sigma\n610910,4\n010121,{cell}\n", encoding="utf-8")
    with pytest.raises(OutOfRange, match="equal to the price") as caught:
        read_sigma_option(str(file))
    assert "data row 2: product 010121" in caught.value.example
    assert "sigma.csv" in caught.value.where
    with pytest.raises(OutOfRange):
        read_sigma_option({"01": float(cell)})
    with pytest.raises(UsageError, match="the price alone"):
        read_sigma_option(float(cell))


def test_a_sigma_that_is_no_number_is_counted_as_missing(tmp_path: Path) -> None:
    (tmp_path / "sigma.csv").write_text("product,sigma\n610910,4\n010121,NaN\n", encoding="utf-8")
    for given in (str(tmp_path / "sigma.csv"), {"610910": 4.0, "010121": float("nan")}):
        (note,) = read_sigma_option(given).notes
        assert (note.kind, note.rows, note.reason.key) == ("dropped", 1, "sources.sigma-missing")  # type: ignore[attr-defined]
