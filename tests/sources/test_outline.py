"""Files of PX-Web: names indented by dots, whole years next to months; and the sheet that a user names."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter

from integrade.cli import run
from integrade.errors import Problems, UsageError
from integrade.sources import read_customs, read_firms, read_prices
from integrade.sources.layout.outline import wholes

LEVELS = ["LUZONIA", "..CAPITAL", "..NORTH (REGION I)", "....Abra", "....Benguet", "..SOUTH (REGION II)", "....Albay"]
PARTS = {"CAPITAL", "Abra", "Benguet", "Albay"}


def px(folder: Path) -> Path:
    """Prices of two goods by place: two months and the mean of each of two years across."""
    months = [f"{year} {name}" for year in (2018, 2019) for name in ("January", "February", "Annual")]
    rows = [
        f'{name},"{good}",' + ",".join(f"{40 + 3 * i + 7 * j + k}.5" for k in range(6))
        for i, name in enumerate(LEVELS)
        for j, good in enumerate(("RICE, 1 KG", "SALT, 1 KG"))
    ]
    path = folder / "px.csv"
    path.write_text("\n".join([",".join(["Geolocation", "Commodity", *months]), *rows]) + "\n", encoding="utf-8")
    return path


def test_wholes_of_indented_names_and_means_of_years_are_left_out_and_counted(tmp_path: Path) -> None:
    read = read_prices(px(tmp_path))
    rows = read.polars()
    assert set(rows["region"]) == PARTS
    assert sorted(rows.select("year", "month").unique().rows()) == [(2018, 1), (2018, 2), (2019, 1), (2019, 2)]
    assert rows.height == 4 * 2 * 4
    said = {entry.reason.key: entry for entry in read.account if hasattr(entry.reason, "key")}
    assert said["sources.total-by-indent"].rows == 3 * 2 * 4
    assert "'LUZONIA', '..NORTH (REGION I)', '..SOUTH (REGION II)'" in str(said["sources.total-by-indent"].reason)
    assert "2018 Annual, 2019 Annual" in str(said["sources.years-beside-months"].reason)


def test_indented_totals_can_be_kept(tmp_path: Path) -> None:
    assert set(read_prices(px(tmp_path), aggregates="keep").polars()["region"]) == set(LEVELS)


def test_levels_in_a_long_table_are_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    rows = [
        f'{name},{y},"{g}",{100 + i + y % 7}.5' for i, name in enumerate(LEVELS) for y in (2018, 2019) for g in "xy"
    ]
    path.write_text("region,year,commodity,index\n" + "\n".join(rows) + "\n", encoding="utf-8")
    warnings = [str(entry.reason) for entry in read_prices(path).account if entry.kind == "warning"]
    assert any("indented to several depths" in text and "'....Abra'" in text for text in warnings)
    px_warnings = [entry for entry in read_prices(px(tmp_path)).account if "depths" in str(entry.reason)]
    assert px_warnings == []


def test_a_single_level_of_dots_has_no_totals() -> None:
    assert wholes(["..A", "..B", None, "..C"]) == []
    assert wholes(["A", "B"]) == []


def book(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    with xlsxwriter.Workbook(str(path)) as workbook:
        for name, rows in sheets.items():
            sheet = workbook.add_worksheet(name)
            for i, row in enumerate(rows):
                sheet.write_row(i, 0, row)
    return path


SHEETS: dict[str, list[list[object]]] = {
    "Summary": [["Note", "Text"], ["1", "see the next sheet"]],
    "Zone All": [["region", "year", "commodity", "index"]]
    + [[r, y, g, 100 + i] for i, r in enumerate("AB") for y in (2010, 2011) for g in ("x", "y")],
    "No index": [["region", "year", "commodity"], ["A", 2010, "x"]],
}


def test_commands_take_the_sheet_that_their_note_asks_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = book(tmp_path / "a.xlsx", SHEETS)
    assert run(["integration", str(path), "--out", str(tmp_path / "out.csv")]) != 0
    assert "--sheet selects one" in capsys.readouterr().err
    run(["integration", str(path), "--sheet", "zone ALL", "--out", str(tmp_path / "out.csv")])
    assert "8 rows read" in capsys.readouterr().err


def test_a_problem_names_the_sheet_that_was_read(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", SHEETS)
    with pytest.raises(Problems) as caught:
        read_customs(path, sheet="No index")
    assert "sheet 'No index'" in str(caught.value)
    with pytest.raises(UsageError, match="no sheet 'Zones'"):
        read_prices(path, sheet="Zones")


@pytest.mark.parametrize(
    ("years", "read"),
    [
        ("90 91 96", [1990, 1991, 1996]),
        ("98 99 00", [1998, 1999, 2000]),
        ("1 2 3", None),
        (" ".join(map(str, range(1, 61))), None),
    ],
)
def test_years_of_two_digits_are_read_unless_they_may_number_periods(
    years: str, read: list[int] | None, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("firm,year,assets\n" + "".join(f"f1,{year},5\n" for year in years.split()), encoding="utf-8")
    if read is None:
        with pytest.raises(Exception, match="D203"):
            read_firms(path)
    else:
        table = read_firms(path)
        assert sorted(table.polars()["year"]) == read
        assert any("two digits" in str(entry.reason) for entry in table.account)


@pytest.mark.parametrize(("years", "warned"), [("2075 2076", True), ("2075/76 2076/77", True), ("2018 2019", False)])
def test_years_of_another_calendar_are_a_warning(years: str, warned: bool, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("firm,year,assets\n" + "".join(f"f1,{year},5\n" for year in years.split()), encoding="utf-8")
    said = [str(entry.reason) for entry in read_firms(path).account if entry.kind == "warning"]
    assert any("another calendar" in text for text in said) is warned
