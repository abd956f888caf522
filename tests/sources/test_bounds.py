"""Small files that ask for much are refused with the bound, before anything is made: what they make is counted."""

from __future__ import annotations

import contextlib
import decimal
import functools
import gzip
import io
import re
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from each import each
from integrade.engine.frames import enter
from integrade.errors import IntegradeError, Unreadable
from integrade.sources import read_canonical, read_table
from integrade.sources.files import readers
from integrade.sources.tables.price_form import rates_as_indices
from rawcells.bytes import bounds, encodings
from rawcells.cells import excel, extent
from rawcells.cells.extent import check_extent
from rawcells.cells.grid import filled, squared
from rawcells.cells.html import html_tables
from rawcells.cells.spreadsheet_xml import xml_sheets

HEAD = "firm,year,region,assets\n"


def refused(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Unreadable, match=says) as caught:
        read_canonical("firms", path)
    assert caught.value.remedy


# --- wide tables


def test_what_is_asked_of_the_engine_does_not_grow_with_columns(tmp_path: Path) -> None:
    """A question for each column took a minute for a table of 16,384."""
    asked = list[int]()
    for wide in (20, 400):
        path = tmp_path / f"wide{wide}.csv"
        cells = [[f"c{i}" for i in range(wide)], ["x 1", "12%"] * (wide // 2), ["y", "(3)"] * (wide // 2)]
        path.write_text("\n".join(",".join(row) for row in cells) + "\n")
        with patch.object(pl.LazyFrame, "collect", autospec=True, side_effect=pl.LazyFrame.collect) as calls:
            read_table(path).polars()
        asked.append(calls.call_count)
    assert asked[1] <= asked[0] + 5


@pytest.mark.parametrize("page", ["xml", "html"])
def test_columns_of_sheets_are_bounded(page: str, tmp_path: Path) -> None:
    """A cell of a few bytes that says it goes across made 65,536 columns."""
    cell = '<Cell ss:MergeAcross="65535"><Data>A</Data></Cell><Cell><Data>B</Data></Cell>'
    head = "<Row><Cell><Data>firm</Data></Cell></Row>"
    sheet = f"<Worksheet><Table>{head}<Row>{cell}</Row></Table></Worksheet>"
    xml = f'<?xml version="1.0"?><Workbook xmlns:ss="urn:x">{sheet}</Workbook>'
    html = f"<table><tr>{'<td colspan=1000>A' * 18}</table>"
    name, content = ("f.xls", xml) if page == "xml" else ("f.html", html)
    refused(tmp_path, name, content.encode(), "columns; at most 16,384 are read")


# --- text


def test_columns_are_bounded(tmp_path: Path) -> None:
    names = ",".join(f"v{i}" for i in range(20_000))
    refused(tmp_path, "f.csv", f"firm,year,{names}\n".encode(), "20,002 columns; at most 16,384 are read")


def test_a_row_far_wider_than_its_headings_becomes_no_sheet(tmp_path: Path) -> None:
    refused(tmp_path, "f.csv", (HEAD + "A" + "," * 20_000).encode(), "20,001 columns|20,001 cells")


def test_a_heading_is_bounded(tmp_path: Path) -> None:
    refused(
        tmp_path,
        "f.csv",
        b"firm,year," + b"y" * 200_000 + b"\nA,2004,1\n",
        "heading of 200,000 characters; at most 32,767",
    )


def test_a_long_cell_is_read(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text(f"{HEAD}A,2004,{'x' * 200_000},1\n")
    assert read_canonical("firms", tmp_path / "f.csv").polars()["assets"].to_list() == [1.0]


def test_a_cell_of_headings_that_does_not_end(tmp_path: Path) -> None:
    text = b'firm,year,"region,assets\n' + b"A,2004,x,1\n" * (bounds.MOST_FIELD // 11 + 2)
    refused(tmp_path, "f.csv", text, "too long .*at most 16,777,216 characters are read")


def test_a_line_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encodings, "MOST_LINE", 1000)
    monkeypatch.setattr(encodings, "BLOCK", 100)
    text = HEAD.encode() + b"A,2004," + b"x" * 5000 + b",1\n"
    refused(tmp_path, "f.csv", text, "line, or text in quotes, that does not end; at most 1,000 bytes are read")


def test_what_a_compressed_file_unpacks_to_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "FREE_BYTES", 1 << 16)
    monkeypatch.setattr(encodings, "CHUNK", 1 << 12)
    packed = gzip.compress(HEAD.encode() + b"A,2004,x,1\n" * 400_000)
    refused(tmp_path, "f.csv.gz", packed, f"at most {bounds.MOST_RATIO * len(packed):,} bytes for its {len(packed):,}")


# --- pages

OPENED = ["<!--", "<script ", "<style>", "<", "<td ", "<td colspan=", "<table", "</title", "&#", "<!", "<td>a<!-->"]


class Looks(str):
    """A page that counts how far it is searched."""

    seen = 0

    def find(self, *args: object) -> int:  # type: ignore[override]
        at = super().find(*args)  # type: ignore[arg-type]
        Looks.seen += (len(self) if at < 0 else at) - int(str(args[1]))
        return at


@each("opened", OPENED)
def test_a_page_is_looked_at_once(opened: str) -> None:
    """Twice as many marks that nothing closes are twice the work."""
    page, Looks.seen = Looks("<table><tr><td>a</td></tr>" + opened * 2000), 0
    html_tables(page, most=10**6)
    assert Looks.seen <= 3 * len(page)


def test_a_page_read_as_before() -> None:
    page = (
        "<title>x</title><table><!-- <tr> --><tr><th colspan=2>h<td rowspan='2'>a &lt; b</tr>"
        "<tr><td>1 < 2<td>c<script>if (a<b) '<td>'</script>d</td></tr></table>"
    )
    (table,) = html_tables(page, most=99)
    assert filled(squared(table.rows), table.ranges) == [["h", "h", "a < b"], ["1 < 2", "c d", "a < b"]]


@pytest.mark.parametrize(
    "page",
    [
        "<table><tr>" + "<td colspan=1000>a</td>" * 200 + "</tr></table>",
        "<table>" + "<tr><td colspan=1000>a</td></tr>" * 200 + "</table>",
        "<table><tr>" + "<td rowspan=65534>a</td>" * 100 + "</tr>" + "<tr>" * 2000 + "</table>",
        "<table><tr><td colspan=1000 rowspan=999>a</td></tr>" + "<tr>" * 999 + "</table>",
        "".join("<table><tr><td colspan=900>a</td></tr></table>" for _ in range(200)),
    ],
)
def test_spans_are_bounded(page: str) -> None:
    with pytest.raises(OverflowError):
        html_tables(page, most=100_000)


@settings(max_examples=200, deadline=None, database=None, derandomize=True)
@given(
    st.lists(st.sampled_from([*OPENED, ">", "a", " ", "<tr>", "-->", "</td>", "rowspan=3>", "</script>", "<table>"]))
)
def test_any_page_is_cells_or_too_many(parts: list[str]) -> None:
    made = html_tables("".join(parts), most=1000)
    assert sum(map(len, (row for one in made for row in one.rows))) <= 2000


def test_a_page_of_spans_names_the_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "FREE_CELLS", 1000)
    page = "<table>" + "<tr><td colspan=1000>a</td></tr>" * 200 + "</table>"
    refused(tmp_path, "f.html", page.encode(), f"at most {1000 + len(page):,} cells are read")


def test_a_number_of_a_character_too_long_is_no_surprise(tmp_path: Path) -> None:
    page = "<table><tr><td>firm</td><td>&#" + "9" * 5000 + ";</td></tr></table>"
    refused(tmp_path, "f.html", page.encode(), "cannot be read as a page")


# --- spreadsheets of XML


@pytest.mark.parametrize("head", ["<!---->" * 500, "<!--" * 900, "<?x ?>" * 600, "<?" * 1500])
def test_what_a_file_is_takes_one_look(head: str, tmp_path: Path) -> None:
    (tmp_path / "f.xls").write_text(head + "<a")
    assert excel.container(tmp_path / "f.xls") in ("text", "html")
    (tmp_path / "f.xls").write_text("<?xml version='1.0'?>" + "<!---->" * 500 + "<Workbook/>")
    assert excel.container(tmp_path / "f.xls") == "xml"


def test_rows_far_below_count_for_all_sheets() -> None:
    sheet = '<Worksheet><Table><Row Index="900"><Cell><Data>1</Data></Cell></Row></Table></Worksheet>'
    with pytest.raises(Unreadable, match="too many cells"):
        xml_sheets(f"<Workbook>{sheet * 5}</Workbook>", most=2000)


@pytest.mark.parametrize(
    "kind", ["<!DOCTYPE x>", '<!DOCTYPE x [<!ENTITY a "b">]>', '<!doctype x [ <!ENTITY a "b"> ] >']
)
def test_the_type_of_a_document_is_left_out(kind: str) -> None:
    body = "<Workbook><Worksheet><Table><Row><Cell><Data>1</Data></Cell></Row></Table></Worksheet></Workbook>"
    assert xml_sheets(kind + body, most=99)[0][0].rows == [["1"]]


# --- workbooks

Edit = Callable[[bytes], bytes]
SHEET = "xl/worksheets/sheet1.xml"


def book() -> bytes:
    held = io.BytesIO()
    with xlsxwriter.Workbook(held, {"in_memory": True}) as made:
        sheet = made.add_worksheet("Daten")
        for i, row in enumerate([["firm", "year", "assets"], ["A", 2004, 1.5], ["B", 2004, 2.5]]):
            sheet.write_row(i, 0, row)
    return held.getvalue()


def edited(part: str, edit: Edit) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book())) as old, zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, edit(old.read(name)) if name == part else old.read(name))
    return held.getvalue()


def declared(reach: bytes, more: bytes = b"", behind: bytes = b"") -> Edit:
    def edit(text: bytes) -> bytes:
        text = re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="' + reach + b'"', text)
        return text.replace(b"</sheetData>", more + b"</sheetData>" + behind)

    return edit


FAR = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
FALSE = {
    "far cell": declared(b"A1:B2", FAR),
    "lower case": declared(b"A1:B2", b'<row><c r="xfd1048576"><v>1</v></c></row>'),
    "single quotes": declared(b"A1:B2", FAR.replace(b'"', b"'")),
    "row alone": declared(b"A1:B2", b'<row r="1048570">' + b"<c><v>1</v></c>" * 300 + b"</row>"),
}


@pytest.mark.parametrize("case", FALSE)
def test_a_sheet_that_declares_less_than_it_has(case: str, tmp_path: Path) -> None:
    refused(tmp_path, "f.xlsx", edited(SHEET, FALSE[case]), r"sheet Daten of f.xlsx covers 1,048,5\d\d rows")


def test_a_sheet_that_declares_more_than_it_has_is_read(tmp_path: Path) -> None:
    (tmp_path / "f.xlsx").write_bytes(edited(SHEET, declared(b"A1:XFD1048576")))
    assert read_canonical("firms", tmp_path / "f.xlsx").polars().height == 2


def test_merged_ranges_that_overlap(tmp_path: Path) -> None:
    merged = b'<mergeCells count="50">' + b'<mergeCell ref="A1:C3"/>' * 50 + b"</mergeCells>"
    refused(tmp_path, "f.xlsx", edited(SHEET, declared(b"A1:C3", behind=merged)), "merged ranges overlap")


def test_what_a_workbook_unpacks_to_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rawcells.cells.extent.FREE_BOOK", 1 << 16)
    refused(
        tmp_path, "f.xlsx", edited(SHEET, declared(b"A1:C3", b" " * (4 << 20))), "unpacks to 4,.*at most .* are read"
    )


ROW = b"<row><c><v>1</v></c></row>"


@each(
    ("more", "rows"),
    [
        (ROW * 40, 43),
        (b"<row/>" * 40 + ROW + b"<row/>", 44),
        (b'<row r="1048570"/><row/>' + b'<row r="42"/>' + ROW, 43),
        (b'<row r="30"/>' + ROW.replace(b"<row", b"<row spans='1:3'") * 8 + b'<row r="60"/>', 38),
        (b"<x:row><x:c><x:v>1</x:v></x:c></x:row>" * 40, 43),
    ],
)
def test_rows_without_numbers_count_in_order(
    more: bytes, rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows that state no number were not counted, however many they were."""
    content = edited(SHEET, declared(b"A1:B2", more))
    (tmp_path / "g.xlsx").write_bytes(content)
    monkeypatch.setattr("rawcells.cells.extent.MOST_ROWS", rows)
    with (tmp_path / "g.xlsx").open("rb") as stream:
        check_extent(tmp_path / "g.xlsx", stream)
    monkeypatch.setattr("rawcells.cells.extent.MOST_ROWS", rows - 1)
    said = f"sheet Daten of f.xlsx covers {rows} rows and . columns; at most {rows - 1} rows are read"
    refused(tmp_path, "f.xlsx", content, said)


def test_the_count_stops_when_the_bound_is_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten thousand rows of two cells; no more than the first piece of some rows is read beyond a bound of ten."""
    monkeypatch.setattr("rawcells.cells.extent.PIECE", 500)
    text = b"<sheetData>" + b"<row><c><v>1</v></c><c/></row>" * 10_000
    for name, bound in (("MOST_ROWS", 10), ("most_cells", lambda _: 20)):
        with patch(f"rawcells.cells.extent.{name}", bound):
            part = io.BytesIO(text)
            found, _ = extent._extent("s", part, len(text))
        assert (10 < found.rows < 20, found.columns, part.tell() <= 1000) == (True, 2, True)
    with patch("rawcells.cells.extent.most_cells", lambda _: 20):
        part = io.BytesIO(text)
        assert extent._exactly(found, part).rows < 20
    assert part.tell() <= 1000


def test_a_part_larger_than_it_declares(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The catalogue of the archive says 5,000 bytes, with the checksum of those; the part has a million."""
    monkeypatch.setattr("rawcells.cells.extent.FREE_BOOK", 1 << 16)
    name = "xl/sharedStrings.xml"
    raw = bytearray(edited(name, lambda t: t.replace(b"</sst>", b"<si><t>" + b"a" * 10**6 + b"</t></si></sst>")))
    with zipfile.ZipFile(io.BytesIO(raw)) as whole:
        size, told = whole.getinfo(name).file_size, zlib.crc32(whole.read(name)[:5000])
    for mark, at in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        for found in re.finditer(re.escape(mark), bytes(raw)):
            if struct.unpack_from("<I", raw, found.start() + at)[0] == size:
                struct.pack_into("<II", raw, found.start() + at - 8, told, 0)
                struct.pack_into("<I", raw, found.start() + at, 5000)
    refused(tmp_path, "f.xlsx", bytes(raw), "does not have the size that it declares|cannot be read")


@settings(max_examples=60, deadline=None, database=None, derandomize=True)
@given(
    rows=st.integers(1, 300), columns=st.integers(1, 300), declares=st.sampled_from([b"A1", b"A1:B2", b"A1:ZZ999999"])
)
def test_no_sheet_reaches_further_than_it_is_said_to(rows: int, columns: int, declares: bytes) -> None:
    """With any declaration the extent holds the cell that is the last."""
    from rawcells.cells.extent import _extent
    from rawcells.cells.grid import address

    cell = address(rows - 1, columns - 1).encode()
    text = b'<worksheet><dimension ref="' + declares + b'"/><sheetData><row r="%d"><c r="' % rows + cell
    found, _ = _extent("s", io.BytesIO(text + b'"><v>1</v></c></row></sheetData></worksheet>'))
    assert found.rows >= rows
    assert found.columns >= columns


def test_nothing_is_read_of_what_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    path.write_bytes(edited(SHEET, FALSE["far cell"]))
    with patch.object(excel, "read_cells", side_effect=AssertionError), pytest.raises(IntegradeError):
        readers.read_raw(path)


# --- typed files


def test_a_stata_file_that_says_more_rows_than_it_has(tmp_path: Path) -> None:
    """Its head says two thousand million rows."""
    path = tmp_path / "f.dta"
    pyreadstat.write_dta(pl.DataFrame({"firm": ["A"], "year": [2004], "assets": [1.5]}), str(path), version=14)
    raw = path.read_bytes()
    at = raw.index(b"<N>") + 3
    assert struct.unpack_from("<Q", raw, at) == (1,)
    raw = raw[:at] + struct.pack("<Q", 2_000_000_000) + raw[at + 8 :]
    refused(tmp_path, "f.dta", raw, "cannot be read as a Stata file")


def test_a_parquet_file_of_one_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Millions of rows of one value take some hundred bytes."""
    monkeypatch.setattr(readers, "MOST_CELLS", 1000)
    monkeypatch.setattr(readers, "CELLS_OF_BYTE", 100)
    held = io.BytesIO()
    rows = 200_000
    pl.select(firm=pl.repeat("A", rows), year=pl.repeat(2004, rows), assets=pl.repeat(1.0, rows)).write_parquet(held)
    refused(tmp_path, "f.parquet", held.getvalue(), "declares 200,000 rows of 3 columns")


def test_columns_of_typed_files_are_bounded(tmp_path: Path) -> None:
    held = io.BytesIO()
    pl.DataFrame({f"v{i}": [1] for i in range(17_000)}).write_parquet(held)
    refused(tmp_path, "f.parquet", held.getvalue(), "17,000 columns; at most 16,384 are read")


# --- many columns


def calls(read: Callable[[], object]) -> int:
    """Calls of functions, those of C too, while something is read or refused."""
    n = 0

    def count(*_: object) -> None:
        nonlocal n
        n += 1

    sys.setprofile(count)
    try:
        with contextlib.suppress(IntegradeError):
            read()
    finally:
        sys.setprofile(None)
    return n


@pytest.mark.parametrize("table", ["table", "prices", "customs", "firms"])
def test_twice_as_many_columns_are_twice_the_work(table: str, tmp_path: Path) -> None:
    read = {"table": read_table}.get(table, lambda path: read_canonical(table, path))
    (tmp_path / "warm.csv").write_text("a,b\n1,2\n")
    calls(lambda: read(tmp_path / "warm.csv"))
    work = []
    for n in (300, 600):
        path = tmp_path / f"f{n}.csv"
        names = [*(f"{table}{n}c{i}" for i in range(n)), *(f"c{year}" for year in range(1990, 2010))]
        path.write_text("".join(",".join(row) + "\n" for row in (names, ["1"] * len(names), ["2"] * len(names))))
        work.append(calls(lambda path=path: read(path)))  # type: ignore[misc]
    assert work[1] < 2.1 * work[0]


def test_years_far_apart_are_no_grid() -> None:
    key = [(r, t, g) for r in "ABC" for t in (2000, 2001, 2002, 10**17) for g in "xyz"]
    rows = pl.DataFrame(key, schema=["region", "year", "commodity"], orient="row")
    rows = rows.with_columns(index=pl.Series([5.0, -5.0, *[2.0, 1.0] * 17]))
    assert rates_as_indices(enter(rows), "")[0].collect().to_native().height == rows.height  # the door refuses them


def test_parquet_files_that_engines_cannot_hold_are_refused(tmp_path: Path) -> None:
    """No column, decimals beyond 128 bits, and a time zone that none knows: Polars panics on the last."""
    day = pa.array([0], pa.timestamp("us", "Mars/Base"))
    wide = pa.array([decimal.Decimal("1.5")], pa.decimal256(60, 2))
    for name, table, says in (
        ("none", {}, "has no column"),
        ("wide", {"firm": ["F1"], "assets": wide}, "60 digits in 'assets'"),
        ("zone", {"firm": ["F1"], "year": day}, "time zone"),
    ):
        pq.write_table(pa.table(table), tmp_path / f"{name}.parquet")
        for read in (read_table, functools.partial(read_canonical, "firms")):
            with pytest.raises(IntegradeError, match=says):
                read(tmp_path / f"{name}.parquet")
