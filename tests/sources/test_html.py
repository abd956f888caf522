"""Pages: what a browser shows is what is read; what it does not show is left out and counted."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from each import each
from integrade.engine.frames import Table
from integrade.errors import NotANumber
from integrade.sources import read_canonical
from rawcells.cells.grid import squared
from rawcells.cells.html import html_tables

HEAD = "<tr><th>firm</th><th>year</th><th>assets</th></tr>"


def page(tmp_path: Path, *cells: str, head: str = HEAD) -> Path:
    rows = "".join(f"<tr><td>F{i}</td><td>2004</td>{cell}</tr>" for i, cell in enumerate(cells))
    path = tmp_path / "t.html"
    path.write_text(f"<html><meta charset=utf-8><table>{head}{rows}</table></html>", encoding="utf-8")
    return path


def read(tmp_path: Path, *cells: str) -> tuple[list[float | None], Table]:
    table = read_canonical("firms", page(tmp_path, *cells))
    return table.polars().sort("firm")["assets"].to_list(), table


@each(
    "cell",
    [
        '<td><span style="display:none">1</span>200</td>',
        "<td><span hidden>1</span>200</td>",
        "<td><span style='visibility: hidden'>7<b>0</b></span>200</td>",
        "<td><del>1</del>200</td>",
        "<td><s>1</s>200</td>",
        '<td><i style="display:none">9200',
        '<td style="display:none">1</td><td>200</td>',
        "<td hidden>1<td>200",
        "<td>200<!-- 300 --></td>",
        "<td>2<b>00</b></td>",
        "<td>200<sup>3</sup></td>",
    ],
)
def test_what_is_hidden_or_struck_is_no_part_of_a_number(cell: str, tmp_path: Path) -> None:
    """`<del>1</del> 200` was read as 1200."""
    expected = None if "9200" in cell else 200.0
    found, table = read(tmp_path, "<td>100</td>", cell, "<td>300</td>")
    assert found == [100.0, expected, 300.0]
    hidden = any(word in cell for word in ("hidden", "none", "<del", "<s>"))
    assert ("1 hidden or struck-out parts of the page left out" in str(table.account)) == hidden


def test_hidden_rows_and_tables_are_left_out_and_counted(tmp_path: Path) -> None:
    path = page(tmp_path, "<td>1</td>", '<td>2</td></tr><tr style="display:none"><td>X</td><td>2004</td><td>9</td>')
    text = path.read_text(encoding="utf-8")
    path.write_text(text + f"<table hidden>{HEAD}<tr><td>Y</td><td>2004</td><td>8</td></tr></table>", encoding="utf-8")
    table = read_canonical("firms", path)
    assert table.polars()["firm"].sort().to_list() == ["F0", "F1"]
    assert "hidden or struck-out parts of the page left out" in str(table.account)


@pytest.mark.parametrize("cell", ["12<sub>3</sub>", "12<a href='#n'>3</a>", "12<small>3</small>", "12<span>3</span>"])
def test_what_stands_behind_a_number_is_no_part_of_it(cell: str, tmp_path: Path) -> None:
    with pytest.raises(NotANumber):
        read(tmp_path, "<td>1</td>", f"<td>{cell}</td>", "<td>2</td>")


def test_line_ends_of_the_source_are_blanks_and_fields_hold_what_they_show(tmp_path: Path) -> None:
    found, _ = read(tmp_path, "<td>1\n 234</td>", "<td><input value='5'></td>", "<td>6<input type=hidden value=7></td>")
    assert found == [1234.0, 5.0, 6.0]


def test_two_numbers_on_two_lines_are_no_number(tmp_path: Path) -> None:
    """They were one: 12 and 345 made 12345."""
    with pytest.raises(NotANumber):
        read(tmp_path, "<td>1</td>", "<td>12<br>345</td>", "<td>2</td>")
    assert html_tables("<table><td>Total<br>assets<td><p>1</p><p>2</p></table>", most=99)[0].rows == [
        ["Total assets", "1 / 2"]
    ]


@pytest.mark.parametrize("amount", ["1000", "1,000.5", "1000.5", "1 000"])
def test_an_amount_that_spans_rows_counts_once(amount: str, tmp_path: Path) -> None:
    value = float(amount.replace(",", "").replace(" ", ""))
    cells = [f"<td rowspan=2>{amount}</td>", "", f"<td rowspan=2>{amount}</td>", "", "<td>5</td>"]
    found, table = read(tmp_path, *cells)
    assert found == [value, None, value, None, 5.0]
    assert "numbers in merged cells are counted once, in the first cell, sheet 'table 1': 2 (first: C2)" in str(
        table.account
    )


def test_codes_and_names_that_span_rows_stand_in_each(tmp_path: Path) -> None:
    rows = "".join(
        f"<tr><td rowspan=2>{code}<td>2004<td>{n}<tr><td>2005<td>{n + 1}" for code, n in (("0101", 1), ("77", 3))
    )
    (tmp_path / "t.html").write_text(f"<table>{HEAD}{rows}</table>", encoding="utf-8")
    table = read_canonical("firms", tmp_path / "t.html").polars().sort("assets")
    assert table["firm"].to_list() == ["0101", "0101", "77", "77"]


def test_a_table_within_a_cell_is_a_table_of_its_own(tmp_path: Path) -> None:
    """It cut the table around it in two: the rows below lost their headings."""
    inner = "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>"
    found, _ = read(tmp_path, "<td>1</td>", f"<td>2{inner}</td>", "<td>3</td>")
    assert found == [1.0, 2.0, 3.0]
    layout = f"<table><tr><td><table>{HEAD}<tr><td>A<td>2004<td>5</table></table>"
    (tmp_path / "u.html").write_text(layout, encoding="utf-8")
    assert read_canonical("firms", tmp_path / "u.html").polars()["assets"].to_list() == [5.0]


@pytest.mark.parametrize(("span", "regions"), [("3", ["x", "x", "y"]), ("0", ["x", "x", "y"]), ("2", ["x", "x", "y"])])
def test_no_cell_hangs_beyond_its_group_of_rows(span: str, regions: list[str], tmp_path: Path) -> None:
    """Rows of the next group lost their places: values stood under other headings."""
    head = "<thead><tr><th>region</th><th>firm</th><th>year</th><th>assets</th></tr></thead>"
    one = f"<tbody><tr><td rowspan={span}>x<td>A<td>2004<td>1</tr><tr><td>B<td>2004<td>2</tr></tbody>"
    two = "<tbody><tr><td>y<td>C<td>2004<td>3</tr></tbody>"
    (tmp_path / "t.html").write_text(f"<table>{head}{one}{two}</table>", encoding="utf-8")
    table = read_canonical("firms", tmp_path / "t.html").polars()
    assert (table["region"].to_list(), table["assets"].to_list()) == (regions, [1.0, 2.0, 3.0])


@pytest.mark.parametrize("cell", ["5<template>000</template>", "5<noscript>000</noscript>"])
def test_what_no_browser_shows_is_no_digit(cell: str, tmp_path: Path) -> None:
    found, table = read(tmp_path, f"<td>{cell}</td>", "<td>6</td>")
    assert found == [5.0, 6.0]
    assert "1 hidden or struck-out parts" in str(table.account)


@pytest.mark.parametrize("cell", ["5<sub>001</sub>", "<select><option>5<option selected>700</select>"])
def test_parts_that_stand_apart_make_no_thousands(cell: str, tmp_path: Path) -> None:
    with pytest.raises(NotANumber):
        read(tmp_path, f"<td>{cell}</td>", "<td>6</td>")


@pytest.mark.parametrize(
    ("name", "before"),
    [("t.html", "<p>x</p>"), ("t.xls", "<!-- saved from x -->"), ("t.xls", "<div>"), ("t.htm", "<b>")],
)
def test_a_page_may_begin_with_any_tag(name: str, before: str, tmp_path: Path) -> None:
    """It was read as one column of text."""
    page = tmp_path / name
    page.write_text(f"{before}\n<table>{HEAD}\n<tr><td>A<td>2004<td>5</table>\n", encoding="utf-8")
    assert read_canonical("firms", page).polars()["assets"].to_list() == [5.0]


def test_a_hidden_table_is_counted(tmp_path: Path) -> None:
    hidden = f"<div hidden><table>{HEAD}<tr><td>A<td>2004<td>9</table></div><table hidden>{HEAD}<tr><td>B</table>"
    page = f"<p hidden>menu</p>{hidden}<table>{HEAD}<tr><td>A<td>2004<td>5</table>"
    (tmp_path / "t.html").write_text(page, encoding="utf-8")
    table = read_canonical("firms", tmp_path / "t.html")
    assert table.polars()["assets"].to_list() == [5.0]
    assert "2 hidden or struck-out parts" in str(table.account)


SHOWN = st.lists(st.lists(st.sampled_from(["1", "x", "1 200", "A b"]), min_size=2, max_size=4), min_size=1, max_size=4)


@settings(max_examples=150, deadline=None, database=None, derandomize=True)
@given(
    rows=SHOWN,
    hidden=st.lists(
        st.sampled_from(
            ["<b hidden>9</b>", "<del>8<i>7</i></del>", "<span style='display:none'><span>6</span></span>"]
        ),
        min_size=16,
        max_size=16,
    ),
)
def test_hidden_pieces_change_nothing(rows: list[list[str]], hidden: list[str]) -> None:
    def made(pieces: list[str]) -> str:
        more = iter(pieces)
        lines = ["".join(f"<td>{next(more)}{cell}</td>" for cell in row) for row in rows]
        return "<table>" + "".join(f"<tr>{line}</tr>" for line in lines) + "</table>"

    plain, spoilt = (html_tables(made(pieces), most=999) for pieces in ([""] * 16, hidden))
    assert [squared(one.rows) for one in plain] == [squared(one.rows) for one in spoilt]
    assert spoilt[0].unseen == sum(map(len, rows))


@each(
    ("sheet", "shown"),
    [
        (".note {display: none}", "125.3"),
        ("td .other, span.note { color: red; DISPLAY : none }", "125.3"),
        ("/* .a{} */ @import url(a.css); .x{color:red} .note{visibility:hidden}", "125.3"),
        (".note {display: none} .note {display: inline}", "125.3 1"),
        ("@media print { .note {display: none} }", "125.3 1"),
        ("td.note {display: none}", "125.3 1"),
        ("/* .note {display: none}", "125.3 1"),
        (".noted {display: none", "125.3 1"),
    ],
)
def test_what_a_class_hides_is_left_out(sheet: str, shown: str) -> None:
    """It was read beside the number, which was none then."""
    row = "<tr><td>A</td><td>125.3<span class='big note'>1</span></td></tr>"
    for style in (f"<style>{sheet}</style>", f"<STYLE type='text/css'>{sheet}</STYLE>"):
        (found,) = html_tables(f"<html><head>{style}</head><table>{row}</table></html>", most=100)
        assert found.rows == [["A", shown]]
        assert found.unseen == (shown == "125.3")


def test_style_sheets_without_end_take_one_pass() -> None:
    for sheet in ("<style>" * 100_000, "<style>" + "@{" * 100_000, "<style>" + "/*" * 100_000, "<style" * 100_000):
        assert html_tables(sheet + "<table><tr><td>1</td></tr></table>", most=100) in ([], [([["1"]], [], 0)])
