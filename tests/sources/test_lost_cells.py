"""Cells of workbooks without a value, hidden sheets, copies of sheets, numbers of merged cells: counted or refused."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
import xlwt

from integrade.cli import run
from integrade.errors import NotANumber, Unreadable
from integrade.sources import read_canonical, read_table

HEAD = ["firm", "year", "assets", "note"]
Fill = Callable[[xlsxwriter.Workbook], None]


def book(tmp_path: Path, fill: Fill) -> Path:
    path = tmp_path / "f.xlsx"
    with xlsxwriter.Workbook(str(path)) as made:
        fill(made)
    return path


def rows(made: xlsxwriter.Workbook, name: str = "Daten", n: int = 5) -> xlsxwriter.worksheet.Worksheet:
    sheet = made.add_worksheet(name)
    for i, row in enumerate([HEAD, *([f"F{i}", 2004, i + 1.5, "n"] for i in range(n))]):
        sheet.write_row(i, 0, row)
    return sheet


def test_errors_and_formulas_without_a_result_are_counted_by_kind(tmp_path: Path) -> None:
    def fill(made: xlsxwriter.Workbook) -> None:
        made.add_worksheet("Titel")  # the parts of a book are not in the order of its sheets' names
        sheet = rows(made)
        for row, value in ((2, "#DIV/0!"), (3, "#REF!"), (4, "#REF!"), (5, "")):
            sheet.write_formula(row, 2, "=1/0", None, value)

    table = read_canonical("firms", book(tmp_path, fill))
    said = str(table.account)
    assert "sheet 'Daten', column assets: 1 of #DIV/0! (first: C3)" in said
    assert "sheet 'Daten', column assets: 2 of #REF! (first: C4)" in said
    assert "sheet 'Daten', column assets: 1 of formulas without a stored result (first: C6)" in said
    assert table.polars()["assets"].null_count() == 4


def test_show_prints_the_errors_of_cells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def fill(made: xlsxwriter.Workbook) -> None:
        sheet = rows(made)
        for row, value in ((2, "#DIV/0!"), (3, "#REF!"), (4, "#N/A")):
            sheet.write_formula(row, 2, "=1/0", None, value)

    assert run(["show", str(book(tmp_path, fill))]) == 0
    said = capsys.readouterr()
    for error in ("#DIV/0!", "#REF!", "#N/A"):
        assert f"error {error}" in said.out
        assert f"1 of {error}" in said.err
    assert "1.5" in said.out
    assert read_table(tmp_path / "f.xlsx").polars()["assets"].null_count() == 3


def test_show_prints_the_errors_of_an_old_workbook(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = xlwt.Workbook()
    sheet = made.add_sheet("Daten")
    for i, row in enumerate([HEAD[:3], ["A", 2004, 1.5], ["B", 2005, 2.5], ["C", 2006, 3.5]]):
        for j, value in enumerate(row):
            sheet.write(i, j, value)
    sheet.row(4).set_cell_text(0, "D")
    sheet.row(4).set_cell_error(2, "#REF!")
    made.save(str(tmp_path / "f.xls"))
    assert run(["show", str(tmp_path / "f.xls")]) == 0
    assert "error #REF!" in capsys.readouterr().out


def test_a_stored_empty_text_is_a_value(tmp_path: Path) -> None:
    def fill(made: xlsxwriter.Workbook) -> None:
        rows(made).write_formula(2, 3, '=IF(1,"","x")', None, "x")

    assert "without a" not in str(read_canonical("firms", book(tmp_path, fill)).account)


@pytest.mark.parametrize("value", ["#REF!", ""])
def test_a_column_of_nothing_else_is_refused(value: str, tmp_path: Path) -> None:
    def fill(made: xlsxwriter.Workbook) -> None:
        sheet = rows(made)
        for row in range(1, 6):
            sheet.write_formula(row, 2, "=1/0", None, value)

    with pytest.raises(Unreadable, match=r"column 'assets' of f\.xlsx contains only") as caught:
        read_canonical("firms", book(tmp_path, fill))
    assert "sheet 'Daten', cell C2" in caught.value.where


def test_errors_of_an_old_workbook(tmp_path: Path) -> None:
    made, held = xlwt.Workbook(), io.BytesIO()
    sheet = made.add_sheet("表一")
    for i, row in enumerate([HEAD[:3], ["A", 2004, 1.5], ["B", 2004, 2.5], ["C", 2004, None]]):
        for j, cell in enumerate(row):
            sheet.write(i, j, cell)
    sheet.row(4).set_cell_text(0, "D")
    sheet.row(4).set_cell_number(1, 2004)
    sheet.row(4).set_cell_error(2, "#REF!")
    made.save(held)
    (tmp_path / "f.xls").write_bytes(held.getvalue())
    table = read_canonical("firms", tmp_path / "f.xls")
    assert "sheet '表一', column assets: 1 of #REF! (first: C5)" in str(table.account)


def old_book() -> bytearray:
    """An .xls whose formula was never calculated."""
    made, held = xlwt.Workbook(), io.BytesIO()
    sheet = made.add_sheet("a")
    for i, row in enumerate([HEAD[:3], ["A", 2004, 1.5], ["B", 2005, 2.5], ["C", 2006, xlwt.Formula("C2+C3")]]):
        for j, cell in enumerate(row):
            sheet.write(i, j, cell)
    made.save(held)
    return bytearray(held.getvalue())


def test_a_formula_of_an_old_workbook_that_was_never_calculated_is_counted(tmp_path: Path) -> None:
    """Its cell was missing without a word."""
    (tmp_path / "f.xls").write_bytes(old_book())
    table = read_canonical("firms", tmp_path / "f.xls")
    assert table.polars().sort("firm")["assets"].to_list() == [1.5, 2.5, None]
    assert "sheet 'a', column assets: 1 of formulas whose stored result is empty (first: C4)" in str(table.account)


@pytest.mark.parametrize(
    ("kind", "column", "at", "to", "said"),
    [
        (0x00FD, 0, 6, 999, "cell A3 names a text of the workbook beyond its 6"),
        (0x00FD, 0, 0, 1, "cell A2 appears twice"),
        (0x00BD, 1, 0, 1, "cell B2 appears twice"),
    ],
)
def test_damaged_cells_of_an_old_workbook_are_refused(
    kind: int, column: int, at: int, to: int, said: str, tmp_path: Path
) -> None:
    """Their rows were missing, or the one of two that was read last was taken. The cell is that of the third row."""
    raw = old_book()
    begins = raw.index(struct.pack("<H", kind), raw.index(b"\x09\x08\x10\x00\x00\x06\x10\x00"))
    places = [m for m in range(begins, len(raw) - 8) if raw[m : m + 2] == struct.pack("<H", kind)]
    record = next(m for m in places if raw[m + 4 : m + 8] == struct.pack("<2H", 2, column))
    struct.pack_into("<I" if at else "<H", raw, record + 4 + at, to)
    (tmp_path / "f.xls").write_bytes(raw)
    with pytest.raises(Unreadable, match=said):
        read_canonical("firms", tmp_path / "f.xls")


def test_hidden_sheets_are_left_out_and_said(tmp_path: Path) -> None:
    def fill(made: xlsxwriter.Workbook) -> None:
        rows(made, "old", 3).hide()
        rows(made, "new").activate()

    path = book(tmp_path, fill)
    table = read_canonical("firms", path)
    assert table.polars().height == 5
    assert "hidden sheets old left out" in str(table.account)
    assert read_canonical("firms", path, sheet="old").polars().height == 3


CUSTOMS = ["firm", "product", "destination", "year", "value", "quantity"]


@pytest.mark.parametrize(("firm", "height"), [("A", 2), ("C", 4)])
def test_a_sheet_that_repeats_the_keys_is_not_appended(firm: str, height: int, tmp_path: Path) -> None:
    """A copy with revised values would be added to the original."""

    def fill(made: xlsxwriter.Workbook) -> None:
        for name, value, first in (("a", 1, "A"), ("a (2)", 3, firm)):
            sheet = made.add_worksheet(name)
            sheet.write_row(0, 0, CUSTOMS)
            sheet.write_row(1, 0, [first, "010121", "USA", 2003, value, 2])
            sheet.write_row(2, 0, ["B", "010121", "USA", 2003 if firm == "A" or name == "a" else 2004, 1, 2])

    table = read_canonical("customs", book(tmp_path, fill))
    assert table.polars().height == height
    assert ("sheets a (2) repeat the keys" in str(table.account)) == (firm == "A")


def test_a_number_of_merged_cells_counts_once(tmp_path: Path) -> None:
    def fill(made: xlsxwriter.Workbook) -> None:
        sheet = made.add_worksheet("m")
        sheet.write_row(0, 0, ["firm", "year", "assets", "sales"])
        for i in range(4):
            sheet.write_row(i + 1, 1, [2004 + i % 2, i + 5, i])
        sheet.merge_range(1, 0, 2, 0, 7001)  # a code, merged like all of its column
        sheet.merge_range(3, 0, 4, 0, 7002)
        sheet.merge_range(1, 2, 2, 2, 1000.0)

    table = read_canonical("firms", book(tmp_path, fill))
    assert table.polars().sort("firm", "year")["assets"].to_list() == [1000.0, None, 7.0, 8.0]
    assert table.polars()["firm"].to_list() == ["7001", "7001", "7002", "7002"]
    assert "numbers in merged cells are counted once, in the first cell, sheet 'm': 1 (first: C2)" in str(table.account)


@pytest.mark.parametrize("heading", ["assets", "sales", "employees", "总资产"])
def test_an_amount_of_merged_cells_counts_once_in_a_column_that_is_merged(heading: str, tmp_path: Path) -> None:
    """Whole numbers of such a column were taken for codes, and an amount of two years stood in each of them."""

    def fill(made: xlsxwriter.Workbook) -> None:
        sheet = made.add_worksheet("m")
        sheet.write_row(0, 0, ["firm", "year", heading])
        for i in range(3):
            sheet.merge_range(1 + 2 * i, 0, 2 + 2 * i, 0, 7001 + i)
            sheet.merge_range(1 + 2 * i, 2, 2 + 2 * i, 2, 1000 * (i + 1))
            sheet.write_column(1 + 2 * i, 1, [2004, 2005])

    table = read_canonical("firms", book(tmp_path, fill))
    name = "assets" if heading == "总资产" else heading
    assert table.polars().sort("firm", "year")[name].to_list() == [1000, None, 2000, None, 3000, None]
    assert table.polars()["firm"].n_unique() == 3
    assert "numbers in merged cells are counted once, in the first cell, sheet 'm': 3 (first: C2)" in str(table.account)
    assert "treated as codes" not in str(table.account)


def test_merged_whole_numbers_of_an_unknown_column_are_told(tmp_path: Path) -> None:
    def fill(made: xlsxwriter.Workbook) -> None:
        sheet = made.add_worksheet("m")
        sheet.write_row(0, 0, ["firm", "year", "plot"])
        for i in range(3):
            sheet.merge_range(1 + 2 * i, 2, 2 + 2 * i, 2, 17 + i)
            sheet.write_column(1 + 2 * i, 1, [2004, 2005])
            sheet.write_column(1 + 2 * i, 0, [f"F{i}", f"F{i}"])

    table = read_canonical("firms", book(tmp_path, fill))
    assert table.polars().sort("firm", "year")["plot"].to_list() == [17, 17, 18, 18, 19, 19]
    assert "numbers in merged cells are treated as codes and repeated in each cell, sheet 'm': 3" in str(table.account)


def test_an_amount_over_two_columns_counts_once(tmp_path: Path) -> None:
    def fill(made: xlsxwriter.Workbook) -> None:
        sheet = made.add_worksheet("m")
        sheet.write_row(0, 0, ["firm", "year", "assets", "sales"])
        sheet.write_row(1, 0, ["A", 2004, 5, 6])
        sheet.write_row(2, 0, ["B", 2004])
        sheet.merge_range(2, 2, 2, 3, 500)

    table = read_canonical("firms", book(tmp_path, fill)).polars().sort("firm")
    assert table["assets"].to_list() == [5, 500]
    assert table["sales"].to_list() == [6, None]


@pytest.mark.parametrize("form", ["yyyy-mm-dd", "[h]:mm", "hh:mm"])
def test_dates_and_durations_of_a_number_column_are_refused(form: str, tmp_path: Path) -> None:
    def fill(made: xlsxwriter.Workbook) -> None:
        sheet, how = rows(made), made.add_format({"num_format": form})
        for i in range(5):
            sheet.write_number(i + 1, 2, 0.25 if form == "hh:mm" else 400.25, how)

    with pytest.raises(NotANumber, match="text in the number column 'assets' of firms: 5 cells"):
        read_canonical("firms", book(tmp_path, fill))


XML = (
    '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
    'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="a"><Table>{}</Table>'
    "</Worksheet></Workbook>"
)


def xml_book(tmp_path: Path, cell: str) -> Path:
    """An XML spreadsheet of three firms; the cell is the second one's."""

    def row(*cells: str) -> str:
        return "<Row>" + "".join(cells) + "</Row>"

    def text(word: str) -> str:
        return f'<Cell><Data ss:Type="String">{word}</Data></Cell>'

    def number(value: float) -> str:
        return f'<Cell><Data ss:Type="Number">{value}</Data></Cell>'

    cells = {"A": number(5), "B": cell, "C": number(6)}
    rows = [row(*map(text, HEAD[:3])), *(row(text(firm), number(2004), one) for firm, one in cells.items())]
    (tmp_path / "f.xls").write_text(XML.format("".join(rows)), encoding="utf-8")
    return tmp_path / "f.xls"


@pytest.mark.parametrize(
    "cell", ['<Cell ss:Formula="=1"/>', '<Cell ss:Formula="=1"><Data ss:Type="Number"></Data></Cell>']
)
def test_formulas_of_an_xml_spreadsheet_without_a_result_are_counted(cell: str, tmp_path: Path) -> None:
    table = read_canonical("firms", xml_book(tmp_path, cell))
    assert table.polars().sort("firm")["assets"].to_list() == [5, None, 6]
    assert "column assets: 1 of formulas without a stored result (first: C3)" in str(table.account)


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ('<Cell><Data ss:Type="Number">1</Data><Data ss:Type="Number">2</Data></Cell>', "cell C3 has two values"),
        ('<Cell ss:Index="2"><Data ss:Type="Number">7</Data></Cell>', "two are at position 2"),
    ],
)
def test_two_values_of_an_xml_spreadsheet_are_refused(cell: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=said):
        read_canonical("firms", xml_book(tmp_path, cell))


def test_truth_values_and_raised_digits_of_an_xml_spreadsheet(tmp_path: Path) -> None:
    """The ones were numbers, the others digits of the number before them."""
    with pytest.raises(NotANumber):
        read_canonical("firms", xml_book(tmp_path, '<Cell><Data ss:Type="Boolean">1</Data></Cell>'))
    marked = '<Cell><ss:Data ss:Type="String" xmlns="http://www.w3.org/TR/REC-html40">12<Sup>3</Sup></ss:Data></Cell>'
    table = read_canonical("firms", xml_book(tmp_path, marked))
    assert table.polars().sort("firm")["assets"].to_list() == [5, 12, 6]
    assert "footnote marks" in str(table.account)


@pytest.mark.parametrize(("cell", "amount"), [(2000, 2000.0), ("12.5", 12.5), ("2,000.0", 2000.0)])
def test_merged_amounts_that_look_like_years_or_are_texts_count_once(
    tmp_path: Path, cell: float | str, amount: float
) -> None:
    made = openpyxl.Workbook()
    sheet = made.active
    for row in (["firm", "year", "assets", "x"], ["A", 2004, cell, cell], ["B", 2004], ["C", 2004, 1.5, 1.5]):
        sheet.append(row)
    sheet.merge_cells("C2:C3")
    sheet.merge_cells("D2:D3")
    made.save(tmp_path / "b.xlsx")
    table = read_canonical("firms", tmp_path / "b.xlsx")
    assert table.polars()["assets"].to_list() == [amount, None, 1.5]
    assert "numbers in merged cells are counted once, in the first cell, sheet 'Sheet': 1" in str(table.account)
    assert "repeated in each cell, sheet 'Sheet': 1 (first: D2)" in str(table.account)


def test_a_merged_cell_over_a_year_and_an_amount_is_no_amount_in_silence(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    sheet = made.active
    for row in (["firm", "year", "assets"], ["A", 2004], ["B", 2004, 1.5]):
        sheet.append(row)
    sheet.merge_cells("B2:C2")
    made.save(tmp_path / "b.xlsx")
    table = read_canonical("firms", tmp_path / "b.xlsx")
    assert table.polars()["assets"].to_list() == [None, 1.5]
    assert "(first: B2)" in str(table.account)


def test_a_hidden_sheet_of_an_xml_spreadsheet_is_left_out(tmp_path: Path) -> None:
    """Its rows were appended to those of the first."""
    path = xml_book(tmp_path, '<Cell><Data ss:Type="Number">7</Data></Cell>')
    text = path.read_text(encoding="utf-8")
    start, end = text.index("<Worksheet"), text.index("</Workbook>")
    copy = text[start:end].replace('"a"', '"b"').replace(">A<", ">D<").replace(">B<", ">E<").replace(">C<", ">F<")
    options = '<WorksheetOptions xmlns="urn:schemas-microsoft-com:office:excel"><Visible>SheetHidden</Visible>'
    copy = copy.replace("</Worksheet>", f"{options}</WorksheetOptions></Worksheet>")
    path.write_text(text[:end] + copy + text[end:], encoding="utf-8")
    table = read_canonical("firms", path)
    assert sorted(table.polars()["firm"]) == ["A", "B", "C"]
    assert "hidden sheets b left out" in str(table.account)


@pytest.mark.parametrize("inner", ["12<S>5</S>", "<S>12</S>5", "1_0"])
def test_struck_digits_and_what_is_no_number_in_an_xml_spreadsheet(inner: str, tmp_path: Path) -> None:
    """They were 125 and 10."""
    kind = "Number" if "_" in inner else "String"
    cell = f'<Cell><ss:Data ss:Type="{kind}" xmlns="http://www.w3.org/TR/REC-html40">{inner}</ss:Data></Cell>'
    with pytest.raises(NotANumber):
        read_canonical("firms", xml_book(tmp_path, cell))


def test_lowered_digits_of_an_xml_spreadsheet_are_footnotes(tmp_path: Path) -> None:
    marked = '<Cell><ss:Data ss:Type="String" xmlns="http://www.w3.org/TR/REC-html40">12<Sub>5</Sub></ss:Data></Cell>'
    assert read_canonical("firms", xml_book(tmp_path, marked)).polars().sort("firm")["assets"].to_list() == [5, 12, 6]
