"""Customs records that list totals of product codes next to the codes: each export counts once."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from each import each
from integrade.sources import read_customs
from integrade.sources.tables.levels_of_codes import codes_over_others
from integrade.study.proposal.contents import contents_of
from integrade.study.propose import propose

LEAVES = {"610342": 5.0, "610343": 7.5, "620342": 11.0}
WHOLES = ["61", "6103", "62", "6203"]


def rows(*, right: bool = True) -> pl.DataFrame:
    found = []
    for year in (2018, 2019):
        for k, country in enumerate(("France", "Japan")):
            values = {code: value * (1 + k) + year - 2018 for code, value in LEAVES.items()}
            for whole in WHOLES:
                total = sum(value for code, value in values.items() if code.startswith(whole) and code in LEAVES)
                values[whole] = total if right else 3 * total
            found += [(country, year, code, value, 2.0 * value) for code, value in values.items()]
    return pl.DataFrame(found, schema=["country", "year", "hs_code", "value", "quantity"], orient="row")


def written(folder: Path, frame: pl.DataFrame) -> Path:
    folder.mkdir(exist_ok=True)
    frame.with_columns(pl.col("hs_code").cast(pl.String)).write_csv(folder / "exports.csv")
    return folder / "exports.csv"


@each("engine", ["polars", "duckdb"])
def test_totals_of_codes_are_left_out_and_counted(engine: str, tmp_path: Path) -> None:
    read = read_customs(written(tmp_path, rows()), engine=engine)  # type: ignore[arg-type]
    assert set(read.polars()["product"]) == set(LEAVES)
    dropped = [entry for entry in read.account if getattr(entry.reason, "key", "") == "sources.codes-summed"]
    assert [entry.rows for entry in dropped] == [4 * 2 * 2]
    assert "61, 6103, 62, 6203" in str(dropped[0].reason)


def test_totals_can_be_kept_with_a_warning(tmp_path: Path) -> None:
    read = read_customs(written(tmp_path, rows()), aggregates="keep")
    assert read.polars().height == rows().height
    assert any(entry.kind == "warning" and "count at several levels" in str(entry.reason) for entry in read.account)


def test_codes_that_are_no_sums_stay_and_are_noted(tmp_path: Path) -> None:
    read = read_customs(written(tmp_path, rows(right=False)))
    assert read.polars().height == rows().height
    assert any("begin longer codes" in str(entry.reason) for entry in read.account)


def test_codes_of_one_length_are_not_compared(tmp_path: Path) -> None:
    read = read_customs(written(tmp_path, rows().filter(pl.col("hs_code").is_in(list(LEAVES)))))
    assert not any("codes" in str(entry.reason) for entry in read.account)


def test_parts_may_be_missing_in_some_years() -> None:
    assert codes_over_others({"61": {1: 5.0, 2: 2.0}, "6103": {1: 5.0}, "6104": {2: 2.0}}) == (["61"], ["61"])
    assert codes_over_others({"61": {1: 5.0}, "6103": {1: 4.0}, "7": {1: 1.0}}) == (["61"], [])


def test_records_with_several_levels_are_proposed_as_customs(tmp_path: Path) -> None:
    written(tmp_path / "raw", rows())
    (found,) = propose(tmp_path / "raw", tmp_path / "study")
    assert (found.table, found.rows) == ("customs", 3 * 2 * 2)


@pytest.mark.parametrize("cells", [["07: Vegetables", "0711: Provisional", "071190: Other"], ["071190", "0711", "07"]])
def test_codes_with_their_names_are_codes(cells: list[str]) -> None:
    (column,) = contents_of(pl.DataFrame({"HS Code": cells}))
    assert (column.digits, column.lengths) == (1.0, (4, 6))
    (country,) = contents_of(pl.DataFrame({"Country": ["AD: Andorra", "AE: UNITED ARAB EMIRATES", "Total"]}))
    assert country.country == pytest.approx(2 / 3)
