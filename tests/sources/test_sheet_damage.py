"""Damaged cells of an .xlsx: refused with sheet and cell, for one of two would be lost in silence."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
import xlsxwriter

from each import each
from integrade.errors import Unreadable
from integrade.sources import read_canonical

SHEET = "xl/worksheets/sheet1.xml"
TEXT, NUMBER = b'<c r="A3" t="s"><v>4</v></c>', b'<c r="C3"><v>2.5</v></c>'


def spoilt(tmp_path: Path, change: Callable[[bytes], bytes], rows: int = 3) -> Path:
    held = io.BytesIO()
    with xlsxwriter.Workbook(held) as made:
        sheet = made.add_worksheet("Daten")
        for i, row in enumerate(
            [["firm", "year", "assets"], *(["ABC"[j % 3] * (j // 3 + 1), 2004, j + 1.5] for j in range(rows))]
        ):
            sheet.write_row(i, 0, row)
    path = tmp_path / "f.xlsx"
    with ZipFile(held) as old, ZipFile(path, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            changed = change(content) if name == SHEET else content
            assert name != SHEET or changed != content or change is same
            new.writestr(name, changed)
    return path


def same(sheet: bytes) -> bytes:
    return sheet


@pytest.mark.parametrize("index", ["-1", "x", " 4 ", "4.0", "+4"])
def test_a_text_that_is_named_by_no_number_is_refused(index: str, tmp_path: Path) -> None:
    """The first text of the workbook came in its place."""
    path = spoilt(tmp_path, lambda sheet: sheet.replace(TEXT, TEXT.replace(b"4", index.encode())))
    with pytest.raises(
        Unreadable, match=re.escape(f"sheet 'Daten', cell A3 names a text of the workbook by {index!r}")
    ):
        read_canonical("firms", path)


@each(
    "cell",
    [
        b'<c r="C3"><v>2.5</v><v>7</v></c>',
        b'<c r="C3"><v>2.5</v><f>1+1</f><v>7</v></c>',
        b'<c r="C3" t="inlineStr"><is><t>2</t></is><is><t>7</t></is></c>',
        b'<c r="C3" t="inlineStr"><is><t>2</t></is><v>7</v></c>',
        b'<c r="C3"><v>2<!-- -->7</v></c>',
        b'<c r="C3"><v>2&#55;</v></c>',
        b'<x:c r="C3"><x:v>2</x:v><x:v>7</x:v></x:c>',
    ],
)
def test_a_cell_with_two_values_is_refused(cell: bytes, tmp_path: Path) -> None:
    path = spoilt(tmp_path, lambda sheet: sheet.replace(NUMBER, cell))
    with pytest.raises(Unreadable, match=r"sheet 'Daten', cell C3 has (two values|a value that is split into parts)"):
        read_canonical("firms", path)


@each("rows", [3, 12_000])
@each(
    ("old", "new", "said"),
    [
        (NUMBER, NUMBER + NUMBER, "has cell C3 twice"),
        (NUMBER, NUMBER + b'<c t="str"><v>4</v></c>' + b'<c r="D3"><v>4</v></c>', "has cell D3 twice"),
        (TEXT, TEXT.replace(b"A3", b"B3"), "has cell B3 twice"),
        (TEXT, TEXT.replace(b"A3", b"A4"), "cell A4 is in row 3"),
        (b'<row r="3"', b'<row r="2"', "cell A3 is in row 2"),
    ],
)
def test_two_cells_of_one_address_are_refused(old: bytes, new: bytes, said: str, rows: int, tmp_path: Path) -> None:
    """One of them was lost."""
    path = spoilt(tmp_path, lambda sheet: sheet.replace(old, new), rows)
    with pytest.raises(Unreadable, match=said):
        read_canonical("firms", path)


@each(
    "change",
    [
        same,
        lambda sheet: re.sub(rb' r="[A-C]\d+"', b"", sheet),
        lambda sheet: re.sub(rb'<row r="\d+"', b"<row", sheet),
        lambda sheet: re.sub(rb' r="[A-C]?\d+"', b"", sheet),
        lambda sheet: re.sub(rb"(</v>|</c>|</row>)", rb"\n \1", sheet).replace(b"\n </v>", b"</v>"),
        lambda sheet: re.sub(rb"(<row r=\"2\".*</row>)(<row r=\"3\".*?</row>)", rb"\2\1", sheet),
        lambda sheet: sheet.replace(NUMBER, b'<c r="C3" t="str"><f>"a"&amp;1</f><v>2.5</v></c>'),
    ],
)
def test_sound_sheets_of_every_writer_are_read(change: Callable[[bytes], bytes], tmp_path: Path) -> None:
    table = read_canonical("firms", spoilt(tmp_path, change)).polars().sort("firm")
    assert table["assets"].to_list() == [1.5, 2.5, 3.5]
    assert table["firm"].to_list() == ["A", "B", "C"]
