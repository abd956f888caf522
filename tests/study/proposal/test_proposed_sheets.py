"""A workbook whose table is not on its first sheet, and files that are named after months."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from integrade.cli import run
from integrade.sources import read_prices
from integrade.sources.meaning.periods import month_beside, period_in_name
from integrade.study.proposal.files import series_of
from integrade.study.propose import propose
from integrade.study.reading import load

ZONES = ["NORD", "SUD", "EST", "OUEST", "MIDI"]
GOODS = [f"Food {k}" for k in range(8)]


def monthly(folder: Path, name: str, month: int, sheet: str = "Zone all") -> Path:
    """A summary by good on the first sheet; prices of goods by zone on the second; no period but in the name."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    with xlsxwriter.Workbook(str(path)) as book:
        first = book.add_worksheet("Summary Dec 2020")
        first.write_row(0, 0, ["Item Label", "Average of Mar-25", "Average of Apr-25", "MoM", "Highest"])
        for i, good in enumerate(GOODS):
            first.write_row(1 + i, 0, [good, 5000 + i, 5100 + i, 2.0, f"NORD ({6000 + i})"])
        second = book.add_worksheet(sheet)
        second.write_row(0, 0, ["Item Label", *ZONES])
        for i, good in enumerate(GOODS):
            second.write_row(1 + i, 0, [good, *(4000.5 + 100 * i + 7 * j * month + month for j in range(len(ZONES)))])
    return path


def test_a_table_on_the_second_sheet_is_proposed_with_the_months_of_the_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for month, name, sheet in ((1, "Food_Jan25.xlsx", "ZONE all"), (2, "food_Feb_25.xlsx", "Zone all")):
        monthly(tmp_path / "raw", name, month, sheet)
    (found,) = propose(tmp_path / "raw", tmp_path / "study")
    assert (found.table, found.sheet, len(found.files)) == ("prices", "ZONE all", 2)
    source = load(tmp_path / "study").prices
    assert source is not None
    assert source.sheet == "ZONE all"
    read = read_prices([tmp_path / "raw" / n for n in ("Food_Jan25.xlsx", "food_Feb_25.xlsx")], sheet="zone ALL")
    rows = read.polars()
    assert sorted(rows.select("year", "month").unique().rows()) == [(2025, 1), (2025, 2)]
    assert set(rows["region"]) == set(ZONES)
    one = rows.filter(pl.col("month") == 2, pl.col("region") == "EST", pl.col("commodity") == "Food 3")
    assert one["index"].to_list() == [4000.5 + 300 + 28 + 2]
    assert run(["check", str(tmp_path / "study")]) == 1  # the basis is asked
    assert "basis" in capsys.readouterr().err


def test_a_first_sheet_that_is_a_table_is_kept(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    with xlsxwriter.Workbook(str(tmp_path / "raw" / "cpi.xlsx")) as book:
        for name, shift in (("Prices", 0), ("Other", 50)):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["region", "year", "commodity", "index"])
            rows = [(z, y, g, 100.5 + shift + i) for i, z in enumerate(ZONES) for y in (2010, 2011) for g in GOODS]
            for k, row in enumerate(rows):
                sheet.write_row(1 + k, 0, row)
    (found,) = propose(tmp_path / "raw", tmp_path / "study")
    assert (found.table, found.sheet) == ("prices", "")


@pytest.mark.parametrize(
    ("name", "period"),
    [
        ("selected_food_table_Apr25", "2025-04"),
        ("food_Dec_2024", "2024-12"),
        ("2024-enero", "2024-01"),
        ("cpi2010", "2010"),
        ("March of Dimes 12", ""),
        ("food 2010 2011", ""),
        ("January-December 2020", "2020"),
        ("decoration25", ""),
    ],
)
def test_the_period_in_a_name(name: str, period: str) -> None:
    assert period_in_name(name) == period


def test_a_month_counts_only_next_to_its_year() -> None:
    assert month_beside("Prices in December of 2020", 2020) == 12
    assert month_beside("December survey, prices of 2020", 2020) is None
    assert series_of("a_2010") == series_of("a_2011") != series_of("b_2010")


def test_editions_that_overlap_are_asked_about(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "raw").mkdir()
    for first, last, shift in ((2010, 2014, 0.0), (2013, 2015, 40.0)):
        rows = [
            (zone, year, good, 100.5 + shift + 3 * i + 2 * j + (year * (i + 1)) % 7)
            for i, zone in enumerate(ZONES)
            for year in range(first, last + 1)
            for j, good in enumerate(GOODS)
        ]
        table = pl.DataFrame(rows, schema=["region", "year", "commodity", "index"], orient="row")
        table.write_csv(tmp_path / "raw" / f"cpi_{first}.csv")
    (found,) = propose(tmp_path / "raw", tmp_path / "study")
    assert (found.files, found.years, found.rows) == (("../raw/cpi_2010.csv",), "2010-2014", 5 * 5 * 8)
    text = (tmp_path / "study" / "study.toml").read_text(encoding="utf-8")
    assert "cpi_2010.csv 2010-2014; cpi_2013.csv 2013-2015" in text
    assert '#       files = ["../raw/cpi_2013.csv"]' in text
    assert run(["check", str(tmp_path / "study")]) == 0, capsys.readouterr().err


def test_editions_of_separate_years_stay_together(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    for year in (2010, 2011):
        rows = [(z, year, g, 101.5 + i + j) for i, z in enumerate(ZONES) for j, g in enumerate(GOODS)]
        table = pl.DataFrame(rows, schema=["region", "year", "commodity", "index"], orient="row")
        table.write_csv(tmp_path / "raw" / f"cpi_{year}.csv")
    (found,) = propose(tmp_path / "raw", tmp_path / "study")
    assert len(found.files) == 2
