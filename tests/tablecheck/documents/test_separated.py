"""csv and its kin: separators, encodings, esttab's formulas, several tables in a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from printed_documents import read, read_text, texts
from rawcells.errors import Unreadable


def test_cells_that_esttab_keeps_from_spreadsheets(tmp_path: Path) -> None:
    lines = [
        '="",="(1)",="(2)"',
        '="mpg",="-238.9***",="1,234"',
        '"","=""(53.08)""",""',
        "",
        '"N","74","74"',
        "* p<0.05",
    ]
    (grid,) = read_text(tmp_path, "a.csv", "\n".join(lines) + "\n").grids
    assert texts(grid) == [["", "(1)", "(2)"], ["mpg", "-238.9***", "1,234"], ["", "(53.08)", ""], ["N", "74", "74"]]
    assert grid.notes == ("* p<0.05",)
    assert grid.rows[1][1].place == "line 2, column 2"


def test_decimal_commas_between_semicolons(tmp_path: Path) -> None:
    (grid,) = read_text(tmp_path, "a.csv", "x;(1);(2)\nMarket;0,05;-1,2\nN;10;20\n").grids
    assert texts(grid) == [["x", "(1)", "(2)"], ["Market", "0,05", "-1,2"], ["N", "10", "20"]]


@pytest.mark.parametrize("encoding", ["gb18030", "big5", "utf-16", "utf-8-sig"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text("變量,樣本量,均值\n市場,120,0.5\n規模,120,0.7\n", encoding=encoding)
    (grid,) = read(path).grids
    assert texts(grid) == [["變量", "樣本量", "均值"], ["市場", "120", "0.5"], ["規模", "120", "0.7"]]


def test_several_tables_with_titles_and_notes(tmp_path: Path) -> None:
    text = "Table 1. First,,\n,(1),(2)\nMarket,0.1,0.2\n,(0.1),(0.1)\n\nSize,1.0,\nNotes: one.,,\n\n"
    text += "Table 2. Second,,\n,a,b\nMarket,5,6\n"
    first, second = read_text(tmp_path, "all.csv", text).grids
    assert (first.title, first.notes, len(first.rows)) == ("Table 1. First", ("Notes: one.",), 4)
    assert (second.title, second.name, texts(second)) == (
        "Table 2. Second",
        "all.csv, table 2",
        [["", "a", "b"], ["Market", "5", "6"]],
    )


def test_lines_in_a_cell_are_rows(tmp_path: Path) -> None:
    (grid,) = read_text(tmp_path, "a.csv", ',(1)\nMarket,"0.05\n(0.01)"\n"A long\nname",0.3\n').grids
    assert texts(grid) == [["", "(1)"], ["Market", "0.05"], ["", "(0.01)"], ["A long name", "0.3"]]


@pytest.mark.parametrize("text", ['a,"b\nc,1\n', "a,b\n1,\0\n", "," * 20000 + "\n1" + "," * 20000])
def test_what_is_no_table_is_refused_with_its_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_text(tmp_path, "a.csv", text)
    assert "line" in str(caught.value)
    assert caught.value.remedy
