"""Damaged bytes of valid files: whatever a reader is given, it answers with rows or with an IntegradeError."""

from __future__ import annotations

import contextlib
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pyreadstat
import pytest
import xlsxwriter
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrade.errors import IntegradeError
from integrade.sources import calamine, read_prices, read_table
from integrade.sources.workbooks import told_texts

ROWS = pl.DataFrame(
    {
        "region": ["北京", "上海", "内蒙古自治区", "Tianjin"] * 20,
        "year": [2001, 2002, 2003, 2004] * 20,
        "commodity": ["食品", "衣着", "居住", "食品"] * 20,
        "index": [101.5, 99.0, 102.25, 98.0] * 20,
    }
)


def xlsx() -> bytes:
    held = io.BytesIO()
    with xlsxwriter.Workbook(held, {"in_memory": True}) as book:
        sheet = book.add_worksheet("表")
        for i, row in enumerate([tuple(ROWS.columns), *ROWS.rows()]):
            sheet.write_row(i, 0, row)
        sheet.merge_range(0, 5, 1, 6, "指数")
    return held.getvalue()


def xls() -> bytes:
    book, held = xlwt.Workbook(encoding="utf-8"), io.BytesIO()
    sheet = book.add_sheet("表")
    for i, row in enumerate([tuple(ROWS.columns), *ROWS.rows()]):
        for j, value in enumerate(row):
            sheet.write(i, j, value)
    sheet.write_merge(0, 1, 5, 6, "指数")
    book.save(held)
    return held.getvalue()


def html() -> bytes:
    cells = "".join("<tr>" + "".join(f"<td rowspan=1>{c}</td>" for c in row) + "</tr>" for row in ROWS.rows())
    return f"<html><meta charset=gb2312><table><tr><th colspan=4>指数</th></tr>{cells}</table></html>".encode("gb18030")


def xml() -> bytes:
    cells = "".join(
        "<Row>"
        + "".join(f'<Cell ss:Index="{j + 1}"><Data ss:Type="String">{c}</Data></Cell>' for j, c in enumerate(r))
        + "</Row>"
        for r in ROWS.rows()
    )
    sheet = f'<Worksheet ss:Name="a"><Table>{cells}</Table></Worksheet>'
    return f'<?xml version="1.0"?><Workbook xmlns:ss="urn:x">{sheet}</Workbook>'.encode()


def parquet() -> bytes:
    held = io.BytesIO()
    ROWS.write_parquet(held)
    return held.getvalue()


def stata(version: int) -> Callable[[Path], bytes]:
    def made(folder: Path) -> bytes:
        path = folder / f"v{version}.dta"
        pyreadstat.write_dta(ROWS, str(path), version=version, variable_value_labels={"year": {2001: "一", 2002: "二"}})
        return path.read_bytes()

    return made


FILES: dict[str, Callable[[Path], bytes]] = {
    "utf8.csv": lambda _: ROWS.write_csv().encode(),
    "gb18030.csv": lambda _: ROWS.write_csv().encode("gb18030"),
    "113.dta": stata(8),
    "114.dta": stata(10),
    "115.dta": stata(12),
    "117.dta": stata(13),
    "118.dta": stata(14),
    "119.dta": stata(15),
    "new.xlsx": lambda _: xlsx(),
    "old.xls": lambda _: xls(),
    "page.xls": lambda _: html(),
    "xml.xls": lambda _: xml(),
    "page.html": lambda _: html(),
    "rows.parquet": lambda _: parquet(),
}

KIND = st.sampled_from(["set", "flip", "cut", "insert", "truncate", "repeat"])
WHERE = st.one_of(st.floats(0, 1), st.floats(0, 1).map(lambda x: x**4))
"""Positions, half of them near the beginning, where headers are."""
EDITS = st.lists(st.tuples(WHERE, KIND, st.binary(min_size=1, max_size=8)), min_size=1, max_size=12)


def mutated(content: bytes, edits: list[tuple[float, str, bytes]]) -> bytes:
    data = bytearray(content)
    for where, kind, new in edits:
        at = int(where * len(data))
        match kind:
            case "set":
                data[at : at + len(new)] = new
            case "flip" if at < len(data):
                data[at] ^= new[0] or 255
            case "cut":
                del data[at : at + len(new)]
            case "insert":
                data[at:at] = new
            case "truncate" if new[0] < 16:
                del data[at:]
            case "repeat":
                data[at:at] = data[at : at + 64 * len(new)]
    return bytes(data)


def check(name: str, content: bytes, folder: Path) -> None:
    path = folder / f"damaged{Path(name).suffix}"
    path.write_bytes(content)
    for read in (read_table, read_prices):
        with contextlib.suppress(IntegradeError):
            read(path).polars()


@pytest.fixture(autouse=True)
def less_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A damaged .xls that fills all it may have is stopped in the same way, and eight times sooner."""
    monkeypatch.setattr(calamine, "MEMORY", 1 << 30)


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("valid")
    made = {name: make(folder) for name, make in FILES.items()}
    for name, content in made.items():
        path = folder / f"whole{Path(name).suffix}"
        path.write_bytes(content)
        assert read_table(path).polars().height in (79, 80, 81), name
    return made


def fuzzed(name: str, examples: int, originals: dict[str, bytes], folder: Path) -> None:
    @settings(
        max_examples=examples, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(EDITS)
    def run(edits: list[tuple[float, str, bytes]]) -> None:
        check(name, mutated(originals[name], edits), folder)

    run()


@pytest.mark.parametrize("name", FILES)
def test_damaged_bytes_never_surprise(name: str, originals: dict[str, bytes], tmp_path: Path) -> None:
    fuzzed(name, 4 if name.endswith(".xls") else 12, originals, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_many_damaged_bytes_never_surprise(name: str, originals: dict[str, bytes], tmp_path: Path) -> None:
    fuzzed(name, 6 if name == "old.xls" else 120, originals, tmp_path)  # an .xls takes a process each


def test_a_workbook_whose_own_properties_are_damaged_tells_nothing(tmp_path: Path) -> None:
    """Every byte of the part that says which columns are text, turned over one by one."""
    whole, path = xlsx(), tmp_path / "book.xlsx"
    with zipfile.ZipFile(io.BytesIO(whole)) as book:
        part = book.getinfo("docProps/core.xml")
    for at in range(part.header_offset, part.header_offset + 60 + part.compress_size):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        assert told_texts(path, ["a", "b"]) == ()
