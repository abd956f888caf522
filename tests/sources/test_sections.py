"""Yearbook sheets in two languages with the tables of several years one below the other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter

from integrade.sources import read_prices
from integrade.sources.layout.sections import with_years
from integrade.sources.meaning.periods import month_of
from integrade.study.propose import propose
from integrade.study.reading import load

REGIONS = [("Аркська", "Arka"), ("Борська", "Bora"), ("Верська", "Vera"), ("Горська", "Hora"), ("м.Дар", "Dar city")]
DIVISIONS = [
    "Їжа/ Food and non-alcoholic beverages",
    "Одяг/ Clothing and footwear",
    "Здоров’я/ Health",
    "Освіта/ Education",
]
YEARS = (2015, 2016, 2017)


def value(year: int, region: int, good: int) -> float:
    return 100.5 + (year - 2015) + 2 * good + ((region * 7 + good * 3 + year) % 5)


def yearbook(path: Path) -> Path:
    """A title page, and a sheet of regions by divisions with a year alone above each table; page numbers between."""
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("Титул").write(0, 0, "Державна служба статистики")
        sheet = book.add_worksheet("Регіони")
        sheet.write(0, 0, "Індекси споживчих цін")
        sheet.write_row(2, 1, DIVISIONS)
        at = 3
        for year in YEARS:
            sheet.write(at, 0, year)
            sheet.write_row(at + 1, 0, ["Україна", *(100.0 + k for k in range(4)), "Ukraine"])
            for i, (name, english) in enumerate(REGIONS):
                numbers = [value(year, i, k) for k in range(4)]
                sheet.write_row(at + 2 + i, 0, [name, *numbers, english])
            sheet.write_row(at + 8, 0, ["94", None, None, None, None, "95"])
            at += 10
    return path


def test_years_alone_in_a_row_are_the_years_of_the_rows_below(tmp_path: Path) -> None:
    read = read_prices(yearbook(tmp_path / "consumer_2017.xlsx"), sheet="Регіони")
    rows = read.polars()
    expected = {
        (name, year, good, value(year, i, k))
        for year in YEARS
        for i, (name, _) in enumerate(REGIONS)
        for k, good in enumerate(DIVISIONS)
    }
    assert set(rows.select("region", "year", "commodity", "index").rows()) == expected
    dropped = {str(entry.reason): entry.rows for entry in read.account if entry.kind == "dropped"}
    assert dropped["region 'Україна': a total, judging by the name"] == len(YEARS) * 4


def test_such_a_sheet_is_proposed(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    yearbook(tmp_path / "raw" / "consumer_2017.xlsx")
    (found,) = propose(tmp_path / "raw", tmp_path / "study")
    assert (found.table, found.years, found.rows) == ("prices", "2015-2017", len(YEARS) * len(REGIONS) * 4)
    assert load(tmp_path / "study").prices is not None


@pytest.mark.parametrize(
    "rows",
    [
        [["a", "b"], [2015, None], ["x", 1.5], ["y", 2.5]],  # one year
        [["a", "b"], ["x", 1.5], [2015, None], ["y", 2.5], [2016, None], ["y", 3.5]],  # rows before the first year
        [["a", "b"], [2015, None], [2016, None], ["x", 1.5], ["y", 2.5]],  # a year without rows
        [["year", "b"], [2015, 1.5], [2016, 2.5]],
    ],
)
def test_other_rows_are_left_as_they_are(rows: list[Any]) -> None:
    assert with_years(rows) is rows


def test_months_in_two_languages() -> None:
    assert [month_of(text) for text in ("Січень/January", "Січень/", "May/June", "1/2")] == [1, 1, None, None]


def test_years_alone_in_a_text(tmp_path: Path) -> None:
    lines = ["State," + ",".join(division.split("/ ")[1].replace(",", "") for division in DIVISIONS)]
    for year in YEARS:
        lines.append(f"{year},,,,")
        lines += [
            f"{english},{','.join(str(value(year, i, k)) for k in range(4))}" for i, (_, english) in enumerate(REGIONS)
        ]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    read = read_prices(path)
    assert sorted(set(read.polars()["year"])) == list(YEARS)
    one = read.polars().filter(pl.col("region") == "Hora", pl.col("year") == 2016, pl.col("commodity") == "Health")
    assert one["index"].to_list() == [value(2016, 3, 2)]
