"""Raised, lowered and struck digits of an .xlsx are no part of the number before them."""

from __future__ import annotations

from pathlib import Path

import pytest
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
    assert "1 numbers with footnote marks" in str(table.account)


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
