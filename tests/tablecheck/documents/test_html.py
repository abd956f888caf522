"""Tables of pages: spans, superscripts, lines in a cell, captions, notes, hidden parts."""

from __future__ import annotations

from pathlib import Path

import pytest

from printed_documents import read_text, shown, spans, texts
from rawcells.errors import Unreadable

PAGE = """<html><head><title>x</title></head><body><h2>Results</h2><p>Text &amp; more.</p>
<table><caption>Table 2: Growth</caption>
<tr><td></td><td colspan="2">Dependent variable:</td></tr>
<tr><td></td><td>(1)</td><td>(2)</td></tr>
<tr><td>Market</td><td>0.692<sup>***</sup><br>(0.149)</td><td></td></tr>
<tr><td>Market<sup>2</sup></td><td>-0.1<br/>(0.1)</td><td>&minus;7<sup>a</sup><p>(2.1)</p></td></tr>
<tr><td>R<sup>2</sup></td><td>0.7</td><td>0.3<span style="display: none">99</span></td></tr>
<tr><td><em>Note:</em></td><td colspan="2"><sup>*</sup>p&lt;0.1; <sup>**</sup>p&lt;0.05</td></tr>
<tfoot><tr><td colspan="100%">Robust standard errors in brackets.</td></tr></tfoot></table>
<p>Notes: clustered by firm.</p><p>After.</p></body></html>"""


def test_a_page_as_packages_write_it(tmp_path: Path) -> None:
    document = read_text(tmp_path, "a.html", PAGE)
    (grid,) = document.grids
    assert shown(grid) == [
        ["", "Dependent variable:", ""],
        ["", "(1)", "(2)"],
        ["Market", "0.692***", ""],
        ["", "(0.149)", ""],
        ["Market^2", "-0.1", "−7a"],
        ["", "(0.1)", "(2.1)"],
        ["R^2", "0.7", "0.3"],
    ]
    assert (grid.rows[2][1].text, grid.rows[2][1].raised, grid.rows[4][2].raised) == ("0.692", "***", "a")
    assert grid.title == "Table 2: Growth"
    assert grid.notes == ("Note: *p<0.1; **p<0.05", "Robust standard errors in brackets.", "Notes: clustered by firm.")
    assert document.text == "Results\nText & more.\nAfter."


def test_spans_and_tables_for_layout(tmp_path: Path) -> None:
    inner = (
        "<table><thead><tr><th rowspan=2>v</th><th colspan=2>A</th></tr><tr><th>x</th><th>y</th></tr></thead>"
        "<tbody><tr><td>q</td><td>1.0</td><td>2.0</td></tr></tbody></table>"
    )
    document = read_text(tmp_path, "a.html", f"<table><tr><td>{inner}</td><td>side</td></tr></table>")
    (grid,) = document.grids
    assert texts(grid) == [["v", "A", ""], ["", "x", "y"], ["q", "1.0", "2.0"]]
    assert spans(grid) == {"v": (1, 2), "A": (2, 1)}
    assert (grid.head, sorted(grid.ruled), document.text) == (2, [2], "side")


def test_a_label_over_two_lines_is_one(tmp_path: Path) -> None:
    page = "<table><tr><td></td><td>(1)</td></tr><tr><td>Two<br>lines</td><td>0.1<br>(0.2)</td></tr>"
    page += "<tr><td>A<br>B</td><td>0.3<br>(0.4)<br>0.5<br>(0.6)</td></tr></table>"
    (grid,) = read_text(tmp_path, "a.html", page).grids
    assert texts(grid) == [
        ["", "(1)"],
        ["Two lines", "0.1"],
        ["", "(0.2)"],
        ["A", "0.3"],
        ["", "(0.4)"],
        ["B", "0.5"],
        ["", "(0.6)"],
    ]


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 5000 + "<table><tr><td>1</td></tr></table>",
        "<table>" + "<tr><td rowspan=60000 colspan=1000>1</td><td>2</td></tr>" * 60 + "</table>",
    ],
)
def test_a_page_without_bound_is_refused(tmp_path: Path, page: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_text(tmp_path, "a.html", page)
    assert caught.value.remedy


def test_html_under_the_name_of_a_workbook_or_a_word_document(tmp_path: Path) -> None:
    for name in ("a.xls", "a.doc", "a.txt"):
        (grid,) = read_text(tmp_path, name, "<html><table><tr><td>x</td><td>1.5</td></tr></table></html>").grids
        assert texts(grid) == [["x", "1.5"]]
