"""Workbooks: numbers as cells show them, merged cells, several tables of a sheet."""

from __future__ import annotations

import contextlib
from pathlib import Path

import xlsxwriter
import xlwt

from each import each
from plainwords.errors import ExplainedError
from printed_documents import read, spans, texts
from tablecheck.documents.shown import shown


@each(
    ("value", "code", "text"),
    [
        (0.0534217, "0.000", "0.053"),
        (-0.0005, "0.000", "-0.001"),
        (-0.0004, "0.000", "0.000"),
        (0.5, ".00", ".50"),
        (0.053, "0.0%", "5.3%"),
        (1234567.5, "#,##0.0", "1,234,567.5"),
        (-2.5, '0.00;(0.00);"-"', "(2.50)"),
        (0.0, '0.00;(0.00);"-"', "-"),
        (0.05, '0.000"***"', "0.050***"),
        (0.012, "[0.000]", None),
        (0.012, "\\[0.000\\]", "[0.012]"),
        (0.012, "[Red]0.00", "0.01"),
        (0.00012345, "0.00E+00", "1.23E-04"),
        (9.9999, "0.0E+0", "1.0E+1"),
        (2.5, "0.0##", "2.5"),
        (1.005, "0.00", "1.01"),
        (43000.0, "yyyy-mm-dd", None),
        (0.1234567890123, "General", "0.123456789"),
        (12.0, "General", "12"),
    ],
)
def test_a_number_as_it_is_shown(value: float, code: str, text: str | None) -> None:
    """As Excel 365 and LibreOffice show them; halves are rounded away from nought."""
    assert shown(value, code) == text


def test_a_sheet_with_two_tables(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        sheet = book.add_worksheet("T3")
        sheet.merge_range(0, 0, 0, 2, "Table 3: Growth")
        sheet.merge_range(1, 1, 1, 2, "OLS")
        sheet.write_row(2, 1, ["(1)", "(2)"])
        sheet.write(3, 0, "Market")
        sheet.write(3, 1, 0.0534217, book.add_format({"num_format": '0.000"***"'}))
        sheet.write(3, 2, -0.12, book.add_format({"num_format": "0.0"}))
        sheet.write(4, 1, 0.0123, book.add_format({"num_format": "(0.000)"}))
        sheet.write(6, 0, "N")
        sheet.write(6, 1, 1200, book.add_format({"num_format": "#,##0"}))
        sheet.write(7, 0, "Notes: clustered")
        sheet.write(9, 0, "Table 4")
        sheet.write_row(10, 1, ["a", "b"])
        sheet.write_row(11, 0, ["x", 1, 0.123456789])
        book.add_worksheet("hidden").hide()
    first, second = read(tmp_path / "a.xlsx").grids
    assert texts(first) == [
        ["", "OLS", ""],
        ["", "(1)", "(2)"],
        ["Market", "0.053***", "-0.1"],
        ["", "(0.012)", ""],
        ["N", "1,200", ""],
    ]
    assert (first.title, first.notes, spans(first)) == ("Table 3: Growth", ("Notes: clustered",), {"OLS": (2, 1)})
    assert first.doubts == ()
    assert first.rows[2][1].place == "B4"
    assert texts(second) == [["", "a", "b"], ["x", "1", "0.123456789"]]
    assert len(second.doubts) == 1


@each(
    ("value", "code", "text"),
    [
        (0.0534217, "0.000", "0.053"),
        (0.0534217, '0.000"***"', "0.053***"),
        (-0.045, "(0.000);(0.000)", "(0.045)"),
        (1234.0, "#,##0", "1,234"),
        (12.0, "General", "12"),
        (0.25, "0%", "25%"),
        (0.5, '"系数"0.0', "系数0.5"),
    ],
)
def test_an_old_workbook_has_numbers_as_they_are_shown(tmp_path: Path, value: float, code: str, text: str) -> None:
    book = xlwt.Workbook()
    for name in ("T1", "表二"):
        sheet = book.add_sheet(name)
        style = xlwt.XFStyle()
        style.num_format_str = code
        for j, cell in enumerate(["Market", value, value, 0.5]):
            sheet.write(0, j, cell, style if j in (1, 2) else xlwt.XFStyle())
    book.save(str(tmp_path / "a.xls"))
    grids = read(tmp_path / "a.xls").grids
    assert [texts(grid) for grid in grids] == [[["Market", text, text, "0.5"]]] * 2
    assert [grid.doubts for grid in grids] == [(), ()]


def test_an_old_workbook_whose_formats_are_damaged_has_digits_as_stored(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    style = xlwt.XFStyle()
    style.num_format_str = "0.000"
    book.add_sheet("T1").write(0, 1, 0.0534217, style)
    book.save(str(tmp_path / "a.xls"))
    content = (tmp_path / "a.xls").read_bytes()
    at = content.index(b"\x1e\x04")
    for k in range(at, at + 4):
        damaged = bytearray(content)
        damaged[k] ^= 0x41
        (tmp_path / "a.xls").write_bytes(bytes(damaged))
        with contextlib.suppress(ExplainedError):
            (grid,) = read(tmp_path / "a.xls").grids
            assert texts(grid) in ([["0.0534217"]], [["0.053"]])


def test_xml_spreadsheets_as_outreg2_writes_them(tmp_path: Path) -> None:
    rows = [["", "(1)", "(2)"], ["size", "-23.8***", "-4.95"], ["", "(5.31)", "(8.62)"], ["Observations", "74", "74"]]
    cells = "".join(
        "<Row>" + "".join(f'<Cell><Data ss:Type="String">{c}</Data></Cell>' for c in row) + "</Row>" for row in rows
    )
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    note = '<Row><Cell ss:MergeAcross="2"><Data ss:Type="String">Standard errors in parentheses</Data></Cell></Row>'
    (tmp_path / "a.xls").write_text(
        '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
        f'<Workbook xmlns="{space}" xmlns:ss="{space}"><Worksheet ss:Name="Sheet1"><Table>{cells}{note}</Table>'
        "</Worksheet></Workbook>",
        encoding="utf-8",
    )
    (grid,) = read(tmp_path / "a.xls").grids
    assert texts(grid) == rows
    assert grid.notes == ("Standard errors in parentheses",)
