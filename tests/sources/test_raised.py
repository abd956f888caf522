"""Raised, lowered and struck digits of an .xlsx are no part of the number before them."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from integrade.errors import NotANumber
from integrade.sources import read_canonical


def book(path: Path, *runs: tuple[str, InlineFont]) -> Path:
    made = Workbook()
    sheet = made.active
    sheet.append(["firm", "year", "assets"])
    sheet.append(["A", 2010, CellRichText(*(TextBlock(font, text) for text, font in runs))])
    sheet.append(["B", 2011, 3.5])
    made.save(path)
    return path


@pytest.mark.parametrize("where", ["superscript", "subscript"])
def test_a_raised_footnote_is_no_digit(where: str, tmp_path: Path) -> None:
    """It was 125.31."""
    path = book(tmp_path / "b.xlsx", ("125.3", InlineFont()), ("1", InlineFont(vertAlign=where)))
    table = read_canonical("firms", path)
    assert table.polars()["assets"].to_list() == [125.3, 3.5]
    assert "footnote marks removed from 1 numbers" in str(table.account)


def test_struck_digits_beside_others_are_refused(tmp_path: Path) -> None:
    """It was 1213."""
    path = book(tmp_path / "b.xlsx", ("12", InlineFont(strike=True)), ("13", InlineFont()))
    with pytest.raises(NotANumber, match=r"12\s/\s13"):
        read_canonical("firms", path)


def test_other_dress_changes_nothing(tmp_path: Path) -> None:
    path = book(tmp_path / "b.xlsx", ("12", InlineFont(b=True, strike=False)), ("13", InlineFont(vertAlign="baseline")))
    assert read_canonical("firms", path).polars()["assets"].to_list() == [1213.0, 3.5]


def test_a_raised_sign_of_a_unit_stays(tmp_path: Path) -> None:
    made = Workbook()
    sheet = made.active
    raised = TextBlock(InlineFont(vertAlign="superscript"), "2")
    sheet.append(["firm", "year", CellRichText("floor (m", raised, ")")])
    sheet.append(["A", 2010, 1])
    made.save(tmp_path / "b.xlsx")
    assert read_canonical("firms", tmp_path / "b.xlsx").columns[-1] == "floor (m2)"


def font(text: str = "") -> xlwt.Font:
    made = xlwt.Font()
    made.escapement = {"superscript": 1, "subscript": 2}.get(text, 0)
    made.struck_out = text == "struck"
    return made


def old_book(path: Path, cells: list[list[tuple[str, str]]], others: int = 0) -> Path:
    """An .xls with a cell of runs in each row, behind as many sheets and texts of other kinds."""
    made = xlwt.Workbook()
    sheet = made.add_sheet("first")
    for j, name in enumerate(["firm", "year", "assets"]):
        sheet.write(0, j, name)
    hidden = made.add_sheet("texts")
    hidden.visibility = 1
    for i in range(others):
        hidden.write(i, 0, f"{'北京' if i % 2 else 'text'} {i} " * 40)
    for i, runs in enumerate(cells, 1):
        sheet.write(i, 0, f"F{i}")
        sheet.write(i, 1, 2010)
        sheet.write_rich_text(i, 2, [(text, font(kind)) for text, kind in runs])
    made.save(str(path))
    return path


@pytest.mark.parametrize("where", ["superscript", "subscript"])
def test_a_raised_footnote_of_an_old_workbook_is_no_digit(where: str, tmp_path: Path) -> None:
    """It was 125.31."""
    path = old_book(tmp_path / "b.xls", [[("125.3", ""), ("1", where)], [("3.5", "")], [("12", ""), ("13", "")]])
    table = read_canonical("firms", path)
    assert table.polars()["assets"].to_list() == [125.3, 3.5, 1213.0]
    assert "footnote marks removed from 1 numbers" in str(table.account)


def test_struck_digits_of_an_old_workbook_are_refused(tmp_path: Path) -> None:
    path = old_book(tmp_path / "b.xls", [[("12", "struck"), ("13", "")], [("3.5", "")]])
    with pytest.raises(NotANumber, match=r"12\s/\s13"):
        read_canonical("firms", path)


@settings(max_examples=30, deadline=None, database=None, derandomize=True)
@given(
    rows=st.lists(st.tuples(st.integers(1, 10**6), st.integers(1, 9), st.booleans()), min_size=1, max_size=30),
    others=st.sampled_from([0, 300]),
)
def test_raised_digits_of_any_old_workbook(
    rows: list[tuple[int, int, bool]], others: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Also where the list of texts goes on over several records, in letters of one byte and of two."""
    cells = [[(f"{n}.5", ""), (str(mark), "superscript" if up else "")] for n, mark, up in rows]
    path = old_book(tmp_path_factory.mktemp("b") / "b.xls", cells, others)
    meant = [float(f"{n}.5" if up else f"{n}.5{mark}") for n, mark, up in rows]
    assert read_canonical("firms", path).polars()["assets"].to_list() == meant
